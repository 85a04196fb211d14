"""What `jcoc worker` does before it works."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from jcoc.main import main

AWAY = {"JCOC_KAFKA__BOOTSTRAP": "127.0.0.1:9", "JCOC_REGISTRY__URL": "http://127.0.0.1:9"}


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done, in order."""
    said: list[str] = []

    async def put_shipped(*_: Any) -> list[dict[str, Any]]:
        said.append("tables")
        return []

    def run(*_: Any, **__: Any) -> int:
        said.append("worker")
        return 0

    monkeypatch.setattr("jcoc.commands.worker.put_shipped", put_shipped)
    monkeypatch.setattr("streams.worker.run", run)
    return said


def test_tables_that_shipped_are_loaded_before_it_works_if_that_is_wanted(done: list[str]) -> None:
    assert CliRunner().invoke(main, ["worker", "--shipped-tables"], env=AWAY).exit_code == 0
    assert done == ["tables", "worker"]


def test_tables_are_left_alone_otherwise(done: list[str]) -> None:
    assert CliRunner().invoke(main, ["worker"], env=AWAY).exit_code == 0
    assert done == ["worker"]
