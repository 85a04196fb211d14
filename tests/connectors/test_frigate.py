"""Frigate: what counts, what is only learned later, and what stays out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.frigate.manifest import MANIFEST
from connectors.frigate.parse import parse
from connectors.frigate.redact import redact
from connectors.frigate.split import split
from core import moment
from core.events import Event
from core.manifest import Raw
from core.normalize import normalize
from core.outcome import Reason, Reject
from core.privacy import Pseudonymizer
from edge.heartbeat import heartbeat

NOW = moment.parse("2026-11-23T03:00:00.75Z")
Read = Callable[[str], Any]
KEY = Pseudonymizer(b"only for tests", "t1")
OBJECT = {
    "id": "1795401000.250125-a1",
    "camera": "bata",
    "label": "car",
    "start_time": 1795401000.250125,
    "top_score": 0.75,
    "score": 0.5,
    "false_positive": False,
}


def of(payload: Any, topic: str = "frigate/events", at: int = NOW) -> list[Event | Reject]:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return list(parse(Raw(body, at, {"topic": topic} if topic else {})))


def message(kind: str = "new", **fields: Any) -> dict[str, Any]:
    return {"type": kind, "before": OBJECT, "after": OBJECT | fields}


def event(outcomes: list[Event | Reject]) -> Event:
    [one] = outcomes
    assert isinstance(one, Event)
    return one


def reject(outcomes: list[Event | Reject]) -> Reject:
    [one] = outcomes
    assert isinstance(one, Reject)
    return one


@pytest.fixture
def real_data(shared_data: Path) -> Callable[[str], Any]:
    folder = shared_data / "cctv" / "frigate"
    return lambda name: json.loads((folder / name).read_text("utf-8"))


# ---- objects


def test_a_new_object_counts_once_with_its_confidence() -> None:
    one = event(of(message()))
    assert (one.type, one.event_id) == ("cctv.detected", "frigate:1795401000.250125-a1:detected")
    assert one.fields == {"camera_id": "bata", "label": "car", "count": 1, "confidence": 0.75}


def test_all_messages_of_one_object_hold_one_detection() -> None:
    later = {"frame_time": 1795401007.5, "top_score": 0.875}
    story = [
        message(),
        message("update", **later),
        message("end", **later, end_time=1795401033.25),
    ]
    events = [event(of(one)) for one in [*story, *reversed(story)]]
    assert len({one.event_id for one in events if one.type == "cctv.detected"}) == 1
    assert len({one.event_id for one in events}) == 3


def test_later_messages_keep_the_better_score() -> None:
    one = event(of(message("end", top_score=0.875, end_time=1795401033.25)))
    assert (one.fields["kind"], one.fields["score"]) == ("end", 0.875)
    assert one.occurred_at == moment.parse("2026-11-23T02:30:33.25Z")


def test_a_false_positive_does_not_count() -> None:
    assert event(of(message(false_positive=True))).fields["kind"] == "false_positive"


@pytest.mark.parametrize("label", ["accident", "flood", "genangan"])
def test_the_label_passes_as_the_analytics_gave_it(label: str) -> None:
    assert event(of(message(label=label))).fields["label"] == label


@pytest.mark.parametrize(
    ("seconds", "micros"),
    [
        ("1607123955.475377", 1607123955475377),
        ("1795401000", 1795401000000000),
        ("1795401000.000001", 1795401000000001),
        ("1.7954010000000010E9", 1795401000000001),
        ("1795401000.9999999", 1795401000999999),
        ("4102444799.123457", 4102444799123457),
    ],
)
def test_seconds_become_microseconds_exactly(seconds: str, micros: int) -> None:
    body = json.dumps(message()).replace(
        '"start_time": 1795401000.250125', f'"start_time": {seconds}'
    )
    assert event(of(body.encode())).occurred_at == micros


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"camera": None}, Reason.MISSING_FIELD),
        ({"camera": ""}, Reason.MISSING_FIELD),
        ({"camera": 7}, Reason.INVALID),
        ({"camera": "\ud800"}, Reason.INVALID),
        ({"label": ["car"]}, Reason.INVALID),
        ({"id": None}, Reason.MISSING_FIELD),
        ({"start_time": None}, Reason.MISSING_FIELD),
        ({"start_time": True}, Reason.INVALID),
        ({"start_time": float("nan")}, Reason.INVALID),
        ({"start_time": float("inf")}, Reason.INVALID),
        ({"start_time": "2026-11-23T09:30:00"}, Reason.INVALID),
        ({"start_time": 1e30}, Reason.TIME_OUT_OF_RANGE),
        ({"start_time": 1795401000250}, Reason.TIME_OUT_OF_RANGE),
        ({"start_time": -1}, Reason.TIME_OUT_OF_RANGE),
        ({"start_time": 10**400}, Reason.TIME_OUT_OF_RANGE),
        ({"top_score": 95}, Reason.INVALID),
        ({"top_score": "0.9"}, Reason.INVALID),
    ],
)
def test_a_bad_field_is_rejected_by_name(fields: dict[str, Any], reason: Reason) -> None:
    one = reject(of(message(**fields)))
    assert one.reason is reason
    assert repr(next(iter(fields))) in one.detail


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", Reason.UNDECODABLE),
        (b"{", Reason.UNDECODABLE),
        (b"\xff\xfe{}", Reason.UNDECODABLE),
        (b"[" * 100_000, Reason.UNDECODABLE),
        (b'{"type": "new"}', Reason.MISSING_FIELD),
        (b'{"type": "new", "after": []}', Reason.INVALID),
        (b'{"type": "maybe", "after": {}}', Reason.UNKNOWN_TYPE),
        (b"7", Reason.INVALID),
    ],
)
def test_a_malformed_message_is_rejected_with_its_bytes(body: bytes, reason: Reason) -> None:
    one = reject(of(body))
    assert (one.reason, one.raw) == (reason, body)


def test_a_number_beyond_arithmetic_costs_only_its_own_record() -> None:
    good, bad = json.dumps(message()), json.dumps(message(id="b")).replace(
        "1795401000.250125, \"top_score\"", "1e99999999999999999999, \"top_score\""
    )  # fmt: skip
    outcomes = of(f"[{bad}, {good}, {bad}]".encode())
    assert [isinstance(one, Event) for one in outcomes] == [False, True, False]


def test_one_bad_element_of_a_list_costs_only_itself() -> None:
    bad = message(id="b", camera=None)
    first, second, third = of([message(id="a"), bad, message(id="c")])
    assert isinstance(first, Event)
    assert isinstance(third, Event)
    assert isinstance(second, Reject)
    assert json.loads(second.raw) == bad


def test_a_broken_end_of_a_list_costs_only_the_rest() -> None:
    good, bad = of(json.dumps([message(), message(id="b")]).encode()[:-40])
    assert isinstance(good, Event)
    assert isinstance(bad, Reject)


def test_an_unknown_topic_is_rejected_and_named() -> None:
    assert "frigate/weather" in reject(of({}, "frigate/weather")).detail


@pytest.mark.parametrize("prefix", ["frigate", "kota/jambi/frigate", "nvr-2"])
def test_any_topic_prefix_will_do(prefix: str) -> None:
    assert event(of(message(), f"{prefix}/events")).type == "cctv.detected"


# ---- the recorder

CAMERA = {"camera_fps": 15.0, "process_fps": 14.5, "skipped_fps": 0.5}


def test_statistics_are_a_heartbeat_of_each_camera_and_of_the_source() -> None:
    source, *cameras = of({"cameras": {"a": CAMERA, "b": CAMERA}}, "frigate/stats")
    assert isinstance(source, Event)
    assert source.type == "source.heartbeat"
    assert [one.fields["camera_id"] for one in cameras if isinstance(one, Event)] == ["a", "b"]


def test_statistics_before_frigate_0_13_have_their_cameras_at_the_top() -> None:
    old = {"a": CAMERA, "detection_fps": 3, "detectors": {"cpu1": {"pid": 1}}}
    _, one = of(old, "frigate/stats")
    assert isinstance(one, Event)
    assert one.fields == {"camera_id": "a", **CAMERA}


def test_the_edge_and_the_statistics_tell_of_one_heartbeat_a_minute() -> None:
    assert of({"cameras": {}}, "frigate/stats") == [heartbeat("frigate", NOW)]


def test_statistics_with_a_time_say_the_same_whenever_they_arrive() -> None:
    dated = {"cameras": {"a": CAMERA}, "service": {"last_updated": 1795401000}}
    assert of(dated, "frigate/stats") == of(dated, "frigate/stats", NOW + moment.HOUR)


@pytest.mark.parametrize("fps", ["15", None, -1, float("nan"), 1e300, [], {}])
def test_a_camera_without_a_frame_rate_costs_only_itself(fps: Any) -> None:
    sent = {"cameras": {"bad": {"camera_fps": fps}, "good": CAMERA}}
    _, bad, good = of(sent, "frigate/stats")
    assert isinstance(good, Event)
    assert isinstance(bad, Reject)
    assert b"good" not in bad.raw


@pytest.mark.parametrize("cameras", [None, [], 7, "a"])
def test_statistics_without_cameras_are_rejected(cameras: Any) -> None:
    assert reject(of({"cameras": cameras}, "frigate/stats")).reason is Reason.INVALID


@pytest.mark.parametrize("state", ["offline", "disabled", " offline\n"])
@pytest.mark.parametrize("role", ["detect", "record"])
def test_a_picture_that_is_away_is_a_heartbeat_of_no_frames(role: str, state: str) -> None:
    one = event(of(state.encode(), f"frigate/bata/status/{role}"))
    assert (one.type, one.fields) == ("cctv.heartbeat", {"camera_id": "bata", "camera_fps": 0.0})


@pytest.mark.parametrize(
    ("topic", "state"),
    [
        ("frigate/bata/status/detect", b"online"),
        ("frigate/bata/status/audio", b"offline"),
        ("frigate/available", b"offline"),
    ],
)
def test_a_state_that_says_nothing_of_a_picture_is_no_event(topic: str, state: bytes) -> None:
    assert of(state, topic) == []


def test_a_recorder_that_comes_online_is_a_heartbeat_of_the_source() -> None:
    assert event(of(b"online", "frigate/available")).type == "source.heartbeat"


@pytest.mark.parametrize("topic", ["frigate/available", "frigate/bata/status/detect"])
def test_an_unknown_state_is_rejected(topic: str) -> None:
    assert reject(of(b"sleepy", topic)).reason is Reason.INVALID


def test_a_camera_may_be_called_like_a_topic() -> None:
    assert event(of(b"offline", "frigate/events/status/detect")).fields["camera_id"] == "events"


# ---- personal data


def test_names_and_plates_become_pseudonyms_and_numbers_stay() -> None:
    sent = message("update", sub_label=["Budi", 0.79], recognized_license_plate="BH 1 A")
    hidden = json.loads(redact(json.dumps(sent).encode(), KEY))["after"]
    assert hidden["sub_label"] == [KEY.of("Budi"), 0.79]
    assert hidden["recognized_license_plate"] == KEY.of("BH 1 A")
    assert hidden["start_time"] == OBJECT["start_time"]


def test_a_message_without_persons_passes_byte_for_byte() -> None:
    body = json.dumps(message(), indent=3).encode()
    assert redact(body, KEY) is body


def test_redaction_changes_no_event() -> None:
    sent = json.dumps(message("new", sub_label="Budi", thumbnail="aGFsbw==")).encode()
    assert of(redact(sent, KEY)) == of(sent)


def test_a_field_that_occurs_twice_is_left_to_the_edge() -> None:
    with pytest.raises(ValueError, match="twice"):
        redact(b'{"name": "Budi", "name": null}', KEY)


# ---- files


def test_a_long_list_is_split_into_parts_that_say_the_same() -> None:
    body = json.dumps(
        [message(id=f"1795401000.5-{n}", note="x" * 500) for n in range(900)]
    ).encode()
    pieces = list(split(body))
    assert len(pieces) > 2
    assert max(map(len, pieces)) < 900_000
    assert [one for piece in pieces for one in of(piece, "")] == of(body, "")


def test_a_broken_line_of_json_lines_costs_only_itself() -> None:
    lines = [json.dumps(message(id=name)) for name in "abc"]
    lines[1] = lines[1][:-9]
    outcomes = [one for part in split("\n".join(lines).encode()) for one in of(part, "")]
    assert sum(isinstance(one, Event) for one in outcomes) >= 1
    assert sum(isinstance(one, Reject) for one in outcomes) == 1


# ---- real input


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "count"), [("events_front_door_api.json", 50), ("webe2e_events.json", 3)]
)
def test_every_real_event_of_the_http_api_is_one_detection(
    real_data: Read, name: str, count: int
) -> None:
    records = real_data(name)
    events = of(records, "")
    assert len(records) == count
    assert [one.occurred_at for one in events if isinstance(one, Event)] == [
        round(record["start_time"] * 1_000_000) for record in records
    ]
    assert [one.fields["confidence"] for one in events if isinstance(one, Event)] == [
        record["data"]["top_score"] for record in records
    ]
    assert len({one.event_id for one in events if isinstance(one, Event)}) == count


@pytest.mark.real_data
def test_every_documented_mqtt_payload_parses_wrapped_or_not(real_data: Read) -> None:
    documented = real_data("docs_payloads.json")
    kinds = ["update", "description", "face", "lpr", "classification", "classification"]
    alone = [event(of(one["payload"], "")) for one in documented]
    assert [one.fields["kind"] for one in alone] == [*kinds, "review", "trigger"]
    assert of(documented, "") == alone


@pytest.mark.real_data
def test_real_statistics_give_their_camera(real_data: Read) -> None:
    _, one = of(real_data("stats_hass_test.json"), "frigate/stats")
    assert isinstance(one, Event)
    assert one.fields["camera_fps"] == 4.1


@pytest.mark.real_data
def test_real_reviews_parse(real_data: Read) -> None:
    reviews = real_data("reviews_daptify_test.json").values()
    kinds = [event(of(one, "frigate/reviews")).fields["kind"] for one in reviews]
    assert kinds == ["review", "review", "review", "description"]


@pytest.mark.real_data
def test_real_reviews_with_naive_times_are_rejected(real_data: Read) -> None:
    outcomes = of(real_data("webe2e_reviews.json"), "")
    assert {one.reason for one in outcomes if isinstance(one, Reject)} == {Reason.INVALID}
    assert all("time zone" in one.detail for one in outcomes if isinstance(one, Reject))


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["event_summary_hass_test.json", "webe2e_config-snapshot.json"])
def test_what_is_no_message_is_rejected(real_data: Read, name: str) -> None:
    assert {one.reason for one in of(real_data(name), "") if isinstance(one, Reject)} == {
        Reason.UNKNOWN_TYPE
    }


def test_an_event_from_the_future_is_quarantined() -> None:
    ahead = message(start_time=NOW // 1_000_000 + 301)
    raw = Raw(json.dumps(ahead).encode(), NOW, {"topic": "frigate/events"})
    assert reject(list(normalize(MANIFEST, raw))).reason is Reason.TIME_OUT_OF_RANGE
