"""A tick is complete when every upstream task has finished it or a later one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.barrier import Barrier


def barrier(*tasks: str) -> Barrier[str]:
    return Barrier(frozenset(tasks or ("a", "b")))


def done(waiting: Barrier[str]) -> list[tuple[int, list[str]]]:
    return list(waiting.complete())


def test_waits_for_every_task() -> None:
    waiting = barrier()
    waiting.offer("a", 1, "a1", last=True)
    assert done(waiting) == []
    waiting.offer("b", 1, "b1", last=True)
    assert done(waiting) == [(1, ["a1", "b1"])]


def test_waits_for_the_last_message_of_a_task() -> None:
    waiting = barrier()
    waiting.offer("a", 1, "a1", last=True)
    waiting.offer("b", 1, "b1", last=False)
    assert done(waiting) == []
    waiting.offer("b", 1, "b2", last=True)
    assert done(waiting) == [(1, ["a1", "b1", "b2"])]


def test_a_later_tick_finishes_the_earlier_ones_too() -> None:
    waiting = barrier()
    waiting.offer("a", 1, "a1", last=True)
    waiting.offer("a", 2, "a2", last=True)
    waiting.offer("b", 2, "b2", last=True)
    assert done(waiting) == [(1, ["a1"]), (2, ["a2", "b2"])]


def test_ticks_come_in_order_and_only_up_to_the_slowest_task() -> None:
    waiting = barrier()
    for tick in (3, 1, 2):
        waiting.offer("a", tick, f"a{tick}", last=True)
    waiting.offer("b", 2, "b2", last=True)
    assert [tick for tick, _ in done(waiting)] == [1, 2]


def test_what_is_passed_is_not_told_again() -> None:
    waiting = barrier()
    for task in ("a", "b"):
        waiting.offer(task, 1, "", last=True)
    assert len(done(waiting)) == 1
    for task in ("a", "b"):
        waiting.offer(task, 1, "again", last=True)
    assert done(waiting) == []


def test_after_a_restart_it_goes_on_behind_the_tick_it_had_passed() -> None:
    waiting = barrier()
    waiting.passed = 1
    for task in ("a", "b"):
        waiting.offer(task, 1, "old", last=True)
        waiting.offer(task, 2, "new", last=True)
    assert done(waiting) == [(2, ["new", "new"])]


def test_an_old_message_does_not_undo_what_is_finished() -> None:
    waiting = barrier()
    waiting.offer("a", 2, "a2", last=True)
    waiting.offer("a", 1, "a1", last=True)
    waiting.offer("b", 2, "b2", last=True)
    assert [tick for tick, _ in done(waiting)] == [1, 2]


@given(st.permutations([(task, tick) for task in "abc" for tick in (1, 2, 3)]))
def test_however_tasks_interleave_each_tick_is_told_once_in_order(
    order: list[tuple[str, int]],
) -> None:
    waiting = barrier("a", "b", "c")
    told: list[int] = []
    # Within one task ticks come in order, as in its partition.
    sent = dict.fromkeys("abc", 0)
    for task, _ in order:
        sent[task] += 1
        waiting.offer(task, sent[task], "", last=True)
        told += [tick for tick, payloads in waiting.complete() if len(payloads) == 3]
    assert told == [1, 2, 3]
