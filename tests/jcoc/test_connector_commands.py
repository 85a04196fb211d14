"""The commands around connectors, as somebody at a terminal or a script sees them."""

import gzip
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import connectors
from connectors.registry import discover
from core.outcome import Reason
from jcoc.commands import connector
from jcoc.commands.connect import given
from jcoc.main import main
from jcoc.settings import load

HOME = Path(connectors.__path__[0])
ROOT = HOME.parent
SAMPLES = sorted(HOME.glob("*/samples/*.in.*"))

GOOD = {
    "versi": 1,
    "nomor": "SK-1",
    "jenis": "masuk",
    "waktu": "2026-03-02T08:15:00+07:00",
    "kategori": "drainase",
}


@pytest.fixture(autouse=True)
def _nothing_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No jcoc.toml, no running stack and no connector settings leak into a test."""
    monkeypatch.chdir(tmp_path)
    for name in ("JCOC_KAFKA__BOOTSTRAP", "JCOC_REGISTRY__URL", "JCOC_PRIVACY__PSEUDONYM_KEY"):
        monkeypatch.delenv(name, raising=False)


def jcoc(*arguments: str | Path, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


def tried(sample: Path) -> Result:
    headers = sample.with_name(sample.name.partition(".in.")[0] + ".headers.json")
    told = json.loads(headers.read_text("utf-8")) if headers.exists() else {}
    options = [f"--header={name}={value}" for name, value in told.items()]
    when = "--received-at=2026-11-23T03:00:00Z"
    return jcoc("connector", "try", sample.parts[-3], sample, when, *options)


def golden(sample: Path) -> list[dict[str, str]]:
    path = sample.with_name(sample.name.partition(".in.")[0] + ".out.jsonl")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


# ---- connectors


def test_connectors_lists_each_with_what_a_script_needs() -> None:
    lines = [json.loads(line) for line in jcoc("connectors", "--json").stdout.splitlines()]
    assert [line["name"] for line in lines] == sorted(discover())
    for line in lines:
        assert line["emits"] == list(discover()[line["name"]].emits)
        for setting in line["settings"]:
            assert setting["env"].startswith(f"JCOC_{line['name'].upper()}__")
            assert setting["help"]


def test_connectors_shows_a_table_to_people() -> None:
    shown = jcoc("connectors")
    assert shown.exit_code == 0
    assert all(name in shown.stdout for name in discover())


# ---- names


@pytest.mark.parametrize(
    "arguments",
    [("connect", "frigat"), ("import", "frigat", "-"), ("connector", "try", "frigat", "-")],
)
def test_a_misspelt_name_suggests_the_nearest(arguments: tuple[str, ...]) -> None:
    refused = jcoc(*arguments)
    assert refused.exit_code == 2
    assert "did you mean frigate?" in refused.stderr


# ---- connect


def test_connect_says_how_files_are_read() -> None:
    refused = jcoc("connect", "boston311")
    assert refused.exit_code == 2
    assert "jcoc import boston311 FILE" in refused.stderr


@pytest.mark.parametrize("arguments", [(), ("--all", "frigate")])
def test_connect_wants_names_or_all(arguments: tuple[str, ...]) -> None:
    assert jcoc("connect", *arguments).exit_code == 2


def test_connect_without_any_kafka_says_how_to_get_one() -> None:
    away = jcoc("connect", "frigate")
    assert away.exit_code == 3
    assert "jcoc up" in away.stderr


def test_connect_names_the_setting_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JCOC_FRIGATE__PORT", "many")
    refused = jcoc("connect", "frigate")
    assert refused.exit_code == 2
    assert "frigate.port" in refused.stderr


def test_connect_all_leaves_out_what_nobody_configured() -> None:
    refused = jcoc("connect", "--all")
    assert refused.exit_code == 2
    assert "left out open311: no JCOC_OPEN311__... is set" in refused.stderr


def test_connect_waits_for_kafka_and_leaves_when_told(
    monkeypatch: pytest.MonkeyPatch, free_port: Callable[[], int]
) -> None:
    monkeypatch.setenv("JCOC_KAFKA__BOOTSTRAP", f"127.0.0.1:{free_port()}")
    program = [str(Path(sys.executable).with_name("jcoc")), "connect", "frigate"]
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "connecting to Kafka" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_a_subscription_uses_the_mqtt_broker_that_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JCOC_MQTT__PORT", "21883")
    assert given(discover()["frigate"], load()).port == 21883
    monkeypatch.setenv("JCOC_FRIGATE__PORT", "31883")
    assert given(discover()["frigate"], load()).port == 31883


# ---- try


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_try_prints_events_and_rejects_apart(sample: Path) -> None:
    shown = tried(sample)
    expected = golden(sample)
    events = [json.loads(line)["event_id"] for line in shown.stdout.splitlines()]
    rejects = [json.loads(line)["reason"] for line in shown.stderr.splitlines() if line[0] == "{"]
    assert events == [line["event_id"] for line in expected if "reject" not in line]
    assert rejects == [line["reject"] for line in expected if "reject" in line]
    assert shown.exit_code == (1 if rejects else 0)


def test_try_reads_standard_input_and_gzip_the_same() -> None:
    body = json.dumps(GOOD).encode()
    plain = jcoc("connector", "try", "sikesal", "-", stdin=body)
    packed = jcoc("connector", "try", "sikesal", "-", stdin=gzip.compress(body))
    assert plain.stdout == packed.stdout
    assert json.loads(plain.stdout)["type"] == "complaint.submitted"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\x00\xfe", b"[" * 100_000])
def test_try_rejects_what_it_cannot_read_with_its_bytes(body: bytes) -> None:
    shown = jcoc("connector", "try", "sikesal", "-", stdin=body)
    (reject,) = [json.loads(line) for line in shown.stderr.splitlines() if line[0] == "{"]
    assert shown.exit_code == 1
    assert reject["reason"] == Reason.UNDECODABLE.value
    assert reject["raw"] == body.decode("utf-8", "backslashreplace")


def test_try_says_that_a_gzip_file_is_cut() -> None:
    cut = gzip.compress(b"x" * 1000)[:-9]
    shown = jcoc("connector", "try", "sikesal", "-", stdin=cut)
    assert shown.exit_code == 1
    assert "not a whole gzip file" in shown.stderr


def test_try_judges_the_time_against_when_it_was_received() -> None:
    body = json.dumps(GOOD).encode()
    early = "--received-at=2026-03-02T08:00:00+07:00"
    shown = jcoc("connector", "try", "sikesal", "-", early, stdin=body)
    reasons = [json.loads(x)["reason"] for x in shown.stderr.splitlines() if x[0] == "{"]
    assert reasons == [Reason.TIME_OUT_OF_RANGE.value]


def test_try_says_when_its_pseudonyms_are_for_trial_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "for this trial only" in jcoc("connector", "try", "sikesal", "-").stderr
    monkeypatch.setenv("JCOC_PRIVACY__PSEUDONYM_KEY", "a key of the city")
    assert "for this trial only" not in jcoc("connector", "try", "sikesal", "-").stderr


# ---- import


def test_import_wants_a_file() -> None:
    assert jcoc("import", "boston311").exit_code == 2


def test_import_gives_up_when_kafka_is_away(
    monkeypatch: pytest.MonkeyPatch, free_port: Callable[[], int], tmp_path: Path
) -> None:
    monkeypatch.setenv("JCOC_KAFKA__BOOTSTRAP", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("JCOC_PRIVACY__PSEUDONYM_KEY", "a key of the city")
    file = tmp_path / "file.csv"
    file.write_text("a,b\n1,2\n")
    assert jcoc("import", "boston311", file).exit_code == 3


def test_import_without_a_key_for_pseudonyms_sends_nothing(
    monkeypatch: pytest.MonkeyPatch, free_port: Callable[[], int]
) -> None:
    monkeypatch.setenv("JCOC_KAFKA__BOOTSTRAP", f"127.0.0.1:{free_port()}")
    refused = jcoc("import", "boston311", "-")
    assert refused.exit_code == 2
    assert "JCOC_PRIVACY__PSEUDONYM_KEY" in refused.stderr


# ---- new and check


@pytest.mark.long
def test_a_new_connector_keeps_every_promise_at_once(tmp_path: Path) -> None:
    written = jcoc("connector", "new", "traffic_lights", "--into", tmp_path)
    assert written.exit_code == 0
    suite = ROOT / "tests" / "connectors" / "test_conformance.py"
    program = f"""
