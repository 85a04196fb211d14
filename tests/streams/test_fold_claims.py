"""What a camera saw of an incident is claimed, whether its batch is read in columns or not."""

from __future__ import annotations

import json

import pytest

from core import contract, topics
from core.detections import TYPE
from core.events import Event, Value
from core.moment import MINUTE
from streams import cells
from streams.fold import DETECTED, TICKS, FoldTask
from tests.streams.paper import Paper, PaperChangelog, Written, batch, fetched
from wire.clock import CUT, event
from wire.codec import Codec

NOON = 1_795_000_020_000_000


def seen(name: str, label: str, confidence: float | None) -> Event:
    fields: dict[str, Value] = {
        "camera_id": "c", "label": label, "count": 1, "confidence": confidence,
        "lat": -1.6, "lon": 103.6,
    }  # fmt: skip
    return Event(TYPE, name, NOON, "frigate", fields)


@pytest.mark.parametrize("broken", [False, True])
async def test_an_incident_is_claimed_and_a_doubtful_one_is_not(codec: Codec, broken: bool) -> None:
    events = [
        seen("a", "car", 0.9), seen("b", "accident", 0.9), seen("c", "accident", 0.05),
        seen("d", "accident", None),
    ]  # fmt: skip
    values = [codec.encode(event) for event in events]
    values += [contract.frame(codec.id_of(TYPE), b"\xff")] * broken
    paper = Paper()
    task = FoldTask(0, codec, paper, PaperChangelog(paper, "fold", 0))  # type: ignore[arg-type]  # as the outlet
    await task.take(batch(DETECTED, 0, 0, *values))
    tick = codec.encode(event(NOON + MINUTE, "t"))
    headers = [(CUT, json.dumps({DETECTED: len(values)}).encode())]
    await task.take(fetched(TICKS, 0, [Written(0, b"tick", tick, headers)]))
    await task.finish()
    said = [line for w in paper.of(topics.CLAIMS) for line in cells.read(w.value or b"").lines]
    assert sorted(name for _, name, _ in said) == ["c|b", "c|d"]
    assert len(paper.of(topics.DEADLETTER)) == broken
    shown = [json.loads(w.value or b"") for w in paper.of(topics.CELLS)]
    assert {(cell["label"], cell["events"]) for cell in shown} == {("car", 1), ("accident", 2)}
