"""Glasgow's real counts, late and unsorted as they are, always make the same minute cells."""

import gzip
import random
from collections import defaultdict
from pathlib import Path

import pytest

from connectors.registry import discover
from core import moment
from core.detections import rows_of
from core.events import Event
from core.manifest import Raw
from core.minute_cells import Detections, MinuteCell, Seen, one_by_one
from core.normalize import normalize

pytestmark = pytest.mark.real_data

AFTER = moment.parse("2025-10-30T00:00:00Z")


@pytest.fixture(scope="module")
def counted(shared_data: Path) -> list[Event]:
    file = shared_data / "traffic/glasgow/cctv-report-v2-yolo-20251029.csv.gz"
    manifest = discover()["glasgow_counts"]
    outcomes = [
        outcome
        for body in manifest.split(gzip.decompress(file.read_bytes()))
        for outcome in normalize(manifest, Raw(body, AFTER))
    ]
    events = [outcome for outcome in outcomes if isinstance(outcome, Event)]
    assert len(events) == len(outcomes) == 4_127 * 8
    return events


def cells(events: list[Event], *, batches: int = 1) -> dict[MinuteCell, Seen]:
    """Cells closed at the end of the day, with the events coming in several batches."""
    detections = Detections()
    numbered = list(enumerate(events))
    size = -(-len(numbered) // batches)
    for start in range(0, len(numbered), size):
        detections.take(rows_of(numbered[start : start + size]))
    return dict(one_by_one(detections.close(AFTER, len(events))[1]))


def test_the_cells_are_the_sums_of_the_file(counted: list[Event]) -> None:
    plain: dict[tuple[int, str, str], int] = defaultdict(int)
    doubted = 0
    for event in counted:
        confidence = event.real("confidence")
        if event.whole("count") and confidence is not None and confidence < 0.1:
            doubted += 1
            continue
        minute = event.occurred_at // moment.MINUTE
        plain[minute, event.text("camera_id"), event.text("label")] += event.whole("count") or 0
    assert {tuple(cell): seen.total for cell, seen in cells(counted).items()} == plain
    assert doubted == 61  # of 33,016


def test_sorted_the_cells_are_the_same(counted: list[Event]) -> None:
    in_time = sorted(counted, key=lambda event: (event.occurred_at, event.event_id))
    assert in_time != counted
    assert cells(in_time) == cells(counted)


def test_reversed_the_cells_are_the_same(counted: list[Event]) -> None:
    assert cells(counted[::-1], batches=7) == cells(counted)


def test_duplicated_and_shuffled_the_cells_are_the_same(counted: list[Event]) -> None:
    twice = [*counted, *counted]
    random.Random(1).shuffle(twice)
    assert cells(twice, batches=13) == cells(counted)
