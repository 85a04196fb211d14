"""What is killed goes on, and the numbers are those of an undisturbed run, bit for bit.

Each scenario has its own broker on a copy of the same fed log, so rows can be compared with
everything that they say, the offsets of their inputs included.  The last hours of the day are fed
when the disturbance is over: however long that took, nobody was done before it.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from core.rows import KpiRow
from jcoc.stack.local import LocalStack
from sim.story import Scale
from streams.runtime import prepare
from tests.streams.city_log import TICK_EVERY, CityLog, feed
from tests.streams.cluster import Cluster, Outcome, Watch, cluster, outcome
from wire.config import Kafka

pytestmark = [pytest.mark.stack, pytest.mark.long]

SCALE = Scale(complaints=750, services=500, detections=60_000)
FIRST = 20
"""The last tick that is there from the beginning; the others come after the disturbance."""


class Scene:
    """The fed log, and scenarios on copies of it."""

    def __init__(self, stack: LocalStack, folder: Path) -> None:
        self.registry_url = stack.registry_url
        self.template = folder / "template"
        with LocalStack(self.template) as own:
            own.start({"kafka"})
            kafka = Kafka(own.bootstrap)
            self.log = CityLog(asyncio.run(prepare(kafka, self.registry_url)), SCALE)
            asyncio.run(feed(kafka, self.log.segments[: FIRST + 1]))

    async def go_on(self, kafka: Kafka) -> None:
        """The rest of the day happens."""
        await feed(kafka, self.log.segments[FIRST + 1 :])

    def tick(self, number: int) -> int:
        return self.log.day.start + number * TICK_EVERY


@pytest.fixture(scope="module")
def scene(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(stack, tmp_path_factory.mktemp("scene"))


@pytest.fixture(scope="module")
def undisturbed(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    async def play() -> Outcome:
        folder = tmp_path_factory.mktemp("undisturbed")
        with cluster(scene.template, scene.registry_url, folder) as made:
            made.start()
            return await concluded(made, scene)

    return asyncio.run(play())


async def concluded(made: Cluster, scene: Scene) -> Outcome:
    """What is left when the rest of the day is published and all workers left in good order."""
    await scene.go_on(made.kafka)
    await made.finished(scene.log.day.end)
    assert {worker.leave() for worker in made.running()} == {0}
    return await outcome(made.kafka)


async def in_the_middle(scene: Scene, watch: Watch, number: int) -> None:
    """Returns shortly after tick `number` began to be published, at no special moment."""
    await watch.until(scene.tick(number))
    await asyncio.sleep(random.Random(number).random() / 2)
    assert await watch.look() < scene.tick(FIRST)


def assert_same(found: Outcome, undisturbed: Outcome) -> None:
    assert twice(found.rows) == []
    differing = [
        pair for pair in zip(found.rows, undisturbed.rows, strict=False) if len({*pair}) > 1
    ]
    assert differing[:1] == []
    assert len(found.rows) == len(undisturbed.rows)
    assert found.cells == undisturbed.cells
    assert found.rejected == undisturbed.rejected


def twice(rows: list[bytes]) -> list[tuple[object, ...]]:
    seen = Counter((row.identity, row.revision) for row in map(KpiRow.from_record, rows))
    return [name for name, count in seen.items() if count > 1]


def test_the_day_is_as_big_as_promised(scene: Scene) -> None:
    assert scene.log.count("cctv.") >= 200_000
    assert scene.log.count("complaint.") + scene.log.count("service.") >= 5_000
    assert len(scene.log.broken) > 50


def test_an_undisturbed_run_publishes_the_truth(scene: Scene, undisturbed: Outcome) -> None:
    latest = undisturbed.latest()
    wrong = []
    for true in scene.log.day.truth():
        where = ("kpi", "window", "scope_type", "scope_id", "window_start")
        row = latest.get(tuple(true[name] for name in where))
        if row is None or (row.numerator, row.denominator) != (
            true["numerator"], true["denominator"],
        ):  # fmt: skip
            wrong.append((true, row))
    assert wrong == []
    assert twice(undisturbed.rows) == []


def test_minute_cells_hold_every_detection_once(scene: Scene, undisturbed: Outcome) -> None:
    assert undisturbed.cells == scene.log.cells()


def test_what_nobody_can_read_ends_in_the_dead_letters(scene: Scene, undisturbed: Outcome) -> None:
    assert undisturbed.rejected == scene.log.broken


async def test_a_worker_killed_twice_publishes_the_same(
    scene: Scene, undisturbed: Outcome, tmp_path: Path
) -> None:
    with cluster(scene.template, scene.registry_url, tmp_path) as made:
        async with Watch(made.kafka) as watch:
            for number in (3, 11):
                worker = made.start()
                await in_the_middle(scene, watch, number)
                worker.kill()
        made.start()
        assert_same(await concluded(made, scene), undisturbed)


async def test_a_broker_killed_twice_publishes_the_same(
    scene: Scene, undisturbed: Outcome, tmp_path: Path
) -> None:
    with cluster(scene.template, scene.registry_url, tmp_path) as made:
        made.start()
        for number in (5, 12):
            async with Watch(made.kafka) as watch:
                await in_the_middle(scene, watch, number)
            made.stack.restart_broker(kill9=True)
        assert_same(await concluded(made, scene), undisturbed)


async def test_two_workers_of_which_one_is_killed_twice_publish_the_same(
    scene: Scene, undisturbed: Outcome, tmp_path: Path
) -> None:
    with cluster(scene.template, scene.registry_url, tmp_path) as made:
        made.start()
        made.start()
        async with Watch(made.kafka) as watch:
            await in_the_middle(scene, watch, 3)
            made.publisher().kill()
            made.start()
            await in_the_middle(scene, watch, 10)
            next(w for w in made.running() if w is not made.publisher()).kill()
            made.start()
        assert_same(await concluded(made, scene), undisturbed)


async def test_four_workers_of_which_one_comes_and_one_goes_publish_the_same(
    scene: Scene, undisturbed: Outcome, tmp_path: Path
) -> None:
    with cluster(scene.template, scene.registry_url, tmp_path) as made:
        for _ in range(3):
            made.start()
        async with Watch(made.kafka) as watch:
            await in_the_middle(scene, watch, 2)
            made.start()
            await in_the_middle(scene, watch, 8)
            assert made.publisher().leave() == 0
        assert_same(await concluded(made, scene), undisturbed)


async def test_a_worker_that_was_frozen_and_replaced_says_nothing_when_it_wakes(
    scene: Scene, undisturbed: Outcome, tmp_path: Path
) -> None:
    with cluster(scene.template, scene.registry_url, tmp_path) as made:
        made.start()
        made.start()
        async with Watch(made.kafka) as watch:
            await in_the_middle(scene, watch, 4)
            frozen = made.publisher()
            frozen.freeze()
            # The other one goes on after the session timeout.
            await in_the_middle(scene, watch, await at_tick(scene, watch) + 2)
            assert made.publisher() is not frozen
            frozen.wake()
        assert_same(await concluded(made, scene), undisturbed)


async def at_tick(scene: Scene, watch: Watch) -> int:
    return (await watch.look() - scene.log.day.start) // TICK_EVERY
