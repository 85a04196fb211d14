"""What `jcoc late` tells of final numbers and of events that came too late."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from core import contract, moment, topics
from core.events import Event
from core.rows import Finality, KpiRow, Status
from jcoc.main import main
from wire.config import Kafka

END = moment.parse("2026-10-01T00:00:00+07:00")
AWAY = {"JCOC_KAFKA__BOOTSTRAP": "127.0.0.1:9", "JCOC_REGISTRY__URL": "http://127.0.0.1:9"}
Stored = Callable[[list[bytes], list[bytes]], None]


def row(numerator: int, *, final: bool = True, told: int = 0, end: int = END) -> bytes:
    return KpiRow(
        kpi="sipaten_on_time_pct", window="1d", scope_type="city", scope_id="city",
        window_start=end - moment.DAY, window_end=end, numerator=numerator, denominator=10,
        value=f"{numerator * 10}.00", status=Status.OK,
        finality=Finality.FINAL if final else Finality.PROVISIONAL, revision=int(final),
        completeness="1.0000", as_of=end + told * moment.DAY,
    ).to_record()  # fmt: skip


def event(at: str) -> bytes:
    made = Event("cctv.heartbeat", at, moment.parse(at), "frigate", {"camera_id": "c1"})
    return contract.to_line(made).encode()


def late(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["late", *arguments], env=AWAY)


def told(*arguments: str) -> list[dict[str, Any]]:
    result = late("--json", *arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Stored:
    def fill(late: list[bytes], published: list[bytes]) -> None:
        async def read(_kafka: Kafka, names: list[str], **_: Any) -> AsyncIterator[Any]:
            of = {topics.LATE: late, topics.PUBLISHED: published}
            for name in names:
                for offset, value in enumerate(of[name]):
                    yield SimpleNamespace(topic=name, partition=0, offset=offset, value=value)

        for command in ("late", "kpis"):
            monkeypatch.setattr(f"jcoc.commands.{command}.read", read)

    return fill


def test_the_newest_word_on_a_final_window_is_held_against_what_was_published(
    stored: Stored,
) -> None:
    stored([row(8, told=50), row(7, told=60)], [row(5, final=False), row(9, told=40)])
    (one,) = told()
    assert (one["kind"], one["window_end"]) == ("restated", "2026-09-30T17:00:00Z")
    assert one["old"] == {"numerator": 9, "denominator": 10, "value": "90.00", "status": "ok"}
    assert one["new"]["numerator"] == 7
    assert one["told_at"] == moment.rfc3339(END + 60 * moment.DAY)


def test_a_window_that_says_again_what_was_published_is_not_told(stored: Stored) -> None:
    stored([row(8, told=50), row(9, told=60)], [row(9, told=40)])
    assert told() == []


@pytest.mark.parametrize(
    ("quarter", "ends"),
    [("2026-Q3", [END]), ("2026-Q4", [END + moment.DAY]), ("2027-Q1", []), ("2026-Q2", [])],
)
def test_a_window_belongs_to_the_quarter_whose_last_day_it_ends(
    quarter: str, ends: list[int], stored: Stored
) -> None:
    both = (END, END + moment.DAY)
    stored([row(8, told=50, end=end) for end in both], [row(9, told=40, end=end) for end in both])
    assert [one["window_end"] for one in told("--quarter", quarter)] == [*map(moment.rfc3339, ends)]


def test_events_are_counted_by_type_and_source(stored: Stored) -> None:
    stored([event("2026-09-30T03:00:00Z"), event("2026-09-30T01:00:00Z")], [])
    assert told() == [{
        "kind": "events", "type": "cctv.heartbeat", "source": "frigate", "count": 2,
        "first": "2026-09-30T01:00:00Z", "last": "2026-09-30T03:00:00Z",
    }]  # fmt: skip


def test_rows_are_chosen_by_kpi(stored: Stored) -> None:
    stored([row(8, told=50)], [row(9, told=40)])
    assert len(told("--kpi", "sipaten_on_time_pct")) == 1
    assert told("--kpi", "ikm_index") == []


def test_the_tables_say_the_same(stored: Stored) -> None:
    stored([row(8, told=50), event("2026-09-30T03:00:00Z")], [row(9, told=40)])
    shown = " ".join(late().stdout.split())
    assert "90.00" in shown
    assert "80.00" in shown
    assert "cctv.heartbeat" in shown
    stored([], [])
    assert "no final number" in late().stdout


def test_what_is_neither_is_told_beside_the_rest_and_exits_1(stored: Stored) -> None:
    stored([b"{}", row(8, told=50), b"\xff"], [row(9, told=40)])
    result = late("--json")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    assert "kpi.late/0/0" in result.stderr
    assert "kpi.late/0/2" in result.stderr


def test_a_quarter_that_is_none_is_refused() -> None:
    refused = late("--quarter", "2026-3")
    assert refused.exit_code == 2
    assert "2026-Q3" in refused.stderr
