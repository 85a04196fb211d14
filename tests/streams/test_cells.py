"""Cells travel in messages of bounded size, the last of which says so."""

from __future__ import annotations

import pytest

from core.causes import Causes
from core.cells import CellKey, Counters
from streams import cells
from streams.cells import Told, messages, read, tell
from tests.streams.paper import Crash, Paper

INPUTS = {"city.clock.tick/2": 17}


def test_cells_arrive_as_they_left() -> None:
    made = {CellKey("k", "city", "city", n): {"n": n, "x:late": 2} for n in range(1, 1_201)}
    parts = [read(value) for _, value in messages("fold/2", 60, cells.lines(made), INPUTS)]
    arrived: dict[CellKey, Counters] = {}
    for part in parts:
        arrived |= cells.cells(part.lines)
    assert arrived == made


def test_what_left_and_who_moved_old_cells_arrives_beside_them() -> None:
    key, other = (CellKey("k", "city", "city", n) for n in range(2))
    causes, more = Causes(("complaint:1", "complaint:2")), Causes(("complaint:3",), more=True)
    lines = cells.lines({key: {"n": 1}}, {other: {"d": 2}}, {key: causes})
    again = cells.lines({key: {"n": 1}}, None, {key: more})
    parts = [*lines, *again]
    assert cells.cells(parts) == {key: {"n": 1}}
    assert cells.settled(parts) == {other: {"d": 2}}
    names = ("complaint:1", "complaint:2", "complaint:3")
    assert cells.moved(parts) == {key: Causes(names, more=True)}


def test_only_the_last_message_is_marked_and_names_the_inputs() -> None:
    parts = [
        read(value) for _, value in messages("fold/2", 60, [[n] for n in range(1_001)], INPUTS)
    ]
    assert [part.last for part in parts] == [False, False, True]
    assert [part.inputs for part in parts] == [{}, {}, INPUTS]
    assert {(part.task, part.tick) for part in parts} == {("fold/2", 60)}


def test_who_has_nothing_to_say_says_that() -> None:
    ((key, value),) = messages("fold/2", 60, [], INPUTS)
    part = read(value)
    assert (key, part.lines, part.last, part.inputs) == (b"fold/2", [], True, INPUTS)


async def test_the_last_message_goes_when_the_others_have_arrived() -> None:
    paper = Paper(breaks_after=1)
    with pytest.raises(Crash):
        await tell(paper, ("t", 0), "fold/2", [Told(60, [[n] for n in range(1_001)], INPUTS)])
    assert [read(w.value or b"").last for w in paper.of("t")] == [False, False]


async def test_ticks_that_are_told_together_end_in_their_order_and_in_one_batch() -> None:
    paper = Paper()
    told = [Told(60 * number, [[n] for n in range(600)], {}) for number in range(1, 4)]
    await tell(paper, ("t", 0), "fold/2", told)
    parts = [read(w.value or b"") for w in paper.of("t")]
    assert [(part.tick, part.last) for part in parts] == [
        (60, False), (120, False), (180, False), (60, True), (120, True), (180, True),
    ]  # fmt: skip
    assert paper.sends == 2


async def test_more_than_one_record_batch_of_ends_goes_one_after_the_other() -> None:
    told = [Told(number, [["x" * 50_000]], {}) for number in range(1, 6)]
    paper = Paper(breaks_after=1)
    with pytest.raises(Crash):
        await tell(paper, ("t", 0), "fold/2", told)
    assert [read(w.value or b"").tick for w in paper.of("t")] == [1, 2]
