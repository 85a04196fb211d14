"""The satisfaction index (KPI 14): which responses count, the index, its grade."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cells import Counters, add, merged
from core.events import Event, Value
from core.kpi import Reading, decimal_text
from core.kpis import by_id
from core.satisfaction import ELEMENTS, Response, grade, of_response, satisfaction
from tests.core.stories import event, wib

KPI = by_id()["ikm_index"]
FREE, PAID = "domisili", "nikah"
FIRST = "2026-11-20T10:00"


def said(when: str = FIRST, service: str = PAID, **scores: int | None) -> Event:
    """A response of 3 everywhere but where another score is given."""
    fields: dict[str, Value] = {**dict.fromkeys(ELEMENTS, 3), **scores}
    return event("survey.response", wib(when), "survey", "", case_id="r1|p1:a",
                 service_code=service, opd="dukcapil", **fields)  # fmt: skip


def shares(*events: Event) -> list[tuple[int, Counters]]:
    made = Response.of(reversed(events))
    assert made is not None
    return [(share.at, dict(share.counters)) for share in KPI.shares(made)]


def read(counters: Counters) -> Reading:
    return KPI.measure(counters, 0)


INCOMPLETE = {"x:incomplete": 1}


@pytest.mark.parametrize(
    ("response", "elements"),
    [
        pytest.param(said(), 9, id="all nine"),
        pytest.param(said(u7=None), 0, id="one is missing"),
        pytest.param(said(u4=None), 0, id="the cost of what costs is missing"),
        pytest.param(said(service=FREE, u4=None), 8, id="what is free has no cost"),
        pytest.param(said(service=FREE, u4=1), 8, id="and is not asked for it"),
        pytest.param(said(service=FREE, u4=None, u9=None), 0, id="another one is missing"),
        pytest.param(said(u1=0), 0, id="below the scale"),
        pytest.param(said(u1=5), 0, id="above the scale"),
        pytest.param(said(u1=1, u2=4), 9, id="ends of the scale"),
    ],
)
def test_a_response_has_every_element_that_applies_or_is_left_out(
    response: Event, elements: int
) -> None:
    ((_, counters),) = shares(response)
    assert sum(name.startswith("c:") for name in counters) == elements
    assert (counters == INCOMPLETE) is (elements == 0)


@pytest.mark.parametrize(
    ("again", "counts"),
    [
        ("2026-11-20T10:05", 1),
        ("2026-11-21T10:00", 1),
        ("2026-11-21T10:00:00.001", 3),
        ("2026-11-25T10:00", 3),
    ],
)
def test_the_last_of_24_hours_counts_alone(again: str, counts: int) -> None:
    ((at, counters),) = shares(said(u1=3), said(again, u1=1))
    assert counters["s:u1"] == counts
    assert counters["d"] == 1
    assert at == wib(again if counts == 1 else FIRST)


def test_the_24_hours_run_from_the_first() -> None:
    ((_, counters),) = shares(
        said(u1=4), said("2026-11-21T09:00", u1=2), said("2026-11-22T08:00", u1=1)
    )
    assert counters["s:u1"] == 2


def test_a_correction_that_leaves_out_an_element_is_incomplete() -> None:
    assert shares(said(), said("2026-11-20T11:00", u2=None)) == [
        (wib("2026-11-20T11:00"), INCOMPLETE)
    ]


def test_where_it_belongs() -> None:
    made = Response.of([said()])
    assert made is not None
    assert made.scopes == {
        "city": "city", "opd": "dukcapil", "category": PAID, "kecamatan": "unlocated",
    }  # fmt: skip


def golden() -> Counters:
    """Golden example G6: sums of U1 to U9 over 29 responses."""
    sums = (105, 101, 100, 116, 102, 105, 106, 105, 115)
    counters: Counters = {"d": 29}
    for element, total in zip(ELEMENTS, sums, strict=True):
        counters |= {f"s:{element}": total, f"c:{element}": 29}
    return counters


def test_the_published_example_is_91_48_and_an_a() -> None:
    assert read(golden()) == Reading(955, 261, "91.48", cases=29)
    value = satisfaction(golden()).value
    assert value == Fraction(955, 261) * 25
    assert grade(value, 30) == "A"


def test_a_few_responses_are_not_graded() -> None:
    assert [grade(Fraction(90), n) for n in (0, 29, 30)] == ["indicative", "indicative", "A"]


@pytest.mark.parametrize(
    ("index", "text", "letter"),
    [
        ("100", "100.00", "A"),
        ("88.305", "88.31", "A"),
        ("88.304999", "88.30", "B"),
        ("76.605", "76.61", "B"),
        ("76.604", "76.60", "C"),
        ("64.995", "65.00", "C"),
        ("64.994", "64.99", "D"),
        ("25", "25.00", "D"),
    ],
)
def test_the_grade_is_that_of_the_rounded_index(index: str, text: str, letter: str) -> None:
    assert (decimal_text(Fraction(index)), grade(Fraction(index), 30)) == (text, letter)


def test_without_responses_there_is_no_index() -> None:
    assert read({}) == Reading(0, 0, None, cases=0)
    assert read(INCOMPLETE) == Reading(0, 0, None, cases=0)


def test_an_element_that_few_were_asked_weighs_as_much_as_the_others() -> None:
    free = of_response(dict.fromkeys((e for e in ELEMENTS if e != "u4"), 4))
    paid = of_response({**dict.fromkeys(ELEMENTS, 4), "u4": 1})
    # Eight elements of 4 and one of 1: (8 x 4 + 1) / 9 x 25; the mean of all 17 scores is 95.59.
    assert read(merged([free, paid])) == Reading(65, 17, "91.67", cases=2)
    assert read(free) == Reading(32, 8, "100.00", cases=1)


@given(
    st.lists(
        st.lists(st.integers(1, 4), min_size=9, max_size=9), min_size=1, max_size=40,
    )
)  # fmt: skip
def test_is_25_times_the_mean_of_all_scores_where_all_were_asked(answers: list[list[int]]) -> None:
    total: Counters = {}
    for scores in answers:
        add(total, of_response(dict(zip(ELEMENTS, scores, strict=True))))
    expected = Fraction(25 * sum(map(sum, answers)), 9 * len(answers))
    found = satisfaction(total)
    assert (found.value, found.responses) == (expected, len(answers))
    assert 25 <= expected <= 100
