"""What `jcoc events`, `kpis`, `deadletter` and `tick` print, and how they exit."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from core import contract, moment, topics
from core.events import Event, Value
from core.outcome import Reason, Reject
from core.rows import Finality, KpiRow, Status
from jcoc.main import main
from jcoc.reach import wait_for
from wire import deadletters
from wire.codec import Codec
from wire.config import Kafka
from wire.producer import producer
from wire.registry import FakeRegistry, Registry, ensure_schemas
from wire.topics import ensure

AWAY = {"JCOC_KAFKA__BOOTSTRAP": "127.0.0.1:9", "JCOC_REGISTRY__URL": "http://127.0.0.1:9"}
NINE = moment.parse("2026-11-23T09:00:00+07:00")
ROW = KpiRow(
    kpi="cctv_availability_pct",
    window="1d",
    scope_type="city",
    scope_id="jambi",
    window_start=NINE - moment.DAY,
    window_end=NINE,
    numerator=9,
    denominator=10,
    value="90.00",
    status=Status.OK,
    finality=Finality.PROVISIONAL,
    revision=1,
    completeness="1.00",
    as_of=NINE,
)

Holds = Callable[..., None]


def jcoc(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env=AWAY | environment)


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def row(**changed: Any) -> bytes:
    fields = {name: getattr(ROW, name) for name in KpiRow.__struct_fields__}
    return KpiRow(**(fields | changed)).to_record()


def letter(reject: Reject, connector: str = "frigate", offset: int = 7) -> dict[str, Any]:
    _, value, headers = deadletters.record(
        reject, connector=connector, topic="raw.frigate", partition=2, offset=offset, at=NINE
    )
    return {"value": value, "headers": headers}


@pytest.fixture
def holds(monkeypatch: pytest.MonkeyPatch) -> Holds:
    """Lets the commands read these records instead of Kafka's."""

    def fill(command: str, stored: Mapping[str, Sequence[dict[str, Any]]]) -> None:
        async def read(_kafka: Kafka, names: list[str], **_: Any) -> AsyncIterator[Any]:
            for name in names:
                for offset, record in enumerate(stored.get(name, ())):
                    plain = {"topic": name, "partition": 0, "offset": offset, "headers": ()}
                    yield SimpleNamespace(**(plain | record))

        monkeypatch.setattr(f"jcoc.commands.{command}.read", read)

    return fill


@pytest.fixture
def published(holds: Holds) -> Callable[..., None]:
    def fill(*records: bytes) -> None:
        holds("kpis", {topics.PUBLISHED: [{"value": record} for record in records]})

    return fill


@pytest.fixture
def rejected(holds: Holds) -> Callable[..., None]:
    def fill(*letters: dict[str, Any]) -> None:
        holds("deadletter", {topics.DEADLETTER: letters})

    return fill


