"""What the exporter shows depends on the set of rows, never on their order or repetition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core import moment
from core.rows import Finality, KpiRow, Status
from streams.exporter.latest import Latest

DAY_END = 1_800_000_000 * moment.SECOND

ROW = KpiRow(
    kpi="sipaten_on_time_pct",
    window="1d",
    scope_type="city",
    scope_id="15.71",
    window_start=DAY_END - moment.DAY,
    window_end=DAY_END,
    numerator=9,
    denominator=10,
    value="90",
    status=Status.OK,
    finality=Finality.PROVISIONAL,
    revision=0,
    completeness="1",
    as_of=DAY_END,
)

rows = st.builds(
    lambda kpi, scope, day, revision, numerator, delay: replace(
        ROW,
        kpi=kpi,
        scope_id=scope,
        window_start=ROW.window_start + day * moment.DAY,
        window_end=ROW.window_end + day * moment.DAY,
        revision=revision,
        numerator=numerator,
        as_of=ROW.as_of + delay * moment.DAY,
    ),
    kpi=st.sampled_from(["a", "b"]),
    scope=st.sampled_from(["x", "y"]),
    day=st.integers(0, 4),
    revision=st.integers(0, 3),
    numerator=st.integers(0, 2),
    delay=st.integers(-1, 4),
)


def fed(*given_rows: KpiRow) -> Latest:
    latest = Latest()
    for row in given_rows:
        latest.add(row)
    return latest


@given(st.lists(rows, max_size=12), st.data())
def test_order_and_repetition_change_nothing(story: list[KpiRow], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(story), max_size=6)) if story else []
    shuffled = data.draw(st.permutations(story + again))
    straight, other = fed(*story), fed(*shuffled)
    assert list(straight.rows()) == list(other.rows())
    assert straight.corrections() == other.corrections()


@given(st.lists(rows, max_size=12))
def test_a_series_shows_the_last_revision_of_its_last_closed_window(story: list[KpiRow]) -> None:
    clock = max((row.as_of for row in story), default=0)
    expected: dict[tuple[str, str], tuple[int, int]] = {}
    for row in story:
        where = (row.kpi, row.scope_id)
        if row.window_end <= clock:
            expected[where] = max(expected.get(where, (0, 0)), (row.window_end, row.revision))
    shown = {(r.kpi, r.scope_id): (r.window_end, r.revision) for r in fed(*story).rows()}
    assert shown == expected


def test_a_window_that_is_still_open_is_not_shown() -> None:
    tomorrow = replace(ROW, window_end=DAY_END + moment.DAY)
    assert list(fed(ROW, tomorrow).rows()) == [ROW]


def test_a_window_is_shown_as_soon_as_any_row_is_past_its_end() -> None:
    tomorrow = replace(ROW, window_end=DAY_END + moment.DAY)
    tick = replace(ROW, kpi="another", as_of=DAY_END + moment.DAY)
    assert tomorrow in fed(ROW, tomorrow, tick).rows()


def test_a_late_revision_of_an_older_window_does_not_come_back_on_the_board() -> None:
    older = replace(ROW, window_end=DAY_END - moment.DAY, revision=7)
    assert list(fed(ROW, older).rows()) == [ROW]


def test_corrections_count_every_revision_after_the_first() -> None:
    latest = fed(ROW, replace(ROW, revision=2), replace(ROW, scope_id="other", revision=1))
    assert latest.corrections() == {(ROW.kpi, "1d"): 3}


def test_windows_that_were_superseded_are_forgotten() -> None:
    latest = fed(
        *(
            replace(ROW, window_end=DAY_END + day * moment.DAY, as_of=DAY_END + day * moment.DAY)
            for day in range(100)
        )
    )
    assert [len(held) for held in latest._held.values()] == [1]
