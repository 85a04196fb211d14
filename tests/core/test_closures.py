"""KPI 30 on closures short enough to check by hand, golden example G11 among them."""

from __future__ import annotations

from typing import Any

import pytest

from core import moment
from core.closures import Report
from core.complaints import Complaint
from core.events import Event, Value
from core.kpis import by_id
from core.moment import DAY, MINUTE
from core.rows import KpiRow
from core.triangulation import Claim
from core.vicinity import Vicinity
from tests.core.stories import METRE, PLACE, Step, as_told, case, event, row, told, wib

KPI = by_id()["tri_false_closure_pct"]
SOLVED = "2026-03-02T10:00"
LAST = "2026-03-09T10:00"
"""The last instant of the seven days."""


def near(metres: float) -> dict[str, Value]:
    return {"lat": PLACE[0] + metres * METRE, "lon": PLACE[1]}


def filed(
    number: str, when: str, *steps: Step, metres: float | None = 0, category: str = "jalan_rusak",
    reporter: str | None = "p1:a", **fields: Value,
) -> Complaint:  # fmt: skip
    place = {} if metres is None else near(metres)
    first = event(
        "complaint.submitted", wib(when), "sikesal", "", case_id=number, category=category,
        reporter_key=reporter, **{**place, **fields},
    )  # fmt: skip
    made = Complaint.of([first, *case(number, *steps)])
    assert made is not None
    return made


def solved(*steps: Step, **given: Any) -> Complaint:
    """A case that was resolved on 2 March."""
    return filed("1", "2026-02-20T10:00", ("resolved", SOLVED), *steps, **given)


def again(when: str = "2026-03-06T10:00", *steps: Step, **given: Any) -> Complaint:
    """A report by another citizen, 30 m away on 6 March unless said otherwise."""
    return filed("2", when, *steps, **{"metres": 30, "reporter": "p1:b", **given})


def seen(*minutes: float, label: str = "waste", since: str = SOLVED, metres: float = 0
         ) -> list[Claim]:  # fmt: skip
    return [
        Claim(f"s{n}", label, "sensor", wib(since) + round(m * MINUTE),
              PLACE[0] + metres * METRE, PLACE[1])
        for n, m in enumerate(minutes)
    ]  # fmt: skip


def contradicted(first: Complaint, *others: Complaint | Claim) -> tuple[str, ...]:
    """Kinds of contradiction of the first case, whatever the order in which all came."""
    found = []
    for order in ((first, *others), (*others, first)):
        vicinity = Vicinity()
        for item in order:
            made = Report.of(item) if isinstance(item, Complaint) else item
            if made is not None:
                vicinity.put(made.case_id if isinstance(made, Report) else made.claim_id, made)
        closures = [c for _, part in vicinity.changed() for c in part]
        found.append(next(c.contradicted_by for c in closures if c.report.case_id == first.case_id))
    assert found[0] == found[1]
    return found[0]


def test_golden_example_g11() -> None:
    assert contradicted(solved(), again()) == ("reported",)
    linked = ("duplicate_linked", "2026-03-01T12:00", {"master_case_id": "1"})
    assert contradicted(solved(), again("2026-03-01T10:00", linked)) == ()


@pytest.mark.parametrize(
    ("when", "found"),
    [
        pytest.param("2026-03-02T10:01", ("reopened",), id="at once"),
        pytest.param(LAST, ("reopened",), id="last instant"),
        pytest.param(f"{LAST}:00.001", (), id="a moment late"),
    ],
)
def test_a_reopening_within_seven_days_contradicts(when: str, found: tuple[str, ...]) -> None:
    assert contradicted(solved(("reopened", when))) == found
    assert contradicted(solved(("reopened", when), metres=None, category="bansos")) == found


def test_a_low_rating_is_no_contradiction() -> None:
    assert contradicted(solved(("rated", "2026-03-03T10:00", {"stars": 1}))) == ()


