"""Raw messages: what their numbers say they must become is what the backbone makes of them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from bench.payloads import BAD_EVERY, SPOILT, TOPIC, Expected, all_expected, expected, payload
from bench.payloads import received_at as received
from bench.peers.frigate import Bad, Normalizer, _event
from connectors.frigate.manifest import MANIFEST
from core import contract, moment
from core.manifest import Raw
from core.normalize import normalize
from core.outcome import Reject
from wire.envelope import to_record

ALL_SORTS = BAD_EVERY * len(SPOILT)


def _ours(number: int) -> Expected:
    raw = Raw(payload(number), received(number), {"topic": TOPIC})
    (outcome,) = normalize(MANIFEST, raw)
    if isinstance(outcome, Reject):
        return outcome.reason.value
    return outcome.type, contract.record(outcome)


def test_the_backbone_makes_of_each_what_its_number_says() -> None:
    for number in range(ALL_SORTS):
        assert _ours(number) == expected(number), number


def test_peers_in_python_make_the_same_of_each() -> None:
    for number in range(ALL_SORTS):
        raw = Raw(payload(number), received(number), {"topic": TOPIC})
        value, headers = to_record(raw, "frigate")
        try:
            made: Any = _event(value, dict(headers))
        except Bad as bad:
            made = str(bad)
        assert made == expected(number), number


def test_what_peers_send_is_what_the_contract_encodes() -> None:
    raw = Raw(payload(0), received(0), {"topic": TOPIC})
    (event,) = normalize(MANIFEST, raw)
    assert not isinstance(event, Reject)
    (kind, key, value), reason = Normalizer(7, 8).one(*to_record(raw, "frigate"))
    assert (kind, key, reason) == (event.type, contract.key(event), "")
    assert value == contract.frame(7, contract.encode(event))


def test_half_are_new_a_quarter_updates_a_quarter_ends() -> None:
    kinds = Counter(payload(number)[10:13] for number in range(1_000))
    assert kinds == {b"new": 499, b"cha": 1, b"upd": 250, b"end": 250} or kinds[b"new"] >= 499
    assert (kinds[b"upd"], kinds[b"end"]) == (250, 250)


def test_one_in_200_is_rejected_and_every_sort_occurs() -> None:
    reasons = Counter(one for one in all_expected(ALL_SORTS) if isinstance(one, str))
    assert sum(reasons.values()) == len(SPOILT) == ALL_SORTS // 200
    assert set(reasons) == {reason for reason, _ in SPOILT}


def test_a_message_is_about_1_080_bytes() -> None:
    sizes = [len(payload(number)) for number in range(2_000)]
    assert 1_050 <= sum(sizes) / len(sizes) <= 1_110


def test_event_ids_are_unique() -> None:
    ids = [one[1]["event_id"] for one in all_expected(10_000) if not isinstance(one, str)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("number", [0, 2, 3, 500])
def test_nothing_is_received_before_it_happened(number: int) -> None:
    made = expected(number)
    assert not isinstance(made, str)
    assert made[1]["occurred_at"] <= received(number) <= made[1]["occurred_at"] + moment.MINUTE
