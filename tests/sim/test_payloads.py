"""The raw payloads say exactly what the canonical events say, and the noise is as announced."""

from __future__ import annotations

from collections import Counter

import pytest

from connectors.registry import discover
from core import contract
from core.events import Event
from core.manifest import Manifest, Raw
from core.normalize import normalize
from core.outcome import Reject
from core.privacy import Pseudonymizer
from sim import Day
from sim.payloads import Payload

DAY = Day(seed=3, scale=0.1, silent="frigate", silent_from=3)
"""With three hours of camera statistics: the rest of the day would say nothing new."""
CONNECTORS = ("frigate", "sikesal", "sipaten")


def redacted(manifest: Manifest, body: bytes, pseudonyms: Pseudonymizer) -> bytes:
    try:
        return manifest.redact(body, pseudonyms)
    except ValueError:
        return body


def outcomes(payload: Payload) -> list[Event | Reject]:
    manifest = discover()[payload.connector]
    body = redacted(manifest, payload.body, DAY.pseudonyms)
    return list(normalize(manifest, Raw(body, payload.at, payload.headers)))


@pytest.fixture(scope="module")
def told() -> dict[str, list[Event | Reject]]:
    found: dict[str, list[Event | Reject]] = {name: [] for name in CONNECTORS}
    for payload in DAY.stream():
        found[payload.connector] += outcomes(payload)
    return found


def test_parsed_payloads_are_the_canonical_events(told: dict[str, list[Event | Reject]]) -> None:
    heard = {
        contract.to_line(outcome)
        for name in CONNECTORS
        for outcome in told[name]
        if isinstance(outcome, Event)
    }
    assert heard == {contract.to_line(event) for event in DAY.connector_events()}


@pytest.mark.parametrize("name", CONNECTORS)
def test_every_record_is_accepted_a_duplicate_or_rejected_as_announced(
    name: str, told: dict[str, list[Event | Reject]]
) -> None:
    expected = DAY.expected_accounting()[name]
    ids = Counter(o.event_id for o in told[name] if isinstance(o, Event))
    assert expected == {
        "received": len(told[name]),
        "accepted": len(ids),
        "duplicate": ids.total() - len(ids),
        "rejected": sum(isinstance(o, Reject) for o in told[name]),
    }
    assert expected["received"] == sum(expected.values()) - expected["received"]
    assert min(expected.values()) > 0


def test_a_resend_has_the_same_content_under_the_same_id(
    told: dict[str, list[Event | Reject]],
) -> None:
    events = {o.event_id: o for name in CONNECTORS for o in told[name] if isinstance(o, Event)}
    repeated = [o for name in CONNECTORS for o in told[name] if isinstance(o, Event)]
    assert all(events[event.event_id] == event for event in repeated)


def test_payloads_come_in_order_of_arrival_and_soon_after_the_day() -> None:
    arrivals = [payload.at for payload in DAY.stream()]
    assert arrivals == sorted(arrivals)
    assert arrivals[-1] <= DAY.end + 6 * 60 * 1_000_000


def test_nothing_is_told_before_it_happened() -> None:
    early = [
        event
        for payload in DAY.stream()
        for event in outcomes(payload)
        if isinstance(event, Event) and event.occurred_at > payload.at
    ]
    assert early == []
