"""Contiguous reading, and what a stage does when it is not, or when it is replaced."""

from __future__ import annotations

import asyncio

import pytest
from faust.types.tuples import TP

from core.outcome import Retry
from streams.raw_stage import RawStage
from streams.stage import Stage
from streams.task import Hole, Positions, Report, Superseded
from streams.transport import Batch
from tests.streams.paper import batch


def offsets(batch: Batch | None) -> list[int]:
    return [record.offset for record in batch.records] if batch else []


class TestPositions:
    def test_each_record_is_taken_once_whatever_is_delivered_again(self) -> None:
        positions = Positions(0)
        assert offsets(positions.advance(batch("t", 0, 0, "a", "b"))) == [0, 1]
        assert offsets(positions.advance(batch("t", 0, 1, "b", "c"))) == [2]
        assert offsets(positions.advance(batch("t", 0, 0, "a", "b", "c"))) == []
        assert positions.next == {"t": 3}

    def test_topics_are_counted_apart(self) -> None:
        positions = Positions(0, {"t": 5})
        assert offsets(positions.advance(batch("t", 0, 5, "a"))) == [5]
        assert offsets(positions.advance(batch("u", 0, 0, "a"))) == [0]

    def test_a_hole_is_not_read_over(self) -> None:
        positions = Positions(3, {"t": 5})
        with pytest.raises(Hole) as caught:
            positions.advance(batch("t", 3, 7, "a"))
        assert (caught.value.topic, caught.value.partition, caught.value.expected) == ("t", 3, 5)
        assert positions.next == {"t": 5}


class Consumer:
    def __init__(self) -> None:
        self.durable: dict[TP, int] = {}
        self.began: dict[TP, int] = {}
        self.sought: list[tuple[TP, int]] = []
        self.paused: set[TP] = set()

    def left(self, _batch: Batch) -> None:
        return None

    def pause_partitions(self, tps: set[TP]) -> None:
        self.paused |= tps

    def resume_partitions(self, tps: set[TP]) -> None:
        self.paused -= tps

    async def read_again(self, where: TP, offset: int) -> None:
        self.sought.append((where, offset))


class App:
    def __init__(self) -> None:
        self.consumer = Consumer()
        self.consumer_generation_id = 1
        self.failures: list[BaseException] = []


class Task:
    """Takes batches as `Positions` does; `troubles` are raised first."""

    def __init__(self, *troubles: Exception) -> None:
        self.positions = Positions(0)
        self.troubles = list(troubles)
        self.taken: list[int] = []
        self.closed = self.finished = False
        self.report = Report()
        self.enough: list[str] = []

    async def load(self) -> None:
        pass

    async def take(self, batch: Batch) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.taken += offsets(self.positions.advance(batch))
        self.report.durable({batch.topic: batch.next})

    def ahead(self) -> list[str]:
        return self.enough

    async def finish(self) -> None:
        self.finished = True

    async def close(self) -> None:
        self.closed = True


def stage(app: App, *tasks: Task | Exception) -> Stage:
    """Makes these one after the other."""
    made = list(tasks)

    async def make(_partition: int, report: Report) -> Task:
        task = made.pop(0)
        if isinstance(task, Exception):
            raise task
        task.report = report
        return task

    return Stage(app, make, app.failures.append)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def sleep(_seconds: float) -> None:
        pass

    monkeypatch.setattr("streams.stage.asyncio.sleep", sleep)


