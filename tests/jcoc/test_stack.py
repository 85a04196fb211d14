"""The local stack is real: it keeps its data, its ports and its word, and leaves nobody behind."""

import hashlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from click.testing import CliRunner

from jcoc.exits import Away
from jcoc.main import main
from jcoc.stack import artifacts
from jcoc.stack.local import LocalStack
from jcoc.stack.state import State

AVRO = "application/vnd.schemaregistry.v1+json"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[LocalStack]:
    """A stack that the test may break; nothing runs yet."""
    with LocalStack(tmp_path / "own") as local:
        yield local


async def _send(stack: LocalStack, topic: str, count: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=stack.bootstrap, acks="all") as producer:
        for number in range(count):
            await producer.send_and_wait(topic, str(number).encode())


async def _read(stack: LocalStack, topic: str, count: int) -> list[bytes | None]:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=stack.bootstrap, auto_offset_reset="earliest"
    )
    async with consumer:
        return [(await consumer.getone()).value for _ in range(count)]


def _post(url: str, body: dict[str, Any], method: str = "POST") -> tuple[int, dict[str, Any]]:
    request = Request(url, json.dumps(body).encode(), {"Content-Type": AVRO}, method=method)
    try:
        with build_opener(ProxyHandler({})).open(request) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def _record(*fields: str) -> dict[str, Any]:
    record = {
        "type": "record",
        "name": "Kept",
        "fields": [{"name": name, "type": "string"} for name in fields],
    }
    return {"schema": json.dumps(record)}


@pytest.mark.stack
def test_every_part_is_well_and_has_an_address(stack: LocalStack) -> None:
    rows = {row.part: row for row in stack.status()}
    assert set(rows) == {"kafka", "registry", "mqtt"}
    assert all(row.healthy and row.pid for row in rows.values())
    assert rows["kafka"].address == stack.bootstrap
    assert rows["registry"].address == stack.registry_url


@pytest.mark.stack
def test_everything_listens_on_loopback_only(stack: LocalStack) -> None:
    for row in stack.status():
        listening = [
            connection.laddr.ip.removeprefix("::ffff:")
            for connection in psutil.Process(row.pid).net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert listening, row.part
        assert set(listening) == {"127.0.0.1"}, row.part


@pytest.mark.stack
async def test_a_killed_broker_comes_back_on_its_port_with_its_records(own: LocalStack) -> None:
    own.start({"kafka"})
    address = own.bootstrap
    await _send(own, "kept", 100)
    for _ in range(2):
        own.restart_broker(kill9=True)
        assert own.bootstrap == address
        assert await _read(own, "kept", 100) == [str(number).encode() for number in range(100)]


@pytest.mark.stack
def test_a_killed_registry_keeps_schema_ids_and_rules(own: LocalStack) -> None:
    own.start({"registry"})
    rule = {"compatibility": "BACKWARD_TRANSITIVE"}
    _, first = _post(f"{own.registry_url}/subjects/kept-value/versions", _record("a"))
    assert _post(f"{own.registry_url}/config/kept-value", rule, "PUT")[0] == 200
    own.stop({"registry"}, kill9=True)
    own.start({"registry"})
    code, again = _post(f"{own.registry_url}/subjects/kept-value/versions", _record("a"))
    assert (code, again) == (200, first)
    code, refusal = _post(f"{own.registry_url}/subjects/kept-value/versions", _record("b"))
    assert (code, refusal["error_code"]) == (409, 409)


@pytest.mark.stack
def test_two_stacks_share_nothing_but_downloads(own: LocalStack, tmp_path: Path) -> None:
    with LocalStack(tmp_path / "other") as other:
        own.start({"kafka", "mqtt"})
        other.start({"kafka", "mqtt"})
        pids = {row.pid for one in (own, other) for row in one.status() if row.healthy}
        assert len(pids) == 4
        assert own.bootstrap != other.bootstrap
        other.stop()
        assert {row.part for row in own.status() if row.healthy} == {"kafka", "mqtt"}


@pytest.mark.stack
def test_starting_twice_starts_once(own: LocalStack) -> None:
    own.start({"mqtt"})
    before = own.status()
    LocalStack(own.data).start({"mqtt"})
    assert own.status() == before


@pytest.mark.stack
def test_a_part_that_ends_at_once_shows_its_log(
    own: LocalStack, free_port: Callable[[], int]
) -> None:
    taken = free_port()
    with LocalStack(own.data.parent / "first", ports={"mqtt": taken}) as first:
        first.start({"mqtt"})
        own.ports["mqtt"] = taken
        with pytest.raises(Away, match=r"(?s)mqtt ended at once.*address already in use"):
            own.start({"mqtt"})


@pytest.mark.stack
def test_a_start_that_fails_leaves_nothing_running(
    own: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jcoc.stack.local.PATIENCE", 20.0)
    (own.data / "registry").mkdir(parents=True)
    (own.data / "registry" / "registry.mv.db").write_bytes(b"no database")
    # On a busy machine it may linger without an answer instead of ending at once.
    with pytest.raises(Away, match="registry"):
        own.start({"mqtt", "registry"})
    assert [row.part for row in own.status() if row.pid] == []


@pytest.mark.stack
@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGINT])
def test_nobody_outlives_who_started_it(death: signal.Signals, tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from jcoc.stack.local import LocalStack\n"
        "with LocalStack(Path(sys.argv[1])) as stack:\n"
        "    stack.start({'mqtt', 'kafka'}); print('up', flush=True); time.sleep(600)"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path / "orphan")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        state = State.running(tmp_path / "orphan")
        assert state is not None
        children = [part.process for part in state.parts.values() if part.process]
        assert len(children) == 2
        parent.send_signal(death)
    _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []


