"""A worker that ends and comes back under its name has its partitions, and nobody else stops."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zlib import compress

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.protocol.group import JoinGroupRequest, LeaveGroupRequest, SyncGroupRequest
from faust.assignor.client_assignment import ClientAssignment, ClientMetadata

from connectors.registry import discover
from core import moment, topics
from core.manifest import Raw
from core.privacy import Pseudonymizer
from core.rows import KpiRow
from jcoc.stack.local import LocalStack
from streams.app import build
from streams.static_member import StaticMember
from tests.streams.cluster import Cluster, Worker
from wire.clock import TOPIC, Ticker, ticker
from wire.config import Kafka
from wire.envelope import to_record
from wire.reader import end_offsets, partitions, read
from wire.registry import Registry, ensure_schemas

UNKNOWN, FENCED = 25, 82
KEYS = Pseudonymizer(b"only for tests", "t1")
NOON = moment.parse("2026-11-20T12:00:00+07:00")
RAW, SUBMITTED = topics.raw("sikesal"), topics.city("complaint.submitted")
EACH = 10


class Coordinator:
    """Stands for aiokafka's; Kafka gives the `answers`."""

    def __init__(self, *answers: int) -> None:
        self.member_id = "old"
        self.answers = list(answers)
        self.joined_as: list[str] = []
        self.left_as: list[str] = []
        self.completed = 0
        self.group_id = "g"
        self._subscription = SimpleNamespace(topics={"t", "u"})

    def reset_generation(self) -> None:
        self.member_id = ""

    async def _send_req(self, request: Any) -> Any:
        if isinstance(request, JoinGroupRequest):
            self.joined_as.append(request._member_id)
        if isinstance(request, LeaveGroupRequest):
            self.left_as.append(request._member_id)
        return SimpleNamespace(error_code=self.answers.pop(0))

    async def _on_join_complete(self, *_what: Any) -> None:
        self.completed += 1

    async def join(self) -> None:
        """As aiokafka does."""
        request = JoinGroupRequest("g", 1, 1, self.member_id, "a", "consumer", [])
        if (await self._send_req(request)).error_code == UNKNOWN:
            self.reset_generation()


@pytest.fixture
def fenced() -> list[str]:
    return []


def watched(fenced: list[str], *answers: int) -> Coordinator:
    made = Coordinator(*answers)
    StaticMember(made, lambda: fenced.append("fenced"))
    return made


async def test_a_member_whose_name_was_taken_hears_so_and_does_not_take_it_back(
    fenced: list[str],
) -> None:
    coordinator = watched(fenced, FENCED)
    coordinator.reset_generation()  # a heartbeat was answered "unknown member"
    coordinator.reset_generation()  # and a commit
    await coordinator.join()
    assert (coordinator.joined_as, fenced) == (["old"], ["fenced"])


async def test_a_member_that_was_away_for_too_long_joins_anew(fenced: list[str]) -> None:
    coordinator = watched(fenced, UNKNOWN, 0)
    coordinator.reset_generation()
    await coordinator.join()
    await coordinator.join()
    assert (coordinator.joined_as, fenced) == (["old", ""], [])


async def test_a_name_that_is_taken_during_a_rebalance_is_noticed(fenced: list[str]) -> None:
    coordinator = watched(fenced, FENCED)
    await coordinator._send_req(SyncGroupRequest("g", 1, "old", "a", []))
    assert fenced == ["fenced"]


def shared(known: list[str], *given: str) -> bytes:
    """An assignment by a leader that knew of these topics."""
    told = ClientMetadata(
        assignment=ClientAssignment(actives={}, standbys={}), url="", changelog_distribution={},
        topic_groups=dict.fromkeys(known, 0),
    )  # fmt: skip
    whole = ConsumerProtocolMemberAssignment(4, [(t, [0]) for t in given], compress(told.dumps()))
    encoded: bytes = whole.encode()
    return encoded


@pytest.mark.parametrize(
    ("assignment", "leaves"),
    [
        pytest.param(shared(["t", "u"], "t", "u"), False, id="all of it"),
        pytest.param(shared(["t", "u"], "t"), False, id="the rest is with others"),
        pytest.param(shared(["t"], "t"), True, id="nobody knew of u"),
        pytest.param(shared(["t", "u", "v"], "t", "v"), True, id="v is not ours any more"),
    ],
)
async def test_who_comes_back_with_another_subscription_leaves_once(
    fenced: list[str], assignment: bytes, leaves: bool
) -> None:
    coordinator = watched(fenced, 0)
    for _ in range(2):
        await coordinator._on_join_complete(2, "new", "faust", assignment)
    assert coordinator.left_as == ["new"] * leaves
    assert coordinator.completed == 2 - leaves


@pytest.mark.parametrize(("instance", "url"), [("a", "http://a"), ("b.2", "http://b.2")])
def test_a_name_is_the_same_on_every_host(tmp_path: Path, instance: str, url: str) -> None:
    runtime: Any = SimpleNamespace(
        normalizer=None, fold_task=None, join_task=None, publish_task=None
    )
    app = build(Kafka("127.0.0.1:9"), runtime, tmp_path, instance=instance)
    assert app.conf.consumer_group_instance_id == instance
    assert str(app.conf.canonical_url) == url


