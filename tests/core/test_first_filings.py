"""A master keeps the earliest filing among it and its copies (C3, iii; decision 0016)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import permutations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from audit.beginnings import Beginning, beginnings
from core import lifecycles
from core.complaints import COMPLAINT, Complaint, Filed
from core.engine import Engine
from core.events import Event, Value, in_order
from core.filings import Twin
from core.fold import Fold
from core.kpis import by_id
from core.law import SHIPPED, Law
from core.lifecycles.complaint_link import LINK_LIFE
from core.moment import DAY, HOUR
from core.rows import KpiRow
from tests.core.stories import PLACE, Identity, case, event, loaded, newest, routed, told, wib

OWN = "2026-11-18T10:00"
"""A Wednesday; the copies are of days before."""
FILED = ("submitted", OWN, {"category": "sampah", "reporter_key": "p1:a"})
LINKED = "2026-11-18T12:00"
EARLIER, FRIDAY = "2026-11-16T08:00", "2026-11-13T08:00"
RESIDENTS = 633_650
TICK = wib("2026-12-20T00:00")


def gained(copy: str, filed: str, when: str = LINKED, id: str = "") -> Event:
    fields: dict[str, Value] = {"duplicate_case_id": copy, "submitted_at": wib(filed)}
    name = id or f"{copy}:gained:{when}"
    return event("complaint.duplicate_gained", wib(when), "sikesal", name, case_id="m", **fields)


def lost(copy: str, when: str) -> Event:
    return event("complaint.duplicate_lost", wib(when), "sikesal", f"{copy}:lost:{when}",
                 case_id="m", duplicate_case_id=copy)  # fmt: skip


def master(*more: Event, steps: Iterable[tuple[str, str]] = ()) -> Complaint:
    made = Complaint.of([*case("m", FILED, *steps), *more])
    assert made is not None
    return made


B = gained("b", EARLIER)
C = gained("c", FRIDAY, "2026-11-18T13:00")

LINKS = {
    "none": ([], ("m", OWN)),
    "one that was filed before": ([B], ("b", EARLIER)),
    "one that was filed later moves nothing": (
        [gained("b", "2026-11-18T11:00")], ("m", OWN),
    ),
    "one of the same moment moves nothing": ([gained("b", OWN)], ("m", OWN)),
    "two: the earliest": ([B, C], ("c", FRIDAY)),
    "two of one moment: one of them, always the same": (
        [B, gained("a", EARLIER)], ("a", EARLIER),
    ),
    "the earliest is taken back": ([B, C, lost("c", "2026-11-19T08:00")], ("b", EARLIER)),
    "all are taken back": (
        [B, C, lost("c", "2026-11-19T08:00"), lost("b", "2026-11-19T09:00")], ("m", OWN),
    ),
    "taken back and linked again": (
        [B, lost("b", "2026-11-19T08:00"), gained("b", EARLIER, "2026-11-20T08:00")],
        ("b", EARLIER),
    ),
    "said twice": ([B, gained("b", EARLIER, "2026-11-18T12:30")], ("b", EARLIER)),
    "said otherwise: what is said last counts": (
        [B, gained("b", "2026-11-17T08:00", "2026-11-18T12:30")], ("b", "2026-11-17T08:00"),
    ),
    "another that it does not have is taken back": (
        [B, lost("x", "2026-11-19T08:00")], ("b", EARLIER),
    ),
    "taken back before it was linked": ([lost("b", "2026-11-18T11:00"), B], ("b", EARLIER)),
    "filed after its link": ([gained("b", FRIDAY, "2026-11-12T08:00")], ("m", OWN)),
    "filed after its link, said again rightly": (
        [gained("b", FRIDAY, "2026-11-12T08:00"), B], ("b", EARLIER),
    ),
    "itself": ([gained("m", EARLIER)], ("m", OWN)),
    "linked before the master was filed": (
        [gained("b", FRIDAY, "2026-11-16T08:00")], ("b", FRIDAY),
    ),
}  # fmt: skip

every_link = pytest.mark.parametrize(("links", "expected"), LINKS.values(), ids=LINKS.keys())


@every_link
def test_the_earliest_filing_begins_the_clocks(
    links: list[Event], expected: tuple[str, str]
) -> None:
    made = master(*links)
    case_id, when = expected
    assert made.begun == Filed(wib(when), case_id)
    assert made.complete_at == made.begun_at == wib(when)
    assert made.due_at == SHIPPED.newest.calendar.due(wib(when), 14).at
    assert made.sikesal_due_at == wib(when) + 24 * HOUR
    # What counts filings, voices and claims asks for its own.
    assert made.submitted_at == wib(OWN)


@every_link
def test_no_order_of_arrival_matters(links: list[Event], expected: tuple[str, str]) -> None:
    found = {
        made.begun for order in permutations(links)
        if (made := Complaint.of([*order, *case("m", FILED), *order])) is not None
    }  # fmt: skip
    assert found == {Filed(wib(expected[1]), expected[0])}


@pytest.mark.parametrize(
    ("links", "reasons"),
    [
        ([B, C, lost("b", "2026-11-19T08:00")], ["", "", ""]),
        ([B, gained("b", FRIDAY, "2026-11-18T12:30")], ["", "out_of_place"]),
        ([lost("b", "2026-11-19T08:00")], ["out_of_place"]),
        ([B, lost("b", "2026-11-19T08:00"), lost("b", "2026-11-19T09:00")],
         ["", "", "out_of_place"]),
        ([gained("m", EARLIER)], ["out_of_place"]),
        ([gained("b", FRIDAY, "2026-11-12T08:00")], ["early"]),
        ([gained("b", FRIDAY, "2026-11-16T08:00")], ["early"]),
    ],
)  # fmt: skip
def test_what_a_link_must_not_say_has_a_reason(links: list[Event], reasons: list[str]) -> None:
    walked = lifecycles.steps(in_order([*case("m", FILED), *links]))
    assert [step.reason for step in walked if "duplicate" in step.name] == reasons


def test_what_a_master_is_told_does_not_make_it_a_copy() -> None:
    assert not master(B).linked
    linked = event("complaint.duplicate_linked", wib("2026-11-18T11:00"), case_id="m",
                   master_case_id="x")  # fmt: skip
    both = master(linked, B)
    assert (both.linked, both.begun.case_id) == (True, "b")
    assert both.as_copy().begun == both.begun == master(B).as_copy().begun


def test_who_is_asked_for_more_begins_anew_all_the_same() -> None:
    incomplete = event("complaint.verified", wib("2026-11-18T14:00"), case_id="m",
                       verdict="incomplete")  # fmt: skip
    again = event("complaint.completed_by_reporter", wib("2026-11-19T08:00"), case_id="m")
    assert master(B, incomplete).complete_at is None
    assert master(B, incomplete, again).complete_at == again.occurred_at


def test_a_promise_of_the_source_is_the_promise() -> None:
    promised: dict[str, Value] = {"sla_basis": "source", "due_at": wib("2026-11-25T12:00")}
    made = Complaint.of([*case("m", ("submitted", OWN, promised)), B])
    assert made is not None
    assert made.due_at == wib("2026-11-25T12:00")


def rows(events: Iterable[Event]) -> dict[Identity, KpiRow]:
    return newest(told([(TICK, events)], 3))


def days(events: Iterable[Event], kpi: str) -> dict[str, tuple[int, int]]:
    """Numbers of the days that count it."""
    found = rows(events)
    return {
        day: (one.numerator, one.denominator)
        for day in (f"2026-11-{n}" for n in range(10, 31))
        for one in [found.get((kpi, "1d", "city", "city", wib(f"{day}T00:00")))]
        if one and one.denominator
    }


SOLVED = case(
    "m", FILED, ("forwarded", "2026-11-19T08:00", {"opd": "dlh"}), ("resolved", "2026-11-19T09:00")
)


@pytest.mark.parametrize(
    ("kpi", "alone", "with_copy"),
    [
        # Three working days: to Monday the 23rd; since Friday the 13th to the 18th.
        ("complaint_verification_on_time_pct", {"2026-11-23": (1, 1)}, {"2026-11-18": (0, 1)}),
        ("sikesal_local_sla_on_time_pct", {"2026-11-19": (1, 1)}, {"2026-11-14": (0, 1)}),
        ("env_utility_24h_resolution_pct", {"2026-11-19": (1, 1)}, {"2026-11-14": (0, 1)}),
        ("complaint_resolution_hours_p90", {"2026-11-19": (23 * 3600, 1)},
         {"2026-11-19": (145 * 3600, 1)}),
        # Not of when it was filed.
        ("complaint_first_response_on_time_pct", {"2026-11-26": (1, 1)}, {"2026-11-26": (1, 1)}),
    ],
)  # fmt: skip
def test_the_sla_kpis_count_from_the_earliest_filing(
    kpi: str, alone: dict[str, tuple[int, int]], with_copy: dict[str, tuple[int, int]]
) -> None:
    assert days(SOLVED, kpi) == alone
    assert days([*SOLVED, C], kpi) == with_copy
    assert days([*SOLVED, C, lost("c", "2026-11-25T08:00")], kpi) == alone


def test_the_national_limit_ends_as_many_working_days_after_it() -> None:
    info = case("m", ("submitted", OWN, {"kind": "info"}))
    kpi = "complaint_resolution_on_time_pct"
    assert days(info, kpi) == {"2026-11-25": (0, 1)}
    assert days([*info, C], kpi) == {"2026-11-20": (0, 1)}


def test_a_case_that_waits_is_left_out_of_the_day_of_the_earliest_filing() -> None:
    waits = case("m", FILED, ("verified", "2026-11-18T14:00", {"verdict": "incomplete"}))
    for links, day in (([], "2026-11-18"), ([C], "2026-11-13")):
        found = rows([*waits, *links])
        row = found["complaint_resolution_on_time_pct", "1d", "city", "city", wib(f"{day}T00:00")]
        assert dict(row.excluded) == {"paused": 1}


def test_the_matter_was_open_since_the_earliest_filing() -> None:
    """Its copy is open as its master; what a verdict makes valid is open since the verdict."""
    kpi = "complaint_overdue_backlog_pct"
    valid = ("verified", "2026-11-19T08:00", {"verdict": "valid"})
    for story, since in (
        (case("m", FILED), 18),
        ([*case("m", FILED), B], 16),
        ([*case("m", FILED), B, C, lost("c", "2026-11-19T08:00")], 16),
        ([*case("m", FILED, valid), C], 19),
    ):
        assert days(story, kpi) == {f"2026-11-{n}": (0, 1) for n in range(since, 31)}
    # Five working days from Friday the 13th end on the 20th, just before its snapshot.
    late = [*case("m", ("submitted", OWN, {"kind": "info"})), C]
    assert days(late, kpi) == {f"2026-11-{n}": (int(n > 19), 1) for n in range(13, 31)}


def test_floods_and_those_that_are_followed_begin_with_it_too() -> None:
    floods = Complaint.of([*case("m", ("submitted", OWN, {"category": "banjir"})), C])
    assert floods is not None
    (share,) = by_id()["env_utility_24h_resolution_pct"].shares(floods)
    assert share.at == wib(FRIDAY) + DAY
    followed = [one.at for one in by_id()["complaint_resolution_hours_p90"].shares(floods)]
    assert followed == [wib(FRIDAY)]


@pytest.mark.parametrize("kpi", ["reporters_per_100k", "case_scope_unknown_pct"])
def test_voices_and_filings_are_counted_where_they_were(kpi: str) -> None:
    shares = by_id()[kpi].looks_at[COMPLAINT]
    assert [*shares(master(C))] == [*shares(master())]


def test_a_surge_is_one_of_reports_each_in_its_hour() -> None:
    shares = by_id()["env_utility_24h_resolution_pct"].shares
    hours = [[one for one in shares(made) if one.city_only] for made in (master(), master(C))]
    assert hours[0] == hours[1] != []


def test_a_second_filing_is_measured_by_its_own() -> None:
    place = {"lat": PLACE[0], "lon": PLACE[1]}
    story = [*case("m", ("submitted", OWN, {**FILED[2], **place})), C]
    made = Complaint.of(story)
    assert made is not None
    filing = Twin.of(made)
    assert filing is not None
    assert filing.filed_at == wib(OWN)


INFO = case("m", ("submitted", OWN, {"kind": "info"}))


@pytest.mark.parametrize(
    ("when", "resolved", "due", "moved"),
    [
        # Five working days from Friday the 13th end on the 20th; the 19th becomes free.
        pytest.param("2026-11-15T08:00", None, "2026-11-23", True, id="between the two filings"),
        pytest.param("2026-11-12T08:00", None, "2026-11-23", False, id="before both"),
        pytest.param("2026-11-19T12:00", None, "2026-11-23", True, id="while it is open"),
        pytest.param("2026-11-19T12:00", "2026-11-19T08:00", "2026-11-20", False, id="afterwards"),
    ],
)  # fmt: skip
def test_the_law_is_that_of_when_the_clock_stopped_whenever_it_began(
    when: str, resolved: str | None, due: str, moved: bool
) -> None:
    calendar = loaded("calendar", wib(when), "skb.2", kota={"2026": ["11-19"]})
    steps = case("m", ("resolved", resolved)) if resolved else []
    made = Complaint.of([*INFO, C, *steps], Law.told_by([calendar]))
    assert made is not None
    assert made.due_at == wib(f"{due}T23:59:59.999")
    # The clock ran since the first filing, so what moved it since then is told.
    assert bool(made.recomputed) is moved


def test_a_link_that_comes_after_the_case_left_is_late() -> None:
    fold = Fold()
    over = [("resolved", "2026-11-19T09:00"), ("closed", "2026-11-20T09:00")]
    fold.close(wib("2026-11-10T00:00"))
    for one in case("m", FILED, *over):
        fold.apply(one)
    for day in range(11, 40):
        fold.close(wib("2026-11-10T00:00") + day * DAY)
    late = gained("c", FRIDAY, "2026-12-21T08:00")
    assert fold.apply(late) is False
    assert fold.close(wib("2026-12-22T00:00")).late == (late,)


@pytest.mark.parametrize("archive", [False, True])
def test_an_auditor_is_told_with_which_filing_a_clock_began(archive: bool) -> None:
    engine = Engine(2, archive=archive)
    over = ("closed", "2026-11-20T09:00")
    for number, part in enumerate(routed([*SOLVED, *case("m", over), C, *case("n", FILED)], 2)):
        engine.apply(number, part)
    for day in range(40):
        list(engine.tick(wib("2026-11-22T00:00") + day * DAY, {}))
    kpi = by_id()["complaint_resolution_on_time_pct"]
    found = beginnings(engine, kpi, {"m", "n"})
    assert found == ([Beginning(Filed(wib(OWN), "m"), Filed(wib(FRIDAY), "c"))] if archive else [])
    assert beginnings(engine, kpi, {"n"}) == []
    assert beginnings(engine, by_id()["reporters_per_100k"], {"m", "n"}) == []


_FILED_AT = st.sampled_from([FRIDAY, EARLIER, "2026-11-18T10:30", OWN])
_AT = st.sampled_from([f"2026-11-{day}T{hour:02}:00" for day in (18, 19, 20) for hour in (11, 12)])
_COPY = st.sampled_from(["a", "b", "c"])
_WORDS = st.lists(
    st.one_of(st.builds(gained, _COPY, _FILED_AT, _AT), st.builds(lost, _COPY, _AT)), max_size=8
)


def naive(words: Iterable[Event]) -> int:
    """Of each copy the last word; the earliest filing of those that are not lost."""
    last = {w.text("duplicate_case_id"): w
            for w in sorted(words, key=lambda w: (w.occurred_at, w.event_id))}  # fmt: skip
    filed = [word.whole("submitted_at") for word in last.values()]
    return min([wib(OWN), *(at for at in filed if at is not None)])


@given(_WORDS, st.randoms())
def test_of_each_copy_the_last_word_counts(words: list[Event], chance: object) -> None:
    made = master(*words)
    assert made.begun_at == naive(words)
    assert [s.event for s in LINK_LIFE.walk(made.events)] == [
        e for e in made.events if e.type != "complaint.submitted"
    ]


@pytest.mark.long
@settings(max_examples=12, deadline=None, phases=[Phase.generate])
@given(_WORDS, st.permutations(range(8)), st.integers(1, 3), st.integers(1, 4))
def test_neither_order_nor_copies_nor_ticks_nor_partitions_matter(
    words: list[Event], order: list[int], partitions: int, parts: int
) -> None:
    story = [*SOLVED, *words]
    mixed = [story[n] for n in order if n < len(story)]
    mixed += [one for one in story if one not in mixed]
    # Nothing is final at the first ticks.
    engine, first = Engine(partitions), wib("2026-11-21T00:00")
    found: dict[Identity, KpiRow] = {}
    for n in range(parts + 1):
        news = [*mixed[n::parts], *mixed[:n]] if n < parts else []
        for number, part in enumerate(routed(news, partitions)):
            engine.apply(number, part)
        found |= newest(engine.tick(first + n if n < parts else TICK, {}))
    assert counting(found) == counting(newest(told([(first, story), (TICK, [])])))


def counting(found: Mapping[Identity, KpiRow]) -> dict[Identity, object]:
    """What rows say in which a complaint counts; one that is empty may have held one before."""
    return {
        name: (row.numerator, row.denominator, row.excluded, row.companions)
        for name, row in found.items()
        if by_id()[row.kpi].subject is COMPLAINT
        and (row.excluded or row.numerator or row.denominator not in {0, RESIDENTS})
    }
