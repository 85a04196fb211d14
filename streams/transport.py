"""Faust's Kafka transport, changed in four places and nowhere else.

1. An agent gets one event for each (partition, fetch), whose value is a `Batch`: Faust's cost per
   record (46 to 64 microseconds in its conductor) is paid once a batch.
2. Offsets are committed by our rule alone: what the agents declare `durable`, never what a stream
   has acknowledged (an exception in an agent's body acknowledges its event).
3. A batch that does not begin where the last one ended is for the agent to see (`Batch.first`):
   Faust drops fetched records when its flow stops at the wrong moment.
4. A worker with a lasting name ends when another one takes it (`streams.static_member`).

Facts about faust-streaming 0.15.3 and aiokafka 0.14; see docs/decisions/0002.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import faust
import structlog
from aiokafka.consumer import fetcher
from aiokafka.errors import IllegalStateError
from aiokafka.record.memory_records import MemoryRecords
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP, ConsumerMessage

from streams.static_member import StaticMember
from wire.record_batches import RecordBatch, batches

_log = structlog.get_logger()
_FETCH_WAIT_MS = 20
"""Faust's 1500 ms would let one drained partition hold up the others of its broker."""
_IDLE_WAIT_MS = 0.5
"""For each partition that is read: an answer may take as long as there was no news, and so long at
most.  It is asked for and read partition by partition: with 20 ms a worker of 240 partitions spent
a quarter of a core on hearing that there is nothing."""

_FULL_S = 0.2
"""How long nothing is looked at while all buffers are full, unless somebody tells of room."""
_CROWDED_S = 0.01
"""How long the others are waited for while some partition has a full buffer.  With Faust's second
a worker that kept up with everything stood still for most of each second."""
_MOVED = (AssertionError, IllegalStateError)
"""What aiokafka raises about a partition that is not assigned (any more)."""


@dataclass(frozen=True)
class Batch:
    """What was fetched of one partition: record batches in the order of their offsets."""

    topic: str
    partition: int
    chunks: Sequence[RecordBatch]
    """At least one.  The first may begin before `start`: Kafka keeps batches, not records."""
    start: int
    """Offset of the first record that is wanted."""

    @property
    def first(self) -> int:
        """Offset of the first record."""
        return max(self.start, self.chunks[0].base_offset)

    @property
    def next(self) -> int:
        """Offset after the last record."""
        return self.chunks[-1].next_offset

    @cached_property
    def records(self) -> Sequence[Any]:
        """Each with `offset`, `timestamp` (milliseconds), `key`, `value` and `headers`."""
        return [
            record
            for chunk in self.chunks
            for record in chunk.records()
            if record.offset >= self.start
        ]

    def only(self, chunk: RecordBatch) -> Batch:
        """One of its record batches."""
        return replace(self, chunks=[chunk], start=max(self.start, chunk.base_offset))

    def since(self, offset: int) -> Batch:
        """The same without what lies before `offset`."""
        if offset <= self.start:
            return self
        kept = [chunk for chunk in self.chunks if chunk.next_offset > offset]
        return replace(self, chunks=kept, start=offset)


class _KeptRecords(MemoryRecords):
    """aiokafka's reader of fetched bytes; `raw` are those bytes, which it hides."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self.raw = raw


# It does what the original does, for every consumer of the process.
fetcher.MemoryRecords = _KeptRecords


class _Chunks:
    """In the place of aiokafka's iterator over the records of one fetch: over record batches.

    With each comes the offset of its first record that was asked for.
    """

    def __init__(self, raw: bytes, fetch_offset: int) -> None:
        self.next_fetch_offset = fetch_offset
        self._batches = batches(raw)

    def __iter__(self) -> _Chunks:
        return self

    def __next__(self) -> tuple[int, RecordBatch]:
        for batch in self._batches:
            wanted = self.next_fetch_offset
            if batch.next_offset > wanted:
                self.next_fetch_offset = batch.next_offset
                if not batch.is_control:
                    return max(wanted, batch.base_offset), batch
        raise StopIteration


class _Fetches(dict[Any, Any]):
    """What was fetched and not taken yet, by partition; aiokafka's own is a plain dictionary."""

    newest: float = 0.0
    """When something came last, by the monotonic clock."""

    def __setitem__(self, tp: Any, fetched: Any) -> None:
        self.newest = time.monotonic()
        parsed = getattr(fetched, "_partition_records", None)
        if isinstance(parsed, fetcher.PartitionRecords):
            fetched._partition_records = _Chunks(  # noqa: SLF001 - no public hook
                parsed._records.raw,  # noqa: SLF001
                parsed.next_fetch_offset,
            )
            # It holds what holds it: without this the fetched bytes wait for the collector.
            parsed._records_iterator = None  # noqa: SLF001
        super().__setitem__(tp, fetched)


def fetch_wait_ms(quiet_s: float, partitions: int) -> int:
    """How long the broker may keep us waiting for news of so many partitions."""
    return int(max(_FETCH_WAIT_MS, min(1000 * quiet_s, _IDLE_WAIT_MS * partitions)))


