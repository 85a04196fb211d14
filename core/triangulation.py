"""Claims, and the incidents that they cluster into (catalogue section 5).

Two claims of one class are linked when they lie within its reach in space and time; an incident is
a connected component (single linkage).  It is corroborated by two families.  The reach of a claim
is that of the version in force at its time (convention C2c, decision 0014); of two claims with
different ones the smaller links, so that it does not matter which is looked at first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

import msgspec

from core.classes import Reach
from core.kpi import Subject
from core.land import Place, around, hexagon
from core.law import Law
from core.moment import HOUR

EARTH_RADIUS_M = 6_371_000.0
"""Mean radius; at city size the error of the sphere is far below the reach of any class."""

WRITTEN_LATER = HOUR
"""So much earlier may that have been of which somebody does not say when it was (catalogue KPI 29).
"""

_NOBODY: deque[int] = deque()

INCIDENT = Subject("incident")


class Claim(msgspec.Struct, frozen=True, gc=False):
    """A statement that something of class `incident` was at (lat, lon) at time `at`.

    `family` is sensor, citizen, officer or record; `lat`, `lon` in degrees or None.  It may have
    begun `slack` microseconds earlier.  `reported`: a complaint; `copy`: a linked one.
    `told_at`: when it was said, if that was another time; None: at `at`.
    `signal`: of an alarm, the intersection whose signals it is about; it lasted until `until`, None
    where nobody knows.
    """

    claim_id: str
    incident: str
    family: str
    at: int
    lat: float | None
    lon: float | None
    slack: int = 0
    reported: bool = False
    copy: bool = False
    reporter: str = ""
    signal: str = ""
    until: int | None = None
    told_at: int | None = None

    @property
    def known_at(self) -> int:
        """When the city was told."""
        return self.at if self.told_at is None else self.told_at

    @property
    def by_camera(self) -> bool:
        """A sighting; an alarm of the traffic control system is of the same family, and none."""
        return self.family == "sensor" and not self.signal

    @property
    def camera(self) -> str:
        """Which camera saw it: the id of a sighting begins so (`core.fold.entity_of`)."""
        return self.claim_id.partition("|")[0] if self.by_camera else ""

    @property
    def place(self) -> Place | None:
        """Latitude and longitude, or None when not located."""
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)


@dataclass(frozen=True, slots=True)
class Incident:
    """One cluster of located claims of one class; `claims` sorted by (at, claim_id)."""

    claims: tuple[Claim, ...]

    @property
    def at(self) -> int:
        """Time of its first claim: the window in which it counts."""
        return self.claims[0].at

    @property
    def corroborated(self) -> bool:
        """At least two independent families (section 5.2)."""
        return len({claim.family for claim in self.claims}) >= 2

    @property
    def multi_reporter(self) -> bool:
        """Several known citizens and nobody else (section 5.2); a copy is nobody."""
        citizens = {c.reporter for c in self.claims if c.family == "citizen" and not c.copy}
        return len(citizens - {""}) >= 2 and not self.corroborated

    def monitored(self, cameras: Iterable[tuple[Place, int, int | None]], law: Law) -> bool:
        """A claim lies within its reach of a camera in service at that time.

        `cameras` are places with the span [from, until) in which they watch; None: still.
        """
        watching = tuple(cameras)
        return any(
            since <= claim.at
            and (until is None or claim.at < until)
            and distance_m(_placed(claim), place) <= reach_of(claim, law).metres
            for claim in self.claims
            for place, since, until in watching
        )


def distance_m(a: Place, b: Place) -> float:
    """Great-circle distance in metres (haversine)."""
    lat_a, lat_b = radians(a[0]), radians(b[0])
    half_lat, half_lon = (lat_b - lat_a) / 2, radians(b[1] - a[1]) / 2
    h = sin(half_lat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, h)))


def reach_of(claim: Claim, law: Law) -> Reach:
    """By the version in force at its time."""
    return law.at(claim.at).classes.reach[claim.incident]


def reach_of_both(a: Claim, b: Claim, law: Law) -> Reach:
    """The smaller one, in space and in time."""
    return reach_of(a, law).and_of(reach_of(b, law))


def of_law(claims: Mapping[str, Claim], law: Law) -> dict[str, Claim]:
    """Those of a class that the version in force at their time knows; the others say nothing."""
    return {
        name: claim for name, claim in claims.items()
        if claim.incident in law.at(claim.at).classes.reach
    }  # fmt: skip


def are_near(a: Claim, b: Claim, law: Law) -> bool:
    """Two claims of one class lie within its reach in space; what has no place is far."""
    if a.place is None or b.place is None:
        return False
    return distance_m(a.place, b.place) <= reach_of_both(a, b, law).metres


def incidents(claims: Iterable[Claim], law: Law) -> list[Incident]:
    """Clusters of the located claims of one class (all of them `of_law`), in order of time."""
    located = sorted((c for c in claims if c.place), key=lambda c: (c.at, c.claim_id))
    reaches = [reach_of(claim, law) for claim in located]
    group = list(range(len(located)))
    there: dict[str, deque[int]] = {}
    """By piece of land the claims that are not too old yet, in order of time."""
    for i, claim in enumerate(located):
        place = _placed(claim)
        home = hexagon(place)
        for piece in around(home):
            recent = there.get(piece, _NOBODY)
            while recent and claim.at - located[recent[0]].at > reaches[recent[0]].time:
                recent.popleft()
            for j in recent:
                reach = reaches[i].and_of(reaches[j])
                in_time = claim.at - located[j].at <= reach.time
                if in_time and distance_m(place, _placed(located[j])) <= reach.metres:
                    group[_root(group, i)] = _root(group, j)
        there.setdefault(home, deque()).append(i)
    found: dict[int, list[Claim]] = {}
    for i, claim in enumerate(located):
        found.setdefault(_root(group, i), []).append(claim)
    ordered = (Incident(tuple(members)) for members in found.values())
    return sorted(ordered, key=lambda incident: (incident.at, incident.claims[0].claim_id))


def _placed(claim: Claim) -> Place:
    assert claim.place is not None
    return claim.place


def _root(group: Sequence[int], index: int) -> int:
    while group[index] != index:
        index = group[index]
    return index
