"""What no schema forbids but no calculation bears is refused, in rows and in columns."""

import pytest
from msgspec.structs import replace

from core import contract
from core.detections import columns
from core.events import Event
from core.fields import LAST

GOOD = Event("cctv.detected", "e", 1, "frigate", {"camera_id": "c", "label": "car", "count": 1})
UNSOUND = [
    pytest.param(replace(GOOD, occurred_at=-1), id="before 1970"),
    pytest.param(replace(GOOD, occurred_at=LAST + 1), id="after 2200"),
    pytest.param(replace(GOOD, fields={**GOOD.fields, "confidence": float("inf")}), id="infinite"),
    pytest.param(replace(GOOD, fields={**GOOD.fields, "confidence": float("nan")}), id="no number"),
    pytest.param(replace(GOOD, fields={**GOOD.fields, "lat": float("nan")}), id="nowhere"),
]


def test_the_good_event_is_sound() -> None:
    assert contract.flaw(GOOD) is None
    assert len(columns([contract.encode(GOOD)], [0])) == 1


@pytest.mark.parametrize("event", UNSOUND)
def test_an_unsound_row_has_a_flaw(event: Event) -> None:
    assert contract.flaw(event)


@pytest.mark.parametrize("event", UNSOUND)
def test_an_unsound_column_is_refused(event: Event) -> None:
    with pytest.raises(ValueError, match=r"moments|no number"):
        columns([contract.encode(GOOD), contract.encode(event)], [0, 1])


def test_half_a_character_is_a_flaw() -> None:
    assert contract.flaw(replace(GOOD, fields={**GOOD.fields, "label": "\ud800"}))


def test_a_count_of_more_than_32_bits_is_unsound() -> None:
    """Fastavro reads it as it is, a columnar decoder cuts it."""
    for count, sound in ((2**31 - 1, True), (2**31, False), (-(2**31) - 1, False)):
        event = replace(GOOD, fields={**GOOD.fields, "count": count})
        assert (contract.unsound(event) is None) is sound
