"""Frigate's fetch against real brokers: amqtt of the local stack, and Debian's Mosquitto."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from pydantic import SecretStr

from connectors.frigate.fetch import UNACKNOWLEDGED, Settings, fetch
from connectors.frigate.parse import parse
from core.events import Event
from core.manifest import Raw
from core.outcome import Halt, Retry
from jcoc.stack import mqtt

PATIENCE_S = 30.0
Ports = Callable[[], int]


@dataclass
class Kept:
    """A cursor that says when Kafka has everything."""

    value: str | None = None
    saves: int = 0
    saved: asyncio.Event = field(default_factory=asyncio.Event)

    async def save(self, value: str) -> None:
        self.value = value
        self.saves += 1
        self.saved.set()

    def alive(self) -> None:
        raise AssertionError("a message proves more than this")


@dataclass
class Broker:
    """A broker process that can be stopped and started again on its port."""

    command: list[str]
    port: int
    log: Path
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self.command, stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE_S
        while not listens(self.port):
            if time.monotonic() > end or self._process.poll() is not None:
                pytest.fail(f"{self.command[0]} did not start: {self.log.read_text()}")
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait(PATIENCE_S)
            self._process = None


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
        return True
    return False


def mosquitto(folder: Path, port: int, *lines: str) -> list[str]:
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if not program:
        if os.environ.get("JCOC_WITHOUT_DEBIAN"):
            pytest.skip("JCOC_WITHOUT_DEBIAN is set and mosquitto is not installed")
        pytest.fail("mosquitto is not installed: apt-get install mosquitto, or `make test`")
    settings = folder / "mosquitto.conf"
    fixed = ["persistence true", f"persistence_location {folder}/", "user root"]
    listen = [f"listener {port} 127.0.0.1", *(lines or ["allow_anonymous true"])]
    settings.write_text("\n".join([*fixed, *listen, ""]))
    return [program, "-c", str(settings)]


@pytest.fixture(params=["amqtt", pytest.param("mosquitto", marks=pytest.mark.debian)])
def broker(request: pytest.FixtureRequest, tmp_path: Path, free_port: Ports) -> Iterator[Broker]:
    port = free_port()
    command = mqtt.command(port) if request.param == "amqtt" else mosquitto(tmp_path, port)
    running = Broker(command, port, tmp_path / "log")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def keeping_broker(tmp_path: Path, free_port: Ports) -> Iterator[Broker]:
    """Mosquitto alone: amqtt 0.12 keeps nothing for a session that is away.

    What it sent and saw no PUBACK for is forgotten too.
    """
    port = free_port()
    running = Broker(mosquitto(tmp_path, port), port, tmp_path / "log")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def guarded_broker(tmp_path: Path, free_port: Ports) -> Iterator[Broker]:
    """Mosquitto that knows no user."""
    port = free_port()
    (tmp_path / "users").write_text("")
    locked = ["allow_anonymous false", f"password_file {tmp_path}/users"]
    running = Broker(mosquitto(tmp_path, port, *locked), port, tmp_path / "log")
    running.start()
    yield running
    running.stop()


async def soon(awaited: Awaitable[Any]) -> Any:
    """A broker that stays silent fails the test instead of hanging it."""
    return await asyncio.wait_for(awaited, PATIENCE_S)


def settings(broker: Broker, **given: object) -> Settings:
    return Settings.model_validate({"port": broker.port, "client_id": "jcoc-test", **given})


async def publish(broker: Broker, *messages: tuple[str, bytes]) -> None:
    async with aiomqtt.Client("127.0.0.1", broker.port, max_inflight_messages=200) as client:
        for topic, body in messages:
            await client.publish(topic, body, qos=1)


def objects(count: int, start: int = 0) -> list[tuple[str, bytes]]:
    def body(number: int) -> bytes:
        at = 1795401000 + number
        after = {"id": f"{at}.5-x", "camera": "bata", "label": "car", "start_time": at + 0.5}
        return json.dumps({"type": "new", "before": None, "after": after}).encode()

    return [("frigate/events", body(number)) for number in range(start, start + count)]


async def subscribed(chosen: Settings, broker: Broker, cursor: Kept) -> AsyncIterator[Raw]:
    """The messages from when the subscription stands; a knock is heard first and left out."""
    async with aclosing(fetch(chosen, cursor)) as messages:  # type: ignore[type-var]  # a generator
        knocked = asyncio.ensure_future(anext(messages))
        while not knocked.done():
            await publish(broker, (f"{chosen.topic_prefix}/available", b"online"))
        yield await knocked
        while True:
            raw = await soon(anext(messages))
            if not raw.headers["topic"].endswith("/available"):
                yield raw


async def take(messages: AsyncIterator[Raw], count: int) -> list[Raw]:
    """The next messages, each followed by the runtime's call for another but the last."""
    return [await anext(messages) for _ in range(count)]


async def test_a_message_arrives_as_it_was_sent_with_its_topic(broker: Broker) -> None:
    sent = ("kota/frigate/events", objects(1)[0][1])
    chosen = settings(broker, topic_prefix="kota/frigate")
    async with aclosing(subscribed(chosen, broker, Kept())) as messages:  # type: ignore[type-var]
        await anext(messages)
        await publish(broker, sent)
        [raw] = await take(messages, 1)
    assert (raw.headers["topic"], raw.body) == sent
    [event] = parse(raw)
    assert isinstance(event, Event)
    assert event.type == "cctv.detected"


