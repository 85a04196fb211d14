"""The measurement goes on without those who cannot run or who fail, and says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from bench import job as measuring
from bench.attempt import Attempt, Implementation, Missing, NotRun, Run
from bench.job import Job, measure
from bench.oracle import Verdict
from core.outcome import Halt

EXACT = Verdict(1, 0, 0, 0)


async def nothing(*_args: Any) -> None:
    return None


GOOD = Implementation("good", "first", nothing, nothing, ("in",), "about")
OTHERS = [replace(GOOD, name=name) for name in ("missing", "failing")]
JOB = Job("fold", "", nothing, ("in",), {w.name: w for w in (*OTHERS, GOOD)}, lambda *_: EXACT)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    async def measured(who: Implementation, _attempt: Attempt) -> Any:
        if who.name == "missing":
            raise Missing("no JDK")
        if who.name == "failing":
            raise Halt("ended by itself")
        return (1.0, 0.5, 100.0, 0.25), None

    monkeypatch.setattr(measuring, "measured", measured)
    monkeypatch.setattr(measuring, "prepared", nothing)
    monkeypatch.setattr(measuring, "_clean", nothing)


async def _all(events: int = 10, repeat: int = 2) -> list[Run | NotRun]:
    names = list(JOB.implementations)
    return await measure(
        JOB, cast("Any", None), names=names, events=events, repeat=repeat, tell=lambda _: None
    )


async def test_who_cannot_run_is_told_once_and_the_others_run_as_often_as_asked() -> None:
    found = await _all()
    assert [one.implementation for one in found] == ["missing", "failing", "good", "good"]


async def test_only_a_failure_counts_as_one() -> None:
    absent = [one for one in await _all() if isinstance(one, NotRun)]
    assert [one.failed for one in absent] == [False, True]
    assert "ended by itself" in absent[1].why


async def test_a_slow_one_is_given_a_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = replace(JOB, implementations={"good": replace(GOOD, most=7)})
    names = ["good"]
    (run,) = await measure(
        slow, cast("Any", None), names=names, events=10, repeat=1, tell=lambda _: None
    )
    assert isinstance(run, Run)
    assert run.events == 7


async def test_each_repetition_begins_with_another() -> None:
    pair = {name: replace(GOOD, name=name) for name in ("a", "b")}
    found = await measure(
        replace(JOB, implementations=pair), cast("Any", None),
        names=["a", "b"], events=1, repeat=3, tell=lambda _: None,
    )  # fmt: skip
    assert [one.implementation for one in found] == ["a", "b", "b", "a", "a", "b"]
