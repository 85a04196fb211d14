"""Work that goes on beside the work that makes it: one step after the other, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Step = Callable[[], Awaitable[None]]


class Steps:
    """Runs steps in the order in which they were added; the first that fails is the last."""

    def __init__(self, most: int, failed: Callable[[BaseException], None] | None = None) -> None:
        """At most `most` steps are open; `failed` hears at once of a step that raised."""
        self._most = most
        self._failed = failed
        self._queue: asyncio.Queue[Step] = asyncio.Queue()
        self._room = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._open = 0

    async def add(self, step: Step) -> None:
        """Put a step in line; waits while too many are open.  Raises what an earlier one raised."""
        self._queue.put_nowait(step)
        self._open += 1
        if self._worker is None:
            self._worker = asyncio.create_task(self._run())
        await self._until(self._most)

    async def finish(self) -> None:
        """Wait for all of them.  Raises what one of them raised."""
        await self._until(0)

    async def drop(self) -> None:
        """Give up what is open."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    async def _until(self, most: int) -> None:
        while self._worker is not None and (self._open > most or self._worker.done()):
            if self._worker.done():
                self._worker.result()
                return
            self._room.clear()
            await self._room.wait()

    async def _run(self) -> None:
        try:
            while True:
                await (await self._queue.get())()
                self._open -= 1
                self._room.set()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            if self._failed is not None:
                self._failed(error)
            raise
        finally:
            self._room.set()
