"""Which windows hear something new of their sources."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.beat_news import BeatNews
from core.moment import DAY, HOUR

SOURCES = st.sampled_from("abc")
DAYS = st.lists(st.tuples(SOURCES, st.integers(0, 9).map(lambda n: n * DAY)), max_size=6)


@given(DAYS, st.sets(SOURCES), st.sets(SOURCES), st.integers(-10, 300), st.integers(1, 90))
def test_a_window_is_concerned_by_a_day_that_it_touches_or_a_first_day_before_its_end(
    days: list[tuple[str, int]], newly: set[str], sources: set[str], start: int, hours: int
) -> None:
    span = start * HOUR, (start + hours) * HOUR
    plainly = any(
        source in sources and day < span[1] and (source in newly or span[0] < day + DAY)
        for source, day in days
    )
    assert BeatNews(days, newly).concern(sources, span) == plainly


def test_without_heartbeats_there_is_no_news() -> None:
    assert BeatNews([], {"a"}).first is None
    assert not BeatNews([], {"a"}).concern("a", (0, DAY))
