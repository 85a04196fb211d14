"""What Frigate learns later: descriptions, faces, plates, classes, reviews and triggers.

Only that it was learned, when, of which object and how surely; names, plates and descriptions
are personal and stay out.
"""

from __future__ import annotations

import re

from connectors.frigate.objects import annotated, started
from connectors.frigate.payload import Flaw, Record, child, text, time
from core.events import Event
from core.outcome import Reason

_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")


def from_update(message: Record, received_at: int) -> Event:
    """A message of `<prefix>/tracked_object_update`.  Raises Flaw."""
    kind = text(message, "type")
    if not _KIND.fullmatch(kind):
        raise Flaw(Reason.UNKNOWN_TYPE, "field 'type' must be a word such as face or lpr")
    return annotated(message, kind, _when(message, "id", received_at))


def from_trigger(message: Record, received_at: int) -> Event:
    """A message of `<prefix>/triggers`.  Raises Flaw."""
    at = _when(message, "event_id", received_at)
    return annotated(message, "trigger", at, reference="event_id")


def from_review(message: Record) -> Event:
    """A message of `<prefix>/reviews`: type, before, after.  Raises Flaw."""
    kind = text(message, "type")
    after = child(message, "after")
    if kind not in ("new", "update", "end", "genai"):
        detail = f"review type {kind[:40]!r} is unknown; known: new, update, end, genai"
        raise Flaw(Reason.UNKNOWN_TYPE, detail)
    at = time(after, "end_time" if kind == "end" else "start_time")
    return annotated(after, "description" if kind == "genai" else "review", at)


def review_item(item: Record) -> Event:
    """A review of the HTTP API.  Raises Flaw."""
    return annotated(item, "review", time(item, "start_time"))


def _when(message: Record, reference: str, received_at: int) -> int:
    """The message's time; without one the object's start, so that a resend says the same."""
    if message.get("timestamp") is not None:
        return time(message, "timestamp")
    begun = started(text(message, reference))
    return received_at if begun is None else begun
