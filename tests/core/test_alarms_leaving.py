"""Alarms of signals leave the state when they can change nothing, and no number tells."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from core import join_leaving
from core.closures import Report
from core.events import Event
from core.faults import Failure
from core.fold import Closed, Entity, Fold
from core.join import Join, views_of
from core.law import SHIPPED
from core.moment import DAY, HOUR, MINUTE
from core.signals import FAULT, SIGNALS, Signals, spent
from core.triangulation import Claim
from tests.core import kept
from tests.core.kept import Cells, Changelog
from tests.core.long_story import BEGIN, Segment
from tests.core.stories import METRE, PLACE, event, loaded
from tests.core.test_join_leaving import VIEW, City, Told, closing, old


class Dark(City):
    """Days of faulty signals: alarms, reports that are closed, what an officer and a camera saw."""

    def told(self) -> Told:
        self.alarms: list[int] = []
        fov = {"place": list(PLACE), "watches": [[0, None]], "intersection": "s1"}
        self.say(0, "camera", "c1", fov | {"fov": VIEW, "analytics": FAULT})
        for day in range(self.days):
            self.report(f"k{day}", day)
            for _ in range(self.chance.randrange(3)):
                self.alarm(f"{len(self.alarms)}", day)
            self.seen(f"{day}", day)
            for hour in range(24):
                at = BEGIN + day * DAY + hour * HOUR
                minutes = (1 << 60) - 1 if self.chance.randrange(9) else 0
                up = {"camera": "c1", "hour": at, "up": minutes}
                self.say(day + 1, "uptime", f"c1|{at}", up)
        return [(BEGIN + n * DAY, self.by_tick.get(n, [])) for n in range(self.days)]

    def report(self, name: str, day: int) -> None:
        """Often of what an alarm told of, by who does not say when it was."""
        at, tick = self.moment(day)
        if self.alarms and self.chance.randrange(2):
            at = self.alarms[-1] + self.chance.choice((30, 90, 119, 130)) * MINUTE
            tick = max(tick, (at - BEGIN) // DAY + 1)
        lat, lon = self.near()
        reporter = self.chance.choice(("a", "b", ""))

        over = tick + self.chance.choice((2, 5, 9, 30))
        told: dict[tuple[str, str], Claim | Report] = {}
        for number in sorted({tick, self.chance.randrange(tick, over)}):
            told["claim", name] = Claim(
                name, FAULT, "citizen", at, lat, lon, HOUR, reported=True,
                copy=self.chance.randrange(3) == 0, reporter=reporter,
            )  # fmt: skip
            resolved = tuple(
                BEGIN + number * DAY - self.chance.randrange(72) * HOUR
                for _ in range(self.chance.randrange(3))
            )
            told["report", name] = Report(
                name, FAULT, "dishub", reporter, at, at, lat, lon, resolved, (), None, tells=True,
            )  # fmt: skip
            for (kind, _), value in told.items():
                self.say(number, kind, name, value)
        for kind in ("claim", "report"):
            self.say(over, kind, name, None, over=True)

    def alarm(self, name: str, day: int) -> None:
        """It may stand for days; until somebody speaks nobody knows, and where may be corrected."""
        at, tick = self.moment(day)
        self.alarms.append(at)
        lasts = self.chance.choice((None, 10 * MINUTE, 3 * HOUR, 5 * DAY))
        claim = Claim(f"alarm|s1|{name}", FAULT, "sensor", at, *PLACE, signal="s1")
        self.say(tick, "claim", claim.claim_id, claim)
        ends = tick
        if lasts is not None:
            ends += int(lasts / DAY) + 1
            lat = PLACE[0] + self.chance.choice((0, 0, 2000)) * METRE
            told = replace(claim, until=at + lasts, lat=lat)
            self.say(ends, "claim", claim.claim_id, told)
        self.say(ends + 7, "claim", claim.claim_id, None, over=True)
        if self.chance.randrange(2):
            self.fault(name, at, tick, ends + 7)

    def fault(self, name: str, at: int, tick: int, over: int) -> None:
        """It began with this alarm; when it was back is told later, of some before it is over."""
        made = Failure("s1", name, at, None, None, power_cut=False)
        back = at + self.chance.choice((20, 90, 600)) * MINUTE
        for number, restored in ((tick, None), (self.chance.randrange(tick, over), back)):
            told = replace(made, restored_at=restored)
            self.say(number, "fault", made.name, told)
        self.say(over, "fault", made.name, None, over=True)

    def seen(self, name: str, day: int) -> None:
        at, tick = self.moment(day)
        claims = [
            Claim(f"c1|{name}.{part}", FAULT, "sensor", at + part * 40 * MINUTE, *self.near())
            for part in range(self.chance.choice((0, 0, 2)))
        ]
        officer = Claim(f"o{name}", FAULT, "officer", at + 2 * HOUR, *self.near())
        for claim in (*claims, officer):
            self.say(tick, "claim", claim.claim_id, claim)
            self.say(tick + 7, "claim", claim.claim_id, None, over=True)

    def near(self) -> tuple[float, float]:
        return PLACE[0] + self.chance.choice((0, 40, 70, 90, 2000)) * METRE, PLACE[1]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A week in place of 90 days, so that a story of two months is long."""
    monkeypatch.setattr(join_leaving, "ADMITTED", 7 * DAY)
    monkeypatch.setattr("core.join.UPTIME_KEPT", 12 * DAY)


