"""KPIs 1, 2, 5, 8 and 9 on cases short enough to check by hand."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from core import moment
from core.cells import BESIDE, Share
from core.complaints import Complaint
from core.events import Value
from core.kpis import by_id
from tests.core.stories import Step, case, event, wib

# 2026-11-02 is a Monday and no holiday follows in November: 3 working days end on the 5th,
# 5 on the 9th, 10 on the 16th.
FILED = "2026-11-02T10:00"
VERIFICATION = "complaint_verification_on_time_pct"
RESPONSE = "complaint_first_response_on_time_pct"
REOPEN = "complaint_reopen_pct"
MISROUTING = "complaint_misrouting_pct"
UTILITY = "env_utility_24h_resolution_pct"
GOOD, BAD = {"n": 1, "d": 1}, {"d": 1}

Told = tuple[str, dict[str, int]]
"""Local day of a share and its counters."""


def told(kpi: str, *steps: Step, source: str = "sikesal", **filed: Value) -> list[Told]:
    """What a case filed on Monday adds, by local day."""
    first = event("complaint.submitted", wib(FILED), source, "", case_id="1", **filed)
    made = Complaint.of([first, *case("1", *steps)])
    assert made is not None
    found = [(_day(share.at), _alone(share)) for share in by_id()[kpi].shares(made)]
    return [one for one in found if one[1]]


def _alone(share: Share) -> dict[str, int]:
    """Without what companions read."""
    beside = ("s#", BESIDE)
    return {name: n for name, n in share.counters.items() if not name.startswith(beside)}


def _day(at: int) -> str:
    return moment.to_datetime(at + moment.WIB).strftime("%m-%d")


def out(reason: str) -> dict[str, int]:
    return {f"x:{reason}": 1}


def step(what: str, when: str, **fields: Value) -> tuple[str, str, Mapping[str, Value]]:
    return what, f"2026-11-{when}", fields


FORWARDED = step("forwarded", "03T10:00", opd="dlh")
"""On Tuesday: five working days end on the 10th."""
LINKED = step("duplicate_linked", "02T11:00", master_case_id="sikesal:2")


@pytest.mark.parametrize(
    ("steps", "counters"),
    [
        pytest.param([step("forwarded", "05T23:59:59.999", opd="dlh")], GOOD, id="last instant"),
        pytest.param([step("forwarded", "06T00:00", opd="dlh")], BAD, id="a moment late"),
        pytest.param([], BAD, id="nothing happened"),
        pytest.param([step("verified", "03T10:00", verdict="valid")], BAD, id="not forwarded"),
        pytest.param([step("verified", "03T10:00", verdict="incomplete")], GOOD, id="asked back"),
        pytest.param([step("rejected", "04T10:00", reason="spam")], GOOD, id="refused in time"),
        pytest.param([step("rejected", "09T10:00", reason="spam")], BAD, id="refused late"),
        pytest.param([step("withdrawn", "05T10:00")], out("withdrawn"), id="withdrawn before"),
        pytest.param([step("withdrawn", "06T10:00")], BAD, id="withdrawn after"),
        pytest.param([FORWARDED, LINKED], out("duplicate"), id="duplicate"),
        pytest.param(
            [FORWARDED, step("resolved", "04T10:00"), step("reopened", "05T10:00")], GOOD,
            id="reopening does not enter again",
        ),
    ],
)  # fmt: skip
def test_verified_and_forwarded_by_the_third_working_day(
    steps: list[Step], counters: dict[str, int]
) -> None:
    assert told(VERIFICATION, *steps) == [("11-05", counters)]


def test_112_has_no_verification_and_a_secret_report_does_not_count() -> None:
    assert told(VERIFICATION, FORWARDED, source="call112") == [("11-05", out("no_verification"))]
    assert told(VERIFICATION, FORWARDED, kind="wbs") == [("11-05", out("wbs"))]


def answer(when: str, actor: str = "opd", *, substantive: bool | None = True) -> Step:
    return step("responded", when, actor=actor, substantive=substantive)


@pytest.mark.parametrize(
    ("steps", "counters"),
    [
        pytest.param([answer("10T23:59:59.999")], GOOD, id="last instant"),
        pytest.param([answer("11T00:00")], BAD, id="a moment late"),
        pytest.param([answer("03T10:00:30", "bot", substantive=False)], BAD, id="a bot"),
        pytest.param([answer("04T10:00", substantive=None)], BAD, id="nobody said substantive"),
        pytest.param([answer("04T10:00", "admin")], BAD, id="not the agency"),
        pytest.param([step("resolved", "06T10:00")], GOOD, id="solved without a word"),
        pytest.param(
            [step("forwarded", "09T10:00", opd="dpupr"), answer("12T10:00")], BAD,
            id="a second agency starts no new clock",
        ),
        pytest.param([step("withdrawn", "04T10:00")], out("withdrawn"), id="withdrawn"),
    ],
)  # fmt: skip
def test_answered_by_the_fifth_working_day_after_forwarding(
    steps: list[Step], counters: dict[str, int]
) -> None:
    assert told(RESPONSE, FORWARDED, *steps) == [("11-10", counters)]


def test_what_was_never_forwarded_asks_no_agency() -> None:
    assert told(RESPONSE, step("resolved", "06T10:00")) == []


def test_the_agency_that_holds_the_case_when_it_is_due_is_charged() -> None:
    made = Complaint.of(case(
        "1", ("submitted", FILED), FORWARDED, step("forwarded", "09T10:00", opd="dpupr"),
        step("forwarded", "12T10:00", opd="pdam"),
    ))  # fmt: skip
    assert made is not None
    (share,) = by_id()[RESPONSE].shares(made)
    assert (made.opd, share.scopes) == ("pdam", {"opd": "dpupr"})


@pytest.mark.parametrize(
    ("steps", "day", "counters"),
    [
        pytest.param([], "11-16", BAD, id="no objection"),
        pytest.param([step("reopened", "16T23:59:59.999")], "11-16", GOOD, id="last instant"),
        pytest.param([step("reopened", "17T00:00")], "11-16", BAD, id="too late"),
        pytest.param(
            [step("reopened", "04T10:00"), step("reopened", "05T10:00")], "11-16", GOOD,
            id="several are one",
        ),
        pytest.param(
            [step("reopened", "04T10:00"), step("resolved", "09T10:00")], "11-23", GOOD,
            id="solved again: its second period ends later",
        ),
        pytest.param([LINKED], "11-16", out("duplicate"), id="duplicate"),
    ],
)  # fmt: skip
def test_reopened_within_ten_working_days(
    steps: list[Step], day: str, counters: dict[str, int]
) -> None:
    assert told(REOPEN, step("resolved", "02T12:00"), *steps) == [(day, counters)]


def test_what_was_never_solved_cannot_be_reopened() -> None:
    assert told(REOPEN, FORWARDED) == []


def assigned(when: str, opd: str, co_handler: str | None = None) -> Step:
    return step("assigned", when, opd=opd, co_handler=co_handler)


@pytest.mark.parametrize(
    ("steps", "counters"),
    [
        pytest.param([], BAD, id="one agency"),
        pytest.param([assigned("04T10:00", "dpupr")], GOOD, id="two agencies"),
        pytest.param([assigned("04T10:00", "dlh")], BAD, id="the same again"),
        pytest.param(
            [assigned("04T10:00", "diskominfo"), assigned("05T10:00", "dlh")], BAD,
            id="back to the desk and to the same",
        ),
        pytest.param([assigned("04T10:00", "dlh", "dpupr")], BAD, id="a second handler helps"),
        pytest.param(
            [step("resolved", "04T10:00"), assigned("05T10:00", "dpupr")], BAD, id="after solving"
        ),
        pytest.param([assigned("04T10:00", "dpupr"), LINKED], out("duplicate"), id="duplicate"),
    ],
)  # fmt: skip
def test_passed_on_between_agencies(steps: list[Step], counters: dict[str, int]) -> None:
    assert told(MISROUTING, assigned("03T10:00", "dlh"), *steps) == [("11-03", counters)]


def test_a_kecamatan_that_takes_over_from_its_kelurahan_is_no_hop() -> None:
    first = assigned("03T10:00", "15.71.07.1011")
    assert told(MISROUTING, first, assigned("04T10:00", "15.71.07")) == [("11-03", BAD)]
    assert told(MISROUTING, first, assigned("04T10:00", "15.71.08")) == [("11-03", GOOD)]


def test_what_was_never_assigned_was_not_passed_on() -> None:
    assert told(MISROUTING, FORWARDED) == []
    assert told(MISROUTING, assigned("03T10:00", "diskominfo")) == []


@pytest.mark.parametrize(
    ("steps", "counters"),
    [
        pytest.param([step("resolved", "03T10:00")], GOOD, id="to the instant"),
        pytest.param([step("resolved", "03T10:00:00.001")], BAD, id="a moment late"),
        pytest.param([], BAD, id="open"),
        pytest.param(
            [step("resolved", "02T12:00"), step("reopened", "04T10:00")], BAD, id="reopened"
        ),
        pytest.param(
            [step("verified", "02T11:00", verdict="incomplete")], out("paused"), id="waits"
        ),
        pytest.param([step("rejected", "02T11:00")], out("rejected"), id="refused"),
    ],
)
def test_waste_light_and_water_in_24_hours(steps: list[Step], counters: dict[str, int]) -> None:
    assert told(UTILITY, *steps, category="sampah") == [("11-03", counters)]


def test_other_categories_and_floods_are_no_utilities() -> None:
    for category in ("banjir", "drainase", "jalan_rusak", None):
        assert told(UTILITY, category=category) == []
