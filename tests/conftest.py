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


class ServersApart(LoadScopeScheduling):  # type: ignore[misc]
    """Tests of files with servers run one after the other, beside all others (`-n 2`).

    pytest-xdist 3.8 has `--dist loadgroup` for that, but writes the group where pytest 9.2 does not
    read it.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "servers" if _has_servers(nodeid.partition("::")[0]) else nodeid


@cache
def _has_servers(path: str) -> bool:
    text = (ROOT / path).read_text("utf-8")
    return "mark.stack" in text or "mark.debian" in text


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """For `--dist loadgroup`."""
    return ServersApart(config, log) if config.getoption("dist") == "loadgroup" else None


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
