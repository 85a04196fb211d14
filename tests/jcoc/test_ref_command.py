"""What `jcoc ref` says, and what it refuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from core import contract, tables, topics
from core.law import SHIPPED, Law
from core.versions import Copy, Loading
from jcoc.main import main
from jcoc.reference_tables import put_shipped
from tests.core.stories import loaded, wib
from tests.jcoc.stored import city_registry
from wire.config import Kafka

AWAY = {"JCOC_KAFKA__BOOTSTRAP": "127.0.0.1:9", "JCOC_REGISTRY__URL": "http://127.0.0.1:9"}
PARTITIONS = 3


def ref(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["ref", *arguments], env=AWAY | {"COLUMNS": "200"})


class Log:
    """The reference events in Kafka."""

    def __init__(self) -> None:
        self.copies: list[Copy] = []

    async def read(self, _kafka: Any, _codec: Any, names: Collection[str]) -> list[Copy]:
        return [c for c in self.copies if c.event.type.removeprefix("ref.") in names]

    async def write(self, _kafka: Any, _codec: Any, loading: Loading) -> None:
        assert contract.flaw(loading.event) is None
        self.copies += [Copy(number, loading.event) for number in loading.lacking]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    made, (registered, _) = Log(), city_registry()

    async def ensured(*_: Any, **__: Any) -> dict[str, int]:
        return {}

    async def numbers(_kafka: Any) -> dict[str, range]:
        return {topics.city(f"ref.{name}"): range(PARTITIONS) for name in tables.KINDS}

    for name, fake in {
        "reference_log.copies": made.read, "reference_log.write": made.write, "ensure": ensured,
        "ensure_schemas": ensured, "partitions": numbers,
    }.items():  # fmt: skip
        monkeypatch.setattr(f"jcoc.reference_tables.{name}", fake)
    monkeypatch.setattr("jcoc.commands.ref.partitions", numbers)
    monkeypatch.setattr("jcoc.commands.ref.registry", lambda _: registered)
    return made


def test_what_ships_is_good_and_no_broker_is_needed() -> None:
    result = ref("check", "--json")
    assert result.exit_code == 0, result.output
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["table"] for one in told] == list(tables.KINDS)
    assert {one["flaw"] for one in told} == {None}


def test_a_bad_file_is_told_with_its_name_and_what_to_do(tmp_path: Path, log: Log) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(tables.shipped_text("calendar").replace('"01-16"', '"01-61"'))
    for result, code in ((ref("check", "calendar", "--file", str(file)), 1),
                         (ref("load", "calendar", "--file", str(file)), 2)):  # fmt: skip
        assert result.exit_code == code
        assert f"{file}: non_working.2026: '01-61' is no day of it; write MM-DD" in result.output
    assert log.copies == []


def test_load_gives_every_partition_its_copy_and_again_changes_nothing(log: Log) -> None:
    result = ref("load", "--at", "2026-11-20T08:00:00+07:00", "--json")
    assert result.exit_code == 0, result.output
    assert {json.loads(line)["partitions"] for line in result.stdout.splitlines()} == {PARTITIONS}
    assert len(log.copies) == PARTITIONS * len(tables.KINDS)
    again = ref("load", "--json")
    assert {json.loads(line)["partitions"] for line in again.stdout.splitlines()} == {0}
    assert len(log.copies) == PARTITIONS * len(tables.KINDS)


def test_what_no_number_reads_is_said_to_be_shown_only(log: Log) -> None:
    assert "shown only" in ref("load", "index").stdout
    assert "shown only" not in ref("load", "sla").stdout
    assert log.copies


def shipped_put() -> dict[str, int]:
    """Table to how many partitions lacked what shipped."""
    fake: Any = city_registry()[0]
    told = asyncio.run(put_shipped(Kafka("127.0.0.1:9"), fake))
    return {one["table"]: one["partitions"] for one in told}


def test_what_shipped_is_put_once_and_names_the_law_from_the_beginning(log: Log) -> None:
    assert shipped_put() == dict.fromkeys(tables.KINDS, PARTITIONS)
    assert shipped_put() == dict.fromkeys(tables.KINDS, 0)
    assert len(log.copies) == PARTITIONS * len(tables.KINDS)
    law = Law.told_by(copy.event for copy in log.copies)
    assert law.stands == SHIPPED.stands
    assert {copy.event.occurred_at for copy in log.copies} == {wib("2017-12-01T00:00")}


def test_a_table_of_the_operator_is_not_replaced_by_what_shipped(log: Log) -> None:
    mine = loaded("population", wib("2026-11-23T08:00"), "mine", city=1)
    log.copies += [Copy(0, mine)]
    assert shipped_put().keys() == tables.KINDS.keys() - {"population"}
    assert [c for c in log.copies if c.event.type == "ref.population"] == [Copy(0, mine)]


def test_a_version_of_the_operator_follows_what_shipped_and_stays(log: Log, tmp_path: Path) -> None:
    shipped_put()
    file = tmp_path / "population.toml"
    file.write_text(tables.shipped_text("population").replace('"bps-2023.1"', '"mine"'))
    assert ref("load", "population", "--file", str(file)).exit_code == 0
    assert "population" not in shipped_put()


def test_the_same_version_with_another_content_is_refused(tmp_path: Path, log: Log) -> None:
    file = tmp_path / "calendar.toml"
    file.write_text(tables.shipped_text("calendar").replace('"01-16", ', ""))
    result = ref("load", "calendar", "--file", str(file))
    assert result.exit_code == 2
    assert "give this one a new version" in result.output
    assert log.copies == []


def test_what_was_loaded_is_listed_and_shown_as_a_file_that_can_be_loaded(
    tmp_path: Path, log: Log
) -> None:
    second = loaded("calendar", wib("2026-11-23T08:00"), "2", kota={"2026": ["11-24"]})
    log.copies += [Copy(0, second), Copy(1, second)]
    listed = [json.loads(line) for line in ref("list", "--json").stdout.splitlines()]
    assert [
        (one["version"], one["in_force"], one["lacking"])
        for one in listed if one["table"] == "calendar"
    ] == [("skb-2018-2026.1", False, 0), ("2", True, 1)]  # fmt: skip
    assert "2/3" in ref("list").stdout
    shown = tmp_path / "shown"
    shown.write_text(ref("show", "calendar").stdout)
    assert ref("check", "calendar", "--file", str(shown)).exit_code == 0
    shipped = ref("show", "calendar", "--version", "skb-2018-2026.1")
    assert shipped.stdout == tables.shipped_text("calendar")
    assert json.loads(ref("show", "calendar", "--json").stdout)["kota"] == {"2026": ["11-24"]}


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("show", "calender"), "did you mean calendar"),
        (("show", "calendar", "--version", "9"), "there is skb-2018-2026.1"),
        (("load", "--file", __file__), "--file holds one table"),
    ],
)
def test_what_does_not_exist_is_said_with_what_does(
    log: Log, arguments: tuple[str, ...], hint: str
) -> None:
    result = ref(*arguments)
    assert result.exit_code == 2
    assert hint in result.output
    assert log.copies == []