@pytest.fixture
def happened(holds: Holds, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    registry = FakeRegistry()
    codec = Codec(wait_for(ensure_schemas(registry)), registry)

    class Registered:
        async def __aenter__(self) -> FakeRegistry:
            return registry

        async def __aexit__(self, *_: object) -> None: ...

    monkeypatch.setattr("jcoc.commands.events.registry", lambda _settings: Registered())

    def fill(*events: Event | tuple[str, bytes]) -> None:
        stored: dict[str, list[dict[str, Any]]] = {}
        for event in events:
            kind = event.type if isinstance(event, Event) else event[0]
            value = codec.encode(event) if isinstance(event, Event) else event[1]
            stored.setdefault(topics.city(kind), []).append({"value": value})
        holds("events", stored)

    return fill


def beat(camera: str, at: int = NINE, source: str = "frigate") -> Event:
    fields: dict[str, Value] = {"camera_id": camera, "camera_fps": 5.0}
    return Event("cctv.heartbeat", f"{source}:{camera}:{at}", at, source, fields)


def test_the_latest_revision_of_a_window_is_shown(published: Callable[..., None]) -> None:
    published(row(), row(revision=2, value="80.00", numerator=8), row())
    (shown,) = lines(jcoc("kpis", "--json"))
    assert (shown["revision"], shown["value"]) == (2, "80.00")


def test_what_was_published_at_a_time_is_told_as_it_was_then(
    published: Callable[..., None],
) -> None:
    later = NINE + moment.DAY
    published(row(), row(revision=2, value="80.00", numerator=8, as_of=later))
    for at, revision in ((NINE, 1), (later - 1, 1), (later, 2)):
        (shown,) = lines(jcoc("kpis", "--json", "--as-of", moment.rfc3339(at)))
        assert shown["revision"] == revision
    assert lines(jcoc("kpis", "--json", "--as-of", moment.rfc3339(NINE - 1))) == []


def test_the_first_reading_of_a_window_stays_readable(published: Callable[..., None]) -> None:
    published(row(revision=0), row(), row(revision=2, value="80.00", numerator=8))
    (shown,) = lines(jcoc("kpis", "--json", "--first"))
    assert (shown["revision"], shown["value"]) == (0, "90.00")


def test_a_row_has_exactly_the_fields_of_the_scripting_format(
    published: Callable[..., None],
) -> None:
    published(row())
    assert lines(jcoc("kpis", "--json")) == [ROW.to_json()]


def test_only_the_newest_closed_window_is_shown(published: Callable[..., None]) -> None:
    older = row(window_start=NINE - 2 * moment.DAY, window_end=NINE - moment.DAY)
    running = row(window_start=NINE, window_end=NINE + moment.DAY)
    published(older, row(), running)
    assert lines(jcoc("kpis", "--json")) == [ROW.to_json()]
    assert len(lines(jcoc("kpis", "--all", "--json"))) == 3


def test_a_row_published_twice_is_one_row(published: Callable[..., None]) -> None:
    published(row(), row())
    assert lines(jcoc("kpis", "--all", "--json")) == [ROW.to_json()]


def test_two_contents_of_one_revision_are_a_bad_result(published: Callable[..., None]) -> None:
    published(row(), row(numerator=8))
    result = jcoc("kpis", "--json")
    assert result.exit_code == 1
    assert "kpi.published/0/1" in result.stderr


def test_a_record_that_is_no_row_is_told_beside_the_rows(published: Callable[..., None]) -> None:
    published(b"{}", row(), b"\xff", b"[]")
    result = jcoc("kpis", "--json")
    assert result.exit_code == 1
    assert [json.loads(line) for line in result.stdout.splitlines()] == [ROW.to_json()]
    assert all(f"kpi.published/0/{offset}" in result.stderr for offset in (0, 2, 3))


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (("--scope", "camera"), ["c1", "c2"]),
        (("--scope", "camera:c2"), ["c2"]),
        (("--scope", "city"), ["jambi"]),
        (("--kpi", "sipaten_on_time_pct"), []),
        (("--kpi", "cctv_availability_pct"), ["c1", "c2", "jambi"]),
    ],
)
def test_rows_are_chosen_by_kpi_and_scope(
    published: Callable[..., None], options: tuple[str, ...], kept: list[str]
) -> None:
    cameras = (row(scope_type="camera", scope_id=name) for name in ("c2", "c1"))
    published(row(), *cameras)
    assert [shown["scope_id"] for shown in lines(jcoc("kpis", "--json", *options))] == kept


def test_scopes_are_ranked_by_what_is_certain_and_not_by_their_percentage(
    published: Callable[..., None],
) -> None:
    def of(name: str, good: int, cases: int) -> bytes:
        return row(scope_type="intersection", scope_id=name, numerator=good, denominator=cases)

    published(row(), of("few", 20, 20), of("many", 960, 1000), of("tiny", 9, 9))
    told = lines(jcoc("kpis", "--rank", "--json"))
    assert [(one["rank"], one["scope_id"], one["low_95"]) for one in told] == [
        (1, "many", "94.60"), (2, "few", "83.89"),
    ]  # fmt: skip
    shown = jcoc("kpis", "--rank", COLUMNS="200").stdout
    assert "83.89 – 100.00" in shown
    assert "tiny" not in shown
    published(row())
    assert "nothing to rank" in jcoc("kpis", "--rank", COLUMNS="200").stdout


