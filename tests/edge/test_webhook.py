"""The receiver says 204 only for what Kafka has, and why for all else."""

import asyncio
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from core import moment
from core.manifest import Raw
from core.outcome import Halt, Retry
from core.webhook_signature import signed_headers
from edge.intake import LARGEST_BYTES
from edge.sink import Record, Shelf
from edge.source import Source
from edge.webhook import Limits, Receiver
from tests.edge.sources import KEY, NOON, SECRET, edge, pushed
from wire.envelope import from_record

JSON = {"content-type": "application/json"}


async def post(
    receiver: Receiver, body: Any, headers: Mapping[str, str], path: str = "/hooks/test"
) -> tuple[int, dict[str, Any], Mapping[str, str]]:
    async with TestClient(TestServer(receiver.app())) as client:
        answer = await client.post(
            path, data=io.BytesIO(body) if isinstance(body, bytes) else body, headers=headers
        )
        text = await answer.text()
        return answer.status, json.loads(text) if text else {}, answer.headers


def signed(body: bytes, at: int = NOON) -> dict[str, str]:
    return JSON | signed_headers(SECRET, "msg_1", at, body)


def receiver(source: Source | None = None, limits: Limits | None = None) -> Receiver:
    return Receiver({"test": source or pushed()}, limits or Limits())


async def test_a_signed_body_is_kept_and_answered_204() -> None:
    shelf = Shelf()
    body = b'{"name": "Siti"}'
    status, _, _ = await post(receiver(pushed(edge(shelf))), body, signed(body))
    assert status == 204
    (sent,) = shelf.records
    assert from_record(sent.value, sent.headers) == Raw(
        json.dumps({"name": KEY.of("Siti")}).encode(),
        NOON,
        {"webhook-id": "msg_1", "content-type": "application/json"},
    )


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\xff\xfe\x00{", id="wrong encoding"),
        pytest.param(b"[" * 200_000, id="too deep"),
        pytest.param(b'{"name": ', id="not JSON"),
        pytest.param(b"\x00", id="one zero byte"),
    ],
)
async def test_a_signed_body_that_nobody_can_read_is_kept_with_its_bytes(body: bytes) -> None:
    shelf = Shelf()
    status, _, _ = await post(receiver(pushed(edge(shelf))), body, signed(body))
    assert status == 204
    assert [record.value for record in shelf.records] == [body]


@pytest.mark.parametrize(
    ("body", "headers", "status", "words"),
    [
        pytest.param(b"", signed(b""), 400, "empty", id="empty"),
        pytest.param(b"{}", JSON, 400, "webhook-id is missing", id="unsigned"),
        pytest.param(b"{ }", signed(b"{}"), 401, "no signature", id="bad signature"),
        pytest.param(b"{}", signed(b"{}", NOON - moment.HOUR), 401, "3600 s behind", id="replayed"),
        pytest.param(
            b"{}", signed(b"{}") | {"content-type": "text/csv"}, 415, "application/json", id="CSV"
        ),
        pytest.param(
            b"{}",
            signed(b"{}") | {"content-type": "application/json; charset=latin-1"},
            415,
            "UTF-8",
            id="Latin-1",
        ),
        pytest.param(
            b"{}", signed(b"{}") | {"content-encoding": "gzip"}, 415, "encoding", id="compressed"
        ),
    ],
)
async def test_a_bad_request_is_told_what_is_wrong(
    body: bytes, headers: dict[str, str], status: int, words: str
) -> None:
    shelf = Shelf()
    got, problem, _ = await post(receiver(pushed(edge(shelf))), body, headers)
    assert got == status
    assert words in problem["detail"]
    assert problem["status"] == status
    assert shelf.records == []


async def test_a_refusal_does_not_echo_the_secret_or_the_signature() -> None:
    headers = signed(b"{}")
    _, problem, _ = await post(receiver(), b"{ }", headers)
    assert SECRET not in str(problem)
    assert headers["webhook-signature"] not in str(problem)


