"""Grafana: boards generated from the KPI declarations, and their provisioning.

Needs the development dependencies; nothing at run time imports this package.
"""
