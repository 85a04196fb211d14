"""The fold reads ahead of the clock by a bounded number of records, and never stands still."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.detections import TYPE
from core.events import Event, Value
from core.moment import MINUTE
from streams.fold import DETECTED, TICKS, FoldTask
from tests.streams.paper import Paper, PaperChangelog, Written, batch, fetched
from wire.clock import CUT, event
from wire.codec import Codec

NOON = 1_795_000_020_000_000
CASES = "city.complaint.submitted"


@pytest.fixture
def task(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> FoldTask:
    monkeypatch.setattr("streams.fold._MOST_HELD", 30)
    paper = Paper()
    return FoldTask(0, codec, paper, PaperChangelog(paper, "fold", 0))  # type: ignore[arg-type]  # as the outlet


def detections(codec: Codec, first: int, count: int) -> Any:
    fields: dict[str, Value] = {"camera_id": "c", "label": "car", "count": 1}
    events = (Event(TYPE, f"e{first + n}", NOON, "frigate", fields) for n in range(count))
    return batch(DETECTED, 0, first, *(codec.encode(event) for event in events))


def cases(codec: Codec, first: int, count: int) -> Any:
    events = (
        Event("complaint.submitted", f"e{first + n}", NOON, "sikesal", {"case_id": f"k{n}"})
        for n in range(count)
    )
    return batch(CASES, 0, first, *(codec.encode(event) for event in events))


def tick(codec: Codec, offset: int, cut: dict[str, int]) -> Any:
    """The tick that many minutes after noon."""
    value = codec.encode(event(NOON + (offset + 1) * MINUTE, "t"))
    headers = [(CUT, json.dumps(cut).encode())]
    return fetched(TICKS, 0, [Written(offset, b"tick", value, headers)])


async def test_without_a_tick_it_reads_so_much_and_no_more(task: FoldTask, codec: Codec) -> None:
    await task.take(detections(codec, 0, 30))
    assert task.ahead() == []
    await task.take(detections(codec, 30, 1))
    assert task.ahead() == [DETECTED]
    await task.take(tick(codec, 0, {DETECTED: 20}))
    assert task.detections.held == 11
    assert task.ahead() == []


async def test_what_the_next_tick_waits_for_is_read_however_much(
    task: FoldTask, codec: Codec
) -> None:
    await task.take(tick(codec, 0, {DETECTED: 100, CASES: 1}))
    await task.take(detections(codec, 0, 99))
    assert task.ahead() == []
    await task.take(detections(codec, 99, 1))
    assert task.ahead() == [DETECTED]
    await task.take(cases(codec, 0, 1))
    assert task.ahead() == []


async def test_an_event_weighs_more_than_a_row(task: FoldTask, codec: Codec) -> None:
    await task.take(cases(codec, 0, 3))
    assert task.ahead() == []
    await task.take(cases(codec, 3, 1))
    assert task.ahead() == [CASES]
