"""A traffic violation that a camera recorded and somebody validated: the set of its events.

Rules: KPI 22 of the catalogue.  A raw detection is no violation; only a validated one is a case.
It is forwarded by the city; letter and answer are told by the traffic police, if at all.  What one
camera records of one plate and class within 60 seconds is one violation, whatever numbers the
console gives it: as these may be in several partitions, the join counts them.
Events are ordered by (occurred_at, event_id), never by arrival.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from core.events import Event, first_of, in_order
from core.kpi import Subject
from core.moment import DAY, HOUR, SECOND

WAITED_FOR = 30 * DAY
"""What the police make of it later belongs to no window that is not final."""
FORWARD_WITHIN = 24 * HOUR
"""Wall clock from validation to the traffic police (project choice of the catalogue)."""
SAME_WITHIN = 60 * SECOND
"""Catalogue KPI 22: the same plate, class and camera is one violation."""

FOLLOWED = Subject("followed_violation")
"""One that counts, after the rule of 60 seconds: the join makes it."""


@dataclass(frozen=True)
class Violation:
    """One violation.  `events` is sorted; `validated` is its first validation."""

    events: tuple[Event, ...]
    validated: Event

    @classmethod
    def of(cls, events: Iterable[Event]) -> Violation | None:
        """The violation, or None while nobody has validated it."""
        ordered = in_order(events)
        first = first_of(ordered, "violation.validated")
        return cls(ordered, first) if first else None

    def reached(self, step: str) -> bool:
        """Whether it was ever `forwarded`, had its `letter_sent` or was `confirmed`."""
        return first_of(self.events, f"violation.{step}") is not None

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id (convention C11)."""
        return Recorded.of(self).scopes


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """What the join stage needs to know of one violation; times are moments.

    `group` is camera, class and plate, or the case itself where plate or time are not told.
    """

    case_id: str
    group: str
    recorded_at: int
    validated_at: int
    forwarded_at: int | None
    letter: bool
    confirmed: bool
    intersection: str
    violation_class: str

    @classmethod
    def of(cls, case: Violation) -> Recorded:
        """What its events say."""
        first = case.validated
        plate, at = first.text("plate_hash"), first.whole("recorded_at")
        name, sort = first.text("case_id"), first.text("violation_class") or "unknown"
        forwarded = first_of(case.events, "violation.forwarded")
        return cls(
            case_id=name,
            group=name if at is None or not plate else f"{first.text('camera_id')}|{sort}|{plate}",
            recorded_at=first.occurred_at if at is None else at,
            validated_at=first.occurred_at,
            forwarded_at=forwarded.occurred_at if forwarded else None,
            letter=case.reached("letter_sent"),
            confirmed=case.reached("confirmed"),
            intersection=first.text("intersection_id") or "unlocated",
            violation_class=sort,
        )

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id (convention C11); the category is the class of violation."""
        return {
            "city": "city", "intersection": self.intersection, "category": self.violation_class,
        }  # fmt: skip

    @property
    def forwarded_in_time(self) -> bool:
        """Whether the police had it within 24 hours of its validation."""
        at = self.forwarded_at
        return at is not None and at <= self.validated_at + FORWARD_WITHIN

    def reached(self, step: str) -> bool:
        """Whether it was ever `forwarded`, had its `letter_sent` or was `confirmed`."""
        return {
            "forwarded": self.forwarded_at is not None,
            "letter_sent": self.letter, "confirmed": self.confirmed,
        }[step]  # fmt: skip


def counting(group: Iterable[Recorded]) -> list[Recorded]:
    """Of one camera, class and plate the violations that count, with what happened to their copies.

    A copy was recorded at most 60 seconds after the one that counts before it.  Together they were
    validated when the first of them was, and came as far as any of them.
    """
    counted: list[Recorded] = []
    for one in sorted(group, key=lambda r: (r.recorded_at, r.case_id)):
        if counted and one.recorded_at - counted[-1].recorded_at <= SAME_WITHIN:
            counted[-1] = _with(counted[-1], one)
        else:
            counted.append(one)
    return counted


def _with(counted: Recorded, copy: Recorded) -> Recorded:
    forwarded = [at for at in (counted.forwarded_at, copy.forwarded_at) if at is not None]
    return replace(
        counted,
        validated_at=min(counted.validated_at, copy.validated_at),
        forwarded_at=min(forwarded, default=None),
        letter=counted.letter or copy.letter,
        confirmed=counted.confirmed or copy.confirmed,
    )


def _over(violation: Violation) -> int:
    """When its last step was told; without that a month after what was told last."""
    last = max(violation.events[-1].occurred_at, violation.validated.occurred_at + FORWARD_WITHIN)
    return last if violation.reached("confirmed") else last + WAITED_FOR


VIOLATION = Subject(
    "violation", "violation", Violation.of,
    over=_over, opens=("violation.validated",), admitted=14 * DAY,
)  # fmt: skip
