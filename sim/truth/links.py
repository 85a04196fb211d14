"""What was said last of links between complaints (catalogue C3, iii).

A complaint is linked to a master or not, by the last word about it.  A master is told when a copy
was filed and that a copy is its own no more; of each copy the last such word counts.
"""

from __future__ import annotations

from collections.abc import Iterable

from sim.cases import Step


def is_linked(steps: Iterable[Step]) -> bool:
    """Whether it is linked to a master."""
    words = [s.what for s in steps if s.what in ("duplicate_linked", "duplicate_unlinked")]
    return words[-1:] == ["duplicate_linked"]


def holds(steps: Iterable[Step], copy: object) -> bool:
    """Whether the master has that copy."""
    words = [s.what for s in steps if s.fields.get("duplicate_case_id") == copy]
    return words[-1:] == ["duplicate_gained"]


def first_filed(filed: int, steps: Iterable[Step]) -> int:
    """When the matter was first filed: the master itself, or a copy that it has."""
    told: dict[object, list[int]] = {}
    for step in steps:
        if step.what in ("duplicate_gained", "duplicate_lost"):
            # No time in the word that a copy is lost.
            at = step.fields.get("submitted_at")
            told[step.fields["duplicate_case_id"]] = [at] if isinstance(at, int) else []
    return min([filed, *(at for times in told.values() for at in times)])