def scored(**changed: Any) -> bytes:
    return row(**{
        "kpi": "jcoc_score", "window": "28d", "window_start": NINE - 28 * moment.DAY,
        "numerator": 67, "denominator": 20, "value": "0.67", "revision": 0,
        "companions": {"coverage": "0.77", "minimum": "0.50", "share:ikm_index": "0.50"},
        "details": {"below_target": ["ikm_index"], "weakest": "ikm_index"},
    } | changed)  # fmt: skip


def test_the_score_is_the_newest_row_that_was_published(published: Callable[..., None]) -> None:
    principle = {"scope_type": "principle", "scope_id": "Transparansi", "value": "0.90"}
    older = {"window_start": NINE - 29 * moment.DAY, "window_end": NINE - moment.DAY}
    published(scored(), scored(**principle), scored(**older, value="0.60"))
    (told,) = lines(jcoc("score", "--json"))
    assert (told["score"], told["suppressed"], told["coverage"]) == ("0.67", None, "0.77")
    assert (told["principles"], told["kpis"]) == ({"Transparansi": "0.90"}, {"ikm_index": "0.50"})
    assert (told["weakest"], told["below_target"]) == ("ikm_index", ["ikm_index"])
    assert "0.67" in jcoc("score").stdout


def test_the_score_has_two_readings_and_a_past(published: Callable[..., None]) -> None:
    published(scored(), scored(revision=1, value="0.70", as_of=NINE + moment.HOUR))
    before = ("--as-of", moment.rfc3339(NINE))
    told = [lines(jcoc("score", "--json", *o))[0] for o in ((), ("--first",), before)]
    assert [(one["score"], one["revision"]) for one in told] == [
        ("0.70", 1), ("0.67", 0), ("0.67", 0),
    ]  # fmt: skip


def test_a_score_that_is_not_given_says_why(published: Callable[..., None]) -> None:
    why = {"below_target": [], "reason": "coverage 0.04 is below 0.70"}
    published(scored(value=None, status=Status.INSUFFICIENT, details=why))
    shown = jcoc("score").stdout
    assert "tidak ada / none" in shown
    assert "coverage 0.04 is below 0.70" in shown


def test_no_published_score_is_a_bad_result(published: Callable[..., None]) -> None:
    published(row())
    assert jcoc("score").exit_code == 1


def test_the_table_shows_the_same_rows(published: Callable[..., None]) -> None:
    published(row(value=None, denominator=0, status=Status.NO_DATA))
    result = jcoc("kpis", COLUMNS="200")
    assert "9/0" in result.stdout
    assert "no_data" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("kpis", "--kpi", "cctv_availability"), "cctv_availability_pct"),
        (("events", "--type", "complaint.submited"), "complaint.submitted"),
        (("deadletter", "list", "--reason", "undecodeable"), "undecodable"),
    ],
)
def test_a_misspelt_name_suggests_the_nearest(arguments: tuple[str, ...], hint: str) -> None:
    result = jcoc(*arguments)
    assert result.exit_code == 2
    assert f"did you mean {hint}" in result.stderr


