"""Cases leave the state of the worker: whatever breaks off on the way, nobody can tell."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from core import topics
from core.events import Event
from core.moment import DAY
from streams import cells
from streams.changelog import _packed
from streams.fold import INPUTS, TICKS
from streams.publish import PublishTask
from tests.core.long_story import BEGIN, story
from tests.streams.paper import Paper, PaperChangelog
from tests.streams.test_stages import fold, merged, publish, work
from wire import clock
from wire.codec import Codec
from wire.config import Kafka

WHOLE = story(42, tick=6 * DAY)
LATE = Event("complaint.reopened", "late", BEGIN + 41 * DAY, "sikesal", {"case_id": "k0.0"})


def city(codec: Codec) -> Paper:
    """A partition of the city's log: complaints of six weeks; one is reopened far too late."""
    paper = Paper()
    for number, (tick, events) in enumerate(WHOLE):
        kept = [e for e in events if e.type.startswith(("complaint.", "alert.", "app."))]
        for one in [*kept, *([LATE] if number == len(WHOLE) - 1 else [])]:
            paper.add((topics.city(one.type), 0), (b"k", codec.encode(one), []))
        cut = {name: len(paper.logs[name, 0]) for name in INPUTS if name != TICKS}
        headers = [(clock.CUT, json.dumps(cut).encode())]
        paper.add((TICKS, 0), (b"t", codec.encode(clock.event(tick, "t")), headers))
    return paper


def late(paper: Paper) -> set[bytes | None]:
    return {written.value for written in paper.of(topics.LATE)}


async def state(paper: Paper, codec: Codec) -> tuple[Any, ...]:
    task = await fold(codec)(paper, 0)
    return task.fold.entities, task.fold._leaving.left.at, task.fold.began, task.fold.last_tick


async def test_what_comes_for_a_case_that_left_is_written_to_late(codec: Codec) -> None:
    paper = city(codec)
    await work(paper, fold(codec), 0, *INPUTS)
    assert [json.loads(value or b"")["event_id"] for value in late(paper)] == ["late"]


async def test_the_changelog_does_not_hold_what_left(codec: Codec) -> None:
    paper = city(codec)
    await work(paper, fold(codec), 0, *INPUTS)
    paper.compact(topics.changelog("fold"))
    names = {tuple(json.loads(w.key or b"")[:2]) for w in paper.of(topics.changelog("fold"))}
    entities, left, _, _ = await state(paper, codec)
    ids = {("left", "|".join(entity)) for entity in left}
    assert ids
    assert names == {("began", ""), ("frontier", ""), *entities, *ids}


@pytest.mark.long
@pytest.mark.parametrize("compacted", [False, True])
async def test_a_fold_that_crashes_at_any_write_tells_and_keeps_the_same(
    codec: Codec, compacted: bool
) -> None:
    whole = city(codec)
    await work(whole, fold(codec), 0, *INPUTS)
    kept = await state(whole, codec)
    leaving = [w for w in whole.of(topics.PARTIALS)[-2:] if b'"settled"' in (w.value or b"")]
    assert leaving
    assert kept[1]

    async def make(paper: Paper, number: int) -> Any:
        if compacted:
            paper.compact(topics.changelog("fold"))
        return await fold(codec)(paper, number)

    for after in range(whole.sends - 24, whole.sends):
        paper = city(codec)
        paper.breaks_after = after
        assert await work(paper, make, 0, *INPUTS) == 1
        for topic in (topics.PARTIALS, topics.CLAIMS):
            assert merged(paper, topic) == merged(whole, topic)
        assert late(paper) == late(whole)
        assert await state(paper, codec) == kept


async def test_a_worker_that_was_frozen_brings_nothing_back(codec: Codec) -> None:
    """It wakes up and writes cases as they were when it fell asleep, under its own name."""
    paper = city(codec)
    await work(paper, fold(codec), 0, *INPUTS)
    kept = await state(paper, codec)
    events = [e for _, found in WHOLE for e in found if e.text("case_id") == "k0.0"]
    value = _packed(BEGIN, msgspec.json.encode(events[:3]))
    frozen = PaperChangelog(paper, "fold", 0, "frozen")
    key = frozen._key(("complaint", "k0.0"), "frozen")
    await paper.send(frozen.topic, [(key, value)], 0)
    assert await state(paper, codec) == kept


KEY = "sikesal_local_sla_on_time_pct", "city", "city", BEGIN


def partials(*ticks: tuple[list[Any], ...]) -> Paper:
    """What fold 0 says at each tick, in one or several copies; the others say nothing."""
    paper = Paper()
    joins = [f"join/{n}" for n in range(4)]
    folds = [f"fold/{n}" for n in range(1, Kafka("").partitions)]
    for number, copies in enumerate(ticks, 1):
        said = [("fold/0", lines) for lines in copies] + [(t, []) for t in (*joins, *folds)]
        for task, lines in said:
            for key, value in cells.messages(task, BEGIN + number * DAY, lines, {}):
                paper.add((topics.PARTIALS, 0), (key, value, []))
    return paper


FIRST: list[Any] = [[*KEY, {"d": 3, "n": 2}]]
LEFT: list[Any] = [["settled", *KEY, {"d": 2, "n": 1}], [*KEY, {"d": 1, "n": 1}]]
CHANGED: list[Any] = [[*KEY, {"d": 1}]]


async def published(paper: Paper) -> PublishTask:
    await work(paper, publish, 0, topics.PARTIALS)
    task: PublishTask = await publish(paper, 0)
    return task


async def test_what_left_twice_after_a_crash_is_added_once() -> None:
    paper = partials((FIRST,), (LEFT, LEFT), (CHANGED,))
    task = await published(paper)
    (parts,) = [p for key, p in task.publication.parts.items() if tuple(key) == KEY]
    assert parts == {"fold/0": {"d": 1}, "settled": {"d": 2, "n": 1}}
    rows = [json.loads(w.value or b"") for w in paper.of(topics.PUBLISHED)]
    days = [r for r in rows if (r["kpi"], r["window"], r["denominator"]) == (KEY[0], "1d", 3)]
    assert [(r["revision"], r["numerator"]) for r in days] == [(0, 2), (1, 1)]


async def test_a_publication_that_crashes_at_any_write_adds_it_once() -> None:
    whole = partials((FIRST,), (LEFT,), (CHANGED,))
    task = await published(whole)
    for after in range(whole.sends):
        paper = partials((FIRST,), (LEFT,), (CHANGED,))
        paper.breaks_after = after
        again = await published(paper)
        assert again.publication.parts == task.publication.parts
        assert again.publication.began == task.publication.began == BEGIN + DAY
        assert paper.of(topics.PUBLISHED) == whole.of(topics.PUBLISHED)


@pytest.mark.long
async def test_a_window_that_was_forgotten_is_gone_from_the_changelog_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.publication.REMEMBERED", 0)
    later = (*KEY[:3], BEGIN + DAY)
    paper = partials(([],), ([[*later, {"d": 1}]],), *[([],)] * 84)
    task = await published(paper)
    assert later not in map(tuple, task.publication.parts)
    paper.compact(topics.changelog("publish"))
    names = [json.loads(w.key or b"")[:2] for w in paper.of(topics.changelog("publish"))]
    assert not [name for kind, name in names if kind == "cell" and KEY[0] in name]
