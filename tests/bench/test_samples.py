"""Pauses, fifths and shares from looks by hand."""

from __future__ import annotations

import pytest

from bench.scale.samples import Look, Samples


def seen(*offsets: int, total: int = 100, partition: int = 0) -> Samples:
    """One look a second, from second 0 on; memory is the number of the look."""
    looks = [Look(float(n), {partition: at}, float(n)) for n, at in enumerate(offsets)]
    return Samples(total, looks)


def test_a_share_is_of_all_records() -> None:
    samples = seen(0, 40)
    samples.looks.append(Look(2.0, {0: 40, 1: 10}, 0.0))
    assert samples.share == 0.5
    assert [samples.offset(number) for number in (0, 1, 2)] == [40, 10, 0]
    assert Samples(100).share == 0.0


def test_a_pause_is_the_longest_time_between_two_growths() -> None:
    samples = seen(0, 10, 20, 20, 20, 20, 30, 30, 40)
    assert samples.pause_s(0, 0.0, 9.0) == 4.0


def test_only_pauses_that_touch_the_interval_count() -> None:
    samples = seen(0, 10, 20, 20, 20, 20, 30, 30, 40)
    assert samples.pause_s(0, 6.5, 9.0) == 2.0
    assert samples.pause_s(0, 3.0, 4.0) == 4.0


def test_a_partition_that_has_come_to_its_end_does_not_pause() -> None:
    samples = seen(0, 10, 20, 20, 20, 20, 20)
    assert samples.pause_s(0, 3.0, 9.0) is None
    assert samples.pauses_s({0, 1}, 0.0, 9.0) == {0: 1.0}


def test_a_fall_of_what_is_committed_is_no_growth() -> None:
    assert seen(0, 30, 10, 20, 30, 40).pause_s(0, 0.0, 9.0) == 4.0


def test_the_speed_of_a_fifth_is_that_of_its_records() -> None:
    slow_then_fast = seen(0, 10, 20, 60, 100)
    assert slow_then_fast.speed(0.0, 0.2) == pytest.approx(10.0)
    assert slow_then_fast.speed(0.8, 1.0) == pytest.approx(40.0)


def test_what_was_committed_at_once_has_no_speed() -> None:
    assert seen(100).speed(0.0, 0.2) is None
    assert Samples(100).speed(0.0, 0.2) is None


def test_memory_of_a_fifth_is_the_mean_of_its_looks() -> None:
    samples = seen(0, 10, 20, 60, 80, 90, 100)
    assert samples.rss_mib(0.0, 0.2) == pytest.approx(1.0)
    assert samples.rss_mib(0.8, 1.0) == pytest.approx(5.0)


def test_memory_of_too_few_looks_is_not_told() -> None:
    assert seen(0, 50, 100).rss_mib(0.8, 1.0) is None
