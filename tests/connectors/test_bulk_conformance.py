"""A connector that reads payloads in columns says of each what it says one by one.

Every connector with `bulk` is tested here with no edit: its samples whole, in parts and damaged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import connectors
from connectors.registry import discover
from core import contract, moment
from core.bulk import Bulk
from core.events import Event
from core.manifest import Manifest, Raw
from core.normalize import normalize, normalize_bulk

HOME = Path(connectors.__path__[0])
RECEIVED = moment.parse("2026-11-23T03:00:00Z")
every_bulk = pytest.mark.parametrize(
    "connector", [one for one in discover().values() if one.bulk], ids=lambda one: one.name
)


def payloads(connector: Manifest) -> Iterator[Raw]:
    for sample in sorted(HOME.glob(f"{connector.name}/samples/*.in.*")):
        beside = sample.with_name(sample.name.partition(".in.")[0] + ".headers.json")
        headers = json.loads(beside.read_text("utf-8")) if beside.exists() else {}
        body = sample.read_bytes()
        parts = [body, *connector.split(body), *body.splitlines()]
        try:
            listed = json.loads(body)
        except ValueError:
            listed = []
        parts += [json.dumps(one).encode() for one in listed if isinstance(listed, list)]
        yield from (Raw(part, RECEIVED, headers) for part in parts)


def compared(connector: Manifest, raws: list[Raw]) -> int:
    """How many were read in columns, after the proof that they say the same one by one."""
    found = normalize_bulk(connector, Bulk.of(raws))
    left = set(found.left.tolist())
    for rows in found.events:
        for number, row in zip(rows.numbers.tolist(), rows.columns.to_pylist(), strict=True):
            assert number not in left
            [event] = normalize(connector, raws[number])
            assert isinstance(event, Event)
            assert (event.type, contract.record(event)) == (rows.type, row)
    silent = set(range(len(raws))) - left - {n for r in found.events for n in r.numbers.tolist()}
    assert not [outcome for number in silent for outcome in normalize(connector, raws[number])]
    return len(raws) - len(left)


@every_bulk
def test_samples_are_read_alike(connector: Manifest) -> None:
    assert compared(connector, list(payloads(connector))) > 0


@every_bulk
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_damaged_samples_are_read_alike(connector: Manifest, data: st.DataObject) -> None:
    whole = [raw for raw in payloads(connector) if len(raw.body) < 4_000]
    damaged = []
    for raw in data.draw(st.lists(st.sampled_from(whole), min_size=1, max_size=9)):
        at = data.draw(st.integers(0, len(raw.body)))
        gone, put = data.draw(st.integers(0, 3)), data.draw(st.binary(max_size=2))
        body = raw.body[:at] + put + raw.body[at + gone :]
        damaged.append(Raw(body, raw.received_at, raw.headers))
    compared(connector, damaged)


@every_bulk
@given(bodies=st.lists(st.binary(max_size=30), max_size=5))
def test_garbage_is_read_alike(connector: Manifest, bodies: list[bytes]) -> None:
    headers = [raw.headers for raw in payloads(connector)]
    compared(connector, [Raw(body, RECEIVED, one) for body in bodies for one in headers[:3]])