async def test_ten_megabytes_are_refused_by_their_length() -> None:
    body = b"x" * 10_000_000
    status, problem, _ = await post(receiver(), body, signed(body))
    assert status == 413
    assert str(LARGEST_BYTES) in problem["detail"]


async def test_a_body_that_hides_its_length_is_refused_when_it_grows_too_large() -> None:
    async def chunks() -> Any:
        for _ in range(100):
            yield b"x" * 20_000

    status, _, _ = await post(receiver(), chunks(), JSON)
    assert status == 413


async def test_a_body_that_trickles_in_is_given_up() -> None:
    async def trickle() -> Any:
        yield b"{"
        await asyncio.sleep(0.2)

    slow = receiver(limits=Limits(read_s=0.01))
    status, _, _ = await post(slow, trickle(), JSON)
    assert status == 408


@pytest.mark.parametrize("path", ["/hooks/other", "/hooks/", "/"])
async def test_other_paths_are_not_found(path: str) -> None:
    async with TestClient(TestServer(receiver().app())) as client:
        assert (await client.post(path, data=b"{}", headers=JSON)).status == 404


async def test_only_posts_are_received() -> None:
    async with TestClient(TestServer(receiver().app())) as client:
        assert (await client.get("/hooks/test")).status == 405


async def test_the_sender_is_asked_to_come_again_while_kafka_is_away() -> None:
    at = edge(Shelf(weather=Retry("away")))
    status, _, headers = await post(receiver(pushed(at)), b"{}", signed(b"{}"))
    assert (status, headers["Retry-After"]) == (503, "5")
    assert at.meter.count("jcoc_edge_webhook_requests_total", source="test", status="503") == 1


class Silent:
    """A broker that takes the record and never acknowledges it."""

    async def send(self, _: Record) -> None:
        await asyncio.Event().wait()


async def test_the_sender_is_asked_to_come_again_when_kafka_does_not_answer() -> None:
    hanging = receiver(pushed(edge(Silent())), Limits(acknowledge_s=0.01))
    status, _, _ = await post(hanging, b"{}", signed(b"{}"))
    assert status == 503


async def test_more_requests_than_it_takes_on_are_put_off() -> None:
    busy = receiver(pushed(edge(Silent())), Limits(at_once=1, acknowledge_s=0.5))
    async with TestClient(TestServer(busy.app())) as client:
        send = [client.post("/hooks/test", data=b"{}", headers=signed(b"{}")) for _ in range(2)]
        answers = await asyncio.gather(*send)
        problems = [(await answer.json())["detail"] for answer in answers]
    assert sorted(answer.status for answer in answers) == [503, 503]
    assert len([detail for detail in problems if "in progress" in detail]) == 1


async def test_a_halt_is_handed_to_the_runtime() -> None:
    at = edge(Shelf(weather=Halt("not allowed")))
    hook = receiver(pushed(at))
    hook.halt = asyncio.get_running_loop().create_future()
    status, _, _ = await post(hook, b"{}", signed(b"{}"))
    assert status == 503
    with pytest.raises(Halt, match="not allowed"):
        hook.halt.result()


async def test_it_counts_what_it_kept() -> None:
    at = edge()
    await post(receiver(pushed(at)), b"{}", signed(b"{}"))
    assert at.meter.count("jcoc_edge_records_sent_total", source="test") == 1
    assert at.meter.count("jcoc_edge_webhook_requests_total", source="test", status="204") == 1


async def test_the_health_of_the_receiver_can_be_asked() -> None:
    async with TestClient(TestServer(receiver().app())) as client:
        assert (await client.get("/health")).status == 200


async def test_one_source_does_not_answer_for_another() -> None:
    shelf = Shelf()
    one = pushed(edge(shelf))
    two = pushed(edge(shelf))
    two.manifest = replace(two.manifest, name="two")
    both = Receiver({"test": one, "two": two})
    await post(both, b"{}", signed(b"{}"), "/hooks/two")
    assert [record.topic for record in shelf.records] == ["raw.two"]
