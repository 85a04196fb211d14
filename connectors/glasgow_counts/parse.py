"""CSV of counted images to one `cctv.detected` per label and row.  Pure: bytes in, outcomes out.

Columns: `image_capt` (event time), `camera_ref`, and one per label; `image_proc` (when it was
counted), `model_name` and `warnings` are known, every other column is a label.  A count of 0 is a
measured zero and is an event; a count of `None` (or empty) was not measured and is none.

A nonzero `warnings` means that the council doubts the image (camera turned away, picture old or
broken; its own service calls such a camera not OK).  The count is kept, so that nothing vanishes,
with confidence 0: a zero of a camera that saw nothing is not a measured zero, and who asks for a
least confidence leaves it out.  Without a warning the confidence is null, for the file gives none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from connectors.glasgow_counts.table import Row, rows
from core import moment
from core.events import Event, event_id
from core.manifest import Raw
from core.outcome import Reason, Reject

SOURCE = "glasgow_counts"
NEEDED = ("image_capt", "camera_ref")
KNOWN = frozenset({*NEEDED, "image_proc", "model_name", "warnings"})
NOT_MEASURED = ("", "None")
_WHOLE = re.compile(r"[0-9]{1,9}")
Cells = Mapping[str, str]


def parse(raw: Raw) -> Iterator[Event | Reject]:
    """Outcomes row by row: a bad row is one reject and costs only itself."""
    try:
        text = raw.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        detail = f"not UTF-8 at byte {error.start}: save the file as UTF-8"
        yield Reject(Reason.UNDECODABLE, detail, raw.body)
        return
    found = rows(text)
    header = next(found, Row((), ""))
    if problem := _header_flaw(header):
        yield Reject(Reason.MISSING_FIELD, problem, raw.body)
        return
    for row in found:
        try:
            yield from _events(_cells(header, row))
        except Flaw as flaw:
            yield Reject(flaw.reason, str(flaw), (header.text + row.text).encode())


class Flaw(ValueError):
    """What is wrong with one row; `parse` makes the Reject of it."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Say what is wrong, in which column, and what to do."""
        super().__init__(detail)
        self.reason = reason


def _header_flaw(header: Row) -> str:
    names = header.cells
    missing = [name for name in NEEDED if name not in names]
    if header.flaw or missing:
        wrong = header.flaw or f"columns {', '.join(missing)} are missing"
        return f"the first row must name the columns: {wrong}"
    if len(set(names)) < len(names) or "" in names:
        return "each column of the first row must have a name of its own"
    if set(names) <= KNOWN:
        return "there is no column of counts beside the known ones"
    return ""


def _cells(header: Row, row: Row) -> Cells:
    if row.flaw:
        raise Flaw(Reason.UNDECODABLE, f"not a CSV row: {row.flaw}")
    if len(row.cells) != len(header.cells):
        detail = f"the row has {len(row.cells)} cells, the header {len(header.cells)}"
        raise Flaw(Reason.INVALID, detail)
    return dict(zip(header.cells, row.cells, strict=True))


def _events(cells: Cells) -> list[Event]:
    """The row's events, all or none, so that a bad cell leaves no half row.  Raises Flaw."""
    camera = cells["camera_ref"]
    if not camera:
        raise Flaw(Reason.MISSING_FIELD, "camera_ref is empty")
    at = _captured(cells["image_capt"])
    confidence = _confidence(cells.get("warnings", ""))
    counts = {name: _count(name, text) for name, text in cells.items() if name not in KNOWN}
    if all(count is None for count in counts.values()):
        raise Flaw(Reason.MISSING_FIELD, "no label of the row has a count")
    # Two models may count the same image; each count is a statement of its own.
    frame = ":".join(filter(None, (moment.rfc3339(at), cells.get("model_name", "").lower())))
    return [
        Event(
            type="cctv.detected",
            event_id=event_id(SOURCE, camera, frame, label),
            occurred_at=at,
            source=SOURCE,
            fields={
                "camera_id": camera,
                "label": label,
                "count": count,
                "confidence": confidence,
            },
        )
        for label, count in counts.items()
        if count is not None
    ]


def _captured(text: str) -> int:
    try:
        at = moment.parse(text)
        moment.rfc3339(at)
    except (ValueError, OverflowError) as error:
        raise Flaw(Reason.INVALID, f"image_capt: {error}") from error
    return at


def _confidence(warnings: str) -> float | None:
    if warnings in NOT_MEASURED:
        return None
    if not _WHOLE.fullmatch(warnings):
        raise Flaw(Reason.INVALID, f"warnings must be a whole number, not {warnings[:40]!r}")
    return 0.0 if int(warnings) else None


def _count(label: str, text: str) -> int | None:
    if text in NOT_MEASURED:
        return None
    if not _WHOLE.fullmatch(text):
        detail = f"column {label!r} must be a whole number from 0 on, not {text[:40]!r}"
        raise Flaw(Reason.INVALID, detail)
    return int(text)