@pytest.mark.parametrize(
    "topic",
    ["stats", "reviews", "tracked_object_update", "triggers", "bata/status/detect"],
)
async def test_every_kind_of_message_is_subscribed(broker: Broker, topic: str) -> None:
    async with aclosing(subscribed(settings(broker), broker, Kept())) as messages:  # type: ignore[type-var]
        await anext(messages)
        await publish(broker, (f"frigate/{topic}", b"{}"))
        [raw] = await take(messages, 1)
    assert raw.headers["topic"] == f"frigate/{topic}"


LAST = objects(1, start=99)


async def everything(messages: AsyncIterator[Raw]) -> None:
    async for _ in messages:
        pass


async def all_there_is(broker: Broker) -> set[bytes]:
    """What the broker gives a connector that comes back, up to a message sent now."""
    async with aclosing(subscribed(settings(broker), broker, Kept())) as messages:  # type: ignore[type-var]
        found = [(await anext(messages)).body]
        await publish(broker, *LAST)
        while found[-1] != LAST[0][1]:
            found.append((await anext(messages)).body)
    return set(found) - {body for _, body in LAST}


@pytest.mark.debian
async def test_a_kill_before_kafka_has_a_message_loses_nothing(keeping_broker: Broker) -> None:
    async with aclosing(subscribed(settings(keeping_broker), keeping_broker, Kept())) as messages:  # type: ignore[type-var]
        await anext(messages)
        await publish(keeping_broker, *objects(3))
        taken = await take(messages, 3)  # and not asked on: Kafka has not got the last
    assert taken[-1].body in await all_there_is(keeping_broker)


@pytest.mark.debian
async def test_a_kill_while_kafka_is_away_loses_nothing(keeping_broker: Broker) -> None:
    class Away(Kept):
        async def save(self, value: str) -> None:  # noqa: ARG002 - as the protocol
            self.saved.set()
            await asyncio.Event().wait()

    chosen = settings(keeping_broker)
    async with aclosing(subscribed(chosen, keeping_broker, Kept())) as messages:  # type: ignore[type-var]
        await anext(messages)
    await publish(keeping_broker, *objects(10))
    cursor = Away()
    asked = asyncio.ensure_future(everything(fetch(chosen, cursor)))
    await soon(cursor.saved.wait())
    asked.cancel()
    await asyncio.wait([asked])
    assert {body for _, body in objects(10)} <= await all_there_is(keeping_broker)


async def test_what_kafka_has_is_not_sent_again(broker: Broker) -> None:
    cursor = Kept()
    async with aclosing(subscribed(settings(broker), broker, cursor)) as messages:  # type: ignore[type-var]
        await anext(messages)
        await publish(broker, *objects(3))
        await take(messages, 3)
        cursor.saved.clear()
        asked = asyncio.ensure_future(anext(messages))  # the runtime asks on, Kafka has it
        await soon(cursor.saved.wait())
        await publish(broker, *objects(1, start=50))
        await asked
    assert not await all_there_is(broker) & {body for _, body in objects(3)}


@pytest.mark.debian
async def test_what_comes_while_we_are_away_is_kept_for_us(keeping_broker: Broker) -> None:
    async with aclosing(subscribed(settings(keeping_broker), keeping_broker, Kept())) as messages:  # type: ignore[type-var]
        await anext(messages)
    await publish(keeping_broker, *objects(5))
    async with aclosing(fetch(settings(keeping_broker), Kept())) as messages:  # type: ignore[type-var]
        found: list[bytes] = []
        while len(found) < 5:
            raw = await soon(anext(messages))
            found += [raw.body] if raw.headers["topic"] == "frigate/events" else []
    assert found == [body for _, body in objects(5)]


async def test_a_burst_arrives_whole_and_in_order_with_few_waits_for_kafka(
    broker: Broker,
) -> None:
    cursor = Kept()
    sent = objects(2 * UNACKNOWLEDGED + 7)
    async with aclosing(subscribed(settings(broker), broker, cursor)) as messages:  # type: ignore[type-var]
        await anext(messages)
        sending = asyncio.ensure_future(publish(broker, *sent))
        found = await take(messages, len(sent))
        await sending
    assert [raw.body for raw in found] == [body for _, body in sent]
    assert 0 < cursor.saves <= len(sent) + 1


async def test_a_broker_that_goes_away_is_weather_and_comes_back(broker: Broker) -> None:
    async with aclosing(subscribed(settings(broker), broker, Kept())) as messages:  # type: ignore[type-var]
        await anext(messages)
        asked = asyncio.ensure_future(anext(messages))
        await asyncio.to_thread(broker.stop)
        with pytest.raises(Retry):
            await soon(asked)
    with pytest.raises(Retry, match=str(broker.port)):
        await anext(fetch(settings(broker), Kept()))
    await asyncio.to_thread(broker.start)
    async with aclosing(subscribed(settings(broker), broker, Kept())) as messages:  # type: ignore[type-var]
        await anext(messages)


@pytest.mark.debian
async def test_a_refused_password_stops_us_without_showing_it(guarded_broker: Broker) -> None:
    chosen = settings(guarded_broker, username="jcoc", password=SecretStr("hush-1"))
    with pytest.raises(Halt, match="user") as refused:
        await soon(anext(fetch(chosen, Kept())))
    assert "hush-1" not in str(refused.value)


def test_a_missing_certificate_authority_stops_us(tmp_path: Path) -> None:
    async def ask() -> None:
        await anext(
            fetch(Settings.model_validate({"tls": True, "ca_file": tmp_path / "none.pem"}), Kept())
        )

    with pytest.raises(Halt, match=r"none\.pem"):
        asyncio.run(ask())


@pytest.mark.parametrize("prefix", ["", "a/#", "+/a", "a/"])
def test_a_prefix_that_is_no_topic_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="topic_prefix"):
        Settings.model_validate({"topic_prefix": prefix})
