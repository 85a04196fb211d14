"""A stage that crashes at any of its writes tells in the end what one told that never crashed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core import contract, topics
from core.events import Event
from core.rows import KpiRow
from sim.story import Scale
from streams import cells
from streams.fold import INPUTS, FoldTask
from streams.join import JoinTask
from streams.publish import PublishTask
from streams.task import Report
from tests.streams.city_log import CityLog
from tests.streams.paper import Crash, Paper, PaperChangelog, batch
from wire import deadletters
from wire.codec import Codec
from wire.config import Kafka
from wire.registry import FakeRegistry, ensure_schemas

TINY = Scale(complaints=40, services=25, detections=3_000, incidents=12)
Make = Callable[[Paper, int], Awaitable[Any]]


def few(event: Event) -> bool:
    """Three crossings instead of forty, and a sign of life an hour."""
    if event.type == "source.heartbeat":
        return event.occurred_at % 3_600_000_000 == 0
    camera = event.text("camera_id")
    return not camera or camera.startswith(("simpang_pulai", "simpang_rimbo_", "simpang_kawat"))


@pytest.fixture(scope="module")
def log(codec: Codec) -> CityLog:
    names = [topic.removeprefix("city.") for topic in INPUTS]
    return CityLog({name: codec.id_of(name) for name in names}, TINY, keep=few)


def fed(log: CityLog) -> Paper:
    paper = Paper()
    for segment in log.segments:
        for where, records in segment.records.items():
            for record in records:
                paper.add(where, record)
    return paper


async def work(paper: Paper, make: Make, number: int, *names: str, size: int = 1_000_000) -> int:
    """Take all there is, beginning again after a crash; how often that was."""
    crashes = 0
    while True:
        task = await make(paper, number)
        try:
            while True:
                moved = [await taken(paper, task, name, number, size) for name in names]
                if not any(moved):
                    await task.finish()
                    return crashes
        except Crash:
            crashes += 1
            await task.close()


async def taken(paper: Paper, task: Any, name: str, number: int, size: int) -> bool:
    found = paper.batch(name, number, task.positions.next.get(name, 0), size)
    if found is None:
        return False
    await task.take(found)
    return True


def fold(codec: Codec) -> Make:
    async def make(paper: Paper, number: int) -> FoldTask:
        kept = PaperChangelog(paper, "fold", number)
        task = FoldTask(number, codec, paper, kept)  # type: ignore[arg-type]  # as the outlet
        await task.load()
        return task

    return make


async def join(paper: Paper, number: int) -> JoinTask:
    kept = PaperChangelog(paper, "join", number)
    task = JoinTask(number, topics.PARTITIONS, paper, kept)  # type: ignore[arg-type]  # as the outlet
    await task.load()
    return task


async def publish(paper: Paper, number: int) -> PublishTask:
    kept = PaperChangelog(paper, "publish", number)
    task = PublishTask(Kafka(""), paper, kept)  # type: ignore[arg-type]  # as the press
    if await kept.load():
        await task.load()
    return task


def merged(paper: Paper, topic: str) -> dict[tuple[str, int], dict[str, Any]]:
    """What each task said at each tick: repetitions merged as their readers do."""
    said: dict[tuple[str, int], dict[str, Any]] = {}
    for written in paper.of(topic):
        part = cells.read(written.value or b"")
        told = said.setdefault((part.task, part.tick), {})
        for *name, last in part.lines:
            told[json.dumps(name)] = last
        if part.last:
            told["inputs"] = part.inputs
    return said


def newest(paper: Paper, topic: str) -> dict[bytes | None, bytes | None]:
    return {written.key: written.value for written in paper.of(topic)}


@pytest.fixture(scope="module")
def folded(log: CityLog, codec: Codec) -> Paper:
    paper = fed(log)
    for number in range(topics.PARTITIONS):
        asyncio.run(work(paper, fold(codec), number, *INPUTS))
    return paper


@pytest.fixture(scope="module")
def joined(folded: Paper) -> Paper:
    for number in range(topics.PARTITIONS):
        asyncio.run(work(folded, join, number, topics.CLAIMS))
    return folded


@pytest.fixture(scope="module")
def published(joined: Paper) -> Paper:
    asyncio.run(work(joined, publish, 0, topics.PARTIALS))
    return joined


def only(paper: Paper, *names: str, number: int) -> Paper:
    """A copy of one partition of these topics."""
    copy = Paper()
    for name in names:
        copy.logs[name, number] = list(paper.logs[name, number])
    return copy


def test_the_folds_count_every_detection_once(folded: Paper, log: CityLog) -> None:
    counted = [json.loads(value or b"") for value in newest(folded, topics.CELLS).values()]
    truth = log.cells().values()
    assert len(truth) > 100
    assert sum(cell["events"] for cell in counted) == sum(cell[1] for cell in truth)
    assert sum(cell["count"] for cell in counted) == sum(cell[0] for cell in truth)


def test_the_folds_reject_what_nobody_can_read(folded: Paper, log: CityLog) -> None:
    assert log.broken
    assert {deadletters.read(w).origin for w in folded.of(topics.DEADLETTER)} == log.broken


def told(paper: Paper) -> Any:
    """All that a fold says to others."""
    letters = {deadletters.read(written).origin for written in paper.of(topics.DEADLETTER)}
    said = (merged(paper, topics.PARTIALS), merged(paper, topics.CLAIMS))
    return said, newest(paper, topics.CELLS), letters


@pytest.mark.long
async def test_columns_tell_what_the_records_tell_one_by_one(
    log: CityLog, codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Repeated, late and broken records are among them."""
    for number in range(topics.PARTITIONS):
        fast, slow = (only(fed(log), *INPUTS, number=number) for _ in range(2))
        await work(fast, fold(codec), number, *INPUTS, size=3_000)
        with monkeypatch.context() as patched:
            patched.setattr("streams.fold.record_batches.events", lambda *_: None)
            await work(slow, fold(codec), number, *INPUTS, size=3_000)
        assert told(fast) == told(slow)


