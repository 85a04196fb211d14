"""As many tasks as the deployment has partitions: each is told, each is waited for."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from core import moment, topics
from core.events import Event
from core.join import JOINS
from core.rows import KpiRow
from jcoc.stack.local import LocalStack
from streams import cells
from streams.fold import TICKS, FoldTask
from streams.join import JoinTask
from streams.publish import PublishTask
from tests.streams.cluster import JCOC, Cluster
from tests.streams.paper import Paper, PaperChangelog, Written, fetched
from wire.clock import CUT, TOPIC, event, ticker
from wire.codec import Codec
from wire.config import Kafka
from wire.producer import producer
from wire.reader import partitions, read
from wire.registry import Registry, ensure_schemas

NOON = moment.parse("2026-11-20T12:00:00+07:00")
numbers = pytest.mark.parametrize("number", [1, 4, 6, 48])


async def take(task: Any, topic: str, upstream: str) -> None:
    """Hand it the whole of one upstream task's tick."""
    at, said = task.positions.next.get(topic, 0), Paper()
    told = [cells.Told(NOON, [], {f"{TICKS}/0": 1})]
    await cells.tell(said, (topic, 0), upstream, told)
    written = [Written(at + w.offset, w.key, w.value) for w in said.logs[topic, 0]]
    await task.take(fetched(topic, 0, written))
    await task.finish()


async def test_a_fold_tells_every_join(codec: Codec) -> None:
    paper = Paper()
    kept = PaperChangelog(paper, "fold", 0)
    task = FoldTask(0, codec, paper, kept)  # type: ignore[arg-type]  # as the outlet
    headers = [(CUT, b"{}")]
    tick = Written(0, b"tick", codec.encode(event(NOON, "test")), headers)
    await task.take(fetched(TICKS, 0, [tick]))
    await task.finish()
    told = {partition for (topic, partition), log in paper.logs.items() if topic == topics.CLAIMS}
    assert told == set(range(JOINS))


@numbers
async def test_a_join_waits_for_every_fold_and_no_more(number: int) -> None:
    paper = Paper()
    kept = PaperChangelog(paper, "join", 0)
    task = JoinTask(0, number, paper, kept)  # type: ignore[arg-type]  # as the outlet
    for fold in reversed(range(number)):
        assert paper.logs[topics.PARTIALS, 0] == []
        await take(task, topics.CLAIMS, f"fold/{fold}")
    assert len(paper.logs[topics.PARTIALS, 0]) == 1


@numbers
async def test_the_publication_waits_for_every_fold_and_join_and_no_more(number: int) -> None:
    paper = Paper()
    kept = PaperChangelog(paper, "publish", 0)
    task = PublishTask(Kafka("", partitions=number), paper, kept)  # type: ignore[arg-type]  # as the press
    for upstream in (*(f"join/{n}" for n in range(JOINS)), *(f"fold/{n}" for n in range(number))):
        assert paper.logs[topics.changelog("publish"), 0] == []
        await take(task, topics.PARTIALS, upstream)
    assert paper.logs[topics.changelog("publish"), 0]


MANY = 6


@dataclass
class Told:
    """What a deployment with `MANY` partitions left."""

    found: dict[str, int]
    ticked: list[int]
    row: KpiRow
    replayed: subprocess.CompletedProcess[str]
    exit_code: int
    log: str


@pytest.fixture(scope="module")
def six(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("six")
    with LocalStack(folder) as own:
        own.start({"kafka"})
        made = Cluster(own, stack.registry_url, folder)
        try:
            yield asyncio.run(lived(made))
        finally:
            made.stop()


async def lived(made: Cluster) -> Told:
    made.start(JCOC_KAFKA__PARTITIONS=str(MANY))
    # This process is set to another number; it asks Kafka.
    kafka = made.kafka
    async with asyncio.timeout(120):
        while topics.CELLS not in await partitions(kafka):  # noqa: ASYNC110 - asks the broker
            await asyncio.sleep(0.3)
    async with Registry(made.registry_url) as registry:
        ids = await ensure_schemas(registry)
        codec = Codec(ids, registry)
    submitted = Event("complaint.submitted", "e", NOON, "sikesal", {"case_id": "c"})
    async with producer(kafka) as sender, ticker(kafka, ids, "test") as clock:
        value = codec.encode(submitted)
        await sender.send_and_wait(topics.city(submitted.type), value, b"c")
        await clock.tick(NOON + moment.DAY)
    async with asyncio.timeout(120):
        while not (rows := [r async for r in read(kafka, [topics.PUBLISHED])]):
            assert not made.crashed(), made.crashed()
            await asyncio.sleep(0.3)
    other = made.start(JCOC_KAFKA__PARTITIONS="4")
    exit_code = await asyncio.to_thread(other.process.wait, 60)
    environment = made.environment()
    replayed = await asyncio.to_thread(
        subprocess.run, [JCOC, "replay", "--json"],
        cwd=made.folder, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return Told(
        {name: len(found) for name, found in (await partitions(kafka)).items()},
        [record.partition async for record in read(kafka, [TOPIC])],
        KpiRow.from_record(rows[0].value),
        replayed,
        exit_code,
        other.log.read_text(),
    )


@pytest.mark.stack
def test_the_worker_creates_as_many_as_it_is_told(six: Told) -> None:
    assert six.found[TOPIC] == six.found[topics.CELLS] == MANY
    assert six.found[topics.changelog("fold")] == six.found[topics.raw("sikesal")] == MANY
    assert six.found[topics.PUBLISHED] == 1


@pytest.mark.stack
def test_a_ticker_that_is_set_to_another_number_ticks_them_all(six: Told) -> None:
    assert sorted(six.ticked) == list(range(MANY))


@pytest.mark.stack
def test_a_row_is_published_and_names_every_tick(six: Told) -> None:
    assert six.row.inputs.keys() == {f"{TOPIC}/{number}" for number in range(MANY)}


@pytest.mark.stack
def test_a_replay_that_is_set_to_another_number_finds_it_identical(six: Told) -> None:
    assert six.replayed.returncode == 0, six.replayed.stderr
    assert json.loads(six.replayed.stdout)["identical"] > 0


@pytest.mark.stack
def test_a_worker_of_another_number_stops_and_says_what_to_set(six: Told) -> None:
    assert six.exit_code == 2
    assert "has 6 partitions, kafka.partitions is 4: set JCOC_KAFKA__PARTITIONS=6" in six.log
