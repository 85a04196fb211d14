"""The normalize job in Bytewax: its Kafka source, `flat_map_batch`, its Kafka sink.

Decoded by msgspec, encoded by fastavro.  Recovery is on: the offsets are kept in its SQLite store
at every epoch, none is committed to Kafka; it is through when it has read every partition to its
end and has closed its last epoch.
"""

from __future__ import annotations

from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow

from bench.peers.bytewax_fold import run
from bench.peers.frigate import Normalizer
from bench.peers.options import FIRST, say
from bench.peers.settings import (
    BYTEWAX_BATCH,
    READING,
    WRITING,
    librdkafka,
)


def flow(told: Any) -> Dataflow:
    """Source, map, sink."""
    normalizer = Normalizer(told.detected_schema, told.annotated_schema)
    first = [True]

    def normalize(messages: list[Any]) -> list[Any]:
        if first[0]:
            first[0] = False
            say(FIRST)
        made = []
        for message in messages:
            (kind, key, value), reason = normalizer.one(message.value, message.headers)
            headers = [("reject-reason", reason.encode())] if reason else []
            made.append(KafkaSinkMessage(key, value, f"{told.out}.{kind}", headers))
        return made

    made = Dataflow("normalize")
    source = KafkaSource(
        [told.bootstrap],
        [told.topic],
        tail=False,
        add_config=librdkafka(READING),
        batch_size=BYTEWAX_BATCH,
    )
    events = op.flat_map_batch("normalize", op.input("in", made, source), normalize)
    op.output("out", events, KafkaSink([told.bootstrap], None, add_config=librdkafka(WRITING)))
    return made


if __name__ == "__main__":
    run(flow)
