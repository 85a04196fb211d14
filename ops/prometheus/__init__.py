"""Prometheus: rules generated with their promtool tests.  Needs the development dependencies."""
