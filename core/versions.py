"""Whether a version of a reference table may be loaded, and what that takes.

A version is changed only by a new one.  Each partition of `city.ref.<table>` gets its own copy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from core import moment, tables
from core.events import Event
from core.law import ALWAYS, versions
from core.tables import CalendarTable, Flawed, Table


class Copy(NamedTuple):
    """A reference event in a partition."""

    partition: int
    event: Event


class Loading(NamedTuple):
    """The event that puts a version in force, and the partitions that lack it."""

    event: Event
    lacking: tuple[int, ...]


class Version(NamedTuple):
    """A version of a table; `since` is `ALWAYS` for what shipped with the program."""

    since: int
    table: Table
    in_force: bool


def history(name: str, events: Iterable[Event]) -> list[Version]:
    """Every version of a table, the one in force last."""
    found = [(ALWAYS, tables.shipped(tables.KINDS[name]))]
    found += versions(event for event in events if event.type == f"ref.{name}")
    if len(found) > 1 and found[1][1] == found[0][1]:
        del found[0]
    last = len(found) - 1
    return [Version(since, table, n == last) for n, (since, table) in enumerate(found)]


def loading(
    name: str, table: Table, at: int, copies: Sequence[Copy], partitions: Collection[int]
) -> Loading:
    """What it takes to put a table in force.  Raises Flawed when that must not be."""
    ours = [copy for copy in copies if copy.event.type == f"ref.{name}"]
    event = tables.to_event(name, table, at)
    for copy in ours:
        if copy.event.event_id == event.event_id:
            if copy.event.fields != event.fields:
                raise Flawed(
                    f"version: {table.version!r} is loaded with another content; what is loaded "
                    "never changes: give this content a new version"
                )
            event = copy.event
    there = {copy.partition for copy in ours if copy.event == event}
    if not there:
        _may_follow(name, table, at, history(name, [copy.event for copy in ours]))
    return Loading(event, tuple(sorted(set(partitions) - there)))


def _may_follow(name: str, table: Table, at: int, known: Sequence[Version]) -> None:
    shipped, last = tables.shipped(type(table)), known[-1]
    if table.version == shipped.version and table != shipped:
        raise Flawed(
            f"version: {table.version!r} shipped with another content; give this one a new version"
        )
    if at <= last.since:
        raise Flawed(
            f"ref.{name} {last.table.version!r} is in force since {moment.rfc3339(last.since)}; "
            "a version follows the one before it: load it with a later --at"
        )
    if table == shipped and last.since != ALWAYS and last.table != table:
        raise Flawed(
            f"version: {table.version!r} was replaced by {last.table.version!r}; to go back, load "
            "its content as a new version"
        )
    if isinstance(table, CalendarTable) and isinstance(last.table, CalendarTable):
        gone = sorted(last.table.non_working.keys() - table.non_working.keys())
        if gone:
            raise Flawed(
                f"non_working: {', '.join(gone)} of version {last.table.version!r} is missing; a "
                "version is the whole calendar: keep its years"
            )
