"""What a run left in Kafka and on the workers' pages, held against what it must come to."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bench import ours
from bench.detections import START
from bench.facts import Fact
from bench.oracle import Verdict
from bench.scale import oracle
from bench.scale.course import Course
from bench.scale.published import published
from bench.scale.scenario import Scenario
from core import moment, topics
from core.outcome import Reason
from wire import deadletters
from wire.config import Kafka
from wire.reader import end_offsets, read

_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Judged:
    """The cells, and what else is not as it must be, in words."""

    totals: Verdict
    flaws: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Every cell is right, nothing is late, nothing unreadable is lost."""
        return self.totals.exact and not self.flaws

    def __str__(self) -> str:
        """For people; a wrong result cannot be overlooked."""
        if self.exact:
            return "exact"
        totals = () if self.totals.exact else (str(self.totals).removeprefix("WRONG: "),)
        return f"WRONG: {', '.join((*totals, *self.flaws))}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`letters` counts dead letters by origin; `rejected` is None when counters were lost."""

    cells: oracle.Cells
    rejected: int | None
    late: int
    poison: Mapping[str, str]
    letters: Counter[str]
    published_later_s: float

    def verdict(self, right: oracle.Expected) -> Judged:
        """Held against cells and rejects as the oracle has them."""
        cells, rejects = right
        found = rejects if self.rejected is None else self.rejected
        totals = replace(oracle.judge(cells, self.cells), rejected=found, rejected_expected=rejects)
        return Judged(totals, tuple(self._flaws()))

    def _flaws(self) -> Iterator[str]:
        if self.late:
            yield f"{self.late:,} late"
        if lost := self.poison.keys() - self.letters.keys():
            yield f"{len(lost):,} of {len(self.poison):,} unreadable records in no dead letter"
        if good := self.letters.keys() - self.poison.keys():
            yield f"{len(good):,} dead letters of good records"

    def facts(self) -> dict[str, Fact]:
        """For the report."""
        return {
            "late": self.late,
            "poison": len(self.poison),
            "letters": self.letters.total(),
            "published_later_s": self.published_later_s,
        }


async def outcome(course: Course, scenario: Scenario) -> Outcome:
    """Wait until the last tick is published too, and read everything.  Raises Halt if it is not."""
    kafka = course.attempt.place.kafka
    minutes = -(-scenario.events // scenario.shape.a_minute)
    await _published(course, START + minutes * moment.MINUTE)
    later = time.monotonic() - course.over_at
    letters = Counter(
        [deadletters.read(record).origin async for record in read(kafka, [topics.DEADLETTER])]
    )
    return Outcome(
        await published(kafka, scenario.shape.cameras),
        None if course.lost else ours.counted(course.pages(), _counter(Reason.LOW_CONFIDENCE)),
        await _late(course, kafka),
        course.fed.poison,
        letters,
        later,
    )


async def _published(course: Course, tick: int) -> None:
    said = re.escape(f'"tick": "{moment.rfc3339(tick)}"') + r'[^\n]*"event": "tick_published"'
    first, *others = course.living
    await first.said(said, beside=others, patience_s=_PATIENCE_S)


async def _late(course: Course, kafka: Kafka) -> int:
    """Events and rows in the topic of late ones, and events that the living workers counted."""
    told = sum((await end_offsets(kafka, [topics.LATE])).values())
    return max(told, ours.counted(course.pages(), _counter(Reason.TOO_LATE)))


def _counter(reason: Reason) -> str:
    return f'jcoc_rejects_total{{reason="{reason.value}",source="frigate"}}'
