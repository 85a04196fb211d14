"""What tests of all parts share: one local stack a run, free ports, the shared data."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from jcoc.stack.local import LocalStack
from jcoc.stack.process import free_port as find_port

settings.register_profile("jcoc", deadline=None)  # a busy machine must not fail a property
settings.load_profile("jcoc")

ROOT = Path(__file__).resolve().parents[1]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with servers run one after the other, beside all others (`--dist loadgroup`)."""
    for item in items:
        if any(item.iter_markers("stack")) or any(item.iter_markers("debian")):
            item.add_marker(pytest.mark.xdist_group("servers"))


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
