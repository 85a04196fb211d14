"""Payloads become events or dead letters: none vanish, and the accounts say so."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY
from pydantic_settings import BaseSettings

from core import contract, moment, topics
from core.events import Event
from core.manifest import Manifest, Raw
from core.outcome import Reason, Reject
from streams.normalize import Normalizer
from streams.transport import Batch
from tests.streams.paper import Paper, Written, fetched
from wire import deadletters
from wire.codec import Codec
from wire.envelope import to_record

NOON = moment.parse("2026-11-20T12:00:00+07:00")


def parse(raw: Raw) -> Iterator[Event | Reject]:
    """A line each: a case number, or what is wrong."""
    for line in raw.body.decode().split():
        if line.startswith("bad"):
            yield Reject(Reason.INVALID, "said so", line.encode())
        else:
            yield Event(
                "complaint.submitted", f"id-{line}", NOON, raw.headers["app"], {"case_id": line}
            )


@pytest.fixture
def manifest() -> Manifest:
    return Manifest(
        f"c{uuid4().hex}", "Test", "Uji", "@test", "push", ("complaint.submitted",),
        BaseSettings, parse,
    )  # fmt: skip


def payloads(manifest: Manifest, *bodies: bytes) -> Batch:
    records = []
    for offset, body in enumerate(bodies):
        value, headers = to_record(Raw(body, NOON, {"app": manifest.name}), manifest.name)
        records.append(Written(offset, None, value, headers))
    return fetched(topics.raw(manifest.name), 1, records)


def counted(source: str, outcome: str) -> float:
    labels = {"source": source, "outcome": outcome}
    return REGISTRY.get_sample_value("jcoc_source_records_total", labels) or 0.0


async def taken(manifest: Manifest, codec: Codec, batch: Batch) -> Paper:
    paper = Paper()
    normalizer = Normalizer({manifest.name: manifest}, codec, paper)
    await normalizer.take(batch)
    return paper


async def test_every_record_ends_as_an_event_or_a_dead_letter(
    manifest: Manifest, codec: Codec
) -> None:
    batch = payloads(manifest, b"1 bad-2 3", b"bad-4", b"5")
    paper = await taken(manifest, codec, batch)
    cases = [
        event.text("case_id")
        for written in paper.of(topics.city("complaint.submitted"))
        if isinstance(event := await codec.decode("complaint.submitted", written.value), Event)
    ]
    letters = map(deadletters.read, paper.of(topics.DEADLETTER))
    assert sorted(cases) == ["1", "3", "5"]
    assert sorted((letter.raw, letter.reason) for letter in letters) == [
        (b"bad-2", "invalid"),
        (b"bad-4", "invalid"),
    ]


async def test_a_dead_letter_names_where_its_payload_is(manifest: Manifest, codec: Codec) -> None:
    paper = await taken(manifest, codec, payloads(manifest, b"1", b"bad"))
    (letter,) = [deadletters.read(written) for written in paper.of(topics.DEADLETTER)]
    assert letter.origin == f"{topics.raw(manifest.name)}/1/1"
    assert letter.connector == manifest.name


async def test_received_is_what_became_events_and_what_was_rejected(
    manifest: Manifest, codec: Codec
) -> None:
    paper = await taken(manifest, codec, payloads(manifest, b"1 bad 2", b"3", b"bad bad"))
    events = len(paper.of(topics.city("complaint.submitted")))
    rejected = counted(manifest.name, "rejected")
    assert (events, rejected) == (3, 3)
    assert counted(manifest.name, "received") == events + rejected


async def test_an_event_goes_to_the_partition_of_its_entity(
    manifest: Manifest, codec: Codec
) -> None:
    paper = await taken(manifest, codec, payloads(manifest, b"1 2", b"2 1"))
    for written in paper.of(topics.city("complaint.submitted")):
        event = await codec.decode("complaint.submitted", written.value)
        assert isinstance(event, Event)
        assert written.key == contract.key(event)


async def test_a_record_that_the_edge_did_not_write_is_a_dead_letter_too(
    manifest: Manifest, codec: Codec
) -> None:
    stray = fetched(
        topics.raw(manifest.name), 0, [Written(0, None, b"stray"), Written(1, b"k", None)]
    )
    paper = await taken(manifest, codec, stray)
    letters = [deadletters.read(written) for written in paper.of(topics.DEADLETTER)]
    assert [letter.reason for letter in letters] == ["missing_field", "missing_field"]
    assert counted(manifest.name, "received") == counted(manifest.name, "rejected") == 2


async def test_the_same_payload_gives_the_same_events_again(
    manifest: Manifest, codec: Codec
) -> None:
    batch = payloads(manifest, b"1 2", b"3")
    first, second = [await taken(manifest, codec, batch) for _ in range(2)]
    assert first.logs == second.logs
