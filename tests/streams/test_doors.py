"""Who is told to leave finishes the batch in hand and begins no other."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from streams.app import _guarded, leave_within
from streams.doors import Doors


async def working(doors: Doors, until: asyncio.Event, done: list[str]) -> None:
    async def batch() -> None:
        await until.wait()
        done.append("batch")

    await _guarded(None, doors, batch)


async def test_closing_waits_for_the_batch_in_hand() -> None:
    doors, until, done = Doors(), asyncio.Event(), list[str]()
    work = asyncio.create_task(working(doors, until, done))
    await asyncio.sleep(0)
    closing = asyncio.create_task(doors.close(60))
    await asyncio.sleep(0)
    assert not closing.done()
    until.set()
    assert await closing
    assert done == ["batch"]
    await work


async def test_after_closing_nothing_is_begun() -> None:
    doors, until, done = Doors(), asyncio.Event(), list[str]()
    assert await doors.close(60)
    until.set()
    await working(doors, until, done)
    assert done == []


async def test_closing_gives_up_on_a_batch_that_does_not_end() -> None:
    doors, until, done = Doors(), asyncio.Event(), list[str]()
    work = asyncio.create_task(working(doors, until, done))
    await asyncio.sleep(0)
    assert not await doors.close(0.01)
    until.set()
    await work


async def test_what_fails_while_leaving_is_no_mistake_of_ours() -> None:
    doors = Doors()

    async def batch() -> Any:
        await doors.close(0)
        raise ConnectionError

    await _guarded(None, doors, batch)


def test_who_is_still_there_after_its_time_ends_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    late = leave_within(0.01)
    late.join(10)
    assert codes == [0]
    early = leave_within(60)
    assert early.daemon  # does not hold a process that ends by itself
    early.cancel()
