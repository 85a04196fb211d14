"""The health check of containers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry, start_http_server

from jcoc.healthy import main


def test_an_address_that_answers_is_healthy() -> None:
    server, thread = start_http_server(0, "127.0.0.1", CollectorRegistry())
    assert main(f"http://127.0.0.1:{server.server_port}/metrics") == 0
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_address_where_nobody_listens_is_not(
    free_port: Callable[[], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(f"http://127.0.0.1:{free_port()}/") == 1
    assert "127.0.0.1" in capsys.readouterr().err


def test_an_address_that_is_none_is_not() -> None:
    assert main("nonsense") == 1