@pytest.mark.long
@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("seed", range(2))
def test_cells_of_the_join_are_at_every_tick_what_they_would_be_if_nothing_had_left(
    seed: int,
) -> None:
    leaving, staying, ours, theirs = Join(), Join(settles=False), Cells(), Cells()
    for tick, lines in Dark(Random(seed), 50).told():
        ours.take(closing(leaving, tick, lines))
        theirs.take(closing(staying, tick, lines))
        assert ours.total == theirs.total
    gone = [name for kind, name in staying.known.keys() - leaving.known.keys() if kind == "claim"]
    assert sum(name.startswith("alarm") for name in gone) > 10
    assert sum(k == "fault" for k, _ in staying.known.keys() - leaving.known.keys()) > 5


def alarm(name: str, at: int, until: int | None = None, metres: float = 0) -> Claim:
    lat = PLACE[0] + metres * METRE
    return Claim(f"alarm|s1|{name}", FAULT, "sensor", at, lat, PLACE[1], signal="s1", until=until)


def leaving(*claims: Claim, kept: tuple[Report, ...] = (), stay: str = "") -> set[str]:
    """Which of these leave, if only `stay` is not over; there is one camera."""
    view = {"place": list(PLACE), "intersection": "s1", "fov": VIEW, "analytics": FAULT}
    told = {claim.claim_id: claim for claim in claims}
    rest = old(*(("claim", name) for name in told if name != stay))
    return join_leaving.claims(told, views_of({"c1": view}), kept, (), rest, SHIPPED)


@pytest.mark.usefixtures("short")
def test_an_alarm_stays_for_a_closure_that_it_lasted_beyond() -> None:
    closed = Report(
        "k", FAULT, "dishub", "", BEGIN, BEGIN, *PLACE, (BEGIN + DAY,), (), None, tells=True
    )
    solved, week = BEGIN + DAY, 7 * DAY
    lasted, ended = alarm("a", BEGIN, solved + 1), alarm("b", BEGIN - DAY, solved)
    far = alarm("c", BEGIN, solved + 1, metres=80)
    assert leaving(lasted, ended, far, kept=(closed,)) == {ended.claim_id, far.claim_id}
    within, later = alarm("d", solved + week), alarm("e", solved + week + HOUR + 1)
    assert leaving(within, later, kept=(closed,)) == {later.claim_id}


@pytest.mark.usefixtures("short")
def test_an_alarm_stays_for_a_report_near_it_that_may_have_been_an_hour_late() -> None:
    report = Claim("k", FAULT, "citizen", BEGIN, *PLACE, HOUR, reported=True)
    early, earlier = alarm("a", BEGIN - 2 * HOUR), alarm("b", BEGIN - 2 * HOUR - 1, metres=500)
    far = alarm("c", BEGIN - 2 * HOUR, metres=-80)
    told = (report, early, earlier, far)
    assert leaving(*told, stay="k") == {earlier.claim_id, far.claim_id}
    assert leaving(*told) == {claim.claim_id for claim in told}


