"""What tests of all parts share: one local stack a run, free ports, the shared data."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from jcoc.stack.local import LocalStack
from jcoc.stack.process import free_port as find_port

settings.register_profile("jcoc", deadline=None)  # a busy machine must not fail a property
settings.load_profile("jcoc")

ROOT = Path(__file__).resolve().parents[1]


class ByServers(LoadScopeScheduling):  # type: ignore[misc]
    """Of files with servers all tests run in one process, for they share them; others anywhere.

    pytest-xdist 3.8 has `--dist loadgroup` for that, but writes the group where pytest 9.2 does not
    read it.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return path if _has(path, "stack") or _has(path, "debian") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """For `--dist loadgroup`."""
    return ByServers(config, log) if config.getoption("dist") == "loadgroup" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest first: else it would go on alone in the end."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    path = item.nodeid.partition("::")[0]
    servers = _has(path, "stack") or _has(path, "debian")
    return 2 - servers - (servers and _has(path, "long"))


@cache
def _has(path: str, mark: str) -> bool:
    return f"mark.{mark}" in (ROOT / path).read_text("utf-8")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Kafka, registry and MQTT broker: started when the first test asks, shared by all.

    Use topic and subject names of your own; a test that kills a part starts its own stack.
    """
    with LocalStack(tmp_path_factory.mktemp("stack")) as local:
        local.start()
        yield local


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Gives a port of loopback where nobody listens; call it again for another."""
    return find_port


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the repository."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real data is not here: ../shared/data, relative to the repository, is missing")
    return folder
