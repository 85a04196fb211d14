"""Truth of what a row says beside its integers: C5 to C9, case by case."""

from __future__ import annotations

from fractions import Fraction

import pytest

from core import moment
from sim.truth.decimals import decimals
from sim.truth.shown import Counted, Shown, shown, signs_of_life
from sim.truth.windows import CITY, Window
from tests.sim.making import wib

PLACE = ("kecamatan", "15.71.01")
DAY = Window("1d", wib("2026-11-20T00:00"), wib("2026-11-21T00:00"))
WEEK = Window("7d", wib("2026-11-14T00:00"), DAY.end)
HOUR = Window("1h", wib("2026-11-20T09:00"), wib("2026-11-20T10:00"))
EARLY, TEN = wib("2026-11-01T08:00"), wib("2026-11-20T10:00")
LIVE, DOWN, NEVER = ("1.0000", ""), ("0.0000", "source_down"), ("0.0000", "not_integrated")


def gone(cases: int) -> dict[str, int]:
    """Left out, and as many more that count through their master."""
    return {"rejected": cases, "duplicate": 100}


FOUR, FIVE = Counted(Fraction(75), 4, 4, {}), Counted(Fraction(80), 5, 5, {})


@pytest.mark.parametrize(
    ("scope", "what", "alive", "value", "status"),
    [
        pytest.param(CITY, FOUR, LIVE, "75.00", "ok", id="few of the city are shown"),
        pytest.param(PLACE, FOUR, LIVE, None, "insufficient", id="few below it are not"),
        pytest.param(PLACE, FIVE, LIVE, "80.00", "ok", id="five are enough"),
        pytest.param(CITY, Counted(Fraction(75), 80, 80, gone(20)), LIVE, "75.00", "ok",
                     id="a fifth"),
        pytest.param(CITY, Counted(Fraction(75), 80, 80, gone(21)), LIVE, "75.00", "insufficient",
                     id="over a fifth left out: shown, with a warning"),
        pytest.param(PLACE, Counted(Fraction(75), 80, 80, gone(21)), LIVE, None, "insufficient",
                     id="below the city not shown"),
        pytest.param(CITY, Counted(None, 9, 9, {}), LIVE, None, "insufficient", id="no number"),
        pytest.param(CITY, Counted(None, 0, 0, {}), LIVE, None, "no_data", id="nothing happened"),
        pytest.param(CITY, Counted(None, 0, 0, gone(1)), LIVE, None, "insufficient",
                     id="all left out"),
        pytest.param(CITY, Counted(None, 0, 0, {}), DOWN, None, "source_down", id="silence"),
        pytest.param(CITY, Counted(None, 0, 0, gone(1)), DOWN, None, "source_down",
                     id="silence, and a case left out"),
        pytest.param(CITY, Counted(None, 0, 0, {}), NEVER, None, "not_integrated",
                     id="never heard"),
        pytest.param(CITY, FOUR, DOWN, "75.00", "ok", id="it happened, whoever was silent"),
        pytest.param(CITY, Counted(Fraction(0), 9, 0, {}), DOWN, None, "source_down",
                     id="residents are no cases"),
    ],
)  # fmt: skip
def test_number_and_status(
    scope: tuple[str, str], what: Counted, alive: tuple[str, str], value: str | None, status: str
) -> None:
    said = shown(scope, what, alive, final=True)
    assert said == Shown(value, status, alive[0], what.left_out, True)


def test_where_only_the_silent_source_could_tell_nothing_is_shown() -> None:
    said = shown(CITY, FIVE, DOWN, final=False, elsewhere=True)
    assert (said.value, said.status, said.final) == (None, "source_down", False)
    assert shown(CITY, FIVE, LIVE, final=False, elsewhere=True).status == "ok"


@pytest.mark.parametrize(
    ("beats", "window", "expected"),
    [
        ({"a": [TEN]}, DAY, ("1.0000", "")),
        ({"a": [TEN, TEN + moment.HOUR]}, WEEK, ("0.1429", "")),
        ({"a": [DAY.start - 1]}, DAY, ("0.0000", "source_down")),
        ({"a": [DAY.end]}, DAY, ("0.0000", "not_integrated")),
        ({}, DAY, ("0.0000", "not_integrated")),
        ({"a": [TEN - 1]}, HOUR, ("1.0000", "")),
        ({"a": [TEN]}, HOUR, ("0.0000", "not_integrated")),
        ({"a": [EARLY, TEN]}, HOUR, ("0.0000", "source_down")),
    ],
)
def test_signs_of_life_of_one_source(
    beats: dict[str, list[int]], window: Window, expected: tuple[str, str]
) -> None:
    assert signs_of_life(beats, ("a",), window) == expected


def test_of_two_sources_one_that_was_never_heard_is_what_is_told() -> None:
    assert signs_of_life({"a": [EARLY], "c": [TEN]}, ("a", "b"), DAY) == NEVER
    assert signs_of_life({"a": [EARLY], "c": [TEN]}, ("b", "a"), DAY) == NEVER
    assert signs_of_life({"a": [EARLY], "c": [TEN]}, ("a", "c"), DAY) == ("0.5000", "source_down")


def test_without_a_source_to_hear_it_is_complete() -> None:
    assert signs_of_life({}, (), DAY) == ("1.0000", "")


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(1, 3), 4, "0.3333"),
        (Fraction(12_345, 1_000), 2, "12.35"),
        (Fraction(-1, 200), 2, "0.00"),
    ],
)
def test_half_is_rounded_up(number: Fraction, places: int, text: str) -> None:
    assert decimals(number, places) == text
