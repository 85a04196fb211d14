"""The local stack as the plumbing sees it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from wire.config import Kafka
from wire.topics import Topic, create


@pytest.fixture
def kafka(stack: Any) -> Kafka:
    return Kafka(stack.bootstrap)


@pytest.fixture
async def topic(kafka: Kafka) -> str:
    """A fresh topic with four partitions."""
    name = f"test.{uuid4().hex}"
    await create(kafka, [Topic(name, 4)])
    return name
