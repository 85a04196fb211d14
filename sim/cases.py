"""What happens to a case: a list of dated steps, and the plot that its author had in mind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.events import Value


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a case: `what` is the event type behind the dot.

    `told_by`: the other complaint whose record of that moment tells of it, if it is not its own.
    """

    what: str
    at: int
    fields: Mapping[str, Value] = field(default_factory=dict)
    told_by: Complaint | None = None


@dataclass(slots=True)
class Complaint:
    """A complaint with all its steps in time order; the first is `submitted`.

    `plot` is what the author meant to happen; the truth never reads it, tests do.  `origin_ref`
    is the case at another source of which this is a re-keyed copy.  `about` is what it says of a
    service, in the fields of the event; `applicant_nik` is whose request that was.
    """

    source: str
    number: str
    category: str
    kind: str | None
    kelurahan_code: str
    point: tuple[float, float] | None
    incident_at: int | None
    phone: str
    origin_ref: str | None
    plot: str
    steps: list[Step]
    about: Mapping[str, Value] = field(default_factory=dict)
    applicant_nik: str | None = None

    @property
    def case_id(self) -> str:
        """`<source>:<number at the source>`."""
        return f"{self.source}:{self.number}"

    @property
    def submitted_at(self) -> int:
        """When the citizen filed it."""
        return self.steps[0].at


@dataclass(slots=True)
class Service:
    """A request for a letter at a kecamatan or kelurahan, with all its steps in time order."""

    number: str
    service_code: str
    subject_type: str
    channel: str
    nik: str
    kelurahan_code: str
    plot: str
    steps: list[Step]

    @property
    def case_id(self) -> str:
        """`sipaten:<number>`."""
        return f"sipaten:{self.number}"

    @property
    def requested_at(self) -> int:
        """When the applicant asked."""
        return self.steps[0].at


@dataclass(slots=True)
class Duty:
    """What the city's own staff have to do in time, with all its steps in time order.

    The event types of the steps begin with the same area; `plot` is what the author meant, never
    read by the truth.
    """

    source: str
    number: str
    plot: str
    steps: list[Step]

    @property
    def case_id(self) -> str:
        """`<source>:<number at the source>`."""
        return f"{self.source}:{self.number}"

    def times(self, what: str, **fields: Value) -> list[int]:
        """When something happened, in order; `fields` must be as given."""
        return sorted(
            step.at for step in self.steps
            if step.what == what and all(step.fields.get(k) == v for k, v in fields.items())
        )  # fmt: skip
