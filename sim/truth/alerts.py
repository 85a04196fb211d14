"""True numbers of the operators' answers to alerts (catalogue 26).

Alerts of severity high and critical, each when the 30 minutes after it was raised are over.  Tests
and what ended by itself in under 30 seconds are left out.  What nobody took on in 30 minutes counts
as 1800 seconds.  The number is the smallest with nine in ten at or below it.

Of the alerts that count the first one and all that were raised at most 60 seconds later and 150 m
away are a storm, then the first of the others and so on.  A storm counts as one alert, raised with
the first and taken on with whichever was taken on first; once for the city and once for each of its
classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core import moment
from sim.cases import Duty
from sim.city import distance_m
from sim.story import Story
from sim.truth.kpi import Beside, Reasons, Truth, plain
from sim.truth.ranks import nearest_rank, seconds
from sim.truth.windows import APPS, CITY, Row, Scope, Window, by_reason

KPI = "alert_ack_seconds_p90"


Storm = list[Duty]
"""Alerts that count as one, the first of them first."""


def severe(alerts: Iterable[Duty]) -> list[Duty]:
    """Those that must be answered."""
    return [a for a in alerts if a.steps[0].fields["severity"] in ("high", "critical")]


def storms(alerts: Iterable[Duty]) -> list[Storm]:
    """All storms of the alerts that must be answered and are not left out."""
    rest = [(alert.times("raised")[0], alert.case_id, alert)
            for alert in severe(alerts) if not left_out(alert)]  # fmt: skip
    rest.sort(key=lambda one: one[:2], reverse=True)
    found: list[Storm] = []
    while rest:
        raised, _, first = rest.pop()
        found.append([first])
        for one in rest[::-1]:
            if one[0] - raised > 60 * moment.SECOND:
                break
            if _are_near(one[2], first):
                found[-1].append(one[2])
                rest.remove(one)
    return found


def _are_near(alert: Duty, other: Duty) -> bool:
    here, there = _place(alert), _place(other)
    return here is not None and there is not None and distance_m(here, there) <= 150


def _place(alert: Duty) -> tuple[float, float] | None:
    lat, lon = (alert.steps[0].fields.get(name) for name in ("lat", "lon"))
    return (float(str(lat)), float(str(lon))) if lat is not None and lon is not None else None


def counted(alerts: Iterable[Duty], window: Window) -> list[Storm]:
    """The storms whose 30 minutes end in the window."""
    return [storm for storm in storms(alerts) if window.holds(_settled(storm[0]))]


def _settled(alert: Duty) -> int:
    return alert.times("raised")[0] + 30 * moment.MINUTE


def left_out(alert: Duty) -> str | None:
    """A test, or gone by itself at once; None when it counts."""
    raised = alert.times("raised")[0]
    gone = alert.times("resolved", automatic=True)
    if alert.steps[0].fields.get("test"):
        return "test"
    at_once = any(0 <= at - raised < 30 * moment.SECOND for at in gone)
    return "auto_resolved" if at_once else None


def taken_on(storm: Storm) -> int | None:
    """When somebody first took one of its alerts on."""
    return min((at for alert in storm for at in alert.times("acknowledged")), default=None)


def waited(storm: Storm) -> int:
    """Whole seconds until somebody took it on, 1800 at most."""
    raised, taken = storm[0].times("raised")[0], taken_on(storm)
    return 1800 if taken is None else min((taken - raised) // moment.SECOND, 1800)


def rows(alerts: Iterable[Duty], window: Window) -> Iterator[Row]:
    """The city's row, and one for each class with an alert that counts."""
    times: dict[tuple[str, str], list[int]] = {("city", "city"): []}
    for storm in counted(alerts, window):
        for scope in (("city", "city"), *_classes(storm)):
            times.setdefault(scope, []).append(waited(storm))
    for scope, own in sorted(times.items()):
        slow = nearest_rank(own, 90) or 0
        yield Row(KPI, window.name, *scope, window.start, window.end, slow, len(own))


def _classes(storm: Storm) -> set[Scope]:
    return {("category", str(alert.steps[0].fields["alert_class"])) for alert in storm}


def _rows(story: Story, window: Window) -> Iterator[Row]:
    return rows(story.alerts, window)


def _left_out(story: Story, window: Window) -> Reasons:
    found = ((left_out(a), a) for a in severe(story.alerts) if window.holds(_settled(a)))
    return by_reason((reason, _classes([alert])) for reason, alert in found if reason)


def _beside(story: Story, row: Row) -> Beside:
    """The median, who was not answered, and the P90 of each shift with five alerts or more.

    Shifts are of eight hours from midnight WIB, by when the first alert was raised.
    """
    own = [storm for storm in counted(story.alerts, row.span)
           if row.scope == CITY or row.scope in _classes(storm)]  # fmt: skip
    told: dict[str, str | None] = {
        "p50_seconds": seconds(nearest_rank([waited(storm) for storm in own], 50)),
        "unanswered": str(sum(_is_unanswered(storm) for storm in own)),
    }
    for number, shift in enumerate(("night", "day", "evening")):
        theirs = [
            waited(storm)
            for storm in own
            if (storm[0].times("raised")[0] // moment.HOUR + 7) % 24 // 8 == number
        ]
        slow = nearest_rank(theirs, 90) if len(theirs) >= 5 else None
        told[f"p90_{shift}_seconds"] = seconds(slow)
    return told


def _is_unanswered(storm: Storm) -> bool:
    taken = taken_on(storm)
    return taken is None or taken > _settled(storm[0])


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
