"""What makes a run wrong beside its cells."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from bench.detections import Shape, minutes
from bench.scale.oracle import cells
from bench.scale.outcome import Outcome

SHAPE = Shape(cameras=3, a_second=5)
RIGHT = cells(minutes(3_000, SHAPE), 3)
GOOD = Outcome(
    cells=RIGHT[0],
    rejected=RIGHT[1],
    late=0,
    poison={"t/0/9": "wrong magic", "t/1/5": "too short"},
    letters=Counter({"t/0/9": 1, "t/1/5": 3}),
    published_later_s=0.5,
)


def test_a_letter_that_came_again_after_a_kill_is_exact_and_counted() -> None:
    assert str(GOOD.verdict(RIGHT)) == "exact"
    assert GOOD.facts()["letters"] == 4


def test_rejects_are_not_judged_where_a_counter_was_lost() -> None:
    assert replace(GOOD, rejected=None).verdict(RIGHT).exact


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"rejected": 7}, "7 rejected instead of"),
        ({"late": 3}, "3 late"),
        ({"letters": Counter({"t/0/9": 1})}, "1 of 2 unreadable records in no dead letter"),
        (
            {"letters": Counter({"t/0/9": 1, "t/1/5": 1, "t/1/6": 1})},
            "1 dead letters of good records",
        ),
        ({"cells": replace(RIGHT[0], total=RIGHT[0].total + 1)}, "0 missing"),
    ],
)
def test_anything_else_is_wrong(change: dict[str, Any], told: str) -> None:
    verdict = replace(GOOD, **change).verdict(RIGHT)
    assert not verdict.exact
    assert str(verdict).startswith("WRONG: ")
    assert str(verdict).count("WRONG") == 1
    assert told in str(verdict)
