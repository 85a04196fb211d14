"""The edge process: every named connector at work until it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import structlog
from aiohttp import web

from core.outcome import Halt
from edge.heartbeat import Encode
from edge.outbox import Outbox
from edge.source import Edge, Source
from edge.webhook import Limits, Receiver

log = structlog.get_logger()

ALIVE_EVERY_S = 20.0
"""How often a receiver that is up says so: well within each minute."""
GRACE_S = 10.0
"""How long a stop waits for Kafka to acknowledge what is out."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Where the webhook receiver listens."""

    host: str
    port: int
    limits: Limits = field(default_factory=Limits)
    listening: Callable[[str, int], None] | None = None
    """Told the address once it is open (port 0 chooses a free one)."""


async def run(
    edge: Edge,
    sources: Sequence[Source],
    encoder: Callable[[], Awaitable[Encode]],
    hooks: Hooks,
    stop: asyncio.Event,
) -> None:
    """Run until `stop` is set, then let what is out be acknowledged and leave.

    `encoder` may wait for the schema registry: only heartbeats need it.  Raises Halt when one
    source must not go on: then all stop, because a person is needed.
    """
    pushed = {source.name: source for source in sources if source.manifest.verify}
    heartbeats = Outbox("heartbeats", edge.sink, edge.meter, sleep=edge.sleep)
    halted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with AsyncExitStack() as held:
        if pushed:
            await _listen(held, Receiver(pushed, hooks.limits, halted), hooks)
        work: set[asyncio.Future[None]] = {
            halted,
            asyncio.create_task(_told(stop)),
            asyncio.create_task(_beat(edge, heartbeats, encoder)),
            *(asyncio.create_task(source.run()) for source in sources if source.manifest.fetch),
            *(asyncio.create_task(_stay_up(source)) for source in pushed.values()),
        }
        try:
            ended, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _leave(work, sources, heartbeats)
    for task in ended:
        task.result()


async def _listen(held: AsyncExitStack, receiver: Receiver, hooks: Hooks) -> None:
    runner = web.AppRunner(receiver.app(), access_log=None, shutdown_timeout=GRACE_S)
    await runner.setup()
    held.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, hooks.host, hooks.port)
    try:
        await site.start()
    except OSError as error:
        why = f"webhook receiver at {hooks.host}:{hooks.port}: {error.strerror or error}"
        raise Halt(f"{why}; choose another with JCOC_WEBHOOK__PORT") from error
    host, port = runner.addresses[0][:2]
    if hooks.listening:
        hooks.listening(host, port)
    log.info("webhook receiver is up", host=host, port=port, sources=sorted(receiver.sources))


async def _told(stop: asyncio.Event) -> None:
    await stop.wait()


async def _beat(edge: Edge, outbox: Outbox, encoder: Callable[[], Awaitable[Encode]]) -> None:
    await edge.heart.beat(outbox, await encoder())


async def _stay_up(source: Source) -> None:
    """A receiver hears nothing between two pushes, and is alive all the same."""
    while True:
        source.heard()
        await source.edge.sleep(ALIVE_EVERY_S)


async def _leave(
    work: set[asyncio.Future[None]], sources: Sequence[Source], heartbeats: Outbox
) -> None:
    for task in work:
        task.cancel()
    await asyncio.gather(*work, return_exceptions=True)
    boxes = [*(source.outbox for source in sources), heartbeats]
    left = sum(await asyncio.gather(*(box.close(GRACE_S) for box in boxes)))
    for source in sources:
        source.edge.meter.up(source.name, running=False)
    if left:
        log.warning("left unacknowledged; sources with a cursor give it again", records=left)
