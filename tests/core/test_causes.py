"""Who moved a final number: named with each restatement (convention C5)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import moment
from core.causes import NAMED, Causes, Movers
from core.cells import CellKey, Counters, Share
from core.events import Event, Value
from core.kpis import by_id
from core.ledger import part
from core.moment import DAY, HOUR
from core.restatements import Restated, Restatement, quarter_of
from core.rows import KpiRow
from tests.core.stories import Identity, case, event, loaded, row, told, wib

RESOLUTION = "complaint_resolution_on_time_pct"
BACKLOG = "complaint_overdue_backlog_pct"
FRIDAY = wib("2026-11-20T00:00")
FINAL = FRIDAY + 20 * DAY
"""72 hours and ten working days after that day, and a little."""
Segment = tuple[int, list[Event]]


def restated(said: list[KpiRow | Restatement]) -> dict[Identity, Restatement]:
    return {one.row.identity: one for one in said if isinstance(one, Restatement)}


def filed(number: str) -> tuple[Event, Event]:
    """A complaint that falls due on that Friday, and its answer in time."""
    first, done = case(number, ("submitted", "2026-11-02T10:00"), ("resolved", "2026-11-03T10:00"))
    return first, done


class TestOfCases:
    def test_the_case_whose_answer_came_too_late_is_named(self) -> None:
        (one, late), (two, done) = filed("1"), filed("2")
        said = told([(FINAL, [one, two, done]), (FINAL + HOUR, [late])])
        found = restated(said)[RESOLUTION, "1d", "city", "city", FRIDAY]
        assert (found.row.numerator, found.row.denominator) == (2, 2)
        assert found.causes == Causes(("complaint:1",))

    def test_a_case_that_left_a_final_window_is_named_too(self) -> None:
        (one, _), (two, done) = filed("1"), filed("2")
        away = event("complaint.withdrawn", wib("2026-11-04T10:00"), case_id="1")
        said = told([(FINAL, [one, two, done]), (FINAL + HOUR, [away])])
        found = restated(said)[RESOLUTION, "1d", "city", "city", FRIDAY]
        assert found.row.denominator == 1
        assert found.causes == Causes(("complaint:1",))

    def test_a_case_that_came_to_another_window_is_not_named(self) -> None:
        (one, late), other = filed("1"), case("2", ("submitted", "2026-11-03T10:00"))
        answer = event("complaint.resolved", wib("2026-11-04T10:00"), case_id="2")
        much_later = FINAL + 20 * DAY
        said = told([(much_later, [one, *other]), (much_later + HOUR, [late, answer])])
        found = restated(said)
        assert found[RESOLUTION, "1d", "city", "city", FRIDAY].causes.names == ("complaint:1",)
        week = [one for i, one in found.items() if i[:3] == (RESOLUTION, "28d", "city")]
        assert {("complaint:1", "complaint:2")} <= {one.causes.names for one in week}

    def test_another_scope_names_its_own(self) -> None:
        (one, late), (two, also) = filed("1"), filed("2")
        here = event("complaint.submitted", one.occurred_at, opd="dlh", case_id="1")
        there = event("complaint.submitted", two.occurred_at, opd="pupr", case_id="2")
        found = restated(told([(FINAL, [here, there]), (FINAL + HOUR, [late, also])]))
        names = {i[3]: one.causes.names for i, one in found.items()
                 if i[:3] == (RESOLUTION, "1d", "opd") and i[4] == FRIDAY}  # fmt: skip
        assert names == {"dlh": ("complaint:1",), "pupr": ("complaint:2",)}

    def test_a_case_that_left_a_scope_is_named_there_and_where_it_came_to(self) -> None:
        one = event("complaint.submitted", filed("1")[0].occurred_at, case_id="1", opd="dlh")
        late = event("complaint.forwarded", wib("2026-11-03T10:00"), case_id="1", opd="pupr")
        found = restated(told([(FINAL, [one]), (FINAL + HOUR, [late])]))
        cells = {i[3]: one.causes.names for i, one in found.items()
                 if i[:3] == (RESOLUTION, "1d", "opd") and i[4] == FRIDAY}  # fmt: skip
        assert cells["dlh"] == ("complaint:1",)

    @pytest.mark.parametrize("partitions", [1, 4])
    def test_of_many_the_first_are_named_and_that_there_are_more(self, partitions: int) -> None:
        pairs = [filed(f"{number:02}") for number in range(NAMED + 1)]
        said = told(
            [(FINAL, [p[0] for p in pairs]), (FINAL + HOUR, [p[1] for p in pairs])], partitions
        )
        causes = restated(said)[RESOLUTION, "1d", "city", "city", FRIDAY].causes
        assert causes == Causes(tuple(f"complaint:{n:02}" for n in range(NAMED)), more=True)

    def test_a_snapshot_names_who_was_open_long_before_it(self) -> None:
        (one, late), (two, _) = filed("1"), filed("2")
        said = told([(FINAL, [one, two]), (FINAL + HOUR, [late])])
        days = [one for i, one in restated(said).items() if i[:2] == (BACKLOG, "1d")]
        assert days
        assert {one.causes.names for one in days} == {("complaint:1",)}


class TestOfOthers:
    def test_a_heartbeat_names_its_source(self) -> None:
        beat = event("source.heartbeat", FRIDAY + 10 * HOUR, "sikesal")
        first = event("source.heartbeat", FRIDAY - DAY, "sikesal")
        kpi = "cctv_availability_pct"
        mine = event("source.heartbeat", FRIDAY + 10 * HOUR, "frigate")
        ticks = [(FRIDAY + DAY, [first]), (FRIDAY + 2 * DAY, []), (FRIDAY + 3 * DAY, [beat, mine])]
        found = restated(told(ticks))
        assert found[kpi, "1d", "city", "city", FRIDAY].causes.names == ("source:frigate",)

    def test_a_table_names_itself_and_not_the_cases_that_it_judges(self) -> None:
        one, _ = filed("1")
        days = {"info": 5, "non_supervisory": 20, "supervisory": 60}
        later = loaded("sla", FRIDAY - 30 * DAY, "late", resolution_days=days)
        found = restated(told([(FINAL, [one]), (FINAL + HOUR, [later])]))
        assert found[RESOLUTION, "1d", "city", "city", FRIDAY].row.denominator == 0
        causes = found[RESOLUTION, "1d", "city", "city", FRIDAY].causes
        assert causes.names == ("ref.sla:late",)

    def test_a_closure_names_the_report_that_contradicts_it(self) -> None:
        place: dict[str, Value] = {"category": "jalan_rusak", "lat": -1.61, "lon": 103.61}
        closed = case(
            "1",
            ("submitted", "2026-11-18T10:00", {"reporter_key": "p1:a", **place}),
            ("resolved", "2026-11-20T10:00"),
        )
        again, other = (
            event(
                "complaint.submitted",
                FRIDAY + DAY,
                "sikesal",
                "",
                case_id=number,
                reporter_key="p1:b",
                **given,
            )
            for number, given in (("2", place), ("3", place | {"category": "sampah"}))
        )
        then = FINAL + 20 * DAY
        found = restated(told([(then, closed), (then + HOUR, [again, other])], 2))
        # It counts when the seven days in which it may be contradicted are over.
        one = found["tri_false_closure_pct", "1d", "city", "city", FRIDAY + 7 * DAY]
        assert (one.row.numerator, one.row.denominator) == (1, 1)
        assert one.causes.names == ("report:2",)

    def test_a_request_names_itself_and_not_that_of_another_applicant(self) -> None:
        when = FRIDAY - 7 * DAY

        def request(number: str) -> tuple[Event, Event, Event]:
            given: dict[str, Value] = {"service_code": "domisili", "applicant_key": f"p1:{number}"}
            made = (
                event(f"service.{step}", when, "sipaten", case_id=number, **fields)
                for step, fields in (
                    ("requested", given), ("completeness_decided", {"complete": True}),
                    ("decided", {"outcome": "issued"}),
                )
            )  # fmt: skip
            asked, complete, decided = made
            return asked, complete, decided

        (*one, late), two = request("1"), request("2")
        found = restated(told([(FINAL, [*one, *two]), (FINAL + HOUR, [late])], 3))
        names = {one.causes.names for i, one in found.items() if i[0] == "sipaten_on_time_pct"}
        assert names == {("request:1",)}


class TestMovers:
    KPI = by_id()[RESOLUTION]
    FIRST = FRIDAY + DAY + 72 * HOUR + 10 * DAY
    """The first instant at which a row of that Friday could be final, if all days were working."""

    def noted(self, old: dict[int, Counters], new: dict[int, Counters], tick: int) -> list[CellKey]:
        movers = Movers()
        before, after = (
            [part(self.KPI, {"city": "city"}, [Share(start, c)]) for start, c in told.items()]
            for told in (old, new)
        )
        movers.note(before, after, ["complaint:1"], tick)
        return list(movers.take())

    @pytest.mark.parametrize(("tick", "noted"), [(FIRST - 1, 0), (FIRST, 1)])
    def test_what_no_final_row_can_hold_is_not_noted(self, tick: int, noted: int) -> None:
        assert len(self.noted({}, {FRIDAY: {"d": 1}, FRIDAY + DAY: {"d": 1}}, tick)) == noted

    def test_a_cell_that_stays_as_it_was_is_not_noted(self) -> None:
        old, new = {FRIDAY: {"d": 1}, FRIDAY + DAY: {"d": 1}}, {FRIDAY: {"d": 1}}
        (key,) = self.noted(old, new, self.FIRST + DAY)
        assert key.start == FRIDAY + DAY


STEPS = ("resolved", "reopened", "withdrawn", "rejected", "closed")


@st.composite
def lateness(draw: st.DrawFn) -> list[Segment]:
    """Complaints of one week; of what happened to them some is told long after it was final."""
    first, late, later = list[Event](), list[Event](), list[Event]()
    for number in range(draw(st.integers(1, 4))):
        began = FRIDAY - draw(st.integers(14, 21)) * DAY
        first.append(
            event("complaint.submitted", began, case_id=str(number),
                  category=draw(st.sampled_from(["sampah", "jalan"])), opd="dlh")
        )  # fmt: skip
        for hour in draw(st.sets(st.integers(1, 400), max_size=4)):
            step = draw(st.sampled_from(STEPS))
            made = event(f"complaint.{step}", began + hour * HOUR, case_id=str(number))
            draw(st.sampled_from([first, late, later])).append(made)
    return [(FINAL, first), (FINAL + HOUR, late), (FINAL + DAY, later)]


@pytest.mark.long
@settings(max_examples=6)
@given(lateness(), st.sampled_from([1, 3]))
def test_without_the_causes_there_is_no_restatement_and_with_them_alone_the_same(
    segments: list[Segment], partitions: int
) -> None:
    (first, before), (tick, late), _ = segments
    by_names: dict[tuple[str, ...], dict[Identity, Restatement]] = {}
    for identity, found in restated(told(segments[:2], partitions)).items():
        assert found.causes.names
        by_names.setdefault(found.causes.names, {})[identity] = found
    for names, all_of_it in by_names.items():
        named = {name.partition(":")[2] for name in names}
        without = [one for one in late if one.text("case_id") not in named]
        alone = [one for one in late if one.text("case_id") in named]
        rest = restated(told([(first, before), (tick, without)]))
        assert not rest.keys() & all_of_it.keys()
        again = restated(told([(first, before), (tick, alone)]))
        for identity, found in all_of_it.items():
            assert numbers(again[identity]) == numbers(found)


def numbers(said: Restatement) -> tuple[object, ...]:
    return said.row.numerator, said.row.denominator, said.row.value, dict(said.row.excluded)


@pytest.mark.long
@settings(max_examples=6)
@given(lateness(), st.data())
def test_order_and_partitions_change_no_cause(segments: list[Segment], data: st.DataObject) -> None:
    mixed = [(tick, data.draw(st.permutations(events))) for tick, events in segments]
    assert restated(told(mixed, data.draw(st.integers(1, 4)))) == restated(told(segments))


class TestRecords:
    def test_what_was_told_is_read_back(self) -> None:
        one, late = filed("1")
        said = told([(FINAL, [one]), (FINAL + HOUR, [late])])
        for made in restated(said).values():
            assert Restatement.from_record(json.loads(made.to_record())) == made

    def test_the_account_has_old_new_and_causes(self) -> None:
        one, late = filed("1")
        said = told([(FINAL, [one]), (FINAL + HOUR, [late])])
        identity = RESOLUTION, "1d", "city", "city", FRIDAY
        new = restated(said)[identity]
        account = Restated(row(said, *identity[:2], FRIDAY), new.row, new.causes)
        assert account.differs
        assert account.key == f"{RESOLUTION}|1d|city|city|{FRIDAY}".encode()
        record = account.to_json()
        assert (record["quarter"], record["causes"]) == ("2026-Q4", ["complaint:1"])
        assert (record["old"]["numerator"], record["new"]["numerator"]) == (0, 1)
        assert record["causes_more"] is False

    @pytest.mark.parametrize(
        ("end", "quarter"),
        [
            ("2026-10-01T00:00", "2026-Q3"), ("2026-10-01T00:05", "2026-Q4"),
            ("2027-01-01T00:00", "2026-Q4"), ("2026-04-01T00:00", "2026-Q1"),
            ("2026-02-03T00:00", "2026-Q1"),
        ],
    )  # fmt: skip
    def test_midnight_belongs_to_the_quarter_that_it_closes(self, end: str, quarter: str) -> None:
        assert quarter_of(moment.parse(f"{end}:00+07:00")) == quarter
