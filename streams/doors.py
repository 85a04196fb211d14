"""Who is told to leave finishes the batch in hand and begins no other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Doors:
    """Lets batches in until they are closed."""

    def __init__(self) -> None:
        """Open."""
        self._closed = False
        self._inside = 0
        self._empty = asyncio.Event()

    def closed(self) -> bool:
        """Whether the worker is about to end."""
        return self._closed

    @contextmanager
    def inside(self) -> Iterator[None]:
        """One batch is in work."""
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    async def close(self, patience_s: float) -> bool:
        """Let nobody in any more; whether all who were inside have left within `patience_s`."""
        self._closed = True
        try:
            async with asyncio.timeout(patience_s):
                while self._inside:
                    self._empty.clear()
                    await self._empty.wait()
        except TimeoutError:
            return False
        return True