@pytest.mark.usefixtures("short")
def test_what_a_camera_saw_stays_for_an_alarm_in_its_sight() -> None:
    dark = alarm("a", BEGIN)
    place = PLACE[0] + 2000 * METRE, PLACE[1]
    seen = Claim("c1|s", FAULT, "sensor", BEGIN + HOUR, *place)
    assert leaving(dark, seen, stay=dark.claim_id) == set()
    assert leaving(dark, seen) == {dark.claim_id, "c1|s"}


AGES = SIGNALS.ages
PLACES = loaded(
    "intersection", BEGIN - DAY, "city.1", places={"s1": (PLACE[1], PLACE[0]), "s2": (103.7, -1.7)}
)


def word(what: str, at: int, place: str = "s1", **fields: Any) -> Event:
    kind = {"said": "restored", "seen": "restored"}.get(what, what)
    if kind == "restored":
        fields["confirmed"] = what == "seen"
    name = f"{what}:{place}:{at}"
    return event(f"signal.{kind}", at, "atcs", name, intersection_id=place, **fields)


def months(seed: int, days: int, tick: int = DAY) -> Iterator[Segment]:
    """What three traffic control systems say, also at odds with each other.

    Some of it comes almost too late; of the months before somebody brings the history piece by
    piece.  The third is silent for long, and then dark for long.
    """
    chance, came = Random(seed), dict[int, list[Event]]()
    came[1] = [PLACES]
    for day in range(-90, days):
        for place in ("s1", "s2", "s3"):
            if place == "s3" and day % 70 > 3:
                continue
            for _ in range(chance.choice((0, 0, 0, 1, 3))):
                at = BEGIN + day * DAY + chance.randrange(24 * 6) * 10 * MINUTE
                what = chance.choice(("alarm", "alarm", "dispatched", "said", "seen", "seen"))
                if what == "dispatched" and place == "s2" and day % 50 < 49:
                    continue
                cause = {"cause": "pln"} if what == "alarm" and chance.randrange(4) == 0 else {}
                late = chance.choice((0, 0, 0, 0, 0, 0, HOUR, 70 * HOUR, AGES - HOUR))
                told = BEGIN + chance.randrange(85) * DAY if day < 0 else at + late
                came.setdefault((told - BEGIN) // tick + 1, []).append(
                    word(what, at, place, **cause)
                )
    for number in range(1, days * DAY // tick + 1):
        yield BEGIN + number * tick, came.get(number, [])


Known = dict[tuple[str, str], Any]


def heard(told: Known, closed: Closed) -> None:
    """What a join knows of a fold."""
    for one in closed.statements:
        if one.over:
            assert told[one[:2]] == one.value
        elif one.value is None:
            del told[one[:2]]
        else:
            told[one[:2]] = one.value


def size(fold: Fold) -> int:
    return sum(len(e) for entity, e in fold.entities.items() if entity.kind == "signal")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
def test_cells_and_claims_of_the_fold_are_what_they_would_be_if_no_alarm_had_left(
    seed: int,
) -> None:
    leaving, staying, ours, theirs = Fold(), Fold(settles=False), Cells(), Cells()
    we, they = dict[tuple[str, str], Any](), dict[tuple[str, str], Any]()
    for tick, events in months(seed, 260, tick=DAY * (1 + seed)):
        closed, other = kept.closing(leaving, tick, events), kept.closing(staying, tick, events)
        ours.take(closed)
        theirs.take(other)
        heard(we, closed)
        heard(they, other)
        assert closed.late == ()
        assert ours.total == theirs.total
        assert we == they
    assert size(leaving) < 0.6 * size(staying)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
def test_a_crash_at_any_write_of_any_tick_leaves_no_trace_of_alarms_that_left(seed: int) -> None:
    chance, changelog, last = Random(seed), Changelog(), None
    fold, staying, ours, theirs = Fold(), Fold(settles=False), Cells(), Cells()
    for tick, events in months(seed, 200, tick=2 * DAY):
        expected, closed = kept.closing(staying, tick, events), kept.closing(fold, tick, events)
        if chance.randrange(3) == 0:
            changelog.write(closed, lambda _: chance.randrange(2) == 0)
            fold = changelog.load(last)
            again = kept.closing(fold, tick, events)
            assert again.settled == closed.settled
            ours.now.update(closed.cells)
            closed = again
        ours.take(closed)
        theirs.take(expected)
        changelog.write(closed)
        changelog.clean(closed)
        if chance.randrange(3) == 0:
            fold = changelog.load(tick)
        last = tick
        assert ours.total == theirs.total


@pytest.mark.long
def test_alarms_of_two_years_are_no_more_than_those_of_one() -> None:
    fold, sizes = Fold(), list[int]()
    for number, (tick, events) in enumerate(months(1, 720, tick=5 * DAY)):
        kept.closing(fold, tick, events)
        if number % 72 == 71:
            sizes.append(size(fold))
    assert sizes[1] <= 1.2 * sizes[0]


def story(*told: tuple[str, float]) -> tuple[Event, ...]:
    return tuple(word(what, BEGIN + round(hours * HOUR)) for what, hours in told)


FAULTS = (
    ("alarm", 0), ("dispatched", 0.5), ("said", 1), ("seen", 1.5),
    ("alarm", 10), ("seen", 11), ("seen", 12),
    ("alarm", 20), ("seen", 21),
    ("alarm", 30), ("alarm", 31),
)  # fmt: skip


@pytest.mark.parametrize(
    ("horizon", "gone"),
    [
        pytest.param(19.9, [], id="the next one has not begun by then"),
        pytest.param(20, ["alarm 10", "seen 11", "seen 12"], id="it has: nothing can come between"),
        pytest.param(
            1000, ["alarm 10", "seen 11", "seen 12", "alarm 20", "seen 21"],
            id="the first fault and the last stay",
        ),
    ],
)  # fmt: skip
def test_what_is_spent(horizon: float, gone: list[str]) -> None:
    events = story(*FAULTS)
    names = {e.event_id: f"{what} {hours}" for e, (what, hours) in zip(events, FAULTS, strict=True)}
    found = spent(events, BEGIN + round(horizon * HOUR))
    assert sorted(names[one] for one in found) == sorted(gone)
    assert spent([e for e in events if e.event_id not in found], BEGIN + 1000 * HOUR) <= {
        e.event_id for e in events
    }


def test_a_fault_in_which_something_is_said_for_the_first_time_stays() -> None:
    later = story(("alarm", 0), ("seen", 1), ("alarm", 10), ("dispatched", 10.5), ("seen", 11),
                  ("alarm", 20), ("dispatched", 20.5), ("seen", 21), ("alarm", 30))  # fmt: skip
    found = spent(later, BEGIN + 1000 * HOUR)
    assert found == {e.event_id for e in later[5:8]}


def test_what_never_failed_or_stays_dark_is_not_spent() -> None:
    assert spent((), BEGIN) == set()
    assert spent(story(("seen", 0), ("seen", 1), ("said", 2)), BEGIN + DAY) == set()
    assert spent(story(("alarm", 0), ("alarm", 9), ("alarm", 99)), BEGIN + 9 * DAY) == set()


def test_an_event_is_late_from_its_age_on_but_not_while_the_clock_is_younger() -> None:
    fold = Fold()
    fold.close(BEGIN)
    fold.close(BEGIN + AGES - 1)
    assert fold.apply(word("alarm", BEGIN - 300 * DAY)) is True
    fold.close(BEGIN + AGES)
    assert fold.apply(word("alarm", BEGIN)) is False
    assert fold.apply(word("alarm", BEGIN + 1)) is True
    closed = fold.close(BEGIN + AGES + HOUR)
    assert [late.occurred_at for late in closed.late] == [BEGIN]


def test_an_auditor_keeps_them_to_name_them() -> None:
    events = story(*FAULTS)
    plain, auditor = Fold(), Fold(archive={})
    for fold in (plain, auditor):
        fold.close(BEGIN)
        kept.closing(fold, BEGIN + 3 * DAY, events)
        for day in range(92, 96):
            fold.close(BEGIN + day * DAY)
    entity = Entity("signal", "s1")
    assert (len(plain.entities[entity]), len(auditor.entities[entity])) == (6, len(events))
    assert plain._ledger.cells == auditor._ledger.cells
    made = Signals.of(plain.entities[entity].values())
    assert made is not None
    assert len(made.faults) == 2
