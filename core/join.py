"""The join of one claims partition: incidents and closures of a class, requests of an applicant.

Also storms of alerts, and complaints about a service with their records.  The same statement twice
changes nothing; a retraction removes it.  Cells are absolute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from core import join_leaving, violations
from core.alerts import Severe
from core.causes import Causes, Movers
from core.cells import CellKey, Counters, Share, excluded
from core.closures import CLOSURE, Report
from core.counterparts import Counterparts, KeptRecord
from core.events import Event
from core.faults import KNOWN, Failure, known
from core.filings import FILING, VOICE, Filing, Voice, taken_back
from core.grievances import GRIEVANCE, Grievance
from core.join_leaving import UPTIME_KEPT, Name, Rest
from core.kpi import Case, Subject
from core.kpis import of
from core.law import SHIPPED, Law
from core.leaving import FROZEN
from core.ledger import Ledger, Part, part
from core.moment import DAY, wib_day_start
from core.opposites import Normal, Normality
from core.recall import CONFIRMED, DETECTION, Confirmed, Detection, confirmed, reviewed
from core.requests import REQUEST, Request, counting
from core.storms import STORM, Sky
from core.triangulation import INCIDENT, Claim, Incident, incidents, of_law
from core.uptimes import Uptimes, hours_of
from core.verdict_news import News, news
from core.verdicts import REPORT, Judged, Review, judged, seeing, watched_span
from core.vicinity import Piece, Vicinity
from core.views import View
from core.violations import FOLLOWED, Recorded

_GROUPED_BY = {
    "request": "group", "claim": "incident", "review": "incident", "normal": "incident",
    "violation": "group", "fault": "incident", FILING: "group", VOICE: "group",
}  # fmt: skip
_STRUCTS: Mapping[str, type[Struct]] = {
    "alert": Severe, "claim": Claim, "fault": Failure, "grievance": Grievance, "law": Event,
    "normal": Normal, "record": KeptRecord, "report": Report, "request": Request, "review": Review,
    "violation": Recorded, FILING: Filing, VOICE: Voice,
}  # fmt: skip
Said = Struct | Mapping[str, Any] | None
_EVIDENCE = {"review", "normal", "fault"}
"""Kinds of statements that are looked at together with the claims of a class."""
_BY_THEMSELVES: Mapping[str, Callable[[Mapping[str, Any], Rest], set[str]]] = {
    "request": join_leaving.requests, "violation": join_leaving.violations,
    "alert": join_leaving.alerts, "fault": join_leaving.faults, FILING: join_leaving.filings,
}  # fmt: skip
"""Which statements of a group can leave, of kinds that nothing else is judged by."""
_REPEATED: Mapping[str, tuple[Subject, Callable[[Iterable[Any]], list[Any]]]] = {
    "request": (REQUEST, counting), "violation": (FOLLOWED, violations.counting),
}  # fmt: skip
"""Kinds of which those count that repeat no earlier one of their group."""
_MANY = {*_REPEATED, FILING, VOICE}
"""Kinds with a group for each applicant, plate or reporter."""
JOINS = 4
"""Partitions of the claims, whatever the number of those of events.

