"""Work that goes on beside the work that makes it: in order, some at once, a few ahead."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


def _alone(_item: object) -> bool:
    return False


class Steps(Generic[Item]):
    """Does something with items in the order in which they were added.

    What waits is done together as far as it may be.  The first that fails is the last.
    """

    def __init__(
        self,
        do: Callable[[list[Item]], Awaitable[None]],
        most: int,
        failed: Callable[[BaseException], None] | None = None,
        joins: Callable[[Item], bool] = _alone,
    ) -> None:
        """At most `most` items are open; `failed` hears at once of what `do` raised.

        An item that `joins` may be done together with those before it.
        """
        self._do = do
        self._most = most
        self._failed = failed
        self._joins = joins
        self._waiting: deque[Item] = deque()
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._open = 0

    async def add(self, item: Item) -> None:
        """Put an item in line; waits while too many are open.  Raises what `do` raised before."""
        self._waiting.append(item)
        self._open += 1
        self._news.set()
        if self._worker is None:
            self._worker = asyncio.create_task(self._run())
        await self._until(self._most)

    async def finish(self) -> None:
        """Wait until all is done.  Raises what `do` raised."""
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
                while not self._waiting:
                    self._news.clear()
                    await self._news.wait()
                together = [self._waiting.popleft()]
                while self._waiting and self._joins(self._waiting[0]):
                    together.append(self._waiting.popleft())
                await self._do(together)
                self._open -= len(together)
                self._room.set()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            if self._failed is not None:
                self._failed(error)
            raise
        finally:
            self._room.set()
