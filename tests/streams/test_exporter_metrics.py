"""The metrics page, as Prometheus would parse it."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable

import msgspec
import pytest
from msgspec.structs import replace
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from core import moment
from core.kpi import Kpi
from core.kpis import by_id
from core.outcome import Reason, Retry
from core.rows import Finality, KpiRow, Status
from core.versions import Copy
from streams.exporter import official
from streams.exporter.feed import Feed, Shelf
from streams.exporter.official import Official
from streams.exporter.server import page
from tests.core.stories import loaded, wib
from wire.config import Kafka

END = 1_800_000_000
ROW = KpiRow(
    kpi="k",
    window="28d",
    scope_type="city",
    scope_id="15.71",
    window_start=(END - 28 * 86_400) * moment.SECOND,
    window_end=END * moment.SECOND,
    numerator=2,
    denominator=3,
    value="66.6667",
    status=Status.OK,
    finality=Finality.PROVISIONAL,
    revision=1,
    completeness="0.75",
    excluded={"withdrawn": 1},
    as_of=END * moment.SECOND,
)
WHERE = {"kpi": "k", "window": "28d", "scope_type": "city", "scope_id": "15.71"}


KPI = dataclasses.replace(by_id()["sipaten_on_time_pct"], id="k", scopes=("city", "opd"))


def shelf(*rows: KpiRow) -> Shelf:
    filled = Shelf({"k": frozenset({"city", "opd"})})
    for row in rows:
        filled.take(row.to_record(), 1_700_000_000.5)
    return filled


Sample = tuple[dict[str, str], float]


def samples(feed: Feed, kpis: Iterable[Kpi] = (KPI,)) -> dict[str, list[Sample]]:
    text = generate_latest(page(feed, kpis)).decode()
    found: dict[str, list[Sample]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            assert sample.timestamp is None
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def shown(*rows: KpiRow) -> dict[str, list[Sample]]:
    return samples(Feed(up=True, lag=0, shown=shelf(*rows)))


def test_value_numerator_and_denominator_carry_the_finality() -> None:
    found = shown(ROW)
    where = {**WHERE, "finality": "provisional"}
    assert found["jcoc_kpi_value"] == [(where, 66.6667)]
    assert found["jcoc_kpi_numerator"] == [(where, 2)]
    assert found["jcoc_kpi_denominator"] == [(where, 3)]


def test_a_kpi_without_a_value_has_no_value_series_but_its_numbers_and_status() -> None:
    empty = replace(ROW, numerator=0, denominator=0, value=None, status=Status.NO_DATA)
    found = shown(empty)
    assert "jcoc_kpi_value" not in found
    assert [value for _, value in found["jcoc_kpi_denominator"]] == [0]
    assert ({**WHERE, "status": "no_data"}, 1) in found["jcoc_kpi_status"]


def test_a_value_that_is_lost_takes_its_series_along() -> None:
    feed = Feed(up=True, lag=0, shown=shelf(ROW))
    assert "jcoc_kpi_value" in samples(feed)
    assert feed.shown is not None
    feed.shown.take(replace(ROW, value=None, revision=2).to_record(), 0)
    assert "jcoc_kpi_value" not in samples(feed)


def test_a_window_that_became_final_leaves_no_provisional_series() -> None:
    found = shown(ROW, replace(ROW, finality=Finality.FINAL, revision=2))
    assert [labels["finality"] for labels, _ in found["jcoc_kpi_value"]] == ["final"]


@pytest.mark.parametrize("status", list(Status))
def test_the_status_is_one_hot(status: Status) -> None:
    found = {
        labels["status"]: value
        for labels, value in shown(replace(ROW, status=status))["jcoc_kpi_status"]
    }
    assert found == {name.value: float(name is status) for name in Status}


def test_evidence_stands_beside_the_value() -> None:
    found = shown(ROW)
    assert found["jcoc_kpi_window_end_timestamp_seconds"] == [(WHERE, END)]
    assert found["jcoc_kpi_revision"] == [(WHERE, 1)]
    assert found["jcoc_kpi_completeness_ratio"] == [(WHERE, 0.75)]
    assert found["jcoc_kpi_excluded_ratio"] == [({**WHERE, "reason": "withdrawn"}, 0.25)]
    assert found["jcoc_kpi_corrections_total"] == [({"kpi": "k", "window": "28d"}, 1)]


def test_companions_are_numbers_beside_the_value() -> None:
    found = shown(replace(ROW, companions={"coverage": "0.77"}, details={"weakest": "ikm_index"}))
    assert found["jcoc_kpi_companion"] == [({**WHERE, "companion": "coverage"}, 0.77)]
    filled = shelf()
    assert filled.take(replace(ROW, companions={"coverage": "much"}).to_record(), 0) is not None


def test_a_kpi_that_was_never_corrected_counts_zero_corrections() -> None:
    assert shown(replace(ROW, revision=0))["jcoc_kpi_corrections_total"][0][1] == 0


def test_a_declared_kpi_is_known_before_its_first_row() -> None:
    found = samples(
        Feed(), [KPI, dataclasses.replace(KPI, id="informational", unit="hours", green=None)]
    )
    assert found["jcoc_kpi_target"] == [({"kpi": "k"}, 95)]
    assert [labels["kpi"] for labels, _ in found["jcoc_kpi_info"]] == ["k", "informational"]


def test_no_kpi_is_shown_before_the_history_is_read() -> None:
    found = samples(Feed(up=True, lag=3))
    assert found["jcoc_exporter_caught_up"] == [({}, 0)]
    assert found["jcoc_exporter_lag_records"] == [({}, 3)]
    assert "jcoc_kpi_status" not in found


def test_the_last_values_stay_when_kafka_goes_away() -> None:
    found = samples(Feed(up=False, lag=0, shown=shelf(ROW)))
    assert found["jcoc_exporter_up"] == [({}, 0)]
    assert found["jcoc_kpi_value"][0][1] == 66.6667


def test_a_bad_record_is_counted_by_reason_and_the_others_are_shown() -> None:
    filled = shelf(ROW)
    reject = filled.take(b"not json", 1_700_000_001.0)
    found = samples(Feed(up=True, lag=0, shown=filled))
    assert reject is not None
    assert ({"reason": Reason.UNDECODABLE.value}, 1) in found["jcoc_exporter_rejected_total"]
    assert found["jcoc_exporter_last_row_timestamp_seconds"] == [({}, 1_700_000_001.0)]
    assert len(found["jcoc_kpi_value"]) == 1


def test_no_label_but_the_declared_ones_is_ever_used() -> None:
    allowed = {*WHERE, "finality", "status", "reason", "unit", *official.LABELS}
    found = shown(ROW, replace(ROW, scope_type="opd", scope_id="dishub"))
    used = {label for of in found.values() for labels, _ in of for label in labels}
    assert used <= allowed


def test_official_indices_are_words_beside_the_kpis_they_belong_to() -> None:
    found = [labels for labels, _ in samples(Feed())["jcoc_official_index_info"]]
    spbe = next(one for one in found if one["index"] == "SPBE")
    assert (spbe["value"], spbe["grade"], spbe["year"]) == ("4.32", "Memuaskan", "2024")
    assert spbe["kpi"] == "service_end_to_end_digital_pct"
    (sakip,) = (one for one in found if one["index"] == "SAKIP")
    assert (sakip["value"], sakip["grade"], sakip["kpi"]) == ("", "B", "")
    beside = {one["kpi"] for one in found if one["authority"] == "Ombudsman RI"}
    assert beside == {"sipaten_on_time_pct", "ikm_index"}


def test_every_index_stands_beside_a_kpi_that_there_is() -> None:
    assert {kpi for one in Official().table.indices for kpi in one.kpis} <= by_id().keys()


async def test_a_version_of_the_indices_that_was_loaded_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    newer = Official().table.indices[1]
    newer = msgspec.structs.replace(newer, year=2026, value="4.40")
    events = [loaded("index", wib("2026-11-20T08:00"), "indices-2026", indices=[newer])]
    shown, looked = Official(), asyncio.Event()

    async def copies(*_: object) -> list[Copy]:
        if looked.is_set():
            raise Retry("away")
        looked.set()
        return [Copy(0, event) for event in events]

    monkeypatch.setattr("wire.reference_log.copies", copies)
    monkeypatch.setattr(official, "LOOKS_EVERY_S", 0)
    task = asyncio.create_task(official.follow(Kafka("nowhere"), "http://127.0.0.1:9", shown))
    await looked.wait()
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    # It was looked up again, in vain: the last one stays.
    assert [(one.year, one.value) for one in shown.table.indices] == [(2026, "4.40")]
