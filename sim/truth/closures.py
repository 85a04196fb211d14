"""True numbers of closures that evidence contradicts (catalogue 30).

A case with a place counts when the seven days after its last solution are over, at the agency that
had it then.  Contradicted, within the seven days after any of its solutions:
- reopened;
- another citizen, known and not the same, files a report of the class in its reach, not about a
  time before the solution; no copy (origin_ref, or filed before through another channel), not
  refused, not taken back; not for illegal parking and floods, which come again;
- a camera in reach shows it: sightings one after the other within the time of the class, 15
  minutes from the first to the last; an alarm of signals in reach likewise, until the next thing
  that is said of them (another alarm, or that they work), also if it began before the solution.
Road damage (50 m) and leaks (75 m) are classes too; other categories have none, and only their
reporter can contradict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from core import moment
from sim.city import CATEGORIES, distance_m, intersections
from sim.claims import REACH
from sim.signals import FAULT, Turn
from sim.story import Story
from sim.truth.complaints import cases_of
from sim.truth.kpi import Beside, Reasons, Truth
from sim.truth.registers import agency, category
from sim.truth.standing import Standing
from sim.truth.windows import CITY, Row, Window, by_reason

KPI = "tri_false_closure_pct"
Point = tuple[float, float]
SEVEN_DAYS = 7 * moment.DAY
LONG_ENOUGH = 15 * moment.MINUTE
UNSEEN = {"jalan_rusak": "road_damage", "kebocoran_pipa": "pipe_leak"}
METRES: dict[str, float] = {"road_damage": 50, "pipe_leak": 75}


@dataclass(frozen=True, slots=True)
class Closure:
    """A case whose seven days ended in the window."""

    case: Standing
    opd: str
    left_out: str | None
    kinds: tuple[str, ...]


def matter(case: Standing) -> str:
    """The class of a case, or its category where there is no class."""
    name = category(case.complaint.category)
    known = CATEGORIES.get(name)
    return (known and known.incident) or UNSEEN.get(name, name)


def reach_m(story: Story, of: str, *times: int) -> float | None:
    """How far apart two statements of a class may be, each of its time; None without a class."""
    return story.reach(of, *times).radius_m if of in REACH else METRES.get(of)


def closures(story: Story, window: Window) -> list[Closure]:
    """Every closure of the window."""
    found = []
    for case in cases_of(story):
        solved = case.times("resolved")
        if solved and window.holds(solved[-1] + SEVEN_DAYS):
            reason = case.gone or ("unlocated" if case.complaint.point is None else None)
            holder = case.opd_at(solved[-1])
            opd = agency(holder) if holder else "unassigned"
            found.append(Closure(case, opd, reason, all_kinds(story)[case.complaint.case_id]))
    return found


@lru_cache(maxsize=4)
def all_kinds(story: Story) -> dict[str, tuple[str, ...]]:
    """Which kinds of contradiction each solved case met with."""
    alike: dict[str, list[Standing]] = defaultdict(list)
    for case in cases_of(story):
        alike[matter(case)].append(case)
    return {
        case.complaint.case_id: kinds(case, alike[matter(case)], story)
        for case in cases_of(story) if case.times("resolved")
    }  # fmt: skip


def kinds(case: Standing, cases: list[Standing], story: Story) -> tuple[str, ...]:
    """Which kinds of contradiction a case met with."""
    found = []
    for at in case.times("resolved"):
        if any(at <= again <= at + SEVEN_DAYS for again in case.times("reopened")):
            found.append("reopened")
        if any(_tells_again(case, other, at, story) for other in cases):
            found.append("reported")
        if _seen_on(case, story, at):
            found.append("seen")
    return tuple(sorted(set(found)))


def _tells_again(case: Standing, other: Standing, solved: int, story: Story) -> bool:
    first, second = case.complaint, other.complaint
    if not solved <= second.submitted_at <= solved + SEVEN_DAYS:
        return False
    if second.incident_at is not None and second.incident_at < solved:
        return False
    if second.phone == first.phone or second.origin_ref or second.kind not in (None, "complaint"):
        return False
    if other.copy or other.times("rejected") or other.times("withdrawn"):
        return False
    seen = [c.submitted_at if c.incident_at is None else c.incident_at for c in (first, second)]
    reach, again = reach_m(story, matter(case), *seen), story.reform(seen[0]).comes_again
    if reach is None or matter(case) in again or matter(other) != matter(case):
        return False
    if first.point is None or second.point is None:
        return False
    return distance_m(first.point, second.point) <= reach


def _seen_on(case: Standing, story: Story, solved: int) -> bool:
    point, what = case.complaint.point, matter(case)
    if point is None or what not in REACH:
        return False
    told = case.complaint.incident_at
    told = case.complaint.submitted_at if told is None else told
    places = {e.camera.camera_id: (e.camera.lat, e.camera.lon) for e in story.watch.registrations}

    def near(place: Point, at: int) -> bool:
        return distance_m(point, place) <= story.reach(what, told, at).radius_m

    shown = [
        (seen.start, seen.start) for seen in story.detections
        if seen.label == what and seen.camera_id in places
        and near(places[seen.camera_id], seen.start)
    ]  # fmt: skip
    if what == FAULT:
        for name, place in intersections().items():
            shown += [
                one for one in dark([t for t in story.turns if t.intersection_id == name])
                if near(place, one[0])
            ]  # fmt: skip
    spells: list[list[tuple[int, int]]] = []
    """Instants, each with when what showed it began."""
    for since, until in sorted(shown):
        if until < solved or since < solved == until or since > solved + SEVEN_DAYS:
            continue
        times = [(max(since, solved), since), (min(until, solved + SEVEN_DAYS), since)]
        last, began = max(spells[-1]) if spells else (0, 0)
        if spells and times[0][0] - last <= story.reach(what, began, since).within:
            spells[-1] += times
        else:
            spells.append(times)
    return any(max(spell)[0] - min(spell)[0] >= LONG_ENOUGH for spell in spells)


def dark(turns: list[Turn]) -> list[tuple[int, int]]:
    """From each alarm of one intersection to the next word."""
    found = []
    for alarm in turns:
        if alarm.what == "alarm":
            later = [turn.at for turn in turns if turn.at > alarm.at]
            found.append((alarm.at, min(later, default=alarm.at)))
    return found


def row(found: list[Closure], window: Window, scope: str = "city", name: str = "city") -> Row:
    """One row of the closures of a scope."""
    counted = [c for c in found if c.left_out is None]
    bad = sum(bool(closure.kinds) for closure in counted)
    return Row(KPI, window.name, scope, name, window.start, window.end, bad, len(counted))


def _rows(story: Story, window: Window) -> Iterator[Row]:
    found = closures(story, window)
    yield row(found, window)
    counted = [closure for closure in found if closure.left_out is None]
    for opd in sorted({closure.opd for closure in counted}):
        yield row([c for c in counted if c.opd == opd], window, "opd", opd)
    for what in sorted({matter(closure.case) for closure in counted}):
        yield row([c for c in counted if matter(c.case) == what], window, "category", what)


def _left_out(story: Story, window: Window) -> Reasons:
    return by_reason(
        (c.left_out, [("opd", c.opd), ("category", matter(c.case))])
        for c in closures(story, window) if c.left_out
    )  # fmt: skip


def _beside(story: Story, row: Row) -> Beside:
    """How many met with each kind of contradiction."""
    own = [c for c in closures(story, row.span) if c.left_out is None
           and row.scope in (CITY, ("opd", c.opd), ("category", matter(c.case)))]  # fmt: skip
    return {kind: str(sum(kind in closure.kinds for closure in own))
            for kind in ("reopened", "reported", "seen")}  # fmt: skip


TRUTHS = (
    Truth(KPI, ("sikesal", "frigate"), ("1d", "28d", "month"), _rows, _left_out, beside=_beside),
)
