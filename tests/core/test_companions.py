"""Companions of the KPIs, on stories short enough to check by hand."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from core.cells import CellKey, Counters, merged
from core.companion import Companion, count, mean_hours, names, rest, share, told
from core.complaints import Complaint
from core.events import Event
from core.kpi import Kpi
from core.kpis import all_kpis, by_id
from core.moment import DAY, HOUR, MINUTE, SECOND
from core.percentile import median
from core.privacy import scrub
from core.publication import Publication
from core.rows import KpiRow, Status
from core.satisfaction import ELEMENTS, by_the_sheet
from core.snapshots import Snapshots
from tests.core.stories import at, case, event, newest, wib
from tests.core.stories import told as published

DAY_START = wib("2026-11-20T00:00")


def day(events: Iterable[Event], kpi: str, start: int = DAY_START) -> KpiRow:
    """The city's row of a day, published when it is over."""
    said = published([(start + DAY, events)])
    return newest(said)[kpi, "1d", "city", "city", start]


def steps(number: str, *assigned: tuple[str, str], **fields: str) -> list[Event]:
    filed = [("submitted", "2026-11-20T08:00", fields)]
    return case(number, *filed, *(("assigned", f"2026-11-20T{t}", {"opd": o}) for t, o in assigned))


NOBODY = {"known_by_citizen": "0", "known_by_camera": "0"}
"""Before the alarm."""


class TestReadings:
    def test_of_counters(self) -> None:
        counters = {"a": 1, "b": 4, "all": 9, "whole": 12, "s": 9_000, "why:x": 2, "why:y": 1}
        assert count("a")(counters) == "1"
        assert count("nothing")(counters) == "0"
        assert share("a", "b")(counters) == "25.00"
        assert rest("all", "whole", ("a", "b"))(counters) == "100.00"
        assert mean_hours("s", "b")(counters) == "0.63", "half-up of 0.625"
        assert names("why:")(counters) == ["x: 2", "y: 1"]

    def test_of_nothing_are_none_but_a_count(self) -> None:
        readings = (share("a", "b"), rest("a", "b", ("c", "d")), mean_hours("s", "b"), names("w"))
        assert [read({}) for read in readings] == [None] * 4
        assert count("a")({}) == "0"

    @pytest.mark.parametrize(
        ("seconds", "middle"), [([], None), ([7], "7"), ([1, 9], "1"), ([1, 2, 9], "2")]
    )
    def test_the_median_is_one_of_the_durations(
        self, seconds: list[int], middle: str | None
    ) -> None:
        assert median(str)(merged({f"s#{one}": 1} for one in seconds)) == middle

    def test_words_are_details_and_numbers_are_companions(self) -> None:
        both = (Companion("n", "-", "-", count("a")), Companion("w", "-", "-", names("w:")),
                Companion("g", "-", "-", lambda _: "A", words=True))  # fmt: skip
        assert told(both, {"w:x": 1}) == ({"n": "0"}, {"w": ["x: 1"], "g": "A"})


class TestDeclarations:
    @pytest.mark.parametrize("kpi", all_kpis(), ids=lambda kpi: kpi.id)
    def test_have_names_of_their_own_and_speak_both_languages(self, kpi: Kpi) -> None:
        declared = kpi.companions
        assert len({one.name for one in declared}) == len(declared)
        assert all(one.title_en and one.title_id for one in declared)

    def test_are_hidden_where_the_value_is(self) -> None:
        publication = Publication()
        for scope in (("city", "city"), ("intersection", "s1")):
            cell = {CellKey("signal_fault_repair_on_time_pct", *scope, DAY_START):
                    {"n": 1, "d": 2, "by:pln": 1}}  # fmt: skip
            publication.merge("fold/0", cell)
        rows = newest(publication.close(DAY_START + DAY, {}))
        found = {
            row.scope_type: (row.status, dict(row.companions))
            for identity, row in rows.items()
            if identity[:2] == ("signal_fault_repair_on_time_pct", "1d")
        }
        assert found["city"] == (Status.OK, {"power_cut": "1"} | NOBODY)
        assert found["intersection"] == (Status.INSUFFICIENT, {})

    def test_a_changed_companion_alone_is_a_revision(self) -> None:
        publication = Publication()
        key = CellKey("signal_fault_repair_on_time_pct", "city", "city", DAY_START)
        for tick, power in ((DAY_START + DAY, 0), (DAY_START + DAY + HOUR, 1)):
            cell: Counters = {"n": 1, "d": 2} | ({"by:pln": power} if power else {})
            publication.merge("fold/0", {key: cell})
            rows = newest(publication.close(tick, {}))
        row = rows["signal_fault_repair_on_time_pct", "1d", "city", "city", DAY_START]
        assert (row.revision, row.numerator, row.companions) == (1, 1, {"power_cut": "1"} | NOBODY)


