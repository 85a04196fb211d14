"""`jcoc compute`: KPIs from a file, with no broker and no settings."""

from __future__ import annotations

import gzip
import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from core import contract, moment, window
from core.events import Event, Value
from core.rows import KpiRow
from jcoc.main import main
from sim.day import Day
from tests.core.stories import case, event, wib

NATIONAL = "complaint_resolution_on_time_pct"


def jcoc(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["compute", *arguments], input=stdin)


def shown(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def one(rows: list[dict[str, Any]], **wanted: str) -> dict[str, Any]:
    (found,) = (row for row in rows if wanted.items() <= row.items())
    return found


def due(number: str, day: str, *steps: tuple[str, str]) -> list[Event]:
    """A case of golden example G5: due at the end of a day; each step at ten in the morning."""
    fields: dict[str, Value] = {"sla_basis": "source", "due_at": wib(f"{day}T23:59:59.999")}
    whole = [(what, f"{when}T10:00") for what, when in steps if what != "duplicate_linked"]
    linked = [
        event("complaint.duplicate_linked", wib(f"{when}T10:00"), case_id=number,
              master_case_id="A")
        for what, when in steps if what == "duplicate_linked"
    ]  # fmt: skip
    return [*case(number, ("submitted", "2026-10-20T09:00", fields), *whole), *linked]


G5 = [
    *due("A", "2026-11-03", ("resolved", "2026-11-02")),
    *due("B", "2026-11-05", ("resolved", "2026-11-09")),
    *due("C", "2026-11-10"),
    *due("D", "2026-11-20", ("resolved", "2026-11-12"), ("reopened", "2026-11-16"),
         ("resolved", "2026-11-19")),
    *due("E", "2026-11-25", ("resolved", "2026-11-20"), ("reopened", "2026-11-24"),
         ("resolved", "2026-11-27")),
    *due("F", "2026-12-02", ("resolved", "2026-11-15")),
    *due("G", "2026-11-03", ("duplicate_linked", "2026-11-02")),
    *due("H", "2026-11-03", ("rejected", "2026-11-02")),
]  # fmt: skip


@pytest.fixture
def november(tmp_path: Path) -> Path:
    return written(tmp_path / "g5.jsonl", G5)


def written(path: Path, events: list[Event]) -> Path:
    path.write_bytes(b"".join(contract.to_line(event).encode() + b"\n" for event in events))
    return path


def test_golden_example_g5_is_two_of_five(november: Path) -> None:
    rows = shown(jcoc(str(november), "--json"))
    month = one(rows, kpi=NATIONAL, window="month", scope_type="city",
                window_end="2026-11-30T17:00:00Z")  # fmt: skip
    assert (month["numerator"], month["denominator"], month["value"]) == (2, 5, "40.00")


def test_a_row_has_exactly_the_fields_of_the_scripting_format(november: Path) -> None:
    rows = shown(jcoc(str(november), "--json"))
    fields = [name for name in KpiRow.__struct_fields__ if name in rows[0]]
    assert {tuple(row) for row in rows} == {tuple(fields)}
    assert len(fields) == 13
    assert {row["revision"] for row in rows} == {0}


def test_stdin_gzip_order_and_repetition_give_the_same_bytes(november: Path) -> None:
    whole = jcoc(str(november), "--json").stdout
    lines = november.read_bytes().splitlines(keepends=True)
    mixed = lines + lines[:7]
    random.Random(1).shuffle(mixed)
    assert jcoc("-", "--json", stdin=b"".join(mixed)).stdout == whole
    assert jcoc("-", "--json", stdin=gzip.compress(b"".join(mixed))).stdout == whole
    packed = november.with_suffix(".gz")
    packed.write_bytes(gzip.compress(november.read_bytes()))
    assert jcoc(str(packed), "--json").stdout == whole


def test_bad_lines_are_told_by_number_and_the_rest_is_computed(november: Path) -> None:
    whole = jcoc(str(november), "--json").stdout
    spoilt = b"nonsense [bold]\n" + november.read_bytes() + b'{"type": "x"}\n'
    result = jcoc("-", "--json", stdin=spoilt)
    assert result.exit_code == 1
    assert result.stdout == whole
    told = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    last = len(november.read_bytes().splitlines()) + 2
    assert [(bad["line"], bad["reason"]) for bad in told] == [
        (1, "undecodable"), (last, "unknown_type"),
    ]  # fmt: skip
    assert all(bad["detail"] for bad in told)
    assert "2 lines are no event" in result.stderr


def test_now_ends_the_clock_and_says_what_it_left_out(november: Path) -> None:
    result = jcoc(str(november), "--json", "--now", "2026-11-19T00:00:00+07:00")
    rows = shown(result)
    assert max(row["window_end"] for row in rows) == "2026-11-18T17:00:00Z"
    assert "4 events that occurred after 2026-11-18T17:00:00Z" in result.stderr


def test_one_kpi_can_be_chosen(november: Path) -> None:
    rows = shown(jcoc(str(november), "--json", "--kpi", NATIONAL))
    assert {row["kpi"] for row in rows} == {NATIONAL}
    result = jcoc(str(november), "--kpi", NATIONAL + "x")
    assert result.exit_code == 2
    assert f"did you mean {NATIONAL}" in result.stderr


@pytest.mark.long
def test_the_table_ends_with_the_events_unless_all_is_asked_for(november: Path) -> None:
    few, every = jcoc(str(november)), jcoc(str(november), "--all")
    assert few.exit_code == every.exit_code == 0
    assert re.search(r"overdue_backlog_pct +1d +city:city +2026-11-27 24:00", few.stdout)
    assert re.search(r" month +city:city +2026-11-30 24:00", few.stdout)
    assert "40.00" in few.stdout
    assert len(every.stdout.splitlines()) > 3 * len(few.stdout.splitlines())


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_file_has_no_rows(content: bytes) -> None:
    assert shown(jcoc("-", "--json", stdin=content)) == []


def test_a_file_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    assert jcoc(str(tmp_path / "nothing.jsonl")).exit_code == 2


@pytest.mark.long
def test_a_simulated_day_equals_its_truth(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    day = Day(scale=0.02)
    written(path, day.events())
    command = [sys.executable, "-m", "jcoc", "compute", str(path), "--json"]
    command += ["--now", moment.rfc3339(day.end)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={})
    computed = {
        (row["kpi"], row["window"], row["scope_type"], row["scope_id"], row["window_start"]): row
        for row in map(json.loads, done.stdout.splitlines())
    }
    compared = 0
    for true in day.truth():
        start = moment.rfc3339(true["window_start"])
        identity = (true["kpi"], true["window"], true["scope_type"], true["scope_id"], start)
        if identity not in computed and window.is_short(true["window"]) and not true["denominator"]:
            continue  # published only while it is news
        row = computed[identity]
        assert (row["numerator"], row["denominator"]) == (
            true["numerator"], true["denominator"],
        ), identity  # fmt: skip
        compared += 1
    assert compared > 300