class BatchThread(driver.AIOKafkaConsumerThread):
    """Fetches without waiting long and without building an object for each record."""

    async def on_start(self) -> None:
        """As Faust's, and watches over our name in the group if we have one."""
        await super().on_start()
        if self.app.conf.consumer_group_instance_id:
            consumer: Any = self._consumer
            StaticMember(consumer._coordinator, self.transport.fenced)  # noqa: SLF001

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = _FETCH_WAIT_MS  # noqa: SLF001 - read at start
        return consumer

    async def _fetch_records(self, consumer: Any, *args: Any, **kwargs: Any) -> Any:
        source = consumer._fetcher  # noqa: SLF001
        if not isinstance(source._records, _Fetches):  # noqa: SLF001
            found, source._records = source._records, _Fetches()  # noqa: SLF001
            for tp, fetched in found.items():
                source._records[tp] = fetched  # noqa: SLF001
        quiet_s = time.monotonic() - source._records.newest  # noqa: SLF001
        wait = fetch_wait_ms(quiet_s, len(consumer.assignment()))
        source._fetch_max_wait_ms = wait  # noqa: SLF001 - read for each fetch
        return await super()._fetch_records(consumer, *args, **kwargs)

    def verify_event_path(self, now: float, tp: Any) -> None:
        """Faust warns when nothing is committed for long; here that is normal between ticks."""


class BatchConsumer(driver.Consumer):
    """Delivers batches and commits what is durable."""

    durable: dict[TP, int]
    """Per partition, the offset from which a new worker may read on."""
    began: dict[TP, int]
    """Per partition with a committed offset, that offset when it was assigned."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As Faust's."""
        self.durable = {}
        self.began = {}
        self._room = asyncio.Event()
        super().__init__(*args, **kwargs)

    def _new_consumer_thread(self) -> BatchThread:
        return BatchThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:  # noqa: ASYNC109
        """One message for each partition that was fetched."""
        records, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            await self._seek_again()
            return
        for tp, found in records.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            wanted = active is None or tp in active or tp in self._buffered_partitions
            if found and wanted:
                yield tp, _message(tp, found, generation)

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ASYNC109
        # Where every partition has a full buffer Faust sleeps for a second, whoever drains them.
        while self.flow_active and not self.should_stop and not self._get_active_partitions():
            self._room.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_FULL_S):
                    await self._room.wait()
        # It waits for what is wanted now, not for what is fetched and wanted again in a moment.
        crowded = bool(self._buffered_partitions or self._paused_partitions)
        return await super()._wait_next_records(min(timeout, _CROWDED_S) if crowded else timeout)

    def on_buffer_drop(self, tp: TP) -> None:
        """As Faust's, and tells who waits for room."""
        super().on_buffer_drop(tp)
        self._room.set()

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """As Faust's, and tells who waits for room."""
        super().resume_partitions(tps)
        self._room.set()

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """As Faust's, and remembers where."""
        committed: Mapping[TP, int] = await super().seek_to_committed()
        self.began.update({tp: at for tp, at in committed.items() if at is not None and at >= 0})
        return committed

    async def _seek_again(self) -> None:
        """Go back to what is committed; a partition that just moved is no longer ours to seek."""
        try:
            await self.perform_seek()
        except IllegalStateError as moved:
            _log.warning("seek_after_rebalance", detail=str(moved))

    async def read_again(self, tp: TP, offset: int) -> None:
        """Go on reading at `offset`, unless the partition has moved meanwhile."""
        with suppress(*_MOVED):
            await self.seek(tp, offset)

    def left(self, batch: Batch) -> int | None:
        """Records after the batch, None if the partition has moved meanwhile."""
        with suppress(*_MOVED):
            end = self.highwater(TP(batch.topic, batch.partition))
            return None if end is None else max(0, int(end) - batch.next)
        return None

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """A batch spans its offsets; gaps are judged by `Batch.first`."""

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        for tp in list(self.durable):
            if topics is None or tp in topics or tp.topic in topics:
                yield tp

    def _new_offset(self, tp: TP) -> int | None:
        self._acked.pop(tp, None)
        self._acked_index.pop(tp, None)
        return self.durable.get(tp)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Forget what is no longer ours to commit."""
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self.durable.pop(tp, None)


def _message(tp: TP, found: Sequence[tuple[int, RecordBatch]], generation: int) -> Any:
    chunks = [chunk for _, chunk in found]
    batch = Batch(tp.topic, tp.partition, chunks, found[0][0])
    return ConsumerMessage(
        tp.topic, tp.partition, batch.next - 1, chunks[-1].max_time / 1000.0, 0,
        None, None, batch, None, 0, 0, tp, generation_id=generation,
    )  # fmt: skip


class BatchTransport(driver.Transport):
    """The transport to give to `app.transport`."""

    Consumer = BatchConsumer

    def __init__(self, url: Any, app: Any, fenced: Callable[[], None]) -> None:
        """`fenced` is called from the consumer's thread when another has taken our name."""
        super().__init__(url, app)
        self.fenced = fenced


class BatchSchema(faust.Schema):
    """Hands the batch over as it is: decoding belongs to the agents."""

    def compile(self, app: Any, **_kwargs: Any) -> Any:
        """The function that makes an event of a message."""
        create_event = app.create_event

        async def decode(message: Any, **_options: Any) -> Any:
            return create_event(None, message.value, {}, message)

        return decode
