"""The recorder's own state: statistics, its availability and that of each camera's streams."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.frigate.objects import SOURCE
from connectors.frigate.payload import Flaw, Record, dump, real, text, time
from core import moment
from core.events import Event, event_id
from core.outcome import Reason, Reject

_FASTEST_FPS = 10_000


def from_stats(stats: Record, received_at: int) -> Iterator[Event | Reject]:
    """`<prefix>/stats`: a heartbeat of the source and of each camera.  Raises Flaw.

    Time is `service.last_updated` where Frigate gives it, else the second in which the message
    came in.  The cameras stand under `cameras`, before Frigate 0.13 at the top.
    """
    cameras = _cameras(stats)
    service = stats.get("service")
    dated = isinstance(service, dict) and service.get("last_updated") is not None
    at = time(service, "last_updated") if isinstance(service, dict) and dated else received_at
    at = at // moment.SECOND * moment.SECOND
    yield alive(at)
    for name, state in cameras.items():
        try:
            yield _heartbeat(name, state, at)
        except Flaw as flaw:
            own = dump({"cameras": {name: state}})
            yield Reject(flaw.reason, f"camera {name[:80]!r}: {flaw}", own)


def alive(at: int) -> Event:
    """The recorder was heard in that minute; the edge's own heartbeat is the same event."""
    minute = at // moment.MINUTE * moment.MINUTE
    name = event_id("source", "heartbeat", SOURCE, moment.rfc3339(minute))
    return Event("source.heartbeat", name, minute, SOURCE)


def from_availability(state: str, received_at: int) -> Iterator[Event]:
    """`<prefix>/available`: online is a heartbeat of the source.  Raises Flaw.

    `offline` is the recorder's last will: there is no event for it, because what it means is that
    no heartbeat follows.
    """
    if state not in ("online", "offline"):
        raise Flaw(Reason.INVALID, "availability must be online or offline")
    if state == "online":
        yield alive(received_at)


def from_status(camera: str, role: str, state: str, received_at: int) -> Iterator[Event]:
    """`<prefix>/<camera>/status/<role>`: a picture that is away is a heartbeat of 0 frames.

    `online` gives no event, since it names no frame rate (the next statistics do); nor does any
    state of the role audio, which says nothing about the picture.  Raises Flaw.
    """
    if state not in ("online", "offline", "disabled"):
        raise Flaw(Reason.INVALID, "status must be online, offline or disabled")
    if state != "online" and role != "audio":
        second = received_at // moment.SECOND
        stream = {"camera": camera, "role": role}
        yield Event(
            type="cctv.heartbeat",
            event_id=event_id(SOURCE, camera, f"status.{text(stream, 'role')}", str(second)),
            occurred_at=second * moment.SECOND,
            source=SOURCE,
            fields={"camera_id": text(stream, "camera"), "camera_fps": 0.0},
        )


def _cameras(stats: Record) -> Record:
    if "cameras" in stats:
        cameras = stats["cameras"]
        if not isinstance(cameras, dict):
            raise Flaw(Reason.INVALID, "field 'cameras' must be an object with a camera each")
        return cameras
    old = {name: state for name, state in stats.items() if is_camera(state)}
    if not old:
        raise Flaw(Reason.MISSING_FIELD, "field 'cameras' is missing and no camera_fps is there")
    return old


def is_camera(state: object) -> bool:
    """Whether a value of the old statistics describes a camera."""
    return isinstance(state, dict) and "camera_fps" in state


def _heartbeat(name: str, state: object, at: int) -> Event:
    if not isinstance(state, dict):
        raise Flaw(Reason.INVALID, "its state must be an object")
    camera = text({"camera": name}, "camera")
    fps = real(state, "camera_fps", _FASTEST_FPS)
    if fps is None:
        raise Flaw(Reason.MISSING_FIELD, "field 'camera_fps' is missing")
    return Event(
        type="cctv.heartbeat",
        event_id=event_id(SOURCE, camera, "heartbeat", str(at // moment.SECOND)),
        occurred_at=at,
        source=SOURCE,
        fields={
            "camera_id": camera,
            "camera_fps": fps,
            "process_fps": real(state, "process_fps", _FASTEST_FPS),
            "skipped_fps": real(state, "skipped_fps", _FASTEST_FPS),
        },
    )
