"""A log of city events in memory, and what a worker publishes of it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from audit.replay import TICKS, Read
from core import topics
from core.engine import Engine
from core.events import Event, Value
from core.rows import KpiRow
from tests.core.stories import PLACE, at, case, event, routed, wib

Where = tuple[str, int]


@dataclass
class Log:
    """Records by topic and partition; `tick` writes a tick with its cut to `partitions`.

    `verdicts` are the records of `tri.verdict`, with their offsets.
    """

    partitions: int = 2
    records: dict[Where, list[tuple[Event, dict[str, int]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    verdicts: list[tuple[int, bytes]] = field(default_factory=list)

    def send(self, *events: Event) -> None:
        """Append events, each to the partition of its key; of tables each has a copy."""
        for number, part in enumerate(routed(events, self.partitions)):
            for one in part:
                self.records[topics.city(one.type), number].append((one, {}))

    def tick(self, moment: int, *partitions: int) -> None:
        """Append a tick, to every partition unless some are named."""
        for number in partitions or range(self.partitions):
            cut = {t: len(found) for (t, n), found in self.records.items() if n == number}
            cut.pop(TICKS, None)
            tick = Event(topics.TICK, f"clock:{moment}", moment, "test")
            self.records[TICKS, number].append((tick, cut))

    def reads(self) -> Iterator[Read]:
        """One read for each record, partition after partition, ticks first."""
        for (topic, number), found in sorted(
            self.records.items(), key=lambda kv: kv[0][0] != TICKS
        ):
            for offset, (one, cut) in enumerate(found):
                yield Read(topic, number, offset, offset + 1, [(offset, one)], cut)


def published(
    segments: Iterable[tuple[int, Iterable[Event]]], partitions: int = 2
) -> tuple[Log, list[tuple[int, bytes]]]:
    """The log of the segments (tick, events before it), and what the engine publishes of them."""
    log, engine = Log(partitions), Engine(partitions)
    records: list[bytes] = []
    for number, (tick, events) in enumerate(segments):
        for one in events:
            log.send(one)
            for part, copies in enumerate(routed([one], partitions)):
                engine.apply(part, copies)
        log.tick(tick)
        inputs = {f"{TICKS}/{p}": number for p in range(partitions)}
        rows = engine.tick(tick, inputs)
        records += [row.to_record() for row in rows if isinstance(row, KpiRow)]
        for news in (one for join in engine.joins for one in join.news):
            log.verdicts.append((len(log.verdicts), json.dumps(news.told(tick)).encode()))
    return log, list(enumerate(records))


def two_days() -> list[tuple[int, list[Event]]]:
    """Complaints due, an incident seen twice, a request, a camera: something for every stage."""
    filed: dict[str, Value] = {"category": "kecelakaan", "lat": PLACE[0], "lon": PLACE[1]}
    first = [
        *case("K1", ("submitted", "2026-11-18T09:00", filed), ("resolved", "2026-11-19T09:00")),
        *case("K2", ("submitted", "2026-11-17T11:00", {"category": "sampah"})),
        event(
            "ref.camera", wib("2026-11-01T10:00"), "city", camera_id="c1", nominal_fps=10.0,
            in_service=True, lat=PLACE[0], lon=PLACE[1], intersection_id="s1",
        ),
        event(
            "cctv.detected", wib("2026-11-18T09:05"), "frigate", camera_id="c1",
            label="accident", count=1, confidence=0.9,
        ),
        event("service.requested", wib("2026-11-09T09:00"), "sipaten", case_id="R1",
              service_code="ktp", applicant_key="p1:a"),
        event("service.completeness_decided", wib("2026-11-10T09:00"), "sipaten", case_id="R1",
              complete=True),
        event("service.requested", wib("2026-11-12T09:00"), "sipaten", case_id="R2",
              service_code="kk"),
        event("service.completeness_decided", wib("2026-11-12T09:00"), "sipaten", case_id="R2",
              complete=True),
    ]  # fmt: skip
    first.append(
        event("service.decided", wib("2026-11-16T10:00"), "sipaten", case_id="R1", outcome="issued")
    )
    beats = [
        one
        for minute in range(30)
        for one in (
            event("source.heartbeat", at(f"09:{minute:02}"), "frigate"),
            event("cctv.heartbeat", at(f"09:{minute:02}"), "frigate", camera_id="c1",
                  camera_fps=10.0),
        )
    ]  # fmt: skip
    last = [
        *case("K2", ("resolved", "2026-11-20T11:30")),
        *case("K1", ("rejected", "2026-11-20T11:40")),
    ]
    return [
        (wib("2026-11-20T00:00"), first),
        (at("12:00"), beats),
        (wib("2026-11-21T00:00"), last),
    ]
