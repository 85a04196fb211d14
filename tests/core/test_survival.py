"""The Kaplan-Meier median: textbook numbers, a naive count, and what publication carries over."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import publication
from core.cells import BEFORE, SINCE, UNTIL, CellKey, Counters, Share, add, merged
from core.kpi import OF_ROWS
from core.kpis import all_kpis, by_id
from core.ledger import part, spread
from core.moment import DAY, HOUR, SECOND
from core.percentile import lasted, median
from core.publication import Publication
from core.restatements import Restatement
from core.rows import KpiRow
from core.survival import OPEN, followed, half_solved
from tests.core.stories import case, newest, told, wib

KPI = "complaint_resolution_hours_p90"
START = wib("2026-11-20T00:00")


class Life(NamedTuple):
    """Seconds since some midnight; `end` None is open for ever."""

    begin: int
    end: int | None
    solved: bool = True


def half(lives: Iterable[Life], since: int, until: int) -> str | None:
    """What the window [since, until) reads, in seconds."""
    inside, before = list[Counters](), Counters()
    for life in lives:
        ended = None if life.end is None else life.end * SECOND
        for share in followed(life.begin * SECOND, ended, solved=life.solved):
            if since * SECOND <= share.at < until * SECOND:
                inside.append(dict(share.counters))
            elif share.at < since * SECOND:
                add(before, {n: v for n, v in share.counters.items() if n.startswith(OPEN)})
    carried = {BEFORE + name: value for name, value in before.items()}
    read = half_solved(str)(merged([*inside, carried, {SINCE: since, UNTIL: until}]))
    assert not isinstance(read, list)
    return read


def naive(lives: Iterable[Life], since: int, until: int) -> str | None:
    """By the book, one age after the other, with no sum carried anywhere."""
    seen = []
    for begin, end, solved in lives:
        stop = min(until, until if end is None else end)
        if begin < until and (end is None or end >= since):
            event = solved and end is not None and end < until
            seen.append((max(0, since - begin), stop - begin, event))
    unsolved = Fraction(1)
    for age in sorted({leave for _, leave, event in seen if event}):
        at_risk = sum(enter <= age <= leave for enter, leave, _ in seen)
        if at_risk < 5:
            return None
        unsolved *= 1 - Fraction(sum(e and leave == age for _, leave, e in seen), at_risk)
        if unsolved <= Fraction(1, 2):
            return str(age)
    return None


def test_the_textbook_example_of_21_patients() -> None:
    """Freireich and others 1963, weeks in remission; 22 weeks leave 7 at risk, 23 leave 6.

    18/21 x 16/17 x 14/15 x 11/12 x 10/11 x 6/7 = 0.538, x 5/6 = 0.448: the median is 23.
    """
    relapsed = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    lost = [Life(0, weeks, solved=False) for weeks in censored]
    assert half([*(Life(0, weeks) for weeks in relapsed), *lost], 0, 100) == "23"


@pytest.mark.parametrize(
    ("lives", "window", "expected"),
    [
        pytest.param([], (0, 100), None, id="nobody"),
        pytest.param([Life(n, n + 10) for n in range(8)], (0, 100), "10", id="all alike"),
        pytest.param([Life(0, 1), *[Life(0, None)] * 7], (0, 100), None, id="most stay open"),
        pytest.param(
            # At age 20 six are at risk: 8 - 2.  The plain median of the solved would be 10.
            [*[Life(0, 10)] * 2, *[Life(0, 20)] * 2, *[Life(0, None)] * 4], (0, 100), "20",
            id="the open ones stay at risk",
        ),
        pytest.param(
            # Their ages in the window are 500 to 600: at 10 and 20 they are nobody's comparison.
            [*[Life(500, 510)] * 3, *[Life(500, 520)] * 3, *[Life(0, None)] * 50], (500, 600), "10",
            id="what is old is at risk at its own age only",
        ),
        pytest.param(
            # Four that came in at 5 or 9 are at risk at 10: 4 of 7 stay unsolved for ever.
            [*[Life(500, 510)] * 3, *[Life(495, None)] * 3, Life(491, None)], (500, 600), None,
            id="who came in at an earlier age is at risk",
        ),
        pytest.param([Life(0, 3)] * 4, (0, 100), None, id="four are too few"),
        pytest.param([Life(0, 100)] * 9, (0, 100), None, id="solved as the next window begins"),
        pytest.param([Life(0, 100)] * 9, (100, 200), "100", id="and counted there"),
    ],
)  # fmt: skip
def test_by_hand(lives: list[Life], window: tuple[int, int], expected: str | None) -> None:
    assert half(lives, *window) == naive(lives, *window) == expected


@st.composite
def _lives(draw: st.DrawFn) -> list[Life]:
    begins = draw(st.lists(st.integers(0, 60), min_size=5, max_size=40))
    lasts = st.one_of(st.none(), st.integers(0, 30))
    return [
        Life(begin, None if (last := draw(lasts)) is None else begin + last, draw(st.booleans()))
        for begin in begins
    ]


@given(_lives(), st.integers(0, 40), st.integers(1, 60))
def test_it_is_what_counting_each_age_by_itself_says(
    lives: list[Life], since: int, length: int
) -> None:
    assert half(lives, since, since + length) == naive(lives, since, since + length)


@given(st.lists(st.integers(0, 50), min_size=10, max_size=40))
def test_where_all_were_solved_it_is_the_median(ages: list[int]) -> None:
    lives = [Life(0, age) for age in ages]
    assert half(lives, 0, 100) == median(str)(merged({f"s#{age}": 1} for age in ages))


class TestComplaints:
    def test_open_cases_stand_beside_the_solved_ones(self) -> None:
        """Of eight filed at 08:00 two are solved at 09:00 and three at 18:00; one is withdrawn."""
        filed = ("submitted", "2026-11-20T08:00")
        ends = ["resolved", "resolved", *["resolved"] * 3, "withdrawn", None, None]
        hours = ["09:00", "09:00", *["18:00"] * 3, "12:00", "", ""]
        events = [
            one
            for number, (what, hour) in enumerate(zip(ends, hours, strict=True))
            for one in case(str(number), filed, *[(what, f"2026-11-20T{hour}")] if what else [])
        ]
        copy = ("submitted", "2026-11-20T08:00", {"origin_ref": "x"})
        events += [one for number in range(9) for one in case(f"copy {number}", copy)]
        said = newest(told([(START + DAY, events)]))
        row = said[KPI, "1d", "city", "city", START]
        assert row.companions["p50_hours"] == "10.00"
        # 6/8, then 5 at risk (one withdrawn) of whom 3 are solved: 6/8 x 2/5 = 0.3.
        assert row.companions["km_p50_hours"] == "10.00"
        below = [r for r in said.values() if r.kpi == KPI and r.scope_type == "channel"]
        assert all("km_p50_hours" not in r.companions for r in below)
        assert all("p50_hours" in r.companions for r in below if r.denominator >= 5)

    def test_an_objection_takes_the_end_back(self) -> None:
        cases = [("submitted", "2026-11-20T08:00"), ("resolved", "2026-11-20T09:00")]
        events = [one for number in range(6) for one in case(str(number), *cases)]
        again = [
            one
            for number in range(3)
            for one in case(str(number), ("reopened", "2026-11-22T09:00"))
        ]
        identity = KPI, "1d", "city", "city", START
        first = newest(told([(START + DAY, events)]))[identity]
        later = newest(told([(START + DAY, events), (START + 3 * DAY, again)]))[identity]
        assert first.companions["km_p50_hours"] == "1.00"
        assert (later.revision, later.denominator) == (1, 3)
        assert later.companions["km_p50_hours"] == "1.00", "3 of 6 is half"

    def test_below_the_city_nobody_is_carried(self) -> None:
        shares = followed(START, None, solved=False)
        scopes = {"city": "city", "opd": "dlh"}
        made = spread([part(by_id()[KPI], scopes, shares)])
        assert {CellKey(*key).scope_type for key, _ in made} == {"city"}


def cells(*lives: Life) -> dict[CellKey, Counters]:
    """Of lives in seconds after `START`."""
    found: dict[CellKey, Counters] = {}
    for begin, end, solved in lives:
        ended = None if end is None else START + end * SECOND
        shares = [*followed(START + begin * SECOND, ended, solved=solved)]
        if ended is not None:
            shares.append(Share(ended, lasted(START + begin * SECOND, ended)))
        for key, counters in spread([part(by_id()[KPI], {"city": "city"}, shares)]):
            add(found.setdefault(CellKey(*key), {}), counters)
    return found


def test_a_late_case_changes_every_later_window_that_it_was_open_in() -> None:
    """Filed just before the midnight after which six others were filed and solved in an hour."""
    day = 24 * 3600
    late = Life(3 * day - 30, None)
    lives = [Life(3 * day + n, 3 * day + n + 3600) for n in range(6)]
    early, both = Publication(), Publication()
    for kept in (early, both):
        kept.merge("fold/0", cells(*lives, *[late] * 7) if kept is early else cells(*lives))
        for number in range(1, 6):
            kept.close(START + number * DAY, {})
    before = {i: said.digest for i, said in both.published.items() if i[0] == KPI}
    both.merge("fold/0", cells(*[late] * 7))
    both.close(START + 5 * DAY + HOUR, {})
    digests = [
        {i: said.digest for i, said in kept.published.items() if i[0] == KPI}
        for kept in (early, both)
    ]
    assert digests[0] == digests[1]
    assert digests[0] != before, "they are more than the half that was solved"


@pytest.mark.long
def test_what_is_carried_survives_the_windows_that_held_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cases of all lengths, some open for months: forgetting changes no row, and is bounded."""
    monkeypatch.setattr(publication, "REMEMBERED", 63 * DAY)
    some = tuple(kpi for kpi in all_kpis() if kpi.id == KPI or kpi.subject in OF_ROWS)
    monkeypatch.setattr(publication, "all_kpis", lambda: some)
    begun, day = wib("2026-01-05T00:00"), DAY // SECOND
    made, whole = Publication(), Publication(forgets=False)
    said: dict[bool, list[KpiRow | Restatement]] = {True: [], False: []}
    for number in range(157):
        lasts = (3600, day, 3 * day + 777, 40 * day, 100 * day)[number % 5]
        life = Life((begun - START) // SECOND + number * day, None)
        # Ends are told at once: what lies ahead counts when its day is there.
        found = cells(*[life._replace(end=life.begin + lasts)] * 3)
        for one in (made, whole):
            if number:
                one.merge("fold/0", {key: {} for key in found}, found)
            if number % 4 == 0:
                said[one is made] += one.close(begun + number * DAY, {})
    assert said[True] == said[False]
    old = wib("2026-03-10T00:00")
    kept = [key for key in made.parts if key.kpi == KPI and key.start < old]
    assert kept == [CellKey(KPI, "city", "city", begun)], "what is older is on the first day"
    assert len([key for key in whole.parts if key.kpi == KPI and key.start < old]) > 60
    assert any(isinstance(r, KpiRow) and r.companions.get("km_p50_hours") for r in said[True])
