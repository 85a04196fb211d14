"""What follows from the events of one complaint."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations

import pytest

from core import moment
from core.calendar import SHIPPED
from core.complaints import Complaint
from core.events import Event, Value
from tests.core.stories import Step, case, event, wib

SUBMITTED = ("submitted", "2026-11-02T10:00")
DUE_14 = wib("2026-11-20T23:59:59.999")


def complaint(*steps: Step) -> Complaint:
    made = Complaint.of(case("1", *steps))
    assert made is not None
    return made


def verified(when: str, verdict: str, **fields: Value) -> tuple[str, str, Mapping[str, Value]]:
    return "verified", when, {"verdict": verdict, **fields}


def spans(*steps: Step) -> list[tuple[str, str]]:
    """Open spans as local days and hours, `-` for still open."""
    return [
        (_local(start), "-" if end is None else _local(end))
        for start, end in complaint(*steps).open_spans()
    ]


def _local(when: int) -> str:
    return moment.to_datetime(when + moment.WIB).strftime("%m-%dT%H:%M")


def test_without_its_submission_there_is_no_case_yet() -> None:
    assert Complaint.of(case("1", ("resolved", "2026-11-03T10:00"))) is None


def test_events_count_by_their_time_not_by_their_arrival() -> None:
    events = case(
        "1", SUBMITTED, ("resolved", "2026-11-03T10:00"), ("reopened", "2026-11-04T10:00"),
        ("resolved", "2026-11-05T10:00"),
    )  # fmt: skip
    found = {c.resolved_at for p in permutations(events) if (c := Complaint.of(p))}
    assert found == {wib("2026-11-05T10:00")}


class TestDue:
    def test_an_unverified_case_has_14_working_days_from_submission(self) -> None:
        assert complaint(SUBMITTED).due_at == DUE_14

    def test_a_verdict_starts_the_clock(self) -> None:
        made = complaint(SUBMITTED, verified("2026-11-03T10:00", "valid"))
        assert made.due_at == wib("2026-11-23T23:59:59.999")

    @pytest.mark.parametrize(
        ("sla_class", "due"),
        [("info", "2026-03-27"), ("non_supervisory", "2026-04-10"), ("supervisory", "2026-06-24")],
    )
    def test_the_class_sets_5_14_or_60_days(self, sla_class: str, due: str) -> None:
        made = complaint(
            ("submitted", "2026-03-11T10:00"),
            verified("2026-03-13T10:00", "valid", sla_class=sla_class),
        )
        assert made.due_at == wib(f"{due}T23:59:59.999")

    def test_an_unknown_class_has_14_days(self) -> None:
        made = complaint(SUBMITTED, verified("2026-11-02T11:00", "valid", sla_class="vip"))
        assert made.due_at == DUE_14

    def test_a_request_for_information_has_5_days_until_a_verdict_says_otherwise(self) -> None:
        asked = ("submitted", "2026-11-02T10:00", {"kind": "info"})
        assert complaint(asked).due_at == wib("2026-11-09T23:59:59.999")
        judged = verified("2026-11-02T11:00", "valid", sla_class="non_supervisory")
        assert complaint(asked, judged).due_at == DUE_14

    def test_an_incomplete_file_stops_the_clock(self) -> None:
        made = complaint(SUBMITTED, verified("2026-11-03T10:00", "incomplete"))
        assert (made.complete_at, made.due_at) == (None, None)

    def test_the_reporters_completion_starts_it_anew(self) -> None:
        made = complaint(
            SUBMITTED,
            verified("2026-11-03T10:00", "incomplete"),
            ("completed_by_reporter", "2026-11-09T10:00"),
        )
        assert made.complete_at == wib("2026-11-09T10:00")

    def test_a_valid_verdict_outranks_the_reporters_completion(self) -> None:
        made = complaint(
            SUBMITTED,
            verified("2026-11-03T10:00", "incomplete"),
            ("completed_by_reporter", "2026-11-09T10:00"),
            verified("2026-11-10T10:00", "valid"),
            verified("2026-11-11T10:00", "valid"),
        )
        assert made.complete_at == wib("2026-11-10T10:00")

    def test_a_promise_of_the_source_replaces_the_national_limit(self) -> None:
        promise = wib("2026-11-05T12:00")
        made = complaint(
            ("submitted", "2026-11-02T10:00", {"sla_basis": "source", "due_at": promise})
        )
        assert made.due_at == promise

    def test_a_source_without_a_promise_leaves_no_due_instant(self) -> None:
        made = complaint(("submitted", "2026-11-02T10:00", {"sla_basis": "source"}))
        assert (made.due_at, made.complete_at) == (None, wib("2026-11-02T10:00"))

    def test_a_due_instant_counts_only_where_the_source_sets_the_promise(self) -> None:
        made = complaint(("submitted", "2026-11-02T10:00", {"due_at": wib("2026-11-05T12:00")}))
        assert made.due_at == DUE_14


class TestResolution:
    def test_an_objection_undoes_it(self) -> None:
        made = complaint(
            SUBMITTED, ("resolved", "2026-11-03T10:00"), ("reopened", "2026-11-04T10:00")
        )
        assert made.resolved_at is None

    def test_the_last_one_counts(self) -> None:
        made = complaint(
            SUBMITTED,
            ("resolved", "2026-11-03T10:00"),
            ("reopened", "2026-11-04T10:00"),
            ("resolved", "2026-11-06T10:00"),
        )
        assert made.resolved_at == wib("2026-11-06T10:00")

    def test_without_an_objection_the_later_of_two_counts_too(self) -> None:
        made = complaint(
            SUBMITTED, ("resolved", "2026-11-03T10:00"), ("resolved", "2026-11-06T10:00")
        )
        assert made.resolved_at == wib("2026-11-06T10:00")

    def test_an_objection_in_the_last_instant_of_the_tenth_working_day_counts(self) -> None:
        made = Complaint.of(_reopened(_last_objection()))
        assert made is not None
        assert made.resolved_at is None

    def test_an_objection_after_that_instant_is_too_late(self) -> None:
        made = Complaint.of(_reopened(_last_objection() + 1))
        assert made is not None
        assert made.resolved_at == wib("2026-11-03T10:00")


def _last_objection() -> int:
    return wib("2026-11-17T23:59:59.999")


def _reopened(when: int) -> list[Event]:
    return [
        *case("1", SUBMITTED, ("resolved", "2026-11-03T10:00")),
        event("complaint.reopened", when, case_id="1"),
    ]


class TestLeftOut:
    @pytest.mark.parametrize("what", ["rejected", "withdrawn", "archived"])
    def test_an_ending_without_solution(self, what: str) -> None:
        assert complaint(SUBMITTED, (what, "2026-11-03T10:00")).left_out == what

    @pytest.mark.parametrize("kind", ["wbs", "aspiration"])
    def test_what_is_no_complaint(self, kind: str) -> None:
        assert complaint(("submitted", "2026-11-02T10:00", {"kind": kind})).left_out == kind

    def test_a_question_is_counted(self) -> None:
        assert complaint(("submitted", "2026-11-02T10:00", {"kind": "info"})).left_out is None

    def test_a_linked_duplicate(self) -> None:
        assert complaint(SUBMITTED, _linked("2026-11-02T11:00")).left_out == "duplicate"

    def test_an_unlinked_one_counts_again(self) -> None:
        made = complaint(
            SUBMITTED, _linked("2026-11-02T11:00"), ("duplicate_unlinked", "2026-11-02T12:00")
        )
        assert made.left_out is None

    def test_a_copy_from_another_channel(self) -> None:
        copy = ("submitted", "2026-11-02T10:00", {"origin_ref": "call112:7"})
        assert complaint(copy).left_out == "duplicate"


def _linked(when: str) -> tuple[str, str, Mapping[str, Value]]:
    return "duplicate_linked", when, {"master_case_id": "0"}


class TestOpenSpans:
    def test_an_unverified_case_is_open_from_its_submission(self) -> None:
        assert spans(SUBMITTED) == [("11-02T10:00", "-")]

    def test_a_verified_one_from_its_verdict(self) -> None:
        steps = (SUBMITTED, verified("2026-11-03T10:00", "valid"))
        assert spans(*steps) == [("11-03T10:00", "-")]

    def test_waiting_for_the_reporter_is_not_open(self) -> None:
        steps = (
            SUBMITTED, verified("2026-11-03T10:00", "valid"),
            verified("2026-11-04T10:00", "incomplete"),
            ("completed_by_reporter", "2026-11-06T10:00"),
        )  # fmt: skip
        assert spans(*steps) == [("11-03T10:00", "11-04T10:00"), ("11-06T10:00", "-")]

    @pytest.mark.parametrize("what", ["resolved", "closed", "rejected", "withdrawn", "archived"])
    def test_ends(self, what: str) -> None:
        steps = (SUBMITTED, (what, "2026-11-03T10:00"))
        assert spans(*steps) == [("11-02T10:00", "11-03T10:00")]

    def test_an_objection_opens_it_again(self) -> None:
        steps = (SUBMITTED, ("resolved", "2026-11-03T10:00"), ("reopened", "2026-11-04T10:00"))
        assert spans(*steps) == [("11-02T10:00", "11-03T10:00"), ("11-04T10:00", "-")]

    def test_a_late_objection_does_not(self) -> None:
        steps = (SUBMITTED, ("resolved", "2026-11-03T10:00"), ("reopened", "2026-11-18T00:00"))
        assert spans(*steps) == [("11-02T10:00", "11-03T10:00")]

    def test_an_objection_to_nothing_does_not(self) -> None:
        assert spans(SUBMITTED, ("reopened", "2026-11-03T10:00")) == [("11-02T10:00", "-")]

    def test_after_its_close_nothing_opens_it(self) -> None:
        steps = (
            SUBMITTED, ("resolved", "2026-11-03T10:00"), ("closed", "2026-11-04T10:00"),
            ("reopened", "2026-11-05T10:00"),
        )  # fmt: skip
        assert spans(*steps) == [("11-02T10:00", "11-03T10:00")]

    def test_a_link_that_was_undone_never_ended_it(self) -> None:
        steps = (SUBMITTED, _linked("2026-11-02T11:00"), ("duplicate_unlinked", "2026-11-02T12:00"))
        assert spans(*steps) == [("11-02T10:00", "-")]


class TestScopes:
    def test_the_agency_is_the_one_that_holds_it_last(self) -> None:
        made = complaint(
            SUBMITTED,
            ("forwarded", "2026-11-03T10:00", {"opd": "dlh"}),
            ("assigned", "2026-11-04T10:00", {"opd": "pupr"}),
        )
        assert made.scopes["opd"] == "pupr"

    def test_a_kelurahan_names_its_kecamatan(self) -> None:
        made = complaint(("submitted", "2026-11-02T10:00", {"kelurahan_code": "15.71.07.1011"}))
        assert (made.scopes["kecamatan"], made.scopes["kelurahan"]) == (
            "15.71.07",
            "15.71.07.1011",
        )

    def test_what_is_not_known_is_named_so(self) -> None:
        assert complaint(SUBMITTED).scopes == {
            "city": "city",
            "opd": "unassigned",
            "channel": "sikesal",
            "category": "unknown",
            "kecamatan": "unlocated",
            "kelurahan": "unlocated",
        }


@pytest.mark.parametrize(
    ("category", "hours"), [("sampah", 24), ("parkir_liar", 48), ("jalan", 72), (None, 72)]
)
def test_sikesal_promises_hours_of_wall_clock(category: str | None, hours: int) -> None:
    friday = ("submitted", "2026-11-20T16:00", {"category": category})
    assert complaint(friday).sikesal_due_at == wib("2026-11-20T16:00") + hours * moment.HOUR


def test_the_limit_of_a_sikesal_case_is_not_its_national_one() -> None:
    made = complaint(SUBMITTED)
    assert made.due_at == SHIPPED.due(made.submitted_at, 14).at != made.sikesal_due_at
