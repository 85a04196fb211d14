"""`tri.verdict`: one record when a verdict moves, whatever crashes on the way."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from msgspec.structs import replace

from core import tables, topics
from core.engine import heard_by, route
from core.events import Event
from core.fold import Fold
from core.join import JOINS
from core.matter_tables import IncidentClassTable
from core.moment import MINUTE, rfc3339
from streams import cells
from streams.join import JoinTask
from tests.core.stories import event, loaded
from tests.core.test_verdicts import EVENING, NOON, beats, camera, report, review
from tests.streams.paper import Crash, Paper, PaperChangelog, Written, fetched

PARTITION = route("signal_fault", JOINS)
LOOK = review()
SEGMENTS: tuple[Iterable[Event], ...] = (
    (camera(), *beats(), report()),
    (report("k2", "kecelakaan"),),
    (LOOK,),
    (review("unclear", number="r2", minutes=40),),
    (event("complaint.duplicate_linked", NOON, case_id="k1", master_case_id="k9"),),
)
"""Seen by nobody; of another class; refuted; looked at again in vain; a copy of another case."""
CLASSES = tables.shipped(IncidentClassTable).classes
BLIND = loaded("incident_class", NOON, "blind", classes=CLASSES | {
    "signal_fault": replace(CLASSES["signal_fault"], minutes=600),
})  # fmt: skip
"""So long before and after it no camera was up."""
REFORM: tuple[Iterable[Event], ...] = (*SEGMENTS[:3], (BLIND,), SEGMENTS[3])


def messages(segments: tuple[Iterable[Event], ...]) -> list[Written]:
    """What the only fold tells the join of traffic signals."""
    fold, found = Fold(), list[Written]()
    for number, events in enumerate(segments):
        for one in events:
            fold.apply(one)
        tick = EVENING + number * MINUTE
        lines = [
            [s.kind, s.id, s.value] for s in fold.close(tick).statements if PARTITION in heard_by(s)
        ]
        for key, value in cells.messages("fold/0", tick, lines, {}):
            found.append(Written(len(found), key, value))
    return found


async def told(
    breaks_after: int | None, size: int, segments: tuple[Iterable[Event], ...] = SEGMENTS
) -> list[dict[str, Any]]:
    """Every record about the first case, by a worker that comes back after a crash."""
    paper = Paper(breaks_after=breaks_after)
    written = messages(segments)
    while True:
        task = JoinTask(PARTITION, 1, paper, PaperChangelog(paper, "join", PARTITION))  # type: ignore[arg-type]  # as the outlet
        await task.load()
        try:
            first = task.positions.next.get(topics.CLAIMS, 0)
            while first < len(written):
                batch = fetched(topics.CLAIMS, PARTITION, written[first : first + size])
                await task.take(batch)
                first += size
            await task.finish()
        except Crash:
            await task.close()
            continue
        found = [w for w in paper.of(topics.VERDICTS) if w.key == b"k1"]
        return [json.loads(w.value or b"") for w in found]


def moved(record: dict[str, Any]) -> tuple[str | None, str | None, str]:
    return record["before"], record["verdict"], record["tick"]


WHOLE = [
    (None, "absent", rfc3339(EVENING)),
    ("absent", "refuted", rfc3339(EVENING + 2 * MINUTE)),
    ("refuted", None, rfc3339(EVENING + 4 * MINUTE)),
]


async def test_a_verdict_is_told_when_it_moves_and_only_then() -> None:
    found = await told(None, 100)
    assert [moved(record) for record in found] == WHOLE
    assert found[1] == {
        "case": "k1", "incident": "signal_fault", "at": rfc3339(NOON), "before": "absent",
        "verdict": "refuted", "intersection": "s1", "support": [LOOK.event_id],
        "tick": rfc3339(EVENING + 2 * MINUTE), "final_at": "2026-11-23T06:00:00Z",
    }  # fmt: skip


@pytest.mark.parametrize("size", [1, 100])
@pytest.mark.parametrize("breaks_after", range(14))
async def test_no_crash_loses_a_verdict_and_what_is_told_again_is_the_same(
    breaks_after: int, size: int
) -> None:
    found = await told(breaks_after, size)
    once = [record for n, record in enumerate(found) if record not in found[:n]]
    assert [moved(record) for record in once] == WHOLE


@pytest.mark.parametrize("breaks_after", [None, *range(12)])
async def test_a_version_of_the_classes_moves_a_verdict_and_is_named(
    breaks_after: int | None,
) -> None:
    found = await told(breaks_after, 1, REFORM)
    once = [record for n, record in enumerate(found) if record not in found[:n]]
    last = ("refuted", "unverifiable", rfc3339(EVENING + 3 * MINUTE))
    assert [moved(record) for record in once] == [*WHOLE[:2], last]
    assert [record.get("classes") for record in once] == [None, None, "blind"]
    assert once[2]["final_at"] == "2026-11-23T15:00:00Z"
