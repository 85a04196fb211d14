"""One complaint filed through two channels is one in KPI 28 to 32 too (C3, ii; decision 0016)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations
from typing import Any

import pytest

from audit.contributions import contributions
from core.engine import Engine
from core.events import Event
from core.filings import VOICE, Twin, Voice, voices
from core.grievances import Grievance
from core.join import Join
from core.kpis import by_id
from core.moment import DAY, HOUR, MINUTE
from core.rows import KpiRow
from core.twins import Twins
from tests.core.stories import METRE, PLACE, as_told, event, loaded, newest, routed, told, wib
from tests.core.test_verdicts import beats, camera

INCIDENTS, REFUTED = "tri_corroborated_incident_pct", "tri_cctv_contradiction_pct"
CLOSURES, RECALL = "tri_false_closure_pct", "tri_cctv_recall_pct"
MISMATCH = "tri_record_mismatch_pct"
NOON = wib("2026-11-20T12:00")
TODAY, MIDNIGHT = wib("2026-11-20T00:00"), wib("2026-11-21T00:00")
LATER = 45 * MINUTE


def filed(
    number: str, after: int = 0, source: str = "sikesal", metres: float = 0,
    reporter: str = "p1:a", **fields: Any,
) -> Event:  # fmt: skip
    """An accident at noon, or so long after it."""
    said: dict[str, Any] = {
        "case_id": number, "reporter_key": reporter, "category": "kecelakaan",
        "lat": PLACE[0] + metres * METRE, "lon": PLACE[1], **fields,
    }  # fmt: skip
    return event("complaint.submitted", NOON + after, source, "", **said)


def then(number: str, what: str, after: int, **fields: Any) -> Event:
    return event(f"complaint.{what}", NOON + after, "sikesal", "", case_id=number, **fields)


A, B = filed("a"), filed("b", LATER, "call112")
EYES = [camera(), *beats()]


def rows(story: Iterable[Event], partitions: int = 3, tick: int = MIDNIGHT
         ) -> dict[tuple[str, ...], KpiRow]:  # fmt: skip
    found = newest(told([(MIDNIGHT - HOUR, story), (tick, [])], partitions))
    return {identity[:4]: row for identity, row in found.items() if row.window == "1d"
            and row.window_end == tick}  # fmt: skip


def day(story: Iterable[Event], kpi: str, tick: int = MIDNIGHT) -> tuple[int, int, dict[str, int]]:
    row = rows(story, tick=tick)[kpi, "1d", "city", "city"]
    return row.numerator, row.denominator, dict(row.excluded)


# ---- KPI 29: one report, one verdict.


@pytest.mark.parametrize(
    ("second", "reports"),
    [
        pytest.param(B, 1, id="another channel: one report"),
        pytest.param(filed("b", LATER), 2, id="the same channel: two"),
        pytest.param(filed("b", 2 * HOUR, "call112"), 1, id="two hours on the dot"),
        pytest.param(filed("b", 2 * HOUR + 1, "call112"), 2, id="later than that"),
        pytest.param(filed("b", LATER, "call112", 49.9), 1, id="50 metres"),
        pytest.param(filed("b", LATER, "call112", 50.1), 2, id="farther than that"),
        pytest.param(filed("b", LATER, "call112", reporter="p1:b"), 2, id="another person"),
        pytest.param(filed("b", LATER, "call112", category="accident"), 2, id="another category"),
    ],
)
def test_a_report_that_is_filed_twice_is_judged_once(second: Event, reports: int) -> None:
    assert day([*EYES, A, second], REFUTED)[1] == reports


@pytest.mark.parametrize("end", ["rejected", "withdrawn", "archived"])
def test_a_refused_report_is_judged_as_any_and_so_its_copy_is_not(end: str) -> None:
    """In the KPIs of the fold the copy counts then, for the first is left out."""
    assert day([*EYES, A, B, then("a", end, HOUR)], REFUTED)[1] == 1
    assert day([*EYES, A, B, then("b", end, HOUR)], REFUTED)[1] == 1


def test_of_a_question_and_a_report_the_report_is_judged() -> None:
    question = filed("a", kind="info")
    assert day([*EYES, question, B], REFUTED)[1] == 1
    assert day([*EYES, question, B, filed("c", HOUR, "sp4n_lapor")], REFUTED)[1] == 1


def test_who_is_unlinked_is_a_copy_again_and_whoever_has_another_master_is_none() -> None:
    linked = then("a", "duplicate_linked", HOUR, master_case_id="x")
    assert day([*EYES, A, B, linked], REFUTED)[1] == 1
    assert day([*EYES, A, B, linked, then("a", "duplicate_unlinked", 2 * HOUR)], REFUTED)[1] == 1
    assert day([*EYES, A, B, linked, then("b", "duplicate_linked", HOUR, master_case_id="x")],
               REFUTED)[1] == 0  # fmt: skip


# ---- KPI 28 and 31: nobody's second witness.

NEIGHBOUR = filed("n", LATER + MINUTE, reporter="p1:n")
"""Too late for the first report (20 minutes), beside the second."""


def test_a_copy_is_no_witness_beside_somebody_elses_report() -> None:
    def several(story: list[Event]) -> tuple[int, str | None]:
        row = rows([*EYES, *story])[INCIDENTS, "1d", "city", "city"]
        return row.denominator, row.companions["multi_reporter_pct"]

    assert several([A, B, NEIGHBOUR]) == (2, "0.00")
    assert several([A, filed("b", LATER), NEIGHBOUR]) == (2, "50.00")


def test_a_copy_confirms_nothing() -> None:
    assert day([*EYES, A, B, NEIGHBOUR], RECALL)[1] == 0
    assert day([*EYES, A, filed("b", LATER), NEIGHBOUR], RECALL)[1] == 1


def test_what_was_known_first_stays_known() -> None:
    """KPI 27 asks for the earliest of all that is told, and a copy is filed later."""
    kpi = "signal_fault_repair_on_time_pct"
    where = loaded("intersection", NOON - DAY, "ours", places={"s1": (PLACE[1], PLACE[0])})
    alarm = event("signal.alarm", NOON + HOUR, "atcs", intersection_id="s1")
    light: dict[str, Any] = {"category": "lampu_lalu_lintas"}
    story = [where, alarm, filed("a", **light), filed("b", LATER, "call112", **light)]
    for told_of in (story, story[:3]):
        row = rows(told_of, tick=MIDNIGHT + DAY)[kpi, "1d", "city", "city"]
        assert (row.denominator, row.companions["known_by_citizen"]) == (1, "1")


# ---- KPI 30: one closure; and what was told before is not told again.

ROAD: dict[str, Any] = {"category": "jalan_rusak"}
UNNAMED: dict[str, Any] = {"category": "birokrasi"}
"""Of no class."""
SOLVED = DAY
WEEK = MIDNIGHT + 8 * DAY
SOLUTIONS = [then("a", "resolved", SOLVED), then("b", "resolved", SOLVED)]


def closures(*story: Event) -> tuple[int, int, dict[str, int]]:
    return day(story, CLOSURES, WEEK)


@pytest.mark.parametrize("of", [ROAD, UNNAMED], ids=["of a class", "of none"])
def test_a_closure_of_a_case_that_was_filed_twice_is_one(of: dict[str, Any]) -> None:
    first, second = filed("a", **of), filed("b", LATER, "call112", **of)
    assert closures(first, second, *SOLUTIONS) == (0, 1, {"duplicate": 1})
    assert closures(first, filed("b", LATER, **of), *SOLUTIONS) == (0, 2, {})
    # The master is open, and so is the case.
    assert closures(first, second, SOLUTIONS[1]) == (0, 0, {"duplicate": 1})


@pytest.mark.parametrize(
    "word", [then("a", "rejected", DAY), then("a", "duplicate_linked", DAY, master_case_id="x")],
    ids=["refused", "linked"],
)  # fmt: skip
def test_a_word_about_the_first_alone_moves_the_closure_of_the_second(word: Event) -> None:
    """It was not resolved and is of no class, so nothing else of it is told to the join."""
    story = [filed("a", **UNNAMED), filed("b", LATER, "call112", **UNNAMED), SOLUTIONS[1]]
    segments = [(MIDNIGHT + DAY, story), (MIDNIGHT + 2 * DAY, [word]), (WEEK, [])]
    row = newest(told(segments, 3))[CLOSURES, "1d", "city", "city", WEEK - DAY]
    assert (row.denominator, dict(row.excluded)) == (1, {})
    for segments in (
        [(MIDNIGHT + DAY, story), (WEEK, [])],
        [(MIDNIGHT + DAY, story[1:]), (MIDNIGHT + 2 * DAY, story[:1]), (WEEK, [])],
    ):
        row = newest(told(segments, 3))[CLOSURES, "1d", "city", "city", WEEK - DAY]
        assert (row.denominator, dict(row.excluded)) == (0, {"duplicate": 1})


@pytest.mark.parametrize("end", ["rejected", "withdrawn", "archived"])
@pytest.mark.parametrize("of", [ROAD, UNNAMED], ids=["of a class", "of none"])
def test_of_one_that_was_refused_the_closure_of_the_next_counts(
    of: dict[str, Any], end: str
) -> None:
    first, second = filed("a", **of), filed("b", LATER, "call112", **of)
    assert closures(first, second, then("a", end, HOUR), SOLUTIONS[1]) == (0, 1, {})


def test_a_copy_that_was_refused_says_so() -> None:
    second = filed("b", LATER, "call112", **ROAD)
    refused = then("b", "rejected", SOLVED + HOUR)
    assert closures(filed("a", **ROAD), second, *SOLUTIONS, refused) == (0, 1, {"rejected": 1})


def test_what_was_told_before_the_solution_is_not_told_again_by_its_copy() -> None:
    closed = [filed("z", -DAY, reporter="p1:z", **ROAD), then("z", "resolved", HOUR // 2)]
    first, second = filed("a", **ROAD), filed("b", LATER, "call112", **ROAD)
    week = MIDNIGHT + 7 * DAY
    assert day([*closed, first, second], CLOSURES, week)[:2] == (0, 1)
    assert day([*closed, first, filed("b", LATER, **ROAD)], CLOSURES, week)[:2] == (1, 1)
    # Who tells of it twice afterwards tells of it.
    again = [filed("a", HOUR, **ROAD), filed("b", 2 * HOUR, "call112", **ROAD)]
    assert day([*closed, *again], CLOSURES, week)[:2] == (1, 1)


def test_explain_names_the_copy_of_a_closure() -> None:
    engine = Engine(2)
    story = [filed("a", **ROAD), filed("b", LATER, "call112", **ROAD), *SOLUTIONS]
    for number, part in enumerate(routed(story, 2)):
        engine.apply(number, part)
    list(engine.tick(WEEK, {}))
    found = contributions(engine, by_id()[CLOSURES], ("city", "city"), (WEEK - DAY, WEEK))
    assert {one.name: dict(one.counters) for one in found} == {
        "a": {"d": 1}, "b": {"x:duplicate": 1},
    }  # fmt: skip


# ---- KPI 32: one complaint about a service.

LETTER = [
    event("service.requested", NOON - 20 * DAY, "sipaten", case_id="r1", service_code="domisili",
          applicant_key="p1:a"),
    event("service.completed", NOON - 9 * DAY, "sipaten", case_id="r1", delivery="online"),
]  # fmt: skip
ABOUT: dict[str, Any] = {
    "category": "pelayanan", "claim": "not_delivered", "about_service": "domisili",
}  # fmt: skip
NAMED: dict[str, Any] = {**ABOUT, "request_id": "r1"}


def grieved(*story: Event) -> tuple[int, int, dict[str, int]]:
    found = newest(told([(MIDNIGHT, [*LETTER, *story])], 3))
    row = found[MISMATCH, "90d", "city", "city", MIDNIGHT - 90 * DAY]
    return row.numerator, row.denominator, dict(row.excluded)


@pytest.mark.parametrize("said", [ABOUT, NAMED], ids=["by applicant", "by request"])
def test_a_complaint_about_a_service_is_held_against_its_record_once(
    said: dict[str, Any],
) -> None:
    first, second = filed("a", **said), filed("b", LATER, "call112", **said)
    assert grieved(first, second) == (1, 1, {"duplicate": 1})
    assert grieved(first, filed("b", LATER, **said)) == (2, 2, {})
    assert grieved(first, second, then("a", "withdrawn", HOUR)) == (1, 1, {"withdrawn": 1})
    assert grieved(first, second, then("b", "withdrawn", HOUR)) == (1, 1, {"withdrawn": 1})


def test_what_is_about_another_record_is_another_matter() -> None:
    other = filed("b", LATER, "call112", **{**NAMED, "request_id": "r2"})
    assert grieved(filed("a", **NAMED), other) == (1, 1, {"unlinkable": 1})


# ---- A function of the set of events.

STORY = [
    *EYES, A, B, NEIGHBOUR, filed("c", LATER + HOUR, "sp4n_lapor", 30),
    filed("d", **ROAD), filed("e", LATER, "call112", **ROAD),
    then("d", "resolved", SOLVED), then("e", "resolved", SOLVED), then("a", "rejected", HOUR),
    then("c", "resolved", HOUR * 3), then("d", "archived", SOLVED + HOUR),
]  # fmt: skip


@pytest.mark.long
def test_neither_order_nor_copies_nor_ticks_nor_partitions_matter() -> None:
    kpis = (INCIDENTS, REFUTED, CLOSURES, RECALL)

    def last(segments: list[tuple[int, list[Event]]], partitions: int) -> object:
        return {
            name: (row.numerator, row.denominator, row.excluded, row.companions)
            for name, row in newest(told(segments, partitions)).items()
            if name[0] in kpis and (row.denominator or row.excluded)
        }  # fmt: skip

    cases, first = STORY[len(EYES) :], MIDNIGHT - HOUR
    expected = last([(first, STORY), (WEEK, [])], 1)
    for number, story in enumerate(permutations(cases)):
        if number % 2_000_003 == 0:
            said = [*story, story[0]]
            assert last([(first, [*EYES, *said]), (WEEK, [])], 1 + number % 4) == expected
    ones = [(first + n, [one]) for n, one in enumerate(reversed(cases))]
    assert last([(first - 1, EYES), *ones, (WEEK, [])], 3) == expected


def test_a_rejection_alone_of_the_first_case_is_named_as_what_moved_a_closure() -> None:
    join, tick = Join(), NOON
    voice = Voice("a", "p1:a|x", NOON, "sikesal", *PLACE, False, "birokrasi", claims=False)
    other = Voice("b", "p1:a|x", NOON + 1, "call112", *PLACE, False, "birokrasi", claims=False)
    for one in (voice, other):
        join.state(VOICE, one.name, one)
    join.close(tick)
    assert join._vicinity.twins.reports("birokrasi") == {"b"}
    refused = Voice(*voice.told[:6], True, "birokrasi", claims=False)
    join.state(VOICE, voice.name, refused)
    join._hear()
    assert join._news == {("claim", "birokrasi"): {"voice:birokrasi|a"}}
    assert join._vicinity.twins.reports("birokrasi") == set()


# ---- What is told.


def test_who_is_alone_touches_nothing() -> None:
    twins = Twins()
    one = Voice("a", "p1:a|x", NOON, "sikesal", *PLACE, False, "waste", claims=True)
    assert twins.put("a", one) == ()
    assert twins.put("b", Voice("b", "p1:b|x", *one.told[2:], "waste", claims=True)) == ()
    assert not twins.moved
    assert twins.claims("waste") == twins.reports("waste") == set()
    assert twins.drop("a", one) == ()


def test_voices_and_grievances_come_back_from_their_text_and_old_ones_know_no_twin() -> None:
    twin = Twin("a", "p1:a|x", NOON, "sikesal", *PLACE, False)
    voice = Voice(*twin.told, "waste", claims=True)
    grievance = Grievance("a", "r1", "late", None, NOON, "domisili", "unlocated", None, twin)
    assert as_told(voice) == voice
    assert as_told(grievance) == grievance
    join = Join()
    join.restore({("grievance", "a"): (NOON, [{
        "case_id": "a", "key": "r1", "claim": "late", "fee": None, "filed_at": NOON,
        "service_code": "domisili", "kecamatan": "unlocated", "left_out": None,
    }])}, NOON)  # fmt: skip
    assert join.known["grievance", "a"].twin is None


def test_a_case_of_one_class_says_one_voice_and_one_of_two_says_two() -> None:
    twin = Twin("a", "p1:a|x", NOON, "sikesal", *PLACE, False)

    def said(matter: str, claimed: str | None) -> dict[str, bool]:
        return {one.name: one.claims for one in voices(twin, matter, claimed)}

    assert said("waste", "waste") == {"waste|a": True}
    assert said("birokrasi", None) == {"birokrasi|a": False}
    assert said("unknown", "waste") == {"unknown|a": False, "waste|a": True}
