"""What came of one batch of payloads, packed for the way out.

Events come in columns and one by one; together they go out in the order of their payloads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core import contract, event_columns, topics
from core.bulk import Numbers, Rows
from core.events import Event
from core.outcome import Reject
from streams.outlet import Message, Parcels
from wire.bulk_writer import Writer
from wire.partitioner import partition_of, partitions_of
from wire.prebuilt import Prebuilt


@dataclass(slots=True)
class Refused:
    """Rejects of one reason: where the first was, and what was wrong with it."""

    offset: int
    detail: str
    count: int = 0


@dataclass
class Harvest:
    """Collects events by type, and dead letters; `number` is that of a record in its batch."""

    received: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """By source, records of its accounts: events that are its own, and rejects."""
    letters: list[Message] = field(default_factory=list)
    refused: dict[str, Refused] = field(default_factory=dict)
    """By reason."""
    _rows: dict[str, list[Rows]] = field(default_factory=lambda: defaultdict(list))
    _events: dict[str, list[tuple[int, Event]]] = field(default_factory=lambda: defaultdict(list))

    def rows(self, rows: Rows) -> None:
        """Take events in columns; their numbers ascend from one call to the next."""
        if not len(rows.numbers):
            return
        self._rows[rows.type].append(rows)
        if rows.type not in contract.PLATFORM:
            for entry in pc.value_counts(rows.columns.column("source")).to_pylist():
                self.received[entry["values"]] += entry["counts"]

    def event(self, number: int, event: Event) -> None:
        """Take one event; the numbers ascend from one call to the next."""
        self._events[event.type].append((number, event))
        self.received[event.source] += event.type not in contract.PLATFORM

    def letter(self, connector: str, letter: Message) -> None:
        """Take one dead letter."""
        self.letters.append(letter)
        self.received[connector] += 1

    def refuse(self, reject: Reject, offset: int) -> None:
        """Count the reject of the record at `offset`."""
        found = self.refused.setdefault(reject.reason.value, Refused(offset, reject.detail))
        found.count += 1

    def topics(self) -> list[str]:
        """Where something goes."""
        types = sorted(self._rows.keys() | self._events.keys())
        letters = [topics.DEADLETTER] if self.letters else []
        return [*map(topics.city, types), *letters]

    def parcels(
        self,
        partitions: Mapping[str, Sequence[int]],
        id_of: Callable[[str], int],
        writer: Writer,
    ) -> Parcels:
        """Everything, by where it goes.

        `partitions` are those of each of the `topics`; `id_of` the schema id of an event type.
        """
        packed: dict[tuple[str, int], Sequence[Prebuilt]] = {}
        for event_type in sorted(self._rows.keys() | self._events.keys()):
            topic, schema = topics.city(event_type), contract.schema_text(event_type)
            key = contract.key_field(event_type)
            for number, rows in _split(self._ordered(event_type), key, partitions[topic]):
                batches = writer.rows(rows.column(key), rows, schema, id_of(event_type))
                packed[topic, number] = batches
        letters: dict[int, list[Message]] = defaultdict(list)
        for letter in self.letters:
            letters[partition_of(letter[0] or b"", partitions[topics.DEADLETTER])].append(letter)
        for number, some in letters.items():
            packed[topics.DEADLETTER, number] = writer.messages(some)
        return packed

    def _ordered(self, event_type: str) -> pa.RecordBatch:
        found, single = self._rows[event_type], self._events[event_type]
        parts = [rows.columns for rows in found]
        if single:
            parts.append(event_columns.of_events(event_type, [event for _, event in single]))
        (batch,) = pa.Table.from_batches(parts).combine_chunks().to_batches()
        if not single or not found:
            return batch
        alone = np.array([number for number, _ in single], np.int64)
        numbers = np.concatenate([*(rows.numbers for rows in found), alone])
        return batch.take(pa.array(np.argsort(numbers, kind="stable")))


def _split(
    batch: pa.RecordBatch, key: str, partitions: Sequence[int]
) -> list[tuple[int, pa.RecordBatch]]:
    """The rows of each partition, in their order."""
    chosen: Numbers = partitions_of(batch.column(key), partitions)
    sorted_ = batch.take(pa.array(np.argsort(chosen, kind="stable")))
    found, counts = np.unique(chosen, return_counts=True)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return [
        (int(number), sorted_.slice(int(start), int(count)))
        for number, start, count in zip(found, starts, counts, strict=True)
    ]
