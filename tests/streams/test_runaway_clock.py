"""A source whose clock runs away: each of its records is refused, counted, and kept to be read."""

from __future__ import annotations

from dataclasses import replace

from prometheus_client import REGISTRY

from connectors.registry import discover
from core import moment, topics
from core.complaints import Complaint
from core.manifest import Raw
from core.normalize import AHEAD
from core.outcome import Reason
from sim import Month
from sim.payloads import Payload
from sim.story import Scale
from streams.normalize import Normalizer
from streams.transport import Batch
from tests.streams.paper import Paper, Written, fetched
from wire import deadletters
from wire.codec import Codec
from wire.envelope import to_record

FEW = Scale(complaints=60, services=20, detections=2, incidents=10, closures=10)
MONTH = Month(days=3, scale=FEW, trouble=["runaway"])
RUNAWAYS = MONTH.runaway_payloads()
SOUND = [p for p in MONTH.payloads() if p.connector == "sikesal"]
LABELS = {"source": "sikesal", "reason": Reason.TIME_OUT_OF_RANGE.value}


def batch(payloads: list[Payload]) -> Batch:
    records = []
    for offset, payload in enumerate(payloads):
        value, headers = to_record(Raw(payload.body, payload.at, payload.headers), "sikesal")
        records.append(Written(offset, None, value, headers))
    return fetched(topics.raw("sikesal"), 0, records)


def counts() -> tuple[float, ...]:
    """Records received and rejected of Sikesal, and rejected for their time."""
    records = [
        REGISTRY.get_sample_value(
            "jcoc_source_records_total", {"source": "sikesal", "outcome": outcome}
        )
        for outcome in ("received", "rejected")
    ]
    why = REGISTRY.get_sample_value("jcoc_rejects_total", LABELS)
    return tuple(value or 0.0 for value in (*records, why))


async def taken(codec: Codec, payloads: list[Payload]) -> Paper:
    paper = Paper()
    await Normalizer({"sikesal": discover()["sikesal"]}, codec, paper).take(batch(payloads))
    return paper


async def test_every_record_of_it_is_refused_counted_and_kept(codec: Codec) -> None:
    before = counts()
    paper = await taken(codec, RUNAWAYS)
    after = [now - then for now, then in zip(counts(), before, strict=True)]
    assert after == [len(RUNAWAYS)] * 3
    assert {topic for topic, _ in paper.logs} == {topics.DEADLETTER}
    letters = [deadletters.read(written) for written in paper.of(topics.DEADLETTER)]
    assert {letter.reason for letter in letters} == {"time_out_of_range"}
    numbers = sorted(int(letter.origin.rpartition("/")[2]) for letter in letters)
    assert numbers == list(range(len(RUNAWAYS)))
    cases = {arrival.event.text("case_id").encode() for arrival in MONTH.runaways()}
    assert all(any(case in letter.raw for letter in letters) for case in cases)


async def test_nothing_but_their_clock_is_wrong(codec: Codec) -> None:
    later = [replace(payload, at=payload.at + 3 * moment.DAY) for payload in RUNAWAYS]
    paper = await taken(codec, later)
    assert len(paper.of(topics.city("complaint.resolved"))) == len(RUNAWAYS)
    assert paper.of(topics.DEADLETTER) == []


async def test_what_others_send_beside_it_passes_as_without_it(codec: Codec) -> None:
    alone, beside = await taken(codec, SOUND), await taken(codec, [*RUNAWAYS, *SOUND])
    assert said(alone) == said(beside) != {}


def said(paper: Paper) -> dict[tuple[str, int], list[bytes | None]]:
    """Every event, by topic and partition."""
    return {
        where: [written.value for written in log]
        for where, log in paper.logs.items() if where[0] != topics.DEADLETTER
    }  # fmt: skip


def test_who_lets_them_count_has_other_numbers() -> None:
    assert RUNAWAYS
    events = MONTH.events()
    for came, event in MONTH.runaways():
        assert came + AHEAD < event.occurred_at
        known = [one for one in events if one.text("case_id") == event.text("case_id")]
        right, wrong = Complaint.of(known), Complaint.of([*known, event])
        assert right is not None
        assert wrong is not None
        assert (right.resolved_at, wrong.resolved_at) == (None, event.occurred_at)
