"""Claims: who says that what happens where and when (catalogue section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core import moment
from sim.city import Camera, distance_m

Family = Literal["citizen", "sensor", "officer"]
CLEARANCE_M = 6.0
CLEARANCE = 6 * moment.SECOND


@dataclass(frozen=True, slots=True)
class Reach:
    """How far apart two claims of one class may be and still be linked: metres, microseconds."""

    radius_m: float
    within: int


REACH: dict[str, Reach] = {
    "accident": Reach(150, 20 * moment.MINUTE),
    "congestion": Reach(250, 30 * moment.MINUTE),
    "signal_fault": Reach(75, 60 * moment.MINUTE),
    "flood": Reach(300, 120 * moment.MINUTE),
    "illegal_parking": Reach(100, 60 * moment.MINUTE),
    "public_order": Reach(150, 60 * moment.MINUTE),
    "waste": Reach(75, 48 * moment.HOUR),
    "street_light_out": Reach(50, 7 * moment.DAY),
}
"""Camera-observable classes of catalogue section 5.3."""
COMES_AGAIN = ("illegal_parking", "flood")
"""Catalogue KPI 30."""


@dataclass(frozen=True, slots=True)
class Reform:
    """From moment `at` on this is the reach of each class, and these come again by themselves."""

    at: int
    reach: Mapping[str, Reach]
    comes_again: tuple[str, ...] = COMES_AGAIN


ALWAYS = Reform(0, REACH)


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement; `point` is WGS 84 degrees."""

    incident: str
    family: Family
    point: tuple[float, float]
    at: int
    speaker: str = ""
    """Telephone of a citizen who does not repeat a case; the truth asks for it."""
    told_at: int | None = None
    """When it was said, if that was at another time than what it is about."""


class Field:
    """All claims so far; keeps new ones well clear of every limit.

    A distance within 6 m of a radius, or a time within 6 s of a limit, could be decided by the
    last bit of a floating-point number: the story has none.  Nor does it have a claim that only
    an unsteady camera (one that comes or goes around the day) could have seen.
    """

    def __init__(self, steady: tuple[Camera, ...], unsteady: tuple[Camera, ...]) -> None:
        """An empty city with these cameras."""
        self._steady = tuple((camera.lat, camera.lon) for camera in steady)
        self._unsteady = tuple((camera.lat, camera.lon) for camera in unsteady)
        self._claims: dict[str, list[Claim]] = {incident: [] for incident in REACH}

    def is_clear(self, claim: Claim) -> bool:
        """True when no link of the claim, to another or to a camera, is a close call."""
        reach = REACH[claim.incident]
        steady = [distance_m(claim.point, spot) for spot in self._steady]
        unsteady = [distance_m(claim.point, spot) for spot in self._unsteady]
        if any(abs(d - reach.radius_m) < CLEARANCE_M for d in steady + unsteady):
            return False
        if min(unsteady) < reach.radius_m < min(steady):
            return False
        others = self._claims[claim.incident]
        return not any(_close_call(reach, claim, other) for other in others)

    def add(self, claim: Claim) -> None:
        """Put the claim on the map."""
        self._claims[claim.incident].append(claim)


def _close_call(reach: Reach, a: Claim, b: Claim) -> bool:
    apart = abs(a.at - b.at)
    if apart > reach.within + CLEARANCE:
        return False
    distance = distance_m(a.point, b.point)
    if distance > reach.radius_m + CLEARANCE_M:
        return False
    return distance > reach.radius_m - CLEARANCE_M or apart > reach.within - CLEARANCE
