"""True numbers of the users of Sikoja and of the kelurahan with Sipaten (catalogue 12 and 20).

Users: those with a session of ten seconds or more in the window.  Who never showed a role in the
window is left out; who ever was a civil servant in it is one.
Kelurahan: ten requests completed in the window (repeats within the hour are no requests) and a
session of an officer in it, of the 68.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from sim.areas import KELURAHAN
from sim.cases import Service
from sim.kelurahan import Shift
from sim.sikoja import Use
from sim.story import Story
from sim.truth.kpi import Counts, Reasons, Truth, percent
from sim.truth.services import without_repeats
from sim.truth.windows import APP_CASES, APPS, CITY, Row, Window

USERS = "sikoja_non_asn_user_share_pct"
KELURAHAN_AT_WORK = "sipaten_active_kelurahan_pct"


def users(uses: Iterable[Use], window: Window) -> tuple[int, int, int]:
    """(no civil servants, of known role, of unknown role)."""
    roles: dict[str, set[str]] = {}
    for use in uses:
        if use.app == "sikoja" and use.seconds >= 10 and window.holds(use.at):
            roles.setdefault(use.user, set()).update([use.role] if use.role else [])
    known = [own for own in roles.values() if own]
    return sum("asn" not in own for own in known), len(known), len(roles) - len(known)


def at_work(services: Iterable[Service], shifts: Iterable[Shift], window: Window) -> list[str]:
    """Kelurahan that count."""
    shifts = list(shifts)
    done = [
        service.kelurahan_code for service in without_repeats(services)
        if any(window.holds(step.at) for step in service.steps if step.what == "completed")
    ]  # fmt: skip
    return [
        code for code in KELURAHAN
        if done.count(code) >= 10
        and any(shift.kelurahan_code == code and window.holds(shift.at) for shift in shifts)
    ]  # fmt: skip


def _users(story: Story, window: Window) -> Iterator[Row]:
    good, known, _ = users(story.uses, window)
    yield Row(USERS, window.name, "city", "city", window.start, window.end, good, known)


def _strangers(story: Story, window: Window) -> Reasons:
    strangers = users(story.uses, window)[2]
    return {CITY: {"unknown_role": strangers}} if strangers else {}


def _at_work(story: Story, window: Window) -> Iterator[Row]:
    active = len(at_work(story.services, story.shifts, window))
    yield Row(KELURAHAN_AT_WORK, window.name, "city", "city", window.start, window.end,
              active, len(KELURAHAN))  # fmt: skip


def _number(story: Story, row: Row) -> Fraction | None:
    """Where nobody tells of an officer, not one kelurahan at work is no nought."""
    told = any(row.span.holds(shift.at) for shift in story.shifts)
    return percent(story, row) if told else None


def _traces(story: Story, window: Window) -> Counts:
    done = [
        service for service in without_repeats(story.services)
        if any(window.holds(step.at) for step in service.steps if step.what == "completed")
    ]  # fmt: skip
    return {CITY: len(done) + sum(window.holds(shift.at) for shift in story.shifts)}


TRUTHS = (
    Truth(USERS, ("sikoja",), ("1d", "28d", "month"), _users, _strangers, horizon=APPS),
    Truth(KELURAHAN_AT_WORK, ("sipaten",), ("28d", "month"), _at_work, cases=_traces,
          number=_number, horizon=APP_CASES),
)  # fmt: skip