class TestStage:
    async def test_what_a_task_made_durable_may_be_committed(self) -> None:
        app, task = App(), Task()
        await stage(app, task).take(batch("t", 0, 0, "a", "b"), 1)
        assert app.consumer.durable == {TP("t", 0): 2}

    async def test_a_hole_is_read_again_and_nothing_is_committed(self) -> None:
        app, task = App(), Task()
        under_test = stage(app, task)
        await under_test.take(batch("t", 0, 3, "d"), 1)
        assert (app.consumer.sought, app.consumer.durable) == ([(TP("t", 0), 0)], {})
        await under_test.take(batch("t", 0, 0, "a", "b", "c", "d"), 1)
        assert task.taken == [0, 1, 2, 3]

    async def test_a_batch_of_an_earlier_assignment_is_not_ours_any_more(self) -> None:
        app, task = App(), Task()
        app.consumer_generation_id = 2
        await stage(app, task).take(batch("t", 0, 0, "a"), 1)
        assert task.taken == []

    async def test_a_task_is_made_when_the_weather_allows_it(self) -> None:
        app, task = App(), Task()
        await stage(app, Retry("away"), Retry("away"), task).take(batch("t", 0, 0, "a"), 1)
        assert task.taken == [0]

    async def test_a_superseded_task_is_closed_and_made_anew_for_the_same_batch(self) -> None:
        app, old, new = App(), Task(Superseded("fenced")), Task()
        await stage(app, old, new).take(batch("t", 0, 0, "a"), 1)
        assert (old.closed, old.taken, new.taken) == (True, [], [0])

    async def test_who_hears_that_the_partition_moved_does_not_take_it_back(self) -> None:
        app, old, new = App(), Task(Superseded("fenced")), Task()
        under_test = stage(app, old, new)

        async def close() -> None:
            app.consumer_generation_id = 2

        old.close = close  # type: ignore[method-assign]  # the rebalance happens meanwhile
        await under_test.take(batch("t", 0, 0, "a"), 1)
        assert new.taken == []

    async def test_what_becomes_durable_after_a_rebalance_is_not_committed_here(self) -> None:
        app, task = App(), Task()
        under_test = stage(app, task)
        take = task.take

        async def taking(batch: Batch) -> None:
            await under_test.forget()
            await take(batch)

        task.take = taking  # type: ignore[method-assign]  # the rebalance happens meanwhile
        await under_test.take(batch("t", 0, 0, "a"), 1)
        assert (task.taken, app.consumer.durable) == ([0], {})

    async def test_a_task_that_was_interrupted_is_not_gone_on_with(self) -> None:
        app, first, second = App(), Task(), Task()
        under_test = stage(app, first, second)

        async def interrupted(_batch: Batch) -> None:
            raise asyncio.CancelledError

        first.take = interrupted  # type: ignore[assignment]  # as a cancelled agent sees it
        with pytest.raises(asyncio.CancelledError):
            await under_test.take(batch("t", 0, 0, "a"), 1)
        await under_test.take(batch("t", 0, 0, "a"), 1)
        assert second.taken == [0]
        await under_test.close()
        assert first.closed

    async def test_what_a_task_has_enough_of_is_not_read_until_it_wants_it(self) -> None:
        app, first, second = App(), Task(), Task()
        under_test = stage(app, first, second)
        first.enough = ["t"]
        await under_test.take(batch("t", 0, 0, "a"), 1)
        assert app.consumer.paused == {TP("t", 0)}
        second.enough = ["t", "u"]
        await under_test.take(batch("t", 1, 0, "a"), 1)
        assert app.consumer.paused == {TP("t", 0), TP("t", 1), TP("u", 1)}
        first.enough = []
        await under_test.take(batch("tick", 0, 0, "a"), 1)
        assert app.consumer.paused == {TP("t", 1), TP("u", 1)}

    async def test_after_a_rebalance_everything_is_read_again(self) -> None:
        app, first = App(), Task()
        under_test = stage(app, first)
        first.enough = ["t"]
        await under_test.take(batch("t", 0, 0, "a"), 1)
        await under_test.forget()
        assert app.consumer.paused == set()

    async def test_after_a_rebalance_the_state_is_loaded_again(self) -> None:
        app, first, second = App(), Task(), Task()
        under_test = stage(app, first, second)
        await under_test.take(batch("t", 0, 0, "a"), 1)
        await under_test.forget()
        await under_test.close()
        assert first.closed


