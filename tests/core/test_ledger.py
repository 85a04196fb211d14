"""Cells are sums over the present state of all subjects, whatever happened on the way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.cells import CellKey, Counters, Share, add, merged
from core.kpis import by_id
from core.ledger import Ledger, Part, Series, part, spread
from core.moment import HOUR
from tests.core.stories import at, wib

KEYS = [CellKey("kpi", "city", "city", start) for start in (0, 1)]
SERIES = Series("kpi", "instant", ("city",))
Told = tuple[CellKey, Counters]
counters = st.dictionaries(st.sampled_from(("n", "d", "x:paused")), st.integers(-2, 2))
entry = st.tuples(st.sampled_from(KEYS), counters)
history = st.lists(st.tuples(st.sampled_from(("a", "b", "c")), st.lists(entry, max_size=3)))


def parts(*told: Told) -> list[Part]:
    return [part(SERIES, {"city": "city"}, [Share(key.start, made)]) for key, made in told]


def total(state: dict[str, list[Told]]) -> dict[CellKey, Counters]:
    """From nothing: what the subjects contribute now."""
    sums = {key: merged(c for made in state.values() for k, c in made if k == key) for key in KEYS}
    return {key: cell for key, cell in sums.items() if cell}


def known(ledger: Ledger) -> dict[CellKey, Counters]:
    return {CellKey(*key): dict(cell) for key, cell in ledger.cells.items() if cell}


@given(history)
def test_replacing_is_computing_anew(told: list[tuple[str, list[Told]]]) -> None:
    ledger, state = Ledger(), dict[str, list[Told]]()
    for subject, made in told:
        ledger.replace(subject, parts(*made))
        state[subject] = made
    assert known(ledger) == total(state)


@given(st.lists(history, max_size=4))
def test_changes_lead_from_one_state_to_the_next(
    steps: list[list[tuple[str, list[Told]]]],
) -> None:
    ledger, seen = Ledger(), dict[CellKey, Counters]()
    for step in steps:
        before = known(ledger)
        for subject, made in step:
            ledger.replace(subject, parts(*made))
        changes = ledger.take_changes()
        assert all(before.get(key, {}) != cell for key, cell in changes.items())
        seen = {key: cell for key, cell in {**seen, **changes}.items() if cell}
        assert seen == known(ledger)


def test_what_goes_and_comes_back_is_no_change() -> None:
    ledger = Ledger()
    ledger.replace("a", parts((KEYS[0], {"n": 1})))
    ledger.take_changes()
    ledger.replace("a", [])
    ledger.replace("b", parts((KEYS[0], {"n": 1})))
    assert ledger.take_changes() == {}


def test_an_emptied_cell_is_told_as_empty() -> None:
    ledger = Ledger()
    ledger.replace("a", parts((KEYS[0], {"n": 1})))
    ledger.take_changes()
    ledger.replace("a", [])
    assert ledger.take_changes() == {KEYS[0]: {}}


def test_what_was_taken_does_not_change_later() -> None:
    ledger = Ledger()
    ledger.replace("a", parts((KEYS[0], {"n": 1})))
    taken = ledger.take_changes()
    ledger.replace("b", parts((KEYS[0], {"n": 1})))
    assert taken == {KEYS[0]: {"n": 1}}


@given(counters, counters)
def test_what_is_added_and_retracted_leaves_nothing(a: Counters, b: Counters) -> None:
    cell = merged([a])
    add(cell, b)
    add(cell, b, -1)
    assert cell == merged([a])


@given(st.lists(counters), st.randoms(use_true_random=False))
def test_merging_has_no_order(several: list[Counters], chance: object) -> None:
    mixed = list(several)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # random.Random by any other name
    assert merged(mixed) == merged(several)
    assert 0 not in merged(several).values()


def test_shares_go_to_the_scopes_that_the_kpi_publishes_and_to_their_base_window() -> None:
    kpi = by_id()["sikesal_local_sla_on_time_pct"]
    scopes = {"city": "city", "opd": "dlh", "channel": "sikesal"}
    made = dict(spread([part(kpi, scopes, [Share(at("10:59"), {"d": 1})])]))
    assert made == {
        CellKey(kpi.id, "city", "city", at("10:00")): {"d": 1},
        CellKey(kpi.id, "opd", "dlh", at("10:00")): {"d": 1},
    }


def test_a_base_day_is_a_day_in_jambi() -> None:
    kpi = by_id()["sipaten_on_time_pct"]
    late = wib("2026-11-20T00:00") + 6 * HOUR
    ((key, _),) = spread([part(kpi, {"city": "city"}, [Share(late, {"d": 1})])])
    assert CellKey(*key).start == wib("2026-11-20T00:00")
