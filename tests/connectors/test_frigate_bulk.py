"""In columns or one by one, Frigate's messages give the same events, whatever they hold."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import connectors
from bench.frigate import message
from connectors.frigate.manifest import MANIFEST
from connectors.frigate.payload import seconds
from connectors.frigate.seconds import micros
from core import contract, event_columns, moment
from core.bulk import Bulk, Columns
from core.events import Event
from core.fields import LAST
from core.manifest import Raw
from core.normalize import EARLIEST, normalize, normalize_bulk
from tests.connectors.frigate_payloads import (
    AT,
    BROKEN,
    DELAYS,
    EVENTS,
    HALVES,
    ODD_SCORES,
    ODD_TIMES,
    SCALARS,
    TIMES,
    TOPICS,
    raws,
)

SAMPLES = Path(connectors.__path__[0]) / "frigate" / "samples"


def events_of(columns: Columns) -> dict[int, Event]:
    """The event of each payload number."""
    found: dict[int, Event] = {}
    for rows in columns.events:
        names = contract.field_names(rows.type)
        for number, row in zip(rows.numbers.tolist(), rows.columns.to_pylist(), strict=True):
            assert number not in found
            fields = {name: row[name] for name in names}
            found[number] = Event(
                rows.type, row["event_id"], row["occurred_at"], row["source"], fields
            )
    return found


def read(raws: list[Raw]) -> dict[int, Event]:
    """What is read in columns, after the proof that it is what is read one by one."""
    columns = normalize_bulk(MANIFEST, Bulk.of(raws))
    found = events_of(columns)
    left = columns.left.tolist()
    assert sorted([*found, *left]) == list(range(len(raws)))
    for number, event in found.items():
        [expected] = normalize(MANIFEST, raws[number])
        assert isinstance(expected, Event)
        assert (event.type, contract.record(event)) == (expected.type, contract.record(expected))
        # Equal numbers may differ in their bits (0.0 and -0.0).
        assert contract.encode(event) == contract.encode(expected)
    return found


@pytest.mark.long
@settings(max_examples=150)
@given(st.lists(raws(), min_size=1, max_size=8))
def test_any_payload_gives_what_it_gives_one_by_one(payloads: list[Raw]) -> None:
    read(payloads)


ODD = [
    *(*BROKEN, *SCALARS, *HALVES, *ODD_TIMES, *ODD_SCORES),
    *("1795401000.250125", "0.5", '"\t"', '" "', "1" * 400, '"\x7f"'),
]
USUAL = {
    "id": '"1795401000.250125-a1"',
    "camera": '"bata"',
    "frame_time": "1795401003.25",
    "label": '"car"',
    "top_score": "0.75",
    "false_positive": "false",
    "start_time": "1795401000.250125",
    "end_time": "1795401009.5",
}


@pytest.mark.parametrize("kind", ["new", "update", "end"])
@pytest.mark.parametrize("name", USUAL)
def test_any_odd_value_in_any_field_is_judged_alike(kind: str, name: str) -> None:
    payloads = []
    # A neighbour of its own length and time on each side: rows must not be mixed up.
    for value in [each for odd in ODD for each in (odd, USUAL[name])]:
        told = ", ".join(f'"{n}": {v}' for n, v in (USUAL | {name: value}).items())
        body = f'{{"type": "{kind}", "before": {{}}, "after": {{{told}}}}}'
        payloads.append(Raw(body.encode(), AT + 20 * moment.MINUTE, EVENTS))
    payloads += [replace(raw, received_at=2 * LAST) for raw in payloads]
    assert set(read(payloads)) >= set(range(1, len(payloads), 2))


@pytest.mark.parametrize("kind", ["new", "update", "end"])
def test_a_field_that_is_missing_is_judged_alike(kind: str) -> None:
    for missing in USUAL:
        told = ", ".join(f'"{n}": {v}' for n, v in USUAL.items() if n != missing)
        body = f'{{"type": "{kind}", "before": {{}}, "after": {{{told}}}}}'
        read([Raw(body.encode(), AT, EVENTS)])


def test_the_topic_and_the_time_of_arrival_are_judged_alike() -> None:
    body = message(7, AT)
    read([Raw(body, AT, {"topic": topic}) for topic in TOPICS] + [Raw(body, AT)])
    read([Raw(body, AT, {"topic": "frigate/events", "x": topic}) for topic in TOPICS])
    read([Raw(body, AT + delay, EVENTS) for delay in DELAYS])
    early = message(7, EARLIEST - 1), message(7, EARLIEST), message(7, EARLIEST + 1)
    assert len(read([Raw(one, AT, EVENTS) for one in early])) == 2
    # Each is held to its own time of arrival, whoever was left out before it.
    arrivals = [AT, AT - moment.HOUR, AT, AT - moment.HOUR, AT]
    mixed = [Raw(b"{", AT, EVENTS), *(Raw(body, at, EVENTS) for at in arrivals)]
    assert list(read(mixed)) == [1, 3, 5]
    for cut in ("", "9 MiB"):
        read([Raw(body, AT, EVENTS), Raw(body, AT, EVENTS | {"cut-from": cut})])


@given(st.binary(max_size=60), st.integers(0, 200), st.integers(0, 60))
def test_any_damage_to_a_usual_payload(junk: bytes, at: int, gone: int) -> None:
    body = message(7, AT)
    at = at * len(body) // 200
    read([Raw(body[:at] + junk + body[at + gone :], AT, EVENTS)])


@given(st.lists(TIMES | st.sampled_from(ODD_TIMES) | st.decimals(0, 10**10, places=6).map(str)))
def test_seconds_are_read_as_exactly_as_one_by_one(texts: list[str]) -> None:
    at, exact = micros([msgspec.Raw(text.encode()) for text in texts])
    for text, moment_, read_ in zip(texts, at.tolist(), exact.tolist(), strict=True):
        if read_:
            assert moment_ == seconds(Decimal(text), "time")
        else:
            assert not re.fullmatch(r"[0-9]{10}\.[0-9]{1,6}", text)


@settings(max_examples=300)
@given(st.floats(0, 1) | st.decimals(0, 1, places=40), st.integers(0, 3))
def test_scores_are_the_same_bits(score: Any, zeros: int) -> None:
    text = f"{score:.60f}"[: 62 - zeros * 15]
    for one in (text, repr(float(score)), f"{float(score):.17e}"):
        body = message(7, AT).replace(b'"top_score": 0.958984375', b'"top_score": ' + one.encode())
        read([Raw(body, AT, EVENTS)])


@pytest.mark.parametrize("kind", ["new", "update", "end"])
def test_usual_messages_are_read_in_columns(kind: str) -> None:
    payloads = []
    for number in range(100):
        told = json.loads(message(number, AT + 997 * number))
        told["type"] = kind
        told["after"]["end_time"] = told["after"]["start_time"] + 5.5
        body = json.dumps(told).encode()
        payloads.append(Raw(body, AT + moment.MINUTE, {"topic": f"frigate{number % 3}/events"}))
    assert sorted(read(payloads)) == list(range(100))


def test_the_samples_messages_are_read_alike() -> None:
    for sample in SAMPLES.glob("*.in.json"):
        body = sample.read_bytes()
        try:
            found = json.loads(body)
        except ValueError:
            continue
        parts = [json.dumps(one).encode() for one in (found if isinstance(found, list) else [])]
        read([Raw(one, AT, EVENTS) for one in [body, *parts]])


@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_nesting_of_any_depth_is_judged_alike(brackets: str) -> None:
    """Where either reader gives up depends on how deep its caller stands: no depth is skipped."""
    opened = "[" if brackets == "[]" else '{"":'
    payloads = []
    for depth in (10, 300, *range(760, 1_010), 2_000, 100_000):
        nested = f'"before": {opened * depth}0{brackets[1] * depth}, "was": '
        body = message(7, AT).replace(b'"before": ', nested.encode(), 1)
        payloads.append(Raw(body, AT, EVENTS))
    assert 0 in read(payloads)


def test_text_that_is_skipped_must_be_text_too() -> None:
    body = message(7, AT)
    at = body.index(b"simpang")
    assert read([Raw(body[:at] + b"\xc3\xa9" + body[at:], AT, EVENTS)])
    assert not read([Raw(body[:at] + b"\xc3" + body[at:], AT, EVENTS)])


def test_one_bad_payload_costs_only_itself() -> None:
    good = [Raw(message(number, AT + number), AT, EVENTS) for number in range(9)]
    bad = [Raw(body, AT, EVENTS) for body in (b"", b"{", b"\xff", b"[]", b"null", b'{"type":1}')]
    mixed = [*good[:3], *bad[:3], *good[3:6], *bad[3:], *good[6:]]
    assert list(read(mixed)) == [0, 1, 2, 6, 7, 8, 12, 13, 14]


def test_nothing_gives_nothing() -> None:
    assert read([]) == {}


def test_columns_are_those_of_the_contract() -> None:
    columns = normalize_bulk(MANIFEST, Bulk.of([Raw(message(1, AT), AT, EVENTS)]))
    for rows in columns.events:
        assert rows.columns.schema == event_columns.schema(rows.type)
        assert rows.type in MANIFEST.emits
