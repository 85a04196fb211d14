"""Items are done in order, together where they may be, and never too many are open."""

from __future__ import annotations

import asyncio

import pytest

from streams.steps import Steps


class Work:
    """Does what it is given when it is let."""

    def __init__(self) -> None:
        self.done: list[list[int]] = []
        self.may = asyncio.Event()

    async def do(self, items: list[int]) -> None:
        await self.may.wait()
        if 13 in items:
            raise ValueError("13")
        self.done.append(items)


async def test_what_waits_is_done_together_as_far_as_it_joins() -> None:
    work = Work()
    steps = Steps(work.do, 10, joins=lambda item: item % 5 != 0)
    for item in range(8):
        await steps.add(item)
        await asyncio.sleep(0)
    work.may.set()
    await steps.finish()
    assert work.done == [[0], [1, 2, 3, 4], [5, 6, 7]]


async def test_without_a_rule_each_is_done_alone() -> None:
    work = Work()
    work.may.set()
    steps = Steps(work.do, 10)
    for item in range(3):
        await steps.add(item)
    await steps.finish()
    assert work.done == [[0], [1], [2]]


async def test_who_adds_waits_while_too_many_are_open() -> None:
    work = Work()
    steps = Steps(work.do, 2)
    await steps.add(1)
    await steps.add(2)
    third = asyncio.create_task(steps.add(3))
    await asyncio.wait([third], timeout=0.05)
    assert not third.done()
    work.may.set()
    await third


async def test_the_first_that_fails_is_the_last_and_everybody_hears_of_it() -> None:
    work, heard = Work(), list[BaseException]()
    work.may.set()
    steps = Steps(work.do, 0, heard.append)
    await steps.add(1)
    with pytest.raises(ValueError, match="13"):
        await steps.add(13)
    with pytest.raises(ValueError, match="13"):
        await steps.add(14)
    with pytest.raises(ValueError, match="13"):
        await steps.finish()
    assert work.done == [[1]]
    assert [str(error) for error in heard] == ["13"]


async def test_what_is_dropped_is_not_done() -> None:
    work = Work()
    steps = Steps(work.do, 5)
    await steps.add(1)
    await steps.drop()
    work.may.set()
    await asyncio.sleep(0)
    assert work.done == []
