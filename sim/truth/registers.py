"""True numbers of cases with a code that the city does not know.

Known are the categories and the agencies that the story was written with, and the 68 kelurahan.  A
case counts on the day of its filing, at its source; whose it is, is what was said last.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.areas import KELURAHAN
from sim.city import CATEGORIES
from sim.story import Story
from sim.truth.kpi import Truth
from sim.truth.standing import standing
from sim.truth.windows import TOLD, Row, Window, tallied

KPI = "case_scope_unknown_pct"
_AGENCIES = {category.opd for category in CATEGORIES.values()} | {"diskominfo", "dinkes"}


def agency(code: str) -> str:
    """The code of an agency, or `unknown`."""
    return code if code in _AGENCIES else "unknown"


def category(code: str) -> str:
    """The code of a category, or `unknown`."""
    return code if code in CATEGORIES else "unknown"


def kelurahan(code: str) -> str:
    """The code of a kelurahan, or `unknown`."""
    return code if code in KELURAHAN else "unknown"


def _cases(story: Story) -> Iterator[tuple[int, str, bool]]:
    """When and where each case was filed, and whether a code of it is unknown."""
    for complaint in story.complaints:
        case = standing(complaint, story.end)
        if case is None:
            continue
        names = [category(complaint.category), kelurahan(complaint.kelurahan_code)]
        if case.opd is not None:
            names.append(agency(case.opd))
        yield complaint.submitted_at, complaint.source, "unknown" in names
    for service in story.services:
        yield service.requested_at, "sipaten", kelurahan(service.kelurahan_code) == "unknown"


def _rows(story: Story, window: Window) -> Iterator[Row]:
    cases = [case for case in _cases(story) if window.holds(case[0])]
    return tallied(
        KPI, window, ((int(unknown), 1, [("channel", source)]) for _, source, unknown in cases)
    )


TRUTHS = (
    Truth(KPI, ("sikesal", "sipaten"), ("1d", "28d"), _rows, in_catalogue=False, horizon=TOLD),
)
