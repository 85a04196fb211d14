"""What is near is in the same hexagon or beside it: all that measuring every distance finds."""

from __future__ import annotations

import random
from math import asin, cos, degrees, pi, radians, sin

import h3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import land
from core.closures import Report
from core.land import Place
from core.law import SHIPPED
from core.moment import HOUR, MINUTE
from core.triangulation import EARTH_RADIUS_M, Claim, distance_m, incidents
from core.vicinity import Vicinity

JAMBI = (-1.61, 103.61)
EVERYWHERE = st.tuples(st.floats(-1, 1).map(lambda z: degrees(asin(z))), st.floats(-180, 180))

CLASSES = SHIPPED.newest.classes


def moved(place: Place, metres: float, bearing: float) -> Place:
    """The place so far away on the sphere, to the last bits."""
    turn, lat = metres / EARTH_RADIUS_M, radians(place[0])
    north = asin(sin(lat) * cos(turn) + cos(lat) * sin(turn) * cos(bearing))
    east = asin(max(-1, min(1, sin(bearing) * sin(turn) / max(cos(north), 1e-9))))
    return degrees(north), (place[1] + degrees(east) + 180) % 360 - 180


@given(EVERYWHERE, st.floats(0, land.FARTHEST_M), st.floats(0, 2 * pi))
def test_what_is_in_reach_is_in_the_hexagon_or_beside_it(
    place: Place, metres: float, bearing: float
) -> None:
    other = moved(place, metres, bearing)
    if distance_m(place, other) <= land.FARTHEST_M:
        assert land.hexagon(other) in land.around(land.hexagon(place))


@given(EVERYWHERE)
def test_edges_are_longer_than_the_reach_of_any_class(place: Place) -> None:
    corners = h3.cell_to_boundary(land.hexagon(place))
    edges = [distance_m(a, b) for a, b in zip(corners, (*corners[1:], corners[0]), strict=True)]
    assert min(edges) > land.FARTHEST_M >= max(CLASSES.metres.values())


def components(claims: list[Claim]) -> set[frozenset[str]]:
    """By all pairs, grown claim by claim."""
    left, found = list(claims), set()
    while left:
        group = [left.pop()]
        for claim in group:  # grows while we walk it
            group += [other for other in left if linked(claim, other)]
            left = [other for other in left if not linked(claim, other)]
        found.add(frozenset(claim.claim_id for claim in group))
    return found


def linked(a: Claim, b: Claim) -> bool:
    reach = CLASSES.reach[a.incident]
    assert a.place is not None
    assert b.place is not None
    return abs(a.at - b.at) <= reach.time and distance_m(a.place, b.place) <= reach.metres


@pytest.mark.parametrize("centre", [JAMBI, (0.0, 180.0), (52.0, 5.0)])
@pytest.mark.parametrize("incident", ["flood", "accident", "street_light_out"])
@pytest.mark.parametrize("seed", range(5))
def test_incidents_are_those_of_all_pairs(incident: str, centre: Place, seed: int) -> None:
    dice, reach = random.Random(seed), CLASSES.reach[incident]
    claims = []
    for number in range(120):
        place = moved(centre, dice.uniform(0, reach.metres * 8), dice.uniform(0, 2 * pi))
        at = dice.randrange(0, reach.time * 6, MINUTE)
        claims.append(Claim(str(number), incident, "citizen", at, *place))
    found = incidents(claims, SHIPPED)
    by_all_pairs = components(claims)
    assert {frozenset(c.claim_id for c in one.claims) for one in found} == by_all_pairs
    assert 1 < len(by_all_pairs) < len(claims)
    assert found == incidents(dice.sample(claims, len(claims)), SHIPPED)


@pytest.mark.parametrize("seed", range(5))
def test_a_closure_meets_every_report_in_reach(seed: int) -> None:
    dice, vicinity = random.Random(seed), Vicinity()
    reports = []
    for number in range(60):
        place = moved(JAMBI, dice.uniform(0, 1500), dice.uniform(0, 2 * pi))
        resolved = (HOUR,) if number % 2 else ()
        filed = 0 if number % 2 else 2 * HOUR
        one = Report(str(number), "accident", "o", f"p{number}", filed, filed, *place,
                     resolved, (), None, tells=True)  # fmt: skip
        vicinity.put(one.case_id, one)
        reports.append(one)
    expected = {
        one.case_id for one in reports for other in reports
        if one.resolved and not other.resolved and one.place and other.place
        and distance_m(one.place, other.place) <= CLASSES.metres["accident"]
    }  # fmt: skip
    found = [closure for _, part in vicinity.changed() for closure in part]
    assert {c.report.case_id for c in found if "reported" in c.contradicted_by} == expected
    assert len(found) == 30
    assert 0 < len(expected) < 30
