"""Delays by hand: what the pages said against when messages were due."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bench.arrivals import Arrivals
from bench.delay import Course, judged
from bench.frigate import message, number_of
from bench.pages import Pages, Track
from connectors.frigate.parse import parse
from core import moment
from core.events import Event
from core.manifest import Raw

TICK = 300 * moment.SECOND
WORKER = """
jcoc_source_records_total{outcome="received",source="sikesal"} 99.0
jcoc_source_records_total{outcome="received",source="frigate"} 2.0
jcoc_watermark_timestamp_seconds{partition="0",stage="fold"} 600.0
jcoc_watermark_timestamp_seconds{partition="1",stage="fold"} 300.0
jcoc_watermark_timestamp_seconds{partition="2",stage="fold"} 600.0
jcoc_watermark_timestamp_seconds{partition="3",stage="fold"} 600.0
jcoc_watermark_timestamp_seconds{partition="0",stage="publish"} 0.0
"""
EXPORTER = (
    'jcoc_kpi_window_end_timestamp_seconds{kpi="cctv_availability_pct",scope_id="city",'
    'scope_type="city",window="5min"} 300.0\n'
    'jcoc_kpi_window_end_timestamp_seconds{kpi="cctv_availability_pct",scope_id="city",'
    'scope_type="city",window="1d"} 900.0\n'
)


class Due:
    """A publisher that is through."""

    def __init__(self, *due: float) -> None:
        self.due = list(due)


def course(*due: float, unheard: int = 0, first: int = 0) -> Course:
    return Course(cast("Any", Due(*due)), Pages("", ""), unheard=unheard, first=first)


def test_a_value_counts_from_the_first_page_that_shows_it_or_more() -> None:
    track = Track()
    for at, value in ((1.0, 5), (2.0, 5), (3.0, 9)):
        track.see(at, value)
    assert [track.reached(value) for value in (1, 5, 6, 9, 10)] == [1.0, 1.0, 3.0, 3.0, None]


def test_pages_are_read_as_the_worker_and_the_exporter_write_them() -> None:
    pages = Pages("", "")
    pages.take(1.0, WORKER)
    pages.take(2.0, EXPORTER)
    assert pages.received.last == 2
    assert pages.closed.last == TICK
    assert pages.shown.last == TICK


def test_a_tick_is_not_closed_before_every_partition_has_closed_it() -> None:
    pages = Pages("", "")
    pages.take(1.0, WORKER.replace('{partition="3",stage="fold"}', '{partition="3",stage="x"}'))
    assert pages.closed.last == 0


def test_delays_count_from_when_a_message_was_due() -> None:
    given = course(10.0, 11.0)
    given.pages.take(11.5, WORKER)
    given.pages.take(12.5, EXPORTER)
    found = Arrivals({0: 10.25, 1: 11.25}, {0: TICK, 1: TICK}, {0: 1, 1: 1})
    run = judged(1, given, found, {})
    assert run.exact
    assert run.messages == 2
    assert run.p50 == {"received": 0.25, "normalized": 1.0, "counted": 1.0, "shown": 2.0}
    assert run.p99["shown"] == pytest.approx(2.49)
    assert run.received_per_s == 1.0


def test_messages_before_the_subscription_and_of_the_warm_up_are_not_measured() -> None:
    given = course(1.0, 2.0, 10.0, 11.0, unheard=2, first=2)
    given.pages.take(11.5, WORKER)
    given.pages.take(12.5, EXPORTER)
    found = Arrivals({2: 10.5, 3: 11.5}, {2: TICK, 3: TICK}, {2: 1, 3: 1})
    run = judged(1, given, found, {})
    assert (run.messages, run.lost) == (2, 0)
    assert run.p50["normalized"] == 1.0


def test_a_message_that_no_page_shows_is_lost_and_one_with_two_events_is_doubled() -> None:
    given = course(10.0, 11.0, 12.0)
    given.pages.take(11.5, WORKER)
    given.pages.take(12.5, EXPORTER)
    found = Arrivals({0: 10.5, 1: 11.5}, {0: TICK, 1: TICK}, {0: 1, 1: 2})
    run = judged(1, given, found, {})
    assert (run.lost, run.doubled) == (1, 1)
    assert not run.exact


def test_each_message_becomes_one_detection_that_names_its_number() -> None:
    at = 1_795_468_436 * moment.SECOND + 42
    for number in (0, 1, 70_000):
        payload = message(number, at)
        (event,) = parse(Raw(payload, at, {"topic": "frigate/events"}))
        assert isinstance(event, Event)
        assert (event.type, event.occurred_at) == ("cctv.detected", at)
        assert number_of(event.event_id) == number_of(payload.decode()) == number