@pytest.mark.parametrize(
    ("other", "found"),
    [
        pytest.param(again(LAST), ("reported",), id="last instant"),
        pytest.param(again(f"{LAST}:00.001"), (), id="a moment late"),
        pytest.param(again(SOLVED), ("reported",), id="at the resolution"),
        pytest.param(again("2026-03-02T09:59:59.999"), (), id="a moment before it"),
        pytest.param(again(metres=49.9), ("reported",), id="in reach"),
        pytest.param(again(metres=50.1), (), id="out of reach"),
        pytest.param(again(metres=None), (), id="nowhere"),
        pytest.param(again(reporter="p1:a"), (), id="the same reporter"),
        pytest.param(again(reporter=None), (), id="who knows who"),
        pytest.param(again(category="sampah"), (), id="another matter"),
        pytest.param(again(kind="info"), (), id="a question"),
        pytest.param(again(origin_ref="call112:7"), (), id="keyed in again"),
        pytest.param(again(incident_at=wib("2026-03-01T10:00")), (), id="of the time before"),
        pytest.param(
            again("2026-03-06T10:00", ("rejected", "2026-03-06T11:00")), (), id="refused"
        ),
        pytest.param(
            again("2026-03-06T10:00", ("withdrawn", "2026-03-06T11:00")), (), id="taken back"
        ),
        pytest.param(
            again("2026-03-06T10:00", ("duplicate_linked", "2026-03-06T11:00",
                                       {"master_case_id": "1"})),
            ("reported",), id="linked, but filed after the resolution",
        ),
    ],
)  # fmt: skip
def test_a_new_report_by_another_citizen(other: Complaint, found: tuple[str, ...]) -> None:
    assert contradicted(solved(), other) == found


@pytest.mark.parametrize("category", ["parkir_liar", "banjir"])
def test_what_comes_again_by_itself_is_not_contradicted_by_a_new_report(category: str) -> None:
    first = solved(category=category)
    assert contradicted(first, again(category=category)) == ()
    label = {"parkir_liar": "illegal_parking", "banjir": "flood"}[category]
    assert contradicted(first, *seen(0, 15, label=label)) == ("seen",)


def test_of_a_category_without_a_class_only_its_reporter_can_say_so() -> None:
    assert contradicted(solved(category="bansos"), again(category="bansos", metres=0)) == ()


@pytest.mark.parametrize(
    ("claims", "found"),
    [
        pytest.param(seen(0, 15), ("seen",), id="for 15 minutes"),
        pytest.param(seen(0, 14.999), (), id="a moment less"),
        pytest.param(seen(60), (), id="once"),
        pytest.param(seen(-1, 14), (), id="it began before the resolution"),
        pytest.param(seen(7 * 24 * 60 - 15, 7 * 24 * 60), ("seen",), id="last instant"),
        pytest.param(seen(7 * 24 * 60 - 14, 7 * 24 * 60 + 1), (), id="partly too late"),
        pytest.param(seen(0, 2 * 24 * 60), ("seen",), id="48 h apart still follow"),
        pytest.param(seen(0, 2 * 24 * 60 + 0.001), (), id="49 h apart are two heaps"),
        pytest.param(seen(0, 15, metres=75.1), (), id="out of reach"),
        pytest.param(seen(0, 15, label="accident"), (), id="another matter"),
        pytest.param([*seen(0), *seen(0, 15)[1:]], ("seen",), id="two cameras on one place"),
    ],
)
def test_a_camera_that_still_shows_it(claims: list[Claim], found: tuple[str, ...]) -> None:
    assert contradicted(solved(category="sampah"), *claims) == found


def test_an_accident_is_shown_while_its_sightings_follow_in_20_minutes() -> None:
    first = solved(category="kecelakaan")
    assert contradicted(first, *seen(0, 10, 20, label="accident")) == ("seen",)
    assert contradicted(first, *seen(0, 10, 31, label="accident")) == ()


def test_an_officer_is_no_camera() -> None:
    told_by = [
        Claim(f"o{n}", "waste", "officer", wib(SOLVED) + n * 20 * MINUTE, *PLACE) for n in (0, 1)
    ]
    assert contradicted(solved(category="sampah"), *told_by) == ()


def test_kinds_are_named_and_counted_once() -> None:
    waste = {"category": "sampah"}
    first = solved(("reopened", "2026-03-03T10:00"), **waste)
    kinds = contradicted(first, again(**waste), *seen(0, 15))
    assert kinds == ("reopened", "reported", "seen")


