"""Kafka Streams as a peer: one Java class a job, its properties, its process."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bench.attempt import Attempt
from bench.watched import Watched
from bench.workshop import PEERS, streams

FIRST = "first_event"
JVM = ("-Xms512m", "-Xmx512m", "-XX:+UseParallelGC")
PROPERTIES: Mapping[str, object] = {
    "num.stream.threads": 1,
    "commit.interval.ms": 1000,
    "statestore.cache.max.bytes": 64 * 1024 * 1024,
    "auto.offset.reset": "earliest",
    "processing.guarantee": "at_least_once",
    "producer.acks": "all",
    "producer.compression.type": "lz4",
    "producer.linger.ms": 20,
    "producer.batch.size": 256 * 1024,
    "consumer.max.poll.records": 2_000,
    "consumer.max.partition.fetch.bytes": 4 * 1024 * 1024,
    "buffered.records.per.partition": 2_000,
    "replication.factor": 1,
}


def settings() -> Mapping[str, object]:
    """What is shown of it."""
    pom = (PEERS / "streams" / "pom.xml").read_text("utf-8")
    found = re.search(r"<artifactId>kafka-streams</artifactId>\s*<version>([^<]+)", pom)
    version = found[1] if found else ""
    return {"kafka-streams": version, **PROPERTIES, "JVM": " ".join(JVM)}


def begin(attempt: Attempt, main: str, *words: str) -> Watched:
    """Build it if need be and start it.  Raises Missing."""
    java, *classpath = streams(attempt.place)
    folder = attempt.place.folder / attempt.tag
    folder.mkdir()
    told = {
        "application.id": attempt.tag,
        "bootstrap.servers": attempt.place.kafka.bootstrap,
        "state.dir": folder / "state",
        **PROPERTIES,
    }
    properties = folder / "streams.properties"
    properties.write_text("".join(f"{name}={value}\n" for name, value in told.items()))
    quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
    command = [java, *JVM, quiet, *classpath, main, str(properties), *words]
    return attempt.place.run(attempt.tag, command)


def about(main: str) -> str:
    """What the class says of itself."""
    text = (PEERS / "streams" / f"{main}.java").read_text("utf-8")
    found = re.search(r"/\*\*\n(.*?)\n \*/", text, re.S)
    return re.sub(r"^ \* ?", "", found[1], flags=re.M) if found else ""
