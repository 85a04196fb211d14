"""What happened to the cases of a window that their lifecycle does not allow."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from core import lifecycles, moment
from core.engine import Engine
from core.events import in_order
from core.lifecycle import REASONS, Step


@dataclass(frozen=True, slots=True)
class Oddity:
    """An unexpected event of a case: in which state it came, why it was not expected, the rule."""

    case: str
    step: Step

    def to_json(self) -> dict[str, str]:
        """All of it under stable names."""
        event = self.step.event
        return {
            "case": self.case,
            "event": event.type,
            "event_id": event.event_id,
            "occurred_at": moment.rfc3339(event.occurred_at),
            "named": self.step.name,
            "state": self.step.before,
            "next": self.step.state,
            "reason": self.step.reason,
            "meaning": REASONS[self.step.reason],
            "rule": self.step.rule,
        }


def oddities(engine: Engine, cases: Container[str]) -> list[Oddity]:
    """Unexpected events of these cases as known now, by case and in the order of the events."""
    found = [
        Oddity(entity.id, step)
        for fold in engine.folds
        for entity, events in fold.entities.items()
        if entity.id in cases
        for step in lifecycles.steps(in_order(events.values()), fold.law)
        if step.reason
    ]
    return sorted(found, key=lambda one: one.case)
