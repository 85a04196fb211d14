"""The story as canonical events."""

from __future__ import annotations

from collections.abc import Iterator

from core.events import Event, Value, event_id
from core.privacy import Pseudonymizer
from sim.areas import kecamatan_of
from sim.cases import Complaint, Service, Step
from sim.incidents import Detection
from sim.story import Story

FIELD_APP = "field_app"
REGISTER = "camera_register"
PROBE = "frame_probe"


def complaint_events(complaint: Complaint, pseudonyms: Pseudonymizer) -> Iterator[Event]:
    """Each step of a complaint as an event."""
    for index, step in enumerate(complaint.steps):
        fields: dict[str, Value] = {"case_id": complaint.case_id, **step.fields}
        if step.what == "submitted":
            fields |= _filed(complaint, pseudonyms)
        yield Event(f"complaint.{step.what}", _id(complaint.source, complaint.number, step, index),
                    step.at, complaint.source, fields)  # fmt: skip


def _id(source: str, number: str, step: Step, index: int) -> str:
    return event_id(source, number, step.what, str(index))


def _filed(complaint: Complaint, pseudonyms: Pseudonymizer) -> dict[str, Value]:
    lat, lon = complaint.point or (None, None)
    return {
        "source_ref": complaint.number,
        "origin_ref": complaint.origin_ref,
        "reporter_key": pseudonyms.of(complaint.phone),
        "category": complaint.category,
        "kind": complaint.kind,
        "lat": lat,
        "lon": lon,
        "kecamatan_code": kecamatan_of(complaint.kelurahan_code),
        "kelurahan_code": complaint.kelurahan_code,
        "incident_at": complaint.incident_at,
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


def detection_event(seen: Detection) -> Event:
    """What the recorder tells of an object: one event, at its first sight."""
    return Event(
        "cctv.detected",
        event_id("frigate", f"{seen.start / 1e6:.6f}-{seen.code}", "detected"),
        seen.start,
        "frigate",
        {"camera_id": seen.camera_id, "label": seen.label, "count": 1, "confidence": seen.score},
    )


def heartbeat_events(story: Story) -> Iterator[Event]:
    """The recorder's frame rates: one event for each camera and minute."""
    for stats in story.watch.stats:
        for camera_id, fps in stats.fps.items():
            name = event_id("frigate", camera_id, "heartbeat", str(stats.at // 1_000_000))
            fields: dict[str, Value] = {"camera_id": camera_id, "camera_fps": fps}
            yield Event("cctv.heartbeat", name, stats.at, "frigate", fields)


def reference_events(story: Story) -> Iterator[Event]:
    """What has no connector: register, maintenance, frame probe, officers, signs of life."""
    for entry in story.watch.registrations:
        camera = entry.camera
        yield Event("ref.camera", event_id(REGISTER, camera.camera_id, "camera", str(entry.at)),
                    entry.at, REGISTER,
                    {"camera_id": camera.camera_id, "intersection_id": camera.intersection_id,
                     "lat": camera.lat, "lon": camera.lon, "nominal_fps": camera.nominal_fps,
                     "in_service": entry.in_service})  # fmt: skip
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
    for source, moments in story.beats.items():
        for at in moments:
            name = event_id(source, "", "heartbeat", str(at // 1_000_000))
            yield Event("source.heartbeat", name, at, source)


def _observations(story: Story) -> Iterator[Event]:
    for report in story.observations:
        yield Event("field.observed", event_id(FIELD_APP, report.observation_id, "observed"),
                    report.at, FIELD_APP,
                    {"observation_id": report.observation_id, "incident_class": report.incident,
                     "lat": report.point[0], "lon": report.point[1],
                     "officer_key": report.officer, "origin_ref": report.origin_ref})  # fmt: skip
