"""Apache Kafka, one node that is broker and controller (KRaft), on loopback."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

from jcoc.exits import Away
from jcoc.stack.java import JAVA
from jcoc.stack.process import free_port

LOGGING = f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties')}"
MAIN = ("-XX:+UseSerialGC", "--sun-misc-unsafe-memory-access=allow", LOGGING)
FORMATTER = ("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", LOGGING)

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={folder}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# After a kill the broker may register again only when its old session is over.
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
# Records carry event time: a simulated day may lie years back or ahead, and nothing expires.
log.retention.ms=-1
log.message.timestamp.before.max.ms=9223372036854775807
log.message.timestamp.after.max.ms=9223372036854775807
# Small: this broker shares two cores with everything else.
num.network.threads=2
num.io.threads=4
background.threads=4
log.cleaner.dedupe.buffer.size=16777216
"""


def command(
    jars: list[Path],
    data: Path,
    port: int,
    heap_mib: int,
    more: Mapping[str, str] | None = None,
) -> list[str]:
    """Write the configuration, format the folder if it is new; gives what to run.

    Properties in `more` come last and so win.
    """
    folder = data / "kafka"
    folder.mkdir(parents=True, exist_ok=True)
    properties = data / "kafka.properties"
    written = PROPERTIES.format(port=port, controller=free_port(), folder=folder)
    written += "".join(f"{name}={value}\n" for name, value in (more or {}).items())
    properties.write_text(written, encoding="utf-8")
    java = [str(JAVA), "-cp", os.pathsep.join(map(str, jars))]
    if not (folder / "meta.properties").exists():
        _format([*java, *FORMATTER], properties)
    return [*java, f"-Xmx{heap_mib}m", *MAIN, "kafka.Kafka", str(properties)]


def _format(java: list[str], properties: Path) -> None:
    cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "_")
    tool = [*java, "kafka.tools.StorageTool", "format", "--ignore-formatted"]
    done = subprocess.run(
        [*tool, "-t", cluster, "-c", str(properties)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Away(f"Kafka's folder cannot be formatted: {done.stdout}{done.stderr}")


def healthy(port: int) -> bool:
    """True once the broker names itself in an answer to a metadata request."""
    client = b"jcoc-status"
    # Metadata (api 3) version 1, correlation id 7, an empty list of topics.
    request = struct.pack(f">hhih{len(client)}si", 3, 1, 7, len(client), client, 0)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as broker:
            broker.sendall(struct.pack(">i", len(request)) + request)
            with broker.makefile("rb") as answer:
                _size, correlation, brokers = struct.unpack(">iii", answer.read(12))
    except (OSError, struct.error):
        return False
    return bool(correlation == 7 and brokers > 0)
