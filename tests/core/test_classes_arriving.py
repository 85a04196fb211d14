"""When and where a version of the classes arrives changes no number."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from core import tables
from core.events import Event, Value
from core.matter_tables import IncidentClassTable
from core.moment import DAY, HOUR, MINUTE
from tests.core.random_days import FOV, START, Segment
from tests.core.stories import METRE, PLACE, event, loaded
from tests.core.test_engine_properties import settled

pytestmark = pytest.mark.long

NINE = START + 9 * HOUR
CLASSES = tables.shipped(IncidentClassTable).classes
WATCHED = [
    event("ref.camera", START - 10 * DAY, "city", camera_id="c1", lat=PLACE[0], lon=PLACE[1],
          nominal_fps=10.0, in_service=True, fov=FOV, analytics="accident", intersection_id="s1"),
    *(event("cctv.heartbeat", NINE + n * MINUTE, "frigate", camera_id="c1", camera_fps=10.0)
      for n in range(-120, 180)),
]  # fmt: skip


def accident(who: str, minute: int, metres: int, number: int) -> list[Event]:
    at, name = NINE + minute * MINUTE, f"{number}"
    place: dict[str, Value] = {"lat": PLACE[0] + metres * METRE, "lon": PLACE[1]}
    if who == "officer":
        seen: dict[str, Value] = {"observation_id": name, "incident_class": "accident"}
        return [event("field.observed", at, "field", "", **seen, **place)]
    if who == "camera":
        seen = {"camera_id": "c1", "label": "accident", "count": 1}
        return [event("cctv.detected", at, "frigate", name, **seen, **place)]
    told: dict[str, Value] = {"category": "kecelakaan", "reporter_key": f"p1:{number}"}
    filed = event("complaint.submitted", at, "sikesal", "", case_id=name, **told, **place)
    solved = event("complaint.resolved", at + number * MINUTE, case_id=name, opd="dishub")
    return [filed] if who == "citizen" else [filed, solved]


ACCIDENTS = st.lists(
    st.tuples(
        st.sampled_from(("officer", "camera", "camera", "citizen", "satisfied", "satisfied")),
        st.integers(0, 60), st.sampled_from((0, 55, 110, 140)),
    ),
    min_size=2, max_size=9,
).map(lambda drawn: [e for n, one in enumerate(drawn) for e in accident(*one, n)])  # fmt: skip
VERSIONS = st.lists(
    st.tuples(
        st.integers(-30, 90), st.sampled_from((1, 60, 150, 300)),
        st.sampled_from((1, 8, 20, 90, 20_160)), st.sampled_from(("yes", "yes", "no")),
        st.booleans(), st.booleans(),
    ),
    min_size=1, max_size=3,
).map(lambda drawn: [
    loaded(
        "incident_class", NINE + at * MINUTE, f"v{n}",
        classes=CLASSES | {"accident": replace(
            CLASSES["accident"], metres=metres, minutes=minutes, camera=camera, recurring=again,
        )},
        categories={"kecelakaan": "accident" if named else "congestion"},
    )
    for n, (at, metres, minutes, camera, again, named) in enumerate(drawn)
])  # fmt: skip


@settings(max_examples=60)
@given(ACCIDENTS, VERSIONS, st.integers(1, 4), st.data())
def test_before_between_or_after_the_claims_that_it_judges_it_leads_to_the_same_numbers(
    accidents: list[Event], versions: list[Event], partitions: int, data: st.DataObject
) -> None:
    early, late = ([(START + h * HOUR, list[Event]()) for h in (9, 10, 12, 26)] for _ in range(2))
    early[0][1].extend(versions)
    for one in WATCHED:
        early[0][1].append(one)
        late[0][1].append(one)
    for one in accidents:
        arrival = data.draw(st.integers(1, 3))
        early[arrival][1].append(one)
        late[arrival][1].append(one)
    for version in versions:
        events = late[data.draw(st.integers(0, 3))][1]
        events.insert(data.draw(st.integers(0, len(events))), version)
    mixed: list[Segment] = [(tick, data.draw(st.permutations(part))) for tick, part in late[1:]]
    assert settled([late[0], *mixed], partitions) == settled(early)
