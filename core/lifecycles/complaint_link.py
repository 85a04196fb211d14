"""How a complaint is linked to others: as a copy to its master, as a master to its copies (C3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.events import Event
from core.law import Law
from core.lifecycle import STAYS, Lifecycle, Step, by_type, moves

LINKED = "linked"
_GAINED, _LOST = "complaint.duplicate_gained", "complaint.duplicate_lost"
_AGAIN, _GAINED_IN_VAIN = "duplicate_gained_again", "duplicate_gained_in_vain"
_LOST_IN_VAIN = "duplicate_lost_in_vain"
_IN_VAIN = frozenset({_GAINED_IN_VAIN, _LOST_IN_VAIN})


def copies(steps: Iterable[Step]) -> dict[str, int]:
    """The copies that a master has after these steps, and when each was filed: as said last."""
    held: dict[str, int] = {}
    for step in steps:
        copy, filed = step.event.text("duplicate_case_id"), step.event.whole("submitted_at")
        if step.event.type == _LOST:
            held.pop(copy, None)
        elif filed is not None and step.name != _GAINED_IN_VAIN:
            held[copy] = filed
    return held


def _named(event: Event, before: Sequence[Step], law: Law) -> str:
    """What a master is told of a copy, by what is known of that copy."""
    copy = event.text("duplicate_case_id")
    if event.type == _GAINED:
        filed = event.whole("submitted_at")
        if filed is None or filed > event.occurred_at or copy == event.text("case_id"):
            return _GAINED_IN_VAIN
        if _has(before, copy):
            return _AGAIN
    if event.type == _LOST and not _has(before, copy):
        return _LOST_IN_VAIN
    return by_type(event, before, law)


def _has(before: Sequence[Step], copy: str) -> bool:
    """Whether the last word about a copy gave it to the master."""
    words = (s for s in reversed(before) if s.event.fields.get("duplicate_case_id") == copy)
    last = next((s.event.type for s in words if s.name not in _IN_VAIN), "")
    return last == _GAINED


LINK_LIFE = Lifecycle(
    kind="complaint_link",
    title_en="Links of a complaint: to its master case, and from its copies",
    title_id="Tautan pengaduan: ke kasus induk, dan dari salinannya",
    opens="complaint.submitted",
    start="apart",
    opened="apart",
    names={
        "complaint.duplicate_linked": ("duplicate_linked",),
        "complaint.duplicate_unlinked": ("duplicate_unlinked",),
        _GAINED: ("duplicate_gained", _AGAIN, _GAINED_IN_VAIN),
        _LOST: ("duplicate_lost", _LOST_IN_VAIN),
    },
    naming=_named,
    declared=moves(
        ("apart", "duplicate_linked", LINKED),
        (LINKED, "duplicate_unlinked", "apart"),
        (f"apart {LINKED}", "duplicate_gained duplicate_lost", STAYS),
        (LINKED, "duplicate_linked", STAYS, "C3: linked to the master named last"),
        (f"apart {LINKED}", _AGAIN, STAYS, "C3: that copy was filed when it was said last"),
        (f"apart {LINKED}", _GAINED_IN_VAIN, STAYS, "C3: filed after its link, or no other case"),
        (f"apart {LINKED}", _LOST_IN_VAIN, STAYS, "C3: it has no such copy"),
    ),
)