class TestSatisfaction:
    def test_golden_example_6_by_the_sheet(self) -> None:
        sums = (105, 101, 100, 116, 102, 105, 106, 105, 115)
        counters = {f"s:{e}": n for e, n in zip(ELEMENTS, sums, strict=True)}
        counters |= {f"c:{e}": 29 for e in ELEMENTS}
        assert by_the_sheet(counters) == "90.56"

    def test_without_the_ninth_element_the_sheet_has_no_weight(self) -> None:
        counters = {f"{kind}:{e}": 3 for e in ELEMENTS[:8] for kind in "sc"}
        assert by_the_sheet(counters) is None

    def test_the_grade_stands_beside_the_index(self) -> None:
        answers = [
            event("survey.response", at("10:00"), "survey", "", case_id=f"r{n}|p1:a",
                  service_code="nikah", opd="dukcapil", **dict.fromkeys(ELEMENTS, 4))
            for n in range(30)
        ]  # fmt: skip
        row = day(answers, "ikm_index")
        assert (row.value, row.details["grade"]) == ("100.00", "A")
        assert row.companions == {"sheet_index": "99.00", "responses": "30"}
        assert day(answers[:29], "ikm_index").details["grade"] == "indicative"


class TestComplaints:
    def test_the_median_stands_beside_the_p90(self) -> None:
        solved = [
            one
            for number, hour in (("1", "09"), ("2", "10"), ("3", "18"))
            for one in case(number, ("submitted", "2026-11-20T08:00"),
                            ("resolved", f"2026-11-20T{hour}:00"))
        ]  # fmt: skip
        row = day(solved, "complaint_resolution_hours_p90")
        assert (row.value, row.companions["p50_hours"]) == ("10.00", "2.00")

    @pytest.mark.parametrize(
        ("more", "instant", "open_too_long"),
        [
            pytest.param([], "2026-11-20T08:00", 0, id="on the sixtieth day"),
            pytest.param([], "2026-11-20T08:05", 1, id="past it"),
            pytest.param([("resolved", "2026-11-20T09:00")], "2026-11-20T09:00", 1, id="not yet"),
            pytest.param([("resolved", "2026-11-20T09:00")], "2026-11-20T09:05", 0, id="resolved"),
            pytest.param([("withdrawn", "2026-10-01T09:00")], "2026-11-20T09:00", 0, id="ended"),
            pytest.param(
                [("verified", "2026-09-22T08:00", {"verdict": "valid"})], "2026-11-20T09:00", 0,
                id="complete a day later",
            ),
        ],
    )  # fmt: skip
    def test_the_cap_of_60_calendar_days_after_the_file_was_complete(
        self, more: list[tuple[str, str]], instant: str, open_too_long: int
    ) -> None:
        made = Complaint.of(case("1", ("submitted", "2026-09-21T08:00"), *more))
        assert made is not None
        kpi = by_id()["complaint_overdue_backlog_pct"]
        standing = Snapshots(share.counters for share in kpi.shares(made)).at(wib(instant))
        numbers, _ = told(kpi.companions, standing)
        assert numbers == {"legal_cap_breach": str(open_too_long)}

    def test_capital_works_are_a_series_of_their_own(self) -> None:
        long = ("progressed", "2026-11-18T09:00", {"long_cycle": True})
        filed = ("submitted", "2026-11-17T10:00")
        events = [
            *case("1", filed, long, ("resolved", "2026-11-19T10:00")),
            *case("2", filed, long),
            *case("3", filed),
        ]
        row = day(events, "sikesal_local_sla_on_time_pct")  # 72 hours end on the 20th at 10:00
        assert (row.numerator, row.denominator) == (0, 1)
        assert row.companions == {"long_cycle": "2", "long_cycle_on_time_pct": "50.00"}

    def test_the_median_delay_of_a_hop_between_agencies(self) -> None:
        events = [
            *steps("1", ("09:00", "dlh"), ("11:00", "dpupr"), ("21:00", "pdam")),
            *steps("2", ("09:00", "dlh"), ("10:00", "diskominfo"), ("13:00", "dpupr")),
            *steps("3", ("09:00", "dlh"), ("20:00", "dlh")),
        ]
        row = day(events, "complaint_misrouting_pct")
        assert (row.numerator, row.denominator) == (2, 3)
        assert row.companions["hop_p50_hours"] == "4.00", "of 2, 4 and 10"


