"""A number is a function of the set of events: not of their order, repetition or partitions."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from core import window
from core.engine import Engine
from core.events import Event
from core.kpis import by_id
from core.publication import Publication
from core.restatements import Restatement
from core.rows import KpiRow
from tests.core.random_days import CASES, END, SENSORS, START, Segment, days
from tests.core.stories import newest, routed, told

pytestmark = pytest.mark.long


@settings(max_examples=40)
@given(days(), st.one_of(st.integers(1, 4), st.just(48)), st.data())
def test_order_and_partitions_change_no_row_of_any_revision(
    segments: list[Segment], partitions: int, data: st.DataObject
) -> None:
    mixed = [(tick, data.draw(st.permutations(events))) for tick, events in segments]
    assert told(mixed, partitions) == told(segments)


@settings(max_examples=40)
@given(days(), st.data())
def test_repetitions_change_no_row_of_any_revision(
    segments: list[Segment], data: st.DataObject
) -> None:
    known: list[Event] = []
    repeated: list[Segment] = []
    for tick, events in segments:
        known += events
        again = data.draw(st.lists(st.sampled_from(known), max_size=8)) if known else []
        repeated.append((tick, [*events, *again]))
    assert told(repeated, 2) == told(segments, 2)


@settings(max_examples=40)
@given(days(), st.integers(1, 3), st.data())
def test_batches_change_no_row_of_any_revision(
    segments: list[Segment], partitions: int, data: st.DataObject
) -> None:
    engine, said = Engine(partitions), list[KpiRow | Restatement]()
    for tick, events in segments:
        parts = routed(events, partitions)
        while any(parts):
            number = data.draw(st.sampled_from([n for n, part in enumerate(parts) if part]))
            size = data.draw(st.integers(1, 5))
            engine.apply(number, parts[number][:size])
            del parts[number][:size]
        said += engine.tick(tick, {})
    assert said == told(segments, partitions)


Numbers = dict[tuple[object, ...], tuple[object, ...]]


def settled(segments: list[Segment], partitions: int = 1) -> Numbers:
    """Last revision of every window of a day or more that holds anything and is not final.

    The evidence of a day is left out: it is there for days that were looked at, whatever came; and
    so is the score, of which it is a part.
    """
    return {
        identity: (row.numerator, row.denominator, row.value, row.status, dict(row.excluded))
        for identity, row in newest(told([(START, []), *segments], partitions)).items()
        if row.kpi not in {"kpi_evidence_completeness_pct", "jcoc_score"}
        and not window.is_short(row.window)
        and row.finality == "provisional"
        and (_cases(row) or row.excluded)
    }


def _cases(row: KpiRow) -> int:
    # Residents and kelurahan are a denominator without anybody having done anything.
    constant = row.kpi in {"reporters_per_100k", "sipaten_active_kelurahan_pct"}
    return row.numerator if constant else row.denominator


@settings(max_examples=60)
@given(days(CASES), st.data())
def test_what_comes_ticks_later_leads_to_the_same_numbers_after_it_came(
    segments: list[Segment], data: st.DataObject
) -> None:
    late: list[Segment] = [(tick, []) for tick, _ in segments]
    for number, (_, events) in enumerate(segments):
        for event in events:
            arrival = data.draw(st.integers(number, len(segments) - 1))
            late[arrival][1].append(event)
    assert settled(late) == settled(segments)


@settings(max_examples=40)
@given(days(CASES), st.sets(st.integers(1, 25), max_size=5))
def test_more_ticks_make_more_revisions_of_the_same_last_numbers(
    segments: list[Segment], hours: set[int]
) -> None:
    events = [event for _, part in segments for event in part]
    moments = sorted({*(START + hour * 3_600_000_000 for hour in hours), END})
    ticked: list[Segment] = [(moment, []) for moment in moments]
    for event in events:
        first = next(n for n, moment in enumerate(moments) if event.occurred_at < moment)
        ticked[first][1].append(event)
    assert settled(ticked) == settled([(END, events)])


@settings(max_examples=25)
@given(days(SENSORS, size=8), st.data())
def test_when_the_clock_ticks_changes_no_minute_of_a_sensor(
    segments: list[Segment], data: st.DataObject
) -> None:
    """Of events that come in time; a late one may find its minute final."""
    events = sorted((e for _, part in segments for e in part), key=lambda e: e.occurred_at)
    before = [e for e in events if e.occurred_at < START]
    assume(all(e.type != "ref.camera" or e.occurred_at < START for e in events))

    def minutes(ticks: list[int]) -> Numbers:
        moments = [START, *ticks, END]
        parts: list[Segment] = [
            (b, [e for e in events if a <= e.occurred_at < b]) for a, b in pairwise(moments)
        ]
        found = newest(told([(START, before), *parts]))
        return {
            i: (r.numerator, r.denominator) for i, r in found.items()
            if r.kpi in {"cctv_availability_pct", "intersection_los_ok_pct"} and r.denominator
        }  # fmt: skip

    hours = data.draw(st.sets(st.integers(1, 25 * 12), max_size=6))
    assert minutes([START + h * 300_000_000 for h in sorted(hours)]) == minutes([])


@settings(max_examples=40)
@given(days())
def test_revisions_count_from_0_each_says_something_new_and_none_follows_a_final_one(
    segments: list[Segment],
) -> None:
    last: dict[tuple[object, ...], KpiRow] = {}
    for said in told(segments):
        row = said.row if isinstance(said, Restatement) else said
        old = last.get(row.identity)
        assert row.revision == (old.revision + 1 if old else 0)
        assert old is None or replace(row, revision=old.revision, as_of=old.as_of) != old
        assert (old is not None and old.finality == "final") is isinstance(said, Restatement)
        if isinstance(said, KpiRow):
            last[row.identity] = row


@settings(max_examples=40)
@given(days())
def test_every_row_is_sane(segments: list[Segment]) -> None:
    for row in told(segments):
        found = row.row if isinstance(row, Restatement) else row
        assert found.window_end <= found.as_of
        assert found.denominator >= 0
        assert min(found.excluded.values(), default=1) > 0
        if by_id()[found.kpi].unit == "percent":
            assert 0 <= found.numerator <= found.denominator
        # Where too little is told to compare, and where nobody tells of officers.
        # And of the score with too few KPIs.
        few = found.kpi in {
            "service_equity_gap_pp", "sipaten_active_kelurahan_pct", "jcoc_score",
            "tri_cctv_recall_pct",
        }  # fmt: skip
        assert (found.value is None) == (
            found.denominator == 0
            or found.status in {"source_down", "not_integrated", "not_computable"}
            or (found.status == "insufficient" and (few or found.scope_id != "city"))
        )


@settings(max_examples=30)
@given(days(), st.integers(0, 6))
def test_a_publication_that_comes_back_publishes_as_if_it_had_never_gone(
    segments: list[Segment], at: int
) -> None:
    engine, said = Engine(1), list[KpiRow | Restatement]()
    for number, (tick, events) in enumerate(segments):
        engine.apply(0, events)
        said += engine.tick(tick, {})
        if number == at:
            engine.publication = restored(engine.publication)
    assert said == told(segments)


def restored(kept: Publication) -> Publication:
    """What the publish stage makes of its changelog."""
    made = Publication(last_tick=kept.last_tick)
    for key, parts in kept.parts.items():
        for part, counters in parts.items():
            made.restore(key, part, counters)
    for identity, published in kept.published.items():
        made.recall(identity, published)
    return made
