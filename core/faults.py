"""Faults of traffic signals with whoever knew of them first (catalogue 27).

The signals of an intersection say when a fault was and what was done (`core.signals`).  The join
sees who else told of it: a citizen's report or what a camera saw that hangs together with its first
alarm (catalogue 5.3: 75 m, 60 minutes from one to the next) and tells of what was after the signals
were last back.  The clock begins with the first of them; a report is known when it was filed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from core.alarms import claim_of
from core.kpi import Subject
from core.moment import DAY, MINUTE
from core.signals import FAULT, Signals
from core.triangulation import Claim, Incident

REPAIR = DAY
"""Project choice of the catalogue; no Indonesian figure was found."""
DISPATCH = 60 * MINUTE
"""Companion of KPI 27, as Mesa AZ publishes it; 95 % there."""
ALARM, CAMERA, CITIZEN = "alarm", "camera", "citizen"
"""Who can know of a fault first, as the catalogue names them: no officer is among them."""

KNOWN = Subject("known_fault")
"""A fault with who knew of it first: the join makes it."""


class Failure(msgspec.Struct, frozen=True, gc=False):
    """What the join needs to know of one fault; `first` is the id of the alarm that began it.

    Times are moments; `restored_at` None: not back for certain, `dispatched_at` None: nobody told.
    """

    intersection: str
    first: str
    alarmed_at: int
    restored_at: int | None
    dispatched_at: int | None
    power_cut: bool

    @property
    def incident(self) -> str:
        """Class of the claims that it is looked at with."""
        return FAULT

    @property
    def name(self) -> str:
        """Of the statement."""
        return f"{self.intersection}|{self.first}"


@dataclass(frozen=True, slots=True)
class Known:
    """A fault, since when it was known and by which claim."""

    failure: Failure
    known_at: int
    by: str
    source: str

    @property
    def due_at(self) -> int:
        """By when the signal has to be back."""
        return self.known_at + REPAIR

    @property
    def on_time(self) -> bool:
        """Back by then."""
        at = self.failure.restored_at
        return at is not None and at <= self.due_at

    @property
    def sent_in_time(self) -> bool:
        """A team was sent within the hour."""
        at = self.failure.dispatched_at
        return at is not None and at <= self.known_at + DISPATCH

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id."""
        return {"city": "city", "intersection": self.failure.intersection}

    @property
    def name(self) -> str:
        """The intersection, and what first told of it."""
        return f"{self.failure.intersection} known by {self.by}"


def failures(signals: Signals) -> Iterator[Failure]:
    """Every fault of the signals of an intersection."""
    for one in signals.faults:
        yield Failure(
            signals.intersection, one.first, one.alarmed_at, one.restored_at, one.dispatched_at,
            one.power_cut,
        )  # fmt: skip


def known(told: Iterable[Failure], clusters: Iterable[Incident]) -> list[Known]:
    """Each fault with who knew of it first; `clusters` are the incidents of its class."""
    together = {claim.claim_id: one.claims for one in clusters for claim in one.claims}
    return [
        _known(one, before, together.get(claim_of(one.intersection, one.first), ()))
        for before, one in with_before(told)
    ]


def with_before(told: Iterable[Failure]) -> Iterator[tuple[Failure | None, Failure]]:
    """Each fault and the one before it at its intersection."""
    ordered = sorted(told, key=lambda one: (one.intersection, one.alarmed_at, one.first))
    for before, one in pairwise([None, *ordered]):
        if one is not None:
            same = before is not None and before.intersection == one.intersection
            yield (before if same else None), one


def _known(one: Failure, before: Failure | None, cluster: Iterable[Claim]) -> Known:
    """The alarm itself, unless a claim of what was after the last fault was known before it."""
    since = before.restored_at if before else None
    found = [(one.alarmed_at, "", claim_of(one.intersection, one.first), ALARM)]
    for claim in cluster:
        source = CITIZEN if claim.family == "citizen" else CAMERA if claim.by_camera else ""
        if source and (since is None or claim.at >= since):
            found.append((claim.known_at, claim.claim_id, claim.claim_id, source))
    at, _, by, source = min(found)
    return Known(one, at, by, source)