Each fold tells each join at every tick that it is there: as many joins as folds would make the
square of their number.  And claims are what people report, not what cameras see.
"""
LEFT = "left"
"""Kind of the records that name what left."""
_NAMES_A_RECORD = 5_000
_AT_ONCE = 4_096

Group = tuple[str, str]
_Put = Callable[[tuple[str, object], Iterable[Part]], object]


class Joined(NamedTuple):
    """What one tick made of one partition.

    `cells` are absolute; `settled` is what left them without being taken back, to be added once
    (`core.fold.Closed`).  `state` are the records to be kept, None removes one.
    """

    cells: Mapping[CellKey, Counters]
    settled: Mapping[CellKey, Counters]
    state: Mapping[Name, Any]
    moved: Mapping[CellKey, Causes]
    """Statements that moved cells which a final row may hold: those of the same class, applicant
    or record that changed at this tick (C5)."""


@dataclass
class Join:
    """State of one partition.  Call `state` for each statement, `close` at each tick."""

    settles: bool = True
    """Whether statements leave at all."""
    keeps: bool = True
    """Whether anybody keeps its state: without that no records of it are made."""
    complete: bool = False
    """Whether all of every case is told before the first tick: then what was counted is not
    remembered."""
    last_tick: int | None = None
    known: dict[Name, Any] = field(default_factory=dict)
    """By name what a statement says: a request, claim, report or review, else its fields."""
    law: Law = SHIPPED
    """As far as it is told of: the versions of the classes of incidents."""
    uptimes: Uptimes = field(default_factory=Uptimes)
    _over: set[Name] = field(default_factory=set)
    """Those that nobody will change any more."""
    _heard: dict[Name, int] = field(default_factory=dict)
    """The tick at which each was told last."""
    _retracted: dict[Name, int] = field(default_factory=dict)
    _left: dict[Name, int] = field(default_factory=dict)
    """Records that name what left, by the tick."""
    _leftover: set[Name] = field(default_factory=set)
    """Left, and a record of it is still there."""
    _changed: set[Name] = field(default_factory=set)
    _ledger: Ledger = field(default_factory=Ledger)
    _movers: Movers = field(default_factory=Movers)
    _news: dict[Group, set[str]] = field(default_factory=dict)
    """By class, applicant or record: statements that changed since the last tick."""
    _vicinity: Vicinity = field(default_factory=Vicinity)
    _sky: Sky = field(default_factory=Sky)
    _counterparts: Counterparts = field(default_factory=Counterparts)
    _groups: dict[Group, dict[str, Any]] = field(default_factory=dict)
    _dirty: set[Group] = field(default_factory=set)
    _whole: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    """With `complete`: what is counted and forgotten, by kind and group."""
    _reports: dict[Group, tuple[Judged, ...]] = field(default_factory=dict)
    _confirmed: dict[Group, tuple[Confirmed, ...]] = field(default_factory=dict)
    _detections: dict[Group, tuple[Detection, ...]] = field(default_factory=dict)
    news: list[News] = field(default_factory=list)
    """Verdicts that the last `close` moved."""
    _needs: dict[Group, set[tuple[str, int]]] = field(default_factory=dict)
    """Cameras and hours that the verdicts of a group of claims ask of."""
    _told_up: set[tuple[str, int]] = field(default_factory=set)

    def state(self, kind: str, name: str, value: Said, *, over: bool = False) -> None:
        """Take, replace or (None) retract one statement; `over`: as it is it stays for good."""
        if kind == "uptime" and isinstance(value, Mapping):
            day = self.uptimes.note(value["camera"], value["hour"], value["up"])
            self._told_up.add((value["camera"], value["hour"]))
            self._changed.add((kind, day))
            return
        at = kind, name
        if over:
            if at in self.known and at not in self._over:
                self._over.add(at)
                self._changed.add(at)
            return
        made = None if value is None else _made(kind, value)
        if self.complete and kind in _REPEATED:
            # Said once, and counted with its group at the first tick.
            groups = self._whole.setdefault(kind, {})
            groups.setdefault(_group(kind, made)[1], []).append(made)
            return
        if made != self.known.get(at):
            self._replace(at, made)
            self._over.discard(at)
            self._changed.add(at)

    def close(self, tick: int) -> Joined:
        """Everything that changed since the previous tick.  Ticks must increase."""
        self.news.clear()
        for at in self._changed:
            times = self._heard if at in self.known else self._retracted
            times[at] = tick
        self._account(partial(self._put, tick))
        records = dict[Name, Any]()
        if self.settles and wib_day_start(tick) != wib_day_start(self.last_tick or tick):
            records |= self._leave(tick)
        records |= dict.fromkeys(self._leftover)
        if self.keeps:
            records |= {at: self._kept(at) for at in self._changed if at not in records}
        self._leftover.clear()
        self._changed.clear()
        self._news.clear()
        self.last_tick = tick
        cells, settled = self._ledger.take()
        return Joined(cells, settled, records, self._movers.take())

    def restore(self, records: Mapping[Name, tuple[int, Any]], tick: int | None) -> None:
        """Take back the state after `tick` from records (when they were written, what they say).

        What lies beyond that tick is there when its statements come again.  None: no tick was
        ever closed for good.
        """
        left: dict[Name, int] = {}
        for at, (written, names) in records.items():
            if at[0] == LEFT and tick is not None and written <= tick:
                self._left[at] = written
                for kind, name in names:
                    left[kind, name] = written
        for at, (written, value) in records.items():
            if written <= left.get(at, -1):
                # Its tombstone was not written, or a frozen worker wrote it again.
                self._leftover.add(at)
            elif at[0] == "uptime":
                self.uptimes.restore(at[1], value[0])
            elif at[0] != LEFT and value[0] is None:
                self._retracted[at] = written
            elif at[0] != LEFT:
                self._replace(at, _made(at[0], value[0]))
                self._heard[at] = written
                if len(value) > 1:
                    self._over.add(at)
        self._account(self._ledger.replace)
        self._ledger.told()
        self._news.clear()
        self.news.clear()
        self.last_tick = tick

    def _kept(self, at: Name) -> Any:
        """The record of a statement; None: it is no more.

        A retraction is kept too: were it removed, an older record that a frozen worker writes when
        it wakes up would bring the statement back.
        """
        if at[0] == "uptime":
            return [self.uptimes.day(at[1])]
        if (made := self.known.get(at)) is None:
            return [None]
        return [made, True] if at in self._over else [made]

    def _replace(self, at: Name, made: Any) -> None:
        """Put what a statement says in its place; None takes it away."""
        kind, name = at
        old = self.known.get(at)
        for one in (old, made):
            # Before the first tick nothing was final, so nobody asks who moved what.
            if one is not None and self.last_tick is not None and kind != VOICE:
                self._news.setdefault(_about(kind, one), set()).add(":".join(at))
        if old is not None and not self._counterparts.drop(name, old):
            group = _group(kind, old)
            del self._groups[group][name]
            self._vicinity.drop(name, old)
            self._sky.drop(name, old)
            self._dirty.add(group)
        if made is None:
            self.known.pop(at, None)
            self._heard.pop(at, None)
            return
        self.known[at] = made
        self._retracted.pop(at, None)
        if not self._counterparts.put(name, made):
            group = _group(kind, made)
            self._groups.setdefault(group, {})[name] = made
            self._vicinity.put(name, made)
            self._sky.put(name, made)
            self._dirty.add(group)

    def _put(self, tick: int, subject: tuple[str, object], made: Iterable[Part]) -> None:
        gone, came = self._ledger.replace(subject, made)
        # Before the first tick nothing was final.
        if self.last_tick is not None and (gone or came):
            self._movers.note(gone, came, self._news_of(subject[1]), tick)

    def _news_of(self, group: object) -> set[str]:
        """Statements that changed and may have moved what a group adds."""
        law = self._news.get(("law", ""), set())
        match group:
            case Piece(matter=matter):
                return self._news.get(("claim", matter), set()) | law
            case str(key):
                return self._news.get(("record", key), set())
            case ("request" | "violation" | "filing" as kind, str(name)):
                return self._news.get((kind, name), set())
            case (STORM.name, str()):
                return self._news.get(("alert", ""), set())
            case ("claim", str(name)) | (_, ("claim", str(name))):
                # Cameras see all classes.
                cameras = self._news.get(("claim", ""), set())
                return self._news.get(("claim", name), set()) | cameras | law
            case _:
                return set()

    def _account(self, put: _Put) -> None:
        """Count anew what changed; `put` notes what each group adds."""
        self._count_whole()
        self._enact()
        self._hear()
        if ("camera", "") in self._dirty:
            self._dirty |= {g for g in self._groups if g[0] == "claim"}
        self._dirty |= {("claim", name) for kind, name in self._dirty if kind in _EVIDENCE}
        self._dirty |= {g for g, asked in self._needs.items() if asked & self._told_up}
        self._told_up.clear()
        for group in sorted(self._dirty):
            members = self._groups.get(group, {})
            if group[0] in _REPEATED:
                subject, firsts = _REPEATED[group[0]]
                self._count(subject, group, firsts(members.values()), put)
            elif group[0] == FILING:
                put((FILING, group), taken_back(members.values()))
            elif group[0] == "claim":
                members = self._once(group[1], of_law(members, self.law))
                found = incidents(members.values(), self.law)
                self._count_incidents(group, members, found, put)
                self._count_verdicts(group, members, found, put)
                failed = self._groups.get(("fault", group[1]), {})
                with_first = known(failed.values(), found) if failed else []
                self._count(KNOWN, (KNOWN.name, group), with_first, put)
            if not self._groups.get(group):
                self._groups.pop(group, None)
        self._dirty.clear()
        for square, closures in self._vicinity.changed():
            self._count(CLOSURE, square, closures, put)
        for name, faces in self._sky.changed():
            self._count(STORM, (STORM.name, name), faces, put)
        for key, compared in self._counterparts.changed():
            self._count(GRIEVANCE, key, compared, put)

    def _hear(self) -> None:
        """Somebody filed twice, or it is known now that he did not.

        What is told so of a claim is told with the claim, and it is counted anew.
        """
        moved = self._vicinity.twins.moved
        if self.last_tick is not None:
            for matter, names in moved.items():
                self._news.setdefault(("claim", matter), set()).update(
                    f"{VOICE}:{name}" for name in names
                )
        moved.clear()

    def _once(self, matter: str, claims: dict[str, Claim]) -> dict[str, Claim]:
        """Claims of a class, of which those that repeat another one say so."""
        twice = self._vicinity.twins.claims(matter)
        if not twice:
            return claims
        return {n: replace(c, copy=True) if n in twice else c for n, c in claims.items()}

    def _enact(self) -> None:
        """Another version of the classes judges all claims and closures."""
        if ("law", "") in self._dirty:
            told = Law.told_by(self._groups.get(("law", ""), {}).values())
            if told.history == self.law.history:
                return
            self.law = told
            self._dirty |= {g for g in self._groups if g[0] == "claim"}
            self._vicinity.enact(told)

    def _leave(self, tick: int) -> dict[Name, Any]:
        """Once a day: let go what can change nothing any more; returns the records of that."""
        rest = Rest(tick, self._over, self._heard)
        leaving = sorted(self._leaving(rest))
        for at in leaving:
            self._replace(at, None)
            self._over.discard(at)
        moved = len(self.news)
        self._account(self._ledger.reduce)
        # That a verdict is not looked at any more is no news.
        del self.news[moved:]
        leaving += [("uptime", day) for day in self._forget_uptimes(tick)]
        gone: set[Name] = set(leaving)
        for kept in (self._retracted, self._left):
            old = [at for at, since in kept.items() if since + FROZEN <= tick]
            gone.update(old)
            for at in old:
                del kept[at]
        named = {
            (LEFT, f"{tick}|{first}"): [list(at) for at in leaving[first : first + _NAMES_A_RECORD]]
            for first in range(0, len(leaving), _NAMES_A_RECORD)
        }
        self._left |= dict.fromkeys(named, tick)
        return {**named, **dict.fromkeys(gone)}

    def _forget_uptimes(self, tick: int) -> Iterator[str]:
        """Days that are old and that no verdict asks for."""
        kept = UPTIME_KEPT + self.law.longer()
        asked = {
            (camera, hour // DAY * DAY) for need in self._needs.values() for camera, hour in need
        }
        for camera, day in list(self.uptimes.days()):
            if day + DAY + kept <= tick and (camera, day) not in asked:
                yield self.uptimes.forget(camera, day)

    def _leaving(self, rest: Rest) -> Iterator[Name]:
        rest = self._settled(rest)
        told = {name: made for (kind, name), made in self.known.items() if kind == "report"}
        gone = join_leaving.reports(told, rest, self.law)
        yield from (("report", name) for name in gone)
        kept: dict[str, list[Report]] = {}
        for name in told.keys() - gone:
            kept.setdefault(told[name].matter, []).append(told[name])
        views = views_of(self._groups.get(("camera", ""), {}))
        staying: dict[str, list[Claim]] = {}
        resting = self._resting(rest)
        for group in [g for g in self._groups if g in resting or g[0] not in _MANY]:
            (kind, name), members = group, self._groups[group]
            if (alone := _BY_THEMSELVES.get(kind)) is not None:
                yield from ((kind, one) for one in alone(members, rest))
            elif kind == "claim":
                reviews = self._groups.get(("review", name), {})
                gone = join_leaving.claims(
                    members, views, kept.get(name, ()), list(reviews.values()), rest, self.law
                )
                yield from (("claim", one) for one in gone)
                staying[name] = [claim for one, claim in members.items() if one not in gone]
        yield from self._unheard(kept, staying, rest)
        for (kind, name), members in self._groups.items():
            if kind == "review":
                gone = join_leaving.reviews(members, staying.get(name, ()), rest)
                yield from (("review", one) for one in gone)
            elif kind == "normal":
                gone = join_leaving.normals(members, staying.get(name, ()), rest, self.law)
                yield from (("normal", one) for one in gone)
        keys = sorted(name for kind, name in resting if kind == "record")
        for complaints, records in map(self._counterparts.of_key, keys):
            ended, unasked = join_leaving.grievances(complaints, records, rest)
            yield from (("grievance", name) for name in ended)
            yield from (("record", name) for name in unasked)

    def _settled(self, rest: Rest) -> Rest:
        """No claim and no report is over of which somebody may still say that it is a copy."""
        early = set[str]()
        for (kind, _), members in self._groups.items():
            if kind == VOICE and len(members) > 1:
                early |= join_leaving.voices(members, (), rest)[1]
        return Rest(
            rest.tick, rest.over - {(kind, name) for kind in ("claim", "report") for name in early},
            rest.heard,
        ) if early else rest  # fmt: skip

    def _unheard(
        self,
        reports: Mapping[str, Iterable[Report]],
        claims: Mapping[str, Iterable[Claim]],
        rest: Rest,
    ) -> Iterator[Name]:
        """Voices that no report and no claim that stays is judged by."""
        staying = {one.case_id for own in reports.values() for one in own}
        staying |= {one.claim_id for own in claims.values() for one in own if one.reported}
        for (kind, _), members in self._groups.items():
            if kind == VOICE:
                gone, _ = join_leaving.voices(members, staying, rest)
                yield from ((VOICE, name) for name in gone)

    def _resting(self, rest: Rest) -> set[Group]:
        """What somebody may leave from: groups with a statement that nothing is linked with."""
        told = ((at, self.known.get(at)) for at in self._over if rest.may(at, 0))
        return {_about(kind, made) for (kind, _), made in told if made is not None}

    def _count_verdicts(
        self, group: Group, members: Mapping[str, Claim], found: Sequence[Incident], put: _Put
    ) -> None:
        views = views_of(self._groups.get(("camera", ""), {}))
        reviews = list(self._groups.get(("review", group[1]), {}).values())
        uptime = self.uptimes.by_camera
        self._needs[group] = {
            (view.camera_id, hour)
            for claim in members.values()
            if not claim.by_camera
            for view in seeing(claim, views)
            for hour in hours_of(*watched_span(claim, self.law))
        }
        self._confirmed[group] = tuple(confirmed(members.values(), views, uptime, self.law))
        self._count(CONFIRMED, group, self._confirmed[group], put)
        self._detections[group] = tuple(reviewed(members.values(), views, reviews, self.law))
        self._count(DETECTION, (DETECTION.name, group), self._detections[group], put)
        normal = Normality(self._groups.get(("normal", group[1]), {}).values())
        before = self._reports.get(group, ())
        self._reports[group] = tuple(judged(found, views, uptime, reviews, normal, self.law))
        self.news += news(before, self._reports[group])
        self._count(REPORT, group, self._reports[group], put)

    def confirmed(self) -> Iterator[Confirmed]:
        """Every incident of this partition that cameras should have told of, likewise."""
        for _, found in sorted(self._confirmed.items()):
            yield from found

    def detections(self) -> Iterator[Detection]:
        """Every sighting of this partition whose clip was reviewed, likewise."""
        for _, found in sorted(self._detections.items()):
            yield from found

    def reports(self) -> Iterator[Judged]:
        """Every verdict of this partition, as at the last `close`."""
        for _, found in sorted(self._reports.items()):
            yield from found

    def _count_whole(self) -> None:
        """Nobody asks again whose what was, so it is added in any order, many at a time."""
        for kind, groups in self._whole.items():
            subject, firsts = _REPEATED[kind]
            counted = chain.from_iterable(map(firsts, groups.values()))
            while cases := list(islice(counted, _AT_ONCE)):
                self._count(subject, kind, cases, _to(self._ledger.add))
        self._whole.clear()

    def _count(self, subject: Subject, group: object, cases: Sequence[Case], put: _Put) -> None:
        """What the cases of a group add together."""
        made: list[Part] = []
        counted = [(kpi, kpi.looks_at[subject]) for kpi in of(subject)]
        for case in cases:
            scopes = case.scopes
            made += [part(kpi, scopes, shares(case)) for kpi, shares in counted]
        put((subject.name, group), made)

    def _count_incidents(
        self, group: Group, members: Mapping[str, Claim], found: Sequence[Incident], put: _Put
    ) -> None:
        cameras = [
            (tuple(camera["place"]), since, until)
            for camera in self._groups.get(("camera", ""), {}).values()
            for since, until in camera["watches"]
        ]
        scopes = {"city": "city", "category": group[1]}
        for kpi in of(INCIDENT):
            shares: list[Share] = []
            for incident in found:
                if incident.monitored(cameras, self.law):
                    shares += kpi.looks_at[INCIDENT](incident)
            for claim in members.values():
                if claim.place is None:
                    shares.append(Share(claim.at, excluded("unlocated")))
            put((kpi.id, group), [part(kpi, scopes, shares)])


def _to(add: Callable[[Iterable[Part]], None]) -> _Put:
    """Counted for good: whose it is does not matter any more."""
    return lambda _subject, made: add(made)


def views_of(cameras: Mapping[str, Mapping[str, Any]]) -> list[View]:
    """The fields of view that are known, in order of the cameras."""
    made = (View.from_json(name, told) for name, told in sorted(cameras.items()))
    return [view for view in made if view]


def _group(kind: str, made: Any) -> Group:
    """What is counted together; there is one group of all cameras."""
    name = _GROUPED_BY.get(kind)
    return kind, str(getattr(made, name)) if name else ""


def _about(kind: str, made: Any) -> Group:
    """What a statement may move: what is told of a class, an applicant or a record."""
    if kind in {"grievance", "record"}:
        return "record", str(made.key)
    if kind in {"report", VOICE}:
        return "claim", str(made.matter)
    own = kind in {"request", "violation", "alert", "law", FILING}
    return kind if own else "claim", _group(kind, made)[1]


def _made(kind: str, value: Struct | Mapping[str, Any]) -> Any:
    """What a statement says, whether it comes from this process or as JSON."""
    if isinstance(value, Struct):
        return value
    if kind in _STRUCTS:
        return msgspec.convert(value, _STRUCTS[kind])
    return dict(value)
