"""The metrics page, built anew from the state at every scrape, so that no series outlives its row.

Gauges carry no timestamps: Prometheus is a view, `kpi.published` is the record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core import moment
from core.kpi import Kpi
from core.rows import KpiRow, Status
from streams.exporter.feed import Feed
from streams.exporter.official import Official

SERIES = ("kpi", "window", "scope_type", "scope_id")


@dataclass(frozen=True, slots=True, eq=False)
class Page(Collector):
    """Collector for a prometheus_client registry."""

    feed: Feed
    kpis: tuple[Kpi, ...]
    official: Official = field(default_factory=Official)

    def describe(self) -> Iterable[Metric]:
        """Nothing, so that registering does not collect."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The whole page.  KPIs are withheld until the history is read: no old value flashes by."""
        yield from self.feed.metrics()
        yield from _of_declarations(self.kpis)
        yield from self.official.metrics()
        if self.feed.shown is not None:
            rows = tuple(self.feed.shown.latest.rows())
            yield from _of_values(rows)
            yield from _of_evidence(rows)
            yield _corrections(rows, self.feed.shown.latest.corrections())


def _of_declarations(kpis: Iterable[Kpi]) -> Iterator[Metric]:
    info = GaugeMetricFamily("jcoc_kpi_info", "Declared KPIs; always 1.", labels=["kpi", "unit"])
    target = GaugeMetricFamily(
        "jcoc_kpi_target", "Limit of green, in the unit of the KPI.", labels=["kpi"]
    )
    for kpi in kpis:
        info.add_metric([kpi.id, kpi.unit], 1)
        if kpi.target is not None:
            target.add_metric([kpi.id], float(kpi.target))
    yield info
    yield target


def _of_values(rows: Iterable[KpiRow]) -> Iterator[Metric]:
    labels = [*SERIES, "finality"]
    value = GaugeMetricFamily(
        "jcoc_kpi_value", "Value, in the unit of the KPI; no series without one.", labels=labels
    )
    numerator = GaugeMetricFamily("jcoc_kpi_numerator", "Numerator, exact.", labels=labels)
    denominator = GaugeMetricFamily("jcoc_kpi_denominator", "Denominator, exact.", labels=labels)
    for row in rows:
        where = [*_series(row), row.finality.value]
        numerator.add_metric(where, row.numerator)
        denominator.add_metric(where, row.denominator)
        if row.value is not None:
            value.add_metric(where, float(row.value))
    yield from (value, numerator, denominator)


def _of_evidence(rows: Iterable[KpiRow]) -> Iterator[Metric]:
    yield _each(
        rows,
        "jcoc_kpi_window_end_timestamp_seconds",
        "End of the window shown, event time.",
        lambda row: row.window_end / moment.SECOND,
    )
    yield _each(
        rows, "jcoc_kpi_revision", "Revision shown; 0 is the first.", lambda row: row.revision
    )
    yield _each(
        rows,
        "jcoc_kpi_completeness_ratio",
        "Share of declared source-days that delivered a heartbeat.",
        lambda row: float(row.completeness),
    )
    yield _statuses(rows)
    yield _exclusions(rows)
    yield _companions(rows)


def _statuses(rows: Iterable[KpiRow]) -> Metric:
    # No finality label: with it, a window that becomes final would break the one-hot.
    status = GaugeMetricFamily(
        "jcoc_kpi_status",
        "1 for the status in force, 0 for the others.",
        labels=[*SERIES, "status"],
    )
    for row in rows:
        for name in Status:
            status.add_metric([*_series(row), name.value], row.status is name)
    return status


def _exclusions(rows: Iterable[KpiRow]) -> Metric:
    excluded = GaugeMetricFamily(
        "jcoc_kpi_excluded_ratio",
        "Share of cases left out, of those counted and left out together.",
        labels=[*SERIES, "reason"],
    )
    for row in rows:
        everything = row.denominator + sum(row.excluded.values())
        for reason, cases in sorted(row.excluded.items()):
            if everything > 0:
                excluded.add_metric([*_series(row), reason], cases / everything)
    return excluded


def _companions(rows: Iterable[KpiRow]) -> Metric:
    gauge = GaugeMetricFamily(
        "jcoc_kpi_companion",
        "A number that belongs to the value, by its name in the KPI manual.",
        labels=[*SERIES, "companion"],
    )
    for row in rows:
        for name, number in sorted(row.companions.items()):
            gauge.add_metric([*_series(row), name], float(number))
    return gauge


def _corrections(rows: Iterable[KpiRow], corrected: Counter[tuple[str, str]]) -> Metric:
    counter = CounterMetricFamily(
        "jcoc_kpi_corrections", "Revisions after the first.", labels=["kpi", "window"]
    )
    for kpi, window in sorted({(row.kpi, row.window) for row in rows} | set(corrected)):
        counter.add_metric([kpi, window], corrected[kpi, window])
    return counter


def _series(row: KpiRow) -> list[str]:
    return [row.kpi, row.window, row.scope_type, row.scope_id]


def _each(rows: Iterable[KpiRow], name: str, text: str, of: Callable[[KpiRow], float]) -> Metric:
    gauge = GaugeMetricFamily(name, text, labels=list(SERIES))
    for row in rows:
        gauge.add_metric(_series(row), of(row))
    return gauge
