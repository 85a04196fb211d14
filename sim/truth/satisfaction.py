"""True numbers of the satisfaction survey (catalogue 14): sum of the scores, and how many scores.

Of one respondent on one request the last form within 24 hours (inclusive) of the first counts, on
the day of that form.  Services that cost nothing have no fourth element, whatever was ticked.  A
form with a blank among the other elements is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from core import moment
from sim.story import Story
from sim.surveys import Answer
from sim.truth.decimals import decimals
from sim.truth.kpi import Beside, Counts, Reasons, Truth
from sim.truth.windows import CITY, SURVEYS, Row, Scope, Window, by_reason, by_scope, tallied

KPI = "ikm_index"
FREE = ("ktp_pengantar", "skck_pengantar", "domisili", "tidak_mampu")


def counted(answers: Iterable[Answer], window: Window) -> list[Answer]:
    """The form that counts of each respondent and request, where it lies in the window."""
    forms: dict[tuple[str, str], list[Answer]] = {}
    for answer in sorted(answers, key=lambda answer: answer.at):
        forms.setdefault((answer.request, answer.respondent), []).append(answer)
    last = [
        [form for form in own if form.at <= own[0].at + moment.DAY][-1] for own in forms.values()
    ]
    return [form for form in last if window.holds(form.at)]


def scores(form: Answer) -> list[int]:
    """The scores that count; empty if one is missing."""
    asked = [n for n in range(1, 10) if n != 4 or form.service_code not in FREE]
    found = [form.scores[f"u{n}"] for n in asked]
    return [score for score in found if score] if all(found) else []


def rows(answers: Iterable[Answer], window: Window) -> Iterator[Row]:
    """The row of the city, and of each agency, service and kecamatan with a whole form."""
    whole = (form for form in counted(answers, window) if scores(form))
    return tallied(KPI, window, ((sum(scores(f)), len(scores(f)), _scopes(f)) for f in whole))


def _scopes(form: Answer) -> list[Scope]:
    return [
        ("opd", form.opd or "unassigned"),
        ("category", form.service_code),
        ("kecamatan", form.kecamatan),
    ]


def _rows(story: Story, window: Window) -> Iterator[Row]:
    return rows(story.answers, window)


def index(story: Story, row: Row) -> Fraction | None:
    """25 times the mean of the means of the elements, of those that apply; None without a form."""
    means = _means(_whole(story, row))
    return 25 * sum(means, Fraction(0)) / len(means) if means else None


def _whole(story: Story, row: Row) -> list[Answer]:
    return [form for form in counted(story.answers, row.span)
            if scores(form) and row.scope in (CITY, *_scopes(form))]  # fmt: skip


def _means(whole: list[Answer]) -> list[Fraction]:
    """Of each element that was asked of anybody."""
    means = []
    for element in (f"u{number}" for number in range(1, 10)):
        given = [form.scores[element] or 0 for form in whole
                 if element != "u4" or form.service_code not in FREE]  # fmt: skip
        if given:
            means.append(Fraction(sum(given), len(given)))
    return means


def _beside(story: Story, row: Row) -> Beside:
    """The sheet weighs each of nine elements 0.11; below 30 forms there is no grade."""
    whole, found = _whole(story, row), index(story, row)
    means, grade = _means(whole), None
    if found is not None:
        shown = Fraction(decimals(found, 2))
        bands = (("A", "88.31"), ("B", "76.61"), ("C", "65.00"), ("D", "0"))
        grade = next(name for name, least in bands if shown >= Fraction(least))
        grade = grade if len(whole) >= 30 else "indicative"
    sheet = decimals(25 * Fraction(11, 100) * sum(means), 2) if len(means) == 9 else None
    return {"sheet_index": sheet, "responses": str(len(whole)), "grade": grade}


def _left_out(story: Story, window: Window) -> Reasons:
    blank = (form for form in counted(story.answers, window) if not scores(form))
    return by_reason(("incomplete", _scopes(form)) for form in blank)


def _cases(story: Story, window: Window) -> Counts:
    return by_scope(_scopes(form) for form in counted(story.answers, window) if scores(form))


_WINDOWS = ("1d", "90d", "quarter")
TRUTHS = (
    Truth(KPI, ("survey",), _WINDOWS, _rows, _left_out, _cases, index, horizon=SURVEYS,
          beside=_beside),
)  # fmt: skip