class Normalizer:
    """Sends when it is told to."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.sends: list[asyncio.Future[None]] = []
        self.at_once = True

    async def start(self, batch: Batch) -> asyncio.Future[None]:
        self.taken += offsets(batch)
        sent = asyncio.get_running_loop().create_future()
        self.sends.append(sent)
        if self.at_once:
            sent.set_result(None)
        return sent


def raw_stage(app: App) -> tuple[RawStage, Normalizer]:
    normal = Normalizer()

    async def normalizer() -> Normalizer:
        return normal

    return RawStage(app, normalizer, app.failures.append), normal


class TestNormalize:
    """It has no state to compare with: reading begins where it was committed."""

    async def test_the_first_batch_must_begin_where_reading_was_committed(self) -> None:
        app = App()
        under_test, normal = raw_stage(app)
        app.consumer.began[TP("raw.x", 0)] = 5
        await under_test.take(batch("raw.x", 0, 7, "h"), 1)
        assert (normal.taken, app.consumer.durable) == ([], {})
        assert app.consumer.sought == [(TP("raw.x", 0), 5)]
        await under_test.take(batch("raw.x", 0, 5, "f", "g", "h"), 1)
        await under_test.close()
        assert normal.taken == [5, 6, 7]
        assert app.consumer.durable == {TP("raw.x", 0): 8}

    async def test_what_retention_removed_is_asked_for_once(self) -> None:
        app = App()
        under_test, normal = raw_stage(app)
        for _ in range(2):
            await under_test.take(batch("raw.x", 0, 7, "h"), 1)
        assert app.consumer.sought == [(TP("raw.x", 0), 0)]
        assert normal.taken == [7]

    async def test_what_was_taken_is_not_taken_again(self) -> None:
        under_test, normal = raw_stage(App())
        await under_test.take(batch("raw.x", 0, 0, "a", "b"), 1)
        await under_test.take(batch("raw.x", 0, 0, "a", "b"), 1)
        await under_test.take(batch("raw.x", 0, 1, "b", "c"), 1)
        assert normal.taken == [0, 1, 2]

    async def test_offsets_are_committed_in_order_when_all_before_is_acknowledged(self) -> None:
        app = App()
        under_test, normal = raw_stage(app)
        normal.at_once = False
        await under_test.take(batch("raw.x", 0, 0, "a"), 1)
        await under_test.take(batch("raw.x", 0, 1, "b"), 1)
        normal.sends[1].set_result(None)
        await asyncio.sleep(0)
        assert app.consumer.durable == {}
        normal.sends[0].set_result(None)
        await under_test.close()
        assert app.consumer.durable == {TP("raw.x", 0): 2}

    async def test_reading_waits_while_too_much_is_on_its_way(self) -> None:
        app = App()
        under_test, normal = raw_stage(app)
        normal.at_once = False
        for offset in range(2):
            await under_test.take(batch("raw.x", 0, offset, "a"), 1)
        third = asyncio.create_task(under_test.take(batch("raw.x", 0, 2, "a"), 1))
        await asyncio.wait([third], timeout=0.05)
        assert not third.done()
        normal.sends[0].set_result(None)
        await third

    async def test_after_a_rebalance_nothing_is_committed(self) -> None:
        app = App()
        under_test, normal = raw_stage(app)
        normal.at_once = False
        await under_test.take(batch("raw.x", 0, 0, "a"), 1)
        await under_test.forget()
        assert normal.sends[0].cancelled()
        assert app.consumer.durable == {}

    async def test_what_cannot_be_sent_is_told(self) -> None:
        app = App()
        under_test, normal = raw_stage(app)
        normal.at_once = False
        await under_test.take(batch("raw.x", 0, 0, "a"), 1)
        normal.sends[0].set_exception(RuntimeError("refused"))
        await under_test.close()
        assert [str(error) for error in app.failures] == ["refused"]
        assert app.consumer.durable == {}
