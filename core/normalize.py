"""From one raw payload to canonical events or rejects: what the normalize agent decides.

`parse` belongs to the connector; the checks here hold for every connector.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc

from core import contract, event_columns, moment
from core.bulk import Bulk, Columns, Mask, Rows
from core.events import Event
from core.manifest import Manifest, Raw
from core.outcome import Reason, Reject
from core.privacy import finds

EARLIEST = moment.parse("2017-12-01T00:00:00+07:00")
"""Launch month of Sikesal (convention C5)."""
AHEAD = 5 * moment.MINUTE
"""How far a source's clock may run ahead of ours (convention C5)."""
CUT_FROM = "cut-from"
"""Header of a payload that no Kafka record holds: its full size and digest; the body is cut."""


def normalize(manifest: Manifest, raw: Raw) -> Iterator[Event | Reject]:
    """One outcome for each record of the payload; never raises on bad input."""
    if full := raw.headers.get(CUT_FROM):
        detail = f"cut from {full}: let the source send smaller payloads, or let `split` part them"
        yield Reject(Reason.TOO_LARGE, detail, raw.body)
        return
    for outcome in manifest.parse(raw):
        yield outcome if isinstance(outcome, Reject) else check(manifest, raw, outcome)


def check(manifest: Manifest, raw: Raw, event: Event) -> Event | Reject:
    """The event, or the reject that convention C5, C13 or the schema makes of it."""
    line = contract.to_line(event).encode("utf-8", "replace") if _known(event) else raw.body
    if problem := contract.flaw(event):
        return Reject(Reason.INVALID, problem, line)
    if event.type not in manifest.emits:
        detail = f"{manifest.name} does not declare {event.type} in its manifest's `emits`"
        return Reject(Reason.UNKNOWN_TYPE, detail, line)
    if not manifest.historical and (problem := _out_of_range(event, raw.received_at)):
        return Reject(Reason.TIME_OUT_OF_RANGE, problem, line)
    for name, value in event.fields.items():
        if name in _FREE_TEXT and isinstance(value, str) and finds(value):
            detail = f"field {name!r} shows personal data {finds(value)}: scrub it in `redact`"
            return Reject(Reason.PERSONAL_DATA, detail, b"")
    return event


def _out_of_range(event: Event, received_at: int) -> str | None:
    """Which of its times cannot be, in words; None when all can."""
    for name in contract.event_times(event.type):
        at = event.occurred_at if name == "occurred_at" else event.whole(name)
        if at is not None and not EARLIEST <= at <= received_at + AHEAD:
            return (
                f"{name} {moment.rfc3339(at)} is before "
                f"{moment.rfc3339(EARLIEST)} or over 5 minutes after it was received "
                f"({moment.rfc3339(received_at)}): check the clock and zone of {event.source}"
            )
    return None


def normalize_bulk(manifest: Manifest, bulk: Bulk) -> Columns:
    """What `normalize` makes of the payloads that are plain; the rest is left to it.

    A payload whose event the checks would refuse is left, too.
    """
    if manifest.bulk is None or any(kind.get(CUT_FROM) for kind in bulk.kinds):
        return Columns([], np.arange(len(bulk), dtype=np.int64))
    found = manifest.bulk(bulk)
    kept = [(rows, _passes(manifest, bulk, rows)) for rows in found.events]
    refused = [rows.numbers[~keep] for rows, keep in kept]
    left = np.sort(np.concatenate([found.left, *refused]))
    return Columns([rows.where(keep) for rows, keep in kept], left)


def _passes(manifest: Manifest, bulk: Bulk, rows: Rows) -> Mask:
    """True for rows that `check` lets pass; free text it must read itself."""
    if rows.type not in manifest.emits:
        return np.zeros(len(rows.numbers), bool)
    keep = event_columns.sound(rows.type, rows.columns)
    if not manifest.historical:
        for name in contract.event_times(rows.type):
            at = rows.columns.column(name).to_numpy()
            keep &= (at >= EARLIEST) & (at <= bulk.received_at[rows.numbers] + AHEAD)
    for name in _FREE_TEXT.intersection(rows.columns.schema.names):
        keep &= pc.is_null(rows.columns.column(name)).to_numpy(zero_copy_only=False)
    return keep


_FREE_TEXT = frozenset({"note", "reason"})


def _known(event: Event) -> bool:
    return event.type in contract.types() and set(event.fields) <= set(
        contract.field_names(event.type)
    )
