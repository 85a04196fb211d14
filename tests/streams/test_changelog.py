"""The state of a stage survives kills, frozen writers and compaction."""

from __future__ import annotations

from uuid import uuid4

import pytest

from core import topics
from jcoc.stack.local import LocalStack
from streams.changelog import FRONTIER, Changelog, Kept, newest
from streams.outlet import Outlet
from tests.streams.paper import Crash, Paper, PaperChangelog
from wire.config import Kafka
from wire.producer import producer
from wire.topics import Topic, create

A, B = ("case", "a"), ("case", "b")
LOG = (topics.changelog("test"), 0)


def changelog(paper: Paper, writer: str = "") -> PaperChangelog:
    return PaperChangelog(paper, "test", writer=writer)


async def state(paper: Paper) -> dict[tuple[str, str], object]:
    """What a new worker would start from."""
    kept = newest(await changelog(paper).load())
    return {name: record.value for name, record in kept.items()}


async def test_what_was_written_is_read_back_with_its_frontier() -> None:
    paper = Paper()
    await changelog(paper).write(1, [(A, [1]), (B, {"x": 2})], {"offset": 7})
    assert await state(paper) == {A: [1], B: {"x": 2}, (FRONTIER, ""): {"offset": 7}}


async def test_a_later_tick_replaces_a_value() -> None:
    paper = Paper()
    writer = changelog(paper)
    await writer.write(1, [(A, 1)], 1)
    await writer.write(2, [(A, 2)], 2)
    assert (await state(paper))[A] == 2


async def test_the_frontier_comes_after_all_that_it_stands_for() -> None:
    paper = Paper(breaks_after=1)
    with pytest.raises(Crash):
        await changelog(paper).write(1, [(A, 1), (B, 1)], 1)
    assert await state(paper) == {A: 1, B: 1}


async def test_a_record_is_removed_only_after_the_frontier() -> None:
    paper = Paper()
    writer = changelog(paper)
    await writer.write(1, [(A, 1)], 1)
    paper.breaks_after = paper.sends + 1
    with pytest.raises(Crash):
        await writer.write(2, [(A, None)], 2)
    assert (await state(paper))[A] == 1
    await writer.write(2, [(A, None)], 2)
    assert A not in await state(paper)


async def test_a_frozen_writer_that_wakes_hides_nothing_even_after_compaction() -> None:
    paper = Paper()
    frozen = changelog(paper, "frozen")
    await frozen.write(1, [(A, 1)], 1)
    successor = changelog(paper, "successor")
    await successor.load()
    await successor.write(3, [(A, 3)], 3)
    await frozen.write(2, [(A, 2)], 2)
    paper.compact(LOG[0])
    assert await state(paper) == {A: 3, (FRONTIER, ""): 3}


async def test_records_of_earlier_writers_are_collected_once_they_are_replaced() -> None:
    paper = Paper()
    for life in range(5):
        writer = changelog(paper, f"life {life}")
        await writer.load()
        await writer.write(life, [(A, life)], life)
    paper.compact(LOG[0])
    assert len(paper.logs[LOG]) == 2


async def test_a_removed_record_goes_with_the_copies_of_all_writers() -> None:
    paper = Paper()
    await changelog(paper, "first").write(1, [(A, 1)], 1)
    second = changelog(paper, "second")
    await second.load()
    await second.write(2, [(A, None)], 2)
    assert A not in await state(paper)


def test_the_largest_tick_wins_wherever_it_stands() -> None:
    records = [Kept(A, 3, "new"), Kept(A, 1, "old"), Kept(B, 1, "b")]
    for order in (records, records[::-1]):
        assert {name: kept.value for name, kept in newest(order).items()} == {A: "new", B: "b"}


@pytest.mark.stack
async def test_a_changelog_is_read_from_its_beginning_every_time(stack: LocalStack) -> None:
    kafka, stage = Kafka(stack.bootstrap), f"test-{uuid4().hex}"
    await create(kafka, [Topic(topics.changelog(stage), 4, {"cleanup.policy": "compact"})])
    async with producer(kafka) as sender:
        written = Changelog(kafka, Outlet(sender), stage, 2)
        assert await written.load() == []
        await written.write(1, [(("case", str(n)), n) for n in range(100)], "done")
    # The client's own start at the end once raced with our start at the beginning.
    for _ in range(20):
        assert len(await Changelog(kafka, Outlet(sender), stage, 2).load()) == 101
