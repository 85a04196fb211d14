"""True numbers of the operators' answers to alerts (catalogue 26).

Alerts of severity high and critical, each when the 30 minutes after it was raised are over.  Tests
and what ended by itself in under 30 seconds are left out.  What nobody took on in 30 minutes counts
as 1800 seconds.  The number is the smallest with nine in ten at or below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core import moment
from sim.cases import Duty
from sim.story import Story
from sim.truth.kpi import Counts, Truth, plain
from sim.truth.windows import APPS, Row, Scope, Window, by_scope

KPI = "alert_ack_seconds_p90"


def settled(alerts: Iterable[Duty], window: Window) -> list[Duty]:
    """The severe alerts whose 30 minutes end in the window."""
    return [
        alert for alert in alerts
        if alert.steps[0].fields["severity"] in ("high", "critical")
        and window.holds(alert.times("raised")[0] + 30 * moment.MINUTE)
    ]  # fmt: skip


def is_left_out(alert: Duty) -> bool:
    """A test, or gone by itself at once."""
    raised = alert.times("raised")[0]
    gone = alert.times("resolved", automatic=True)
    return bool(alert.steps[0].fields.get("test")) or any(
        0 <= at - raised < 30 * moment.SECOND for at in gone
    )


def waited(alert: Duty) -> int:
    """Whole seconds until somebody took it on, 1800 at most."""
    raised, taken = alert.times("raised")[0], alert.times("acknowledged")
    return min((taken[0] - raised) // moment.SECOND, 1800) if taken else 1800


def rows(alerts: Iterable[Duty], window: Window) -> Iterator[Row]:
    """The city's row, and one for each class with an alert that counts."""
    times: dict[tuple[str, str], list[int]] = {("city", "city"): []}
    for alert in settled(alerts, window):
        if not is_left_out(alert):
            for scope in (("city", "city"), _class(alert)):
                times.setdefault(scope, []).append(waited(alert))
    for (scope_type, scope_id), seconds in sorted(times.items()):
        seconds.sort()
        slow = next(
            (one for place, one in enumerate(seconds, 1) if place * 10 >= len(seconds) * 9), 0
        )
        yield Row(KPI, window.name, scope_type, scope_id, window.start, window.end, slow,
                  len(seconds))  # fmt: skip


def _class(alert: Duty) -> Scope:
    return ("category", str(alert.steps[0].fields["alert_class"]))


def _rows(story: Story, window: Window) -> Iterator[Row]:
    return rows(story.alerts, window)


def _left_out(story: Story, window: Window) -> Counts:
    found = settled(story.alerts, window)
    return by_scope([_class(alert)] for alert in found if is_left_out(alert))


_WINDOWS = ("1h", "1d", "28d")
TRUTHS = (
    Truth(KPI, ("operator_console",), _WINDOWS, _rows, _left_out, number=plain, horizon=APPS),
)
