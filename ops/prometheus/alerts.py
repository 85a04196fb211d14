"""Alerts, each with a story in which it fires and one in which it stays silent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from core.companion import Companion
from core.kpi import Kpi

Story = Mapping[str, str]
"""Series to values by the minute, in promtool's notation."""

RUNBOOK = "docs/operators.md"
AFTER_MIN = 60
"""Minute at which every story is judged."""
SERIES = "kpi, window, scope_type, scope_id"


@dataclass(frozen=True)
class Alert:
    """One alerting rule; `lasting` as in Prometheus, texts in Indonesian and English."""

    name: str
    expr: str
    lasting: str
    severity: str
    summary: str
    fires: Story
    silent: Story
    fired: Mapping[str, str] = field(default_factory=dict)
    """Labels of the firing alert, besides its own."""
    value: str = ""
    """Value that the firing alert tells."""
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """The summary as the firing alert must read."""
        text = self.summary.replace("{{ $value }}", self.value)
        for label, name in self.fired.items():
            text = text.replace(f"{{{{ $labels.{label} }}}}", name)
        return text

    @property
    def runbook(self) -> str:
        """Where the operator reads on: an anchor made from the name."""
        return f"{RUNBOOK}#{self.name.lower()}"


def all_alerts(kpis: Iterable[Kpi]) -> Iterator[Alert]:
    """Every alert, in the order of the rules file."""
    yield from _sources()
    for kpi in kpis:
        limit = next((one for one in (kpi.amber, kpi.green, kpi.watch) if one is not None), None)
        if limit is not None and kpi.higher_is_better is not None:
            yield _beyond_amber(kpi, limit, worse="<" if kpi.higher_is_better else ">")
        for companion in kpi.companions:
            if companion.watch is not None:
                yield _more_than(kpi, companion, companion.watch)
    yield from _platform()


def _sources() -> Iterator[Alert]:
    heard = "jcoc_edge_source_heard_timestamp_seconds"
    yield Alert(
        name="JcocSourceSilent",
        expr=f"time() - max by (source) ({heard}) > 900",
        lasting="5m",
        severity="warning",
        summary="Sumber {{ $labels.source }} diam. / Source {{ $labels.source }} is silent.",
        fires={f'{heard}{{source="sikesal"}}': "0x60"},
        silent={f'{heard}{{source="sikesal"}}': "0+60x60"},
        fired={"source": "sikesal"},
    )
    records = "jcoc_source_records_total"
    received = f'sum by (source) (increase({records}{{outcome="received"}}[6h]))'
    settled = f'sum by (source) (increase({records}{{outcome=~"accepted|duplicate|rejected"}}[6h]))'
    lately = f'sum by (source) (increase({records}{{outcome="received"}}[10m]))'
    yield Alert(
        name="JcocRecordsUnaccounted",
        # Some wait for a tick before it is known whether they are duplicates (the last 10 min);
        # increase() survives the restart of one of several workers, and is not exact (0.2 %).
        expr=f"{received} - {settled} > 1 + {lately} + 0.002 * {received}",
        lasting="15m",
        severity="critical",
        summary=(
            "Catatan {{ $labels.source }} hilang dari hitungan. / "
            "Records of {{ $labels.source }} are unaccounted for."
        ),
        fires=_records(received="0+10x60", accepted="0+5x60", rejected="0x60"),
        silent=_records(received="0+10x60", accepted="0 0+9x30 0+9x28", rejected="0 0+1x59"),
        fired={"source": "frigate"},
    )
    status = 'jcoc_kpi_status{{kpi="k",window="1d",scope_type="city",scope_id="c",status="{0}"}}'
    yield Alert(
        name="JcocKpiSourceDown",
        expr=f'max by ({SERIES}) (jcoc_kpi_status{{scope_type="city",status="source_down"}}) == 1',
        lasting="10m",
        severity="warning",
        summary=(
            "{{ $labels.kpi }} tanpa sumber. / The sources of {{ $labels.kpi }} did not deliver."
        ),
        fires={status.format("source_down"): "1x60", status.format("no_data"): "0x60"},
        silent={status.format("source_down"): "0x60", status.format("no_data"): "1x60"},
        fired={"kpi": "k", "window": "1d", "scope_type": "city", "scope_id": "c"},
    )


def _records(**outcomes: str) -> dict[str, str]:
    name = 'jcoc_source_records_total{{source="frigate",outcome="{0}"}}'
    return {name.format(outcome): values for outcome, values in outcomes.items()}


