"""Checks that hold for every connector: declared types, sane times, no personal data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core import contract
from core.events import Event
from core.manifest import Manifest, Raw
from core.moment import MINUTE
from core.normalize import CUT_FROM, normalize
from core.outcome import Reason, Reject
from tests.core.stories import at, event, wib

NOW = at("12:00")


def outcome(given: Event, **manifest: Any) -> Event | Reject:
    def parse(_raw: Raw) -> Iterator[Event | Reject]:
        yield given

    declared = {"emits": ("complaint.submitted", "complaint.progressed"), **manifest}
    made = Manifest(
        name="sikesal", title="", title_id="", owner="", kind="push", settings=object,
        parse=parse, **declared,
    )  # fmt: skip
    (found,) = normalize(made, Raw(b"raw", NOW))
    return found


def filed(when: int) -> Event:
    return event("complaint.submitted", when, case_id="1")


def reason(found: Event | Reject) -> Reason | None:
    return found.reason if isinstance(found, Reject) else None


def test_a_good_event_passes_unchanged() -> None:
    assert outcome(filed(NOW)) == filed(NOW)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (NOW + 5 * MINUTE, None),
        (NOW + 5 * MINUTE + 1, Reason.TIME_OUT_OF_RANGE),
        (wib("2017-12-01T00:00"), None),
        (wib("2017-12-01T00:00") - 1, Reason.TIME_OUT_OF_RANGE),
    ],
)
def test_a_live_source_speaks_of_its_life_and_not_of_the_future(
    when: int, expected: Reason | None
) -> None:
    assert reason(outcome(filed(when))) is expected
    assert reason(outcome(filed(when), historical=True)) is None


@pytest.mark.parametrize(
    ("filed_at", "expected"),
    [
        (NOW + 5 * MINUTE, None),
        (NOW + 5 * MINUTE + 1, Reason.TIME_OUT_OF_RANGE),
        (wib("2017-12-01T00:00"), None),
        (wib("2017-12-01T00:00") - 1, Reason.TIME_OUT_OF_RANGE),
    ],
)
def test_a_moment_that_a_clock_begins_with_is_held_to_the_same(
    filed_at: int, expected: Reason | None
) -> None:
    gained = event("complaint.duplicate_gained", NOW, case_id="1", duplicate_case_id="2",
                   submitted_at=filed_at)  # fmt: skip
    found = outcome(gained, emits=("complaint.duplicate_gained",))
    assert reason(found) is expected
    assert not isinstance(found, Reject) or "submitted_at" in found.detail
    assert reason(outcome(gained, emits=("complaint.duplicate_gained",), historical=True)) is None


def test_of_most_types_the_time_of_the_event_alone_is_one() -> None:
    several = {name for name in contract.types() if len(contract.event_times(name)) > 1}
    assert several == {"complaint.duplicate_gained"}


def test_a_type_that_is_not_declared_is_rejected() -> None:
    assert reason(outcome(filed(NOW), emits=())) is Reason.UNKNOWN_TYPE


def test_an_event_that_breaks_the_contract_is_rejected() -> None:
    broken = Event("complaint.submitted", "e", NOW, "sikesal", {"case_id": 7})
    assert reason(outcome(broken)) is Reason.INVALID


def test_personal_data_in_free_text_is_rejected_without_keeping_it() -> None:
    told = event(
        "complaint.progressed", NOW, case_id="1", note="telp 081200001234", long_cycle=None
    )
    found = outcome(told)
    assert isinstance(found, Reject)
    assert (found.reason, found.raw) == (Reason.PERSONAL_DATA, b"")


def test_a_payload_that_was_cut_is_too_large() -> None:
    made = Manifest(
        name="x", title="", title_id="", owner="", kind="push", emits=(), settings=object,
        parse=lambda _raw: iter(()),
    )  # fmt: skip
    (found,) = normalize(made, Raw(b"begin", NOW, {CUT_FROM: "9 MiB"}))
    assert reason(found) is Reason.TOO_LARGE
