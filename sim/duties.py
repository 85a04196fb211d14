"""Duties of the city's own staff: breaches to tell of, violations to hand on, alerts to answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core import moment
from core.events import Value
from sim.cases import Duty, Step
from sim.chance import MILLISECOND, Chance
from sim.city import cameras, intersections, moved

PRIVACY_OFFICER = "dpo_log"
CONSOLE = "operator_console"
POLICE = "satlantas"
"""The traffic police: it tells of the letters that it sends."""
TOLD_BY_POLICE = ("letter_sent", "confirmed")
"""Steps of a violation that nobody else knows of."""

BREACHES = (
    "both_told", "subjects_only", "authority_only", "nobody_told", "told_late", "on_the_dot",
    "a_moment_late", "detected_twice",
)  # fmt: skip
"""Plots of a breach: each is due once on the story's day and happened once before."""
VIOLATIONS = {"forwarded": 86, "late": 6, "never": 6, "on_the_dot": 1, "a_moment_late": 1}
ALERTS = {
    "answered": 72, "slow": 12, "unanswered": 5, "late": 3, "on_the_dot": 2, "auto_resolved": 3,
    "auto_resolved_later": 1, "test": 2,
}  # fmt: skip
_VIOLATIONS, _ALERTS = 360, 420
"""How many in the story's last week, a third of them on its day; or over all of its days."""
_THREE_DAYS = 3 * moment.DAY
_HALF_HOUR = 30 * moment.MINUTE


def breaches(chance: Chance, first: int, start: int, end: int) -> list[Duty]:
    """Failures of data protection since `first`; the day is from `start` to `end`."""
    found: list[Duty] = []
    for plot in BREACHES:
        spans = ((first, start - _THREE_DAYS), (start - _THREE_DAYS, end - _THREE_DAYS))
        for low, high in spans:
            steps = _breach(chance, plot, chance.between(low, high))
            found.append(_duty(PRIVACY_OFFICER, f"B-{len(found) + 1:03d}", plot, steps, end))
    return found


def _breach(chance: Chance, plot: str, known: int) -> list[Step]:
    system: dict[str, Value] = {"system": chance.one(("sikesal", "sipaten", "sikoja"))}
    steps = [Step("breach_detected", known, system)]
    due = known + _THREE_DAYS
    early = tuple(known + chance.between(moment.HOUR, 2 * moment.DAY) for _ in range(2))
    subject, authority = {
        "subjects_only": (early[0], None),
        "authority_only": (None, early[1]),
        "nobody_told": (None, None),
        "told_late": (early[0], due + chance.between(moment.MINUTE, moment.DAY)),
        "on_the_dot": (due, early[1]),
        "a_moment_late": (due + MILLISECOND, early[1]),
    }.get(plot, early)
    for recipient, at in (("subject", subject), ("authority", authority)):
        if at is not None:
            steps.append(Step("notice_sent", at, {"recipient": recipient}))
    if plot == "detected_twice":
        steps.append(Step("breach_detected", known + moment.DAY, {"system": "sikoja"}))
    return steps


def violations(chance: Chance, start: int, end: int) -> list[Duty]:
    """Violations validated in the last week."""
    found = []
    for index in range(_VIOLATIONS):
        plot, at = chance.of(VIOLATIONS), _of_the_week(chance, index, start, end)
        camera = chance.one(cameras())
        seen: dict[str, Value] = {
            "camera_id": camera.camera_id,
            "intersection_id": camera.intersection_id,
            "violation_class": chance.of({"red_light": 50, "no_helmet": 40, "wrong_way": 10}),
            "plate_hash": f"sim1:{chance.digits(12)}" if chance.happens(0.9) else None,
        }
        steps = [Step("validated", at, seen)]
        after = {
            "forwarded": chance.between(2 * moment.MINUTE, 3 * moment.HOUR),
            "late": moment.DAY + chance.between(moment.HOUR, 2 * moment.DAY),
            "on_the_dot": moment.DAY,
            "a_moment_late": moment.DAY + MILLISECOND,
        }.get(plot)
        if after is not None:
            steps.append(Step("forwarded", at + after))
            steps += _letter(chance, at + after)
        found.append(_duty(CONSOLE, f"V-{index + 1:06d}", plot, steps, end))
    return [*found, *_recorded(chance, found, end)]


