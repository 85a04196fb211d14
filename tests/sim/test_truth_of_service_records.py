"""Truth of complaints that the records of services contradict."""

from __future__ import annotations

import pytest

from core.events import Value
from sim import Day
from sim.cases import Complaint, Service, Step
from sim.story import Scale, Story
from sim.truth import service_records
from sim.truth.windows import Window, ending
from sim.watch import Watch
from tests.sim.making import complaint, request, step, wib

WEEKS = Window("w", wib("2026-11-01T00:00"), wib("2026-11-30T00:00"))
COMPLETE = step("completeness_decided", "2026-11-02T10:00", complete=True)
IN_TIME = step("decided", "2026-11-09T23:59:59.999", outcome="granted")
LATE = step("decided", "2026-11-10T00:00", outcome="granted")


def about(claim: str | None = "late", when: str = "2026-11-12T10:00", **given: Value) -> Complaint:
    made = complaint(when)
    made.about = {"about_service": "domisili", "request_id": "sipaten:1", "claim": claim, **given}
    return made


def found(said: Complaint, *services: Service, fees: bool = False) -> tuple[bool, str | None]:
    story = Story(WEEKS.start, WEEKS.end, [said], list(services), [], [], Watch(), {})
    (only,) = service_records.verdicts(story, WEEKS, fees=fees)
    return only.contradicted, only.left_out


def asked(*steps: Step, **given: str) -> Service:
    return request("2026-11-02T09:00", *steps, **given)


@pytest.mark.parametrize(
    ("steps", "contradicted"),
    [
        pytest.param([COMPLETE, IN_TIME], True, id="the last instant"),
        pytest.param([COMPLETE, LATE], False, id="a moment late"),
        pytest.param([COMPLETE], False, id="overdue"),
        pytest.param(
            [COMPLETE, LATE, step("record_amended", "2026-11-12T09:00",
                                  decided_at=wib("2026-11-03T10:00"))], True, id="corrected before",
        ),
        pytest.param(
            [COMPLETE, LATE, step("record_amended", "2026-11-12T11:00",
                                  decided_at=wib("2026-11-03T10:00"))], False, id="corrected after",
        ),
    ],
)  # fmt: skip
def test_a_claim_of_lateness(steps: list[Step], contradicted: bool) -> None:
    assert found(about(), asked(*steps)) == (contradicted, None)


def test_what_cannot_be_said() -> None:
    assert found(about(), asked()) == (False, "record_silent")
    assert found(about(request_id="sipaten:2"), asked(COMPLETE)) == (False, "unlinkable")
    assert found(about(None), asked(COMPLETE)) == (False, "no_claim")


def test_the_last_request_of_the_applicant_is_meant() -> None:
    said = about(request_id=None)
    said.applicant_nik = "a"
    older = request("2026-10-20T09:00", step("completeness_decided", "2026-10-20T10:00",
                    complete=True), number="2")  # fmt: skip
    assert found(said, older, asked(COMPLETE, IN_TIME)) == (True, None)
    assert found(said, request("2026-10-13T09:59", number="2")) == (False, "unlinkable")


@pytest.mark.parametrize(("fee", "contradicted"), [(10_000, True), (15_000, False), (20_000, True)])
def test_a_fee_is_contradicted_by_the_tariff_and_by_another_sum(
    fee: int, contradicted: bool
) -> None:
    made = asked(step("fee_charged", "2026-11-03T10:00", amount=fee))
    made.service_code = "usaha_mikro"
    assert found(about("extra_fee", claimed_fee=15_000), made, fees=True) == (contradicted, None)


def test_the_story_has_every_claim_on_both_sides_and_all_that_is_left_out() -> None:
    day = Day(scale=Scale(complaints=20, services=20, detections=0, incidents=0, grievances=200))
    window = ending("90d", day.end)
    seen = [v for fees in (False, True)
            for v in service_records.verdicts(day.story, window, fees=fees)]  # fmt: skip
    judged = {(v.case.complaint.about["claim"], v.contradicted) for v in seen if not v.left_out}
    claims = ("late", "not_delivered", "extra_fee", "extra_requirement")
    assert judged == {(claim, side) for claim in claims for side in (True, False)}
    reasons = {v.left_out for v in seen if v.left_out}
    assert reasons == {"record_silent", "unlinkable", "no_claim", "withdrawn", "duplicate"}
