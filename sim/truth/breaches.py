"""True numbers of breaches of data protection (catalogue 23).

A breach is due 72 hours by the wall clock after somebody first knew of it, and counts on that day.
It is good when by then the people and the authority both had a notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from core import moment
from sim.cases import Duty
from sim.story import Story
from sim.truth.decimals import decimals
from sim.truth.kpi import Beside, Truth
from sim.truth.windows import APP_CASES, CITY, Row, Window, tallied

KPI = "privacy_breach_notice_on_time_pct"


def due(breach: Duty) -> int:
    """The last moment for the notices."""
    return breach.times("breach_detected")[0] + 72 * moment.HOUR


def is_good(breach: Duty) -> bool:
    """Whether both were told by then."""
    return all(
        any(at <= due(breach) for at in breach.times("notice_sent", recipient=recipient))
        for recipient in ("subject", "authority")
    )


def rows(breaches: Iterable[Duty], window: Window) -> Iterator[Row]:
    """The city's row, and one for each system with a breach."""
    return tallied(
        KPI,
        window,
        (
            (is_good(breach), 1, [("channel", str(breach.steps[0].fields["system"]))])
            for breach in breaches
            if window.holds(due(breach))
        ),
    )


def _rows(story: Story, window: Window) -> Iterator[Row]:
    return rows(story.breaches, window)


def _beside(story: Story, row: Row) -> Beside:
    """Of a million events of cases, those in whose texts something personal was hidden.

    Of the city, by the day of the event; breaches are the measure and not what is measured.
    """
    if row.scope != CITY:
        return {"pii_events_per_million": None}
    steps = [step for filed in story.complaints for step in filed.steps]
    steps += [step for letter in story.services for step in letter.steps]
    steps += [step for asked in story.inquiries for step in asked.steps]
    steps += [step for duty in (*story.violations, *story.alerts) for step in duty.steps]
    texts: list[tuple[object, ...]] = [
        tuple(step.fields.values()) for step in steps if row.span.holds(step.at)
    ]
    texts += [(turn.cause,) for turn in story.turns if row.span.holds(turn.at)]
    found = sum(any("[phone]" in str(text) for text in own) for own in texts)
    rate = decimals(Fraction(1_000_000 * found, len(texts)), 2) if texts else None
    return {"pii_events_per_million": rate}


TRUTHS = (
    Truth(KPI, ("dpo_log",), ("1d", "90d", "year"), _rows, horizon=APP_CASES, beside=_beside),
)
