"""Which version of a table judges a case: the newest while it is open, then the one it kept."""

from __future__ import annotations

from itertools import permutations

import pytest

from core.events import Event
from core.fold import Fold
from core.law import SHIPPED, Law, Recomputed
from core.moment import WIB, to_datetime
from core.restatements import Restatement
from core.rows import KpiRow
from tests.core.stories import Step, case, event, loaded, newest, told, wib

RESOLUTION = "complaint_resolution_on_time_pct"
FILED: Step = ("submitted", "2026-11-20T10:00", {"kind": "info"})
"""A Friday; five working days later it is the 27th."""
CHANGED = "2026-11-23T08:00"
ANOTHER = loaded("calendar", wib(CHANGED), "skb.2", kota={"2026": ["11-24"]})
"""The Tuesday is free too: five working days end on Monday the 30th."""
OLD, NEW = "2026-11-27", "2026-11-30"
LONG_AFTER = wib("2026-12-31T00:00")


def rows(events: list[Event], tick: int = LONG_AFTER) -> dict[str, KpiRow]:
    """Day rows of the city with anybody in them, by day."""
    found = newest(told([(tick, events)]))
    return {
        day: row
        for (kpi, kind, scope, _, start), row in found.items()
        if (kpi, kind, scope) == (RESOLUTION, "1d", "city")
        for day in [_day(start)]
        if row.denominator or row.status == "not_computable"
    }


def counted(segments: list[tuple[int, list[Event]]]) -> dict[object, object]:
    """Last numbers of the windows with a case in them."""
    found = newest(told([*segments, (LONG_AFTER + 1, [])]))
    return {i: (r.numerator, r.denominator, r.status) for i, r in found.items() if r.numerator}


def _day(start: int) -> str:
    return str(to_datetime(start + WIB).date())


@pytest.mark.parametrize(
    ("steps", "due", "on_time"),
    [
        pytest.param([], NEW, 0, id="open until now"),
        pytest.param([("resolved", "2026-11-30T10:00")], NEW, 1, id="resolved afterwards, in time"),
        pytest.param([("resolved", "2026-11-22T10:00")], OLD, 1, id="resolved before"),
        pytest.param([("resolved", CHANGED)], NEW, 1, id="resolved in the same instant"),
        pytest.param(
            [("resolved", "2026-11-22T10:00"), ("reopened", "2026-11-25T10:00")], NEW, 0,
            id="resolved before, and opened again",
        ),
    ],
)  # fmt: skip
def test_a_changed_calendar_moves_the_due_date_of_cases_that_were_open(
    steps: list[Step], due: str, on_time: int
) -> None:
    found = rows([*case("1", FILED, *steps), ANOTHER])
    assert {day: row.numerator for day, row in found.items()} == {due: on_time}


@pytest.mark.parametrize(
    ("kpi", "due"),
    [
        ("complaint_verification_on_time_pct", "2026-11-25"),
        ("complaint_first_response_on_time_pct", OLD),
    ],
)
def test_a_clock_that_nobody_stopped_ran_until_the_case_was_over(kpi: str, due: str) -> None:
    handed: list[Step] = [("forwarded", "2026-11-20T11:00", {"opd": "dlh"})]
    withdrawn: Step = ("withdrawn", "2026-11-22T10:00")
    over = case("1", FILED, *(handed if "response" in kpi else []), withdrawn)
    found = newest(told([(LONG_AFTER, [*over, ANOTHER])]))
    days = {_day(i[4]) for i, row in found.items() if i[:3] == (kpi, "1d", "city") and row.excluded}
    assert days == {due}


@pytest.mark.long
def test_when_it_arrives_does_not_matter() -> None:
    events = [*case("1", FILED, ("resolved", "2026-11-30T10:00")), ANOTHER]
    assert {repr(rows(list(order))) for order in permutations(events)} == {repr(rows(events))}
    early, late = wib("2026-12-01T00:00"), LONG_AFTER
    assert counted([(early, events[:-1]), (late, [ANOTHER])]) == counted([(early, events)])


def test_each_recomputation_is_told_once() -> None:
    fold = Fold()
    for one in case("1", FILED):
        fold.apply(one)
    assert fold.close(wib("2026-11-21T00:00")).recomputed == ()
    fold.apply(ANOTHER)
    moved = Recomputed(
        "1", "resolution", wib(f"{OLD}T23:59:59.999"), wib(f"{NEW}T23:59:59.999"),
        wib(CHANGED), "skb.2",
    )  # fmt: skip
    assert fold.close(wib("2026-11-24T00:00")).recomputed == (moved,)
    fold.apply(*case("1", ("progressed", "2026-11-24T10:00")))
    assert fold.close(wib("2026-11-25T00:00")).recomputed == ()
    assert fold.recomputed() == [moved]


def test_a_fold_that_comes_back_tells_nothing_again() -> None:
    fold, again = Fold(), Fold()
    for one in [*case("1", FILED), ANOTHER]:
        fold.apply(one)
    closed = fold.close(wib("2026-11-24T00:00"))
    for entity, events in closed.changed.items():
        again.restore(entity, events, closed.tick)
    again.restored(closed.tick)
    assert closed.recomputed
    assert again.close(wib("2026-11-25T00:00")).recomputed == ()
    assert again.recomputed() == fold.recomputed()


def test_a_request_for_information_and_one_for_a_service_are_recomputed_too() -> None:
    fold = Fold()
    for one in (
        event("info.received", wib("2026-11-20T10:00"), "ppid", case_id="i", opd="dlh"),
        event("service.requested", wib("2026-11-20T10:00"), "sipaten", case_id="s",
              service_code="ktp"),
        event("service.completeness_decided", wib("2026-11-20T11:00"), "sipaten", case_id="s",
              complete=True),
        ANOTHER,
    ):  # fmt: skip
        fold.apply(one)
    told_of = fold.close(LONG_AFTER).recomputed
    assert {(one.case, one.clock) for one in told_of} == {("i", "answer"), ("s", "decision")}