@pytest.mark.parametrize(
    "arguments", [("kpis",), ("events",), ("deadletter", "list"), ("tick", "--now")]
)
@pytest.mark.parametrize("environment", [{}, {"JCOC_KAFKA__BOOTSTRAP": ""}])
def test_without_a_broker_the_command_says_what_to_do(
    arguments: tuple[str, ...],
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("kpis", "events", "deadletter", "tick"):
        monkeypatch.setattr(f"jcoc.commands.{command}.PATIENCE_S", 0)
    result = jcoc(*arguments, **environment)
    assert result.exit_code == 3
    assert "jcoc up" in result.stderr
    assert "JCOC_" in result.stderr


def test_events_are_printed_in_the_format_of_the_contract(happened: Callable[..., None]) -> None:
    event = beat("cam-1")
    happened(event)
    assert jcoc("events", "--json").stdout == contract.to_line(event) + "\n"


def test_events_are_chosen_by_type_time_and_source(happened: Callable[..., None]) -> None:
    chosen = beat("cam-1")
    others = (beat("cam-2", NINE - 1), beat("cam-3", NINE + 1), beat("cam-4", source="x"))
    happened(chosen, *others, Event("clock.tick", "clock:t", NINE, "frigate"))
    begin, end = moment.rfc3339(NINE), moment.rfc3339(NINE + 1)
    options = ("--from", begin, "--to", end, "--source", "frigate", "--type", "cctv.heartbeat")
    assert [shown["camera_id"] for shown in lines(jcoc("events", "--json", *options))] == ["cam-1"]


def test_a_tick_that_every_partition_repeats_is_printed_once(
    happened: Callable[..., None],
) -> None:
    happened(*[Event("clock.tick", "clock:t", NINE, "jcoc")] * topics.PARTITIONS)
    assert len(lines(jcoc("events", "--json"))) == 1


def test_a_record_that_is_no_event_is_told_beside_the_events(
    happened: Callable[..., None],
) -> None:
    happened(beat("cam-1"), ("cctv.heartbeat", b"{}"))
    result = jcoc("events", "--json")
    assert result.exit_code == 1
    assert "city.cctv.heartbeat/0/1: undecodable" in result.stderr
    assert len(result.stdout.splitlines()) == 1


def test_the_table_of_events_says_how_many_it_leaves_out(happened: Callable[..., None]) -> None:
    happened(*(beat(f"cam-{number}") for number in range(5)))
    result = jcoc("events", "--limit", "2", COLUMNS="200")
    assert "the last 2 of 5" in result.stdout
    assert "cam-4" in result.stdout
    assert "cam-1" not in result.stdout


def test_a_time_without_a_zone_is_refused() -> None:
    result = jcoc("events", "--from", "2026-11-23T09:00:00")
    assert result.exit_code == 2
    assert "time zone" in result.stderr


BAD = Reject(Reason.INVALID, "no such field", b'{"lampu": 1}')


def test_dead_letters_are_listed_with_their_story(rejected: Callable[..., None]) -> None:
    rejected(letter(BAD))
    assert lines(jcoc("deadletter", "list", "--json")) == [
        {
            "index": 0,
            "time": "2026-11-23T02:00:00Z",
            "connector": "frigate",
            "reason": "invalid",
            "topic": "raw.frigate",
            "partition": 2,
            "offset": 7,
            "bytes": 12,
            "detail": "no such field",
        }
    ]


@pytest.mark.parametrize(
    ("options", "kept"), [(("--reason", "invalid"), [0, 2]), (("--source", "sikesal"), [1, 2])]
)
def test_dead_letters_are_chosen_by_reason_and_source(
    rejected: Callable[..., None], options: tuple[str, ...], kept: list[int]
) -> None:
    large = Reject(Reason.TOO_LARGE, "", b"")
    rejected(letter(BAD), letter(large, "sikesal"), letter(BAD, "sikesal"))
    assert [x["index"] for x in lines(jcoc("deadletter", "list", "--json", *options))] == kept


@pytest.mark.parametrize("which", ["1", "raw.frigate/2/8"])
def test_a_dead_letter_is_shown_by_index_or_origin(
    rejected: Callable[..., None], which: str
) -> None:
    rejected(letter(BAD), letter(Reject(Reason.INVALID, "other", b"raw"), offset=8))
    result = jcoc("deadletter", "show", which)
    assert "detail: other" in result.stdout
    assert "lampu" not in result.stdout


def test_bytes_that_are_no_text_are_shown_in_hexadecimal(rejected: Callable[..., None]) -> None:
    rejected(letter(Reject(Reason.UNDECODABLE, "", b"\xff\x00" * 9)))
    assert "00000010  ff 00" in jcoc("deadletter", "show", "0").stdout


def test_raw_bytes_leave_as_they_came(rejected: Callable[..., None]) -> None:
    body = bytes(range(256))
    rejected(letter(Reject(Reason.UNDECODABLE, "", body)))
    assert jcoc("deadletter", "show", "0", "--raw").stdout_bytes == body


@pytest.mark.parametrize("arguments", [("list",), ("show", "0")])
def test_what_a_source_sent_does_not_steer_the_terminal(
    rejected: Callable[..., None], arguments: tuple[str, ...]
) -> None:
    rejected(letter(Reject(Reason.INVALID, "\x1b[2Jgone [bold]", b"\x1b]0;title\x07")))
    result = jcoc("deadletter", *arguments, COLUMNS="200")
    assert "\x1b" not in result.stdout
    assert "\\x1b[2Jgone [bold]" in result.stdout


def test_an_unknown_dead_letter_is_a_bad_result(rejected: Callable[..., None]) -> None:
    rejected(letter(BAD))
    assert jcoc("deadletter", "show", "9").exit_code == 1
    assert jcoc("deadletter", "show", "ninth").exit_code == 2


@pytest.mark.parametrize("arguments", [("tick",), ("tick", "--now", "--at", "2026-11-23T09:00Z")])
def test_a_tick_needs_one_moment(arguments: tuple[str, ...]) -> None:
    assert jcoc(*arguments).exit_code == 2


@pytest.fixture
def running(stack: Any) -> dict[str, str]:
    """Settings of a running stack with all topics."""
    wait_for(ensure(Kafka(stack.bootstrap), ["frigate"]))
    return {"JCOC_KAFKA__BOOTSTRAP": stack.bootstrap, "JCOC_REGISTRY__URL": stack.registry_url}


async def send(running: dict[str, str], event: Event, reject: Reject, connector: str) -> None:
    kafka = Kafka(running["JCOC_KAFKA__BOOTSTRAP"])
    async with Registry(running["JCOC_REGISTRY__URL"]) as registry, producer(kafka) as sender:
        codec = Codec(await ensure_schemas(registry), registry)
        topic = topics.city(event.type)
        await sender.send_and_wait(topic, codec.encode(event), contract.key(event))
        key, value, headers = deadletters.record(
            reject, connector=connector, topic="raw.frigate", partition=0, offset=1, at=NINE
        )
        await sender.send_and_wait(topics.DEADLETTER, value, key, headers=headers)


@pytest.mark.stack
def test_what_was_written_to_kafka_is_read_back(running: dict[str, str]) -> None:
    source = f"test-{uuid4().hex}"
    event = beat("cam-1", source=source)
    wait_for(send(running, event, BAD, source))
    assert lines(jcoc("events", "--json", "--source", source, **running)) == [
        contract.to_json(event)
    ]
    (found,) = lines(jcoc("deadletter", "list", "--json", "--source", source, **running))
    shown = jcoc("deadletter", "show", str(found["index"]), "--raw", **running)
    assert shown.stdout_bytes == BAD.raw
    assert jcoc("kpis", "--json", **running).exit_code == 0


@pytest.mark.stack
def test_event_time_advances_by_hand_and_never_back(running: dict[str, str]) -> None:
    ticks = lines(jcoc("events", "--json", "--type", "clock.tick", **running))
    last = max([NINE, *(moment.parse(tick["occurred_at"]) for tick in ticks)])
    source, at = f"test-{uuid4().hex}", moment.rfc3339(last + moment.SECOND)
    for _ in range(2):
        assert jcoc("tick", "--at", at, "--source", source, **running).exit_code == 0
    assert len(lines(jcoc("events", "--json", "--source", source, **running))) == 1
    refused = jcoc("tick", "--at", moment.rfc3339(last), **running)
    assert refused.exit_code == 2
    assert at in refused.stderr
