"""What stands beside KPI 5: floods, and whether a window is a surge of reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import window
from core.cells import BEFORE, CellKey, Counters
from core.companion import told as read
from core.complaints import Complaint
from core.events import Event
from core.histogram import bar
from core.kpis import by_id
from core.kpis.environment import FILED, USUAL
from core.moment import DAY, HOUR, MINUTE
from core.publication import REMEMBERED, Publication
from tests.core.stories import Step, case, newest, told, wib

KPI = "env_utility_24h_resolution_pct"
MARCH = wib("2026-03-10T00:00")


def filed(category: str, number: str, *steps: Step, when: str = "2026-11-19T08:00") -> list[Event]:
    return case(number, ("submitted", when, {"category": category}), *steps)


def test_floods_are_a_series_of_their_own() -> None:
    solved = ("resolved", "2026-11-20T08:00")
    late = ("resolved", "2026-11-20T08:01")
    events = [
        *filed("banjir", "1", solved), *filed("drainase", "2", late), *filed("banjir", "3"),
        *filed("banjir", "4", ("withdrawn", "2026-11-19T09:00")), *filed("sampah", "5", solved),
        *filed("jalan", "6", solved),
    ]  # fmt: skip
    rows = newest(told([(wib("2026-11-21T00:00"), events)]))
    row = rows[KPI, "1d", "city", "city", wib("2026-11-20T00:00")]
    assert (row.numerator, row.denominator, row.excluded) == (1, 1, {})
    assert (row.companions["floods"], row.companions["floods_24h_pct"]) == ("3", "33.33")
    assert not [r for r in rows.values() if r.kpi == KPI and r.scope_id in ("banjir", "drainase")]


def test_floods_below_the_city_are_not_said_to_be_none() -> None:
    events = [
        e for n in range(6) for e in filed("sampah", str(n), ("resolved", "2026-11-19T09:00"))
    ]
    rows = newest(told([(wib("2026-11-21T00:00"), [*events, *filed("banjir", "9")])]))
    start = wib("2026-11-20T00:00")
    below = rows[KPI, "1d", "category", "sampah", start]
    assert (below.value, below.companions) == ("100.00", {})
    assert rows[KPI, "1d", "city", "city", start].companions["floods"] == "1"


def cells(hours: Sequence[int]) -> dict[CellKey, Counters]:
    """Reports by the hour (since `MARCH`, before it below nought) in which they were filed."""
    found: dict[CellKey, Counters] = {}
    for hour, number in Counter(hours).items():
        at = MARCH + hour * HOUR
        key = CellKey(KPI, "city", "city", window.base_start("1d", at))
        found.setdefault(key, {"d": 1})[bar(FILED, at // HOUR)] = number
    return found


def surge(hours: Sequence[int]) -> str | None:
    """Of the day that begins at `MARCH`, as published."""
    made = Publication()
    made.merge("fold/0", {CellKey(KPI, "city", "city", MARCH): {"d": 1}} | cells(hours))
    rows = newest(made.close(MARCH + DAY, {}))
    return rows[KPI, "1d", "city", "city", MARCH].companions.get("surge_hours")


USUALLY_ONE = [-1 - 7 * n for n in range(22)]
"""22 of the 2,160 hours have a report: the 2,139th of them in order has one."""


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        pytest.param([0] * 9, None, id="nothing is usual yet"),
        pytest.param([*USUALLY_ONE[1:], *[0] * 9], None, id="21 hours with a report are none yet"),
        pytest.param([*USUALLY_ONE, *[0] * 3], "0", id="three times are no surge"),
        pytest.param([*USUALLY_ONE, *[0] * 4], "1", id="four times are"),
        pytest.param([*USUALLY_ONE, *[0] * 4, *[23] * 4, *[9] * 3], "2", id="two hours of the day"),
        pytest.param([*USUALLY_ONE * 2, *[0] * 6], "0", id="twice as much is usual"),
        pytest.param([*USUALLY_ONE, *[24] * 9, 0], "0", id="the next day is another window"),
        pytest.param([*USUALLY_ONE[:-1], -2160, *[0] * 4], "1", id="90 days before count"),
        pytest.param([*USUALLY_ONE[:-1], -2161, *[0] * 4], None, id="and no more"),
        pytest.param(
            [*USUALLY_ONE[:21] * 5, USUALLY_ONE[21], *[0] * 4], "1", id="the 22nd from the top"
        ),
        pytest.param([*[-1] * 40, *USUALLY_ONE, *[0] * 4], "1", id="an earlier surge is not usual"),
    ],
)
def test_a_surge_by_hand(hours: list[int], expected: str | None) -> None:
    assert surge(hours) == expected


@given(st.lists(st.integers(-2160, 23), max_size=60), st.integers(0, 3), st.booleans())
def test_a_surge_is_what_a_list_of_all_hours_says(some: list[int], times: int, known: bool) -> None:
    counts = Counter(some * times + USUALLY_ONE * known)
    before = sorted(counts[hour] for hour in range(-2160, 0))
    usual = before[2139 - 1]  # 99 % of 2,160 are 2,138.4
    today = [counts[hour] for hour in range(24)]
    expected = str(sum(n > 3 * usual for n in today)) if usual else None
    first = MARCH // HOUR
    counters = {
        bar(f"{BEFORE if hour < 0 else ''}{FILED}", first + hour): n for hour, n in counts.items()
    }
    numbers, _ = read(by_id()[KPI].companions, counters)
    assert numbers.get("surge_hours") == expected


def test_late_reports_of_a_day_change_what_is_usual_of_90_days_after_it() -> None:
    at_once, later = Publication(), Publication()
    old = cells(USUALLY_ONE[-1:])
    rest = cells([*USUALLY_ONE[:-1], *[0] * 4])
    at_once.merge("fold/0", rest | old)
    later.merge("fold/0", rest)
    for made in (at_once, later):
        made.close(MARCH + DAY, {})
    later.merge("fold/0", old)
    later.close(MARCH + DAY + MINUTE, {})
    said = [{i: s.digest for i, s in m.published.items() if i[0] == KPI} for m in (at_once, later)]
    assert said[0] == said[1]


def test_a_day_is_kept_for_as_long_as_a_window_asks_what_was_usual() -> None:
    kpi, made = by_id()[KPI], Publication()
    key = CellKey(KPI, "city", "city", MARCH)
    below = key._replace(scope_type="opd", scope_id="dlh")
    made.close(MARCH, {})
    made.merge("fold/0", {key: {"d": 1}, below: {"d": 1}})
    ends = max(window.last_end(kind, MARCH + USUAL) for kind in kpi.windows)
    for day, kept in ((ends + REMEMBERED - 2 * DAY, True), (ends + REMEMBERED, False)):
        made.close(day, {})
        made.close(day + DAY, {})
        assert (key in made.parts) is kept
        assert below not in made.parts


def test_a_report_of_a_matter_that_is_known_is_a_report() -> None:
    linked = ("duplicate_linked", "2026-11-19T09:00", {"master_case_id": "2"})
    found: Counter[str] = Counter()
    for events in (filed("sampah", "1", linked), filed("air", "2"), filed("banjir", "3")):
        made = Complaint.of(events)
        assert made is not None
        for share in by_id()[KPI].shares(made):
            found.update(name for name in share.counters if name.startswith(FILED))
    assert list(found.values()) == [2]
