"""From `kpi.published` to `/metrics`: the latest closed window of every KPI, as gauges.

`intake` and `latest` are pure; `metrics` shapes them for Prometheus; `reader` talks to Kafka and
`server` to HTTP.
"""