def _recorded(chance: Chance, violations: list[Duty], end: int) -> list[Duty]:
    """Says when the camera recorded each; some it recorded again, up to or beyond 60 seconds later.

    Somebody validates such a copy, too, and hands it on or not.
    """
    copies: list[Duty] = []
    for index, one in enumerate(violations):
        first = one.steps[0]
        at = first.at - chance.between(moment.MINUTE, 2 * moment.HOUR)
        one.steps[0] = replace(first, fields={**first.fields, "recorded_at": at})
        if index % 12 == 0:
            minute = moment.MINUTE
            apart = (moment.SECOND, minute - MILLISECOND, minute, minute + MILLISECOND)
            again = at + chance.one(apart)
            validated = first.at + chance.between(-30 * moment.SECOND, moment.HOUR)
            steps = [Step("validated", validated, {**first.fields, "recorded_at": again})]
            if chance.happens(0.5):
                steps.append(Step("forwarded", validated + chance.between(0, 2 * moment.DAY)))
            copies.append(_duty(CONSOLE, f"{one.number}-{index}", one.plot, steps, end))
    return [copy for copy in copies if copy.steps]


def _letter(chance: Chance, forwarded: int) -> list[Step]:
    """What the police make of it: as in Jambi, one letter of many, and few are answered."""
    if not chance.happens(0.2):
        return []
    sent = forwarded + chance.between(moment.HOUR, 2 * moment.DAY)
    answered = [Step("confirmed", sent + chance.between(moment.HOUR, 2 * moment.DAY))]
    return [Step("letter_sent", sent), *(answered if chance.happens(0.4) else [])]


def alerts(chance: Chance, start: int, end: int) -> list[Duty]:
    """Alerts raised in the last week."""
    found = []
    for index in range(_ALERTS):
        plot, at = chance.of(ALERTS), _of_the_week(chance, index, start, end)
        place = chance.one(tuple(intersections().values()))
        found.append(_alert(chance, f"A-{index + 1:06d}", plot, at, place, end))
    return [*found, *_storms(chance, found, end)]


def _alert(
    chance: Chance, number: str, plot: str, at: int, place: tuple[float, float], end: int
) -> Duty:
    raised: dict[str, Value] = {
        "severity": chance.of({"low": 15, "medium": 20, "high": 45, "critical": 20}),
        "alert_class": chance.of({"congestion": 50, "signal_fault": 30, "flood": 20}),
        "lat": place[0],
        "lon": place[1],
        "test": plot == "test" or None,
    }
    return _duty(CONSOLE, number, plot, [Step("raised", at, raised), *_answer(chance, plot, at)],
                 end)  # fmt: skip


def _storms(chance: Chance, alerts: list[Duty], end: int) -> list[Duty]:
    """More alerts after some, up to or beyond 60 seconds later and 150 m away; each has an answer
    of its own, or none.  A few have no place, so they belong to no other."""
    more: list[Duty] = []
    minute = moment.MINUTE
    for first in alerts[::5]:
        raised = first.steps[0]
        lat, lon = (float(str(raised.fields[name])) for name in ("lat", "lon"))
        for index in range(chance.whole(1, 4)):
            apart = (
                0, 20 * moment.SECOND, minute - MILLISECOND, minute, minute + MILLISECOND,
                90 * moment.SECOND,
            )  # fmt: skip
            at = raised.at + chance.one(apart)
            place = moved(lat, lon, chance.one((0.0, 70.0, -70.0, 148.0, 152.0)), 0.0)
            plot = chance.of(ALERTS)
            one = _alert(chance, f"{first.number}-{index}", plot, at, place, end)
            if one.steps and chance.happens(0.1):
                nowhere = {**one.steps[0].fields, "lat": None, "lon": None}
                one.steps[0] = replace(one.steps[0], fields=nowhere)
            more.append(one)
    return [one for one in more if one.steps]


def _answer(chance: Chance, plot: str, at: int) -> list[Step]:
    quick = chance.between(5 * moment.SECOND, 2 * moment.MINUTE)
    ended: Mapping[str, Value] = {"automatic": True}
    if plot == "auto_resolved":
        return [Step("resolved", at + chance.between(moment.SECOND, 30 * moment.SECOND), ended)]
    if plot == "auto_resolved_later":
        return [Step("resolved", at + 30 * moment.SECOND, ended)]
    if plot == "unanswered":
        return []
    after = {
        "slow": chance.between(2 * moment.MINUTE, 25 * moment.MINUTE),
        "late": _HALF_HOUR + chance.between(moment.MINUTE, 2 * moment.HOUR),
        "on_the_dot": _HALF_HOUR,
    }.get(plot, quick)
    over = at + after + chance.between(moment.MINUTE, moment.HOUR)
    return [Step("acknowledged", at + after), Step("resolved", over, {"automatic": False})]


def _of_the_week(chance: Chance, index: int, start: int, end: int) -> int:
    return chance.between(start if index % 3 == 0 else min(start, end - 7 * moment.DAY), end)


def _duty(source: str, number: str, plot: str, steps: list[Step], end: int) -> Duty:
    """With what was known when the story ends."""
    known = sorted((step for step in steps if step.at < end), key=lambda step: step.at)
    return Duty(source, number, plot, known)
