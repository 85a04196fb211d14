"""Days of the simulator with trouble on the way, through Kafka and workers that are killed.

One, two and four workers publish the same rows, bit for bit; they say what is true; and the auditor
gets each of them again from the log.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pytest

from core.moment import HOUR
from jcoc.stack.local import LocalStack
from sim import Month
from sim.story import Scale
from streams.runtime import prepare
from tests.core.stories import untrue
from tests.streams.city_log import CityLog, Segment, feed
from tests.streams.cluster import JCOC, Cluster, Outcome, Watch, cluster, outcome
from wire.config import Kafka

pytestmark = [pytest.mark.stack, pytest.mark.long]

STEP = 6 * HOUR
DAYS = 3
# The second of these days ends a month and a quarter.
FIRST_DAY = date(2026, 9, 29)
FEW = Scale(complaints=120, services=80, detections=4, incidents=20, closures=20)


@dataclass
class MonthLog(CityLog):
    """Days one after the other as they come in, late, twice and out of order; ticks each 6 h."""

    days: int = DAYS

    @cached_property
    def day(self) -> Month:
        return Month(date=FIRST_DAY, days=self.days, scale=self.scale, trouble=True)

    @cached_property
    def segments(self) -> list[Segment]:
        made = [Segment(at) for at in range(self.day.start, self.day.end + 1, STEP)]
        for at, event in self.day.arrivals():
            number = max(0, (at - self.day.start) // STEP + 1)
            if number < len(made):
                made[number].events.append(event)
        return self.written(made)


class Scene:
    """The fed log, and a broker on a copy of it for each number of workers."""

    def __init__(self, stack: LocalStack, folder: Path) -> None:
        self.registry_url, self.template = stack.registry_url, folder / "template"
        with LocalStack(self.template) as own:
            own.start({"kafka"})
            self.log = MonthLog(asyncio.run(prepare(Kafka(own.bootstrap), stack.registry_url)), FEW)
            asyncio.run(feed(Kafka(own.bootstrap), self.log.segments))

    async def concluded(self, made: Cluster) -> Outcome:
        await made.finished(self.log.day.end)
        found = await outcome(made.kafka)
        assert replayed(made) == len(found.rows)
        return found


def replayed(made: Cluster) -> int:
    """How many rows `jcoc replay` compared, all of them identical."""
    ended = subprocess.run(
        [JCOC, "replay", "--json"], cwd=made.folder, env=made.environment(), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    counts = json.loads(ended.stdout.splitlines()[-1])
    assert counts["compared"] == counts["identical"]
    return int(counts["compared"])


@pytest.fixture(scope="module")
def scene(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(stack, tmp_path_factory.mktemp("scene"))


@pytest.fixture(scope="module")
def alone(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What one worker publishes that nobody disturbs."""

    async def play() -> Outcome:
        with cluster(scene.template, scene.registry_url, tmp_path_factory.mktemp("alone")) as made:
            made.start()
            return await scene.concluded(made)

    return asyncio.run(play())


def test_every_true_row_is_published(scene: Scene, alone: Outcome) -> None:
    assert untrue(scene.log.day.truth(STEP), alone.latest()) == []


@pytest.mark.parametrize("workers", [2, 4])
async def test_workers_of_which_one_is_killed_publish_the_same(
    workers: int, scene: Scene, alone: Outcome, tmp_path: Path
) -> None:
    with cluster(scene.template, scene.registry_url, tmp_path) as made:
        for _ in range(workers):
            made.start()
        async with Watch(made.kafka) as watch:
            await watch.until(scene.log.day.start + 2 * STEP)
            await asyncio.sleep(random.Random(workers).random() / 2)
            made.publisher().kill()
            made.start()
        found = await scene.concluded(made)
    assert found.rows == alone.rows
