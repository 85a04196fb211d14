"""A quick look never passes what a thorough one finds fault with."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core import contract
from core.contract import _flaw  # what the quick look must agree with
from core.events import Event
from core.fields import LAST
from tests.core.stories import wib

SUBMITTED = Event(
    "complaint.submitted", "sikesal:1:submitted", wib("2026-11-20T09:00"), "sikesal",
    {"case_id": "sikesal:1", "source_ref": "1", "category": "air", "lat": -1.6, "lon": 103.6,
     "incident_at": wib("2026-11-20T08:00")},
)  # fmt: skip
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.integers(-(2**65), 2**65),
    st.floats(), st.text(max_size=3), st.just(LAST + 1),
)  # fmt: skip
NAMES = st.sampled_from([
    *contract.field_names("complaint.submitted"), "source", "event_id", "occurred_at", "nonsense",
])  # fmt: skip


@given(st.dictionaries(NAMES, ODD, max_size=3), st.sets(NAMES, max_size=2), ODD, ODD, ODD)
def test_what_passes_fits(
    changes: dict[str, Any], gone: set[str], name: Any, at: Any, source: Any
) -> None:
    fields = {**SUBMITTED.fields, **changes}
    event = replace(SUBMITTED, fields={k: v for k, v in fields.items() if k not in gone})
    for odd in (event, replace(event, event_id=name), replace(event, occurred_at=at),
                replace(event, source=source)):  # fmt: skip
        if contract.surely_fits(odd):
            assert _flaw(odd) is None


def test_a_usual_event_of_any_kind_of_field_passes() -> None:
    assert contract.surely_fits(SUBMITTED)
    assert not contract.surely_fits(replace(SUBMITTED, fields={**SUBMITTED.fields, "lat": 1}))


@pytest.mark.parametrize("event_type", contract.types())
def test_an_event_without_its_fields_does_not_pass(event_type: str) -> None:
    bare = replace(SUBMITTED, type=event_type, fields={"nonsense": 1})
    assert not contract.surely_fits(bare)