import sys, connectors
connectors.__path__.insert(0, {str(tmp_path)!r})
import pytest
options = ["-q", "-p", "no:cacheprovider", "--rootdir", {str(ROOT)!r}, "-k", "traffic_lights"]
sys.exit(pytest.main([{str(suite)!r}, *options]))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout
    assert "skipped" not in ended.stdout


def test_a_new_connector_is_clean_to_the_linter(tmp_path: Path) -> None:
    jcoc("connector", "new", "traffic_lights", "--into", tmp_path, "--title", "Lampu lalu lintas")
    first_party = 'lint.isort.known-first-party = ["core", "connectors"]'
    config = ["--config", str(ROOT / "pyproject.toml"), "--config", first_party, "--no-cache"]
    program = [sys.executable, "-m", "ruff"]
    for check in (["check"], ["format", "--check"]):
        ended = subprocess.run(
            [*program, *check, *config, str(tmp_path)], capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stdout


def test_new_does_not_write_over_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "traffic_lights").mkdir()
    refused = jcoc("connector", "new", "traffic_lights", "--into", tmp_path)
    assert refused.exit_code == 1
    assert list((tmp_path / "traffic_lights").iterdir()) == []


@pytest.mark.parametrize("name", ["Traffic", "9lives", "a-b", "a__b", "class", "frigate", "kafka"])
def test_new_refuses_names_that_cannot_work(name: str, tmp_path: Path) -> None:
    assert jcoc("connector", "new", name, "--into", tmp_path).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_new_refuses_a_title_that_would_break_the_code(tmp_path: Path) -> None:
    assert jcoc("connector", "new", "x", "--title", 'a"b', "--into", tmp_path).exit_code == 2


@pytest.mark.long
def test_check_runs_the_conformance_suite() -> None:
    checked = jcoc("connector", "check", "boston311")
    assert (checked.exit_code, checked.stdout) == (
        0,
        "boston311 keeps every promise of a connector\n",
    )


def test_check_needs_a_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(connector, "SUITE", tmp_path / "nowhere.py")
    assert jcoc("connector", "check", "boston311").exit_code == 2