@dataclass
class Told:
    """What was seen of two workers, of which one was restarted and then doubled."""

    exit_code: int
    before: list[int]
    """Generations that the other one had been given partitions in."""
    after: list[int]
    returned: list[int]
    sent: list[str]
    cases: list[str]
    rows: list[KpiRow]
    doubled: int
    log: str
    later: list[int]
    updated: str
    """What the log of one that came back with other topics says of them."""


def assigned(worker: Worker) -> list[int]:
    """Generations in which it was given partitions."""
    said = [json.loads(line) for line in worker.log.read_text().splitlines()]
    return [line["generation"] for line in said if line["event"] == "assigned"]


@pytest.fixture(scope="module")
def told(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("static")
    with LocalStack(folder) as own:
        own.start({"kafka"})
        made = Cluster(own, stack.registry_url, folder)
        try:
            yield asyncio.run(lived(made))
        finally:
            made.stop()


def named(made: Cluster, instance: str, *more: str) -> Worker:
    """One more worker, which may take its time to come back on a busy machine."""
    return made.start("", "--instance", instance, "--session-timeout", "60", *more)


async def lived(made: Cluster) -> Told:
    one, kafka = named(made, "one"), made.kafka

    async def there() -> bool:
        return topics.CELLS in await partitions(kafka)

    await until(there)
    two = named(made, "two")
    await until(lambda: both(one, two))
    async with Registry(made.registry_url) as registry:
        ids = await ensure_schemas(registry)
    async with ticker(kafka, ids, "test") as clock:
        return await restarted(made, one, two, clock)


async def restarted(made: Cluster, one: Worker, two: Worker, clock: Ticker) -> Told:
    kafka, sent = made.kafka, await send(made.kafka, "before")
    await until(lambda: normalized(kafka, len(sent)))
    await clock.tick(NOON)
    before = assigned(two)
    exit_code = await asyncio.to_thread(one.leave)
    sent += await send(kafka, "meanwhile")
    back = named(made, "one")
    await until(lambda: both(back))
    sent += await send(kafka, "after")
    await until(lambda: normalized(kafka, len(sent)))
    await clock.tick(NOON + moment.DAY)
    await made.finished(NOON + moment.DAY)
    after = assigned(two)
    double = named(made, "one")
    doubled = await asyncio.to_thread(back.process.wait, 60)
    await until(lambda: both(double))
    later = assigned(two)
    await asyncio.to_thread(double.leave)
    stages = [argument for stage in topics.STAGES[1:] for argument in ("--stages", stage)]
    less = named(made, "one", *stages)
    await until(lambda: both(less, two))
    records = [r async for r in read(kafka, [SUBMITTED])]
    rows = [KpiRow.from_record(r.value) async for r in read(kafka, [topics.PUBLISHED])]
    return Told(
        exit_code, before, after, assigned(back), sent, [r.key.decode() for r in records], rows,
        doubled, back.log.read_text(), later, less.log.read_text(),
    )  # fmt: skip


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(120):
        while not await true():  # noqa: ASYNC110 - asks the broker
            await asyncio.sleep(0.2)


async def both(*workers: Worker) -> bool:
    """Whether these have partitions, of the same generation."""
    generations = [assigned(worker)[-1:] for worker in workers]
    return all(generations) and len({last for (last,) in generations}) == 1


async def normalized(kafka: Kafka, count: int) -> bool:
    return sum((await end_offsets(kafka, [SUBMITTED])).values()) >= count


async def send(kafka: Kafka, name: str) -> list[str]:
    """Complaints, in every partition; the cases that they open."""
    connector = discover()["sikesal"]
    async with AIOKafkaProducer(**kafka.client()) as producer:
        for number in range(EACH):
            body = {
                "versi": 1, "jenis": "masuk", "kategori": "drainase", "nomor": f"{name}-{number}",
                "waktu": "2026-11-20T11:00:00+07:00", "pelapor": {"telepon": "081234567890"},
            }  # fmt: skip
            raw = Raw(connector.redact(json.dumps(body).encode(), KEYS), NOON)
            value, headers = to_record(raw, "sikesal")
            await producer.send(RAW, value, partition=number % 4, headers=headers)
        await producer.flush()
    return [f"sikesal:{name}-{number}" for number in range(EACH)]


@pytest.mark.stack
def test_who_comes_back_with_other_topics_than_before_is_given_those(told: Told) -> None:
    assert '"subscription_changed"' in told.updated


@pytest.mark.stack
def test_who_comes_back_has_its_place(told: Told) -> None:
    assert told.exit_code == 0
    assert told.returned[0] == told.before[-1]


@pytest.mark.stack
def test_the_other_one_saw_no_rebalance(told: Told) -> None:
    assert told.after == told.before
    assert told.later == told.before


@pytest.mark.stack
def test_nothing_is_lost(told: Told) -> None:
    assert sorted(set(told.cases)) == sorted(told.sent)


@pytest.mark.stack
def test_the_rows_are_of_both_ticks_and_each_is_said_once(told: Told) -> None:
    assert {row.as_of for row in told.rows} == {NOON, NOON + moment.DAY}
    said = [(row.identity, row.revision) for row in told.rows]
    assert len(said) == len(set(said))
    assert all(len([w for w in row.inputs if w.startswith(TOPIC)]) == 4 for row in told.rows)


@pytest.mark.stack
def test_the_older_of_two_with_one_name_ends_and_says_why(told: Told) -> None:
    assert told.doubled == 1
    assert '"fenced"' in told.log
