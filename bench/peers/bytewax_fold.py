"""The fold job in Bytewax: its Kafka source in large batches, `stateful_batch`, its Kafka sink.

Its own windows are closed by the clock of each key together with the system's time, which no
replay repeats; so the cells of a partition are one keyed state that the ticks in that partition
close.  Recovery is on: state and offsets are kept in its SQLite store at every epoch.  There is no
changelog, and no offset is committed to Kafka: it is through when it has read every partition to
its end and has closed its last epoch.  A minute is forgotten ten minutes after it closed, because
every epoch keeps the whole state.
"""

from __future__ import annotations

import copy
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import cluster_main

from bench.peers.cells import Cells
from bench.peers.options import FINISHED, FIRST, options, say
from bench.peers.settings import (
    BYTEWAX_BATCH,
    BYTEWAX_EPOCH_S,
    READING,
    WRITING,
    librdkafka,
)

FORGET = 10
first = [True]


class Partition(op.StatefulBatchLogic[Any, Any, Cells]):
    """The cells of one Kafka partition."""

    def __init__(self, cells: Cells) -> None:
        """Go on from a snapshot."""
        self.cells = cells

    def on_batch(self, values: list[Any]) -> tuple[list[Any], bool]:
        """Fold; publish what ticks close."""
        if first[0]:
            first[0] = False
            say(FIRST)
        out = [
            KafkaSinkMessage(key, value)
            for message in values
            for key, value in self.cells.fold(message.value)
        ]
        return out, False

    def snapshot(self) -> Cells:
        """A copy, as Bytewax asks for."""
        cells = self.cells
        if cells.cells:
            oldest = max(cell[0] for cell in cells.cells) - FORGET
            cells.cells = {c: held for c, held in cells.cells.items() if c[0] >= oldest}
        return copy.deepcopy(cells)


def flow(told: Any) -> Dataflow:
    """Source, state, sink."""
    made = Dataflow("fold")
    source = KafkaSource(
        [told.bootstrap],
        [told.topic],
        tail=False,
        add_config=librdkafka(READING),
        batch_size=BYTEWAX_BATCH,
    )
    events = op.key_on("partition", op.input("in", made, source), lambda m: str(m.partition))

    def build(kept: Cells | None) -> Partition:
        # The logic is not told its key; each gets a number of its own for its count of rejects.
        numbers.append(len(numbers))
        return Partition(kept or Cells(numbers[-1], told.tick_schema))

    numbers: list[int] = []
    closed = op.key_rm("unkeyed", op.stateful_batch("cells", events, build))
    op.output("out", closed, KafkaSink([told.bootstrap], told.out, add_config=librdkafka(WRITING)))
    return made


def run(flow: Callable[[Any], Dataflow]) -> None:
    """Run to the end, then wait to be stopped: what was used is read from outside."""
    told = options()
    store = Path(told.folder)
    store.mkdir(parents=True)
    init_db_dir(store, 1)
    cluster_main(
        flow(told),
        [],
        0,
        epoch_interval=timedelta(seconds=BYTEWAX_EPOCH_S),
        recovery_config=RecoveryConfig(store),
    )
    say(FINISHED)
    signal.pause()


if __name__ == "__main__":
    run(flow)
