"""The story as canonical events."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from core import moment
from core.events import Event, Value, event_id
from core.privacy import Pseudonymizer
from core.tables import IntersectionTable, to_event
from sim.areas import kecamatan_of
from sim.audits import audit_events
from sim.cases import Complaint, Duty, Service, Step
from sim.city import Camera, analytics, corners, intersections
from sim.duties import CONSOLE
from sim.flows import SOURCE as ANALYTICS
from sim.incidents import Detection
from sim.signals import SOURCE as SIGNALS
from sim.story import Story
from sim.unconnected import events as unconnected
from sim.watch import PROCESS_FPS, SKIPPED_FPS

RECORDER = "frigate"
FIELD_APP = "field_app"
REGISTER = "camera_register"
PROBE = "frame_probe"
PLACED_AT = moment.parse("2026-01-01T00:00:00+07:00")


def complaint_events(complaint: Complaint, pseudonyms: Pseudonymizer) -> Iterator[Event]:
    """Each step of a complaint as an event."""
    for index, step in enumerate(complaint.steps):
        fields: dict[str, Value] = {"case_id": complaint.case_id, **step.fields}
        if step.what == "submitted":
            fields |= _filed(complaint, pseudonyms)
        teller = step.told_by or complaint
        count = index if step.told_by is None else _told_with(step, teller)
        yield Event(f"complaint.{step.what}", _id(teller.source, teller.number, step, count),
                    step.at, teller.source, fields)  # fmt: skip


def _told_with(step: Step, teller: Complaint) -> int:
    """Number of the step of another complaint that is told by the same record."""
    return next(n for n, own in enumerate(teller.steps) if n and own.at == step.at)


def _id(source: str, number: str, step: Step, index: int) -> str:
    return event_id(source, number, step.what, str(index))


def _filed(complaint: Complaint, pseudonyms: Pseudonymizer) -> dict[str, Value]:
    lat, lon = complaint.point or (None, None)
    return {
        "source_ref": complaint.number,
        "origin_ref": complaint.origin_ref,
        "reporter_key": pseudonyms.of(f"62{complaint.phone[1:]}"),
        "category": complaint.category,
        "kind": complaint.kind,
        "lat": lat,
        "lon": lon,
        "kecamatan_code": kecamatan_of(complaint.kelurahan_code),
        "kelurahan_code": complaint.kelurahan_code,
        "incident_at": complaint.incident_at,
        "applicant_key": complaint.applicant_nik and pseudonyms.of(complaint.applicant_nik),
        **complaint.about,
    }


def service_events(service: Service, pseudonyms: Pseudonymizer) -> Iterator[Event]:
    """Each step of a service request as an event."""
    for index, step in enumerate(service.steps):
        fields: dict[str, Value] = {"case_id": service.case_id, **step.fields}
        if step.what == "requested":
            fields |= {
                "app": "sipaten",
                "source_ref": service.number,
                "service_code": service.service_code,
                "subject_type": service.subject_type,
                "channel": service.channel,
                "applicant_key": pseudonyms.of(service.nik),
                "kecamatan_code": kecamatan_of(service.kelurahan_code),
                "kelurahan_code": service.kelurahan_code,
            }
        yield Event(f"service.{step.what}", _id("sipaten", service.number, step, index),
                    step.at, "sipaten", fields)  # fmt: skip


def detection_events(seen: Detection, until: int) -> Iterator[Event]:
    """What the recorder tells of an object: it is there; later, if before `until`, it is gone."""
    camera: dict[str, Value] = {"camera_id": seen.camera_id}
    yield Event(
        "cctv.detected",
        event_id(RECORDER, seen.object_id, "detected"),
        seen.start,
        RECORDER,
        {**camera, "label": seen.label, "count": 1, "confidence": seen.score},
    )
    if seen.end < until:
        # The connector's id of an annotation is made of all that the annotation says.
        said = repr((seen.camera_id, seen.object_id, "end", seen.end, seen.best))
        digest = hashlib.sha256(said.encode()).hexdigest()[:12]
        yield Event(
            "cctv.object_annotated",
            event_id(RECORDER, seen.object_id, "end", digest),
            seen.end,
            RECORDER,
            {**camera, "object_id": seen.object_id, "kind": "end", "score": seen.best},
        )


def heartbeat_events(story: Story) -> Iterator[Event]:
    """The recorder's statistics: a sign of life of its own and one of each camera."""
    for stats in story.watch.stats:
        at = stats.at
        yield beat(RECORDER, at // moment.MINUTE * moment.MINUTE)
        for camera_id, fps in stats.fps.items():
            name = event_id(RECORDER, camera_id, "heartbeat", str(at // moment.SECOND))
            fields: dict[str, Value] = {
                "camera_id": camera_id,
                "camera_fps": fps,
                "process_fps": PROCESS_FPS,
                "skipped_fps": SKIPPED_FPS,
            }
            yield Event("cctv.heartbeat", name, at, RECORDER, fields)


def duty_events(area: str, duty: Duty) -> Iterator[Event]:
    """Each step of what staff have to do, as an event of that area."""
    for index, step in enumerate(duty.steps):
        yield Event(f"{area}.{step.what}", _id(duty.source, duty.number, step, index), step.at,
                    duty.source, {"case_id": duty.case_id, **step.fields})  # fmt: skip


def reference_events(story: Story) -> Iterator[Event]:
    """What has no connector: registers, officers, duties, apps, traffic, signs of life."""
    for entry in story.watch.registrations:
        camera = entry.camera
        yield Event("ref.camera", event_id(REGISTER, camera.camera_id, "camera", str(entry.at)),
                    entry.at, REGISTER,
                    {"camera_id": camera.camera_id, "intersection_id": camera.intersection_id,
                     "lat": camera.lat, "lon": camera.lon, "nominal_fps": camera.nominal_fps,
                     "in_service": entry.in_service, "fov": _shape(camera),
                     "analytics": " ".join(analytics(camera))})  # fmt: skip
    for work in story.watch.maintenance:
        name = event_id(REGISTER, work.camera_id, "maintenance", str(work.starts_at))
        fields: dict[str, Value] = {"camera_id": work.camera_id, "starts_at": work.starts_at,
                                    "ends_at": work.ends_at}  # fmt: skip
        yield Event("cctv.maintenance", name, work.announced_at, REGISTER, fields)
    for probe in story.watch.probes:
        name = event_id(PROBE, probe.camera_id, "heartbeat", str(probe.at // 1_000_000))
        yield Event("cctv.heartbeat", name, probe.at, PROBE,
                    {"camera_id": probe.camera_id, "camera_fps": probe.fps,
                     "frame_hash": probe.frame_hash})  # fmt: skip
    yield from _observations(story)
    for day in story.days:
        yield from audit_events(day)
    for area, found in (("privacy", story.breaches), ("violation", story.violations),
                        ("alert", [*story.alerts, *story.strays.alerts])):  # fmt: skip
        for duty in found:
            yield from duty_events(area, duty)
    yield from unconnected(story)
    yield from _measurements(story)
    yield from _turns(story)
    yield places()
    for look in story.reviews:
        yield Event("operator.reviewed", event_id(CONSOLE, look.number, "reviewed"), look.at,
                    CONSOLE,
                    {"review_id": look.number, "case_id": look.case_id,
                     "camera_id": look.camera_id, "incident_class": look.incident,
                     "verdict": look.verdict})  # fmt: skip
    yield from _beats(story)


def places() -> Event:
    """Where the intersections of the story are, told before anything else of it."""
    table = IntersectionTable(
        version="sim.1",
        title="Intersections of the simulated city",
        verified="made up: a layout for a story, no survey",
        sources=["sim/city.py"],
        default_level="C",
        places={name: (lon, lat) for name, (lat, lon) in intersections().items()},
    )
    return to_event("intersection", table, PLACED_AT)


def _shape(camera: Camera) -> str:
    ring = [[lon, lat] for lat, lon in corners(camera)]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def beat(source: str, minute: int) -> Event:
    """A source showed in that minute that it was alive; whoever noticed, it is one event."""
    name = event_id("source", "heartbeat", source, moment.rfc3339(minute))
    return Event("source.heartbeat", name, minute, source)


def _beats(story: Story) -> Iterator[Event]:
    """All signs of life, but not those that the recorder's statistics are already."""
    told = {stats.at // moment.MINUTE * moment.MINUTE for stats in story.watch.stats}
    for source, minutes in story.beats.items():
        for minute in minutes:
            if source != RECORDER or minute not in told:
                yield beat(source, minute)


def _observations(story: Story) -> Iterator[Event]:
    for report in story.observations:
        yield Event("field.observed", event_id(FIELD_APP, report.observation_id, "observed"),
                    report.at, FIELD_APP,
                    {"observation_id": report.observation_id, "incident_class": report.incident,
                     "lat": report.point[0], "lon": report.point[1],
                     "officer_key": report.officer, "origin_ref": report.origin_ref})  # fmt: skip


def _measurements(story: Story) -> Iterator[Event]:
    for one in story.measurements:
        name = event_id(ANALYTICS, one.intersection_id, one.approach or "all", str(one.at))
        yield Event("traffic.measured", name, one.at, ANALYTICS,
                    {"intersection_id": one.intersection_id, "camera_id": one.camera_id,
                     "approach": one.approach, "mean_delay_s": one.delay,
                     "volume_smp": one.volume})  # fmt: skip


def _turns(story: Story) -> Iterator[Event]:
    for turn in story.turns:
        name = event_id(SIGNALS, turn.intersection_id, turn.what, str(turn.at))
        fields: dict[str, Value] = {"intersection_id": turn.intersection_id}
        if turn.what == "alarm":
            yield Event("signal.alarm", name, turn.at, SIGNALS, {**fields, "cause": turn.cause})
        elif turn.what == "sent":
            yield Event("signal.dispatched", name, turn.at, SIGNALS, fields)
        else:
            confirmed = turn.what == "seen"
            yield Event("signal.restored", name, turn.at, SIGNALS,
                        {**fields, "confirmed": confirmed})  # fmt: skip
