"""`jcoc month`: what it compares, and what it says of that."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from core.kpis import all_kpis
from core.moment import HOUR, MINUTE
from core.rows import Finality, Identity, KpiRow, Status
from jcoc.demo.month import Outcome
from jcoc.demo.verdict import Verdict, judge_all
from jcoc.main import main
from sim import Month
from sim.truth.shown import Shown

BACKLOG = "complaint_overdue_backlog_pct"
FINAL_AT = 9 * MINUTE
DAYS = [
    KpiRow(kpi.id, "1d", "city", "city", 0, 5 * MINUTE, 3, 4, "75.00", Status.OK, Finality.FINAL,
           0, "1.0000")
    for kpi in all_kpis()
]  # fmt: skip
GAUGE = replace(
    next(row for row in DAYS if row.kpi == BACKLOG),
    window="5min", finality=Finality.PROVISIONAL, as_of=7 * MINUTE,
)  # fmt: skip
QUIET = Shown("75.00", "ok", "1.0000", {}, True)
"""What is true of each of these rows beside its integers."""
SETTLED = replace(
    GAUGE, finality=Finality.FINAL, as_of=FINAL_AT, numerator=2, value="50.00", revision=1
)
NOTHING = replace(
    DAYS[0], scope_type="opd", scope_id="x", numerator=0, denominator=0, value=None,
    status=Status.NO_DATA,
)  # fmt: skip


@dataclass
class Hand:
    """A truth written down: three cases past due of four, of which one was heard to be none."""

    final: int | None = None
    start: int = 0
    end: int = 10 * MINUTE
    told: dict[int, tuple[int, int]] = field(
        default_factory=lambda: {7 * MINUTE: (3, 4), FINAL_AT: (2, 4)}
    )

    def truth(self, every: int) -> list[dict[str, Any]]:
        assert every == MINUTE
        names = ("kpi", "window", "scope_type", "scope_id", "window_start", "window_end",
                 "numerator", "denominator")  # fmt: skip
        return [{name: getattr(row, name) for name in names} for row in DAYS]

    def snapshots(self, every: int) -> dict[int, int | None]:
        assert every == MINUTE
        return {5 * MINUTE: self.final}

    def backlog(self, instant: int, known: int) -> tuple[int, int]:
        assert instant == 5 * MINUTE
        return self.told[known]

    def backlog_shown(self, instant: int, known: int) -> Shown:
        late, _ = self.backlog(instant, known)
        return Shown(f"{25 * late}.00", "ok", "1.0000", {}, known == FINAL_AT)

    def shown(self, identity: Identity, every: int) -> Shown | None:
        assert every == MINUTE
        nothing = Shown(None, "no_data", "1.0000", {}, True)
        known = {row.identity: QUIET for row in DAYS} | {NOTHING.identity: nothing}
        return known.get(identity)


def judged(*rows: KpiRow, final: int | None = None) -> Verdict:
    return judge_all([*DAYS, *rows], Hand(final), MINUTE)


def test_all_that_was_published_is_compared() -> None:
    verdict = judged(GAUGE)
    assert (verdict.good, verdict.compared) == (True, len(DAYS) + 1)
    assert verdict.tallies[BACKLOG].windows == {"1d", "5min"}


@pytest.mark.parametrize(
    ("rows", "final"),
    [
        pytest.param([], None, id="a snapshot is missing"),
        pytest.param([replace(GAUGE, numerator=2)], None, id="it knew too early"),
        pytest.param([replace(SETTLED, numerator=3)], FINAL_AT, id="it never heard"),
        pytest.param([GAUGE], FINAL_AT, id="it never became final"),
        pytest.param([SETTLED], FINAL_AT + 1, id="it was final too early"),
        pytest.param([GAUGE, replace(DAYS[0], scope_id="x")], None, id="a scope that is none"),
        pytest.param([GAUGE, replace(DAYS[0], window="7d")], None, id="a window that is none"),
        pytest.param([GAUGE, replace(DAYS[0], numerator=2, revision=1)], None, id="a wrong row"),
        pytest.param([GAUGE, replace(DAYS[0], window_end=1, revision=1)], None, id="a wrong end"),
    ],
)
def test_one_thing_that_is_not_so_is_told(rows: list[KpiRow], final: int | None) -> None:
    verdict = judged(*rows, final=final)
    assert len(verdict.differences) == 1
    assert sum(tally.differ for tally in verdict.tallies.values()) == 1


def test_a_final_snapshot_says_what_was_known_then() -> None:
    assert judged(GAUGE, SETTLED, final=FINAL_AT).good


def test_a_window_before_the_days_is_not_compared_nor_one_in_which_nothing_is() -> None:
    before = replace(DAYS[0], window="7d", window_start=-9, window_end=0)
    assert judged(GAUGE, before).compared == len(DAYS) + 1


def test_of_a_scope_in_which_nothing_counts_it_is_compared_what_is_shown() -> None:
    assert judged(GAUGE, NOTHING).good
    assert judged(GAUGE, NOTHING).compared == len(DAYS) + 2
    odd = replace(NOTHING, status=Status.SOURCE_DOWN)
    assert judged(GAUGE, odd).differences == [
        f"{odd.identity}: published status source_down, true is no_data"
    ]
    assert "the truth tells nothing" in judged(GAUGE, replace(NOTHING, scope_id="y")).differences[0]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"value": "75.01"}, "value 75.01, true is 75.00"),
        ({"value": None, "status": Status.INSUFFICIENT}, "status insufficient, true is ok"),
        ({"completeness": "0.9999"}, "completeness 0.9999, true is 1.0000"),
        ({"excluded": {"rejected": 1}}, "left_out {'rejected': 1}, true is {}"),
        ({"excluded": {"duplicate": 2}}, "left_out {'duplicate': 2}, true is {}"),
        ({"finality": Finality.PROVISIONAL}, "final False, true is True"),
    ],
)
def test_what_is_shown_beside_the_right_integers_is_compared(
    wrong: dict[str, Any], told: str
) -> None:
    verdict = judged(GAUGE, replace(DAYS[0], revision=1, **wrong))
    assert len(verdict.differences) == 1
    assert told in verdict.differences[0]


def test_what_is_shown_of_a_snapshot_is_compared() -> None:
    [told] = judged(replace(GAUGE, completeness="0.0000")).differences
    assert "completeness 0.0000, true is 1.0000" in told


@pytest.mark.parametrize("final", [Finality.FINAL, Finality.PROVISIONAL])
def test_whether_a_row_became_final_after_the_days_is_not_known(final: Finality) -> None:
    afterwards = replace(DAYS[0], revision=1, finality=final, as_of=Hand().end + 1)
    assert judged(GAUGE, afterwards).good
    at_the_end = judged(GAUGE, replace(afterwards, as_of=Hand().end))
    assert at_the_end.good is (final is Finality.FINAL)


class TestOfWhatDidNotComeAsItHappened:
    """As in `jcoc demo`, where calls come late and the truth does not know when."""

    def judged(self, *rows: KpiRow) -> Verdict:
        return judge_all([*DAYS, *rows], Hand(), MINUTE, as_it_came=False)

    def test_all_that_rows_say_is_compared(self) -> None:
        assert self.judged(NOTHING).good
        assert self.judged(NOTHING).compared == len(DAYS) + 1
        for wrong in (
            replace(DAYS[0], revision=1, value="75.01"),
            replace(DAYS[0], revision=1, excluded={"rejected": 1}),
            replace(NOTHING, status=Status.SOURCE_DOWN),
        ):
            assert len(self.judged(wrong).differences) == 1

    def test_snapshots_are_not(self) -> None:
        assert self.judged(replace(GAUGE, numerator=0)).good
        assert self.judged().compared == len(DAYS)


def test_a_reason_that_left_out_nobody_is_none() -> None:
    assert judged(GAUGE, replace(DAYS[0], revision=1, excluded={"duplicate": 0})).good


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--every", "7"], "7 does not divide 24"),
        (["--calm", "--trouble", "late"], "--calm and --trouble"),
        (["--trouble", "lte"], "did you mean late"),
    ],
)
def test_wrong_use_is_told(options: list[str], said: str) -> None:
    result = CliRunner().invoke(main, ["month", *options])
    assert result.exit_code == 2
    assert said in result.output


def said(monkeypatch: pytest.MonkeyPatch, verdict: Verdict, *options: str) -> Result:
    """What the command prints of a verdict."""
    asked: list[Month] = []

    def run(month: Month, every: int, _progress: object) -> Outcome:
        asked.append(month)
        assert every == 6 * HOUR
        return Outcome(verdict, 10, 20, 1.0, 2.0)

    monkeypatch.setattr("jcoc.demo.month.run", run)
    result = CliRunner().invoke(main, ["month", *options])
    assert [month.days for month in asked] == [31]
    return result


def test_json_has_a_line_for_each_kpi_and_then_the_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    result = said(monkeypatch, judged(GAUGE), "--json")
    *kpis, verdict = map(json.loads, result.stdout.splitlines())
    assert [line["kpi"] for line in kpis] == sorted(kpi.id for kpi in all_kpis())
    assert all(line["compared"] == line["equal"] > 0 for line in kpis)
    assert sum(line["compared"] for line in kpis) == verdict["compared"] == len(DAYS) + 1
    assert (result.exit_code, verdict["good"], verdict["differences"]) == (0, True, [])


def test_a_difference_is_an_exit_of_1_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    result = said(monkeypatch, judged(), "--calm")
    assert result.exit_code == 1
    assert f"('{BACKLOG}', '5min', 'city', 'city', 0): was never published" in result.output
    assert f"{len(DAYS) + 1} rows compared, 1 differ" in result.output
