"""`jcoc connect` and `jcoc import` as processes against the local stack."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import aiomqtt
import pytest

from connectors.registry import discover
from core import contract, moment, topics
from core.events import Event
from core.manifest import Raw
from core.normalize import normalize
from core.webhook_signature import signed_headers
from jcoc.stack.local import LocalStack
from wire.config import Kafka
from wire.envelope import from_record
from wire.reader import partitions, read
from wire.topics import ensure

pytestmark = pytest.mark.stack

JCOC = str(Path(sys.executable).with_name("jcoc"))
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
COMPLAINT = {
    "versi": 1,
    "jenis": "masuk",
    "kategori": "drainase",
    "pelapor": {"nama": "Siti Aminah", "telepon": "081234567890"},
}


def environment(stack: LocalStack) -> dict[str, str]:
    return {
        **os.environ,
        "JCOC_KAFKA__BOOTSTRAP": stack.bootstrap,
        "JCOC_REGISTRY__URL": stack.registry_url,
        "JCOC_PRIVACY__PSEUDONYM_KEY": "only for tests",
        "JCOC_SIKESAL__SECRET": SECRET,
    }


@asynccontextmanager
async def jcoc(
    stack: LocalStack, folder: Path, *arguments: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        JCOC, *arguments,
        cwd=folder, env=environment(stack), stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def told(process: asyncio.subprocess.Process, pattern: str) -> str:
    """The part of standard error that matches."""
    assert process.stderr is not None
    async for line in process.stderr:
        if found := re.search(pattern, line.decode()):
            return found[1]
    pytest.fail(f"{pattern!r} was never said")


async def raws(stack: LocalStack, connector: str) -> list[Raw]:
    records = read(Kafka(stack.bootstrap), [topics.raw(connector)])
    return [raw async for r in records if isinstance(raw := from_record(r.value, r.headers), Raw)]


async def test_connect_receives_tells_its_metrics_and_leaves_when_told(
    stack: LocalStack, tmp_path: Path
) -> None:
    number = f"SK-{time.time_ns()}"
    now = time.time_ns() // 1_000
    record = COMPLAINT | {"nomor": number, "waktu": moment.rfc3339(now)}
    body = json.dumps(record).encode()
    options = ("--metrics-port", "0", "--webhook-port", "0")
    async with (
        jcoc(stack, tmp_path, "connect", "sikesal", "sipaten", *options) as process,
        aiohttp.ClientSession() as http,
    ):
        metrics = await told(process, r"metrics on (\S+)")
        hooks = (await told(process, r"webhooks on (\S+)")).removesuffix("NAME")
        headers = {"content-type": "application/json"} | signed_headers(SECRET, "m1", now, body)
        async with http.post(f"{hooks}sikesal", data=body, headers=headers) as answer:
            assert answer.status == 204
        async with http.post(f"{hooks}sipaten", data=body, headers=headers) as answer:
            assert answer.status == 401
        async with http.get(metrics) as answer:
            page = await answer.text()
        process.send_signal(signal.SIGTERM)
        await told(process, r"stopped; (1 records sent)")
        assert await process.wait() == 0
    assert 'jcoc_edge_records_sent_total{source="sikesal"} 1.0' in page
    assert 'jcoc_edge_webhook_requests_total{source="sipaten",status="401"} 1.0' in page
    (kept,) = [raw for raw in await raws(stack, "sikesal") if number.encode() in raw.body]
    assert b"Siti" not in kept.body
    (event,) = normalize(discover()["sikesal"], kept)
    assert isinstance(event, Event)
    assert event.text("reporter_key").startswith("p1:")


async def test_a_receiver_that_is_up_beats_in_the_city_topic(
    stack: LocalStack, tmp_path: Path
) -> None:
    await ensure(Kafka(stack.bootstrap), ["sikesal"])
    before = len(await beats(stack, "sikesal"))
    async with jcoc(stack, tmp_path, "connect", "sikesal", "--webhook-port", "0") as process:
        await told(process, r"webhooks on (\S+)")
        while len(await beats(stack, "sikesal")) == before:  # noqa: ASYNC110 - asks the broker
            await asyncio.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 0


async def beats(stack: LocalStack, source: str) -> list[Event]:
    found = []
    async for record in read(Kafka(stack.bootstrap), [topics.city("source.heartbeat")]):
        framed = contract.unframe(record.value)
        assert isinstance(framed, tuple)
        event = contract.decode("source.heartbeat", framed[1])
        if event.source == source:
            found.append(event)
    return found


async def test_connect_subscribes_at_the_mqtt_broker_of_the_stack(
    stack: LocalStack, tmp_path: Path
) -> None:
    message = f'{{"marked": "{time.time_ns()}"}}'.encode()
    await ensure(Kafka(stack.bootstrap), ["frigate"])
    port = f"mqtt.port={stack.mqtt_port}"
    async with jcoc(stack, tmp_path, "--set", port, "connect", "frigate") as process:
        await told(process, r"connected: (frigate)")
        while not (kept := [raw for raw in await raws(stack, "frigate") if raw.body == message]):
            async with aiomqtt.Client("127.0.0.1", stack.mqtt_port) as camera:
                await camera.publish("frigate/stats", message, qos=1)
            await asyncio.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    assert kept[0].headers["topic"] == "frigate/stats"


async def test_import_sends_a_file_and_again_the_same_events(
    stack: LocalStack, tmp_path: Path
) -> None:
    number = f"SK-{time.time_ns()}"
    records = [
        COMPLAINT | {"nomor": f"{number}-{n}", "waktu": "2026-03-02T08:15:00+07:00"}
        for n in range(500)
    ]
    file = tmp_path / "complaints.json.gz"
    file.write_bytes(gzip.compress(json.dumps(records).encode()))
    ids: list[list[str]] = []
    for _ in range(2):
        before = len(await known(stack, number))
        async with jcoc(stack, tmp_path, "import", "sikesal", str(file), "--json") as process:
            out, err = await process.communicate()
        assert process.returncode == 0, err
        sent = (await known(stack, number))[before:]
        summary = json.loads(out)
        assert (summary["files"], summary["records"]) == (1, len(sent))
        assert summary["bytes"] == sum(len(raw.body) for raw in sent)
        assert {raw.headers["file"] for raw in sent} == {"complaints.json.gz"}
        assert sorted(int(raw.headers["part"]) for raw in sent) == list(range(len(sent)))
        events = [event for raw in sent for event in normalize(discover()["sikesal"], raw)]
        ids.append(sorted(e.event_id for e in events if isinstance(e, Event)))
    assert len(ids[0]) == 500
    assert ids[0] == ids[1]


async def known(stack: LocalStack, number: str) -> list[Raw]:
    """Payloads of this test in order of receipt: no topic yet is no payload."""
    if topics.raw("sikesal") not in await partitions(Kafka(stack.bootstrap)):
        return []
    own = [raw for raw in await raws(stack, "sikesal") if number.encode() in raw.body]
    return sorted(own, key=lambda raw: (raw.received_at, int(raw.headers.get("part", "0"))))