def test_article_12_number_time_outcome_and_reasons() -> None:
    answers = {
        "1": ("2026-11-23T18:00", "granted", None),
        "2": ("2026-11-24T08:00", "denied", "art_17"),
        "3": ("2026-11-24T08:00", "denied", None),
        "4": None,
    }
    events = []
    for number, answer in answers.items():
        fields = {"case_id": f"ppid:{number}"}
        events.append(event("info.received", wib("2026-11-23T08:00"), "ppid", **fields, opd="d"))
        if answer is not None:
            when, outcome, why = answer
            events.append(event("info.answered", wib(when), "ppid", **fields, outcome=outcome,
                                reason_code=why))  # fmt: skip
    row = day(events, "info_request_on_time_pct", wib("2026-12-07T00:00"))
    assert (row.numerator, row.denominator) == (2, 4)
    assert row.companions == {
        "requests": "4", "answered": "3", "mean_hours": "19.33",
        "granted": "1", "partly": "0", "denied": "2",
    }  # fmt: skip
    assert row.details == {"reasons": ["art_17: 1", "no reason: 1"]}


def test_alerts_that_nobody_took_on_are_counted_beside_the_p90() -> None:
    def raised(number: str) -> Event:
        return event("alert.raised", at("10:00"), "operator_console", case_id=number,
                     severity="high", alert_class="congestion")  # fmt: skip

    def taken(number: str, when: int) -> Event:
        return event("alert.acknowledged", when, "operator_console", case_id=number)

    end = at("10:30")
    events = [raised("1"), raised("2"), raised("3"), taken("1", end - 20 * MINUTE), taken("2", end)]
    row = day(events, "alert_ack_seconds_p90")
    assert row.value == "1800.00"
    assert row.companions == {"p50_seconds": "1800.00", "unanswered": "1"}


def test_each_shift_has_its_p90_from_five_alerts_on() -> None:
    """By when it was raised: 07:59:59 is the night's, though its half hour ends in the day's."""
    waits = {"07:59:59": 10, "08:00:00": 20, "15:59:59": 30, "16:00:00": 40, "23:29:59": 50}
    events = [
        one
        for clock, wait in waits.items() for number in range(5 if clock != "23:29:59" else 4)
        for one in (
            event("alert.raised", at(clock), "operator_console", case_id=f"{clock} {number}",
                  severity="high", alert_class="congestion"),
            event("alert.acknowledged", at(clock) + wait * SECOND, "operator_console",
                  case_id=f"{clock} {number}"),
        )
    ]  # fmt: skip
    row = day(events, "alert_ack_seconds_p90")
    assert row.companions == {
        "p50_seconds": "30.00", "unanswered": "0", "p90_night_seconds": "10.00",
        "p90_day_seconds": "30.00", "p90_evening_seconds": "50.00",
    }  # fmt: skip
    few = [one for one in events if "07:59:59 0" not in one.text("case_id")]
    assert "p90_night_seconds" not in day(few, "alert_ack_seconds_p90").companions


def test_the_peak_hours_are_read_apart() -> None:
    def quarter(clock: str, delay: float) -> list[Event]:
        return [
            event("traffic.measured", at(clock) + n * MINUTE, "traffic_analytics", f"{clock}:{n}",
                  intersection_id="s1", camera_id="c1", mean_delay_s=delay, volume_smp=10.0)
            for n in range(15)
        ]  # fmt: skip

    good, bad = 20.0, 50.0
    events = [*quarter("06:00", bad), *quarter("08:45", good), *quarter("09:00", good),
              *quarter("18:45", bad), *quarter("19:00", bad)]  # fmt: skip
    row = day(events, "intersection_los_ok_pct")
    assert (row.numerator, row.denominator) == (2, 5)
    assert row.companions == {
        "peak_pct": "33.33", "off_peak_pct": "50.00",
        "holiday_quarters": "0", "ramadan_quarters": "0",
    }  # fmt: skip


def test_personal_data_that_was_hidden_in_texts_is_counted_per_million_events_of_cases() -> None:
    def written(what: str, when: str, text: str) -> tuple[str, str, dict[str, str]]:
        return what, f"2026-11-20T{when}", {"reason" if what == "reopened" else "note": scrub(text)}

    events = [
        *case("1", ("submitted", "2026-11-20T08:00"),
              written("progressed", "09:00", "call 0812-3456-7890 or a@b.id"),
              written("progressed", "10:00", "[all] clear")),
        *case("2", ("submitted", "2026-11-19T08:00"),
              written("reopened", "11:00", "my NIK is 1571010101010001")),
        event("alert.raised", at("10:00"), "operator_console", case_id="a", severity="low",
              alert_class="x"),
        event("service.requested", at("10:00"), "sipaten", case_id="s", service_code="nikah"),
        event("survey.response", at("10:00"), "survey", case_id="r|p1:a", service_code="nikah"),
        event("source.heartbeat", at("10:00"), "dpo_log"),
    ]  # fmt: skip
    row = day(events, "privacy_breach_notice_on_time_pct")
    assert (row.status, row.denominator) == (Status.NO_DATA, 0)
    assert row.companions == {"pii_events_per_million": "333333.33"}, "2 of 6; the survey is none"
    silent = day(events[:1], "privacy_breach_notice_on_time_pct")
    assert (silent.status, silent.companions) == (Status.NOT_INTEGRATED, {})
