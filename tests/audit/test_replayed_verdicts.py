"""The replay holds `tri.verdict` against the verdicts that the log moves."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from audit.finding import Report
from audit.replay import replay
from core.events import Event
from core.moment import MINUTE, rfc3339
from core.rows import KpiRow
from tests.audit.city import Log, published
from tests.core.test_verdicts import EVENING, NOON, beats, camera, report, review
from tests.jcoc.stored import Records

PARTITIONS = 2
SEGMENTS: tuple[Iterable[Event], ...] = (
    (camera(), *beats(), report()),
    (review(),),
    (),
    (review("confirmed", number="r2", minutes=40), report("k2", at=NOON + MINUTE)),
)
"""Seen by nobody; refuted; nothing; confirmed, and another report."""


@pytest.fixture(scope="module")
def told() -> tuple[Log, Records, Records]:
    """The log, and what a worker makes of it: rows and verdicts."""
    segments = [(EVENING + number * MINUTE, events) for number, events in enumerate(SEGMENTS)]
    log, rows = published(segments, PARTITIONS)
    return log, rows, log.verdicts


def audited(
    log: Log, rows: Records, verdicts: Records, begin: int | None = None, end: int | None = None
) -> Report:
    return replay(log.reads(), rows, begin, end, partitions=PARTITIONS, verdicts=verdicts)


Told = tuple[Log, Records, Records]


def test_what_the_worker_told_is_recomputed_byte_for_byte(told: Told) -> None:
    found = audited(*told)
    assert (found.verdicts, found.verdict_findings) == (4, [])
    assert found.good


def test_a_record_that_is_there_twice_counts_once(told: Told) -> None:
    log, rows, verdicts = told
    found = audited(log, rows, [*verdicts, (4, verdicts[0][1])])
    assert (found.verdicts, found.verdict_findings) == (4, [])


def test_another_verdict_is_different(told: Told) -> None:
    log, rows, verdicts = told
    offset, record = verdicts[1]
    changed = (offset, record.replace(b'"verdict": "refuted"', b'"verdict": "absent"'))
    found = audited(log, rows, [verdicts[0], changed, *verdicts[2:]])
    (one,) = found.verdict_findings
    said = one.to_json()
    assert (said["kind"], said["case"], said["offset"]) == ("verdict_different", "k1", 1)
    assert said["tick"] == rfc3339(EVENING + MINUTE)
    assert '"refuted"' in said["recomputed"]
    assert not found.good
    assert found.verdicts == 3


def test_two_contents_of_one_verdict_are_different(told: Told) -> None:
    log, rows, verdicts = told
    other = (4, verdicts[0][1].replace(b"absent", b"refuted"))
    found = audited(log, rows, [*verdicts, other])
    assert [one.kind for one in found.verdict_findings] == ["verdict_different"]


def test_a_verdict_that_was_not_told_or_that_nothing_makes_is_found(told: Told) -> None:
    log, rows, verdicts = told
    invented = (9, verdicts[0][1].replace(b'"k1"', b'"k7"'))
    found = audited(log, rows, [*verdicts[1:], invented])
    kinds = {one.kind: one.moved for one in found.verdict_findings}
    assert {kind: moved and moved.case for kind, moved in kinds.items()} == {
        "verdict_not_published": "k1", "verdict_not_recomputed": "k7",
    }  # fmt: skip


def test_a_record_that_is_no_verdict_is_found(told: Told) -> None:
    log, rows, verdicts = told
    found = audited(log, rows, [*verdicts, (4, b"\xff"), (5, b"{}"), (6, b"")])
    assert [one.to_json()["kind"] for one in found.verdict_findings] == ["verdict_unreadable"] * 3


def test_what_only_one_side_can_have_yet_is_left_alone(told: Told) -> None:
    log, rows, verdicts = told
    earlier = [r for r in rows if KpiRow.from_record(r[1]).as_of < EVENING + 3 * MINUTE]
    assert audited(log, earlier, verdicts[:2]).verdict_findings == []
    found = audited(log, rows, [*verdicts, (4, _at(verdicts[-1][1], EVENING + 9 * MINUTE))])
    assert found.verdict_findings == []


def _at(record: bytes, tick: int) -> bytes:
    return json.dumps(json.loads(record) | {"tick": rfc3339(tick)}).encode()


@pytest.mark.parametrize(
    ("begin", "end", "verdicts"),
    [(EVENING, None, 3), (None, EVENING, 1), (EVENING, EVENING + MINUTE, 1)],
)
def test_only_verdicts_of_the_span_are_compared(
    begin: int | None, end: int | None, verdicts: int, told: Told
) -> None:
    found = audited(*told, begin, end)
    assert (found.verdicts, found.verdict_findings) == (verdicts, [])
