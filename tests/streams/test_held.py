"""Messages of ticks that are not complete are read again by whoever comes next."""

from __future__ import annotations

from streams.join import Held


def test_without_open_ticks_reading_goes_on_at_the_end() -> None:
    held = Held()
    held.note(60, 3)
    assert held.durable(60, 9) == 9


def test_reading_begins_at_the_first_message_of_the_oldest_open_tick() -> None:
    held = Held()
    for tick, offset in ((60, 0), (120, 1), (60, 2), (180, 3), (120, 4)):
        held.note(tick, offset)
    assert held.durable(60, 5) == 1
    assert held.durable(120, 5) == 3


def test_a_message_of_a_tick_that_was_passed_holds_nothing_back() -> None:
    held = Held()
    held.note(60, 0)
    assert held.durable(60, 1) == 1
    held.note(60, 1)
    assert held.durable(120, 2) == 2
