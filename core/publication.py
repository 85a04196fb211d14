"""From merged cells to published rows: which windows change at a tick, and what they say.

A row is published once per content: the first is revision 0, a changed one the next, and after
its finality nothing but a restatement (convention C5) may follow.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from core import companion, composite, reference, window
from core.beat_news import BeatNews
from core.causes import Causes
from core.cells import (
    BEFORE,
    SINCE,
    UNSETTLED,
    UNTIL,
    CellKey,
    Counters,
    add,
    merged,
    on_time,
)  # fmt: skip
from core.events import Event
from core.fold import ALIVE, LAW
from core.histogram import MARK, Sum
from core.kpi import OF_ROWS, ROWS, SCORE, Kpi, Reading, excluded_counts, four_decimals
from core.kpis import all_kpis, by_id, of
from core.law import SHIPPED, Law
from core.moment import DAY, HOUR, MINUTE, NEVER, SECOND, wib_day_start
from core.restatements import Restatement
from core.rolling import Rolling
from core.rows import Finality, KpiRow, Status
from core.snapshots import Snapshots, step
from core.timeline import Timeline

_LIVE = HOUR
"""A window shorter than a day without data is published only while it is news."""
_GAUGE = "5min"
_GAUGES_KEPT = 2 * DAY
SETTLED = "settled"
"""The part of a cell that nothing but the publication knows: what left the folds."""
REMEMBERED = 77 * DAY
"""So long after its end a window is remembered; by then it has been final for two weeks or more
(C5), and what would have changed it since was told as a restatement.  Project choice."""

Held = dict[int, dict[str, Counters]]
"""Cells of one KPI and scope by their start, of each upstream task."""
Identity = tuple[str, str, str, str, int]
Scope = tuple[str, str]
Windows = dict[tuple[str, window.Span], set[Scope]]
"""Windows to look at: kind and span, and of which scopes."""
Due = dict[str, Windows]
"""By id of the KPI."""
_Completeness = tuple[str, Status | None]
_CITY: Scope = ("city", "city")
_NOT_HELD: Held = {}
_INSUFFICIENT, _FINAL, _PROVISIONAL = Status.INSUFFICIENT, Finality.FINAL, Finality.PROVISIONAL
"""Asking an enumeration of Python 3.11 for a member is a call, and there are very many rows."""
_HIDING = frozenset({Status.SOURCE_DOWN, Status.NOT_INTEGRATED, Status.NOT_COMPUTABLE})
"""Statuses of a window that has no value, whatever was counted."""
_NOT_LEFT_OUT: Counters = {}
"""One for all rows: most leave nothing out."""
_SAID = msgspec.json.Encoder(order="sorted")
_NOTHING: Mapping[CellKey, Counters] = MappingProxyType({})


class Published(NamedTuple):
    """What is remembered of the last revision of a window."""

    revision: int
    digest: str
    final: bool
    end: int
    restated: str = ""
    """Digest of what a late event would have made of a final row, once that was told."""
    share: str | None = None
    """What the composite score needs of it (`core.composite.remembered`)."""


class _Asked(NamedTuple):
    """A window of a KPI that is looked at, and what it says alike in each of its scopes."""

    kpi: Kpi
    kind: str
    span: window.Span
    completeness: str
    silence: Status | None
    """What no data means."""
    final: bool
    definition: str
    fades: bool
    """Whether it is told only where there are cases: it is short and no news any more."""
    shares: Mapping[str, Fraction]
    """Of a score: shares of target of the KPIs that it is made of, as they stand published."""


@dataclass
class Publication:
    """Merged cells and the memory of what was published."""

    parts: dict[CellKey, dict[str, Counters]] = field(default_factory=dict)
    published: dict[Identity, Published] = field(default_factory=dict)
    forgets: bool = True
    """Whether old windows leave at all; only a test says no."""
    began: int | None = None
    """The first tick.  Windows that ended before it are history, and remembered for ever."""
    first_tick: int | None = None
    last_tick: int | None = None
    changed_parts: set[tuple[CellKey, str]] = field(default_factory=set)
    changed_rows: set[Identity] = field(default_factory=set)
    """What the state must be told of: where there is nothing any more, it is gone."""
    _touched: set[CellKey] = field(default_factory=set)
    _moved: dict[CellKey, list[Causes]] = field(default_factory=dict)
    _held: dict[str, dict[Scope, Held]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )
    """By KPI and scope: all that there is."""
    _ending: dict[int, set[Identity]] = field(default_factory=dict)
    """Identities by the day (its midnight WIB) in which their window ends."""
    _open: set[Identity] = field(default_factory=set)
    """Identities whose last row was not final."""
    _first_open: int | None = None
    """The first end of their windows; None: to be looked up."""
    _gauges: set[Identity] = field(default_factory=set)
    _snapshots: dict[tuple[str, Scope], Snapshots] = field(default_factory=dict)
    _at: dict[str, dict[int, set[Scope]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    _alive: dict[str, dict[int, frozenset[int]]] = field(default_factory=dict)
    _first_heard: dict[str, int] = field(default_factory=dict)
    """First day of each source that ever sent a heartbeat."""
    _newly_heard: set[str] = field(default_factory=set)
    """Sources of which that day is not what it was at the last tick."""
    _rescored: set[tuple[str, window.Span]] = field(default_factory=set)
    """Scores (kind of window and span) of which a KPI has another share than at the last tick."""
    _laws: dict[CellKey, Event] = field(default_factory=dict)
    _law: Law = SHIPPED
    _unsettled: dict[tuple[str, Scope], set[int]] = field(default_factory=dict)
    """Starts of the cells with cases that no calendar knows the due instant of."""
    _resettled: set[CellKey] = field(default_factory=set)
    """Cells that were or became such since the last tick."""
    _sums: dict[tuple[str, Scope], Rolling[Sum]] = field(default_factory=dict)
    """Of the KPI that is being published, by kind of window and scope."""
    _timelines: dict[Scope, Timeline[Mapping[str, Counters], Sum]] = field(default_factory=dict)
    """Of that KPI, by scope."""
    _complete: dict[tuple[tuple[str, ...], window.Span], _Completeness] = field(
        default_factory=dict
    )
    """Of this tick, by the sources that must be heard."""
    _laws_of: dict[tuple[str, int], tuple[int, str]] = field(default_factory=dict)
    """Of this tick, by KPI and end of the window."""
    _last: bool = False
    _judged: dict[tuple[str, window.Span], Counters] = field(default_factory=dict)
    """Of this tick: what days of the city add to the evidence KPI, by KPI and day."""

    def merge(
        self,
        part: str,
        cells: Mapping[CellKey, Counters],
        settled: Mapping[CellKey, Counters] = _NOTHING,
    ) -> None:
        """Take the absolute cells of one upstream task (`part`), and what left them (`settled`).

        What left is added, so this is called once for each task and tick.
        """
        for key, counters in cells.items():
            nothing = not counters and key not in self.parts and key not in settled
            # A task that began again may tell of a cell that it had emptied and never told of.
            if nothing or self._is_past(key):
                continue
            before = merged(self.parts.get(key, {}).values()) if key in settled else None
            if before is not None:
                self._settle(key, settled[key])
            self.restore(key, part, counters)
            if not counters and len(self.parts[key]) > 1:
                del self.parts[key][part]
            self.changed_parts.add((key, part))
            if before is None or merged(self.parts[key].values()) != before:
                self._touched.add(key)

    def note(self, moved: Mapping[CellKey, Causes]) -> None:
        """Take who moved old cells of one upstream task at this tick."""
        for key, causes in moved.items():
            self._moved.setdefault(key, []).append(causes)

    def restore(self, key: CellKey, part: str, counters: Counters) -> None:
        """Put one absolute share in its place."""
        parts = self.parts.setdefault(key, {})
        parts[part] = counters
        if key.kpi == ALIVE:
            minutes = frozenset(int(m) for p in parts.values() for m in p)
            days = self._alive.setdefault(key.scope_id, {})
            days[key.start] = minutes
            before = self._first_heard.get(key.scope_id, NEVER)
            first = min(before, key.start) if minutes else before
            if not minutes and key.start == before:
                first = min((d for d in days if days[d]), default=NEVER)
            if before != first:
                self._first_heard[key.scope_id] = first
                self._newly_heard.add(key.scope_id)
        elif key.kpi == LAW:
            self._enact(key, parts)
        else:
            unsettled = any(UNSETTLED in part for part in parts.values())
            if unsettled or self._unsettled:
                self._note_unsettled(key, unsettled)
            kpi, start, scope = key.kpi, key.start, key[1:3]
            self._held[kpi][scope][start] = parts
            self._at[kpi][start].add(scope)
            if self._snapshots:
                self._snapshots.pop((kpi, scope), None)

    def _enact(self, key: CellKey, parts: Mapping[str, Counters]) -> None:
        """Each partition has its copy of a reference event; of different ones the first counts."""
        self._laws.pop(key, None)
        if contents := sorted({content for part in parts.values() for content in part}):
            fields = {"version": key.scope_id, "content": contents[0]}
            self._laws[key] = Event(key.scope_type, str(key), key.start, "", fields)
        self._law = Law.told_by(self._laws.values())

    def _note_unsettled(self, key: CellKey, unsettled: bool) -> None:
        starts = self._unsettled.get((key.kpi, key[1:3]), set())
        if unsettled is not (key.start in starts):
            starts = self._unsettled.setdefault((key.kpi, key[1:3]), set())
            (starts.add if unsettled else starts.discard)(key.start)
            self._resettled.add(key)

    def remember(self, row: KpiRow) -> None:
        """A row that is known to be published (recovery reads `kpi.published` for these)."""
        old = self.published.get(row.identity)
        if old is None or row.revision > old.revision:
            self._say(row, _digest(row), old)

    def _say(self, row: KpiRow, digest: str, old: Published | None) -> None:
        share = composite.remembered(row)
        if self._last and old is None and share is None:
            return
        final = row.finality is Finality.FINAL
        said = Published(row.revision, digest, final, row.window_end, share=share)
        self.recall(row.identity, said)
        if share != (old.share if old else None):
            self._rescored.update(composite.with_row(row))

    def recall(self, identity: Identity, said: Published) -> None:
        """Remember what was said last of a window."""
        self.published[identity] = said
        self._first_open = None
        self._ending.setdefault(wib_day_start(said.end - 1), set()).add(identity)
        if identity[1] == _GAUGE:
            self._gauges.add(identity)
        if said.final:
            self._open.discard(identity)
        else:
            self._open.add(identity)

    def close(
        self, tick: int, inputs: Mapping[str, int], *, last: bool = False
    ) -> list[KpiRow | Restatement]:
        """Rows that this tick publishes, in a fixed order.

        With `last` there is no tick after it: what only such a one would ask for is not remembered.
        """
        self._last = last
        # Before the first tick the clock stood at the first day with data, so that an import of
        # history closes its windows too.
        after = self.last_tick if self.last_tick is not None else self._beginning(tick)
        if self.began is None:
            self.began = tick if self.last_tick is None else self.last_tick
        self.first_tick = after if self.first_tick is None else self.first_tick
        rows: list[KpiRow | Restatement] = []
        due = self._due(all_kpis(), after, tick)
        for kpi in all_kpis():
            if kpi.subject not in OF_ROWS:
                rows += self._publish(kpi, due[kpi.id], tick, inputs)
        days = {span for windows in due.values() for kind, span in windows if kind == "1d"}
        self._evidence(days, after, tick)
        # Only now is it known which of their cells the rows of this tick have changed.
        of_rows = self._due(of(ROWS), after, tick)
        for kpi in of(ROWS):
            rows += self._publish(kpi, of_rows[kpi.id], tick, inputs)
        for kpi in of(SCORE):
            scores = self._rescored | due[kpi.id].keys()
            scopes = set(composite.scopes())
            rows += self._publish(kpi, dict.fromkeys(scores, scopes), tick, inputs)
        self.last_tick = tick
        self._touched.clear()
        self._moved.clear()
        self._newly_heard.clear()
        self._rescored.clear()
        self._resettled.clear()
        self._complete.clear()
        self._laws_of.clear()
        self._judged.clear()
        if last:
            return rows
        self._prune(tick)
        if wib_day_start(after) != wib_day_start(tick):
            self._forget(tick)
        return rows

    def _beginning(self, tick: int) -> int:
        starts = [key.start for key in self.parts if key.kpi != LAW]
        return min([tick - _LIVE, *starts])

    def _due(self, kpis: Iterable[Kpi], after: int, tick: int) -> Due:
        """Windows of these KPIs to look at: newly closed, touched, or becoming final."""
        due: Due = {kpi.id: self._closed(kpi, after, tick) for kpi in kpis}
        for key in self._touched:
            # What begins after the last tick is in no window that was closed at it.
            if key.kpi in due and key.start <= after:
                for kind, span in self._affected(by_id()[key.kpi], key, after, tick):
                    if not self._is_forgotten(span[1], after):
                        _ask(due[key.kpi], kind, span, key[1:3])
        self._affected_by_heartbeats(due, tick)
        self._affected_by_law(due, tick)
        for identity in self._open:
            kpi_id, kind, scope_type, scope_id, start = identity
            end = self.published[identity].end
            if kpi_id in due and by_id()[kpi_id].final_at(end, self._law) <= tick:
                _ask(due[kpi_id], kind, (start, end), (scope_type, scope_id))
        return due

    def _closed(self, kpi: Kpi, after: int, tick: int) -> Windows:
        """Windows that end in (after, tick], and the scopes of each that have something to say."""
        found: Windows = {}
        at, size = self._at.get(kpi.id, {}), window.base_size(kpi.base)
        starts = Timeline(at, size, lambda scopes: dict.fromkeys(scopes, 1))
        for kind in kpi.windows:
            inside = Rolling(_Scopes, starts.between)
            for span in sorted(self._closing(kpi, kind, after, tick)):
                if scopes := self._scopes_in(kpi, span, tick, inside):
                    found[kind, span] = scopes
        return found

    def _closing(self, kpi: Kpi, kind: str, after: int, tick: int) -> Iterable[window.Span]:
        """Windows that end in (after, tick]; of short ones only those with data or news."""
        if not window.is_short(kind):
            return window.closing(kind, after, tick)
        news = set(window.closing(kind, max(after, tick - _LIVE), tick))
        starts = self._at.get(kpi.id, {})
        if len(starts) > (tick - after) // window.base_size(kind):
            return news | set(window.closing(kind, after, tick))
        held = (span for start in starts for span in window.containing(kind, start))
        return news | {span for span in held if after < span[1] <= tick}

    def _scopes_in(
        self, kpi: Kpi, span: window.Span, tick: int, inside: Rolling[_Scopes]
    ) -> set[Scope]:
        """Scopes with data in the window; the city always, while a short window is news."""
        short = window.is_short_window(span)
        wanted: set[Scope] = set()
        if kpi.cumulative:
            if not short or _is_news(span, tick):
                wanted |= self._held.get(kpi.id, {}).keys()
        else:
            wanted |= inside.over(span).keys()
        if not short:
            return wanted | {_CITY}
        wanted = {scope for scope in wanted if scope[0] in kpi.short_scopes}
        return wanted | {_CITY} if _is_news(span, tick) else wanted

    def _affected(
        self, kpi: Kpi, key: CellKey, after: int, tick: int
    ) -> Iterator[tuple[str, window.Span]]:
        """Windows that were closed before and hold a cell; those that close now are due anyway."""
        for kind in kpi.windows:
            if not _is_published(kpi, kind, key.scope_type):
                continue
            if kpi.cumulative:
                # Short snapshots are live gauges: what is older than news is not looked at again.
                oldest = tick - _LIVE if window.is_short(kind) else key.start - 1
                spans: Iterable[window.Span] = window.closing(
                    kind, max(oldest, key.start - 1), after
                )
            elif _carries(kpi, key[1:3]):
                spans = window.closing(kind, key.start, min(after, _held_until(kpi, key)))
            else:
                spans = (s for s in window.containing(kind, key.start) if s[1] <= after)
            for span in spans:
                yield kind, span

    def _affected_by_heartbeats(self, due: Due, tick: int) -> None:
        """A heartbeat changes completeness and the observed minutes of rows already published.

        Of its own source only.  But a snapshot is looked at again whoever was heard, for it may be
        one at which its own cells do not make us look; and so is what counts other rows.
        """
        beats = ((key.scope_id, key.start) for key in self._touched if key.kpi == ALIVE)
        news = BeatNews(beats, self._newly_heard)
        if news.first is None:
            return
        heard = {
            name: news.sources if kpi.cumulative or kpi.subject in OF_ROWS else kpi.sources
            for name, kpi in by_id().items()
            if name in due
        }
        for day in [day for day in self._ending if day >= news.first]:
            for identity in self._ending[day]:
                kpi_id, kind, scope_type, scope_id, start = identity
                span = start, self.published[identity].end
                if kpi_id in due and span[1] <= tick and news.concern(heard[kpi_id], span):
                    _ask(due[kpi_id], kind, span, (scope_type, scope_id))

    def _affected_by_law(self, due: Due, tick: int) -> None:
        """Another table, or a cell of which a calendar settles more or less than before.

        Both concern every row that was published of a window that ends later.
        """
        all_since = min((key.start for key in self._touched if key.kpi == LAW), default=NEVER)
        since: dict[tuple[str, Scope], int] = {}
        for key in self._touched & self._resettled:
            own = key.kpi, (key.scope_type, key.scope_id)
            since[own] = min(key.start, since.get(own, NEVER))
        first = min([all_since, *since.values()])
        for day in [day for day in self._ending if day + DAY > first]:
            for identity in self._ending[day]:
                kpi_id, kind, scope_type, scope_id, start = identity
                if kpi_id in due:
                    end, scope = self.published[identity].end, (scope_type, scope_id)
                    if min(all_since, since.get((kpi_id, scope), NEVER)) < end <= tick:
                        _ask(due[kpi_id], kind, (start, end), scope)

    def _publish(
        self,
        kpi: Kpi,
        wanted: Windows,
        tick: int,
        inputs: Mapping[str, int],
    ) -> Iterator[KpiRow | Restatement]:
        self._begin()
        for kind, span in sorted(wanted, key=_by_end):
            asked = self._asked(kpi, kind, span, tick)
            for scope in sorted(wanted[kind, span]):
                old = self.published.get((kpi.id, kind, *scope, span[0]))
                row = self._row(asked, scope, old, tick, inputs)
                if kind == "1d" and scope == _CITY:
                    self._judged[kpi.id, span] = _evident(row)
                if row is not None and (said := self._revised(kpi, row, old)) is not None:
                    yield said

    def _begin(self) -> None:
        """With another KPI, or after cells have changed."""
        self._sums.clear()
        self._timelines.clear()

    def _revised(self, kpi: Kpi, row: KpiRow, old: Published | None) -> KpiRow | Restatement | None:
        """What is published of a row: it, or a restatement; None if that was said before."""
        if old is None and self._last:
            # Nobody will compare it with another revision.
            self._say(row, "", old)
            return row
        if old is not None and old.final:
            row = replace(row, finality=Finality.FINAL)
        digest = _digest(row)
        if old is None or not old.final:
            if old is not None and old.digest == digest:
                return None
            self._say(row, digest, old)
            if not self._last:
                self.changed_rows.add(row.identity)
            return row
        if digest in {old.digest, old.restated}:
            return None
        self.recall(row.identity, old._replace(restated=digest))
        self.changed_rows.add(row.identity)
        scope, span = (row.scope_type, row.scope_id), (row.window_start, row.window_end)
        return Restatement(row, self._causes(kpi, scope, span))

    def _causes(self, kpi: Kpi, scope: Scope, span: window.Span) -> Causes:
        """What of this tick may have moved a row: cases in its cells, heartbeats, tables."""
        of_rows = kpi.subject in OF_ROWS
        moved = [
            causes
            for key, several in self._moved.items()
            if (of_rows or key.kpi == kpi.id) and key[1:3] == scope and _is_held(key, span)
            for causes in several
        ]
        for key in self._touched:
            heard = key.kpi == ALIVE and span[0] < key.start + DAY
            if heard and key.start < span[1] and (of_rows or key.scope_id in kpi.sources):
                moved.append(Causes((f"source:{key.scope_id}",)))
            elif key.kpi == LAW and key.start < span[1]:
                moved.append(Causes((f"{key.scope_type}:{key.scope_id}",)))
        return Causes.of(moved)

    def _asked(self, kpi: Kpi, kind: str, span: window.Span, tick: int) -> _Asked:
        completeness, silence = self._completeness(kpi.sources, span)
        final_at, definition = self._law_of(kpi, span[1])
        fades = window.is_short(kind) and not _is_news(span, tick)
        shares = self._shares(kind, span[1]) if kpi.subject is SCORE else {}
        return _Asked(
            kpi, kind, span, completeness, silence, final_at <= tick, definition, fades, shares
        )

    def _row(
        self,
        asked: _Asked,
        scope: Scope,
        old: Published | None,
        tick: int,
        inputs: Mapping[str, int],
    ) -> KpiRow | None:
        """What the window says at the tick, as the revision that it would be if it were new."""
        kpi, kind, span, completeness, silence, final, definition, fades, shares = asked
        revision = old.revision + 1 if old else 0
        if kpi.subject is SCORE:
            scored = composite.row(kpi, kind, scope, span, shares, tick, self._law)
            return replace(scored, revision=revision, as_of=tick, inputs=inputs)
        counters = self._counters(kpi, kind, scope, span)
        unsettled = UNSETTLED in counters or self._is_unsettled(kpi, scope, span)
        if unsettled:
            counters = counters.copy()
            counters.pop(UNSETTLED, None)
        reading = kpi.reading(counters, span[1], self._law)
        if fades and old is None and reading.seen == 0:
            return None
        left_out = excluded_counts(counters)
        if reading.left_out:
            left_out |= reading.left_out
        status = _status(reading, scope[0], left_out, silence)
        if unsettled:
            status = Status.NOT_COMPUTABLE
        if silence and kpi.told_elsewhere:
            status = silence
        hidden = status in _HIDING or (status is _INSUFFICIENT and scope[0] != "city")
        numbers, words = companion.told(() if hidden else kpi.companions, counters)
        return KpiRow(
            kpi.id,
            kind,
            scope[0],
            scope[1],
            span[0],
            span[1],
            reading.numerator,
            reading.denominator,
            None if hidden else reading.value,
            status,
            _FINAL if final and not unsettled else _PROVISIONAL,
            revision,
            completeness,
            left_out or _NOT_LEFT_OUT,
            tick,
            inputs,
            definition,
            numbers,
            words,
        )

    def _law_of(self, kpi: Kpi, end: int) -> tuple[int, str]:
        """When a window is final, and the definition of its number."""
        found = self._laws_of.get((kpi.id, end))
        if found is None:
            versions = self._law.at(end).versions
            found = kpi.final_at(end, self._law), kpi.defined_by(versions)
            self._laws_of[kpi.id, end] = found
        return found

    def _shares(self, kind: str, end: int) -> dict[str, Fraction]:
        said = ((i[0], self.published.get(i)) for i in composite.made_of(kind, end))
        return {kpi: Fraction(one.share) for kpi, one in said if one and one.share}

    def _is_unsettled(self, kpi: Kpi, scope: Scope, span: window.Span) -> bool:
        """Whether a case may fall due in the window or may not: no calendar tells."""
        starts = self._unsettled.get((kpi.id, scope))
        return starts is not None and not kpi.cumulative and min(starts, default=NEVER) < span[1]

    def _counters(self, kpi: Kpi, kind: str, scope: Scope, span: window.Span) -> Counters:
        if kpi.cumulative:
            held = self._held.get(kpi.id, {}).get(scope, _NOT_HELD)
            return self._snapshots_of(kpi, scope, held).at(span[1])
        timeline = self._timeline(kpi, scope)
        if window.rolls(kind):
            rolling = self._sums.get((kind, scope))
            if rolling is None:
                rolling = self._sums[kind, scope] = Rolling(Sum, timeline.between)
            inside = rolling.over(span)
        else:
            inside = Sum.of(timeline.between(*span))
        return self._carried(kpi, kind, span, inside) if _carries(kpi, scope) else inside

    def _timeline(self, kpi: Kpi, scope: Scope) -> Timeline[Mapping[str, Counters], Sum]:
        """What is held of a scope, of all upstream tasks together."""
        found = self._timelines.get(scope)
        if found is None:
            held = self._held.get(kpi.id, {}).get(scope, _NOT_HELD)
            found = self._timelines[scope] = Timeline(
                held,
                window.base_size(kpi.base),
                lambda parts: Sum(self._observed(kpi, parts.values())),
            )
        return found

    def _carried(self, kpi: Kpi, kind: str, span: window.Span, inside: Sum) -> Sum:
        """The sum of a window of the city, what cells before it carry into it, and its bounds."""
        held = self._held.get(kpi.id, {}).get(_CITY, _NOT_HELD)
        first = min([span[0], *held]) if kpi.carried_for is None else span[0] - kpi.carried_for
        rolling = self._sums.get((f"{BEFORE}{kind}", _CITY))
        if rolling is None:
            timeline = self._timeline(kpi, _CITY)

            def between(start: int, until: int) -> Iterator[Sum]:
                for one in timeline.between(start, until):
                    yield one.only(kpi.carries)

            rolling = self._sums[f"{BEFORE}{kind}", _CITY] = Rolling(Sum, between)
        both = inside.beside(BEFORE, rolling.over((first, span[0])))
        both[SINCE], both[UNTIL] = span[0] // SECOND, span[1] // SECOND
        return both

    def _observed(self, kpi: Kpi, cells: Iterable[Counters]) -> Iterable[Counters]:
        if kpi.observed is None:
            return cells
        return [kpi.observed(one, self._is_alive) for one in cells]

    def _snapshots_of(self, kpi: Kpi, scope: Scope, held: Held) -> Snapshots:
        made = self._snapshots.get((kpi.id, scope))
        if made is None:
            cells = [part for parts in held.values() for part in parts.values()]
            made = Snapshots(self._observed(kpi, cells))
            self._snapshots[kpi.id, scope] = made
        return made

    def _is_alive(self, source: str, minute: int) -> bool:
        days = self._alive.get(source)
        return days is not None and minute in days.get(wib_day_start(minute * MINUTE), ())

    def _completeness(self, sources: tuple[str, ...], span: window.Span) -> _Completeness:
        """Share of source-units with a heartbeat, and what a source's silence makes of no data."""
        found = self._complete.get((sources, span))
        if found is None:
            found = self._complete[sources, span] = self._completeness_of(sources, span)
        return found

    def _completeness_of(self, sources: tuple[str, ...], span: window.Span) -> _Completeness:
        """A unit is a WIB day, or the whole window when that is shorter.

        A source that was never heard of before the window's end is not integrated; one that was
        and is silent is down.
        """
        units = 1 if window.is_short_window(span) else len(window.days(span))
        seen = {source: self._heard(source, span) for source in sources}
        total = units * len(seen)
        if total == 0:
            return "1.0000", None
        silence = Status.SOURCE_DOWN if 0 in seen.values() else None
        if not all(self._known_by(source, span[1]) for source in sources):
            silence = Status.NOT_INTEGRATED
        return four_decimals(sum(seen.values()), total), silence

    def _known_by(self, source: str, end: int) -> bool:
        """Whether the source had ever been heard of; on its first day its first minute tells."""
        day = self._first_heard.get(source, NEVER)
        return day + DAY <= end or (
            day < end and any(minute * MINUTE < end for minute in self._alive[source][day])
        )

    def _heard(self, source: str, span: window.Span) -> int:
        """In how many units."""
        if window.is_short_window(span):
            minutes = range(span[0] // MINUTE, span[1] // MINUTE)
            return any(self._is_alive(source, minute) for minute in minutes)
        return sum(map(bool, map(self._alive.get(source, {}).get, window.days(span))))

    def _evidence(self, looked_at: set[window.Span], after: int, tick: int) -> None:
        """Day cells of the evidence KPI, from the day rows of the others at city scope."""
        days = looked_at | set(window.closing("1d", after, tick))
        for kpi in of(ROWS):
            for span in sorted(days):
                counters: Counters = {}
                for other in all_kpis():
                    expected = other.in_catalogue and "1d" in other.windows
                    if expected and other.subject not in OF_ROWS:
                        judged = self._judged.get((other.id, span))
                        if judged is None:
                            self._begin()
                            asked = self._asked(other, "1d", span, tick)
                            old = self.published.get((other.id, "1d", *_CITY, span[0]))
                            judged = _evident(self._row(asked, _CITY, old, tick, {}))
                        add(counters, judged)
                key = CellKey(kpi.id, *_CITY, span[0])
                if self.parts.get(key, {}).get("rows") != counters:
                    self.merge("rows", {key: counters})

    def _prune(self, tick: int) -> None:
        """Forget live gauges that are final: nothing can ask for them again.

        An hour can: a case event is never too late to change its cell, and without the memory
        of the final row it would be published anew instead of restated.
        """
        before = tick - _GAUGES_KEPT
        gone = [i for i in self._gauges if self._is_over(self.published[i], before)]
        for identity in gone:
            day = wib_day_start(self.published.pop(identity).end - 1)
            self._ending[day].discard(identity)
            self._gauges.discard(identity)
            self.changed_rows.add(identity)

    def _settle(self, key: CellKey, counters: Mapping[str, int]) -> None:
        total = dict(self.parts.get(key, {}).get(SETTLED, {}))
        add(total, counters)
        self.restore(key, SETTLED, total)
        self.changed_parts.add((key, SETTLED))

    def _is_forgotten(self, end: int, tick: int | None) -> bool:
        """Whether a window that ended then is not looked at any more after a tick."""
        if not self.forgets or self.began is None or tick is None:
            return False
        if not self.began < end <= tick - REMEMBERED:
            return False
        if self._first_open is None:
            ends = (self.published[identity].end for identity in self._open)
            self._first_open = min(ends, default=NEVER)
        # A window is not final while no calendar knows its due instants: it is waited for.
        return end < self._first_open

    def _is_past(self, key: CellKey) -> bool:
        """Whether no window that is looked at after the last tick holds the cell."""
        if self.last_tick is None or not self._is_forgotten(key.start + 1, self.last_tick):
            return False
        if key.kpi in {ALIVE, LAW}:
            return False
        return self._is_forgotten(_held_until(by_id()[key.kpi], key), self.last_tick)

    def _forget(self, tick: int) -> None:
        """Once a day: windows that are not looked at any more, and cells that only they hold."""
        if not self.forgets or self.began is None:
            return
        for day in [d for d in self._ending if d + DAY <= tick - REMEMBERED]:
            for identity in [i for i in self._ending[day] if self._is_row_past(i, tick)]:
                self._ending[day].discard(identity)
                del self.published[identity]
                self._gauges.discard(identity)
                self.changed_rows.add(identity)
            if not self._ending[day]:
                del self._ending[day]
        past = tick - REMEMBERED
        for key in [k for k in self.parts if self.began <= k.start < past and k.kpi != LAW]:
            if key.kpi == ALIVE:
                self._forget_minutes(key, tick)
            elif by_id()[key.kpi].cumulative:
                self._gather(key, past)
            elif _held_until(by_id()[key.kpi], key) == NEVER:
                self._carry(key, tick)
            elif self._is_past(key):
                self._drop(key)

    def _is_row_past(self, identity: Identity, tick: int) -> bool:
        said = self.published[identity]
        if not said.final or not self._is_forgotten(said.end, tick):
            return False
        # A score reads the rows of its own window until it is final.
        kind, start = identity[1], identity[4]
        scores = ((k.id, kind, *scope, start) for k in of(SCORE) for scope in composite.scopes())
        return all(self.published[s].final for s in scores if s in self.published)

    def _forget_minutes(self, key: CellKey, tick: int) -> None:
        """Of a day that only long windows ask for it is enough that the source was heard."""
        minutes = self._alive[key.scope_id][key.start]
        if self._is_forgotten(max(window.last_end(k, key.start) for k in window.KINDS), tick):
            if key.start != self._first_heard.get(key.scope_id):
                del self._alive[key.scope_id][key.start]
                self._drop(key)
        elif len(minutes) > 1 and self._is_forgotten(_last_minutes(key.start), tick):
            for part in [*self.parts[key]]:
                del self.parts[key][part]
                self.changed_parts.add((key, part))
            self._settle(key, {str(min(minutes)): 1})

    def _gather(self, key: CellKey, past: int) -> None:
        """Old steps of a snapshot as one step, right after the time that is remembered for ever."""
        assert self.began is not None
        kpi = by_id()[key.kpi]
        first, number = step("", self.began + 1)
        base = CellKey(*key[:3], window.base_start(kpi.base, first))
        settled = self.parts[key].get(SETTLED)
        if settled is None or key.start <= first or key.start + window.base_size(kpi.base) > past:
            return
        total: Counters = {}
        for name, value in settled.items():
            add(total, {name.rpartition(":")[0] + number: value})
        self._settle(base, total)
        del self.parts[key][SETTLED]
        self.changed_parts.add((key, SETTLED))
        if not self.parts[key]:
            self._drop(key)

    def _carry(self, key: CellKey, tick: int) -> None:
        """Of a cell that no window holds what is carried into later ones, put to the first day."""
        assert self.began is not None
        kpi = by_id()[key.kpi]
        base = CellKey(*key[:3], window.base_start(kpi.base, self.began))
        settled = self.parts[key].get(SETTLED)
        if (
            settled is None
            or key == base
            or not self._is_forgotten(_last_end(kpi, key.start), tick)
        ):
            return
        self._settle(base, _carried_on(kpi, settled))
        del self.parts[key][SETTLED]
        self.changed_parts.add((key, SETTLED))
        if not self.parts[key]:
            self._drop(key)

    def _drop(self, key: CellKey) -> None:
        self.changed_parts |= {(key, part) for part in self.parts.pop(key)}
        if key.kpi == ALIVE:
            return
        self._note_unsettled(key, False)
        scope = (key.scope_type, key.scope_id)
        held = self._held[key.kpi][scope]
        del held[key.start]
        if not held:
            del self._held[key.kpi][scope]
        at = self._at[key.kpi][key.start]
        at.discard(scope)
        if not at:
            del self._at[key.kpi][key.start]

    @staticmethod
    def _is_over(said: Published, before: int) -> bool:
        return said.final and said.end < before


def _by_end(look: tuple[str, window.Span]) -> tuple[int, int, str]:
    kind, (start, end) = look
    return end, start, kind


def _ask(due: Windows, kind: str, span: window.Span, scope: Scope) -> None:
    due.setdefault((kind, span), set()).add(scope)


class _Scopes(dict[Scope, int]):
    """Scopes with data, and at how many starts; without data there is none."""

    def add(self, counters: Mapping[Scope, int], sign: int = 1) -> None:
        """Scopes at the starts that enter or leave."""
        add(self, counters, sign)


def _carried_on(kpi: Kpi, counters: Counters) -> Counters:
    return {n: v for n, v in counters.items() if n.startswith(f"{kpi.carries}{MARK}")}


def _carries(kpi: Kpi, scope: Scope) -> bool:
    return bool(kpi.carries) and scope == _CITY


def _is_held(key: CellKey, span: window.Span) -> bool:
    """Whether a window says anything of a cell."""
    kpi = by_id()[key.kpi]
    since = 0 if kpi.cumulative or _carries(kpi, key[1:3]) else span[0]
    return since <= key.start < span[1]


def _held_until(kpi: Kpi, key: CellKey) -> int:
    """End of the last window that a cell says anything to."""
    if kpi.cumulative:
        return NEVER
    if not _carries(kpi, key[1:3]):
        return _last_end(kpi, key.start)
    return NEVER if kpi.carried_for is None else _last_end(kpi, key.start + kpi.carried_for)


def _last_end(kpi: Kpi, at: int) -> int:
    return max(window.last_end(kind, at) for kind in kpi.windows)


@lru_cache(maxsize=1_024)
def _last_minutes(day: int) -> int:
    """End of the last window that asks in which minutes of a day a source was alive."""
    asking = [kpi for kpi in all_kpis() if any(map(window.is_short, kpi.windows))]
    return max(_last_end(kpi, day) for kpi in asking)


def _evident(row: KpiRow | None) -> Counters:
    """What a day of another KPI adds to the evidence KPI: one that is integrated, sound or not.

    Nothing happened is sound, silence is not (catalogue KPI 17).
    """
    if row is not None and row.status is Status.NOT_INTEGRATED:
        return {}
    sound = row is not None and row.status in {Status.OK, Status.NO_DATA}
    return on_time(sound and row is not None and row.completeness == "1.0000")


def _is_published(kpi: Kpi, kind: str, scope_type: str) -> bool:
    return not window.is_short(kind) or scope_type in kpi.short_scopes


def _is_news(span: window.Span, tick: int) -> bool:
    return span[1] > tick - _LIVE


def _status(
    reading: Reading, scope_type: str, left_out: Mapping[str, int], silence: Status | None
) -> Status:
    seen = reading.seen
    if seen == 0 and silence:
        return silence
    # A linked duplicate is counted through its master, so it is not left out.
    dropped = sum(left_out.values()) - left_out.get("duplicate", 0) if left_out else 0
    hides = dropped * 100 > reference.EXCLUDED_LIMIT_PERCENT * (dropped + seen)
    if reading.denominator == 0:
        # Where all that happened is left out, it is not so that nothing did (C6, C9, KPI 17).
        return _INSUFFICIENT if hides else Status.NO_DATA
    few = scope_type != "city" and seen < reference.MINIMUM_CASES
    return _INSUFFICIENT if reading.value is None or few or hides else Status.OK


def _digest(row: KpiRow) -> str:
    """Hash of what a row says, whatever its revision and inputs."""
    said = (
        row.identity, row.window_end, row.numerator, row.denominator, row.value, row.status,
        row.finality, row.completeness, row.excluded, row.definition, row.companions, row.details,
    )  # fmt: skip
    return hashlib.blake2b(_SAID.encode(said), digest_size=16).hexdigest()
