"""No setting of the developer's machine may leak into a test."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("JCOC_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
