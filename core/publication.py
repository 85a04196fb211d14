"""From merged cells to published rows: which windows change at a tick, and what they say.

A row is published once per content: the first is revision 0, a changed one the next, and after
its finality nothing but a restatement (convention C5) may follow.
"""

from __future__ import annotations

import hashlib
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
from core.cells import UNSETTLED, CellKey, Counters, add, merged, on_time
from core.counted import CITY, Counted, Scope, carried_on, carries, held_until, is_held, last_end
from core.events import Event
from core.fold import ALIVE, LAW
from core.heard import Heard
from core.kpi import OF_ROWS, ROWS, SCORE, Kpi, Reading, excluded_counts
from core.kpis import all_kpis, by_id, of
from core.law import SHIPPED, Law
from core.memory import Memory, Published
from core.moment import DAY, HOUR, NEVER, wib_day_start
from core.restatements import Restatement
from core.rolling import Rolling
from core.rows import Finality, Identity, KpiRow, Status
from core.snapshots import step

_LIVE = HOUR
"""A window shorter than a day without data is published only while it is news."""
_GAUGES_KEPT = 2 * DAY
SETTLED = "settled"
"""The part of a cell that nothing but the publication knows: what left the folds."""
REMEMBERED = 77 * DAY
"""So long after its end a window is remembered; by then it has been final for two weeks or more
(C5), and what would have changed it since was told as a restatement.  Project choice."""

