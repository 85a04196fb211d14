"""The fold of one source partition: events in, cells and claims out, at each tick of the clock.

The state is a set of events by entity.  Adding an event twice changes nothing, and the order of
adding does not matter: this is why neither duplicates nor crashes can change a number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from msgspec import Struct

from core import contract, reference, window
from core.alarms import alarms
from core.alerts import Alert, Severe
from core.cameras import CAMERA, LOOK_BACK, Camera
from core.causes import Causes, Movers
from core.cells import UNSETTLED, CellKey, Counters, Share
from core.closures import Report, matter_of
from core.complaints import Complaint
from core.counterparts import AskedFor, told_of_complaint, told_of_request
from core.detections import doubtful
from core.events import Event, in_order
from core.faults import failures
from core.filings import FILING, VOICE, Filing, Twin, voices
from core.kpi import Case, Kpi, Shares, Subject, Tallied, Tally
from core.kpis import cases, kinds, of
from core.law import IN_FORCE, SHIPPED, Law, Recomputed
from core.leaving import Alarm, Leaving
from core.ledger import Ledger, Part, Series, part, parts_of
from core.moment import DAY, HOUR, MINUTE, wib_day_start
from core.opposites import Normal, flowed, worked
from core.orphans import Orphan
from core.requests import Request
from core.services import ServiceFile
from core.signals import Signals
from core.traffic import Quarter
from core.triangulation import WRITTEN_LATER, Claim
from core.violations import Recorded, Violation

ALIVE = "_alive"
"""Cells of source heartbeats: scope type `source`, one counter per minute number."""
LAW = "_law"
"""Cells of reference tables in force: table, version, since when; the counter is the content."""

ALERTS = "alerts"
"""Where all alerts are told: any two of them may be near each other."""

_CITY = {"city": "city"}
_ALIVE = Series(ALIVE, "1d", ("source",))
_WINDOW = 5 * MINUTE
_SENSOR_LATENESS = 10 * MINUTE
_BEATS_KEPT = LOOK_BACK + _SENSOR_LATENESS + HOUR
"""Until the minutes of a whole hour are settled."""
_HEARTBEAT_LATENESS = 7 * DAY
_OBSERVED_BEFORE_FIRST_TICK = DAY
_EVIDENCE = {"sighting": 7 * DAY, "observation": 30 * DAY, "review": 30 * DAY}
"""So late may come what somebody saw, and so long it is kept.  Project choice: far beyond C5, so
that a camera or an office that was cut off for days is still heard."""


class Entity(NamedTuple):
    """What a set of events is about: kind and id."""

    kind: str
    id: str


class Statement(NamedTuple):
    """One line for the join stage: `value` None retracts what was stated before.

    `route` decides the join partition; None goes to all of them.  What is said is a Struct, or
    names and values; either is JSON on its way.
    """

    kind: str
    id: str
    route: str | None
    value: Struct | Mapping[str, Any] | None
    over: bool = False
    """Nobody will change it any more: its case left the fold."""


_CLASSES = Entity("law", "incident_class")
"""The one table that the join reads (decision 0014)."""


@dataclass(frozen=True, slots=True)
class Closed:
    """What one tick made of one partition; cells are absolute.

    `settled` is what left the cells at this tick without being taken back: whoever merges cells
    adds it, once, to what stays.  `left` are ids to be kept until an instant (None: no longer).
    """

    tick: int
    cells: Mapping[CellKey, Counters]
    statements: tuple[Statement, ...]
    changed: Mapping[Entity, tuple[Event, ...]]
    late: tuple[Event, ...]
    recomputed: tuple[Recomputed, ...] = ()
    """Due instants of open cases that another version of a table moved (C2c)."""
    settled: Mapping[CellKey, Counters] = field(default_factory=dict)
    left: Mapping[Entity, int | None] = field(default_factory=dict)
    moved: Mapping[CellKey, Causes] = field(default_factory=dict)
    """Cases that moved cells which a final row may hold (C5)."""


Look = tuple[Kpi, Shares, Tally | None]
"""A KPI that looks at cases of a kind, what one of them adds, and what counts many."""


class Size(NamedTuple):
    """How much a fold holds; `ids` are those of cases that left."""

    entities: int
    events: int
    cells: int
    ids: int


def is_claim(event: Event) -> bool:
    """Whether a detection says that an incident happened (`detections.claimed`, for one event)."""
    return event.text("label") in reference.LABELS and not doubtful(event)


def entity_of(event: Event) -> Entity | None:
    """The entity that an event belongs to; None for events that no KPI reads."""
    if (keyed := _keyed(event.type)) is not None:
        case, field_name = keyed
        return Entity(case.name, case.key(event) if case.key else event.text(field_name))
    if event.type in {"ref.camera", "cctv.maintenance"}:
        return Entity("camera", event.text("camera_id"))
    if event.type == "cctv.heartbeat":
        return Entity("beats", event.text("camera_id"))
    if event.type == "cctv.detected":
        # The camera is part of the name: another partition may hold the same event id.
        name = f"{event.text('camera_id')}|{event.event_id}"
        return Entity("sighting", name) if is_claim(event) else None
    if event.type == "field.observed":
        return Entity("observation", event.text("observation_id"))
    if event.type == "operator.reviewed":
        return Entity("review", event.text("review_id"))
    if event.type == "source.heartbeat":
        return Entity("alive", f"{event.source}|{event.occurred_at // HOUR}")
    area, _, table = event.type.partition(".")
    return Entity("law", table) if area == "ref" and table in IN_FORCE else None


@cache
def _keyed(event_type: str) -> tuple[Subject, str] | None:
    """Kind of the cases that events of a type belong to, and the field that names the case."""
    case = cases().get(event_type.partition(".")[0])
    return None if case is None else (case, contract.key_field(event_type))


@dataclass
class Fold:
    """State of one partition.  Call `apply` for each event, `close` at each tick.

    With `archive` the cases that left are kept there: they change no number, but can be named.
    """

    entities: dict[Entity, dict[str, Event]] = field(default_factory=dict)
    law: Law = SHIPPED
    """The tables in force, as the reference events so far tell."""
    archive: dict[Entity, dict[str, Event]] | None = None
    settles: bool = True
    """Whether cases leave at all; only a test says no."""
    asked: AskedFor | None = None
    """With it only those records are told that somebody complains about."""
    last_tick: int | None = None
    accepted: dict[str, int] = field(default_factory=dict)
    duplicates: dict[str, int] = field(default_factory=dict)
    _ledger: Ledger = field(default_factory=Ledger)
    _movers: Movers = field(default_factory=Movers)
    _dirty: set[Entity] = field(default_factory=set)
    _amended: bool = False
    """Whether a table came that judges nothing yet."""
    _late: list[Event] = field(default_factory=list)
    _stated: dict[Entity, tuple[Statement, ...]] = field(default_factory=dict)
    _sightings: dict[str, set[Entity]] = field(default_factory=dict)
    _recomputed: dict[Entity, tuple[Recomputed, ...]] = field(default_factory=dict)
    _moved: list[Recomputed] = field(default_factory=list)
    """Recomputed since the last tick."""
    _fresh: set[str] = field(default_factory=set)
    """Ids of heartbeats that came after the last tick."""
    _leaving: Leaving[Entity] = field(default_factory=Leaving)
    _observed: dict[int, set[tuple[str, str, int]]] = field(default_factory=dict)
    """Subjects of the ledger by the start of the 5-minute window that they saw."""
    _seen: Alarm[Entity] = field(default_factory=Alarm)
    """When it is too late for what somebody saw."""
    _ended: list[Statement] = field(default_factory=list)
    """Of what left at this tick."""
    _leftover: set[Entity] = field(default_factory=set)
    """Of these the changelog holds what should not be there any more."""

    @property
    def began(self) -> int | None:
        """The first tick of all."""
        return self._leaving.began

    @property
    def size(self) -> Size:
        """How much there is."""
        events = sum(map(len, self.entities.values()))
        cells, ids = len(self._ledger.cells), len(self._leaving.left.at)
        return Size(len(self.entities), events, cells, ids)

    def restore(self, entity: Entity, events: Iterable[Event], tick: int) -> None:
        """Take back an entity from the changelog, as it was changed at `tick`.

        What it contributed was published before.
        """
        for event in events:
            self._keep(entity, event)
        if entity.kind in _EVIDENCE:
            self._seen.set(entity, max(tick, self._seen.at[entity]))
        if entity.kind in kinds() and self._leaves(kinds()[entity.kind]):
            self._leaving.heard[entity] = max(tick, self._leaving.heard.get(entity, 0))

    def recall(self, entity: Entity, until: int) -> None:
        """Take back the id of a case that left at a tick that was closed for good."""
        self._leaving.left.set(entity, until)

    def restored(self, tick: int | None, began: int | None = None) -> None:
        """After the last `restore`: rebuild the cells as they were after `tick`.

        None: no tick was ever closed for good, so what was restored is told again.
        """
        self.last_tick = tick
        self._leaving.began = tick if began is None else began
        self._fresh.clear()
        if tick is None:
            return
        # A case that left may still be there: its tombstone comes after the frontier.
        self._leftover |= self.entities.keys() & self._leaving.left.at.keys()
        for entity in self._leftover:
            del self.entities[entity]
        self._leftover |= set(self._leaving.left.due(tick))
        self._dirty = {e for e in self.entities if e.kind != "beats"}
        self._derive()
        self._observe(tick, tick)
        self._ledger.told()
        self._dirty.clear()
        self._moved.clear()

    def apply(self, event: Event) -> bool:
        """Add one event.  False: a duplicate, or too late for a cell that is gone."""
        entity = entity_of(event)
        if entity is not None and self._too_late(entity, event):
            self._late.append(event)
            return False
        new = entity is None or self._keep(entity, event)
        if event.type in contract.PLATFORM:
            return new
        counts = self.accepted if new else self.duplicates
        counts[event.source] = counts.get(event.source, 0) + 1
        return new

    def claim(self, event: Event) -> None:
        """Add a detection for its claim alone; its columns were counted elsewhere, late or not."""
        entity = entity_of(event)
        if entity is not None and not self._too_late(entity, event):
            self._keep(entity, event)

    def condense(self, cases: Mapping[Entity, Iterable[Event]]) -> tuple[Statement, ...]:
        """Add cases of which no event came before or will ever come again: they are not kept.

        The statements are told here and not by the next `close`; `changed` does not name them.
        """
        self._enact()
        statements: list[Statement] = []
        subjects, tallies = kinds(), _Tallies()
        for entity, given in cases.items():
            known: dict[str, Event] = {}
            for event in given:
                old = known.setdefault(event.event_id, event)
                if old is not event and _yields(old, event):
                    known[event.event_id] = event
            events, subject = known.values(), subjects[entity.kind]
            case = subject.case(events, self.law)
            added = _contributed(tallies[subject], events, case)
            if added:
                self._ledger.add(added)
            statements += self._statements(entity, events, case, added)
            self._recompute(entity, case)
        self._ledger.add(tallies.parts())
        return tuple(statements)

    def close(self, tick: int) -> Closed:
        """Everything that changed since the previous tick.  Ticks must increase."""
        if self._leaving.began is None:
            self._leaving.began = tick
        unseen = self._let_go(self.last_tick)
        dirty = set(self._dirty)
        statements = self._derive(tick)
        self._observe(self.last_tick, tick)
        statements += tuple(self._uptimes(self.last_tick, tick))
        gone = self._prune(self.last_tick, tick) | self._leftover
        left: dict[Entity, int | None] = dict.fromkeys(
            self._leftover - self._leaving.left.at.keys()
        )
        left |= self._settle(self.last_tick, tick)
        gone |= self._age(self.last_tick, tick)
        statements += tuple(self._ended)
        self._ended.clear()
        cells, settled = self._ledger.take()
        if self.last_tick is not None:
            self._forget_observed(tick)
        self.last_tick = tick
        gone |= {entity for entity, until in left.items() if until is not None}
        changed = {e: tuple(self.entities.get(e, {}).values()) for e in dirty | gone | unseen}
        late, self._late = tuple(self._late), []
        moved, self._moved = tuple(self._moved), []
        self._dirty.clear()
        self._leftover.clear()
        return Closed(
            tick, cells, statements, changed, late,
            recomputed=moved, settled=settled, left=left, moved=self._movers.take(),
        )  # fmt: skip

    def _keep(self, entity: Entity, event: Event) -> bool:
        known = self.entities.setdefault(entity, {})
        old = known.get(event.event_id)
        if old is not None and not _yields(old, event):
            return False
        known[event.event_id] = event
        self._dirty.add(entity)
        if entity.kind == "law":
            self._amended = True
        elif entity.kind == "sighting":
            self._sightings.setdefault(event.text("camera_id"), set()).add(entity)
        elif entity.kind == "beats":
            self._fresh.add(event.event_id)
        if entity.kind in _EVIDENCE:
            newest = max(one.occurred_at for one in known.values())
            until = newest + _EVIDENCE[entity.kind]
            self._seen.set(entity, max(until, (self.last_tick or 0) + 1))
        return old is None

    def _too_late(self, entity: Entity, event: Event) -> bool:
        if self.last_tick is None:
            return False
        if event.type == "cctv.heartbeat":
            end = event.occurred_at // _WINDOW * _WINDOW + _WINDOW
            return end + _SENSOR_LATENESS <= self.last_tick
        if event.type == "source.heartbeat":
            return event.occurred_at <= self.last_tick - _HEARTBEAT_LATENESS
        if entity.kind in _EVIDENCE and self.settles:
            old = event.occurred_at + _EVIDENCE[entity.kind] <= self.last_tick
            return old and event.occurred_at >= (self.began or 0)
        case = kinds().get(entity.kind)
        if case is not None and case.spent is not None and self.settles:
            return event.occurred_at <= self.last_tick - case.ages >= (self.began or 0)
        if case is None or case.kept is not None:
            return case is not None and _forgotten(case, event, self.last_tick)
        if not self._leaves(case) or self.entities.get(entity, {}).get(event.event_id) == event:
            return False
        return self._leaving.too_late(entity, case, event, self.last_tick)

    def _derive(self, tick: int | None = None) -> tuple[Statement, ...]:
        """Replace the shares and statements of every dirty entity; they are news of `tick`."""
        # What is looked at again for another's sake has no news of its own.
        news = set(self._dirty)
        self._enact()
        for entity in list(self._dirty):
            if entity.kind == "camera":
                self._dirty |= self._sightings.get(entity.id, set())
        statements: list[Statement] = []
        for entity in sorted(self._dirty):
            events = self.entities.get(entity, {}).values()
            if entity.kind == "alive":
                self._ledger.replace(entity, [_alive(entity, events)])
                continue
            if entity.kind == "law":
                self._ledger.replace(entity, _law(events))
                statements += self._restate(entity, events, None, ())
                continue
            subject = kinds().get(entity.kind)
            if subject and subject.spent:
                events = self._live(subject, self.entities[entity], self.last_tick).values()
            case = subject.case(events, self.law) if subject else None
            added: list[Part] = []
            if subject:
                added = _contributed(_looks(subject), events, case)
                self._contribute(entity, added, tick if entity in news else None)
            if subject and self._leaves(subject) and tick is not None and entity in news:
                self._leaving.heard[entity] = tick
            statements += self._restate(entity, events, case, added)
            if subject and self._leaves(subject):
                self._plan(entity, subject, case)
            self._recompute(entity, case)
        return tuple(statements)

    def _contribute(self, entity: Entity, added: Iterable[Part], tick: int | None) -> None:
        gone, came = self._ledger.replace(entity, added)
        # Before the first tick nothing was final.
        if tick is not None and self.last_tick is not None:
            self._movers.note(gone, came, (":".join(entity),), tick)

    def recomputed(self) -> list[Recomputed]:
        """All that other versions of the tables made of due instants of cases while open."""
        return [one for moved in self._recomputed.values() for one in moved]

    def _enact(self) -> None:
        """Another version of a table judges every case that has a clock."""
        if self._amended:
            self._amended = False
            told = (self.entities.get(Entity("law", name), {}).values() for name in IN_FORCE)
            self.law = Law.told_by(event for events in told for event in events)
            judged = {"observation", *(name for name, s in kinds().items() if s.judged)}
            self._dirty |= {entity for entity in self.entities if entity.kind in judged}

    def _recompute(self, entity: Entity, case: Case | None) -> None:
        """Note what other versions made of its due instant, once each."""
        if len(self.law.stands) == 1:
            return
        # Not every case has such a clock.
        moved: tuple[Recomputed, ...] = getattr(case, "recomputed", ())
        if not moved and not self._recomputed:
            return
        known = self._recomputed.pop(entity, ())
        self._moved += [one for one in moved if one not in known]
        if moved:
            self._recomputed[entity] = moved

    def _leaves(self, kind: Subject) -> bool:
        return self.settles and kind.over is not None

    def _plan(self, entity: Entity, kind: Subject, case: Case | None) -> None:
        over = kind.over(case) if kind.over and case else None
        until = 0
        for cells, _, shares in self._ledger.parts_of(entity) if over is not None else ():
            last = window.base_start(cells.base, max([share.at for share in shares]))
            until = max(until, last + window.base_size(cells.base))
            if any(UNSETTLED in share.counters for share in shares):
                # The calendar of that year will say what it counts: it is waited for.
                over = None
        if any(not getattr(said.value, "due_known", True) for said in self._stated.get(entity, ())):
            over = None
        self._leaving.plan(entity, kind, case is not None, over, until)

    def _settle(self, after: int | None, tick: int) -> dict[Entity, int | None]:
        """Cases that nothing in time could change any more at the tick before leave.

        Judged by that tick, as lateness is: so after a crash the same cases leave at this one.
        """
        left: dict[Entity, int | None] = dict.fromkeys(self._leaving.left.due(tick))
        for entity in self._leaving.cases.due(after) if after is not None else ():
            kind, events = kinds()[entity.kind], self.entities.pop(entity)
            self._ledger.settle(entity)
            self._end(entity)
            if self.archive is None:
                self._recomputed.pop(entity, None)
            left[entity] = self._leaving.leave(entity, kind, events.values(), tick)
            if self.archive is not None:
                self.archive.setdefault(entity, {}).update(events)
        return left

    def _live(self, kind: Subject, known: dict[str, Event], tick: int | None) -> dict[str, Event]:
        """Of a case without an end: its events that may still matter on the day of a tick."""
        if kind.spent is None or tick is None or not self.settles:
            return known
        horizon = wib_day_start(tick) - kind.ages
        gone = kind.spent(known.values(), horizon) if horizon >= (self.began or 0) else ()
        return {name: one for name, one in known.items() if name not in gone}

    def _age(self, after: int | None, tick: int) -> set[Entity]:
        """Once a day: the numbers of what is spent leave, and a day later its events.

        Until then the changelog has them, so that after a crash the same numbers leave again.
        """
        gone: set[Entity] = set()
        if after is None or wib_day_start(after) == wib_day_start(tick):
            return gone
        aging = {name: kind for name, kind in kinds().items() if kind.spent}
        for entity in [e for e in self.entities if e.kind in aging]:
            kind, known = aging[entity.kind], self.entities[entity]
            live = self._live(kind, known, after)
            rest = self._live(kind, live, tick)
            if len(rest) < len(live):
                self._part(entity, kind, rest.values())
            if len(live) < len(known) and self.archive is None:
                self.entities[entity] = live
                gone.add(entity)
        return gone

    def _part(self, entity: Entity, kind: Subject, rest: Collection[Event]) -> None:
        """Only what these events say is still looked at; the numbers of the others stay."""
        case = kind.case(rest, self.law)
        cases = [case] if case else []
        self._ledger.reduce(entity, (p for kpi in of(kind) for p in parts_of(kpi, kind, cases)))
        new = tuple(self._statements(entity, rest, case))
        names = {statement[:2] for statement in new}
        old = self._stated.get(entity, ())
        self._ended += [s._replace(over=True) for s in old if s[:2] not in names]
        self._stated[entity] = new

    def _let_go(self, after: int | None) -> set[Entity]:
        """What somebody saw and could not be told any more at the tick before.

        Its statements stay with the join.  What was seen before the first tick is history, which
        somebody may bring in twice: it is kept.
        """
        gone = set[Entity]()
        for entity in self._seen.due(after) if after is not None and self.settles else ():
            events = self.entities[entity].values()
            if min(event.occurred_at for event in events) >= (self.began or 0):
                if entity.kind == "sighting":
                    camera = next(iter(events)).text("camera_id")
                    self._sightings[camera].discard(entity)
                del self.entities[entity]
                self._dirty.discard(entity)
                self._end(entity)
                gone.add(entity)
        return gone

    def _end(self, entity: Entity) -> None:
        self._ended += [s._replace(over=True) for s in self._stated.pop(entity, ())]

    def _forget_observed(self, tick: int) -> None:
        """Windows that `_observe` will not look at again."""
        for start in [s for s in self._observed if s + _WINDOW + _SENSOR_LATENESS <= tick]:
            for subject in self._observed.pop(start):
                self._ledger.forget(subject)

    def _restate(
        self,
        entity: Entity,
        events: Iterable[Event],
        case: Case | None,
        added: Collection[Part],
    ) -> Iterable[Statement]:
        new = tuple(self._statements(entity, events, case, added))
        old = self._stated.get(entity, ())
        if new == old:
            return
        kept = {statement[:3] for statement in new}
        yield from (s._replace(value=None) for s in old if s[:3] not in kept)
        yield from (s for s in new if s not in old)
        self._stated[entity] = new
        if not new:
            del self._stated[entity]

    def _statements(
        self,
        entity: Entity,
        events: Iterable[Event],
        case: Case | None,
        added: Collection[Part] = (),
    ) -> Iterator[Statement]:
        if isinstance(case, ServiceFile):
            yield from _asked(case, self.asked)
        elif isinstance(case, Complaint):
            yield from _of_complaint(case, added)
        elif isinstance(case, Quarter):
            yield from map(_normal, flowed(case))
        elif isinstance(case, Signals):
            yield from map(_normal, worked(case))
            yield from map(_claimed, alarms(case))
            yield from (Statement("fault", f.name, f.incident, f) for f in failures(case))
        elif isinstance(case, Alert | Violation):
            yield from _duty(case)
        else:
            yield from self._of_no_case(entity, events)

    def _of_no_case(self, entity: Entity, events: Iterable[Event]) -> Iterator[Statement]:
        if entity == _CLASSES:
            yield from (Statement("law", event.event_id, None, event) for event in events)
        elif entity.kind == "camera":
            camera = Camera.of(events)
            if camera.place is not None and camera.watches:
                placed = {"place": list(camera.place), "watches": [list(w) for w in camera.watches]}
                yield Statement("camera", entity.id, None, placed | camera.view)
        elif entity.kind == "review":
            yield _reviewed(in_order(events)[-1])
        elif (claim := self._claim(entity, list(events))) is not None:
            yield _claimed(claim)

    def _claim(self, entity: Entity, events: list[Event]) -> Claim | None:
        if entity.kind == "sighting":
            event = events[0]
            camera = self.entities.get(Entity("camera", event.text("camera_id")), {})
            place = _place(event) or Camera.of(camera.values()).place or (None, None)
            return Claim(entity.id, event.text("label"), "sensor", event.occurred_at, *place)
        if entity.kind == "observation":
            event = in_order(events)[0]
            incident = event.text("incident_class")
            place = _place(event) or (None, None)
            known = incident in self.law.at(event.occurred_at).classes.reach
            # An officer who repeats a report makes the same claim, not another one (section 5.2).
            if known and not event.text("origin_ref"):
                return Claim(event.event_id, incident, "officer", event.occurred_at, *place)
        return None

    def _observe(self, after: int | None, until: int) -> None:
        """Camera minutes of every 5-minute window that is closed and was not final before."""
        if after is None:
            first = until - _OBSERVED_BEFORE_FIRST_TICK
        else:
            first = after // _WINDOW * _WINDOW - _SENSOR_LATENESS - _WINDOW
        spans = [
            s
            for s in window.closing("5min", first, until)
            if after is None or s[1] + _SENSOR_LATENESS > after
        ]
        names = {e.id for e in self.entities if e.kind in {"camera", "beats"}}
        for name in sorted(names):
            camera = Camera.of(
                [
                    *self.entities.get(Entity("camera", name), {}).values(),
                    *self.entities.get(Entity("beats", name), {}).values(),
                ]
            )
            scopes = {"city": "city", "intersection": camera.intersection}
            for start, end in spans:
                counters = camera.counters(start, end)
                for kpi in of(CAMERA):
                    self._observed.setdefault(start, set()).add((kpi.id, name, start))
                    shares = kpi.looks_at[CAMERA]((start, counters)) if counters else ()
                    self._ledger.replace((kpi.id, name, start), [part(kpi, scopes, shares)])

    def _uptimes(self, after: int | None, until: int) -> Iterator[Statement]:
        """Minutes up of each hour that is settled by now, of cameras whose field of view is known.

        Said once: what of it comes later is too late (`_too_late`).
        """
        first = until - _OBSERVED_BEFORE_FIRST_TICK if after is None else after
        hours = range(
            (first - _SENSOR_LATENESS) // HOUR * HOUR, until - _SENSOR_LATENESS - HOUR + 1, HOUR
        )
        if not hours:
            return
        for name in sorted(e.id for e in self.entities if e.kind == "camera"):
            camera = Camera.of(
                [
                    *self.entities[Entity("camera", name)].values(),
                    *self.entities.get(Entity("beats", name), {}).values(),
                ]
            )
            for hour in hours if camera.view else ():
                if up := camera.minutes_up(hour):
                    told = {"camera": name, "hour": hour, "up": up}
                    yield Statement("uptime", f"{name}|{hour}", None, told)

    def _prune(self, after: int | None, tick: int) -> set[Entity]:
        """Forget heartbeats and cases whose cells are final; returns the entities that changed.

        What was there at the tick before is kept for one tick longer: after a crash this tick
        is closed again, from that state and from what came since.
        """
        gone: set[Entity] = set()
        for entity in [e for e in self.entities if e.kind in {"beats", "alive"}]:
            kept = _BEATS_KEPT if entity.kind == "beats" else _HEARTBEAT_LATENESS + DAY
            fresh, known = tick - kept, self.entities[entity]
            old_before = fresh if after is None else min(fresh, after - kept)
            old = [
                i for i, e in known.items()
                if e.occurred_at < (fresh if i in self._fresh else old_before)
            ]  # fmt: skip
            if entity.kind == "alive" and len(old) < len(known):
                continue
            for name in old:
                del known[name]
            if old:
                gone.add(entity)
            if not known:
                del self.entities[entity]
                if entity.kind == "alive" and after is not None:
                    # Its whole day is older than any heartbeat that may still come.
                    self._ledger.forget(entity)
        self._fresh.clear()
        return gone if after is None else gone | self._forget(after)

    def _forget(self, tick: int) -> set[Entity]:
        """Forget cases that nothing could change any more after `tick`."""
        short_lived = {name: s for name, s in kinds().items() if s.kept is not None}
        gone: set[Entity] = set()
        for entity in [e for e in self.entities if e.kind in short_lived]:
            case = short_lived[entity.kind]
            if _forgotten(case, next(iter(self.entities[entity].values())), tick):
                self._ledger.forget(entity)
                # What was stated of it stands.
                self._stated.pop(entity, None)
                del self.entities[entity]
                gone.add(entity)
        return gone


def _yields(old: Event, event: Event) -> bool:
    """Of two contents under one id the smaller text wins, so that order cannot matter."""
    return old != event and contract.to_line(event) < contract.to_line(old)


@cache
def _looks(subject: Subject) -> tuple[Look, ...]:
    """How each KPI looks at such a case when it comes alone."""
    return tuple((kpi, kpi.looks_at[subject], None) for kpi in of(subject))


class _Tallies(dict[Subject, tuple[Look, ...]]):
    """How each KPI looks at cases of a kind of which many come together."""

    def __missing__(self, subject: Subject) -> tuple[Look, ...]:
        made = self[subject] = tuple(
            (kpi, shares, shares.tally() if isinstance(shares, Tallied) else None)
            for kpi, shares, _ in _looks(subject)
        )
        return made

    def parts(self) -> Iterator[Part]:
        """What was counted of all of them."""
        for kpi, _, tally in chain.from_iterable(self.values()):
            if tally is not None:
                yield part(kpi, _CITY, tally.shares())


def _contributed(looks: Iterable[Look], events: Iterable[Event], case: Case | None) -> list[Part]:
    """What a case, or the events of none yet, adds to each KPI, but to those that have a tally.

    These count it, and add what they counted when all cases are there.
    """
    told = case or Orphan.of(events)
    scopes, added = told.scopes, []
    for kpi, shares, tally in looks:
        if case or kpi.orphans:
            if tally is None:
                added.append(part(kpi, scopes, shares(told)))
            else:
                tally.add(told)
    return added


def _asked(case: ServiceFile, asked: AskedFor | None) -> Iterator[Statement]:
    request = Request.of(case)
    yield Statement("request", request.case_id, request.group, request)
    for told in told_of_request(case, asked):
        yield Statement(*told)


def _of_complaint(case: Complaint, added: Collection[Part]) -> Iterator[Statement]:
    claim, report, twin = _citizens_claim(case), Report.of(case), Twin.of(case)
    if twin is not None:
        yield Statement(FILING, twin.case_id, twin.group, Filing.adding(twin, case, added))
        matter = report.matter if report else matter_of(case)
        for voice in voices(twin, matter, claim.incident if claim else None):
            yield Statement(VOICE, voice.name, voice.matter, voice)
    if claim is not None:
        yield _claimed(claim)
    if report is not None:
        yield Statement("report", report.case_id, report.matter, report)
    yield from (Statement(*told) for told in told_of_complaint(case))


def _duty(case: Alert | Violation) -> Iterator[Statement]:
    if isinstance(case, Violation):
        told = Recorded.of(case)
        yield Statement("violation", told.case_id, told.group, told)
    elif (severe := Severe.of(case)) is not None:
        yield Statement("alert", severe.case_id, ALERTS, severe)


def _citizens_claim(case: Complaint) -> Claim | None:
    """That something happened of a class that others may have seen; None of anything else."""
    if case.submitted.text("kind") not in {"", "complaint"}:
        return None
    happened = case.submitted.whole("incident_at")
    at = happened or case.submitted_at
    classes = case.law.at(at).classes
    incident = classes.matter(case.category)
    if incident not in classes.reach:
        return None
    slack = 0 if happened else WRITTEN_LATER
    lat, lon = _place(case.submitted) or (None, None)
    return Claim(
        case.case_id, incident, "citizen", at, lat, lon,
        slack=slack, reported=True, copy=case.linked, reporter=case.submitted.text("reporter_key"),
        told_at=case.submitted_at if happened else None,
    )  # fmt: skip


def _reviewed(event: Event) -> Statement:
    incident = event.text("incident_class")
    told = {name: event.text(name) for name in ("case_id", "camera_id", "verdict")}
    placed = {"incident": incident, "event_id": event.event_id, "at": event.occurred_at}
    return Statement("review", event.text("review_id"), incident, placed | told)


def _normal(told: Normal) -> Statement:
    return Statement("normal", told.name, told.incident, told)


def _claimed(claim: Claim) -> Statement:
    return Statement("claim", claim.claim_id, claim.incident, claim)


def _forgotten(case: Subject, event: Event, tick: int) -> bool:
    """Whether an event of such a case was too late at a tick."""
    if case.kept is None:
        return False
    return wib_day_start(event.occurred_at) + DAY + case.kept <= tick


def _alive(entity: Entity, events: Iterable[Event]) -> Part:
    minutes = sorted({e.occurred_at // MINUTE for e in events})
    shares = (Share(minute * MINUTE, {str(minute): 1}) for minute in minutes)
    return part(_ALIVE, {"source": entity.id.rpartition("|")[0]}, shares)


def _law(events: Iterable[Event]) -> Iterator[Part]:
    for event in events:
        share = Share(event.occurred_at, {event.text("content"): 1})
        yield part(_tables(event.type), {event.type: event.text("version")}, [share])


@cache
def _tables(event_type: str) -> Series:
    return Series(LAW, "instant", (event_type,))


def _place(event: Event) -> tuple[float, float] | None:
    lat, lon = event.real("lat"), event.real("lon")
    return None if lat is None or lon is None else (lat, lon)
