"""`jcoc exporter` as a process."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

COMMAND = [str(Path(sys.executable).with_name("jcoc")), "exporter"]


@contextmanager
def running(home: Path, *arguments: str, kafka: int) -> Iterator[subprocess.Popen[str]]:
    environment = os.environ | {"JCOC_KAFKA__BOOTSTRAP": f"127.0.0.1:{kafka}"}
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=home, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    found = re.search(r"http://\S+", process.stderr.readline())
    assert found is not None
    return found[0]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_without_kafka_says_so_and_stops_when_told(
    tmp_path: Path, free_port: Callable[[], int], stop: signal.Signals
) -> None:
    with running(tmp_path, "--port", "0", kafka=free_port()) as process:
        url = address(process)
        assert process.stderr is not None
        assert url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(url, timeout=30) as answer:
            page = answer.read().decode()
        assert "jcoc_exporter_up 0.0" in page
        assert "jcoc_kpi_value" not in page
        assert json.loads(process.stderr.readline())["event"] == "kafka is away"
        process.send_signal(stop)
        _, rest = process.communicate(timeout=60)
        assert process.returncode == 0
        assert rest == "stopped\n"


def test_a_port_that_is_taken_ends_it_with_3_and_says_which(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(tmp_path, "--port", str(port), kafka=free_port()) as process:
            _, said = process.communicate(timeout=60)
    assert process.returncode == 3
    assert f"127.0.0.1:{port}" in said
