"""Classes that get another reach while their incidents happen: the engine against the truth."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
import pytest

from core import tables
from core.events import Event
from core.matter_tables import IncidentClassTable
from core.moment import DAY as LONG
from core.moment import HOUR, MINUTE
from core.rows import KpiRow
from sim import Day
from sim.claims import COMES_AGAIN, REACH, Reach, Reform
from sim.story import Scale
from tests.core.stories import Identity, loaded, newest, told, untrue

pytestmark = pytest.mark.long

KPIS = {
    "signal_fault_repair_on_time_pct", "tri_cctv_contradiction_pct", "tri_cctv_recall_pct",
    "tri_corroborated_incident_pct", "tri_false_closure_pct",
}  # fmt: skip
DAYS = [
    Day(seed=seed, scale=Scale(complaints=300, services=1, detections=500, incidents=200))
    for seed in (1, 7)
]


ARRIVES = ("first", "in time", "last")


def scaled(metres: float, time: float) -> dict[str, Reach]:
    return {
        name: Reach(max(1, int(one.radius_m * metres)), int(one.within * time) // MINUTE * MINUTE)
        for name, one in REACH.items()
    }


NOON = DAYS[0].start + 12 * HOUR
# Narrower or shorter would part officers from the reports that they repeat.
NARROW, WIDE = scaled(0.6, 0.3), scaled(1.0, 1.9)
REFORMS: dict[str, tuple[Reform, ...]] = {
    "narrower at noon": (Reform(NOON, NARROW),),
    "longer in the week before": (Reform(NOON - 5 * LONG, WIDE),),
    "narrower in the week before": (Reform(NOON - 3 * LONG, NARROW, ()),),
    "three": (
        Reform(NOON - 20 * LONG, NARROW, ("flood", "waste")),
        Reform(NOON - 4 * LONG, scaled(0.7, 1.9)),
        Reform(NOON, scaled(1.0, 0.5), (*COMES_AGAIN, "waste")),
    ),
}


def event(number: int, reform: Reform) -> Event:
    """The version that says it."""
    classes = tables.shipped(IncidentClassTable).classes
    changed = {
        name: msgspec.structs.replace(
            classes[name], metres=int(reach.radius_m), minutes=reach.within // MINUTE,
            recurring=name in reform.comes_again,
        )
        for name, reach in reform.reach.items()
    }  # fmt: skip
    return loaded("incident_class", reform.at, f"reform.{number}", classes={**classes, **changed})


@cache
def truth(day: Day, reforms: tuple[str, ...]) -> list[dict[str, Any]]:
    made = Day(seed=day.seed, scale=day.scale)
    made.story.reforms = tuple(one for name in reforms for one in REFORMS[name])
    return [row for row in made.truth(6 * HOUR) if row["kpi"] in KPIS]


def published(day: Day, reforms: tuple[Reform, ...], arrives: str) -> dict[Identity, KpiRow]:
    ticks = list(range(day.start, day.end + 1, 6 * HOUR))
    segments: list[tuple[int, list[Event]]] = [(tick, []) for tick in ticks]
    for one in day.events():
        number = max(0, (one.occurred_at - day.start) // (6 * HOUR) + 1)
        segments[number][1].append(one)
    for number, reform in enumerate(reforms):
        at = {
            "first": 0, "last": len(ticks) - 1,
            "in time": max(0, (reform.at - day.start) // (6 * HOUR) + 1),
        }[arrives]  # fmt: skip
        segments[at][1].insert(0, event(number, reform))
    return newest(told(segments, partitions=4))


@pytest.mark.parametrize(
    ("seed", "name", "arrives"),
    [*((0, name, "last") for name in REFORMS), *((1, "three", when) for when in ARRIVES)],
)
def test_each_claim_is_judged_by_the_reach_of_its_time(seed: int, name: str, arrives: str) -> None:
    day = DAYS[seed]
    true = truth(day, (name,))
    assert untrue(true, published(day, REFORMS[name], arrives)) == []
    assert {row["kpi"] for row in true} == KPIS


def test_the_reforms_move_each_of_the_numbers() -> None:
    moved = {
        name: {r["kpi"] for day in DAYS for r in truth(day, (name,)) if r not in truth(day, ())}
        for name in REFORMS
    }
    assert all(moved.values())
    assert set().union(*moved.values()) == KPIS
