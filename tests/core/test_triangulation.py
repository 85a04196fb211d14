"""Claims that hang together: reach, chains, independence, the monitored area."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.kpis import by_id
from core.law import SHIPPED
from core.moment import HOUR, MINUTE
from core.triangulation import Claim, Incident, distance_m, incidents
from tests.core.stories import METRE, PLACE, as_told, at

NOON = at("12:00")


CLASSES = SHIPPED.newest.classes
ACCIDENT = CLASSES.reach["accident"]


def claim(
    name: str = "a", family: str = "citizen", *, minutes: float = 0, metres: float = 0,
    incident: str = "accident",
) -> Claim:  # fmt: skip
    when = NOON + round(minutes * MINUTE)
    return Claim(name, incident, family, when, PLACE[0] + metres * METRE, PLACE[1])


def names(*claims: Claim) -> list[str]:
    return ["".join(c.claim_id for c in found.claims) for found in incidents(claims, SHIPPED)]


def test_a_degree_of_latitude_is_111_km() -> None:
    assert distance_m((-1.0, 103.6), (-2.0, 103.6)) == pytest.approx(111_194.93, abs=0.01)


def test_a_degree_of_longitude_is_shorter_away_from_the_equator() -> None:
    assert distance_m((60.0, 0.0), (60.0, 1.0)) == pytest.approx(55_597.5, rel=1e-3)


def test_a_call_keyed_in_again_is_no_second_source_but_a_camera_is() -> None:
    call, copy = claim("a"), claim("b")
    assert [i.corroborated for i in incidents([call, copy], SHIPPED)] == [False]
    camera = claim("c", "sensor", minutes=12, metres=90)
    assert [i.corroborated for i in incidents([call, copy, camera], SHIPPED)] == [True]


@pytest.mark.parametrize(
    ("others", "several"),
    [
        ([{"reporter": "b"}], True),
        ([{"reporter": "a"}], False),
        ([{"reporter": ""}], False),
        ([{"reporter": "b", "copy": True}], False),
        ([{"reporter": "b"}, {"family": "officer"}], False),
        ([], False),
    ],
)
def test_several_citizens_are_those_of_whom_each_is_known_and_another(
    others: list[dict[str, Any]], several: bool
) -> None:
    claims = [replace(claim(f"c{n}"), **one) for n, one in enumerate([{"reporter": "a"}, *others])]
    (incident,) = incidents(claims, SHIPPED)
    assert incident.multi_reporter is several
    (share,) = by_id()["tri_corroborated_incident_pct"].shares(incident)
    assert share.counters.get("multi_reporter", 0) == several


def test_time_reaches_to_the_dot_and_no_further() -> None:
    assert names(claim("a"), claim("b", minutes=20)) == ["ab"]
    late = claim("b", minutes=20 + 1 / 60_000_000)
    assert late.at - NOON == ACCIDENT.time + 1
    assert names(claim("a"), late) == ["a", "b"]


def test_space_reaches_150_metres_for_an_accident() -> None:
    assert names(claim("a"), claim("b", metres=149.9)) == ["ab"]
    assert names(claim("a"), claim("b", metres=150.1)) == ["a", "b"]


def test_reach_is_that_of_the_class() -> None:
    light = [claim("a", incident="waste"), claim("b", incident="waste", minutes=47 * 60)]
    assert names(*light) == ["ab"]
    assert names(*light[:1], claim("b", incident="waste", metres=76)) == ["a", "b"]


def test_a_chain_is_one_incident_though_its_ends_are_out_of_reach() -> None:
    chain = [claim("a"), claim("b", minutes=15, metres=100), claim("c", minutes=30, metres=200)]
    assert names(*chain) == ["abc"]
    assert names(chain[0], chain[2]) == ["a", "c"]


def test_a_later_claim_may_join_two_incidents() -> None:
    assert names(claim("a"), claim("b", metres=200), claim("c", metres=100)) == ["abc"]


def test_claims_without_a_place_join_nothing() -> None:
    lost = Claim("x", "accident", "officer", NOON, None, None)
    assert names(claim("a"), lost) == ["a"]


def test_an_incident_counts_at_its_first_claim() -> None:
    (found,) = incidents([claim("b", minutes=5), claim("a")], SHIPPED)
    assert found.at == NOON


def test_a_place_is_monitored_within_reach_of_a_camera_in_service() -> None:
    incident = Incident((claim("a"), claim("b", minutes=5, metres=100)))
    near, far = (PLACE[0] + 240 * METRE, PLACE[1]), (PLACE[0] + 260 * METRE, PLACE[1])
    assert incident.monitored([(near, NOON, None)], SHIPPED)
    assert not incident.monitored([(far, NOON, None)], SHIPPED)
    assert not incident.monitored([], SHIPPED)


def test_what_a_camera_saw_before_its_removal_stays_seen() -> None:
    incident = Incident((claim("a"),))
    assert incident.monitored([(PLACE, NOON - 1, NOON + 1)], SHIPPED)
    assert not incident.monitored([(PLACE, NOON - 1, NOON)], SHIPPED)


def test_a_camera_that_enters_service_later_did_not_watch() -> None:
    incident = Incident((claim("a"),))
    assert incident.monitored([(PLACE, NOON, None)], SHIPPED)
    assert not incident.monitored([(PLACE, NOON + 1, None)], SHIPPED)


def test_survives_its_way_over_the_wire() -> None:
    assert as_told(claim()) == claim()


steps = st.lists(
    st.tuples(st.integers(0, 90), st.integers(0, 800), st.sampled_from(("citizen", "sensor"))),
    max_size=12,
)


@given(steps, st.randoms(use_true_random=False))
def test_clusters_are_the_components_of_what_is_in_reach(
    told: list[tuple[int, int, str]], chance: object
) -> None:
    claims = [
        claim(f"{n:02}", family, minutes=minutes, metres=metres)
        for n, (minutes, metres, family) in enumerate(told)
    ]
    mixed = list(claims)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # random.Random by any other name
    found = {frozenset(c.claim_id for c in i.claims) for i in incidents(mixed, SHIPPED)}
    assert found == _components(claims)


def _components(claims: list[Claim]) -> set[frozenset[str]]:
    """By the book: merge groups until no two claims of two groups are in reach."""
    groups = [{c} for c in claims]
    merged = True
    while merged:
        merged = False
        for a in groups:
            for b in groups:
                if a is not b and any(_near(x, y) for x in a for y in b):
                    a |= b
                    groups.remove(b)
                    merged = True
                    break
            if merged:
                break
    return {frozenset(c.claim_id for c in group) for group in groups}


def _near(a: Claim, b: Claim) -> bool:
    assert a.place is not None
    assert b.place is not None
    return abs(a.at - b.at) <= 20 * MINUTE and distance_m(a.place, b.place) <= 150


def test_reach_in_time_of_every_class_is_that_of_the_catalogue() -> None:
    assert {
        name: (reach.metres, reach.time // MINUTE) for name, reach in CLASSES.reach.items()
    } == {
        "accident": (150, 20),
        "congestion": (250, 30),
        "signal_fault": (75, 60),
        "flood": (300, 120),
        "illegal_parking": (100, 60),
        "public_order": (150, 60),
        "waste": (75, 2 * 24 * HOUR // MINUTE),
        "street_light_out": (50, 7 * 24 * HOUR // MINUTE),
    }
