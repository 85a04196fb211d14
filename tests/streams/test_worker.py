"""The life of one worker: it comes before its broker, reads every codec and leaves when told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from connectors.registry import discover
from core import moment, topics
from core.manifest import Raw
from core.privacy import Pseudonymizer
from jcoc.stack.local import LocalStack
from jcoc.stack.process import free_port
from tests.streams.city_log import CODECS
from tests.streams.cluster import Cluster
from wire import deadletters
from wire.config import Kafka
from wire.envelope import to_record
from wire.reader import end_offsets, partitions, read

pytestmark = pytest.mark.stack

EACH = 20
PATIENCE_S = 300
KEYS = Pseudonymizer(b"only for tests", "t1")
NOON = moment.parse("2026-11-20T12:00:00+07:00")
RAW = topics.raw("sikesal")
SUBMITTED = topics.city("complaint.submitted")


@dataclass
class Life:
    """What was seen of it."""

    waited: bool
    cases: list[str]
    rejected: list[bytes]
    ends: dict[int, int]
    committed: dict[int, int]
    exit_code: int
    log: str


@pytest.fixture(scope="module")
def life(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder, port = tmp_path_factory.mktemp("life"), free_port()
    with LocalStack(folder, ports={"kafka": port}) as own:
        made = Cluster(own, stack.registry_url, folder)
        try:
            yield asyncio.run(lived(made, f"127.0.0.1:{port}"))
        finally:
            made.stop()


async def lived(made: Cluster, bootstrap: str) -> Life:
    worker = made.start(bootstrap)
    await asyncio.sleep(3)  # long enough to fail, had it not to wait
    waited = worker.process.poll() is None
    made.stack.start({"kafka"})
    kafka = Kafka(bootstrap)
    await until(lambda: prepared(kafka))
    await send(kafka)
    await until(lambda: processed(kafka))
    exit_code = await asyncio.to_thread(worker.leave)
    return Life(
        waited,
        [record.key.decode() async for record in read(kafka, [SUBMITTED])],
        [deadletters.read(letter).raw async for letter in read(kafka, [topics.DEADLETTER])],
        {number: end for (_, number), end in (await end_offsets(kafka, [RAW])).items()},
        await committed(kafka),
        exit_code,
        worker.log.read_text(),
    )


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await true():  # noqa: ASYNC110 - asks the broker
            await asyncio.sleep(0.3)


async def prepared(kafka: Kafka) -> bool:
    return RAW in await partitions(kafka)


async def processed(kafka: Kafka) -> bool:
    found = await end_offsets(kafka, [SUBMITTED, topics.DEADLETTER])
    return sum(found.values()) >= len(CODECS) * (EACH + 1)


async def send(kafka: Kafka) -> None:
    """Complaints, and one payload that is none, in a batch of each codec."""
    connector = discover()["sikesal"]
    for codec in CODECS:
        async with AIOKafkaProducer(
            **kafka.client(), compression_type=codec, linger_ms=100
        ) as producer:
            sent = []
            for body in (*(complaint(f"{codec}-{n}") for n in range(EACH)), b"<none>"):
                raw = Raw(connector.redact(body, KEYS) if body != b"<none>" else body, NOON)
                value, headers = to_record(raw, "sikesal")
                sent.append(await producer.send(RAW, value, partition=1, headers=headers))
            await asyncio.gather(*sent)


def complaint(number: str) -> bytes:
    record = {
        "versi": 1, "jenis": "masuk", "kategori": "drainase", "nomor": number,
        "waktu": "2026-11-20T11:00:00+07:00", "pelapor": {"telepon": "081234567890"},
    }  # fmt: skip
    return json.dumps(record).encode()


async def committed(kafka: Kafka) -> dict[int, int]:
    admin = AIOKafkaAdminClient(**kafka.client())
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets("jcoc-worker")
    finally:
        await admin.close()
    return {where.partition: at.offset for where, at in offsets.items() if where.topic == RAW}


def test_it_waits_for_its_broker(life: Life) -> None:
    assert life.waited


def test_it_reads_every_codec(life: Life) -> None:
    expected = [f"sikesal:{codec}-{n}" for codec in CODECS for n in range(EACH)]
    assert sorted(life.cases) == sorted(expected)


def test_what_cannot_be_parsed_is_a_dead_letter(life: Life) -> None:
    assert life.rejected == [b"<none>"] * len(CODECS)


def test_it_leaves_when_told_and_has_committed_what_it_read(life: Life) -> None:
    assert life.exit_code == 0
    assert life.ends[1] == len(CODECS) * (EACH + 1)
    assert life.committed[1] == life.ends[1]


def test_every_line_of_its_log_is_json(life: Life) -> None:
    assert [line for line in life.log.splitlines() if not line.startswith("{")] == []
