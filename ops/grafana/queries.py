"""PromQL of the city overview.

Every selector names job and instance, so that one Grafana can show several backbones; `max by`
folds two exporters of the same backbone into one.
"""

from __future__ import annotations

FROM = 'job=~"$job",instance=~"$instance"'
SCOPE = 'scope_type="$scope_type",scope_id="$scope"'


def within_scope(metric: str, kpi: str | None = None, extra: str = "") -> str:
    """Selector of `metric` in the chosen scope, for one KPI or all."""
    of = f'kpi="{kpi}",' if kpi else ""
    return f"{metric}{{{of}{FROM},{SCOPE}{extra}}}"


def value(kpi: str, *, sound: bool) -> str:
    """Value per window where the status is ok (`sound`), or where it is another."""
    ok = within_scope("jcoc_kpi_status", kpi, ',status="ok"')
    shown = within_scope("jcoc_kpi_value", kpi)
    return f"max by (window) ({shown}) and on (window) max by (window) ({ok}) == {int(sound)}"


def evidence(metric: str, kpi: str) -> str:
    """A number that stands beside the value, per window."""
    return f"max by (window) ({within_scope(metric, kpi)})"


def companions(kpi: str) -> str:
    """The numbers that belong to the value, per window."""
    return f"max by (window, companion) ({within_scope('jcoc_kpi_companion', kpi)})"


def status(kpi: str) -> str:
    """One series per window, named by the status in force."""
    return f"max by (window, status) ({within_scope('jcoc_kpi_status', kpi)}) == 1"


def target(kpi: str) -> str:
    """The line of green."""
    return f'max by (kpi) (jcoc_kpi_target{{kpi="{kpi}",{FROM}}})'


def indices(kpi: str | None = None) -> str:
    """Official indices, all or those that stand beside a KPI, with their figures as labels."""
    chosen = everywhere("jcoc_official_index_info", f',kpi="{kpi}"' if kpi else "")
    return f"max by (index, year, place, value, grade, rank, scale, authority) ({chosen})"


def everywhere(metric: str, extra: str = "") -> str:
    """Selector of `metric` whatever its scope."""
    return f"{metric}{{{FROM}{extra}}}"


EVERY_STATUS = f"max by (kpi, window, status) ({within_scope('jcoc_kpi_status')}) == 1"
EVERY_NUMERATOR = f"max by (kpi, window, finality) ({within_scope('jcoc_kpi_numerator')})"
EVERY_DENOMINATOR = f"max by (kpi, window, finality) ({within_scope('jcoc_kpi_denominator')})"
EXCLUDED = f"max by (kpi, window, reason) ({within_scope('jcoc_kpi_excluded_ratio')})"
NEVER_PUBLISHED = (
    f"max by (kpi) ({everywhere('jcoc_kpi_info')}) unless on (kpi) "
    f"max by (kpi) ({within_scope('jcoc_kpi_status')})"
)
WINDOW_AGE = (
    f"time() - max by (kpi, window) ({within_scope('jcoc_kpi_window_end_timestamp_seconds')})"
)
CORRECTIONS = (
    f"sum by (kpi) (increase({everywhere('jcoc_kpi_corrections_total')}[$__rate_interval]))"
)

RECORDS = (
    f"sum by (source, outcome) (rate({everywhere('jcoc_source_records_total')}[$__rate_interval]))"
)
TOTALS = f"sum by (source, outcome) ({everywhere('jcoc_source_records_total')})"
_RECEIVED = everywhere("jcoc_source_records_total", ',outcome="received"')
_SETTLED = everywhere("jcoc_source_records_total", ',outcome=~"accepted|duplicate|rejected"')
UNACCOUNTED = f"sum by (source) ({_RECEIVED}) - sum by (source) ({_SETTLED})"
SOURCE_UP = f"max by (source) ({everywhere('jcoc_edge_up')})"
HEARD_AGE = f"time() - max by (source) ({everywhere('jcoc_edge_source_heard_timestamp_seconds')})"

WATERMARK_AGE = f"time() - min ({everywhere('jcoc_watermark_timestamp_seconds')})"
WORKER_LAG = f"sum by (instance) ({everywhere('jcoc_worker_lag_records')})"
EXPORTER_LAG = f"max by (instance) ({everywhere('jcoc_exporter_lag_records')})"
EXPORTER_UP = f"min by (instance) ({everywhere('jcoc_exporter_up')})"
LAST_ROW_AGE = (
    f"time() - max by (instance) ({everywhere('jcoc_exporter_last_row_timestamp_seconds')})"
)
EXPORTER_REJECTED = (
    f"sum by (reason) (increase({everywhere('jcoc_exporter_rejected_total')}[$__rate_interval]))"
)