@pytest.mark.stack
def test_up_outlives_the_command_and_down_ends_it() -> None:
    jcoc = [sys.executable, "-c", "from jcoc.main import main; main()"]
    try:
        up = subprocess.run([*jcoc, "up", "mqtt", "--json"], capture_output=True, check=True)
        pid = json.loads(up.stdout)["mqtt"]["pid"]
        assert psutil.pid_exists(pid)
        status = subprocess.run([*jcoc, "status"], capture_output=True, text=True, check=False)
        assert status.returncode == 3
        assert "kafka, registry" in status.stderr
        config = subprocess.run([*jcoc, "config", "--json"], capture_output=True, check=True)
        assert json.loads(config.stdout)["mqtt.port"]["origin"] == "stack"
    finally:
        down = subprocess.run([*jcoc, "down"], capture_output=True, text=True, check=True)
    assert down.stdout == "stopped mqtt\n"
    status = subprocess.run([*jcoc, "status"], capture_output=True, text=True, check=False)
    assert status.returncode == 3
    assert "jcoc up" in status.stderr


def test_status_without_a_stack_is_exit_3_and_says_what_to_do() -> None:
    result = CliRunner().invoke(main, ["status", "--json"])
    assert result.exit_code == 3
    assert [row["healthy"] for row in json.loads(result.stdout).values()] == [False] * 3
    assert "jcoc up" in result.stderr


def test_the_lock_pins_every_artifact_by_hash() -> None:
    held = [*artifacts.locked("kafka"), *artifacts.locked("registry")]
    assert len({artifact.file for artifact in held}) == len(held) > 40
    assert all(len(bytes.fromhex(artifact.sha256)) == 32 for artifact in held)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An empty Maven repository on loopback, and its folder."""
    folder = tmp_path / "repository"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()


def _publish(folder: Path, content: bytes) -> artifacts.Artifact:
    """A jar in the repository, as the lock would name it."""
    place = folder / "id" / "jambi" / "thing" / "1"
    place.mkdir(parents=True)
    (place / "thing-1.jar").write_bytes(content)
    (place / "thing-1.jar.sha1").write_text(
        hashlib.sha1(content, usedforsecurity=False).hexdigest()
    )
    return artifacts.Artifact(
        "kafka", hashlib.sha256(content).hexdigest(), len(content), "id.jambi:thing:1:jar"
    )


def test_a_download_appears_whole_and_is_not_repeated(
    repository: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = repository
    artifact = _publish(folder, b"a jar")
    monkeypatch.setattr(artifacts, "locked", lambda _part: [artifact])
    seen: list[tuple[int, int]] = []
    (jar,) = artifacts.jars(tmp_path / "home", url, lambda *progress: seen.append(progress))
    assert jar.read_bytes() == b"a jar"
    assert seen[-1] == (5, 5)
    assert artifacts.jars(tmp_path / "home", "http://127.0.0.1:1") == [jar]


def test_two_downloads_at_once_fetch_each_file_once(
    repository: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = repository
    artifact = _publish(folder, b"a jar" * 100_000)
    monkeypatch.setattr(artifacts, "locked", lambda _part: [artifact])
    asked: list[str] = []
    fetch = artifacts.download

    def count(coordinate: str, *rest: Any) -> Path:
        asked.append(coordinate)
        return fetch(coordinate, *rest)

    monkeypatch.setattr(artifacts, "download", count)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(artifacts.jars, tmp_path / "home", url) for _ in range(2)]
        jars = [run.result() for run in runs]
    assert jars[0] == jars[1]
    assert artifacts.digest(jars[0][0]) == artifact.sha256
    assert asked == [artifact.coordinate]


def test_a_file_with_another_hash_is_refused(
    repository: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = repository
    artifact = _publish(folder, b"a jar")
    (folder / "id/jambi/thing/1/thing-1.jar").write_bytes(b"evil!")
    (folder / "id/jambi/thing/1/thing-1.jar.sha1").unlink()
    monkeypatch.setattr(artifacts, "locked", lambda _part: [artifact])
    with pytest.raises(Away, match="SHA-256"):
        artifacts.jars(tmp_path / "home", url)
    assert not list((tmp_path / "home").glob("*.jar"))


def test_a_repository_that_is_away_is_exit_3_and_names_the_artifact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_port: Callable[[], int]
) -> None:
    artifact = artifacts.Artifact("kafka", "0" * 64, 1, "id.jambi:thing:1:jar")
    monkeypatch.setattr(artifacts, "locked", lambda _part: [artifact])
    with pytest.raises(Away, match=r"id\.jambi:thing:1:jar"):
        artifacts.jars(tmp_path / "home", f"http://127.0.0.1:{free_port()}")
