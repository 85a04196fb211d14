"""Statements that can change nothing any more leave the join, and no number tells that they did."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from core import join_leaving, tables
from core.alerts import Severe
from core.closures import Report
from core.counterparts import KeptRecord
from core.filings import VOICE, Filing, Twin, Voice
from core.grievances import Grievance, of_applicant
from core.join import LEFT, Join, Joined, Said, views_of
from core.law import SHIPPED, Law
from core.matter_tables import IncidentClassTable
from core.moment import DAY, HOUR, MINUTE, SECOND, wib_day_start
from core.opposites import Normal
from core.requests import Request
from core.service_records import Record
from core.triangulation import Claim
from core.verdicts import Judged, Review, Verdict
from core.violations import Recorded
from tests.core.kept import Cells
from tests.core.long_story import BEGIN
from tests.core.stories import METRE, PLACE, loaded

LATE = 3 * DAY
"""Nothing is told later than this after it happened."""
NATIONAL = "complaint_resolution_on_time_pct"
MATTERS = ("accident", "congestion", "public_order", "waste", "road_damage")
Line = tuple[str, str, Said, bool]
Told = list[tuple[int, list[Line]]]
VIEW = json.dumps({
    "type": "Polygon",
    "coordinates": [[
        [PLACE[1] + x * 80 * METRE, PLACE[0] + y * 80 * METRE]
        for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    ]],
})  # fmt: skip


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A week in place of 90 days, so that a story of two months is long."""
    monkeypatch.setattr(join_leaving, "ADMITTED", 7 * DAY)
    monkeypatch.setattr(join_leaving, "NORMAL_KEPT", 7 * DAY)
    monkeypatch.setattr("core.join.UPTIME_KEPT", 12 * DAY)


