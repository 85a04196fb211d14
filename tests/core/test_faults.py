"""Who knew first that signals failed (KPI 27), on stories short enough to check by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.contributions import contributions
from core import join_leaving
from core.engine import Engine
from core.events import Event
from core.faults import Failure, known
from core.join import Join
from core.kpis import by_id
from core.law import SHIPPED
from core.moment import DAY, HOUR, MINUTE
from core.signals import FAULT
from core.triangulation import Claim, incidents
from tests.core.kept import Cells
from tests.core.long_story import BEGIN
from tests.core.stories import METRE, PLACE, at, event, loaded, routed, row, told
from tests.core.test_join_leaving import old

KPI = by_id()["signal_fault_repair_on_time_pct"]
ALARM = at("10:00")
TODAY = at("00:00")


def failure(
    name: str = "a", after: int = 0, back: int | None = None, *, sent: int | None = None,
    where: str = "s1",
) -> Failure:  # fmt: skip
    """Of an alarm so long after 10:00; the other times likewise."""
    restored, team = (None if one is None else ALARM + one for one in (back, sent))
    return Failure(where, name, ALARM + after, restored, team, power_cut=False)


def said(
    name: str, after: int, family: str = "citizen", *, filed: int | None = None, north: float = 0
) -> Claim:
    """What somebody tells of so long after 10:00, so many metres from the signals."""
    lat, told_at = PLACE[0] + north * METRE, None if filed is None else ALARM + filed
    name = f"c1|{name}" if family == "sensor" else name
    return Claim(name, FAULT, family, ALARM + after, lat, PLACE[1], told_at=told_at)


def alarmed(name: str = "a", after: int = 0, where: str = "s1") -> Claim:
    return Claim(
        f"alarm|{where}|{name}", FAULT, "sensor", ALARM + after, *PLACE, signal=where
    )  # fmt: skip


M = MINUTE


@pytest.mark.parametrize(
    ("claims", "after", "source"),
    [
        pytest.param([], 0, "alarm", id="nobody else"),
        pytest.param([said("k", -30 * M)], -30 * M, "citizen", id="a citizen before"),
        pytest.param([said("k", 30 * M)], 0, "alarm", id="a citizen after"),
        pytest.param([said("k", 0)], 0, "alarm", id="a citizen at once"),
        pytest.param([said("k", -60 * M)], -60 * M, "citizen", id="an hour before"),
        pytest.param([said("k", -60 * M - 1)], 0, "alarm", id="a moment more: something else"),
        pytest.param([said("k", -M, north=74)], -M, "citizen", id="75 metres"),
        pytest.param([said("k", -M, north=76)], 0, "alarm", id="farther"),
        pytest.param(
            [said("k", -90 * M), said("m", -45 * M)], -90 * M, "citizen",
            id="one after the other, an hour at most between them",
        ),
        pytest.param([said("s", -5 * M, "sensor")], -5 * M, "camera", id="a camera"),
        pytest.param(
            [said("s", -5 * M, "sensor"), said("k", -4 * M)], -5 * M, "camera", id="the first"
        ),
        pytest.param([said("o", -5 * M, "officer")], 0, "alarm", id="an officer is none of them"),
        pytest.param(
            [said("o", -50 * M, "officer"), said("k", -100 * M)], -100 * M, "citizen",
            id="but what he saw ties together",
        ),
        pytest.param([said("k", -40 * M, filed=-10 * M)], -10 * M, "citizen", id="when filed"),
        pytest.param([said("k", -40 * M, filed=10 * M)], 0, "alarm", id="filed after the alarm"),
    ],
)  # fmt: skip
def test_the_clock_begins_with_whoever_knew_first(
    claims: list[Claim], after: int, source: str
) -> None:
    (found,) = known([failure()], incidents([alarmed(), *claims], SHIPPED))
    assert (found.known_at - ALARM, found.source) == (after, source)
    assert found.due_at == found.known_at + DAY


@pytest.mark.parametrize(
    ("tells_of", "after"),
    [
        pytest.param(-30 * M, -30 * M, id="after the signals were back"),
        pytest.param(-61 * M, -61 * M, id="as they were back"),
        pytest.param(-61 * M - 1, -20 * M, id="before: of the fault before"),
    ],
)
def test_what_was_before_the_signals_were_back_is_of_another_fault(
    tells_of: int, after: int
) -> None:
    before = failure("b", -5 * HOUR, back=-61 * M)
    elsewhere = failure("c", -2 * HOUR, back=-M, where="s2")
    claims = [alarmed(), said("m", -20 * M), said("k", tells_of)]
    found = known([failure(), elsewhere, before], incidents(claims, SHIPPED))
    (own,) = (one for one in found if one.failure.first == "a")
    assert own.known_at == ALARM + after


def test_where_nobody_knows_where_the_signals_are_the_alarm_is_first() -> None:
    (found,) = known([failure()], incidents([said("k", -M)], SHIPPED))
    assert (found.known_at, found.by) == (ALARM, "alarm|s1|a")


@pytest.mark.parametrize(
    ("back", "sent", "on_time", "in_time"),
    [
        (DAY - 30 * M, 30 * M, 1, 1),
        (DAY - 30 * M + 1, 30 * M + 1, 0, 0),
        (None, None, 0, 0),
    ],
)
def test_24_hours_and_the_hour_of_the_team_are_since_then(
    back: int | None, sent: int | None, on_time: int, in_time: int
) -> None:
    made = failure(back=back, sent=sent)
    (found,) = known([made], incidents([alarmed(), said("k", -30 * M)], SHIPPED))
    (share,) = KPI.shares(found)
    assert (share.at, share.counters.get("n", 0)) == (ALARM + DAY - 30 * M, on_time)
    assert share.counters.get("~sent", 0) == in_time
    assert share.counters["~citizen"] == 1


PLACES = loaded("intersection", TODAY - DAY, "city.1", places={"s1": (PLACE[1], PLACE[0])})


def report(clock: str, happened: int | None = None) -> Event:
    return event(
        "complaint.submitted", at(clock), case_id="k", category="lampu_lalu_lintas",
        lat=PLACE[0], lon=PLACE[1], incident_at=happened,
    )  # fmt: skip


def signal(what: str, when: int, **more: bool) -> Event:
    return event(f"signal.{what}", when, "atcs", what, intersection_id="s1", **more)


STORY = [signal("alarm", ALARM), signal("restored", ALARM + DAY - 10 * M, confirmed=True)]


@pytest.mark.parametrize("partitions", [1, 3])
def test_a_report_moves_the_clock_whatever_partition_it_is_in(partitions: int) -> None:
    tick = TODAY + 3 * DAY
    segments = [(tick, [PLACES, *STORY]), (tick + M, [report("09:45")])]
    alone = row(told(segments[:1], partitions), KPI.id, "1d", TODAY + DAY)
    assert (alone.numerator, alone.denominator) == (1, 1)
    found = row(told(segments, partitions), KPI.id, "1d", TODAY + DAY)
    assert (found.numerator, found.denominator, found.revision) == (0, 1, 1)
    assert found.companions["known_by_citizen"] == "1"
    turned = [(tick, [report("09:45")]), (tick + M, STORY[::-1]), (tick + 2 * M, [PLACES])]
    assert row(told(turned, partitions), KPI.id, "1d", TODAY + DAY).numerator == 0


def test_a_report_is_known_when_it_is_filed_and_not_since_what_it_tells_of() -> None:
    events = [PLACES, *STORY, report("09:55", happened=at("09:30"))]
    found = row(told([(TODAY + 3 * DAY, events)]), KPI.id, "1d", TODAY + DAY)
    assert (found.numerator, found.companions["known_by_citizen"]) == (1, "1")


def test_who_knew_first_is_named_to_whoever_asks() -> None:
    engine = Engine(2)
    for number, part in enumerate(routed([PLACES, report("09:45"), *STORY], 2)):
        engine.apply(number, part)
    list(engine.tick(TODAY + 3 * DAY, {}))
    found = contributions(engine, KPI, ("city", "city"), (TODAY + DAY, TODAY + 2 * DAY))
    assert [(one.name, one.counters) for one in found] == [("s1 known by k", {"d": 1})]


Line = tuple[str, str, Claim | Failure | None]


def _fault(name: str, after: int, back: int | None, where: str) -> Line:
    made = failure(name, after, None if back is None else after + back, where=where)
    return "fault", name, made


_times = st.integers(-9, 9).map(lambda n: n * 20 * M)
_lines = st.lists(
    st.builds(_fault, st.sampled_from("abc"), _times, st.none() | st.just(HOUR),
              st.sampled_from(("s1", "s2")))
    | st.builds(lambda n, t: ("claim", f"alarm|s1|{n}", alarmed(n, t)), st.sampled_from("abc"),
                _times)
    | st.builds(lambda n, t, f: ("claim", n, said(n, t, filed=f)), st.sampled_from("kmn"), _times,
                st.none() | _times)
    | st.builds(lambda at: (*at, None), st.sampled_from(
        (("fault", "a"), ("claim", "alarm|s1|a"), ("claim", "k"), ("fault", "b")))),
    max_size=20,
)  # fmt: skip


@given(_lines, st.lists(st.booleans(), min_size=20, max_size=20))
def test_whatever_was_said_before_only_what_stands_counts(
    lines: list[Line], ticks: list[bool]
) -> None:
    def say(join: Join, line: Line) -> None:
        kind, name, made = line
        join.state(kind, name, made)

    step, cells, tick = Join(), Cells(), ALARM + DAY
    for line, now in zip(lines, ticks, strict=False):
        say(step, line)
        say(step, line)
        if now:
            tick += M
            cells.take(step.close(tick))
    cells.take(step.close(tick + M))
    once, expected = Join(), Cells()
    for line in sorted({one[:2]: one for one in lines}.values(), key=lambda one: one[1]):
        say(once, line)
    expected.take(once.close(ALARM + DAY))
    assert cells.total == expected.total


def test_a_fault_stays_for_the_next_one_of_its_intersection() -> None:
    told = {
        one.name: one
        for one in (
            failure("a", BEGIN - ALARM), failure("b", BEGIN - ALARM + DAY),
            failure("c", BEGIN - ALARM + 2 * DAY), failure("d", BEGIN - ALARM + HOUR, where="s2"),
        )
    }  # fmt: skip

    def leaving(*over: str) -> str:
        rest = old(*(("fault", name) for name in told if name[-1] in over))
        rest = rest.__class__(rest.tick + 90 * DAY, rest.over, rest.heard)
        return "".join(sorted(name[-1] for name in join_leaving.faults(told, rest)))

    assert leaving("a", "b", "c", "d") == "ab"
    assert leaving("a", "b") == "a"
    assert leaving("a", "c", "d") == ""
