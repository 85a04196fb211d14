"""What the tests of the stages share."""

from __future__ import annotations

import asyncio

import pytest

from wire.codec import Codec
from wire.registry import FakeRegistry, ensure_schemas


@pytest.fixture(scope="session")
def codec() -> Codec:
    """Knows the schemas of this version, from a registry on paper."""
    registry = FakeRegistry()
    return Codec(asyncio.run(ensure_schemas(registry)), registry)
