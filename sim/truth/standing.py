"""Where a complaint stands at a moment, from its steps up to then.

Rules (catalogue C3, C4, C10, C10b and KPI 3):
- first filed: by its own reporter, or by that of a copy that it has (`sim.truth.links`).
- complete_at: the first `verified{valid}` after the last `verified{incomplete}`; else the first
  `completed_by_reporter` after the last incomplete verdict; else, with no incomplete verdict at
  all, the first filing.  None means that the case waits for its reporter.
- class: that of the valid verdict; where it names none, `info` for kind info, else
  non_supervisory.
- resolution: the last `resolved` that no `reopened` followed within ten working days of it.
- a decree moves limits that run (C2c): the national one until the case is done with, that is solved
  by a resolution that stands, closed or ended without a solution, whichever came first; the time to
  object is settled by the resolution.
- left out: rejected, withdrawn, archived, linked as a duplicate and not unlinked since, filed
  before through another channel (`copy`), aspirations and secret (wbs) reports, the first of these
  that is so; a waiting case is `paused`.
- a step at the very moment asked about has not happened yet: a day ends before its midnight.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from core.events import Value
from sim.cases import Complaint, Step
from sim.truth.links import first_filed, is_linked
from sim.workdays import NO_DECREE, Decree

LIMIT = {"info": 5, "non_supervisory": 14, "supervisory": 60}
OBJECTION_DAYS = 10
ENDS = ("rejected", "withdrawn", "archived", "closed")


@dataclass(frozen=True, eq=False)
class Standing:
    """What is known of a complaint just before a moment."""

    complaint: Complaint
    steps: tuple[Step, ...]
    copy: bool = False
    decree: Decree = NO_DECREE

    def times(self, what: str, **fields: Value) -> list[int]:
        """Moments of the steps of a kind, in order."""
        return [
            step.at for step in self.steps
            if step.what == what and all(step.fields.get(k) == v for k, v in fields.items())
        ]  # fmt: skip

    @cached_property
    def complete_at(self) -> int | None:
        """When the file was complete; None while the reporter is asked for more."""
        asked = self.times("verified", verdict="incomplete")
        since = max(asked, default=0)
        for what, fields in (("verified", {"verdict": "valid"}), ("completed_by_reporter", {})):
            later = [at for at in self.times(what, **fields) if at > since]
            if later and (asked or what == "verified"):
                return later[0]
        return None if asked else self.first_filed

    @cached_property
    def first_filed(self) -> int:
        """When the first citizen filed the matter."""
        return first_filed(self.complaint.submitted_at, self.steps)

    @cached_property
    def linked(self) -> bool:
        """Whether somebody said that it is a copy, and not since that it is none."""
        return is_linked(self.steps)

    @cached_property
    def sla_class(self) -> str:
        """info, non_supervisory or supervisory."""
        for step in self.steps:
            if step.what == "verified" and step.fields.get("sla_class"):
                return str(step.fields["sla_class"])
        return "info" if self.complaint.kind == "info" else "non_supervisory"

    @cached_property
    def due(self) -> int | None:
        """National limit; None without complete_at."""
        if self.complete_at is None:
            return None
        return self.decree.due(self.complete_at, LIMIT[self.sla_class], self.done_at)

    @cached_property
    def done_at(self) -> int | None:
        """When it was done with; None while it is open."""
        ends = [at for at in (self.ended_at, self.resolved_at) if at is not None]
        return min(ends, default=None)

    @cached_property
    def ended_at(self) -> int | None:
        """When it was first closed, or ended without a solution."""
        return min((at for what in ENDS for at in self.times(what)), default=None)

    def objection_ends(self, resolved: int) -> int:
        """The last instant to object to a resolution."""
        return self.decree.due(resolved, OBJECTION_DAYS, resolved)

    @cached_property
    def resolved_at(self) -> int | None:
        """Effective resolution (C4); None when there is none that stands."""
        standing = None
        for resolved in self.times("resolved"):
            last_day = self.objection_ends(resolved)
            if not any(resolved < again <= last_day for again in self.times("reopened")):
                standing = resolved
        return standing

    @cached_property
    def ended_without_solution(self) -> str | None:
        """rejected, withdrawn, archived or duplicate; None otherwise."""
        for what in ("rejected", "withdrawn", "archived"):
            if self.times(what):
                return what
        return "duplicate" if self.linked or self.copy else None

    @cached_property
    def left_out(self) -> str | None:
        """Why the case counts nowhere in KPI 3, 4 and 7; None when it counts."""
        return self.gone or ("paused" if self.complete_at is None else None)

    @cached_property
    def gone(self) -> str | None:
        """Why it counts nowhere, waiting or not; None when it counts."""
        kind = self.complaint.kind
        return self.ended_without_solution or (kind if kind in ("aspiration", "wbs") else None)

    @cached_property
    def long_cycle(self) -> bool:
        """The agency said that capital works are needed."""
        return any(step.fields.get("long_cycle") is True for step in self.steps)

    @cached_property
    def opd(self) -> str | None:
        """The agency that has the case now; None before it was handed to one."""
        return self.opd_at(self.steps[-1].at)

    def opd_at(self, at: int) -> str | None:
        """The agency that had the case at a moment."""
        named = [
            step.fields["opd"] for step in self.steps
            if step.what in ("forwarded", "assigned") and step.at <= at
        ]  # fmt: skip
        return str(named[-1]) if named else None


def standing(complaint: Complaint, at: int, decree: Decree = NO_DECREE) -> Standing | None:
    """The complaint as known just before `at`; None when it was not yet filed."""
    if complaint.submitted_at >= at:
        return None
    steps = tuple(step for step in complaint.steps if step.at < at)
    return Standing(complaint, steps, decree=decree)
