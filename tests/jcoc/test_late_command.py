"""What `jcoc late` tells of final numbers and of events that came too late."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from core import contract, moment, topics
from core.causes import Causes
from core.events import Event
from core.restatements import Restatement
from core.rows import Finality, KpiRow, Status
from jcoc.main import main
from wire.config import Kafka

END = moment.parse("2026-10-01T00:00:00+07:00")
AWAY = {"JCOC_KAFKA__BOOTSTRAP": "127.0.0.1:9", "JCOC_REGISTRY__URL": "http://127.0.0.1:9"}
Stored = Callable[[list[bytes], list[bytes]], list[tuple[bytes, bytes]]]


def made(numerator: int, *, final: bool = True, told: int = 0, end: int = END) -> KpiRow:
    return KpiRow(
        kpi="sipaten_on_time_pct", window="1d", scope_type="city", scope_id="city",
        window_start=end - moment.DAY, window_end=end, numerator=numerator, denominator=10,
        value=f"{numerator * 10}.00", status=Status.OK,
        finality=Finality.FINAL if final else Finality.PROVISIONAL, revision=int(final),
        completeness="1.0000", as_of=end + told * moment.DAY,
    )  # fmt: skip


def row(numerator: int, *, final: bool = True, told: int = 0, end: int = END) -> bytes:
    return made(numerator, final=final, told=told, end=end).to_record()


def moved(numerator: int, told: int, *cases: str, end: int = END) -> bytes:
    causes = Causes(tuple(f"request:{case}" for case in cases))
    return Restatement(made(numerator, told=told, end=end), causes).to_record()


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
    """Fill the topics; what is written to `kpi.restated` is in the list."""

    def fill(late: list[bytes], published: list[bytes]) -> list[tuple[bytes, bytes]]:
        accounts: list[tuple[bytes, bytes]] = []

        async def read(_kafka: Kafka, names: list[str], **_: Any) -> AsyncIterator[Any]:
            of = {topics.LATE: late, topics.PUBLISHED: published}
            for name in names:
                keyed = accounts if name == topics.RESTATED else [(b"", v) for v in of[name]]
                for offset, (key, value) in enumerate(keyed):
                    yield SimpleNamespace(
                        topic=name, partition=0, offset=offset, key=key, value=value
                    )

        async def ensure(*_: Any, **__: Any) -> None:
            """The topics are there."""

        async def send(_kafka: Kafka, items: list[tuple[bytes, bytes]]) -> None:
            accounts.extend(items)

        for command in ("late", "kpis"):
            monkeypatch.setattr(f"jcoc.commands.{command}.read", read)
        monkeypatch.setattr("jcoc.commands.late.ensure", ensure)
        monkeypatch.setattr("jcoc.commands.late.send", send)
        return accounts

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


def test_all_that_moved_a_window_is_named_once(stored: Stored) -> None:
    stored([moved(8, 50, "2", "1"), moved(7, 60, "3", "1")], [row(9, told=40)])
    (one,) = told()
    assert one["causes"] == ["request:1", "request:2", "request:3"]
    assert one["new"]["numerator"] == 7
    assert all(f"request:{number}" in late().stdout for number in (1, 2, 3))


class TestAccountOfAQuarter:
    """Published when the log ends more than 77 days after the quarter."""

    def test_each_window_is_one_record_with_old_new_and_causes(self, stored: Stored) -> None:
        written = stored([moved(8, 50, "1")], [row(9, told=78)])
        assert late("--quarter", "2026-Q3", "--publish").exit_code == 0
        ((key, value),) = written
        assert key.startswith(b"sipaten_on_time_pct|1d|city|city|")
        record = json.loads(value)
        assert (record["quarter"], record["causes"]) == ("2026-Q3", ["request:1"])
        assert (record["old"]["numerator"], record["new"]["numerator"]) == (9, 8)

    def test_what_is_there_is_not_written_again(self, stored: Stored) -> None:
        written = stored([moved(8, 50, "1")], [row(9, told=78)])
        for _ in range(2):
            said = late("--quarter", "2026-Q3", "--publish")
        assert len(written) == 1
        assert "0 records" in said.stderr

    def test_a_quarter_that_may_still_be_restated_is_refused(self, stored: Stored) -> None:
        written = stored([moved(8, 50, "1")], [row(9, told=76)])
        refused = late("--quarter", "2026-Q3", "--publish")
        assert (refused.exit_code, written) == (1, [])
        assert "2026-12-16T17:00:00Z" in refused.stderr

    def test_nothing_is_written_of_a_log_with_flaws(self, stored: Stored) -> None:
        written = stored([b"{}", moved(8, 50, "1")], [row(9, told=78)])
        assert late("--quarter", "2026-Q3", "--publish").exit_code == 1
        assert written == []

    @pytest.mark.parametrize(
        "arguments", [(), ("--quarter", "2026-Q3", "--kpi", "sipaten_on_time_pct")]
    )
    def test_only_a_whole_quarter_is_accounted_for(self, arguments: tuple[str, ...]) -> None:
        refused = late("--publish", *arguments)
        assert refused.exit_code == 2
        assert "whole quarter" in refused.stderr
