"""Alarms of signals leave the state when they can change nothing, and no number tells."""

from __future__ import annotations

from random import Random

import pytest

from core import join_leaving
from core.closures import Report
from core.join import Join, views_of
from core.moment import DAY, HOUR, MINUTE
from core.signals import FAULT
from core.triangulation import Claim
from tests.core.kept import Cells
from tests.core.long_story import BEGIN
from tests.core.stories import METRE, PLACE
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
        told = {}
        for number in sorted({tick, self.chance.randrange(tick, over)}):
            told["claim", name] = Claim(
                name, FAULT, "citizen", at, lat, lon, HOUR, reported=True,
                copy=self.chance.randrange(3) == 0, reporter=reporter,
            ).to_json()  # fmt: skip
            resolved = tuple(
                BEGIN + number * DAY - self.chance.randrange(72) * HOUR
                for _ in range(self.chance.randrange(3))
            )
            told["report", name] = Report(
                name, FAULT, "dishub", reporter, at, at, lat, lon, resolved, (), None, tells=True,
            ).to_json()  # fmt: skip
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
        self.say(tick, "claim", claim.claim_id, claim.to_json())
        ends = tick
        if lasts is not None:
            ends += int(lasts / DAY) + 1
            lat = PLACE[0] + self.chance.choice((0, 0, 2000)) * METRE
            told = claim.to_json() | {"until": at + lasts, "lat": lat}
            self.say(ends, "claim", claim.claim_id, told)
        self.say(ends + 7, "claim", claim.claim_id, None, over=True)

    def seen(self, name: str, day: int) -> None:
        at, tick = self.moment(day)
        claims = [
            Claim(f"c1|{name}.{part}", FAULT, "sensor", at + part * 40 * MINUTE, *self.near())
            for part in range(self.chance.choice((0, 0, 2)))
        ]
        officer = Claim(f"o{name}", FAULT, "officer", at + 2 * HOUR, *self.near())
        for claim in (*claims, officer):
            self.say(tick, "claim", claim.claim_id, claim.to_json())
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
@pytest.mark.parametrize("seed", range(3))
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


def alarm(name: str, at: int, until: int | None = None, metres: float = 0) -> Claim:
    lat = PLACE[0] + metres * METRE
    return Claim(f"alarm|s1|{name}", FAULT, "sensor", at, lat, PLACE[1], signal="s1", until=until)


def leaving(*claims: Claim, kept: tuple[Report, ...] = (), stay: str = "") -> set[str]:
    """Which of these leave, if only `stay` is not over; there is one camera."""
    view = {"place": list(PLACE), "intersection": "s1", "fov": VIEW, "analytics": FAULT}
    told = {claim.claim_id: claim for claim in claims}
    rest = old(*(("claim", name) for name in told if name != stay))
    return join_leaving.claims(told, views_of({"c1": view}), kept, (), rest)


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