@dataclass
class City:
    """What folds tell a join, day by day; each case is changed until it is over."""

    chance: Random
    days: int
    by_tick: dict[int, list[Line]] = field(default_factory=dict)

    def told(self) -> Told:
        fov = {"place": list(PLACE), "watches": [[0, None]], "intersection": "s1"}
        shown = {"fov": VIEW, "analytics": "accident congestion public_order"}
        self.say(0, "camera", "c1", fov | shown)
        for day in range(self.days):
            for number in range(3):
                self.complaint(f"k{day}.{number}", day)
            for number in range(2):
                self.request(f"r{day}.{number}", day)
                self.violation(f"v{day}.{number}", day)
                self.storm(f"a{day}.{number}", day)
                self.sighting(f"{day}.{number}", day)
            self.officer(f"o{day}", day)
            for hour in range(24):
                at = BEGIN + day * DAY + hour * HOUR
                minutes = (1 << 60) - 1 if self.chance.randrange(9) else 0
                up = {"camera": "c1", "hour": at, "up": minutes}
                self.say(day + 1, "uptime", f"c1|{at}", up)
                if self.chance.randrange(5):
                    flowed = Normal("s1", at, at + HOUR, f"traffic|s1|{at}", "congestion")
                    self.say(day + 1, "normal", flowed.name, flowed)
        return [(BEGIN + n * DAY, self.by_tick.get(n, [])) for n in range(self.days)]

    def say(self, tick: float, kind: str, name: str, value: Said, over: bool = False) -> None:
        self.by_tick.setdefault(int(tick), []).append((kind, name, value, over))

    def life(self, tick: int, make: Callable[[int], dict[tuple[str, str], Any]]) -> None:
        """A case that is told at a tick, changed a few times, and over some day or never."""
        until = tick + self.chance.choice((2, 5, 9, 30, self.days))
        ticks = sorted({tick, *(self.chance.randrange(tick, until) for _ in range(2))})
        before: dict[tuple[str, str], Any] = {}
        for number in ticks:
            now = make(number)
            for kind, name in before.keys() - now.keys():
                self.say(number, kind, name, None)
            for (kind, name), value in now.items():
                self.say(number, kind, name, value)
            before = now
        for kind, name in before:
            self.say(until, kind, name, None, over=True)

    def moment(self, day: int) -> tuple[int, int]:
        """When something was, and the tick at which it is told."""
        at = BEGIN + day * DAY + self.chance.randrange(24 * 12) * 5 * MINUTE
        late = self.chance.choice((0, 0, LATE))
        return at, (at + late - BEGIN) // DAY + 1

    def place(self) -> tuple[float, float]:
        return PLACE[0] + self.chance.choice((0, 60, 130, 2000)) * METRE, PLACE[1]

    def complaint(self, name: str, day: int) -> None:
        at, tick = self.moment(day)
        matter = self.chance.choice(
            ("accident", "congestion", "public_order", "waste", "road_damage")
        )
        place = self.chance.choice((self.place(), (None, None)))
        reporter = self.chance.choice(("a", "b", "c", ""))
        requested = f"r{max(0, day - self.chance.randrange(9))}.0"
        key = self.chance.choice((requested, "x|domisili"))
        self.reported(name, at, tick, matter, place, reporter, key)
        if self.chance.randrange(2):
            at += self.chance.choice((10, 119, 120, 121)) * MINUTE
            again = (at + self.chance.choice((0, LATE)) - BEGIN) // DAY + 1
            self.reported(f"{name}b", at, again, matter, place, reporter, key)
        self.filing(name, day)

    def reported(
        self, name: str, at: int, tick: int, matter: str,
        place: tuple[float, float] | tuple[None, None], reporter: str, key: str,
    ) -> None:  # fmt: skip
        lat, lon = place
        channel = self.chance.choice(("sikesal", "call112"))

        def make(number: int) -> dict[tuple[str, str], Any]:
            now = BEGIN + number * DAY
            resolved = tuple(
                now - self.chance.randrange(int(LATE / HOUR)) * HOUR
                for _ in range(self.chance.randrange(3))
            )
            again = tuple(at + DAY for at in resolved[:1] if self.chance.randrange(4) == 0)
            left_out = self.chance.choice((None, None, "rejected"))
            twin = None
            if reporter and lat is not None and lon is not None:
                group, ended = f"{reporter}|{matter}", left_out is not None
                twin = Twin(name, group, at, channel, lat, lon, ended)
            made: dict[tuple[str, str], Any] = {
                ("report", name): Report(
                    name, matter, "dlh", reporter, at, at, lat, lon,
                    resolved, again, left_out, left_out is None,
                ),
                ("grievance", name): Grievance(
                    name, key, "late", None, at,
                    "domisili", "15.71.07", left_out, twin,
                ),
            }  # fmt: skip
            if twin is not None:
                made[VOICE, name] = Voice(*twin.told, matter, matter != "road_damage")
            if matter != "road_damage":
                copy = self.chance.randrange(5) == 0
                made["claim", name] = Claim(
                    name, matter, "citizen", at, lat, lon,
                    HOUR, reported=True, copy=copy, reporter=reporter,
                )  # fmt: skip
            return made

        self.life(tick, make)
        if matter in {"accident", "public_order"}:
            # Before its time, but who does not say when it was may have written an hour later.
            before = Claim(f"c1|s{name}", matter, "sensor", at - 70 * MINUTE, *PLACE)
            self.say(tick, "claim", before.claim_id, before)
            self.say(tick + 7, "claim", before.claim_id, None, over=True)
        if matter in {"accident", "congestion", "public_order"}:
            seen = {"incident": matter, "event_id": f"e{name}", "at": at + DAY, "case_id": name}
            said = self.chance.choice(("confirmed", "refuted", "unclear"))
            value = seen | {"camera_id": "c1", "verdict": said}
            self.say(tick + 2, "review", f"v{name}", value)
            self.say(tick + 9, "review", f"v{name}", None, over=True)

    def filing(self, name: str, day: int) -> None:
        at, tick = self.moment(day)
        at = at // DAY * DAY + self.chance.choice((0, 60, 120, 200)) * MINUTE
        channel, (lat, lon) = self.chance.choice(("sikesal", "call112", "walk_in")), PLACE
        lat += self.chance.choice((0, 0, 45, 60)) * METRE

        linked = list[int]()

        def make(number: int) -> dict[tuple[str, str], Any]:
            # Who is linked stays so: after months apart it would find the others gone.
            if linked or (number > tick and self.chance.randrange(4) == 0):
                linked.append(number)
                return {}
            adds = {NATIONAL: [{"at": at + self.chance.randrange(9) * DAY, "counters": {"d": 1}}]}
            instead: dict[str, Any] = {NATIONAL: []} if self.chance.randrange(3) == 0 else {}
            one = Filing(
                name, "a|sampah", at, channel, lat, lon, self.chance.randrange(4) == 0,
                json.dumps({"city": "city"}), json.dumps(adds), json.dumps(instead),
            )  # fmt: skip
            return {("filing", name): one}

        self.life(tick, make)

    def sighting(self, number: str, day: int) -> None:
        at, tick = self.moment(day)
        label, place = self.chance.choice(("accident", "public_order", "waste")), self.place()
        claims = [
            Claim(f"c1|{number}.{part}", label, "sensor", at + part * 6 * MINUTE, *place)
            for part in range(self.chance.choice((1, 4)))
        ]
        for claim in claims:
            self.say(tick, "claim", claim.claim_id, claim)
            self.say(tick + 7, "claim", claim.claim_id, None, over=True)

    def officer(self, name: str, day: int) -> None:
        at, tick = self.moment(day)
        label = self.chance.choice(("accident", "waste"))
        self.say(tick, "claim", name, Claim(name, label, "officer", at, *self.place()))
        self.say(tick + 4, "claim", name, None, over=True)

    def violation(self, name: str, day: int) -> None:
        at, tick = self.moment(day)
        at = at // HOUR * HOUR + self.chance.choice((0, 40, 60, 90)) * SECOND
        plate = self.chance.choice(("x", "x", "y"))

        def make(_number: int) -> dict[tuple[str, str], Any]:
            forwarded = self.chance.choice((None, at + self.chance.randrange(48) * HOUR))
            one = Recorded(
                name, f"c1|red_light|{plate}", at // DAY * DAY + at % HOUR, at, forwarded,
                False, False, "s1", "red_light",
            )  # fmt: skip
            return {("violation", name): one}

        self.life(tick, make)

    def storm(self, name: str, day: int) -> None:
        """Alerts that follow each other within a minute or hardly beyond, each with its life."""
        begin, tick = self.moment(day)
        for number in range(self.chance.choice((1, 3, 6))):
            begin += self.chance.choice((20, 45, 60, 61)) * SECOND
            place = self.chance.choice((PLACE, (PLACE[0] + 100 * METRE, PLACE[1]), (None, None)))
            one = Severe(f"{name}.{number}", "flood", begin, None, None, *place)

            def make(_number: int, one: Severe = one) -> dict[tuple[str, str], Any]:
                taken = self.chance.choice(
                    (None, one.raised_at + self.chance.randrange(99) * SECOND)
                )
                left_out = self.chance.choice((None, None, None, "auto_resolved"))
                told = replace(one, acknowledged_at=taken, left_out=left_out)
                return {("alert", one.case_id): told}

            self.life(tick + self.chance.choice((0, 0, 1)), make)

    def request(self, name: str, day: int) -> None:
        at, tick = self.moment(day)
        at = at // DAY * DAY + self.chance.choice((0, 40, 80)) * MINUTE
        applicant = self.chance.choice(("x", "x", "y"))
        group = f"{applicant}|domisili"

        def make(number: int) -> dict[tuple[str, str], Any]:
            due, decided = at + self.chance.randrange(9) * DAY, at + self.chance.randrange(9) * DAY
            request = Request(name, group, at, due, decided, False, "15.71.07", "15.71.07.1011")
            facts = ((at, "complete_at", at), (at, "due_at", due), (at, "decided_at", decided))
            record = Record(name, applicant, "domisili", "15.71.07", at, facts)
            text = msgspec.json.encode(record).decode()
            keys = {name: name, f"{name}|": of_applicant(applicant, "domisili")}
            told = {("record", n): KeptRecord(key, name, at, text) for n, key in keys.items()}
            return {("request", name): request, **told}

        self.life(tick, make)


