"""True numbers of requests for public information (catalogue 15).

Due at the end of the tenth working day after the receipt; of the seventeenth if by the end of the
tenth, as it was when it asked, the agency asked for more time and said why.  The limit runs until
the answer.  Good when answered by then; a denial without a reason is no answer.  The category is
the outcome of the first answer that is one, else of the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction

from sim.cases import Step
from sim.ppid import Inquiry
from sim.story import Story
from sim.truth.decimals import decimals
from sim.truth.kpi import Beside, Truth
from sim.truth.ranks import whole_seconds
from sim.truth.windows import APP_CASES, CITY, Row, Window, tallied
from sim.workdays import NO_DECREE, Decree

KPI = "info_request_on_time_pct"


def due(inquiry: Inquiry, decree: Decree = NO_DECREE) -> int:
    """The last instant to answer."""
    received, answer = inquiry.received_at, _answer(inquiry)
    extended = any(
        one.at <= decree.due(received, 10, one.at)
        for one in inquiry.steps if one.what == "extended" and one.fields["reason"]
    )  # fmt: skip
    return decree.due(received, 17 if extended else 10, answer.at if answer else None)


def verdict(inquiry: Inquiry, decree: Decree = NO_DECREE) -> tuple[bool, str]:
    """(good, category) of a request."""
    step = _answer(inquiry)
    if step is None:
        return False, "unanswered"
    return _is_one(step) and step.at <= due(inquiry, decree), str(step.fields["outcome"])


def _answer(inquiry: Inquiry) -> Step | None:
    """The first answer that is one, else the first."""
    answers = [step for step in inquiry.steps if step.what == "answered"]
    return next(iter([*filter(_is_one, answers), *answers]), None)


def _is_one(step: Step) -> bool:
    return step.fields["outcome"] != "denied" or bool(step.fields["reason_code"])


def rows(inquiries: Iterable[Inquiry], window: Window, decree: Decree = NO_DECREE) -> Iterator[Row]:
    """The row of the city, and one for each agency and outcome that has a request due."""
    own = (one for one in inquiries if window.holds(due(one, decree)))
    verdicts = ((one, *verdict(one, decree)) for one in own)
    return tallied(
        KPI,
        window,
        ((good, 1, [("opd", one.opd), ("category", name)]) for one, good, name in verdicts),
    )


def _rows(story: Story, window: Window) -> Iterator[Row]:
    return rows(story.inquiries, window, story.decree)


def _beside(story: Story, row: Row) -> Beside:
    """What article 12 of UU 14/2008 wants published, of the requests of the row."""
    own = [one for one in story.inquiries if row.span.holds(due(one, story.decree))
           and row.scope in (CITY, ("opd", one.opd), ("category", verdict(one)[1]))]  # fmt: skip
    answers = [(one, step) for one in own if (step := _answer(one))]
    seconds = sum(whole_seconds(step.at - one.received_at) for one, step in answers)
    outcomes = Counter(step.fields["outcome"] for _, step in answers)
    denials = Counter(str(step.fields["reason_code"] or "no reason") for _, step in answers
                      if step.fields["outcome"] == "denied")  # fmt: skip
    mean = decimals(Fraction(seconds, 3600 * len(answers)), 2) if answers else None
    return {
        "requests": str(len(own)),
        "answered": str(len(answers)),
        "mean_hours": mean,
        **{name: str(outcomes[name]) for name in ("granted", "partly", "denied")},
        "reasons": [f"{why}: {count}" for why, count in sorted(denials.items())] or None,
    }


TRUTHS = (
    Truth(KPI, ("ppid",), ("1d", "90d", "quarter", "year"), _rows, horizon=APP_CASES,
          beside=_beside),
)  # fmt: skip
