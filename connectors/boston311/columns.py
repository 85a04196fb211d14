"""Columns of the file, by what they mean; the city has renamed them over the years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.fields import Flaw
from core.outcome import Reason

NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("case_enquiry_id", "case_id"),
    "opened": ("open_dt", "open_date"),
    "target": ("target_dt", "sla_target_dt", "target_close_date"),
    "closed": ("closed_dt", "close_date", "closed_date"),
    "status": ("case_status",),
    "reason": ("reason", "case_topic"),
    "type": ("type", "service_name"),
    "department": ("department", "assigned_department"),
    "subject": ("subject",),
    "lat": ("latitude",),
    "lon": ("longitude",),
}
"""Meaning to the names that it has had, in lower case."""
NEEDED = ("id", "opened", "target", "closed", "status")
"""Without these a case cannot be told, dated or judged."""


def meanings(header: Sequence[str]) -> dict[int, str]:
    """Position to meaning.  Raises Flaw that names what is missing or there twice."""
    names = [name.strip().casefold() for name in header]
    found = {
        place: meaning
        for meaning, aliases in NAMES.items()
        for place, name in enumerate(names)
        if name in aliases
    }
    missing = [NAMES[meaning] for meaning in NEEDED if meaning not in found.values()]
    if missing:
        words = "; ".join(" or ".join(aliases) for aliases in missing)
        raise Flaw(Reason.MISSING_FIELD, f"the header has no column {words}")
    twice = sorted(m for m in found.values() if list(found.values()).count(m) > 1)
    if twice:
        raise Flaw(Reason.CONTRADICTORY, f"the header has two columns for {twice[0]!r}")
    return found