def closing(join: Join, tick: int, lines: list[Line]) -> Joined:
    for kind, name, value, over in lines:
        join.state(kind, name, value, over=over)
    return join.close(tick)


def reforms(seed: int, days: int) -> Told:
    """Versions of the classes that are told in time or late, whatever reach a table may have."""
    chance, told = Random(seed), Told()
    for number in range(8):
        day, late = chance.randrange(1, days), chance.choice((0, 0, 1, 3))
        classes = dict(tables.shipped(IncidentClassTable).classes)
        for matter in MATTERS:
            # A report is told three days late and the minutes of a camera are kept for 12.
            longest = 3 * 24 * 60 if late and matter == "congestion" else 8 * 24 * 60
            minutes = min(longest, round(10 ** chance.uniform(0.5, 4.1)))
            classes[matter] = replace(
                classes[matter], minutes=minutes, metres=chance.choice((1, 59, 100, 200, 300)),
                camera=chance.choice(("yes", "yes", "yes", "no")),
                recurring=chance.randrange(4) == 0,
            )  # fmt: skip
        at = BEGIN + day * DAY - chance.randrange(24) * HOUR
        version = loaded("incident_class", at, f"v{number}", classes=classes)
        told.append((BEGIN + (day + late) * DAY, [("law", version.event_id, version, False)]))
    return told


