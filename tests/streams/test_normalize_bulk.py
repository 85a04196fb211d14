"""The normalize stage in columns: the same events, letters and accounts, in the same order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from bench.detections import CAMERAS
from bench.frigate import message, number_of
from connectors.frigate.manifest import MANIFEST
from core import topics
from core.bulk import Bulk
from core.manifest import Manifest, Raw
from core.normalize import normalize_bulk
from streams.normalize import Normalizer
from streams.outlet import Parcels
from streams.transport import Batch
from tests.connectors.frigate_payloads import AT, EVENTS, raws
from tests.streams.paper import Paper, Written, fetched
from wire import deadletters, raw_records
from wire.codec import Codec
from wire.envelope import to_record
from wire.registry import FakeRegistry, ensure_schemas

TOPIC = topics.raw("frigate")
REGISTERED = FakeRegistry()
CODEC = Codec(asyncio.run(ensure_schemas(REGISTERED)), REGISTERED)


def written(payloads: Sequence[Raw], first: int = 0) -> list[Written]:
    return [
        Written(first + number, None, *to_record(raw, "frigate"))
        for number, raw in enumerate(payloads)
    ]


def accounts() -> dict[tuple[str, ...], float]:
    wanted = ("jcoc_source_records_total", "jcoc_rejects_total")
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name in wanted
    }


def outcome(manifest: Manifest, batches: Sequence[Batch]) -> tuple[Any, dict[Any, float]]:
    """Every log, letters without their time, and what the accounts grew by."""
    before, paper = accounts(), Paper()

    async def run() -> None:
        normalizer = Normalizer({"frigate": manifest}, CODEC, paper)
        for batch in batches:
            await normalizer.take(batch)

    asyncio.run(run())
    logs = {
        where: [(one.key, one.value, [h for h in one.headers if h[0] != "time"]) for one in log]
        for where, log in paper.logs.items()
    }
    grown = {name: value - before.get(name, 0) for name, value in accounts().items()}
    return logs, {name: value for name, value in grown.items() if value}


STRAY = st.builds(
    Written, st.just(0), st.none() | st.just(b"k"), st.none() | st.binary(max_size=30),
    st.lists(st.tuples(st.sampled_from(["received_at", "h-topic"]), st.binary(max_size=9))),
)  # fmt: skip


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(
    st.lists(raws(), min_size=1, max_size=25),
    st.lists(st.tuples(st.integers(0, 25), STRAY), max_size=2),
    st.integers(0, 30),
)
def test_both_ways_write_the_same_logs_and_accounts(
    payloads: list[Raw], strays: list[tuple[int, Written]], skipped: int
) -> None:
    records = written(payloads)
    for at, stray in strays:
        records.insert(at, stray)
    records = [replace(record, offset=offset) for offset, record in enumerate(records)]
    batch = fetched(TOPIC, 2, records).since(min(skipped, len(records) - 1))
    assert outcome(MANIFEST, [batch]) == outcome(replace(MANIFEST, bulk=None), [batch])


def mixed(number: int) -> Raw:
    """All of one camera; two of three have times without decimals, which are read one by one."""
    body = message(CAMERAS * number, AT)
    return Raw(body.replace(b"00.250125, ", b"00, ") if number % 3 else body, AT, EVENTS)


def test_what_is_mixed_is_read_both_ways() -> None:
    found = normalize_bulk(MANIFEST, Bulk.of([mixed(number) for number in range(40)]))
    assert found.left.tolist() == [number for number in range(40) if number % 3]


def test_events_keep_the_order_of_their_payloads() -> None:
    logs, _ = outcome(MANIFEST, [fetched(TOPIC, 0, written([mixed(n) for n in range(40)]))])
    [log] = logs.values()
    numbers = [number_of(value.decode("latin-1")) for _, value, _ in log]
    assert numbers == [CAMERAS * number for number in range(40)]


def test_many_record_batches_are_like_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read in groups; in each a record that the edge did not write."""
    records = written([mixed(n) if n % 7 else Raw(b"{", AT, EVENTS) for n in range(60)])
    records = [replace(one, headers=[]) if one.offset % 8 == 0 else one for one in records]
    chunks = [
        chunk for at in range(0, 60, 4) for chunk in fetched(TOPIC, 2, records[at : at + 4]).chunks
    ]
    usual = outcome(MANIFEST, [fetched(TOPIC, 2, records)])
    groups = raw_records.groups
    monkeypatch.setattr(raw_records, "groups", lambda chunks: groups(chunks, 12_000))
    assert len(list(raw_records.groups(chunks))) > 3
    assert outcome(MANIFEST, [Batch(TOPIC, 2, chunks, 0)]) == usual
    assert outcome(replace(MANIFEST, bulk=None), [Batch(TOPIC, 2, chunks, 0)]) == usual


def test_a_malformed_batch_is_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = fetched(TOPIC, 0, written([Raw(message(n, AT + n), AT, EVENTS) for n in range(9)]))
    usual, fewer = outcome(MANIFEST, [batch]), outcome(MANIFEST, [batch.since(5)])

    def read(*_args: Any) -> Any:
        raise raw_records.Malformed

    monkeypatch.setattr(raw_records, "read", read)
    assert outcome(MANIFEST, [batch]) == usual
    assert outcome(MANIFEST, [batch.since(5)]) == fewer
    assert fewer != usual


class Slow(Paper):
    """Acknowledges nothing before it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()

    async def deliver(self, parcels: Parcels) -> None:
        await self.open.wait()
        await super().deliver(parcels)


async def test_a_batch_is_counted_and_done_when_it_is_acknowledged() -> None:
    paper = Slow()
    normalizer = Normalizer({"frigate": MANIFEST}, CODEC, paper)
    payloads = [Raw(message(number, AT + number), AT, EVENTS) for number in range(9)]
    before = accounts()
    first = await normalizer.start(fetched(TOPIC, 0, written(payloads)))
    second = await normalizer.start(fetched(TOPIC, 0, written(payloads, 9)))
    await asyncio.sleep(0.01)
    assert not first.done()
    assert accounts() == before
    paper.open.set()
    await asyncio.gather(first, second)
    assert len(paper.of(topics.city("cctv.detected"))) == 18
    assert accounts() != before


def test_letters_name_their_record() -> None:
    payloads = [Raw(message(n, AT + n) if n % 4 else b"{", AT, EVENTS) for n in range(12)]
    batch = fetched(TOPIC, 3, written(payloads, 100))
    paper = Paper()
    asyncio.run(Normalizer({"frigate": MANIFEST}, CODEC, paper).take(batch))
    letters = [deadletters.read(one) for one in paper.of(topics.DEADLETTER)]
    assert sorted(letter.origin for letter in letters) == [
        f"{TOPIC}/3/{offset}" for offset in (100, 104, 108)
    ]
