"""Months of a small city: cases that begin, end, are objected to, stay open; signs of life.

Everything comes within the lateness of its kind (convention C5), so nothing that leaves the state
can be missed.  From one seed always the same story.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from random import Random

from core.events import Event, Value
from core.moment import DAY, HOUR, MINUTE
from tests.core.stories import METRE, PLACE, event, wib

BEGIN = wib("2026-01-05T00:00")
Segment = tuple[int, list[Event]]
Arrival = tuple[int, Event]


@cache
def story(
    days: int, seed: int = 0, each_day: int = 1, tick: int = DAY, *, ends: bool = False
) -> list[Segment]:
    """A tick every `tick`, and what arrived before each; with `ends` no case stays open."""
    chance = Random(seed)
    arrivals: list[Arrival] = []
    for day in range(days):
        for number in range(each_day):
            begins = BEGIN + day * DAY + chance.randrange(24 * 60) * MINUTE
            arrivals += _case(chance, f"k{day}.{number}", begins, ends=ends)
            arrivals += _request(chance, f"r{day}.{number}", begins, ends=ends)
        arrivals += _others(chance, day)
    last = BEGIN + days * DAY
    segments: list[Segment] = [(at, []) for at in range(BEGIN + tick, last + 1, tick)]
    for arrives, one in sorted(arrivals, key=lambda found: (found[0], found[1].event_id)):
        number = max(0, (arrives - BEGIN) // tick)
        if number < len(segments):
            segments[number][1].append(one)
    return segments


def _case(chance: Random, name: str, at: int, *, ends: bool) -> Iterator[Arrival]:
    """A complaint: as a rule resolved and closed; one in six reopened, one in ten left open."""
    place: dict[str, Value] = {
        "lat": PLACE[0] + chance.choice((0, 60, 900)) * METRE, "lon": PLACE[1],
    }  # fmt: skip
    fields: dict[str, Value] = {
        "category": chance.choice(("sampah", "jalan", "kecelakaan")),
        "reporter_key": chance.choice(("p1:a", "p1:b", "p1:c", None)),
        "kelurahan_code": chance.choice(("15.71.07.1011", "15.71.01.1002", None)),
        "incident_at": chance.choice((None, at - HOUR)),
    }
    steps: list[tuple[str, dict[str, Value]]] = [
        ("submitted", {k: v for k, v in {**fields, **place}.items() if v is not None}),
        ("verified", {"verdict": "valid", "sla_class": chance.choice(("info", "non_supervisory"))}),
        ("forwarded", {"opd": chance.choice(("dlh", "pupr"))}),
        ("assigned", {"opd": chance.choice(("dlh", "pupr"))}),
    ]
    fate = chance.randrange(20)
    if fate == 0:
        steps.append(("duplicate_linked", {"master_case_id": "k0.0"}))
    elif fate == 1:
        steps.append(("rejected", {}))
    elif ends or fate > 3:
        steps.append(("resolved", {}))
        if fate < 7:
            steps += [("reopened", {}), ("resolved", {})]
        steps.append(("closed", {}))
    for what, more in steps:
        made = event(f"complaint.{what}", at, "sikesal", "", case_id=name, **more)
        yield at + chance.choice((0, 0, 0, HOUR, 30 * HOUR, 70 * HOUR)), made
        at += chance.choice((2 * MINUTE, 5 * HOUR, DAY, 4 * DAY))


def _request(chance: Random, name: str, at: int, *, ends: bool) -> Iterator[Arrival]:
    """A letter: decided and handed out; one in ten stays undecided."""
    applicant = chance.choice(("p1:x", "p1:y", f"p1:{name}"))
    steps: list[tuple[str, dict[str, Value]]] = [
        ("requested", {
            "applicant_key": applicant, "service_code": "domisili", "app": "sipaten",
            "kelurahan_code": "15.71.07.1011",
        }),
        ("completeness_decided", {"complete": True}),
    ]  # fmt: skip
    if chance.randrange(10) or ends:
        steps += [("decided", {"outcome": "granted"}), ("completed", {"delivery": "online"})]
    for what, more in steps:
        made = event(f"service.{what}", at, "sipaten", "", case_id=name, **more)
        yield at + chance.choice((0, 0, HOUR, 20 * HOUR)), made
        at += chance.choice((MINUTE, 3 * HOUR, 2 * DAY))


def _others(chance: Random, day: int) -> Iterator[Arrival]:
    """Once a day each of the other cases, and the claims of a camera and an officer."""
    at = BEGIN + day * DAY + 9 * HOUR + chance.randrange(300) * MINUTE
    late = chance.choice((0, 0, 20 * HOUR))
    told: list[tuple[str, int, dict[str, Value]]] = [
        ("info.received", 0, {"case_id": f"i{day}", "opd": "dlh"}),
        ("info.answered", chance.choice((3, 14)) * DAY, {
            "case_id": f"i{day}", "outcome": "granted",
        }),
        ("alert.raised", 0, {"case_id": f"a{day}", "severity": "high", "alert_class": "flood"}),
        ("alert.acknowledged", MINUTE, {"case_id": f"a{day}"}),
        ("app.session", 0, {
            "session_id": f"s{day}", "seconds": 30, "user_key": "p1:u", "app": "sikoja",
        }),
        ("survey.response", 0, {
            "case_id": f"r{day}.0", "respondent_key": f"p1:{day}", "service_code": "domisili",
            **{f"u{n}": 3 for n in range(1, 10)},
        }),
        ("violation.validated", 0, {
            "case_id": f"v{day}", "camera_id": "c1", "violation_class": "helmet",
            "intersection_id": "simpang", "plate_hash": "p1:plate",
            "recorded_at": BEGIN + day * DAY,
        }),
        ("violation.forwarded", 3 * HOUR, {"case_id": f"v{day}"}),
        ("field.observed", HOUR, {
            "observation_id": f"o{day}", "incident_class": "accident",
            "lat": PLACE[0], "lon": PLACE[1],
        }),
        ("cctv.detected", 2 * HOUR, {
            "camera_id": "c1", "label": "accident", "count": 1, "confidence": 0.9,
            "lat": PLACE[0], "lon": PLACE[1],
        }),
    ]  # fmt: skip
    for what, after, fields in told:
        yield at + after + late, event(what, at + after, _source(what), "", **fields)
    for source in ("sikesal", "frigate", "sipaten"):
        for hour in (2, 14):
            beat = BEGIN + day * DAY + hour * HOUR
            yield beat, event("source.heartbeat", beat, source, "")


def _source(event_type: str) -> str:
    area = event_type.partition(".")[0]
    return {"cctv": "frigate", "app": "sikoja", "violation": "etle"}.get(area, area)