def with_reforms(seed: int, days: int) -> Told:
    versions = reforms(seed, days)
    return [
        (tick, [*lines, *(one for at, laws in versions if at == tick for one in laws)])
        for tick, lines in City(Random(seed), days).told()
    ]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12))
def test_whatever_reach_a_version_brings_nothing_leaves_too_early(seed: int) -> None:
    leaving, staying, ours, theirs = Join(), Join(settles=False), Cells(), Cells()
    for tick, lines in with_reforms(seed, 45):
        ours.take(closing(leaving, tick, lines))
        theirs.take(closing(staying, tick, lines))
        assert ours.total == theirs.total
    assert len(staying.law.stands) > 4
    assert len(leaving.known) < 0.9 * len(staying.known)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_when_a_version_is_told_does_not_matter_in_the_end(seed: int) -> None:
    days, city = 20, City(Random(seed), 20).told()
    versions = [line for _, lines in reforms(seed, days) for line in lines]

    def numbers(arrives: Callable[[int], int]) -> dict[Any, Any]:
        join, cells = Join(settles=False), Cells()
        for number, (tick, lines) in enumerate(city):
            new = [line for n, line in enumerate(versions) if arrives(n) == number]
            cells.take(closing(join, tick, [*new, *lines] if seed % 2 else [*lines, *new]))
        assert join.law.history == Law.told_by(said for _, _, said, _ in versions).history  # type: ignore[misc]  # all are events
        return {"cells": cells.total, "reports": list(map(_told, join.reports()))}

    first, chance = numbers(lambda _n: 0), Random(seed)
    assert numbers(lambda _n: days - 1) == first
    for _ in range(3):
        some = [chance.randrange(days) for _ in versions]
        assert numbers(some.__getitem__) == first


def _told(report: Judged) -> tuple[Any, ...]:
    return report.claim, report.verdict, report.intersection, report.support, report.by.version


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_cells_are_at_every_tick_what_they_would_be_if_nothing_had_left(seed: int) -> None:
    leaving, staying, ours, theirs = Join(), Join(settles=False), Cells(), Cells()
    for tick, lines in City(Random(seed), 45).told():
        ours.take(closing(leaving, tick, lines))
        theirs.take(closing(staying, tick, lines))
        assert ours.total == theirs.total
    assert len(leaving.known) < 0.8 * len(staying.known)


