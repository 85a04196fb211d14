"""Runs the simulated day, or several, through the real parts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date as Date
from datetime import timedelta

import aiohttp

from core import moment
from core.privacy import Pseudonymizer
from core.rows import KpiRow
from jcoc.demo.accounts import unbalanced
from jcoc.demo.drain import Drain
from jcoc.demo.parts import KEY, KEY_VERSION, Parts
from jcoc.demo.sources import Sources
from jcoc.demo.verdict import Verdict, exported, judge_all
from jcoc.reference_tables import put_shipped
from sim import Day
from sim.payloads import Payload
from sim.story import Scale
from streams.runtime import prepare
from wire.clock import ticker
from wire.codec import Codec
from wire.letterbox import post
from wire.producer import producer
from wire.registry import Registry

CONNECTORS = ("frigate", "sikesal", "sipaten")
_LAST = Date(2026, 11, 20)
_STEP, _STEP_OF_MANY = 2 * moment.HOUR, 6 * moment.HOUR
_ROUND = 2_000
"""Messages between two looks at the raw topics: an MQTT broker forgets what waits too long."""
Progress = Callable[[str, float], None]
"""(what is being done, share of the whole 0 to 1)."""


@dataclass
class Outcome:
    """What the day gave."""

    verdict: Verdict
    published: int
    payloads: int
    sent: Counter[str] = field(default_factory=Counter)
    not_exported: list[str] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)
    memory_bytes: int = 0


def simulated(scale: float, seed: int, days: int = 1) -> Day:
    """The days up to 20 November 2026, with the pseudonyms of the demonstration's edge.

    The detections that one day has are spread over all of them.
    """
    whole = Scale().times(scale)
    return Day(
        date=_LAST - timedelta(days=days - 1),
        days=days,
        scale=replace(whole, detections=whole.detections // days),
        seed=seed,
        pseudonyms=Pseudonymizer(KEY.encode(), KEY_VERSION),
    )


async def run(parts: Parts, day: Day, progress: Progress) -> Outcome:
    """Feed the days, tick by tick, and compare; `parts` has its stack started."""
    progress("topics and schemas", 0.0)
    schema_ids = await prepare(parts.kafka, parts.stack.registry_url)
    async with Registry(parts.stack.registry_url) as registry:
        await put_shipped(parts.kafka, registry)
    parts.start()
    payloads, events = day.payloads(), day.reference_events()
    sent: Counter[str] = Counter()
    step = _STEP if day.days == 1 else _STEP_OF_MANY
    ticks = [*range(day.start, day.end + 1, step), day.end + 10 * moment.MINUTE]
    async with (
        Registry(parts.stack.registry_url) as registry,
        producer(parts.kafka) as sender,
        ticker(parts.kafka, schema_ids, "demo") as clock,
        Sources(parts) as sources,
        Drain(parts, CONNECTORS) as drain,
    ):
        codec = Codec(schema_ids, registry)
        for number, tick in enumerate(ticks):
            now = [e for e in events if _before(e.occurred_at, ticks, number)]
            await post(sender, codec, now)
            for part in _rounds([p for p in payloads if _before(p.at, ticks, number)]):
                await sources.send(part)
                sent.update(p.connector for p in part)
                await drain.raw(sent.total())
                share = (sent.total() + 1) / (len(payloads) + 1)
                progress(f"until {moment.rfc3339(tick)}", share)
            await drain.normalized()
            await clock.tick(tick)
        progress("the last windows", 1.0)
        rows = await drain.published(ticks[-1])
    # What comes late comes before its row is final, so all rows say in the end what is true; but a
    # 5-minute backlog is not looked at again, and of when each call came the truth knows nothing.
    verdict = judge_all(rows, day, step, as_it_came=False)
    outcome = Outcome(verdict, len(rows), len(payloads), sent)
    outcome.memory_bytes = parts.memory_bytes()
    outcome.unbalanced = await _unbalanced(parts, day)
    outcome.not_exported = await _not_exported(parts, outcome.verdict.rows)
    return outcome


def _before(at: int, ticks: list[int], number: int) -> bool:
    """A moment belongs to the segment that the tick of this number closes."""
    after = ticks[number - 1] if number else None
    last = number == len(ticks) - 1
    return (after is None or at >= after) and (at < ticks[number] or last)


def _rounds(payloads: list[Payload]) -> Iterator[list[Payload]]:
    for start in range(0, len(payloads), _ROUND):
        yield payloads[start : start + _ROUND]


async def _unbalanced(parts: Parts, day: Day) -> list[str]:
    """What the accounts of the sources do not explain, once the worker has written them."""
    told: list[str] = []
    for _ in range(50):
        page = await _page(parts, parts.worker_port)
        told = unbalanced(page, day.expected_accounting())
        if not told:
            break
        await asyncio.sleep(0.1)
    return told


async def _page(parts: Parts, port: int) -> str:
    parts.check()
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}/metrics") as answer,
        ):
            return await answer.text()
    except aiohttp.ClientError:
        return ""


async def _not_exported(parts: Parts, rows: list[KpiRow]) -> list[str]:
    """KPIs of the day that /metrics does not show as published, once the exporter has them."""
    last = max((row.window_end for row in rows if row.window == "1d"), default=0)
    days = [row for row in rows if row.window == "1d" and row.window_end == last]
    left = [row.kpi for row in days]
    for _ in range(100):
        page = await _page(parts, parts.exporter_port)
        left = [row.kpi for row in days if not exported(page, row)]
        if not left:
            break
        await asyncio.sleep(0.1)
    return left