def _beyond_amber(kpi: Kpi, limit: Decimal, *, worse: str) -> Alert:
    where = f'kpi="{kpi.id}",scope_type="city"'
    window = kpi.windows[0]
    beyond = limit - 1 if worse == "<" else limit + 1

    def story(value: Decimal, status: str) -> dict[str, str]:
        labels = f'{where},scope_id="15.71",window="{window}"'
        return {
            f'jcoc_kpi_value{{{labels},finality="final"}}': f"{value}x60",
            f'jcoc_kpi_status{{{labels},status="ok"}}': "1x60" if status == "ok" else "0x60",
        }

    return Alert(
        name="JcocKpiBeyondAmber",
        expr=(
            f"max by ({SERIES}) (jcoc_kpi_value{{{where}}}) {worse} {limit} and on ({SERIES}) "
            f'max by ({SERIES}) (jcoc_kpi_status{{{where},status="ok"}}) == 1'
        ),
        lasting="15m",
        severity="warning",
        summary=(
            f"{kpi.title_id}: {{{{ $value }}}} ({{{{ $labels.window }}}}), batas / limit {limit}. "
            f"/ {kpi.title_en}."
        ),
        labels={"kpi": kpi.id, "principle": kpi.principle},
        # As Prometheus prints a number: 64, not 64.00.
        value=f"{beyond.normalize():f}",
        fires=story(beyond, "ok"),
        # On the limit it is not red yet, so it says nothing; nor does a value that is not ok.
        silent=story(limit, "ok") | _elsewhere(story(beyond, "insufficient")),
        fired={"kpi": kpi.id, "window": window, "scope_type": "city", "scope_id": "15.71"},
    )


def _more_than(kpi: Kpi, companion: Companion, limit: int) -> Alert:
    where = f'kpi="{kpi.id}",companion="{companion.name}",scope_type="city"'
    window = kpi.windows[0]
    series = f'jcoc_kpi_companion{{{where},scope_id="15.71",window="{window}"}}'
    return Alert(
        name="JcocKpiCompanionBeyond",
        expr=f"max by ({SERIES}, companion) (jcoc_kpi_companion{{{where}}}) > {limit}",
        lasting="15m",
        severity="critical",
        summary=f"{companion.title_id}: {{{{ $value }}}}. / {companion.title_en}.",
        labels={"kpi": kpi.id, "principle": kpi.principle},
        value=str(limit + 1),
        fires={series: f"{limit + 1}x60"},
        silent={series: f"{limit}x60"},
        fired={
            "kpi": kpi.id, "window": window, "scope_type": "city", "scope_id": "15.71",
            "companion": companion.name,
        },
    )  # fmt: skip


def _elsewhere(story: Mapping[str, str]) -> dict[str, str]:
    return {series.replace("15.71", "other"): values for series, values in story.items()}


def _platform() -> Iterator[Alert]:
    exporter = 'instance="exporter:9464",job="jcoc-exporter"'
    where = {"instance": "exporter:9464", "job": "jcoc-exporter"}
    yield Alert(
        name="JcocExporterDown",
        expr='absent(up{job="jcoc-exporter"} == 1)',
        lasting="5m",
        severity="critical",
        summary="Papan tidak diperbarui: exporter mati. / The boards stand still: no exporter.",
        fires={f"up{{{exporter}}}": "0x60"},
        silent={f"up{{{exporter}}}": "1x60"},
    )
    yield Alert(
        name="JcocExporterCutOff",
        expr="jcoc_exporter_up == 0",
        lasting="5m",
        severity="critical",
        summary="Exporter tidak mencapai Kafka. / The exporter cannot reach Kafka.",
        fires={f"jcoc_exporter_up{{{exporter}}}": "0x60"},
        silent={f"jcoc_exporter_up{{{exporter}}}": "1x60"},
        fired=where,
    )
    yield Alert(
        name="JcocExporterBehind",
        expr="jcoc_exporter_lag_records > 1000",
        lasting="10m",
        severity="warning",
        summary="Papan tertinggal {{ $value }} baris. / The boards are {{ $value }} rows behind.",
        fires={f"jcoc_exporter_lag_records{{{exporter}}}": "1001x60"},
        silent={f"jcoc_exporter_lag_records{{{exporter}}}": "1000x60"},
        fired=where,
        value="1001",
    )
    rejected = "jcoc_exporter_rejected_total"
    yield Alert(
        name="JcocRowsRejected",
        expr=f"sum by (reason) (increase({rejected}[15m])) > 0",
        lasting="0m",
        severity="warning",
        summary=(
            "Baris kpi.published ditolak: {{ $labels.reason }}. / "
            "Rows of kpi.published were rejected: {{ $labels.reason }}."
        ),
        fires={f'{rejected}{{{exporter},reason="undecodable"}}': "0+1x60"},
        silent={f'{rejected}{{{exporter},reason="undecodable"}}': "7x60"},
        fired={"reason": "undecodable"},
    )
    yield Alert(
        name="JcocWorkerBehind",
        expr="sum by (job) (jcoc_worker_lag_records) > 100000",
        lasting="15m",
        severity="warning",
        summary="Worker tertinggal {{ $value }} catatan. / Workers lag by {{ $value }} records.",
        fires={'jcoc_worker_lag_records{job="jcoc-worker",partition="0"}': "100001x60"},
        silent={'jcoc_worker_lag_records{job="jcoc-worker",partition="0"}': "100000x60"},
        fired={"job": "jcoc-worker"},
        value="100001",
    )
