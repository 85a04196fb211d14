"""True numbers of requests for public information (catalogue 15).

Due at the end of the tenth working day after the receipt; of the seventeenth if by the end of the
tenth the agency asked for more time and said why.  Good when answered by then; a denial without a
reason is no answer.  The category is the outcome of the first answer that is one, else of the
first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim import workdays
from sim.ppid import Inquiry
from sim.story import Story
from sim.truth.kpi import Truth
from sim.truth.windows import APP_CASES, Row, Window, tallied

KPI = "info_request_on_time_pct"


def due(inquiry: Inquiry) -> int:
    """The last instant to answer."""
    tenth = workdays.due(inquiry.received_at, 10)
    for step in inquiry.steps:
        if step.what == "extended" and step.fields["reason"] and step.at <= tenth:
            return workdays.due(inquiry.received_at, 17)
    return tenth


def verdict(inquiry: Inquiry) -> tuple[bool, str]:
    """(good, category) of a request."""
    answers = [step for step in inquiry.steps if step.what == "answered"]
    for step in answers:
        if step.fields["outcome"] != "denied" or step.fields["reason_code"]:
            return step.at <= due(inquiry), str(step.fields["outcome"])
    return False, str(answers[0].fields["outcome"]) if answers else "unanswered"


def rows(inquiries: Iterable[Inquiry], window: Window) -> Iterator[Row]:
    """The row of the city, and one for each agency and outcome that has a request due."""
    verdicts = ((one, *verdict(one)) for one in inquiries if window.holds(due(one)))
    return tallied(
        KPI,
        window,
        ((good, 1, [("opd", one.opd), ("category", name)]) for one, good, name in verdicts),
    )


def _rows(story: Story, window: Window) -> Iterator[Row]:
    return rows(story.inquiries, window)


TRUTHS = (Truth(KPI, ("ppid",), ("1d", "90d", "quarter", "year"), _rows, horizon=APP_CASES),)