@pytest.mark.long
@pytest.mark.parametrize("size", [50, 1_000_000])
@pytest.mark.parametrize("turn", [1, 11, len(INPUTS) - 1])
async def test_whatever_is_read_first_or_last_nothing_is_late(
    log: CityLog, codec: Codec, size: int, turn: int
) -> None:
    """Far ahead in one topic, far behind in another: only the ticks' cuts decide."""
    whole, other = (only(fed(log), *INPUTS, number=3) for _ in range(2))
    await work(whole, fold(codec), 3, *INPUTS)
    names = (*INPUTS[turn:], *INPUTS[:turn])
    await work(other, fold(codec), 3, *names[::-1], size=size)
    assert told(other) == told(whole)


@pytest.mark.long
@pytest.mark.parametrize("compacted", [False, True])
async def test_a_fold_that_crashes_at_any_write_tells_the_same(
    log: CityLog, codec: Codec, compacted: bool
) -> None:
    whole = only(fed(log), *INPUTS, number=1)
    await work(whole, fold(codec), 1, *INPUTS)

    async def make(paper: Paper, number: int) -> Any:
        if compacted:
            paper.compact(topics.changelog("fold"))
        return await fold(codec)(paper, number)

    for after in range(0, whole.sends, 37):
        paper = only(fed(log), *INPUTS, number=1)
        paper.breaks_after = after
        assert await work(paper, make, 1, *INPUTS, size=500) == 1
        for topic in (topics.PARTIALS, topics.CLAIMS):
            assert merged(paper, topic) == merged(whole, topic)
        assert newest(paper, topics.CELLS) == newest(whole, topics.CELLS)


@pytest.mark.long
async def test_a_join_that_crashes_at_any_write_tells_the_same(folded: Paper) -> None:
    whole = only(folded, topics.CLAIMS, number=2)
    await work(whole, join, 2, topics.CLAIMS)
    for after in range(0, whole.sends, 3):
        paper = only(folded, topics.CLAIMS, number=2)
        paper.breaks_after = after
        assert await work(paper, join, 2, topics.CLAIMS, size=7) == 1
        assert merged(paper, topics.PARTIALS) == merged(whole, topics.PARTIALS)


@pytest.mark.long
async def test_a_publication_that_crashes_at_any_write_publishes_the_same(joined: Paper) -> None:
    whole = only(joined, topics.PARTIALS, number=0)
    await work(whole, publish, 0, topics.PARTIALS)
    assert whole.of(topics.PUBLISHED)
    for after in range(3, whole.sends, 41):
        paper = only(joined, topics.PARTIALS, number=0)
        paper.breaks_after = after
        assert await work(paper, publish, 0, topics.PARTIALS, size=5) == 1
        assert paper.of(topics.PUBLISHED) == whole.of(topics.PUBLISHED)


@pytest.mark.long
def test_the_stages_together_publish_the_truth_of_cases(published: Paper, log: CityLog) -> None:
    rows = [KpiRow.from_record(w.value or b"") for w in published.of(topics.PUBLISHED)]
    counted = {row.identity: (row.numerator, row.denominator) for row in rows}
    cases = [t for t in log.day.truth() if t["kpi"].startswith(("complaint", "sikesal", "sipaten"))]
    assert len(cases) > 80
    for true in cases:
        where = ("kpi", "window", "scope_type", "scope_id", "window_start")
        found = counted.get(tuple(true[name] for name in where))
        assert (true, found) == (true, (true["numerator"], true["denominator"]))


async def test_a_task_that_takes_its_state_back_says_what_is_done(joined: Paper) -> None:
    """Who did it may have been killed before it was committed, and nothing may come for long."""
    done: dict[str, int] = {}
    kept, report = PaperChangelog(joined, "join"), Report(done.update)
    task = JoinTask(0, topics.PARTITIONS, joined, kept, report)  # type: ignore[arg-type]  # as the outlet
    await task.load()
    assert done == task.positions.next != {}


async def test_a_registry_that_is_away_holds_the_fold_up_and_loses_nothing() -> None:
    registry = FakeRegistry()
    codec = Codec(await ensure_schemas(registry), registry)
    older = json.dumps(json.loads(contract.schema_text("complaint.submitted")) | {"doc": "older"})
    event = Event("complaint.submitted", "e", 1_795_000_000_000_000, "sikesal", {"case_id": "c"})
    value = contract.frame(await registry.register("x", older), contract.encode(event))
    paper = Paper()
    task = await fold(codec)(paper, 0)
    registry.away = True
    taking = asyncio.create_task(task.take(batch(topics.city(event.type), 0, 0, value)))
    await asyncio.wait({taking}, timeout=0.3)
    assert not taking.done()
    registry.away = False
    await taking
    assert paper.of(topics.DEADLETTER) == []
    held = task._waiting[topics.city(event.type)]
    assert [(offset, found.event_id) for offset, found in held] == [(0, "e")]
