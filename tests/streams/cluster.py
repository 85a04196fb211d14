"""A broker of its own with a fed city log, and workers to disturb."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from core import moment, topics
from core.rows import Identity, KpiRow
from jcoc.stack.local import LocalStack
from streams.changelog import FRONTIER
from tests.streams.city_log import Cell
from wire import deadletters
from wire.config import Kafka
from wire.reader import read

JCOC = str(Path(sys.executable).with_name("jcoc"))
PATIENCE_S = 600
SESSION_S = 6
"""Kafka's own minimum: a killed worker's partitions are free after it."""


@dataclass
class Worker:
    """One `jcoc worker` process."""

    number: int
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """Like a power cut."""
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """Stop without telling anybody."""
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Go on as if nothing had happened."""
        self.process.send_signal(signal.SIGCONT)

    def leave(self) -> int:
        """Ask to end; the exit code."""
        self.process.terminate()
        return self.process.wait(60)


@dataclass
class Cluster:
    """Broker, registry and workers of one scenario."""

    stack: LocalStack
    registry_url: str
    folder: Path
    workers: list[Worker] = field(default_factory=list)

    @property
    def kafka(self) -> Kafka:
        """How to reach the broker."""
        return Kafka(self.stack.bootstrap)

    def start(self, bootstrap: str = "", *more: str, **variables: str) -> Worker:
        """One more worker; `bootstrap` where the broker will be, if it is not there yet.

        `more` are arguments, `variables` are more of its environment.
        """
        number = len(self.workers)
        log = self.folder / f"worker-{number}.log"
        environment = self.environment(bootstrap) | variables
        with log.open("wb") as out:
            process = subprocess.Popen(
                [JCOC, "worker", "--clock", "none", "--datadir", str(self.folder / f"w{number}"),
                 "--session-timeout", str(SESSION_S), *more],
                cwd=self.folder, env=environment, stdout=out, stderr=out,
            )  # fmt: skip
        worker = Worker(number, process, log)
        self.workers.append(worker)
        return worker

    def environment(self, bootstrap: str = "") -> dict[str, str]:
        """Where everything is, for a command."""
        return {
            **os.environ,
            "JCOC_KAFKA__BOOTSTRAP": bootstrap or self.stack.bootstrap,
            "JCOC_REGISTRY__URL": self.registry_url,
        }

    def running(self) -> list[Worker]:
        """Workers that did not end."""
        return [worker for worker in self.workers if worker.process.poll() is None]

    def publisher(self) -> Worker:
        """The worker that was the last to take the publication."""
        found = [
            (json.loads(line)["timestamp"], worker.number)
            for worker in self.workers
            for line in worker.log.read_text().splitlines()
            if '"publish_loaded"' in line
        ]
        return self.workers[max(found)[1]]

    def crashed(self) -> list[str]:
        """The last lines of workers that ended by themselves."""
        return [
            w.log.read_text()[-3000:]
            for w in self.workers
            if w.process.poll() not in (None, 0, -signal.SIGKILL)
        ]

    async def finished(self, tick: int) -> None:
        """Returns when the publication of `tick` is complete and kept."""
        async with asyncio.timeout(PATIENCE_S):
            while await self._frontier() < tick:
                assert not self.crashed(), self.crashed()
                await asyncio.sleep(0.5)

    async def _frontier(self) -> int:
        last = -1
        async for record in read(self.kafka, [topics.changelog("publish")], patience_s=60):
            if record.value is not None and json.loads(record.key)[0] == FRONTIER:
                last = max(last, json.loads(record.value)[0])
        return last

    def stop(self) -> None:
        """End what still runs."""
        for worker in self.running():
            worker.wake()
            worker.process.kill()
            worker.process.wait()


@contextmanager
def cluster(template: Path, registry_url: str, folder: Path) -> Iterator[Cluster]:
    """A broker on a copy of the template's log."""
    shutil.copytree(template / "kafka", folder / "kafka")
    with LocalStack(folder) as stack:
        stack.start({"kafka"})
        made = Cluster(stack, registry_url, folder)
        try:
            yield made
        finally:
            made.stop()


@dataclass
class Outcome:
    """What a scenario left in Kafka."""

    rows: list[bytes]
    """`kpi.published` as it is, in order."""
    cells: dict[Cell, tuple[int, int, float]]
    """The newest word on each minute."""
    rejected: set[str]
    """Origins of the dead letters."""

    def latest(self) -> dict[Identity, KpiRow]:
        """The last revision of each window."""
        rows = map(KpiRow.from_record, self.rows)
        return {row.identity: row for row in rows}


async def outcome(kafka: Kafka) -> Outcome:
    """Read it."""
    rows = [r.value async for r in read(kafka, [topics.PUBLISHED], patience_s=60)]
    newest: dict[Cell, tuple[str, tuple[int, int, float]]] = {}
    async for record in read(kafka, [topics.CELLS], patience_s=60):
        said = json.loads(record.value)
        minute = moment.parse(said["minute"]) // moment.MINUTE
        cell = (said["camera_id"], said["label"], minute)
        value = (said["count"], said["events"], said["confidence"])
        if cell not in newest or said["as_of"] >= newest[cell][0]:
            newest[cell] = (said["as_of"], value)
    letters = read(kafka, [topics.DEADLETTER], patience_s=60)
    rejected = {deadletters.read(record).origin async for record in letters}
    return Outcome(rows, {cell: value for cell, (_, value) in newest.items()}, rejected)


class Watch:
    """Looks on while rows are published."""

    def __init__(self, kafka: Kafka) -> None:
        self._consumer = AIOKafkaConsumer(
            **kafka.client(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=20,
        )
        self.as_of = -1

    async def __aenter__(self) -> Watch:
        await self._consumer.start()
        self._consumer.assign([TopicPartition(topics.PUBLISHED, 0)])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def look(self) -> int:
        """The newest tick that was published until now."""
        fetched = await self._consumer.getmany(timeout_ms=20)
        for records in fetched.values():
            self.as_of = max(self.as_of, KpiRow.from_record(records[-1].value).as_of)
        return self.as_of

    async def until(self, tick: int) -> None:
        """Returns when `tick` or a later one has begun to be published."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.look() < tick:
                pass