def test_what_has_no_place_is_looked_at_alone_and_leaves_nothing() -> None:
    """A city has thousands: one that changes must not cost a look at all."""
    vicinity = Vicinity()
    made = {name: Report.of(solved(metres=None)) for name in ("1", "2")}
    for name, report in made.items():
        vicinity.put(name, report)
    assert [len(closures) for _, closures in vicinity.changed()] == [1, 1]
    vicinity.drop("1", made["1"])
    assert [len(closures) for _, closures in vicinity.changed()] == [0]
    vicinity.drop("2", made["2"])
    assert [len(closures) for _, closures in vicinity.changed()] == [0]
    assert not vicinity._reports


def share(made: Complaint) -> tuple[str, dict[str, int], str]:
    """Local day, counters and agency of what a lonely closure adds."""
    vicinity, report = Vicinity(), Report.of(made)
    assert report is not None
    vicinity.put("1", report)
    ((closure,),) = [closures for _, closures in vicinity.changed()]
    (found,) = KPI.shares(closure)
    day = moment.to_datetime(found.at + moment.WIB).strftime("%m-%d")
    return day, dict(found.counters), closure.scopes["opd"]


@pytest.mark.parametrize(
    ("made", "day", "counters"),
    [
        pytest.param(solved(), "03-09", {"d": 1}, id="nothing said against it"),
        pytest.param(
            solved(("reopened", "2026-03-03T10:00")), "03-09", {"n": 1, "d": 1, "by:reopened": 1},
            id="reopened",
        ),
        pytest.param(
            solved(("reopened", "2026-03-03T10:00"), ("resolved", "2026-03-05T10:00")), "03-12",
            {"n": 1, "d": 1, "by:reopened": 1}, id="solved again: counts once, later",
        ),
        pytest.param(solved(metres=None), "03-09", {"x:unlocated": 1}, id="nowhere"),
        pytest.param(
            solved(("duplicate_linked", "2026-03-01T10:00", {"master_case_id": "9"})), "03-09",
            {"x:duplicate": 1}, id="duplicate",
        ),
        pytest.param(solved(kind="wbs"), "03-09", {"x:wbs": 1}, id="secret"),
    ],
)  # fmt: skip
def test_a_closure_counts_once_when_its_seven_days_are_over(
    made: Complaint, day: str, counters: dict[str, int]
) -> None:
    assert share(made)[:2] == (day, counters)


def test_the_agency_that_held_it_when_it_was_resolved_is_charged() -> None:
    handed = [("forwarded", f"2026-03-0{day}T09:00", {"opd": opd})
              for day, opd in ((1, "dpupr"), (4, "pdam"))]  # fmt: skip
    assert share(solved(*handed))[2] == "dpupr"


def test_what_was_never_resolved_and_tells_nothing_is_no_report() -> None:
    assert Report.of(filed("1", SOLVED, category="bansos")) is None
    assert Report.of(filed("1", SOLVED, metres=None)) is None
    assert Report.of(filed("1", SOLVED)) is not None


def test_survives_its_way_over_the_wire() -> None:
    report = Report.of(solved(("reopened", "2026-03-03T10:00")))
    assert report is not None
    assert as_told(report) == report


def events(*cases: Complaint) -> list[Event]:
    return [event for made in cases for event in made.events]


def test_a_row_of_the_day_on_which_the_seven_days_ended() -> None:
    day, end = wib("2026-03-09T00:00"), wib("2026-03-10T00:00")
    far = filed("3", "2026-02-20T10:00", ("resolved", SOLVED), metres=3000)
    said = told([(end, events(solved(), again(), far))], partitions=4)
    found = row(said, KPI.id, "1d", day)
    assert (found.numerator, found.denominator) == (1, 2)
    before = row(told([(end, [])]), KPI.id, "1d", day)
    assert (before.numerator, before.denominator, before.value) == (0, 0, None)


def test_a_report_that_comes_late_and_one_that_moves_away_change_the_row() -> None:
    day, end = wib("2026-03-09T00:00"), wib("2026-03-10T00:00")
    moved = event(
        "complaint.submitted", wib("2026-03-05T10:00"), "sikesal", "", case_id="2",
        category="jalan_rusak", reporter_key="p1:b", **near(5000),
    )  # fmt: skip
    said = told(
        [(end, events(solved())), (end + DAY, events(again())), (end + 2 * DAY, [moved])], 2
    )
    found = [
        one.numerator for one in said
        if isinstance(one, KpiRow) and one.identity == (KPI.id, "1d", "city", "city", day)
    ]  # fmt: skip
    assert found == [0, 1, 0]
