"""Packed events come out as they went in, case by case."""

from __future__ import annotations

from audit.packed import Packed
from core.events import Event, Value
from core.fold import Entity


def test_every_case_comes_out_once_with_all_of_its_events() -> None:
    packed, put = Packed(), dict[Entity, list[Event]]()
    for number in range(40_000):
        entity = Entity("complaint" if number % 2 else "request", f"sikesal:{number % 7_000}")
        fields: dict[str, Value] = {
            "case_id": entity.id,
            "lat": number / 7,
            "none": None,
            "ok": True,
        }
        event = Event("complaint.rated", f"e{number}", number, "sikesal", fields)
        packed.add(entity, event)
        put.setdefault(entity, []).append(event)
    found: dict[Entity, list[Event]] = {}
    for cases in packed.drain():
        assert not found.keys() & cases.keys()
        found |= cases
    assert found == put
    assert not any(packed.drain())
