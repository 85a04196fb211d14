"""A job: what it reads, who can do it, and how their results are judged; and its measurement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.attempt import Attempt, Implementation, Missing, NotRun, Run, Verdict, measured
from bench.loading import delete, prepared
from bench.place import Place, Tell
from core.outcome import Halt
from wire.reader import partitions


@dataclass(frozen=True, slots=True)
class Job:
    """`load` writes the input of a number of events, and of the shorter prefix for slow ones.

    `judge` holds what an implementation found against the oracle's answer for that many events.
    """

    name: str
    about: str
    load: Callable[[Place, Mapping[str, int], int], Awaitable[None]]
    inputs: Sequence[str]
    implementations: Mapping[str, Implementation]
    judge: Callable[[int, Any], Verdict]


async def measure(
    job: Job, place: Place, *, names: Sequence[str], events: int, repeat: int, tell: Tell
) -> list[Run | NotRun]:
    """Each of `names` in turn, `repeat` times over, on one input that is loaded once.

    The order turns by one each time.
    """
    if not names:
        return []
    tell(f"{job.name}: loading {events:,} events")
    ids = await prepared(place)
    await job.load(place, ids, events)
    found: list[Run | NotRun] = []
    missing: set[str] = set()
    for number in range(repeat):
        # Each time another begins, so that none is always measured with a cold broker.
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            if name in missing:
                continue
            tell(f"{job.name}: {name}, run {number + 1} of {repeat}")
            run = await _one(job, job.implementations[name], place, ids, events, number)
            found.append(run)
            if isinstance(run, NotRun):
                missing.add(name)
    return found


async def _one(
    job: Job, who: Implementation, place: Place, ids: Mapping[str, int], events: int, number: int
) -> Run | NotRun:
    await _clean(job, place)
    await prepared(place)
    events = min(events, who.most or events)
    attempt = Attempt(place, f"bench-{job.name}-{who.name}-{number}", ids, who.reads[0])
    try:
        timing, result = await measured(who, attempt)
    except Missing as error:
        return NotRun(job.name, who.name, str(error))
    except Halt as error:
        # The others' results are worth keeping; the command still ends as wrong.
        return NotRun(job.name, who.name, f"FAILED: {error}", failed=True)
    return Run(job.name, who.name, events, *timing, job.judge(events, result))


async def _clean(job: Job, place: Place) -> None:
    """Remove what the last attempt wrote: the backbone's own topics are the same each time."""
    known = await partitions(place.kafka)
    keep = {*job.inputs}
    gone = [name for name in known if name not in keep and not name.startswith("_")]
    await delete(place.kafka, gone)
