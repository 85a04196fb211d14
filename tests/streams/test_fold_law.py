"""A calendar that changes: what the fold stage writes of it."""

from __future__ import annotations

import json

from core import topics
from core.moment import MINUTE
from streams.fold import TICKS, FoldTask
from tests.core.stories import case, loaded, wib
from tests.streams.paper import Paper, PaperChangelog, Written, batch, fetched
from wire.clock import CUT, event
from wire.codec import Codec

SUBMITTED = topics.city("complaint.submitted")
CALENDAR = topics.city("ref.calendar")


async def test_a_moved_due_instant_is_told_once_also_after_a_restart(codec: Codec) -> None:
    (filed,) = case("K1", ("submitted", "2026-11-20T10:00", {"kind": "info"}))
    table = loaded("calendar", wib("2026-11-23T08:00"), "2", kota={"2026": ["11-24"]})
    paper = Paper()
    cut = json.dumps({SUBMITTED: 1, CALENDAR: 1}).encode()
    for number in (0, 1):
        task = FoldTask(0, codec, paper, PaperChangelog(paper, "fold", 0))  # type: ignore[arg-type]  # as the outlet
        await task.load()
        await task.take(batch(SUBMITTED, 0, 0, codec.encode(filed)))
        await task.take(batch(CALENDAR, 0, 0, codec.encode(table)))
        tick = codec.encode(event(wib("2026-11-24T00:00") + number * MINUTE, "t"))
        await task.take(fetched(TICKS, 0, [Written(number, b"tick", tick, [(CUT, cut)])]))
        await task.finish()
    assert [json.loads(w.value or b"") for w in paper.of(topics.RECOMPUTED)] == [{
        "case": "K1", "clock": "resolution",
        "old": "2026-11-27T16:59:59.999000Z", "new": "2026-11-30T16:59:59.999000Z",
        "at": "2026-11-23T01:00:00Z", "calendar_version": "2",
    }]  # fmt: skip
