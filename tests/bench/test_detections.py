"""The generator gives the same events for ever, and the contract takes them."""

from __future__ import annotations

import hashlib

import pytest

from bench.detections import A_MINUTE, CAMERAS, DISORDER, LABELS, START, camera_id, minutes
from core import contract, moment, reference
from core.detections import TYPE
from core.events import Event


def test_the_events_never_change() -> None:
    (minute,) = minutes(1_000)
    digest = hashlib.sha256(b"".join(minute.framed(7))).hexdigest()
    assert digest[:16] == "02e570c909f98bd8"


@pytest.mark.parametrize("shorter", [1, A_MINUTE - 1, A_MINUTE, A_MINUTE + 1])
def test_a_shorter_stream_is_a_prefix_of_a_longer_one(shorter: int) -> None:
    longer = [row for minute in minutes(2 * A_MINUTE) for row in minute.rows()]
    assert [row for minute in minutes(shorter) for row in minute.rows()] == longer[:shorter]


def test_each_event_is_what_the_contract_encodes() -> None:
    (minute,) = minutes(50)
    for number, value in enumerate(minute.framed(7)):
        framed = contract.unframe(value)
        assert isinstance(framed, tuple)
        assert framed[0] == 7
        event = contract.decode(TYPE, framed[1])
        assert contract.flaw(event) is None
        assert contract.encode(event) == framed[1]
        assert event.event_id == minute.event_id[number]
        assert _row(event) == list(minute.rows())[number]


def _row(event: Event) -> tuple[int, str, str, int | None, float | None]:
    return (
        event.occurred_at,
        event.text("camera_id"),
        event.text("label"),
        event.whole("count"),
        event.real("confidence"),
    )


def test_values_are_about_90_bytes() -> None:
    (minute,) = minutes(1_000)
    sizes = [len(value) for value in minute.framed(7)]
    assert 85 <= sum(sizes) / len(sizes) <= 95


def test_events_come_up_to_5_seconds_out_of_order_and_no_more() -> None:
    (minute,) = minutes(A_MINUTE)
    newest, behind = 0, 0
    for at, *_ in minute.rows():
        newest = max(newest, at)
        behind = max(behind, newest - at)
    assert DISORDER * 9 // 10 < behind <= DISORDER
    assert max(minute.occurred_at) < minute.end == START + moment.MINUTE


def test_every_camera_and_label_is_seen_and_no_label_is_an_incident() -> None:
    rows = [row for minute in minutes(20_000) for row in minute.rows()]
    assert {camera for _, camera, *_ in rows} == {camera_id(n) for n in range(CAMERAS)}
    assert {label for _, _, label, *_ in rows} == set(LABELS)
    assert not set(LABELS) & set(reference.LABELS)


def test_ids_are_unique() -> None:
    ids = [name for minute in minutes(A_MINUTE + 5) for name in minute.event_id]
    assert len(set(ids)) == len(ids) == A_MINUTE + 5


def test_one_in_ten_is_too_unsure_to_count() -> None:
    confidence = [row[4] for minute in minutes(A_MINUTE) for row in minute.rows()]
    assert 0.09 < sum(sure < 0.1 for sure in confidence) / A_MINUTE < 0.11
    assert {0.1, 0.099} <= set(confidence)
