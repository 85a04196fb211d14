"""The complaints of the story: filed over the weeks before, lived through to the day's end."""

from __future__ import annotations

from core import moment
from sim import plots, workdays
from sim.cases import Complaint, Step
from sim.chance import Chance
from sim.city import CATEGORIES, CENTRE, KELURAHAN_CODES, intersections, moved
from sim.claims import Claim, Field

_SOURCES = {"sikesal": 88, "sp4n_lapor": 6, "call112": 4, "walk_in": 2}
_CLASSES = {"non_supervisory": 84, "info": 6, "supervisory": 7, "": 3}
_WEIGHTS = {name: category.weight for name, category in CATEGORIES.items()}
_PLOT_WEIGHTS = {name: weight for name, (weight, _) in plots.PLOTS.items()}
_ALWAYS_VERIFIED = {"on_time": 6, "late": 2, "never_solved": 2}
_OLD = 85 * moment.DAY
_TRIES = 200


class Desk:
    """Takes in complaints one after the other; numbers them; knows all so far."""

    def __init__(self, chance: Chance, field: Field, start: int, end: int) -> None:
        """A desk for cases filed from `start`, seen until `end` (moments)."""
        self._chance, self._field, self._start, self._end = chance, field, start, end
        self.complaints: list[Complaint] = []

    def ordinary(self) -> None:
        """A complaint of any category, anywhere, on any day; a few are old supervisory cases."""
        days = (self._end - self._start) // moment.DAY
        category = self._chance.of(_WEIGHTS)
        plot = self._chance.of(_PLOT_WEIGHTS)
        if old := self._chance.happens(0.015):
            first = self._end - _OLD - 5 * moment.DAY + self._chance.whole(0, 6) * moment.DAY
        else:
            first = self._start + self._chance.whole(0, days - 1) * moment.DAY
        submitted = self._chance.busy_hour(first)
        self.take(category, plot, submitted, None, "supervisory" if old else None)

    def take(self, category: str, plot: str, submitted_at: int,
             around: tuple[tuple[float, float], int] | None = None,
             sla_class: str | None = None) -> Complaint:  # fmt: skip
        """A complaint filed at a moment; `around` is the place and time of what it is about."""
        chance = self._chance
        kind = None if around or sla_class else self._kind()
        if kind in ("aspiration", "wbs"):
            plot = "never_solved"
        elif kind == "info":
            plot, sla_class = chance.of(_ALWAYS_VERIFIED), chance.of({"info": 4, "": 1})
        point, incident_at = self._place(category, submitted_at, around)
        source = chance.of(_SOURCES)
        complaint = Complaint(
            source=source,
            number=f"{source[:2].upper()}-2026-{len(self.complaints) + 1:06d}",
            category=category,
            kind=kind,
            kelurahan_code=chance.one(KELURAHAN_CODES),
            point=point,
            incident_at=incident_at,
            phone=f"08{chance.digits(10)}",
            origin_ref=None,
            plot=plot,
            steps=self._life(category, plot, submitted_at, sla_class, kind),
        )
        self.complaints.append(complaint)
        return complaint

    def copies(self, linked: int, rekeyed: int) -> None:
        """Second reports of a matter: by neighbours, and by operators who key a case in again."""
        latest = self._end - 31 * moment.HOUR
        masters = [
            c
            for c in self.complaints
            if c.kind is None and c.plot in _ALWAYS_VERIFIED and c.submitted_at < latest
        ]
        for index in range(linked + rekeyed):
            master = self._chance.one(tuple(masters))
            if index < linked:
                self._neighbour(master, unlinked=index % 4 == 0)
            elif master.source != "sikesal":
                self._rekeyed(master)

    def _neighbour(self, master: Complaint, *, unlinked: bool) -> None:
        wait = self._chance.between(10 * moment.MINUTE, 30 * moment.HOUR)
        around = (master.point, master.submitted_at + wait) if master.point else None
        child = self.take(master.category, "never_solved", master.submitted_at + wait, around)
        linked_at = child.submitted_at + self._chance.between(moment.MINUTE, 8 * moment.MINUTE)
        link = Step("duplicate_linked", linked_at, {"master_case_id": master.case_id})
        if unlinked:
            # Linked by mistake: from now on it lives and counts for itself.
            later = linked_at + self._chance.between(moment.SECOND, moment.MINUTE)
            child.plot, extra = "unlinked", [link, Step("duplicate_unlinked", later)]
            child.steps = [child.steps[0], *extra, *child.steps[1:]]
        else:
            child.plot, child.steps = "duplicate", [child.steps[0], link]
        child.steps = [step for step in child.steps if step.at < self._end]

    def _rekeyed(self, master: Complaint) -> None:
        # Within the time of every class: 20 minutes later would be a close call wherever it is.
        wait = self._chance.between(5 * moment.MINUTE, 19 * moment.MINUTE)
        around = (master.point, master.submitted_at + wait) if master.point else None
        copy = self.take(master.category, "duplicate", master.submitted_at + wait, around)
        copy.source, copy.origin_ref = "sikesal", master.case_id
        copy.number = f"SI{copy.number[2:]}"
        linked_at = copy.submitted_at + self._chance.between(moment.MINUTE, 8 * moment.MINUTE)
        copy.steps.append(Step("duplicate_linked", linked_at, {"master_case_id": master.case_id}))
        copy.steps = [step for step in copy.steps if step.at < self._end]

    def _kind(self) -> str | None:
        return (
            self._chance.of({"": 180, "complaint": 9, "info": 9, "aspiration": 1, "wbs": 1}) or None
        )

    def _life(self, category: str, plot: str, submitted_at: int,
              sla_class: str | None, kind: str | None) -> list[Step]:  # fmt: skip
        of_category = CATEGORIES[category]
        drawn = sla_class if sla_class is not None else self._chance.of(_CLASSES)
        life = plots.Life(self._chance, of_category.opd, drawn or None, of_category.local_hours,
                          [Step("submitted", submitted_at)],
                          "info" if kind == "info" else "non_supervisory")  # fmt: skip
        if plot in plots.PLOTS:
            plots.PLOTS[plot][1](life)
            plots.told(life)
        return [step for step in life.steps if step.at < self._end]

    def _place(self, category: str, submitted_at: int,
               around: tuple[tuple[float, float], int] | None
               ) -> tuple[tuple[float, float] | None, int | None]:  # fmt: skip
        """Point and incident_at, such that no link of the claim is a close call."""
        if around is None and self._chance.happens(0.03):
            return None, None
        incident = CATEGORIES[category].incident
        for _ in range(_TRIES):
            point, at = self._spot(around, submitted_at)
            if incident is None:
                return point, at
            claim = Claim(incident, "citizen", point, submitted_at if at is None else at)
            if self._field.is_clear(claim):
                self._field.add(claim)
                return point, at
        message = f"no clear place for a complaint of {category}: fewer complaints, please"
        raise RuntimeError(message)

    def _spot(self, around: tuple[tuple[float, float], int] | None, submitted_at: int
              ) -> tuple[tuple[float, float], int | None]:  # fmt: skip
        chance = self._chance
        if around is not None:
            (lat, lon), happened = around
            point = moved(lat, lon, chance.real(-25, 25), chance.real(-25, 25))
            return point, happened if happened != submitted_at else None
        if chance.happens(0.35):
            lat, lon = chance.one(tuple(intersections().values()))
            point = moved(lat, lon, chance.real(-220, 220), chance.real(-220, 220))
        else:
            point = moved(*CENTRE, chance.real(-4000, 4000), chance.real(-5500, 5500))
        if chance.happens(0.1):
            return point, submitted_at - chance.between(moment.MINUTE, 2 * moment.HOUR)
        return point, None


def first_day(day_start: int, days: int) -> int:
    """Start of the civil day `days` before; raises ValueError outside 2026."""
    start = day_start - days * moment.DAY
    if workdays.wib_date(start - _OLD).year != 2026 or workdays.wib_date(day_start).year != 2026:
        message = "the story needs a day from May to December 2026: other calendars are not loaded"
        raise ValueError(message)
    return start
