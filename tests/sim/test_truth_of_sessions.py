"""Truth of the users of Sikoja and of the kelurahan at work, made by hand."""

from __future__ import annotations

from sim import Day
from sim.cases import Service
from sim.kelurahan import Shift
from sim.sikoja import Use
from sim.truth import sessions as truth
from sim.truth.windows import Window, ending
from tests.sim.making import request, step, wib

WEEK = Window("7d", wib("2026-11-14T00:00"), wib("2026-11-21T00:00"))
STORY = Day(seed=1, scale=0.1).story
CODE = "15.71.07.1011"


def use(user: str, role: str | None, seconds: int = 10, app: str = "sikoja",
        at: str = "2026-11-20T10:00") -> Use:  # fmt: skip
    return Use("1", app, user, role, seconds, None, wib(at))


def test_users_are_counted_once_by_what_was_ever_known_of_them() -> None:
    assert truth.users([], WEEK) == (0, 0, 0)
    uses = [use("a", "citizen"), use("a", None), use("b", "asn"), use("c", None)]
    assert truth.users(uses, WEEK) == (1, 2, 1)
    assert truth.users([use("a", "citizen"), use("a", "asn")], WEEK) == (0, 1, 0)


def test_short_sessions_other_apps_and_other_weeks_do_not_count() -> None:
    assert truth.users([use("a", "asn", seconds=9)], WEEK) == (0, 0, 0)
    assert truth.users([use("a", "asn", app="sipaten")], WEEK) == (0, 0, 0)
    assert truth.users([use("a", "asn", at="2026-11-13T23:59:59.999")], WEEK) == (0, 0, 0)
    assert truth.users([use("a", "asn", at="2026-11-14T00:00")], WEEK) == (0, 1, 0)


def done(count: int, at: str = "2026-11-20T10:00") -> list[Service]:
    return [
        request("2026-11-12T10:00", step("completed", at, delivery="online"),
                number=str(n), nik=str(n))
        for n in range(count)
    ]  # fmt: skip


def shift(at: str = "2026-11-20T10:00", code: str = CODE) -> Shift:
    return Shift("1", "o", code, wib(at))


def test_ten_completed_requests_and_an_officer_in_the_window() -> None:
    assert truth.at_work(done(10), [shift()], WEEK) == [CODE]
    assert truth.at_work(done(9), [shift()], WEEK) == []
    assert truth.at_work(done(10), [shift(code="15.71.01.1002")], WEEK) == []
    assert truth.at_work(done(10), [shift("2026-11-13T10:00")], WEEK) == []
    assert truth.at_work(done(10, "2026-11-13T10:00"), [shift()], WEEK) == []


def test_a_repeat_within_the_hour_is_no_request() -> None:
    made = done(10)
    made[9].nik = made[8].nik
    assert truth.at_work(made, [shift()], WEEK) == []


def test_of_the_busy_kelurahan_of_the_story_all_but_one_are_at_work() -> None:
    busy = {s.kelurahan_code for s in STORY.services if s.plot == "busy"}
    month = ending("28d", STORY.end)
    assert len(busy - set(truth.at_work(STORY.services, STORY.shifts, month))) == 1
    assert len(busy) == 4
    good, known, unknown = truth.users(STORY.uses, month)
    assert 0 < good < known
    assert 0 < unknown < known