Windows = dict[tuple[str, window.Span], set[Scope]]
"""Windows to look at: kind and span, and of which scopes."""
Due = dict[str, Windows]
"""By id of the KPI."""
_INSUFFICIENT, _FINAL, _PROVISIONAL = Status.INSUFFICIENT, Finality.FINAL, Finality.PROVISIONAL
"""Asking an enumeration of Python 3.11 for a member is a call, and there are very many rows."""
_HIDING = frozenset({Status.SOURCE_DOWN, Status.NOT_INTEGRATED, Status.NOT_COMPUTABLE})
"""Statuses of a window that has no value, whatever was counted."""
_NOT_LEFT_OUT: Counters = {}
"""One for all rows: most leave nothing out."""
_SAID = msgspec.json.Encoder(order="sorted")
_NOTHING: Mapping[CellKey, Counters] = MappingProxyType({})


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
    published: Memory = field(default_factory=Memory)
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
    _heard: Heard = field(default_factory=Heard)
    _counted: Counted = field(init=False)
    _rescored: set[tuple[str, window.Span]] = field(default_factory=set)
    """Scores (kind of window and span) of which a KPI has another share than at the last tick."""
    _laws: dict[CellKey, Event] = field(default_factory=dict)
    _law: Law = SHIPPED
    _laws_of: dict[tuple[str, int], tuple[int, str]] = field(default_factory=dict)
    """Of this tick, by KPI and end of the window."""
    _last: bool = False
    _judged: dict[tuple[str, window.Span], Counters] = field(default_factory=dict)
    """Of this tick: what days of the city add to the evidence KPI, by KPI and day."""

    def __post_init__(self) -> None:
        """What sources were heard decides what of some cells counts."""
        self._counted = Counted(self._heard)

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
            self._heard.note(key.scope_id, key.start, parts.values())
        elif key.kpi == LAW:
            self._enact(key, parts)
        else:
            self._counted.put(key, parts)

    def _enact(self, key: CellKey, parts: Mapping[str, Counters]) -> None:
        """Each partition has its copy of a reference event; of different ones the first counts."""
        self._laws.pop(key, None)
        if contents := sorted({content for part in parts.values() for content in part}):
            fields = {"version": key.scope_id, "content": contents[0]}
            self._laws[key] = Event(key.scope_type, str(key), key.start, "", fields)
        self._law = Law.told_by(self._laws.values())

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
        self.published.recall(identity, said)

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
        self._heard.close()
        self._rescored.clear()
        self._counted.resettled.clear()
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
        for identity in self.published.open:
            kpi_id, kind, scope_type, scope_id, start = identity
            end = self.published[identity].end
            if kpi_id in due and by_id()[kpi_id].final_at(end, self._law) <= tick:
                _ask(due[kpi_id], kind, (start, end), (scope_type, scope_id))
        return due

    def _closed(self, kpi: Kpi, after: int, tick: int) -> Windows:
        """Windows that end in (after, tick], and the scopes of each that have something to say."""
        found: Windows = {}
        by_time = self._counted.by_time(kpi)
        for kind in kpi.windows:
            inside = Rolling(_Scopes, by_time)
            for span in sorted(self._closing(kpi, kind, after, tick)):
                if scopes := self._scopes_in(kpi, span, tick, inside):
                    found[kind, span] = scopes
        return found

    def _closing(self, kpi: Kpi, kind: str, after: int, tick: int) -> Iterable[window.Span]:
        """Windows that end in (after, tick]; of short ones only those with data or news."""
        if not window.is_short(kind):
            return window.closing(kind, after, tick)
        news = set(window.closing(kind, max(after, tick - _LIVE), tick))
        starts = self._counted.starts(kpi)
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
                wanted.update(self._counted.scopes(kpi))
        else:
            wanted |= inside.over(span).keys()
        if not short:
            return wanted | {CITY}
        wanted = {scope for scope in wanted if scope[0] in kpi.short_scopes}
        return wanted | {CITY} if _is_news(span, tick) else wanted

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
            elif carries(kpi, key[1:3]):
                spans = window.closing(kind, key.start, min(after, held_until(kpi, key)))
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
        news = BeatNews(beats, self._heard.newly)
        if news.first is None:
            return
        heard = {
            name: news.sources if kpi.cumulative or kpi.subject in OF_ROWS else kpi.sources
            for name, kpi in by_id().items()
            if name in due
        }
        for identity in self.published.ending_from(news.first):
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
        for key in self._touched & self._counted.resettled:
            own = key.kpi, (key.scope_type, key.scope_id)
            since[own] = min(key.start, since.get(own, NEVER))
        first = min([all_since, *since.values()])
        for identity in self.published.ending_from(first - DAY + 1):
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
        self._counted.begin()
        for kind, span in sorted(wanted, key=_by_end):
            asked = self._asked(kpi, kind, span, tick)
            for scope in sorted(wanted[kind, span]):
                old = self.published.get((kpi.id, kind, *scope, span[0]))
                row = self._row(asked, scope, old, tick, inputs)
                if kind == "1d" and scope == CITY:
                    self._judged[kpi.id, span] = _evident(row)
                if row is not None and (said := self._revised(kpi, row, old)) is not None:
                    yield said

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
            if (of_rows or key.kpi == kpi.id) and key[1:3] == scope and is_held(key, span)
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
        completeness, silence = self._heard.completeness(kpi.sources, span)
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
        counters = self._counted.of(kpi, kind, scope, span)
        unsettled = UNSETTLED in counters or self._counted.is_unsettled(kpi, scope, span)
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
                            self._counted.begin()
                            asked = self._asked(other, "1d", span, tick)
                            old = self.published.get((other.id, "1d", *CITY, span[0]))
                            judged = _evident(self._row(asked, CITY, old, tick, {}))
                        add(counters, judged)
                key = CellKey(kpi.id, *CITY, span[0])
                if self.parts.get(key, {}).get("rows") != counters:
                    self.merge("rows", {key: counters})

    def _prune(self, tick: int) -> None:
        """Forget live gauges that are final: nothing can ask for them again.

        An hour can: a case event is never too late to change its cell, and without the memory
        of the final row it would be published anew instead of restated.
        """
        for identity in self.published.past_gauges(tick - _GAUGES_KEPT):
            self.published.forget(identity)
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
        # A window is not final while no calendar knows its due instants: it is waited for.
        return end < self.published.first_open

    def _is_past(self, key: CellKey) -> bool:
        """Whether no window that is looked at after the last tick holds the cell."""
        if self.last_tick is None or not self._is_forgotten(key.start + 1, self.last_tick):
            return False
        if key.kpi in {ALIVE, LAW}:
            return False
        return self._is_forgotten(held_until(by_id()[key.kpi], key), self.last_tick)

    def _forget(self, tick: int) -> None:
        """Once a day: windows that are not looked at any more, and cells that only they hold."""
        if not self.forgets or self.began is None:
            return
        past = tick - REMEMBERED
        for identity in self.published.ended_by(past):
            if self._is_row_past(identity, tick):
                self.published.forget(identity)
                self.changed_rows.add(identity)
        for key in [k for k in self.parts if self.began <= k.start < past and k.kpi != LAW]:
            if key.kpi == ALIVE:
                self._forget_minutes(key, tick)
            elif by_id()[key.kpi].cumulative:
                self._gather(key, past)
            elif held_until(by_id()[key.kpi], key) == NEVER:
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
        minutes = self._heard.days(key.scope_id)[key.start]
        if self._is_forgotten(max(window.last_end(k, key.start) for k in window.KINDS), tick):
            if not self._heard.is_first(key.scope_id, key.start):
                self._heard.forget(key.scope_id, key.start)
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
        if settled is None or key == base or not self._is_forgotten(last_end(kpi, key.start), tick):
            return
        self._settle(base, carried_on(kpi, settled))
        del self.parts[key][SETTLED]
        self.changed_parts.add((key, SETTLED))
        if not self.parts[key]:
            self._drop(key)

    def _drop(self, key: CellKey) -> None:
        self.changed_parts |= {(key, part) for part in self.parts.pop(key)}
        if key.kpi != ALIVE:
            self._counted.drop(key)


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


@lru_cache(maxsize=1_024)
def _last_minutes(day: int) -> int:
    """End of the last window that asks in which minutes of a day a source was alive."""
    asking = [kpi for kpi in all_kpis() if any(map(window.is_short, kpi.windows))]
    return max(last_end(kpi, day) for kpi in asking)


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
