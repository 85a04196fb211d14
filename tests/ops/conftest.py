"""Programs of Debian packages that tests need."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest


@pytest.fixture(scope="session")
def prometheus_program() -> Callable[[str], str]:
    """Path of `prometheus` or `promtool`; fails naming the package when it is missing.

    Where JCOC_WITHOUT_DEBIAN is set, the test is skipped instead.
    """

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            why = f"{name} is missing: apt-get install -y --no-install-recommends prometheus"
            if os.environ.get("JCOC_WITHOUT_DEBIAN"):
                pytest.skip(why)
            pytest.fail(why)
        return path

    return find
