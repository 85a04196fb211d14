"""The satisfaction survey (SKM): which response counts, and the index of many (IKM).

Rules: KPI 14 of the catalogue; PermenPANRB 14/2017: nine elements, times 25, bands.  Integers in
the counters, exact fractions until the one rounding at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor, lcm
from typing import NamedTuple

from core.cells import DENOMINATOR, Counters
from core.events import Event, in_order
from core.kpi import Subject, decimal_text
from core.law import SHIPPED, Law
from core.matter_tables import ServiceTable
from core.moment import DAY

ELEMENTS = tuple(f"u{number}" for number in range(1, 10))
COST = "u4"
"""Not asked of services that cost nothing."""
CORRECTED_WITHIN = DAY
"""A later response of the same respondent on the same request replaces the first until then."""
GRADED_RESPONSES = 30
"""Fewer responses give no grade (project choice of the catalogue)."""
BANDS = (("A", 8831), ("B", 7661), ("C", 6500))
"""Least hundredths of an index for a grade (PermenPANRB 14/2017); below it is D."""
SHEET_WEIGHT = Fraction(11, 100)
"""What the annex of PermenPANRB 14/2017 writes for 1/9."""
_SUM, _COUNT = "s:", "c:"


@dataclass(frozen=True, slots=True)
class Response:
    """What one respondent said last of one request."""

    event: Event
    law: Law = SHIPPED

    @classmethod
    def of(cls, events: Iterable[Event], law: Law = SHIPPED) -> Response | None:
        """The response that counts: the last within 24 hours of the first."""
        said = in_order(e for e in events if e.type == "survey.response")
        until = said[0].occurred_at + CORRECTED_WITHIN if said else 0
        return next((cls(e, law) for e in reversed(said) if e.occurred_at <= until), None)

    @property
    def scores(self) -> dict[str, int] | None:
        """Score of each element that applies to the service; None if one is missing."""
        letters = self.law.at(self.event.occurred_at).read(ServiceTable)
        free = letters.free(self.event.text("service_code"))
        found: dict[str, int] = {}
        for element in ELEMENTS:
            if free and element == COST:
                continue
            score = self.event.whole(element)
            if score is None or not 1 <= score <= 4:
                return None
            found[element] = score
        return found

    @property
    def scopes(self) -> dict[str, str]:
        """Scope type to scope id; the category is the service."""
        return {
            "city": "city",
            "opd": self.event.text("opd") or "unassigned",
            "category": self.event.text("service_code") or "unknown",
            "kecamatan": self.event.text("kecamatan_code") or "unlocated",
        }


class Satisfaction(NamedTuple):
    """Sum and number of all scores, how many responses, and the index: None without any."""

    total: int
    scores: int
    responses: int
    value: Fraction | None


def of_response(scores: Mapping[str, int]) -> Counters:
    """What one valid response adds: itself, and sum and number of each element."""
    found = {DENOMINATOR: 1}
    for element, score in scores.items():
        found |= {_SUM + element: score, _COUNT + element: 1}
    return found


def satisfaction(counters: Mapping[str, int]) -> Satisfaction:
    """25 times the mean of the elements' means; each element that was asked weighs the same."""
    sums = {e: counters.get(_SUM + e, 0) for e in ELEMENTS}
    counts = {e: n for e in ELEMENTS if (n := counters.get(_COUNT + e, 0))}
    means = _sum((sums[e], n) for e, n in counts.items())
    index = 25 * means / len(counts) if counts else None
    return Satisfaction(
        sum(sums.values()), sum(counts.values()), counters.get(DENOMINATOR, 0), index
    )


def by_the_sheet(counters: Mapping[str, int]) -> str | None:
    """The index with the weight 0.11 of the regulator's sheet, where all nine elements were asked.

    It is at most 99; the sheet of a free service has another weight, which is not known.
    """
    counts = [counters.get(_COUNT + e, 0) for e in ELEMENTS]
    if not all(counts):
        return None
    means = _sum((counters[_SUM + e], n) for e, n in zip(ELEMENTS, counts, strict=True))
    return decimal_text(25 * SHEET_WEIGHT * means)


def _sum(parts: Iterable[tuple[int, int]]) -> Fraction:
    """The sum of ratios over one common denominator: a window has nine of them, three times."""
    known = list(parts)
    whole = lcm(*(n for _, n in known))
    return Fraction(sum(part * (whole // n) for part, n in known), whole)


def graded(counters: Mapping[str, int]) -> str | None:
    """The grade of the index; None without a response."""
    found = satisfaction(counters)
    return None if found.value is None else grade(found.value, found.responses)


def grade(index: Fraction, responses: int) -> str:
    """A to D of the rounded index; `indicative` with fewer than 30 responses."""
    if responses < GRADED_RESPONSES:
        return "indicative"
    return next((name for name, least in BANDS if _hundredths(index) >= least), "D")


def _hundredths(index: Fraction) -> int:
    return floor(index * 100 + Fraction(1, 2))


def _over(response: Response) -> int:
    """When it can be corrected no more."""
    return response.event.occurred_at + CORRECTED_WITHIN


SURVEY = Subject(
    "survey", "survey", judged=Response.of,
    over=_over, lateness=7 * DAY, opens=("survey.response",), admitted=14 * DAY,
)  # fmt: skip
