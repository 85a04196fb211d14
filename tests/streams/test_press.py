"""Only the press that was opened last prints, and only what it finished is read."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from core.outcome import Retry
from jcoc.stack.local import LocalStack
from jcoc.stack.process import free_port
from streams.press import Press
from streams.task import Superseded
from wire.config import Kafka
from wire.reader import read
from wire.topics import Topic, create

pytestmark = pytest.mark.stack


@pytest.fixture
def kafka(stack: LocalStack) -> Kafka:
    return Kafka(stack.bootstrap)


@pytest.fixture
async def topic(kafka: Kafka) -> str:
    name = f"test.{uuid4().hex}"
    await create(kafka, [Topic(name, 1)])
    return name


async def printed(kafka: Kafka, topic: str) -> list[bytes]:
    return [record.value async for record in read(kafka, [topic])]


async def test_what_is_finished_is_read_in_order(kafka: Kafka, topic: str) -> None:
    press = await Press.opened(kafka, topic)
    for tick in range(3):
        async with press.printing():
            await press.send(topic, [(None, b"%d%d" % (tick, n)) for n in range(3)])
    await press.close()
    assert await printed(kafka, topic) == [b"%d%d" % (t, n) for t in range(3) for n in range(3)]


async def test_what_is_given_up_in_the_middle_is_read_by_nobody(kafka: Kafka, topic: str) -> None:
    press = await Press.opened(kafka, topic)

    async def half() -> None:
        async with press.printing():
            await press.send(topic, [(None, b"half")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await half()
    async with press.printing():
        await press.send(topic, [(None, b"whole")])
    await press.close()
    assert await printed(kafka, topic) == [b"whole"]


async def test_an_earlier_press_is_shut_out_even_in_the_middle(kafka: Kafka, topic: str) -> None:
    old = await Press.opened(kafka, topic)
    opened: list[Press] = []

    async def interrupted() -> None:
        async with old.printing():
            await old.send(topic, [(None, b"begun by the old one")])
            opened.append(await Press.opened(kafka, topic))
            await old.send(topic, [(None, b"and gone on with")])

    with pytest.raises(Superseded):
        await interrupted()
    (new,) = opened
    async with new.printing():
        await new.send(topic, [(None, b"new")])
    await new.close()
    await old.close()
    assert await printed(kafka, topic) == [b"new"]


async def test_a_press_that_is_closed_in_the_middle_finishes_first(
    kafka: Kafka, topic: str
) -> None:
    press = await Press.opened(kafka, topic)
    async with press.printing():
        await press.send(topic, [(None, b"first")])
        closing = asyncio.create_task(press.close())
        await asyncio.sleep(0)
        await press.send(topic, [(None, b"last")])
    await closing
    assert await printed(kafka, topic) == [b"first", b"last"]


async def test_a_press_waits_for_no_broker_that_is_away() -> None:
    with pytest.raises(Retry):
        await Press.opened(Kafka(f"127.0.0.1:{free_port()}"), "nobody")
