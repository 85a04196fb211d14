"""What is done to the workers and the broker while they work."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Mapping
from contextlib import suppress

from bench import ours
from bench.scale.course import SIGN, Course
from core.outcome import Halt

_RUN_S, _STAND_S = 0.01, 0.24
_REBALANCES = "jcoc_rebalances_total"
_AFTERWARDS_S = 3.0
"""What comes so soon after a move still belongs to it."""


async def killed_twice(course: Course) -> None:
    """SIGKILL at a quarter and at half of the input; another worker is started at once."""
    shares: list[str] = []
    pauses: list[float] = []
    for number, share in enumerate((0.25, 0.5), 1):
        since = await course.reached(share)
        shares.append(f"{course.samples.share:.0%}")
        await course.leave(course.living[0], signal.SIGKILL)
        worker = course.start(number)
        await course.joined(worker)
        pauses.append(time.monotonic() - since)
    course.facts["killed_at"] = " and ".join(shares)
    course.facts["until_read_again_s"] = max(pauses)


async def one_joins_and_leaves(course: Course) -> None:
    """A second worker comes at a quarter of the input and goes in good order at half of it."""
    came = await course.reached(0.25)
    course.facts["came_at_share"] = course.samples.share
    second = course.start(1)
    await course.joined(second)
    joined = time.monotonic()
    course.facts["joined_after_s"] = joined - came
    everybody = set(range(course.partitions))
    before = {number: course.samples.offset(number) for number in everybody}
    await course.until(lambda: all(course.samples.offset(n) > before[n] for n in everybody))
    went = await course.reached(0.5)
    course.facts["went_at_share"] = course.samples.share
    await course.leave(second, signal.SIGTERM)
    gone = time.monotonic()
    course.facts["left_after_s"] = gone - went
    await _for(course, _AFTERWARDS_S)
    usual = course.samples.pauses_s(everybody, course.began_at, came - _AFTERWARDS_S)
    _pauses(course, "usual", usual or _first_half(course, everybody, came))
    _pauses(course, "joining", course.samples.pauses_s(everybody, came, joined))
    _pauses(course, "leaving", course.samples.pauses_s(everybody, went, gone + _AFTERWARDS_S))


def _first_half(course: Course, partitions: set[int], until: float) -> Mapping[int, float]:
    middle = (course.began_at + until) / 2
    return course.samples.pauses_s(partitions, course.began_at, middle)


async def one_restarts(course: Course) -> None:
    """One of two workers is stopped in good order at a quarter of the input and started again.

    The pause is that of the partitions of the other one, who has nothing to do with it.
    """
    went = await course.reached(0.25)
    first, other = course.living
    others = await course.holds(other)
    if not 0 < len(others) < course.partitions:
        raise Halt(f"{first.name} and {other.name} did not share the partitions: {others}")
    page = course.page(other)
    rebalances = ours.counted([page], _REBALANCES)
    await course.leave(first, signal.SIGTERM)
    course.facts["stopped_after_s"] = time.monotonic() - went
    again = course.start(0)
    await course.joined(again)
    course.facts["back_after_s"] = time.monotonic() - went
    await _for(course, _AFTERWARDS_S)
    course.facts["rebalances_of_the_other"] = ours.counted([page], _REBALANCES) - rebalances
    everybody = set(range(course.partitions))
    since, until = went, time.monotonic()
    _pauses(course, "usual", _first_half(course, everybody, went))
    _pauses(course, "others", course.samples.pauses_s(others, since, until))
    _pauses(course, "its_own", course.samples.pauses_s(everybody - others, since, until))


async def one_reads_last(course: Course) -> None:
    """One of two workers stands still from its first records until the other has read all its own.

    Raises Halt when it had read more than half before it could be stopped.
    """
    _, last = course.living
    await last.said(SIGN)
    last.signal(signal.SIGSTOP)
    try:
        held = await course.holds(last)
        others = set(range(course.partitions)) - held
        if not others:
            raise Halt("one worker was given every partition: nobody reads first")
        records = course.fed.records
        offset, fed = course.samples.offset, course.fed
        await course.until(
            lambda: fed.done and all(offset(number) >= records[number] for number in others)
        )
        behind = sum(course.samples.offset(number) for number in held)
        wanted = sum(records[number] for number in held)
    finally:
        last.signal(signal.SIGCONT)
    course.facts["read_last"] = " and ".join(f"partition {number}" for number in sorted(held))
    course.facts["read_last_share"] = wanted / sum(records.values())
    course.facts["done_of_it_when_the_rest_was_through_share"] = behind / wanted
    course.facts["stood_still_s"] = time.monotonic() - course.began_at
    if behind > wanted / 2:
        raise Halt(f"{behind:,} of {wanted:,} were read before it stood still: more events")


async def broker_held_up(course: Course) -> None:
    """The broker runs for 10 ms of each 250 ms, from the first record to the last commit."""
    broker = course.broker
    try:
        while not course.over.is_set():
            broker.suspend()
            await asyncio.sleep(_STAND_S)
            broker.resume()
            await asyncio.sleep(_RUN_S)
    finally:
        broker.resume()
    course.facts["broker_runs_share"] = _RUN_S / (_RUN_S + _STAND_S)


def _pauses(course: Course, name: str, found: Mapping[int, float]) -> None:
    course.facts[f"{name}_pause_s"] = max(found.values(), default=None)
    course.facts[f"{name}_pauses_s"] = " ".join(f"{n}:{gap:.2f}" for n, gap in found.items())


async def _for(course: Course, seconds: float) -> None:
    """Wait, but not beyond the end."""
    with suppress(TimeoutError):
        await asyncio.wait_for(course.over.wait(), seconds)