class Changelog:
    """What survives a crash: of each name the newest record, and older ones of other writers."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], tuple[int, Any]] = {}
        self.garbage: list[tuple[str, str]] = []

    def write(self, tick: int, joined: Joined, survive: Callable[[], bool] = lambda: True) -> None:
        for at, value in joined.state.items():
            if value is not None and survive():
                self.records[at] = (tick, value)
        self.garbage = [at for at, value in joined.state.items() if value is None]

    def clean(self) -> None:
        for at in self.garbage:
            self.records.pop(at, None)

    def load(self, tick: int | None) -> Join:
        join = Join()
        join.restore(self.records, tick)
        return join


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_a_crash_at_any_write_of_any_tick_leaves_no_trace(seed: int) -> None:
    """Some records of the tick are there, its frontier is not; or its tombstones are not."""
    chance, changelog, last = Random(seed), Changelog(), None
    join, staying, ours, theirs = Join(), Join(settles=False), Cells(), Cells()
    for tick, lines in with_reforms(seed, 45) if seed % 2 else City(Random(seed), 45).told():
        theirs.take(closing(staying, tick, lines))
        joined = closing(join, tick, lines)
        if chance.randrange(3) == 0:
            changelog.write(tick, joined, lambda: chance.randrange(2) == 0)
            join = changelog.load(last)
            ours.now.update({key: dict(counters) for key, counters in joined.cells.items()})
            again = closing(join, tick, lines)
            assert again.settled == joined.settled
            joined = again
        ours.take(joined)
        changelog.write(tick, joined)
        if chance.randrange(2):
            changelog.clean()
        if chance.randrange(3) == 0:
            join = changelog.load(tick)
        last = tick
        assert ours.total == theirs.total


def test_what_left_is_known_again_when_a_frozen_worker_writes_it_once_more() -> None:
    changelog, join = Changelog(), Join()
    claim = Claim("o1", "accident", "officer", BEGIN, *PLACE)
    frozen = closing(join, BEGIN + DAY, [("claim", "o1", claim, False)])
    changelog.write(BEGIN + DAY, frozen)
    changelog.write(BEGIN + 2 * DAY, closing(join, BEGIN + 2 * DAY, [("claim", "o1", None, True)]))
    for day in range(3, 12):
        changelog.write(BEGIN + day * DAY, join.close(BEGIN + day * DAY))
        changelog.clean()
    assert not join.known
    assert [kind for kind, _ in changelog.records] == [LEFT]
    changelog.write(BEGIN + DAY, frozen)
    again = changelog.load(BEGIN + 11 * DAY)
    assert not again.known
    assert not again._ledger.cells
    changelog.write(BEGIN + 12 * DAY, again.close(BEGIN + 12 * DAY))
    changelog.clean()
    assert [kind for kind, _ in changelog.records] == [LEFT]


def test_history_that_is_told_late_stays_for_what_may_follow_it() -> None:
    join = Join()
    claim = Claim("o1", "accident", "officer", BEGIN - 300 * DAY, *PLACE)
    closing(join, BEGIN, [("claim", "o1", claim, False)])
    closing(join, BEGIN + DAY, [("claim", "o1", None, True)])
    join.close(BEGIN + 7 * DAY)
    assert join.known
    join.close(BEGIN + 8 * DAY)
    assert not join.known


def test_names_and_retractions_are_kept_for_ninety_days() -> None:
    changelog, join = Changelog(), Join()
    claim = Claim("o1", "accident", "officer", BEGIN, *PLACE)
    other = Claim("o2", "accident", "officer", BEGIN, *PLACE)
    lines: list[Line] = [("claim", "o1", claim, False), ("claim", "o2", other, False)]
    changelog.write(BEGIN, closing(join, BEGIN, lines))
    ended: list[Line] = [("claim", "o1", None, True), ("claim", "o2", None, False)]
    sizes = list[int]()
    for day in range(1, 120):
        tick = BEGIN + day * DAY
        changelog.write(tick, closing(join, tick, ended if day == 1 else []))
        changelog.clean()
        sizes.append(len(changelog.records))
    assert sizes[0] == 2
    assert sizes[50] == 2
    assert sizes[95] == 1
    assert sizes[-1] == 0


@pytest.mark.long
def test_state_does_not_grow_with_months_that_are_over() -> None:
    join, changelog, sizes = Join(), Changelog(), list[Counter[str]]()
    story = City(Random(1), 200)
    story.life = lambda tick, make: _short_life(story, tick, make)  # type: ignore[method-assign]
    for tick, lines in story.told():
        changelog.write(tick, closing(join, tick, lines))
        changelog.clean()
        sizes.append(
            Counter(
                [kind for kind, _ in join.known]
                + ["uptime"] * len(list(join.uptimes.days()))
                + ["cell"] * len(join._ledger.cells)
                + ["part"] * len(join._ledger._parts)
                + ["group"] * len(join._groups)
                + ["kept"] * len(changelog.records)
            )
        )
    # How many there are on one day depends on the day.
    earlier, later = (sum(sizes[day : day + 20], Counter[str]()) for day in (100, 180))
    for kind in later:
        assert later[kind] <= 1.3 * earlier[kind] + 12 * 20, (kind, earlier, later)


def _short_life(story: City, tick: int, make: Callable[[int], dict[tuple[str, str], Any]]) -> None:
    for (kind, name), value in make(tick).items():
        story.say(tick, kind, name, value)
        story.say(tick + 5, kind, name, None, over=True)


def old(*names: tuple[str, str]) -> join_leaving.Rest:
    """These are over, and all was told long ago."""
    return join_leaving.Rest(BEGIN + 30 * DAY, set(names), dict.fromkeys(names, BEGIN))


def test_storms_leave_in_order_and_whole() -> None:
    told = {
        name: Severe(name, "flood", BEGIN + after * SECOND, None, None, *PLACE)
        for name, after in {"a": 0, "b": 40, "c": 80, "d": 120, "e": 160}.items()
    }
    told["far"] = Severe("far", "flood", BEGIN + 90 * SECOND, None, None, *(2 * x for x in PLACE))

    def leaving(*over: str) -> str:
        return "".join(sorted(join_leaving.alerts(told, old(*(("alert", one) for one in over)))))

    assert leaving("a", "b", "d", "e") == "ab"
    assert leaving("b", "c", "d", "e", "far") == "far"
    assert leaving("a", "b", "c", "d", "e", "far") == "abcdefar"
    assert leaving("a", "c", "d", "e") == ""


def test_a_storm_rests_until_no_alert_can_come_that_would_be_of_it() -> None:
    one = {"a": Severe("a", "flood", BEGIN, None, None, *PLACE)}
    for ends, leaves in ((MINUTE - 1, set()), (MINUTE, {"a"})):
        rest = join_leaving.Rest(BEGIN + 7 * DAY + ends, {("alert", "a")}, {("alert", "a"): BEGIN})
        assert join_leaving.alerts(one, rest) == leaves


def test_a_voice_stays_with_the_claims_and_reports_of_those_that_it_is_compared_with() -> None:
    told = {
        name: Voice(name, "a|x", BEGIN + hours * HOUR, "sikesal", *PLACE, False, "waste", True)
        for name, hours in {"a": 0, "b": 2, "c": 5}.items()
    }
    over = old(*((VOICE, name) for name in told))
    assert join_leaving.voices(told, (), over) == ({"a", "b", "c"}, set())
    assert join_leaving.voices(told, {"b"}, over) == ({"c"}, set())
    # Of a the case is open: whether b is a copy may still change.
    assert join_leaving.voices(told, (), old((VOICE, "b"), (VOICE, "c"))) == ({"c"}, {"a", "b"})
    ends = BEGIN + 4 * HOUR + 7 * DAY
    assert join_leaving.voices(told, (), replace_tick(over, ends - 1))[0] == set()
    assert join_leaving.voices(told, (), replace_tick(over, ends))[0] == {"a", "b"}


def replace_tick(rest: join_leaving.Rest, tick: int) -> join_leaving.Rest:
    return join_leaving.Rest(tick, rest.over, rest.heard)


def test_of_two_complaints_about_a_record_both_leave_or_none() -> None:
    def told(name: str, hours: int) -> Grievance:
        twin = Twin(name, "a|x", BEGIN + hours * HOUR, "sikesal", *PLACE, False)
        return Grievance(name, "r", "late", None, twin.filed_at, "domisili", "x", None, twin)

    complaints = {"a": told("a", 0), "b": told("b", 2), "c": told("c", 5)}
    rest = join_leaving.Rest(BEGIN + 90 * DAY, {("grievance", "b"), ("grievance", "c")}, {
        ("grievance", name): BEGIN for name in complaints
    })  # fmt: skip
    assert join_leaving.grievances(complaints, {}, rest) == ({"c"}, set())


def test_what_a_camera_saw_stays_for_a_report_in_its_sight_that_stays() -> None:
    view = {"place": list(PLACE), "intersection": "s1", "fov": VIEW}
    (camera,) = views_of({"c1": view | {"analytics": "public_order"}})
    far = [(PLACE[0] + km * 1000 * METRE, PLACE[1]) for km in (2, 3, 4)]
    report = Claim("k", "public_order", "citizen", BEGIN, *PLACE, HOUR, reported=True)
    told = {c.claim_id: c for c in (
        report,
        Claim("c1|seen", "public_order", "sensor", BEGIN - 110 * MINUTE, *far[0]),
        Claim("c1|before", "public_order", "sensor", BEGIN - 130 * MINUTE, *far[1]),
        Claim("c2|elsewhere", "public_order", "sensor", BEGIN - 110 * MINUTE, *far[2]),
    )}  # fmt: skip
    seen = [("claim", name) for name in told if name != "k"]
    assert join_leaving.claims(told, [camera], (), (), old(*seen), SHIPPED) == {
        "c1|before",
        "c2|elsewhere",
    }
    clips = [Review(BEGIN, "e", "k", "c2", "confirmed", "public_order")]
    assert join_leaving.claims(told, [camera], (), clips, old(*seen), SHIPPED) == {"c1|before"}
    assert (
        join_leaving.claims(told, [camera], (), (), old(*seen, ("claim", "k")), SHIPPED)
        == told.keys()
    )


@pytest.mark.parametrize("family", ["sensor", "officer"])
def test_what_was_seen_rests_until_who_wrote_of_it_an_hour_later_is_too_late(family: str) -> None:
    """KPI 29: who does not say when it was is told of what was seen an hour and t_c before."""
    told = {"c1|s": Claim("c1|s", "accident", family, BEGIN, *PLACE)}
    ends = BEGIN + 20 * MINUTE + (HOUR if family == "sensor" else 0) + 7 * DAY
    over = old(("claim", "c1|s"))
    for tick, leaves in ((ends - 1, set()), (ends, {"c1|s"})):
        assert join_leaving.claims(told, (), (), (), replace_tick(over, tick), SHIPPED) == leaves


def test_a_report_that_is_told_in_the_last_hour_meets_what_a_camera_saw() -> None:
    """Both as late as can be: the sighting is 80 minutes older than the report."""
    midnight = wib_day_start(BEGIN + 30 * DAY)
    filed = midnight - 7 * DAY + MINUTE
    seen = Claim("c1|s", "accident", "sensor", filed - 79 * MINUTE, *PLACE)
    report = Claim("k", "accident", "citizen", filed, *PLACE, HOUR, reported=True)
    view = {"place": list(PLACE), "watches": [[0, None]], "intersection": "s1"}
    camera: Line = ("camera", "c1", view | {"fov": VIEW, "analytics": "accident"}, False)
    up: list[Line] = [
        ("uptime", str(hour), {"camera": "c1", "hour": hour, "up": (1 << 60) - 1}, False)
        for hour in range(filed // HOUR * HOUR - 3 * HOUR, filed + 2 * HOUR, HOUR)
    ]
    for join in (Join(), Join(settles=False)):
        closing(join, seen.at + MINUTE, [camera, *up, ("claim", "c1|s", seen, False)])
        closing(join, seen.at + 2 * MINUTE, [("claim", "c1|s", None, True)])
        join.close(midnight)
        closing(join, midnight + MINUTE // 2, [("claim", "k", report, False)])
        assert [one.verdict for one in join.reports()] == [Verdict.CORROBORATED]


def test_a_report_with_a_clip_stays_as_long_as_what_the_clip_shows() -> None:
    report = Claim("k", "accident", "citizen", BEGIN, *PLACE, reported=True)
    far = (PLACE[0] + 2000 * METRE, PLACE[1])
    told = {"k": report, "c1|s": Claim("c1|s", "accident", "sensor", BEGIN, *far)}
    clip = Review(BEGIN, "e", "k", "c1", "confirmed", "accident")
    assert join_leaving.claims(told, (), (), (), old(("claim", "k")), SHIPPED) == {"k"}
    assert join_leaving.claims(told, (), (), [clip], old(("claim", "k")), SHIPPED) == set()
