"""What `jcoc replay` says, and how it exits."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from audit.finding import Report
from audit.replay import TICKS, replay
from core import contract
from core.kpis import by_id
from core.moment import rfc3339
from core.rows import KpiRow
from jcoc.commands.replay import runs
from jcoc.main import main
from tests.audit.city import Log, published, two_days
from tests.core.stories import wib
from tests.jcoc.stored import Records, Stored, city_registry

AWAY = {"JCOC_KAFKA__BOOTSTRAP": "127.0.0.1:9", "JCOC_REGISTRY__URL": "http://127.0.0.1:9"}
Holds = Callable[..., None]


def jcoc(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["replay", *arguments], env=AWAY)


@pytest.fixture
def told() -> tuple[Log, Records]:
    return published(two_days(), 5)


@pytest.fixture
def holds(monkeypatch: pytest.MonkeyPatch) -> Holds:
    """Lets the command read a log and published records instead of Kafka's."""
    registered, codec = city_registry()

    def fill(log: Log, records: Records, **more: Any) -> None:
        stored = Stored(log, codec, records, **more)
        monkeypatch.setattr("jcoc.commands.replay.read", stored.read)
        monkeypatch.setattr("jcoc.commands.replay.end_offsets", stored.end_offsets)
        monkeypatch.setattr("jcoc.commands.replay.registry", lambda _settings: registered)

    return fill


def test_an_identical_replay_exits_0_and_counts(told: tuple[Log, Records], holds: Holds) -> None:
    holds(*told)
    result = jcoc("--json")
    assert result.exit_code == 0, result.output
    many = len(told[1])
    assert json.loads(result.stdout) == {
        "compared": many, "identical": many, "different": 0, "missing": 0, "verdicts": 1,
    }  # fmt: skip
    assert f"{many} identical, 0 different, 0 missing" in jcoc().stdout


def test_a_difference_exits_1_and_is_shown_with_its_inputs(
    told: tuple[Log, Records], holds: Holds
) -> None:
    log, records = told
    holds(log, records, without="service.decided")
    result = jcoc()
    assert result.exit_code == 1
    shown = result.stdout
    assert "first difference (different): kpi=case_events_unexpected_pct window=28d" in shown
    assert "denominator: published 5, recomputed 4" in shown
    assert f"input {TICKS}/0: tick at offset 0" in shown
    assert "counts: R1, R2" in shown
    assert "no records with offsets 0 to 0" in result.stderr


def test_json_has_a_line_for_each_difference_and_ends_with_the_counts(
    told: tuple[Log, Records], holds: Holds
) -> None:
    log, records = told
    garbage = (len(records), b"\xff\x00")
    here, record = next((o, r) for o, r in records if b"provisional" in r)
    final = (here, record.replace(b"provisional", b"final"))
    holds(log, [*records[:here], final, *records[here + 2 :], garbage])
    result = jcoc("--json")
    assert result.exit_code == 1
    *differences, closing = map(json.loads, result.stdout.splitlines())
    assert sorted(one["kind"] for one in differences) == [
        "different", "not_published", "unreadable",
    ]  # fmt: skip
    many = len(records)
    assert closing == {
        "compared": many + 1, "identical": many - 2, "different": 1, "missing": 2,
        "verdicts": 1,
    }  # fmt: skip
    (other,) = (one for one in differences if one["kind"] == "different")
    assert other["fields"] == {"finality": {"published": "final", "recomputed": "provisional"}}
    assert other["offset"] == here


def test_a_span_without_rows_proves_nothing(told: tuple[Log, Records], holds: Holds) -> None:
    holds(*told)
    result = jcoc("--from", "2030-01-01T00:00:00Z", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["compared"] == 0
    assert "no row was published for these windows" in result.stderr


def test_an_empty_log_proves_nothing(holds: Holds) -> None:
    holds(Log(5), [])
    result = jcoc()
    assert result.exit_code == 1
    assert "no tick is complete" in result.stderr


def test_a_publisher_that_is_behind_is_told_apart(told: tuple[Log, Records], holds: Holds) -> None:
    log, records = told
    holds(log, records[:1])
    first_tick = jcoc("--json")
    assert first_tick.exit_code == 1, "the other rows of that tick are missing"
    holds(log, [])
    nothing = jcoc("--json")
    assert json.loads(nothing.stdout)["compared"] == 0
    assert "none is published yet" in nothing.stderr


def test_what_was_published_while_it_ran_is_compared(
    told: tuple[Log, Records], holds: Holds
) -> None:
    log, records = told
    holds(log, records[:-3], late=records[-3:])
    result = jcoc("--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["identical"] == len(records)


def test_a_verdict_that_nothing_makes_exits_1_though_all_rows_are_identical(
    told: tuple[Log, Records], holds: Holds
) -> None:
    tick = KpiRow.from_record(told[1][0][1]).as_of
    verdict = {"case": "k7", "incident": "flood", "tick": rfc3339(tick)}
    holds(*told, verdicts=[*told[0].verdicts, (1, json.dumps(verdict).encode())])
    result = jcoc("--json")
    assert result.exit_code == 1
    found, closing = map(json.loads, result.stdout.splitlines())
    assert (found["kind"], found["case"]) == ("verdict_not_recomputed", "k7")
    assert (closing["identical"], closing["verdicts"]) == (len(told[1]), 1)
    assert "1 verdicts are not identical" in result.stderr
    assert "1 verdicts identical, 1 not" in jcoc().stdout


def test_a_broker_that_is_away_exits_3() -> None:
    result = jcoc()
    assert result.exit_code == 3
    assert "jcoc up" in result.stderr


def test_what_is_recorded_are_the_final_rows_of_each_kpi() -> None:
    finals = {"sipaten_on_time_pct": [41, 40], "cctv_availability_pct": [288, 288]}
    at = wib("2026-11-20T09:00:30")
    found = runs(Report(identical=1, findings=(), finals=finals), at)
    assert [contract.flaw(one) for one in found] == [None] * 3
    told = [(e.text("kpi"), e.whole("compared"), e.whole("identical")) for e in found[:2]]
    assert told == [("cctv_availability_pct", 288, 288), ("sipaten_on_time_pct", 41, 40)]
    assert {e.occurred_at for e in found[:2]} == {at}
    assert (found[2].type, found[2].source) == ("source.heartbeat", "audit")


@pytest.mark.long
def test_only_final_rows_are_counted_and_a_changed_one_is_not_identical() -> None:
    log, records = published(two_days(), 2)
    final = published([*two_days(), (wib("2027-01-20T00:00"), [])], 2)
    # A day after it only what waits for no objection can be final.
    early = replay(log.reads(), records, partitions=2).finals.keys()
    assert not {kpi for kpi in early if by_id()[kpi].reopens}
    whole = replay(final[0].reads(), final[1], partitions=2)
    assert all(compared == identical > 0 for compared, identical in whole.finals.values())
    offset, record = next(
        r for r in final[1] if b'"final"' in r[1] and b'"sipaten_on_time_pct"' in r[1]
    )
    flat = json.loads(record) | {"numerator": 77}
    changed = [r if r[0] != offset else (offset, json.dumps(flat).encode()) for r in final[1]]
    compared, identical = replay(final[0].reads(), changed, partitions=2).finals[
        "sipaten_on_time_pct"
    ]
    assert compared == identical + 1
