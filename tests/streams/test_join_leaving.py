"""Statements leave the state of a worker's join: whatever breaks off, nobody can tell."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import msgspec
import pytest

from core import join_leaving, topics
from core.join import LEFT
from core.moment import DAY
from streams import cells
from streams.changelog import FRONTIER
from tests.core.test_join_leaving import City
from tests.streams.paper import Paper, PaperChangelog
from tests.streams.test_stages import join, merged, work


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join_leaving, "ADMITTED", 7 * DAY)
    monkeypatch.setattr(join_leaving, "NORMAL_KEPT", 7 * DAY)
    monkeypatch.setattr("core.join.UPTIME_KEPT", 12 * DAY)


def claims() -> Paper:
    """What fold 0 says of some weeks; the others say nothing."""
    paper = Paper()
    for tick, lines in City(Random(3), 18).told():
        for number in range(topics.PARTITIONS):
            said: list[Any] = [[*line, True] if over else list(line) for *line, over in lines]
            told = cells.messages(f"fold/{number}", tick, [] if number else said, {})
            for key, value in told:
                paper.add((topics.CLAIMS, 0), (key, value, []))
    return paper


async def state(paper: Paper) -> tuple[Any, ...]:
    join_ = (await join(paper, 0)).join
    return join_.known, join_._over, join_._retracted, join_.uptimes, join_._ledger.cells


@pytest.mark.long
@pytest.mark.parametrize("compacted", [False, True])
async def test_a_join_that_crashes_at_any_write_tells_and_keeps_the_same(compacted: bool) -> None:
    whole = claims()
    await work(whole, join, 0, topics.CLAIMS)
    kept = await state(whole)
    assert b'"settled"' in b"".join(w.value or b"" for w in whole.of(topics.PARTIALS)[-9:])

    async def make(paper: Paper, number: int) -> Any:
        if compacted:
            paper.compact(topics.changelog("join"))
        return await join(paper, number)

    for after in range(whole.sends - 7, whole.sends):
        paper = claims()
        paper.breaks_after = after
        assert await work(paper, make, 0, topics.CLAIMS) == 1
        assert merged(paper, topics.PARTIALS) == merged(whole, topics.PARTIALS)
        assert await state(paper) == kept


async def test_the_changelog_holds_names_and_not_statements_of_what_left() -> None:
    paper = claims()
    await work(paper, join, 0, topics.CLAIMS)
    paper.compact(topics.changelog("join"))
    records = {tuple(json.loads(w.key or b"")[:2]) for w in paper.of(topics.changelog("join"))}
    task = await join(paper, 0)
    days = {("uptime", f"{camera}|{day}") for camera, day in task.join.uptimes.days()}
    left = {at for at in records if at[0] == LEFT}
    assert left
    assert records - left == {
        (FRONTIER, ""), *task.join.known, *task.join._retracted, *days
    }  # fmt: skip


async def test_a_worker_that_was_frozen_brings_nothing_back() -> None:
    paper = claims()
    await work(paper, join, 0, topics.CLAIMS)
    kept = await state(paper)
    tick, lines = next((t, told) for t, told in City(Random(3), 18).told() if len(told) > 9)
    frozen = PaperChangelog(paper, "join", 0, "frozen")
    again = [
        (frozen._key((kind, name), "frozen"), msgspec.json.encode([tick, [value]]))
        for kind, name, value, over in lines
        if not over and kind not in {"camera", "uptime"}
    ]
    await paper.send(frozen.topic, again, 0)
    assert again
    assert await state(paper) == kept
