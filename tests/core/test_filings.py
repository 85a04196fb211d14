"""One complaint that was filed through two channels counts once (C3, ii; decision 0016)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.contributions import contributions
from core import filings
from core.cells import Share
from core.complaints import COMPLAINT, Complaint
from core.engine import Engine
from core.events import Event, Value
from core.filings import Filing, Twin
from core.fold import Fold
from core.kpis import by_id, of
from core.law import SHIPPED, Law
from core.ledger import Part, parts_of, spread
from core.moment import DAY, HOUR
from core.rows import KpiRow
from tests.core.random_days import CASES, Draft, events
from tests.core.stories import (
    METRE,
    PLACE,
    Identity,
    as_told,
    event,
    loaded,
    newest,
    routed,
    told,
    wib,
)

NATIONAL = "complaint_resolution_on_time_pct"
VERIFIED = "complaint_verification_on_time_pct"
REPORTERS = "reporters_per_100k"
NIGHT = wib("2026-11-03T00:00")
"""After the only day on which what is filed here counts in KPI 3."""


def filed(
    number: str,
    source: str = "sikesal",
    when: str = "2026-10-12T08:00",
    metres: float = 0,
    **fields: Value,
) -> Event:
    """Street light, 14 working days: due on October 30."""
    told_of: dict[str, Value] = {
        "case_id": number, "reporter_key": "p1:a", "category": "lampu_jalan",
        "lat": PLACE[0] + metres * METRE, "lon": PLACE[1], **fields,
    }  # fmt: skip
    return event("complaint.submitted", wib(when), source, "", **told_of)


def then(number: str, what: str, when: str, **fields: Value) -> Event:
    return event(f"complaint.{what}", wib(when), "sikesal", "", case_id=number, **fields)


def counted(story: Iterable[Event], kpi: str = NATIONAL, day: str = "2026-10-30",
            partitions: int = 3) -> tuple[int, int, dict[str, int]]:  # fmt: skip
    rows = newest(told([(NIGHT, story)], partitions))
    row = rows[kpi, "1d", "city", "city", wib(f"{day}T00:00")]
    return row.numerator, row.denominator, dict(row.excluded)


FIRST = filed("a")
LATER = "2026-10-12T09:00"


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param(filed("b", "call112", LATER), (1, 1), id="another channel: one case"),
        pytest.param(filed("b", "sikesal", LATER), (2, 0), id="the same channel: two"),
        pytest.param(filed("b", "call112", "2026-10-12T10:00"), (1, 1), id="two hours on the dot"),
        pytest.param(filed("b", "call112", "2026-10-12T10:01"), (2, 0), id="later than that"),
        pytest.param(filed("b", "call112", LATER, 49.9), (1, 1), id="50 metres"),
        pytest.param(filed("b", "call112", LATER, 50.1), (2, 0), id="farther than that"),
        pytest.param(filed("b", "call112", LATER, reporter_key="p1:b"), (2, 0), id="other person"),
        pytest.param(filed("b", "call112", LATER, reporter_key=None), (2, 0), id="nobody known"),
        pytest.param(filed("b", "call112", LATER, category="sampah"), (2, 0), id="other matter"),
        pytest.param(filed("b", "call112", LATER, lat=None, lon=None), (2, 0), id="no place"),
        pytest.param(filed("b", "call112", LATER, origin_ref="a"), (1, 1), id="keyed in again"),
    ],
)
def test_who_files_the_same_elsewhere_filed_one_case(
    second: Event, expected: tuple[int, int]
) -> None:
    _, cases, excluded = counted([FIRST, second])
    assert (cases, excluded.get("duplicate", 0)) == expected


def test_what_has_no_category_is_not_the_same_as_anything() -> None:
    assert counted([filed("a", category=None), filed("b", "call112", LATER, category=None)])[1] == 2


def test_the_first_decides_and_the_copy_only_says_that_it_is_one() -> None:
    story = [FIRST, filed("b", "call112", LATER), then("a", "resolved", "2026-10-20T08:00")]
    assert counted(story) == (1, 1, {"duplicate": 1})
    story = [FIRST, filed("b", "call112", LATER), then("b", "resolved", "2026-10-20T08:00")]
    assert counted(story) == (0, 1, {"duplicate": 1})


def test_who_took_part_is_counted_as_before() -> None:
    story = [FIRST, filed("b", "call112", LATER)]
    assert counted(story, REPORTERS, "2026-10-12")[0] == 1
    engine = engine_of(story, 3)
    day = wib("2026-10-12T00:00"), wib("2026-10-13T00:00")
    assert len(contributions(engine, by_id()[REPORTERS], ("city", "city"), day)) == 2


def test_what_is_taken_back_is_what_a_copy_of_a_copy_adds_too() -> None:
    """The third is within two hours of the second alone, which is no case."""
    late = filed("c", "sp4n_lapor", "2026-10-12T10:30")
    assert counted([FIRST, filed("b", "call112", LATER), late])[1:] == (2, {"duplicate": 1})
    early = filed("c", "sp4n_lapor", "2026-10-12T09:30")
    assert counted([FIRST, filed("b", "call112", LATER), early])[1:] == (1, {"duplicate": 2})


@pytest.mark.parametrize("end", ["rejected", "withdrawn", "archived"])
def test_what_ended_without_a_solution_is_nobodys_master(end: str) -> None:
    story = [FIRST, filed("b", "call112", LATER), then("a", end, "2026-10-12T08:30")]
    assert counted(story)[1:] == (1, {end: 1})
    assert counted(story[:2])[1:] == (1, {"duplicate": 1})


def test_a_copy_that_is_refused_was_not_one_more_to_screen() -> None:
    """It says that it was refused where that goes before, and that it is a copy elsewhere."""
    second = filed("b", "walk_in", LATER)
    story = [FIRST, second, then("b", "rejected", "2026-10-12T10:00")]
    assert counted(story)[1:] == (1, {"rejected": 1})
    assert counted(story, VERIFIED, "2026-10-15") == (0, 1, {"duplicate": 1})


def test_secret_reports_and_aspirations_are_neither() -> None:
    for kind in ("wbs", "aspiration"):
        story = [filed("a", kind=kind), filed("b", "call112", LATER)]
        assert counted(story)[1:] == (1, {kind: 1})


def test_a_copy_that_is_linked_is_taken_back_no_more_and_again_when_it_is_unlinked() -> None:
    engine = Engine(2)
    said, rows = list[int](), dict[Identity, KpiRow]()
    day = NIGHT
    for news in (
        [FIRST, filed("b", "call112", LATER)],
        [then("b", "duplicate_linked", "2026-10-13T08:00", master_case_id="a")],
        [then("b", "duplicate_unlinked", "2026-10-14T08:00")],
        [then("a", "duplicate_linked", "2026-10-15T08:00", master_case_id="x")],
    ):
        for number, part in enumerate(routed(news, 2)):
            engine.apply(number, part)
        rows |= newest(engine.tick(day, {}))
        row = rows[NATIONAL, "1d", "city", "city", wib("2026-10-30T00:00")]
        assert (row.denominator, dict(row.excluded)) == (1, {"duplicate": 1})
        copies = [c.filing.case_id for group in groups(engine) for c in filings.copies(group)]
        said.append(len(copies))
        day += DAY
        found = contributions(engine, by_id()[NATIONAL], ("city", "city"), (0, NIGHT))
        counts = {one.name: dict(one.counters) for one in found}
        if len(said) < 4:
            assert counts == {"a": {"d": 1}, "b": {"x:duplicate": 1}}
        else:
            assert counts == {"a": {"x:duplicate": 1}, "b": {"d": 1}}
    assert said == [1, 0, 1, 0]


def groups(engine: Engine) -> list[list[Filing]]:
    found: dict[str, list[Filing]] = {}
    for join in engine.joins:
        for (kind, _), made in join.known.items():
            if kind == filings.FILING:
                found.setdefault(made.group, []).append(made)
    return list(found.values())


def engine_of(story: Iterable[Event], partitions: int) -> Engine:
    engine = Engine(partitions, archive=True)
    for number, part in enumerate(routed(story, partitions)):
        engine.apply(number, part)
    list(engine.tick(NIGHT, {}))
    return engine


STORY = [
    FIRST,
    filed("b", "call112", LATER),
    filed("c", "sp4n_lapor", "2026-10-12T10:30", 30),
    then("b", "resolved", "2026-10-20T08:00"),
    then("a", "assigned", "2026-10-13T08:00", opd="dlh"),
]


@pytest.mark.long
def test_neither_order_nor_copies_nor_ticks_nor_partitions_matter() -> None:
    def last(segments: list[tuple[int, list[Event]]], partitions: int) -> object:
        rows = newest(told(segments, partitions))
        return {name: (row.numerator, row.denominator, row.excluded, row.companions)
                for name, row in rows.items()}  # fmt: skip

    # Nothing is final at the first ticks.
    first = wib("2026-10-13T00:00")
    expected = last([(first, STORY), (NIGHT, [])], 1)
    for number, story in enumerate(permutations(STORY)):
        if number % 41 == 0:
            segments = [(first, [*story, story[0]]), (NIGHT, [])]
            assert last(segments, 1 + number % 4) == expected
    ones = [(first + n, [one]) for n, one in enumerate(reversed(STORY))]
    assert last([*ones, (NIGHT, [])], 3) == expected


def added(case: Complaint) -> list[Part]:
    return [parts_of(kpi, COMPLAINT, [case])[0] for kpi in of(COMPLAINT)]


def cells(parts: Iterable[Part]) -> dict[object, int]:
    found: dict[object, int] = {}
    for key, counters in spread(parts):
        for name, value in counters.items():
            found[key, name] = found.get((key, name), 0) + value
    return {name: value for name, value in found.items() if value}


def check(case: Complaint) -> bool:
    """What a case adds and what is taken back of it make what the duplicate adds."""
    twin = Twin.of(case)
    if twin is None:
        return False
    told_of = Filing.adding(twin, case, added(case))
    parts = [*added(case), *as_told(told_of).difference()]
    duplicate = Complaint.of(case.events, case.law)
    assert duplicate is not None
    vars(duplicate)["linked"] = True
    assert cells(parts) == cells(added(duplicate))
    return True


@settings(max_examples=80, deadline=None)
@given(st.lists(CASES, min_size=4, max_size=18))
def test_the_difference_is_what_every_kpi_says_of_a_duplicate(drafts: list[list[Draft]]) -> None:
    story = events([draft for found in drafts for draft in found])
    law = Law.told_by(one for one in story if one.type.startswith("ref."))
    by_case: dict[str, list[Event]] = {}
    for one in story:
        if one.type.startswith("complaint."):
            by_case.setdefault(one.text("case_id"), []).append(one)
    for told_of in by_case.values():
        if (case := Complaint.of(told_of, law)) is not None:
            check(case)


UNKNOWN = loaded("calendar", wib("2026-01-01T00:00"), "y", non_working={"2025": ["01-01"]})


@pytest.mark.parametrize("law", [SHIPPED, Law.told_by([UNKNOWN])], ids=["known", "unknown year"])
@pytest.mark.parametrize(
    "steps",
    [
        (),
        (("forwarded", "2026-10-12T12:00"), ("assigned", "2026-10-13T08:00"),
         ("resolved", "2026-10-14T08:00"), ("closed", "2026-10-15T08:00")),
        (("resolved", "2026-10-14T08:00"), ("reopened", "2026-10-15T08:00")),
        (("rejected", "2026-10-13T08:00"),),
        (("forwarded", "2026-10-12T12:00"), ("withdrawn", "2026-10-13T08:00")),
        (("verified", "2026-10-13T08:00"),),
        (("archived", "2026-12-30T08:00"),),
        (("progressed", "2026-10-13T08:00"), ("resolved", "2026-10-14T08:00")),
        (("closed", "2026-10-13T08:00"), ("resolved", "2026-12-30T08:00")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("category", ["lampu_jalan", "banjir", "jalan"])
@pytest.mark.parametrize("source", ["sikesal", "call112"])
def test_the_difference_is_that_of_a_duplicate_at_every_stage(
    law: Law, steps: tuple[tuple[str, str], ...], category: str, source: str
) -> None:
    more: dict[str, dict[str, Value]] = {
        "verified": {"verdict": "incomplete"}, "progressed": {"long_cycle": True},
        "forwarded": {"opd": "diskominfo"}, "assigned": {"opd": "dlh"},
    }  # fmt: skip
    story = [filed("a", source, category=category, kecamatan_code="15.71.07")]
    story += [then("a", what, when, **more.get(what, {})) for what, when in steps]
    for number in range(1, len(story) + 1):
        case = Complaint.of(story[:number], law)
        assert case is not None
        assert check(case)


def test_what_was_derived_of_a_case_does_not_cling_to_its_copy() -> None:
    case = Complaint.of([FIRST])
    assert case is not None
    told_of = (case.linked, case.left_out, case.stands_apart, case.over_at, case.due)
    assert told_of[:4] == (False, None, None, None)
    copy = case.as_copy()
    assert (copy.linked, copy.left_out, copy.stands_apart) == (True, "duplicate", "duplicate")
    assert copy.over_at is not None
    assert (case.linked, copy.due) == (False, case.due)


def test_a_share_comes_back_from_its_text_as_it_was() -> None:
    shares = (Share(1, {"d": 1}), Share(2, {"d": 1}, {"opd": "dlh"}), Share(3, {"d": 2}, {}, True))
    text = filings._encode({"k": shares})
    assert filings._BY_KPI.decode(text) == {"k": shares}


@pytest.mark.long
def test_what_is_over_leaves_the_join_with_its_copies_and_no_number_tells() -> None:
    ends = [
        then(n, what, when)
        for n in "ab"
        for what, when in (("resolved", "2026-10-14T08:00"), ("closed", "2026-10-15T08:00"))
    ]
    news = [FIRST, filed("b", "call112", LATER), *ends]
    leaving, staying = Engine(2), Engine(2, settles=False)
    start, stays = wib("2026-10-13T00:00"), list[bool]()
    for day in (0, 3, *range(20, 150, 20)):
        for engine in (leaving, staying):
            for number, part in enumerate(routed(news if day == 3 else [], 2)):
                engine.apply(number, part)
        tick = start + day * DAY + HOUR
        assert list(leaving.tick(tick, {})) == list(staying.tick(tick, {}))
        stays.append(bool(groups(leaving)))
    assert stays == [False, *[True] * 7, False]
    assert [len(group) for group in groups(staying)] == [2]


def test_the_statement_is_said_again_only_when_it_says_something_else() -> None:
    fold = Fold()
    fold.apply(FIRST)
    assert [s.kind for s in fold.close(NIGHT).statements if s.kind == filings.FILING] == ["filing"]
    fold.apply(then("a", "notified", "2026-10-12T09:00", about="submitted"))
    assert not [s for s in fold.close(NIGHT + 1).statements if s.kind == filings.FILING]
