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
from sim.truth.kpi import Beside, Reasons, Truth, plain
from sim.truth.ranks import nearest_rank, seconds
from sim.truth.windows import APPS, CITY, Row, Scope, Window, by_reason

KPI = "alert_ack_seconds_p90"


def settled(alerts: Iterable[Duty], window: Window) -> list[Duty]:
    """The severe alerts whose 30 minutes end in the window."""
    return [
        alert for alert in alerts
        if alert.steps[0].fields["severity"] in ("high", "critical")
        and window.holds(alert.times("raised")[0] + 30 * moment.MINUTE)
    ]  # fmt: skip


def left_out(alert: Duty) -> str | None:
    """A test, or gone by itself at once; None when it counts."""
    raised = alert.times("raised")[0]
    gone = alert.times("resolved", automatic=True)
    if alert.steps[0].fields.get("test"):
        return "test"
    at_once = any(0 <= at - raised < 30 * moment.SECOND for at in gone)
    return "auto_resolved" if at_once else None


def waited(alert: Duty) -> int:
    """Whole seconds until somebody took it on, 1800 at most."""
    raised, taken = alert.times("raised")[0], alert.times("acknowledged")
    return min((taken[0] - raised) // moment.SECOND, 1800) if taken else 1800


def rows(alerts: Iterable[Duty], window: Window) -> Iterator[Row]:
    """The city's row, and one for each class with an alert that counts."""
    times: dict[tuple[str, str], list[int]] = {("city", "city"): []}
    for alert in settled(alerts, window):
        if not left_out(alert):
            for scope in (("city", "city"), _class(alert)):
                times.setdefault(scope, []).append(waited(alert))
    for scope, own in sorted(times.items()):
        slow = nearest_rank(own, 90) or 0
        yield Row(KPI, window.name, *scope, window.start, window.end, slow, len(own))


def _class(alert: Duty) -> Scope:
    return ("category", str(alert.steps[0].fields["alert_class"]))


def _rows(story: Story, window: Window) -> Iterator[Row]:
    return rows(story.alerts, window)


def _left_out(story: Story, window: Window) -> Reasons:
    found = ((left_out(alert), _class(alert)) for alert in settled(story.alerts, window))
    return by_reason((reason, [scope]) for reason, scope in found if reason)


def _beside(story: Story, row: Row) -> Beside:
    """The median, who was not answered, and the P90 of each shift with five alerts or more.

    Shifts are of eight hours from midnight WIB, by when the alert was raised.
    """
    own = [alert for alert in settled(story.alerts, row.span)
           if not left_out(alert) and row.scope in (CITY, _class(alert))]  # fmt: skip
    told: dict[str, str | None] = {
        "p50_seconds": seconds(nearest_rank([waited(alert) for alert in own], 50)),
        "unanswered": str(sum(_is_unanswered(alert) for alert in own)),
    }
    for number, shift in enumerate(("night", "day", "evening")):
        theirs = [
            waited(a) for a in own if (a.times("raised")[0] // moment.HOUR + 7) % 24 // 8 == number
        ]
        slow = nearest_rank(theirs, 90) if len(theirs) >= 5 else None
        told[f"p90_{shift}_seconds"] = seconds(slow)
    return told


def _is_unanswered(alert: Duty) -> bool:
    raised, taken = alert.times("raised")[0], alert.times("acknowledged")
    return not taken or taken[0] > raised + 30 * moment.MINUTE


_WINDOWS = ("1h", "1d", "28d")
TRUTHS = (
    Truth(
        KPI,
        ("operator_console",),
        _WINDOWS,
        _rows,
        _left_out,
        number=plain,
        horizon=APPS,
        beside=_beside,
    ),
)
