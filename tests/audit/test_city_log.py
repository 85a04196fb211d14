"""What a replay takes of the records in Kafka, and what it skips."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

import pytest

from audit import city_log
from audit.city_log import CityLog
from audit.replay import DETECTED, TICKS, Read
from core import contract, topics
from core.events import Event
from core.outcome import Retry
from tests.core.stories import at, event
from wire.codec import Codec
from wire.registry import FakeRegistry, ensure_schemas


@dataclass
class Record:
    topic: str
    offset: int
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int = 0


class Town:
    """A registry with our schemas and what was written with them."""

    def __init__(self, registry: FakeRegistry, codec: Codec) -> None:
        self.registry, self.codec = registry, codec

    def record(self, one: Event, offset: int, **more: bytes) -> Record:
        headers = tuple(more.items())
        return Record(topics.city(one.type), offset, self.codec.encode(one), headers)

    async def reads(self, records: Iterable[Record]) -> list[Read]:
        async def stream() -> AsyncIterator[Record]:
            for record in records:
                yield record

        return [read async for read in CityLog(self.registry).reads(stream())]


@pytest.fixture
async def town() -> Town:
    registry = FakeRegistry()
    return Town(registry, Codec(await ensure_schemas(registry), registry))


def told(read: Read) -> list[tuple[int, str]]:
    return [(offset, contract.to_line(one)) for offset, one in read.events]


def lines(*events: tuple[int, Event]) -> list[tuple[int, str]]:
    return [(offset, contract.to_line(one)) for offset, one in events]


def seen(label: str, number: int) -> Event:
    return event(
        "cctv.detected", at("09:00") + number, "frigate", camera_id="c1", label=label, count=1
    )


TICK = Event(topics.TICK, "clock:1", at("10:00"), "test")


async def test_an_event_is_read_with_its_offset(town: Town) -> None:
    resolved = event("complaint.resolved", at("09:00"), case_id="K1")
    (read,) = await town.reads([town.record(resolved, 7)])
    assert read[:4] == ("city.complaint.resolved", 0, 7, 8)
    assert told(read) == lines((7, resolved))


async def test_a_tick_comes_with_its_cut(town: Town) -> None:
    (read,) = await town.reads([town.record(TICK, 3, cut=b'{"city.cctv.detected": 5}')])
    assert (read.events, read.cut) == ([(3, TICK)], {"city.cctv.detected": 5})


@pytest.mark.parametrize("headers", [{}, {"cut": b"nonsense"}, {"cut": b"[]"}])
async def test_a_tick_without_a_cut_is_skipped(town: Town, headers: dict[str, bytes]) -> None:
    (read,) = await town.reads([town.record(TICK, 3, **headers)])
    assert (read.events, read.skipped, read.next) == ((), 1, 4)


@pytest.mark.parametrize("value", [None, b"", b"\x00\x00\x00\x00\x63abc", b"\x01garbage", b"\x00"])
@pytest.mark.parametrize("topic", [TICKS, "city.complaint.resolved"])
async def test_a_record_that_is_no_event_is_skipped(
    town: Town, topic: str, value: bytes | None
) -> None:
    (read,) = await town.reads([Record(topic, 0, value)])
    assert (read.events, read.skipped, read.next) == ((), 1, 1)


async def test_of_detections_only_claims_are_read(town: Town) -> None:
    found = [seen(label, n) for n, label in enumerate(("car", "accident", "person", "waste"))]
    (read,) = await town.reads(town.record(one, n) for n, one in enumerate(found))
    assert read[:4] == (DETECTED, 0, 0, 4)
    assert told(read) == lines((1, found[1]), (3, found[3]))


@pytest.mark.parametrize("bad", [None, b"\x00", "truncated"])
async def test_one_bad_detection_costs_only_itself(town: Town, bad: bytes | str | None) -> None:
    found = [seen(label, n) for n, label in enumerate(("car", "accident", "waste"))]
    records = [town.record(one, n) for n, one in enumerate(found)]
    whole = records[1].value or b""
    records[1].value = whole[:-4] if isinstance(bad, str) else bad
    (read,) = await town.reads(records)
    assert (read.first, read.next, read.skipped) == (0, 3, 1)
    assert told(read) == lines((2, found[2]))


async def test_a_gap_between_detections_is_kept_as_one(town: Town) -> None:
    found = [seen("accident", n) for n in range(4)]
    reads = await town.reads(town.record(found[n], n) for n in (0, 1, 3))
    assert [(read.first, read.next) for read in reads] == [(0, 2), (3, 4)]


async def test_many_detections_come_in_bounded_pieces(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(city_log, "_CHUNK", 2)
    reads = await town.reads(town.record(seen("accident", n), n) for n in range(5))
    assert [(read.first, read.next) for read in reads] == [(0, 2), (2, 4), (4, 5)]
    assert [len(read.events) for read in reads] == [2, 2, 1]


async def test_records_of_an_older_schema_are_read_too(town: Town) -> None:
    resolved = event("complaint.resolved", at("09:00"), case_id="K1")
    older = contract.schema_text(resolved.type).replace('"doc"', '"was"', 1)
    other = await town.registry.register("other", older + " ")
    assert await town.registry.schema(other) != contract.schema_text(resolved.type)
    record = Record("city.complaint.resolved", 0, contract.frame(other, contract.encode(resolved)))
    (read,) = await town.reads([record])
    assert [one.event_id for _, one in read.events] == [resolved.event_id]


async def test_a_registry_that_is_away_is_weather_and_no_reject(town: Town) -> None:
    town.registry.away = True
    with pytest.raises(Retry):
        await town.reads([town.record(TICK, 0, cut=b"{}")])
