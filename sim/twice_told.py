"""Citizens who tell twice: of what a camera can see, of a solution, of a letter (KPI 28 to 32)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

from core import moment
from sim.cases import Complaint, Step
from sim.chance import Chance
from sim.city import CENTRE, analytics, cameras, distance_m, in_view, incident_of, moved
from sim.claims import REACH, Claim, Field
from sim.links import filed
from sim.twins import Way, second

_EVERY = 80
"""Of so many complaints one is told twice; at least one of each way."""
_BESIDE = Way("seen_beside_neighbour", 5 * moment.MINUTE)
_REFUSED = Way("seen_though_refused", 15 * moment.MINUTE)
_SEEN = (
    _BESIDE,
    _REFUSED,
    Way("seen_twice", 15 * moment.MINUTE),
    Way("seen_twice_later", 110 * moment.MINUTE),
    Way("seen_apart", 2 * moment.HOUR + moment.SECOND),
    Way("seen_at_one_channel", 15 * moment.MINUTE, same_channel=True),
)
_AROUND = Way("told_around_solution", 90 * moment.MINUTE)
_LETTERS = (
    Way("letter_twice", 25 * moment.MINUTE),
    Way("letter_twice_solved", 40 * moment.MINUTE, end="resolved"),
    Way("letter_of_another", 25 * moment.MINUTE),
)
_TRIES = 20


def twice_told(chance: Chance, field: Field, complaints: list[Complaint], start: int, end: int
               ) -> list[Complaint]:  # fmt: skip
    """Second filings of each of these kinds, told between two moments or a little earlier."""
    many = max(len(complaints) // _EVERY, len(_SEEN))
    found: list[Complaint] = []
    for made in (
        _seen(chance, field, complaints, start, end), _around(chance, complaints, end),
        _letters(chance, complaints, end),
    ):  # fmt: skip
        before = len(found)
        for one in made:
            found.append(one)
            if len(found) - before >= many:
                break
    for number, one in enumerate(found):
        one.number = f"{one.source[:2].upper()}-2026-{961_001 + number}"
    return found


def _seen(chance: Chance, field: Field, complaints: list[Complaint], start: int, end: int
          ) -> Iterator[Complaint]:  # fmt: skip
    """Of what lies in view of a camera first."""
    firsts = [
        c for c in complaints
        if incident_of(c.category) and c.point and c.kind in (None, "complaint")
        and not c.origin_ref and not any(s.what.startswith("duplicate") for s in c.steps)
        and start <= c.submitted_at < end - 4 * moment.HOUR
    ]  # fmt: skip
    firsts.sort(key=lambda c: not any(
        in_view(eye, _spot(c)) and incident_of(c.category) in analytics(eye) for eye in cameras()
    ))  # fmt: skip
    for way in cycle(_SEEN):
        first = next((c for c in firsts if way is not _BESIDE or _is_alone(c, complaints)), None)
        if first is None:
            return
        firsts = [c for c in firsts if not _are_near(c, first)]
        yield from _clear(chance, field, way, first, end)


def _is_alone(first: Complaint, complaints: list[Complaint]) -> bool:
    """Nobody else tells of it when the first could tell again."""
    others = (c for c in complaints if c is not first)
    return _reach(first) <= moment.HOUR and not any(_are_near(c, first) for c in others)


def _are_near(one: Complaint, other: Complaint) -> bool:
    return (
        one.category == other.category and one.point is not None and other.point is not None
        and abs(one.submitted_at - other.submitted_at) < 5 * moment.HOUR
        and distance_m(one.point, other.point) < 1000
    )  # fmt: skip


def _reach(complaint: Complaint) -> int:
    incident = incident_of(complaint.category)
    return REACH[incident].within if incident else 0


def _clear(chance: Chance, field: Field, way: Way, first: Complaint, end: int) -> list[Complaint]:
    """What is filed, where it is no close call."""
    incident = incident_of(first.category)
    assert incident is not None
    for _ in range(_TRIES):
        made = _told(chance, replace(way, metres=chance.real(-20, 20)), first, end)
        claims = [Claim(incident, "citizen", _spot(one), one.submitted_at) for one in made]
        if all(map(field.is_clear, claims)):
            for claim in claims:
                field.add(claim)
            return made
    return []


def _told(chance: Chance, way: Way, first: Complaint, end: int) -> list[Complaint]:
    """A second filing.

    Beside it, when it is too late to be of the incident of the first, that of a neighbour; or a
    first of its own, that is refused.
    """
    if way.name == _BESIDE.name:
        again = second(chance, replace(way, wait=_reach(first) + way.wait), first, 0, end)
        at = again.submitted_at + 3 * moment.MINUTE
        return [again, _filed(chance, again, at, "neighbour")]
    if way.name == _REFUSED.name:
        at = first.submitted_at + chance.between(moment.MINUTE, 20 * moment.MINUTE)
        refused = _filed(chance, first, at, "refused")
        refused.steps.append(Step("rejected", at + moment.HOUR))
        return [refused, second(chance, way, refused, 0, end)]
    return [second(chance, way, first, 0, end)]


def _filed(chance: Chance, like: Complaint, at: int, plot: str) -> Complaint:
    place = moved(*_spot(like), 0.0, chance.real(-20, 20))
    return filed(chance, "walk_in", 0, like.category, None, place, at, plot)


def _spot(told: Complaint) -> tuple[float, float]:
    assert told.point is not None
    return told.point


def _around(chance: Chance, complaints: list[Complaint], end: int) -> Iterator[Complaint]:
    """Who told of it just before it was solved does not tell again, through another channel."""
    for closed in complaints:
        solved = [step.at for step in closed.steps if step.what == "resolved"]
        if (
            closed.category in ("jalan_rusak", "kebocoran_pipa") and closed.point
            and len(solved) == 1 and end - 34 * moment.DAY < solved[0] < end - 8 * moment.DAY
        ):  # fmt: skip
            first = filed(chance, "walk_in", 0, closed.category, None,
                          moved(*closed.point, 8.0, 0.0), solved[0] - 30 * moment.MINUTE,
                          _AROUND.name)  # fmt: skip
            yield first
            yield second(chance, _AROUND, first, 0, end)


def _letters(chance: Chance, complaints: list[Complaint], end: int) -> Iterator[Complaint]:
    """About the same record, which is told of once; or about another one."""
    told = [
        c for c in complaints
        if c.about.get("claim") and c.category == "pelayanan"
        and c.submitted_at < end - 3 * moment.HOUR
    ]  # fmt: skip
    for way, pair in zip(cycle(_LETTERS), zip(told[::2], told[1::2], strict=False), strict=False):
        # Nobody complains about what was not asked for yet.
        other, first = sorted(pair, key=lambda c: c.submitted_at)
        first.point = moved(*CENTRE, chance.real(-3000, 3000), chance.real(-3000, 3000))
        again = second(chance, way, first, 0, end)
        about = other if way.name == "letter_of_another" else first
        again.about, again.applicant_nik = about.about, about.applicant_nik
        yield again
