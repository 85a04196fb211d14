"""A request for public information (PPID): the set of its events, and what follows from it.

Rules: KPI 15 of the catalogue; UU 14/2008 article 22(7): ten working days, and seven more if the
agency said why before they were over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from propcache.api import cached_property

from core.calendar import Due
from core.events import Event, first_of, in_order
from core.kpi import Subject
from core.law import SHIPPED, Law, Limit, Recomputed
from core.lifecycle import Step
from core.lifecycles.information import INFORMATION_LIFE, extended, is_lawful, usual

OBJECTION_DAYS = 30
"""Working days to object to an answer (UU 14/2008 article 36, figure verified)."""

LIFE = ("info.answered", "info.extended", "info.objection", "info.received")
"""Every event type of a request.  An objection is kept and changes no number here."""


@dataclass(frozen=True)
class InfoRequest:
    """One request.  `events` is sorted; `received` is its first receipt; `law` judges it."""

    events: tuple[Event, ...]
    received: Event
    law: Law = SHIPPED

    @classmethod
    def of(cls, events: Iterable[Event], law: Law = SHIPPED) -> InfoRequest | None:
        """The request, or None while its receipt is not known."""
        ordered = in_order(events)
        first = first_of(ordered, "info.received")
        return cls(ordered, first, law) if first else None

    @cached_property
    def life(self) -> tuple[Step, ...]:
        """Its walk through the lifecycle."""
        return INFORMATION_LIFE.walk(self.events, self.law)

    @property
    def _limit(self) -> Limit:
        return extended if any(step.name == "extended" for step in self.life) else usual

    @cached_property
    def due(self) -> Due:
        """The last instant to answer: later only by an extension with a reason, sent in time."""
        return self.law.due(self.received.occurred_at, self._limit, self._answered_at)

    @property
    def recomputed(self) -> tuple[Recomputed, ...]:
        """What other versions made of its due instant while it was open."""
        name = self.received.text("case_id")
        return self.law.recomputed(
            name, "answer", self.received.occurred_at, self._limit, self._answered_at
        )

    @property
    def _answered_at(self) -> int | None:
        return self.answer.occurred_at if self.answer else None

    @cached_property
    def answer(self) -> Event | None:
        """The first lawful answer, else the first at all; None while nobody answered."""
        answers = [e for e in self.events if e.type == "info.answered"]
        return next((e for e in answers if is_lawful(e)), next(iter(answers), None))

    @property
    def on_time(self) -> bool:
        """Whether it was lawfully answered by its due instant."""
        answer = self.answer
        return answer is not None and is_lawful(answer) and answer.occurred_at <= self.due.at

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id; the category is the outcome, `unanswered` without one."""
        outcome = self.answer.text("outcome") if self.answer else "unanswered"
        known = self.law.at(self._answered_at).registers.known
        return {
            "city": "city",
            "opd": known("opd", self.received.text("opd") or "unassigned"),
            "category": outcome or "unknown",
        }


def _over(request: InfoRequest) -> int | None:
    """When nobody may object any more to the answer; None while there is none."""
    if request.answer is None:
        return None
    quiet = max(request.events[-1].occurred_at, request.due.at)
    ends = request.law.due(quiet, lambda _stand: OBJECTION_DAYS, quiet)
    return ends.at if ends.known else None


INFORMATION = Subject(
    "information", "info", judged=InfoRequest.of, over=_over, opens=("info.received",)
)
