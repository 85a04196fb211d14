"""Truth of the events that cannot be, on cases made by hand and on the story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import pytest

from sim import Day
from sim.cases import Step
from sim.story import Scale
from sim.truth import unexpected as truth
from tests.sim.making import step

FIRST: dict[truth.Fits, str] = {
    truth.complaint: "submitted",
    truth.service: "requested",
    truth.inquiry: "received",
    truth.once: "raised",
    truth.repair: "alarm",
}
FORWARDED = step("forwarded", "2026-11-02T10:00", opd="dlh")
INCOMPLETE = step("verified", "2026-11-02T09:00", verdict="incomplete")
RESOLVED = step("resolved", "2026-11-03T10:00")
COMPLETE = step("completeness_decided", "2026-11-02T09:00", complete=True)
GRANTED = step("decided", "2026-11-02T10:00", outcome="granted")


@pytest.mark.parametrize(
    ("fits", "steps", "odd"),
    [
        pytest.param(truth.complaint, [FORWARDED, RESOLVED], [], id="an ordinary life"),
        pytest.param(truth.complaint, [INCOMPLETE, FORWARDED], [2], id="passed on while waiting"),
        pytest.param(
            truth.complaint, [RESOLVED, step("reopened", "2026-11-17T23:00")], [], id="in ten days"
        ),
        pytest.param(
            truth.complaint, [RESOLVED, step("reopened", "2026-11-18T00:00")], [2], id="too late"
        ),
        pytest.param(
            truth.complaint,
            [
                RESOLVED,
                step("reopened", "2026-11-04T00:00"),
                step("progressed", "2026-11-05T00:00"),
            ],
            [],
            id="worked on again",
        ),
        pytest.param(
            truth.complaint, [RESOLVED, step("progressed", "2026-11-05T00:00")], [2], id="solved"
        ),
        pytest.param(truth.service, [COMPLETE, GRANTED], [], id="decided"),
        pytest.param(truth.service, [GRANTED], [1], id="decided without a file"),
        pytest.param(
            truth.service,
            [COMPLETE, GRANTED, step("decided", "2026-11-03T10:00", outcome="refused")],
            [3],
            id="decided twice",
        ),
        pytest.param(
            truth.inquiry, [step("extended", "2026-11-03T10:00", reason=None)], [1], id="no reason"
        ),
        pytest.param(
            truth.inquiry, [step("extended", "2026-11-16T10:00", reason="x")], [1], id="late"
        ),
        pytest.param(
            truth.once,
            [step("resolved", "2026-11-02T10:00"), step("acknowledged", "2026-11-02T11:00")],
            [2],
            id="after the end",
        ),
        pytest.param(
            truth.repair,
            [step("seen", "2026-11-02T10:00"), step("said", "2026-11-02T11:00")],
            [2],
            id="works already",
        ),
    ],
)
def test_what_does_not_fit_is_odd(
    fits: truth.Fits, steps: Sequence[Step], odd: Sequence[int]
) -> None:
    begun = step(FIRST[fits], "2026-11-01T08:00")
    found = truth.oddities(FIRST[fits], fits, [begun, *steps])
    assert [n for n, (_, is_odd) in enumerate(found) if is_odd] == odd


def test_what_comes_before_the_first_step_or_without_it_is_odd() -> None:
    begun = step("submitted", "2026-11-02T12:00")
    early = truth.oddities("submitted", truth.complaint, [FORWARDED, begun, RESOLVED])
    assert [odd for _, odd in early] == [True, False, False]
    stray = truth.oddities("submitted", truth.complaint, [FORWARDED, RESOLVED])
    assert [odd for _, odd in stray] == [True, True]


def test_the_story_has_strays_and_contradictions_of_every_source_that_brings_cases() -> None:
    story = Day(date=date(2026, 11, 20), scale=Scale(300, 200, 100, 20, 20)).story
    odd = Counter(
        source
        for source, first, fits, steps in truth.told(story)
        for _, is_odd in truth.oddities(first, fits, steps)
        if is_odd
    )
    assert {"sikesal", "sipaten", "ppid", "dpo_log", "operator_console"} <= odd.keys()
