"""What `jcoc lifecycle` prints and draws."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from core.lifecycles import all_lifecycles, by_kind
from jcoc.main import main

ALERT = by_kind()["alert"]


def lifecycle(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["lifecycle", *arguments])


def test_the_table_has_every_state_event_and_rule() -> None:
    said = lifecycle("alert").stdout
    assert "Peringatan kepada operator / Alert to the operators" in said
    for move in ALERT.moves:
        assert all(text in said for text in (move.state, move.event, move.next, move.rule))


def test_json_is_the_whole_table() -> None:
    told = json.loads(lifecycle("alert", "--json").stdout)
    moves = [(m["state"], m["event"], m["next"], m.get("rule", "")) for m in told["moves"]]
    assert moves == [tuple(move) for move in ALERT.moves]
    assert [m["allowed"] for m in told["moves"]] == [not move.rule for move in ALERT.moves]
    assert (told["start"], told["ends"], told["opens"]) == ("quiet", ["over"], "alert.raised")


def test_without_a_kind_all_of_them_are_told() -> None:
    kinds = [json.loads(line)["kind"] for line in lifecycle("--json").stdout.splitlines()]
    assert kinds == [life.kind for life in all_lifecycles()]


def test_mermaid_draws_what_is_allowed_and_the_ends() -> None:
    drawn = lifecycle("alert", "--mermaid").stdout.splitlines()
    assert drawn == [
        "stateDiagram-v2",
        "    [*] --> quiet",
        "    quiet --> raised: raised",
        "    raised --> acknowledged: acknowledged",
        "    raised --> over: resolved",
        "    acknowledged --> over: resolved",
        "    over --> [*]",
    ]


def test_dot_draws_what_is_not_allowed_with_dashes() -> None:
    drawn = lifecycle("alert", "--dot").stdout
    assert '"raised" -> "over" [label="resolved", style=solid];' in drawn
    assert '"over" -> "over" [label="raised, acknowledged, resolved", style=dashed];' in drawn
    assert '"over" [shape=doublecircle];' in drawn
    assert drawn.count("{") == drawn.count("}") == 1


@pytest.mark.parametrize(("typed", "near"), [("complant", "complaint"), ("xyz", "there is alert")])
def test_an_unknown_kind_suggests_the_nearest(typed: str, near: str) -> None:
    result = lifecycle(typed)
    assert result.exit_code == 2
    assert near in result.stderr
