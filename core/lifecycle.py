"""The lifecycle of a case: a table of (state, event, next state), and the walk through it.

An event that the table does not allow changes no fact by itself: it is kept, and the walk says why
it was not expected and which rule was applied to it.  Order is (occurred_at, event_id), never that
of arrival, so one set of events has one walk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from propcache.api import cached_property

from core.events import Event, first_of
from core.law import SHIPPED, Law
from core.moment import NEVER

STAYS = "="
"""As a next state: the same one."""
UNDECLARED = "kept; nothing follows from it"
"""The rule for an event that the table does not name in the state."""
ORPHAN, EARLY, AGAIN, ENDED, ELSEWHERE = "orphan", "early", "again", "after_end", "out_of_place"
REASONS: Mapping[str, str] = {
    ORPHAN: "of a case of which the first event is not known",
    EARLY: "before the first event of its case",
    AGAIN: "what was said before is said again, or otherwise",
    ENDED: "the case was over",
    ELSEWHERE: "not in this state",
}
"""Why an event was not expected: the closed list."""


class Move(NamedTuple):
    """One line: in `state`, `event` leads to `next`.

    With a `rule` the table does not allow it: the event is counted as unexpected, and the rule
    says what follows all the same.
    """

    state: str
    event: str
    next: str
    rule: str = ""


class Step(msgspec.Struct, frozen=True, gc=False):
    """One event on the walk: its name in the table, the states before and after.

    `reason` is one of `REASONS` and `rule` what was done where it was not expected, else empty.
    """

    event: Event
    name: str
    before: str
    state: str
    reason: str = ""
    rule: str = ""


Naming = Callable[[Event, Sequence[Step], Law], str]
"""What an event is called in the table, by what it says, the steps before it and the law."""


def by_type(event: Event, _before: Sequence[Step], _law: Law) -> str:
    """The event type without its area."""
    return event.type.partition(".")[2]


def moves(*lines: tuple[str, str, str] | tuple[str, str, str, str]) -> tuple[Move, ...]:
    """Moves of lines in which states and events may be several, parted by blanks."""
    made = []
    for states, events, following, *rule in lines:
        for state in states.split():
            for event in events.split():
                end = state if following == STAYS else following
                made.append(Move(state, event, end, *rule))
    return tuple(made)


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """A table of one kind of case.  It walks the event types of its moves' `names`.

    `names` gives what each event type may be called in the table, `opens` is the type without
    which there is no case.  What comes before that is taken as in the state `opened`, under the
    same rules, and is unexpected.
    """

    kind: str
    title_en: str
    title_id: str
    opens: str
    start: str
    opened: str
    names: Mapping[str, tuple[str, ...]]
    declared: tuple[Move, ...]
    naming: Naming = by_type

    @property
    def area(self) -> str:
        """The area of its event types."""
        return self.opens.partition(".")[0]

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """All lines, those before the opening too."""
        early = (
            Move(self.start, m.event, m.next, m.rule or f"as in {self.opened}")
            for m in self.declared
            if m.state == self.opened != self.start and m.next != self.opened
        )
        own = {(m.state, m.event) for m in self.declared}
        return (*self.declared, *(m for m in early if (m.state, m.event) not in own))

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Every state, in the order of the lines."""
        return tuple(dict.fromkeys((self.start, *(s for m in self.moves for s in (m[0], m[2])))))

    @cached_property
    def events(self) -> tuple[str, ...]:
        """Every name of an event, in the order of the event types."""
        return tuple(dict.fromkeys(name for names in self.names.values() for name in names))

    @cached_property
    def ends(self) -> frozenset[str]:
        """States that no allowed move leaves."""
        left = {m.state for m in self.moves if not m.rule and m.next != m.state}
        return frozenset(self.states) - left

    @cached_property
    def _named(self) -> Mapping[str, str]:
        """The name of each event type that has one name alone: nobody need ask what it says."""
        return {what: names[0] for what, names in self.names.items() if len(names) == 1}

    @cached_property
    def _table(self) -> dict[tuple[str, str], Move]:
        return {(move.state, move.event): move for move in self.moves}

    def move(self, state: str, name: str) -> Move:
        """The line for an event in a state; also where the table names none."""
        return self._table.get((state, name)) or Move(state, name, state, UNDECLARED)

    @cached_property
    def _last(self) -> list[Any]:
        """The last case that was walked, by which law, and its steps."""
        return [None, None, ()]

    def walk(self, ordered: Iterable[Event], law: Law = SHIPPED) -> tuple[Step, ...]:
        """The steps of a case, of those events that this table is about.

        `ordered` are all events of the case, as `core.events.in_order` gives them.
        """
        events = ordered if isinstance(ordered, tuple) else tuple(ordered)
        # Of one case several KPIs ask, one after the other.
        if self._last[0] is not events or self._last[1] is not law:
            self._last[:] = events, law, self._steps(events, law)
        walked: tuple[Step, ...] = self._last[2]
        return walked

    def _steps(self, events: tuple[Event, ...], law: Law) -> tuple[Step, ...]:
        opening = first_of(events, self.opens)
        began = NEVER if opening is None else opening.occurred_at
        names, named, table, state = self.names, self._named, self._table, self.start
        steps: list[Step] = []
        for event in events:
            if event.type not in names:
                continue
            name = named.get(event.type) or self.naming(event, steps, law)
            move = table.get((state, name)) or self.move(state, name)
            # Almost all are where they should be.
            expected = event is opening or (not move.rule and event.occurred_at > began)
            reason = "" if expected else self._reason(move, event, opening, steps)
            steps.append(Step(event, name, state, move.next, reason, move.rule if reason else ""))
            state = move.next
        return tuple(steps)

    def _reason(
        self, move: Move, event: Event, opening: Event | None, before: Sequence[Step]
    ) -> str:
        """Of an event that is not the opening: that is as it should be, whatever came before."""
        if opening is None:
            return ORPHAN
        if event.occurred_at < opening.occurred_at:
            return EARLY
        # At the very same moment the id decides the order, and says nothing about the case.
        same = move.state == self.start and event.occurred_at == opening.occurred_at
        if not (self.move(self.opened, move.event) if same else move).rule:
            return ""
        if any(step.name == move.event for step in before):
            return AGAIN
        return ENDED if move.state in self.ends else ELSEWHERE
