"""Runs a scenario, and judges what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any

from bench.attempt import Attempt, NotRun, Run
from bench.detections import minutes
from bench.facts import Fact
from bench.loading import DETECTED, delete, prepared
from bench.place import Place, Tell
from bench.scale import oracle
from bench.scale.course import Course
from bench.scale.feed import Feed
from bench.scale.outcome import outcome
from bench.scale.samples import Samples
from bench.scale.scenario import Scenario
from core.outcome import Halt
from wire.reader import partitions

NAME = "scale"
"""Of the job."""
Write = Callable[..., Coroutine[Any, Any, None]]
_FIFTH = 0.2


async def measure(
    scenario: Scenario,
    place: Place,
    *,
    events: int | None,
    rate: int | None,
    repeat: int,
    tell: Tell,
) -> list[Run | NotRun]:
    """Run it so often, each time with topics of its own."""
    scenario = replace(
        scenario, events=events or scenario.events, rate=rate if rate else scenario.rate
    )
    expected = oracle.cells(minutes(scenario.events, scenario.shape), scenario.shape.cameras)
    found: list[Run | NotRun] = []
    for number in range(repeat):
        said = partial(_said, tell, f"{NAME}: {scenario.name}, run {number + 1} of {repeat}")
        try:
            found.append(await _one(scenario, _laid_out(place, scenario), expected, number, said))
        except Halt as error:
            found.append(NotRun(NAME, scenario.name, f"FAILED: {error}", failed=True))
    return found


def _said(tell: Tell, where: str, what: str) -> None:
    tell(f"{where}: {what}")


def _laid_out(place: Place, scenario: Scenario) -> Place:
    """The place with the scenario's number of partitions."""
    return replace(place, kafka=replace(place.kafka, partitions=scenario.partitions))


def _options(scenario: Scenario, number: int) -> tuple[str, ...]:
    """Of the worker of that number."""
    instance = (f"--instance=bench-{number}",) if scenario.instances else ()
    return scenario.options + instance


async def _one(
    scenario: Scenario, place: Place, expected: oracle.Expected, number: int, tell: Tell
) -> Run:
    await delete(place.kafka, [n for n in await partitions(place.kafka) if not n.startswith("_")])
    ids = await prepared(place)
    feed = Feed(
        place.kafka, ids, scenario.shape, partitions=scenario.partitions,
        poison_every=scenario.poison_every, rate=scenario.rate,
    )  # fmt: skip
    write = partial(feed.write, minutes(scenario.events, scenario.shape), tell)
    if scenario.rate is None:
        tell(f"writing {scenario.events:,} events")
        await write()
    attempt = Attempt(place, f"bench-{NAME}-{scenario.name}-{number}", ids, DETECTED)
    samples = Samples(feed.fed.records.total() or scenario.events)
    with ExitStack() as held:
        course = Course(
            attempt, samples, held, tell, partial(_options, scenario), feed.fed, scenario.partitions
        )
        broker_s = await _run(course, scenario, write)
        found = await outcome(course, scenario)
    facts = {**course.facts, **_seen(course), **found.facts(), "cells": len(expected[0])}
    return Run(
        NAME, scenario.name, scenario.events, course.over_at - course.began_at, course.cpu_s,
        course.peak_mib, broker_s, found.verdict(expected), facts,
    )  # fmt: skip


async def _run(
    course: Course, scenario: Scenario, write: Callable[..., Coroutine[Any, Any, None]]
) -> float:
    """CPU seconds of the broker from the first record to the last commit."""
    course.tell(f"{scenario.workers} started")
    for number in range(scenario.workers):
        course.start(number)
    try:
        async with asyncio.TaskGroup() as group:
            if scenario.rate is not None:
                group.create_task(write(course.began.wait))
            await course.first()
            before = course.broker_cpu_s()
            group.create_task(course.follow_pages())
            if scenario.meddle is not None:
                group.create_task(scenario.meddle(course))
            await course.follow()
            used = course.broker_cpu_s() - before
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return used


def _seen(course: Course) -> dict[str, Fact]:
    samples = course.samples
    return {
        "largest_partition_share": course.fed.largest_share,
        "longest_lag_records": samples.longest_lag,
        "events_per_s_first_fifth": samples.speed(0, _FIFTH),
        "events_per_s_last_fifth": samples.speed(1 - _FIFTH, 1),
        "rss_mib_first_fifth": samples.rss_mib(0, _FIFTH),
        "rss_mib_last_fifth": samples.rss_mib(1 - _FIFTH, 1),
    }
