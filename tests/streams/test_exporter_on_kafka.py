"""The exporter on a real broker: from rows in Kafka to the page that Prometheus reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import aiohttp
import pytest
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace

from core import moment
from core.kpis import all_kpis
from core.rows import Finality, KpiRow, Status
from jcoc.stack.local import LocalStack
from streams.exporter.server import run
from wire.config import Kafka
from wire.topics import Topic, create

pytestmark = pytest.mark.stack

PATIENCE_S = 90
END = 1_800_000_000 * moment.SECOND
ROW = KpiRow(
    kpi="cctv_availability_pct",
    window="1d",
    scope_type="city",
    scope_id="15.71",
    window_start=END - moment.DAY,
    window_end=END,
    numerator=1,
    denominator=4,
    value="25",
    status=Status.OK,
    finality=Finality.PROVISIONAL,
    revision=0,
    completeness="1",
    as_of=END,
)


async def publish(stack: LocalStack, topic: str, *records: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=stack.bootstrap) as producer:
        for record in records:
            await producer.send_and_wait(topic, record)


async def new_topic(stack: LocalStack) -> str:
    name = f"kpi.published.{uuid4().hex}"
    await create(Kafka(stack.bootstrap), [Topic(name, 1)])
    return name


class Exporter:
    """A running exporter and its page."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def lines(self) -> set[str]:
        async with self.session.get(f"{self.url}/metrics") as answer:
            return set((await answer.text()).splitlines())

    async def shows(self, *wanted: str) -> set[str]:
        """The page, once every wanted line is on it."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                page = await self.lines()
                if set(wanted) <= page:
                    return page
                await asyncio.sleep(0.1)

    async def ready(self) -> int:
        async with self.session.get(f"{self.url}/-/ready") as answer:
            return answer.status


@asynccontextmanager
async def exporting(bootstrap: str, topic: str) -> AsyncIterator[Exporter]:
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        run(Kafka(bootstrap), all_kpis(), topic=topic, ready=port.set_result)
    )
    try:
        async with aiohttp.ClientSession() as session:
            yield Exporter(f"http://127.0.0.1:{await port}", session)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def value(number: str, finality: str = "provisional") -> str:
    where = 'kpi="cctv_availability_pct",scope_id="15.71",scope_type="city",window="1d"'
    return f'jcoc_kpi_value{{finality="{finality}",{where}}} {number}'


async def test_rows_in_kafka_come_out_as_metrics_and_bad_ones_are_counted(
    stack: LocalStack,
) -> None:
    topic = await new_topic(stack)
    corrected = replace(ROW, revision=1, numerator=2, value="50")
    await publish(stack, topic, ROW.to_record(), b"not a row", corrected.to_record())
    async with exporting(stack.bootstrap, topic) as exporter:
        await exporter.shows(
            value("50.0"),
            'jcoc_kpi_corrections_total{kpi="cctv_availability_pct",window="1d"} 1.0',
            'jcoc_exporter_rejected_total{reason="undecodable"} 1.0',
            "jcoc_exporter_lag_records 0.0",
            "jcoc_exporter_up 1.0",
        )
        await publish(
            stack, topic, replace(corrected, revision=2, finality=Finality.FINAL).to_record()
        )
        page = await exporter.shows(value("50.0", "final"))
        assert value("50.0") not in page


async def test_a_new_start_reads_from_the_beginning_and_shows_the_same(stack: LocalStack) -> None:
    topic = await new_topic(stack)
    await publish(stack, topic, ROW.to_record())
    async with exporting(stack.bootstrap, topic) as first:
        before = await first.shows(value("25.0"))
    async with exporting(stack.bootstrap, topic) as second:
        assert await second.shows(value("25.0")) == before


async def test_the_exporter_may_start_before_its_topic_exists(stack: LocalStack) -> None:
    topic = f"kpi.published.{uuid4().hex}"
    async with exporting(stack.bootstrap, topic) as exporter:
        await exporter.shows("jcoc_exporter_up 0.0", "jcoc_exporter_caught_up 0.0")
        assert await exporter.ready() == 503
        await create(Kafka(stack.bootstrap), [Topic(topic, 1)])
        await publish(stack, topic, ROW.to_record())
        await exporter.shows(value("25.0"), "jcoc_exporter_caught_up 1.0")
        assert await exporter.ready() == 200


async def test_the_last_values_stay_while_the_broker_is_away(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with LocalStack(tmp_path_factory.mktemp("own-broker")) as own:
        own.start({"kafka"})
        topic = await new_topic(own)
        await publish(own, topic, ROW.to_record())
        async with exporting(own.bootstrap, topic) as exporter:
            await exporter.shows(value("25.0"), "jcoc_exporter_up 1.0")
            own.stop({"kafka"}, kill9=True)
            await exporter.shows(value("25.0"), "jcoc_exporter_up 0.0")
            own.restart_broker()
            changed = replace(ROW, revision=1, value="75", numerator=3)
            await publish(own, topic, changed.to_record())
            await exporter.shows(value("75.0"), "jcoc_exporter_up 1.0")
