"""Tracked objects: each is one `cctv.detected`, what is learned of it later is annotation.

Frigate tells of an object in many messages: `new`, `update`s, `end`.  It counts when it is `new`:
Frigate sends that once, after the object passed its threshold and is no false positive, so the
detection is here while it still matters (a crashed car may stay an hour, its `end` would come
after every window closed), and its content never changes (`top_score` of later messages grows,
and one event id must have one content).  `update` and `end` become `cctv.object_annotated` with
the better score.

A record of the HTTP API is the whole object in one: it counts, under the same event id.  Its score
is the final one; so of an object that came both ways, the detection that came first stands.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal

from connectors.frigate.payload import Flaw, Record, child, number, real, seconds, text, time
from core.events import Event, event_id
from core.outcome import Reason

SOURCE = "frigate"
NOWHERE = "unknown"
"""Camera of an annotation whose message names none (descriptions of Frigate before 0.16)."""

DIGEST_LETTERS = 12


def from_message(message: Record) -> Event:
    """A message of `<prefix>/events`: type, before, after.  Raises Flaw."""
    kind = text(message, "type")
    after = child(message, "after")
    if kind == "new":
        return detected(after)
    if kind == "update":
        seen = "frame_time" if after.get("frame_time") is not None else "start_time"
        return annotated(after, kind, time(after, seen))
    if kind == "end":
        return annotated(after, kind, time(after, "end_time"))
    detail = f"message type {kind[:40]!r} is unknown; known: new, update, end"
    raise Flaw(Reason.UNKNOWN_TYPE, detail)


def detected(tracked: Record) -> Event:
    """One object; a false positive is kept as an annotation.  Raises Flaw."""
    if tracked.get("false_positive") is True:
        return annotated(tracked, "false_positive", time(tracked, "start_time"))
    return Event(
        type="cctv.detected",
        event_id=event_id(SOURCE, text(tracked, "id"), "detected"),
        occurred_at=time(tracked, "start_time"),
        source=SOURCE,
        fields={
            "camera_id": text(tracked, "camera"),
            "label": text(tracked, "label"),
            "count": 1,
            "confidence": score(tracked),
        },
    )


def annotated(tracked: Record, kind: str, at: int, reference: str = "id") -> Event:
    """That something more is known of an object or scene, never what.  Raises Flaw."""
    about = text(tracked, reference)
    camera = NOWHERE if tracked.get("camera") is None else text(tracked, "camera")
    best = score(tracked)
    return Event(
        type="cctv.object_annotated",
        event_id=event_id(SOURCE, about, kind, digest(camera, about, kind, at, best)),
        occurred_at=at,
        source=SOURCE,
        fields={"camera_id": camera, "object_id": about, "kind": kind, "score": best},
    )


def digest(camera: str, about: str, kind: str, at: int, best: float | None) -> str:
    """Of all that an annotation says, so that its id can never stand for two contents."""
    said = f"({camera!r}, {about!r}, {kind!r}, {at}, {best!r})"
    return hashlib.sha256(said.encode()).hexdigest()[:DIGEST_LETTERS]


def score(tracked: Record) -> float | None:
    """The best score there is: `top_score`, else `score`, else those under `data` (HTTP API)."""
    data = tracked.get("data")
    for record in (tracked, data if isinstance(data, dict) else {}):
        for name in ("top_score", "score"):
            if (found := real(record, name, most=1)) is not None:
                return found
    return None


def started(identity: str) -> int | None:
    """When an object began, from its id `1607123955.475377-mxklsc`; None for another id."""
    exact = number(identity.partition("-")[0]) if identity[:1].isdecimal() else None
    if not isinstance(exact, Decimal) or "." not in identity:
        return None
    try:
        return seconds(exact, "id")
    except Flaw:
        return None