class TestUnknownYear:
    filed: Step = ("submitted", "2026-12-29T10:00", {"kind": "info"})
    tick = wib("2027-01-12T00:00")
    decree = loaded(
        "calendar", wib("2027-01-11T08:00"), "skb.2027",
        non_working={"2026": ["12-24", "12-25"], "2027": ["01-01"]},
    )  # fmt: skip

    def test_what_would_fall_due_in_it_is_not_computable(self) -> None:
        found = rows(case("1", self.filed, ("resolved", "2026-12-30T10:00")), self.tick)
        assert {row.status for row in found.values()} == {"not_computable"}
        assert {row.value for row in found.values()} == {None}
        # Without any holiday the fifth working day would be the 5th.
        assert min(found) == "2027-01-05"
        assert max(found) == "2027-01-11"

    def test_what_fell_due_before_it_is_computed(self) -> None:
        before: Step = ("submitted", "2026-12-14T10:00", {"kind": "info"})
        found = rows([*case("1", self.filed), *case("2", before)], self.tick)
        assert found["2026-12-21"].status == "ok"
        assert found["2026-12-21"].denominator == 1

    def test_its_decree_settles_it_even_for_what_was_closed_before(self) -> None:
        steps = case("1", self.filed, ("resolved", "2026-12-30T10:00"))
        said = told([(self.tick, steps), (self.tick + 1, [self.decree])])
        day = (RESOLUTION, "1d", "city", "city", wib("2027-01-06T00:00"))
        row = newest(said)[day]
        assert (row.numerator, row.denominator, row.status) == (1, 1, "ok")
        statuses = {
            r.status for i, r in newest(said).items() if i[:3] == (RESOLUTION, "1d", "city")
        }
        assert "not_computable" not in statuses

    def test_no_row_becomes_final_by_a_guess(self) -> None:
        end_of_year = case("1", ("submitted", "2026-12-14T10:00", {"kind": "info"}))
        row = newest(told([(wib("2027-03-01T00:00"), end_of_year)]))[
            RESOLUTION, "1d", "city", "city", wib("2026-12-21T00:00")
        ]
        assert row.finality == "provisional"
        early = newest(told([(wib("2027-03-01T00:00"), [*end_of_year, self.decree])]))
        assert early[row.identity].finality == "final"

    def test_the_backlog_is_unknown_from_the_earliest_due_instant_on(self) -> None:
        found = newest(told([(self.tick, case("1", self.filed))]))
        days = {
            _day(i[4]): row for i, row in found.items()
            if i[:4] == ("complaint_overdue_backlog_pct", "1d", "city", "city")
        }  # fmt: skip
        assert (days["2027-01-04"].denominator, days["2027-01-04"].status) == (1, "ok")
        assert days["2027-01-05"].status == "not_computable"

    def test_an_objection_of_which_nobody_knows_whether_it_came_in_time_settles_nothing(
        self,
    ) -> None:
        steps = case(
            "1", ("submitted", "2026-12-14T10:00", {"kind": "info"}),
            ("resolved", "2026-12-18T10:00"), ("reopened", "2027-01-08T10:00"),
        )  # fmt: skip
        found = rows(steps, self.tick)
        assert found["2026-12-21"].status == "not_computable"
        assert rows([*steps, self.decree], self.tick)["2026-12-21"].status == "ok"


class TestVersions:
    def test_shipped_are_in_force_until_another_is_loaded(self) -> None:
        law = Law.told_by([ANOTHER])
        assert law.at(wib(CHANGED) - 1).versions == SHIPPED.newest.versions
        assert dict(law.at(wib(CHANGED)).versions)["calendar"] == "skb.2"
        assert law.at(None) is law.newest

    def test_of_two_contents_of_one_version_the_first_is_in_force(self) -> None:
        other = loaded("calendar", wib(CHANGED) + 1, "skb.2", kota={"2026": ["11-25"]})
        law = Law.told_by([other, ANOTHER])
        assert len(law.stands) == 2
        assert law.newest.calendar.table.kota == {"2026": ["11-24"]}

    def test_the_shipped_version_with_other_content_never_is(self) -> None:
        forged = loaded(
            "calendar", wib(CHANGED), SHIPPED.newest.calendar.version, kota={"2026": ["11-24"]}
        )
        assert Law.told_by([forged]).stands == SHIPPED.stands

    def test_a_content_that_is_no_table_never_is(self) -> None:
        bad = event("ref.calendar", wib(CHANGED), "jcoc", version="x", content="{}")
        assert Law.told_by([bad]).stands == SHIPPED.stands

    def test_the_definition_of_a_row_names_what_was_in_force_at_its_end(self) -> None:
        said = told([(wib("2026-11-26T00:00"), [*case("1", FILED), ANOTHER])])
        days = {
            _day(i[4]): row.definition for i, row in newest(said).items()
            if i[:4] == (RESOLUTION, "1d", "city", "city")
        }  # fmt: skip
        assert days["2026-11-21"] == days["2026-11-20"] != days["2026-11-24"]

    def test_a_row_that_is_final_is_not_told_again_when_a_version_comes(self) -> None:
        old = case("1", ("submitted", "2026-10-01T10:00", {"kind": "info"}))
        said = told([(wib("2026-11-23T00:00"), old), (wib("2026-11-24T00:00"), [ANOTHER])])
        assert not [one for one in said if isinstance(one, Restatement)]
