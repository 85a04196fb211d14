"""The whole calculation on stories short enough to check by hand."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from core.engine import route
from core.events import Event, Value
from core.moment import DAY, HOUR, MINUTE
from core.restatements import Restatement
from core.rows import KpiRow, Status
from tests.core.stories import METRE, PLACE, at, case, event, newest, row, told, wib

NATIONAL = "complaint_resolution_on_time_pct"
LOCAL = "sikesal_local_sla_on_time_pct"
P90 = "complaint_resolution_hours_p90"
BACKLOG = "complaint_overdue_backlog_pct"
SERVICES = "sipaten_on_time_pct"
TRIANGULATED = "tri_corroborated_incident_pct"
NOVEMBER, DECEMBER = wib("2026-11-01T00:00"), wib("2026-12-01T00:00")
FRIDAY = wib("2026-11-20T00:00")


def promised(number: str, due: str, *later: tuple[str, str], **fields: Value) -> list[Event]:
    """A case with a promise of its source: resolved, reopened ... at local dates of November."""
    filed = event(
        "complaint.submitted", wib("2026-10-20T08:00"), "boston311", "", case_id=number,
        sla_basis="source", due_at=wib(f"{due}T12:00"), **fields,
    )  # fmt: skip
    return [filed, *case(number, *((what, f"{day}T12:00") for what, day in later))]


def golden_november() -> list[Event]:
    """Example G5 of the catalogue."""
    return [
        *promised("A", "2026-11-03", ("resolved", "2026-11-02")),
        *promised("B", "2026-11-05", ("resolved", "2026-11-09")),
        *promised("C", "2026-11-10"),
        *promised(
            "D", "2026-11-20", ("resolved", "2026-11-12"), ("reopened", "2026-11-16"),
            ("resolved", "2026-11-19"),
        ),
        *promised(
            "E", "2026-11-25", ("resolved", "2026-11-20"), ("reopened", "2026-11-24"),
            ("resolved", "2026-11-27"),
        ),
        *promised("F", "2026-12-02", ("resolved", "2026-11-15")),
        *promised("G", "2026-11-03", ("resolved", "2026-11-02"), origin_ref="A"),
        *promised("H", "2026-11-04", ("rejected", "2026-11-02")),
    ]  # fmt: skip


class TestDueCohort:
    def test_g5_counts_each_case_where_it_is_due_and_open_ones_too(self) -> None:
        said = told([(DECEMBER, golden_november())], partitions=4)
        found = row(said, NATIONAL, "month", NOVEMBER)
        assert (found.numerator, found.denominator, found.value) == (2, 5, "40.00")
        assert found.excluded == {"duplicate": 1, "rejected": 1}

    def test_g5_is_not_what_counting_first_closures_gives(self) -> None:
        events = golden_november()
        due = {e.text("case_id"): e.whole("due_at") or 0 for e in events if "sub" in e.type}
        first: dict[str, int] = {}
        for one in events:
            if one.type == "complaint.resolved" and one.text("case_id") not in "GH":
                first.setdefault(one.text("case_id"), one.occurred_at)
        naive = sum(when <= due[name] for name, when in first.items()) * 100 / len(first)
        assert naive == 80

    def test_without_a_target_a_case_is_left_out_with_that_reason(self) -> None:
        filed = event("complaint.submitted", at("10:00"), case_id="1", sla_basis="source")
        found = row(told([(FRIDAY + DAY, [filed])]), NATIONAL, "1d", FRIDAY)
        assert (found.denominator, found.excluded) == (0, {"no_target": 1})

    def test_a_case_that_waits_for_its_reporter_is_left_out_as_paused(self) -> None:
        events = case(
            "1",
            ("submitted", "2026-11-20T08:00"),
            ("verified", "2026-11-20T09:00", {"verdict": "incomplete"}),
        )
        found = row(told([(FRIDAY + DAY, events)]), NATIONAL, "1d", FRIDAY)
        assert (found.denominator, found.excluded) == (0, {"paused": 1})

    @pytest.mark.parametrize(("after", "hit"), [(0, 1), (1, 0)])
    def test_on_the_dot_is_on_time_and_a_microsecond_later_is_not(
        self, after: int, hit: int
    ) -> None:
        due = wib("2026-11-20T23:59:59.999")
        (filed,) = case("1", ("submitted", "2026-11-02T10:00"))
        done = event("complaint.resolved", due + after, case_id="1")
        found = row(told([(FRIDAY + DAY, [filed, done])]), NATIONAL, "1d", FRIDAY)
        assert (found.numerator, found.denominator) == (hit, 1)

    def test_a_case_due_at_midnight_counts_in_the_day_that_begins(self) -> None:
        filed = event(
            "complaint.submitted", at("08:00"), case_id="1", sla_basis="source",
            due_at=FRIDAY + DAY,
        )  # fmt: skip
        said = told([(FRIDAY + 2 * DAY, [filed])])
        assert row(said, NATIONAL, "1d", FRIDAY + DAY).denominator == 1


class TestSikesal:
    def filed(self, source: str = "sikesal", **fields: Value) -> Event:
        when = FRIDAY + 10 * HOUR
        return event("complaint.submitted", when, source, "", case_id="1", **fields)

    def found(self, *events: Event) -> KpiRow:
        said = told([(FRIDAY + 4 * DAY, events)])
        return row(said, LOCAL, "1d", FRIDAY + DAY)

    @pytest.mark.parametrize(("after", "hit"), [(0, 1), (1, 0)])
    def test_waste_is_gone_in_24_hours_to_the_dot(self, after: int, hit: int) -> None:
        done = event("complaint.resolved", FRIDAY + 34 * HOUR + after, case_id="1")
        found = self.found(self.filed(category="sampah"), done)
        assert (found.numerator, found.denominator) == (hit, 1)

    def test_other_channels_promised_nothing(self) -> None:
        assert self.found(self.filed("sp4n_lapor", category="sampah")).denominator == 0

    def test_capital_works_are_shown_apart(self) -> None:
        works = event("complaint.progressed", at("12:00"), case_id="1", long_cycle=True)
        found = self.found(self.filed(category="sampah"), works)
        assert (found.denominator, found.excluded) == (0, {"long_cycle": 1})

    def test_who_waits_for_the_reporter_is_left_out(self) -> None:
        asked = event("complaint.verified", at("12:00"), case_id="1", verdict="incomplete")
        assert self.found(self.filed(category="sampah"), asked).excluded == {"paused": 1}


class TestTimeToResolve:
    def test_is_in_seconds_on_the_day_of_the_resolution(self) -> None:
        events = case("1", ("submitted", "2026-11-19T10:00"), ("resolved", "2026-11-20T10:00:01"))
        found = row(told([(FRIDAY + DAY, events)]), P90, "1d", FRIDAY)
        assert (found.numerator, found.denominator, found.value) == (86_401, 1, "24.00")

    def test_one_that_ends_before_it_begins_is_left_out(self) -> None:
        events = case("1", ("submitted", "2026-11-20T10:00"), ("resolved", "2026-11-20T09:59"))
        found = row(told([(FRIDAY + DAY, events)]), P90, "1d", FRIDAY)
        assert (found.denominator, found.excluded) == (0, {"negative_duration": 1})

    @pytest.mark.parametrize(
        ("fields", "steps", "day", "reason"),
        [
            pytest.param({}, [("rejected", "11T09:00")], 11, "rejected", id="refused"),
            pytest.param({}, [("withdrawn", "11T09:00")], 11, "withdrawn", id="taken back"),
            pytest.param({}, [("resolved", "11T09:00"), ("archived", "12T09:00")], 11, "archived",
                         id="solved, and archived all the same"),
            pytest.param({"kind": "wbs"}, [("resolved", "11T09:00")], 11, "wbs", id="secret"),
            pytest.param({"kind": "aspiration"}, [("closed", "11T09:00")], 11, "aspiration",
                         id="closed without a solution"),
            pytest.param({"origin_ref": "x"}, [("resolved", "11T09:00")], 11, "duplicate",
                         id="a copy"),
        ],
    )  # fmt: skip
    def test_who_has_none_is_counted_with_the_reason(
        self, fields: dict[str, Value], steps: list[tuple[str, str]], day: int, reason: str
    ) -> None:
        filed = ("submitted", "2026-11-10T08:00", fields)
        events = case("1", filed, *[(what, f"2026-11-{when}") for what, when in steps])
        said = told([(wib("2026-11-14T00:00"), events)])
        found = {
            number: dict(row(said, P90, "1d", wib(f"2026-11-{number}T00:00")).excluded)
            for number in (10, 11, 12, 13)
        }
        assert found == {10: {}, 11: {}, 12: {}, 13: {}} | {day: {reason: 1}}

    def test_while_it_is_open_nobody_knows_whether_it_will_have_one(self) -> None:
        secret = case("1", ("submitted", "2026-11-10T08:00", {"kind": "wbs"}))
        said = told([(wib("2026-11-11T00:00"), secret)])
        assert row(said, P90, "1d", wib("2026-11-10T00:00")).excluded == {}


class TestReporters:
    @pytest.mark.parametrize(
        ("fields", "step", "reason"),
        [
            ({"kind": "wbs"}, "rejected", "rejected"),
            ({"kind": "wbs", "origin_ref": "x"}, "closed", "wbs"),
            ({"origin_ref": "x"}, "closed", "duplicate"),
            ({"reporter_key": None}, "rejected", "rejected"),
            ({"reporter_key": None}, "withdrawn", "anonymous"),
            ({"kind": "aspiration"}, "withdrawn", None),
        ],
    )
    def test_who_is_no_voice_is_counted_with_the_reason(
        self, fields: dict[str, Value], step: str, reason: str | None
    ) -> None:
        filed = ("submitted", "2026-11-10T08:00", {"reporter_key": "p1:a", **fields})
        said = told([(wib("2026-11-12T00:00"), case("1", filed, (step, "2026-11-11T09:00")))])
        found = row(said, "reporters_per_100k", "1d", wib("2026-11-10T00:00"))
        assert found.excluded == ({reason: 1} if reason else {})
        assert found.numerator == (0 if reason else 1)


class TestBacklog:
    def snapshot(self, when: int, *events: Event) -> tuple[int, int]:
        found = row(told([(when, events)]), BACKLOG, "5min", when - 5 * MINUTE)
        return found.numerator, found.denominator

    def left_out(self, when: int, *events: Event) -> dict[str, int]:
        return dict(row(told([(when, events)]), BACKLOG, "5min", when - 5 * MINUTE).excluded)

    def test_what_happens_at_the_instant_of_a_snapshot_belongs_to_the_next_one(self) -> None:
        events = case("1", ("submitted", "2026-11-20T10:00"), ("resolved", "2026-11-20T11:00"))
        instants = ("10:00", "10:05", "11:00", "11:05")
        assert [self.snapshot(at(clock), *events)[1] for clock in instants] == [0, 1, 1, 0]

    def test_what_happens_at_midnight_belongs_to_the_day_that_begins(self) -> None:
        events = case("1", ("submitted", "2026-11-19T10:00"), ("resolved", "2026-11-20T00:00"))
        said = told([(FRIDAY + DAY, events)])
        days = [row(said, BACKLOG, "1d", FRIDAY - DAY), row(said, BACKLOG, "1d", FRIDAY)]
        assert [day.denominator for day in days] == [1, 0]

    def test_it_is_overdue_after_its_due_instant(self) -> None:
        def filed(due: int) -> Event:
            return event(
                "complaint.submitted", at("08:00"), case_id="1", sla_basis="source", due_at=due
            )

        assert self.snapshot(at("10:00"), filed(at("10:00"))) == (0, 1)
        assert self.snapshot(at("10:00"), filed(at("10:00") - 1)) == (1, 1)

    def test_reopened_it_is_overdue_at_once_when_its_time_is_over(self) -> None:
        events = [
            *promised("1", "2026-11-19", ("resolved", "2026-11-19")),
            event("complaint.reopened", at("10:00"), case_id="1"),
        ]
        assert [self.snapshot(at(clock), *events) for clock in ("10:00", "10:05")] == [
            (0, 0),
            (1, 1),
        ]

    def test_linked_duplicates_and_secrets_are_no_backlog(self) -> None:
        copy = event("complaint.submitted", at("08:00"), case_id="1", origin_ref="x")
        secret = event("complaint.submitted", at("08:00"), case_id="2", kind="wbs")
        assert self.snapshot(at("10:00"), copy, secret) == (0, 0)

    def test_what_is_open_and_left_out_is_counted_with_the_reason_while_it_is_open(self) -> None:
        def steps(number: str, kind: str | None, *more: tuple[str, str]) -> list[Event]:
            filed = event("complaint.submitted", at("08:00"), case_id=number, kind=kind)
            asked = {"verdict": "incomplete"}
            return [filed] + [
                event(f"complaint.{what}", at(clock), case_id=number,
                      **(asked if what == "verified" else {})) for what, clock in more
            ]  # fmt: skip

        events = [
            *steps("1", "wbs"),
            *steps("2", "wbs", ("verified", "09:00"), ("archived", "11:00")),
            *steps("3", "aspiration", ("resolved", "11:00")),
            *steps("4", None, ("verified", "09:00"), ("completed_by_reporter", "10:00")),
            *steps("5", None, ("verified", "09:00"), ("withdrawn", "10:00")),
            *steps("6", None, ("rejected", "10:00")),
        ]
        # What happens at the instant of a snapshot belongs to the next one.
        clocks = ("08:05", "09:05", "10:00", "10:05", "11:00", "11:05")
        found = [self.left_out(at(clock), *events) for clock in clocks]
        assert found == [
            {"wbs": 1, "aspiration": 1},
            {"wbs": 2, "aspiration": 1, "paused": 2},
            {"wbs": 2, "aspiration": 1, "paused": 2},
            {"wbs": 2, "aspiration": 1},
            {"wbs": 2, "aspiration": 1},
            {"wbs": 1},
        ]


class TestServices:
    def test_repeats_of_an_applicant_within_the_hour_count_once(self) -> None:
        events = []
        for number, minute in (("a", 0), ("b", 40), ("c", 70)):
            asked = wib("2026-11-13T09:00") + minute * MINUTE
            events += [
                event(
                    "service.requested", asked, "sipaten", case_id=number, service_code="ktp",
                    applicant_key="p1:a",
                ),
                event(
                    "service.completeness_decided", asked + MINUTE, "sipaten", case_id=number,
                    complete=True,
                ),
            ]  # fmt: skip
        assert len({route(name, 4) for name in "abc"}) > 1
        found = row(told([(FRIDAY + DAY, events)], partitions=4), SERVICES, "1d", FRIDAY)
        assert (found.numerator, found.denominator) == (0, 2)

    @pytest.mark.parametrize(("after", "hit"), [(0, 1), (1, 0)])
    def test_decided_on_the_dot_is_on_time_and_a_microsecond_later_is_not(
        self, after: int, hit: int
    ) -> None:
        asked, due = wib("2026-11-13T09:00"), wib("2026-11-20T23:59:59.999")
        events = [
            event("service.requested", asked, "sipaten", case_id="a", service_code="ktp"),
            event(
                "service.completeness_decided", asked, "sipaten", case_id="a", complete=True
            ),
            event("service.decided", due + after, "sipaten", case_id="a", outcome="issued"),
        ]  # fmt: skip
        found = row(told([(FRIDAY + DAY, events)]), SERVICES, "1d", FRIDAY)
        assert (found.numerator, found.denominator) == (hit, 1)

    def test_a_withdrawn_request_is_left_out(self) -> None:
        asked = wib("2026-11-13T09:00")
        events = [
            event("service.requested", asked, "sipaten", case_id="a", service_code="ktp"),
            event(
                "service.completeness_decided", asked, "sipaten", case_id="a", complete=True
            ),
            event("service.withdrawn", asked + HOUR, "sipaten", case_id="a"),
        ]  # fmt: skip
        found = row(told([(FRIDAY + DAY, events)]), SERVICES, "1d", FRIDAY)
        assert (found.denominator, found.excluded) == (0, {"withdrawn": 1})


class TestTriangulation:
    camera = event(
        "ref.camera", wib("2026-11-01T09:00"), "city", camera_id="c1", nominal_fps=10.0,
        in_service=True, lat=PLACE[0] + 90 * METRE, lon=PLACE[1],
    )  # fmt: skip
    detected = event(
        "cctv.detected", at("12:12"), "frigate", camera_id="c1", label="accident", count=1
    )

    def complaint(self, number: str, source: str, **fields: Value) -> Event:
        return event(
            "complaint.submitted", at("12:00"), source, "", case_id=number,
            category="kecelakaan", lat=PLACE[0], lon=PLACE[1], **fields,
        )  # fmt: skip

    def found(self, *events: Event) -> KpiRow:
        said = told([(FRIDAY + DAY, [self.camera, *events])], partitions=4)
        return row(said, TRIANGULATED, "1d", FRIDAY)

    def test_g13_a_call_keyed_in_again_is_not_corroborated_until_a_camera_sees_it(self) -> None:
        call = self.complaint("call112:1", "call112")
        copy = self.complaint("sikesal:1", "sikesal", origin_ref="call112:1")
        alone = self.found(call, copy)
        assert (alone.numerator, alone.denominator) == (0, 1)
        seen = self.found(call, copy, self.detected)
        assert (seen.numerator, seen.denominator, seen.value) == (1, 1, "100.00")

    def test_where_no_camera_stands_nothing_is_counted(self) -> None:
        events = [self.complaint("1", "sikesal")]
        found = row(told([(FRIDAY + DAY, events)]), TRIANGULATED, "1d", FRIDAY)
        assert found.denominator == 0

    def test_a_claim_without_a_place_is_told_as_unlocated(self) -> None:
        lost = event(
            "field.observed", at("12:00"), "field", observation_id="o", incident_class="accident"
        )
        assert self.found(lost).excluded == {"unlocated": 1}

    def test_a_camera_that_is_registered_later_makes_known_claims_count(self) -> None:
        report = self.complaint("1", "sikesal")
        said = told([(FRIDAY + DAY, [report]), (FRIDAY + DAY + MINUTE, [self.camera])], 4)
        found = row(said, TRIANGULATED, "1d", FRIDAY)
        assert (found.denominator, found.revision) == (1, 1)


class TestCameras:
    def beat(self, minute: int) -> Event:
        when = at("10:00") + minute * MINUTE
        return event("cctv.heartbeat", when, "frigate", camera_id="c1", camera_fps=10.0)

    def test_minutes_in_which_the_collector_was_silent_count_on_neither_side(self) -> None:
        events = [
            TestTriangulation.camera,
            *(self.beat(n) for n in range(3)),
            *(event("source.heartbeat", at(f"10:0{n}"), "frigate") for n in (0, 1, 3)),
        ]
        said = told([(at("10:05"), events)], partitions=4)
        found = row(said, "cctv_availability_pct", "5min", at("10:00"))
        assert (found.numerator, found.denominator, found.status) == (2, 3, Status.OK)

    def test_an_unregistered_camera_is_told_and_not_counted(self) -> None:
        events = [self.beat(0), event("source.heartbeat", at("10:00"), "frigate")]
        found = row(told([(at("10:05"), events)]), "cctv_availability_pct", "5min", at("10:00"))
        assert (found.denominator, found.excluded) == (0, {"unregistered": 1})


class TestRevisions:
    def said(self, *segments: tuple[int, Iterable[Event]]) -> list[KpiRow | Restatement]:
        return told(segments, partitions=4)

    def test_a_late_event_makes_the_next_revision(self) -> None:
        filed, done = case("1", ("submitted", "2026-11-02T10:00"), ("resolved", "2026-11-03T10:00"))
        said = self.said((FRIDAY + DAY, [filed]), (FRIDAY + DAY + HOUR, [done]))
        revisions = [
            (r.revision, r.value) for r in said if isinstance(r, KpiRow)
            and r.identity == (NATIONAL, "1d", "city", "city", FRIDAY)
        ]  # fmt: skip
        assert revisions == [(0, "0.00"), (1, "100.00")]

    def test_an_event_after_finality_is_a_restatement(self) -> None:
        filed, done = case("1", ("submitted", "2026-11-02T10:00"), ("resolved", "2026-11-03T10:00"))
        said = self.said((FRIDAY + 60 * DAY, [filed]), (FRIDAY + 60 * DAY + HOUR, [done]))
        assert row(said, NATIONAL, "1d", FRIDAY).value == "0.00"
        restated = {r.row.identity: r.row.value for r in said if isinstance(r, Restatement)}
        assert restated[NATIONAL, "1d", "city", "city", FRIDAY] == "100.00"

    def test_a_case_that_changes_hands_leaves_its_first_agency(self) -> None:
        filed, forwarded = case(
            "1",
            ("submitted", "2026-11-02T10:00", {"opd": "dlh"}),
            ("forwarded", "2026-11-03T10:00", {"opd": "pupr"}),
        )
        said = self.said((FRIDAY + DAY, [filed]), (FRIDAY + DAY + HOUR, [forwarded]))
        counts = {
            opd: row(said, NATIONAL, "1d", FRIDAY, ("opd", opd)).denominator
            for opd in ("dlh", "pupr")
        }
        assert counts == {"dlh": 0, "pupr": 1}

    def test_nothing_at_all_is_published_as_silence(self) -> None:
        found = newest(self.said((FRIDAY + DAY, [])))
        statuses = {r.kpi: r.status for r in found.values() if r.window == "1d"}
        assert statuses.pop("kpi_evidence_completeness_pct") is Status.NO_DATA
        assert set(statuses.values()) == {Status.NOT_INTEGRATED}


def test_the_route_of_a_name_is_the_same_in_every_year() -> None:
    assert [route(text, 4) for text in ("accident", "flood", "p1:a|ktp")] == [3, 3, 2]
