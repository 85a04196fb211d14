"""The KPI manual, written from the declarations."""
