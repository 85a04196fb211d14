"""`jcoc ref` on a real Kafka: every partition has its copy, and what is loaded stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from core import tables
from jcoc.main import main
from jcoc.stack.local import LocalStack


@pytest.fixture
def own(tmp_path: Path) -> Iterator[LocalStack]:
    """A stack of its own: a calendar would judge the cases of other tests."""
    with LocalStack(tmp_path / "own") as local:
        local.start(("kafka", "registry"))
        yield local


@pytest.mark.stack
def test_what_is_loaded_is_in_every_partition_once_and_replaced_only_by_a_new_version(
    own: LocalStack, tmp_path: Path
) -> None:
    env = {"JCOC_KAFKA__BOOTSTRAP": own.bootstrap, "JCOC_REGISTRY__URL": own.registry_url}

    def ref(*arguments: str, code: int = 0) -> list[dict[str, object]]:
        result = CliRunner().invoke(main, ["ref", *arguments, "--json"], env=env)
        assert result.exit_code == code, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    at = ("--at", "2026-11-20T08:00:00+07:00")
    assert {one["partitions"] for one in ref("load", *at)} == {4}
    assert {one["partitions"] for one in ref("load")} == {0}
    second = tmp_path / "calendar.toml"
    text = tables.shipped_text("calendar").replace("[kota]", '[kota]\n2026 = ["11-24"]')
    second.write_text(text)
    ref("load", "calendar", "--file", str(second), code=2)
    second.write_text(text.replace('version = "skb-2018-2026.1"', 'version = "mine"'))
    assert [one["partitions"] for one in ref("load", "calendar", "--file", str(second))] == [4]
    listed = ref("list")
    assert {(one["partitions"], one["lacking"]) for one in listed} == {(4, 0)}
    assert [one["version"] for one in listed if one["table"] == "calendar"] == [
        "skb-2018-2026.1", "mine",
    ]  # fmt: skip
    assert ref("show", "calendar")[0]["kota"] == {"2026": ["11-24"]}
