"""The oracle of normalize by hand, and what it says of wrong results."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

import pytest

from bench.payloads import Expected, all_expected
from bench.tally import Tally, judge, tally
from core import contract
from core.events import Event

DETECTED: dict[str, Any] = {
    "event_id": "frigate:1.5-a:detected",
    "occurred_at": 1_500_000,
    "source": "frigate",
    "camera_id": "CAM-001",
    "label": "car",
    "count": 1,
    "confidence": 0.5,
    "lat": None,
    "lon": None,
}
BY_HAND: list[Expected] = [
    ("cctv.detected", DETECTED),
    ("cctv.detected", {**DETECTED, "event_id": "frigate:2.5-b:detected"}),
    "invalid",
    "undecodable",
    "invalid",
]


def _changed(**fields: Any) -> list[Expected]:
    return [("cctv.detected", {**DETECTED, **fields}), *BY_HAND[1:]]


def test_events_and_rejects_are_counted() -> None:
    found = tally(BY_HAND)
    assert found.events == {"cctv.detected": 2}
    assert found.rejects == {"invalid": 2, "undecodable": 1}


def test_the_order_of_events_changes_nothing() -> None:
    assert judge(tally(BY_HAND), tally(reversed(BY_HAND))).exact


def test_what_the_backbone_encodes_is_what_the_oracle_expects() -> None:
    found = Tally()
    for one in BY_HAND:
        if isinstance(one, str):
            found.rejects[one] += 1
            continue
        fields = dict(one[1])
        name, at, source = (fields.pop(name) for name in ("event_id", "occurred_at", "source"))
        event = Event(one[0], name, at, source, fields)
        found.event(one[0], contract.key(event), contract.encode(event))
    assert str(judge(tally(BY_HAND), found)) == "exact"


@pytest.mark.parametrize(
    ("found", "told"),
    [
        pytest.param(BY_HAND[1:], "cctv.detected: 1 instead of 2", id="one lost"),
        pytest.param([*BY_HAND, BY_HAND[0]], "cctv.detected: 3 instead of 2", id="one doubled"),
        pytest.param(BY_HAND[:-1], "invalid: 1 instead of 2", id="a reject lost"),
        pytest.param(
            [*BY_HAND[:-1], "missing_field"], "missing_field: 1 instead of 0", id="another reason"
        ),
        pytest.param(_changed(confidence=0.25), "not the same", id="another confidence"),
        pytest.param(_changed(occurred_at=1), "not the same", id="another moment"),
        pytest.param(_changed(camera_id="CAM-002"), "not the same", id="another camera"),
        pytest.param([BY_HAND[1], *BY_HAND[1:]], "not the same", id="one twice for another"),
    ],
)
def test_any_difference_is_wrong(found: Iterable[Expected], told: str) -> None:
    verdict = judge(tally(BY_HAND), tally(found))
    assert not verdict.exact
    assert str(verdict).startswith("WRONG: ")
    assert told in str(verdict)


def test_an_event_under_another_key_is_wrong() -> None:
    found = Tally()
    found.event("cctv.detected", b"CAM-001", b"body")
    other = Tally()
    other.event("cctv.detected", None, b"body")
    assert not judge(found, other).exact


def test_one_event_of_many_that_is_off_by_a_bit_is_seen() -> None:
    right = tally(all_expected(2_000))
    found = deepcopy(right)
    found.sums["cctv.object_annotated"] ^= 1
    assert "cctv.object_annotated: as many, but not the same" in str(judge(right, found))
