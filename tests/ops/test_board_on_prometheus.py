"""A real Prometheus scrapes the exporter's page, and every expression of the board answers."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import yaml
from prometheus_client import CollectorRegistry, Counter, Gauge

from core import moment
from core.kpi import Kpi
from core.kpis import all_kpis
from core.rows import Finality, KpiRow, Status
from edge.meter import Meter
from ops.generated import ROOT
from ops.grafana.generate import BOARD
from streams.exporter.feed import Feed, Shelf
from streams.exporter.server import page, scopes, serving

pytestmark = [pytest.mark.debian, pytest.mark.asyncio(loop_scope="module")]

NOW = int(time.time()) // 60 * 60
EMPTY_IS_GOOD = {
    "Belum pernah terbit / Never published": "every declared KPI has a closed window here",
}
"""Panels that have no sample in this city, each with its reason."""
NO_VALUE = "complaint_resolution_on_time_pct"
"""This KPI is without a denominator: it must have no value series at all."""


def row(kpi: Kpi, window: str, status: Status) -> KpiRow:
    empty = status is Status.NO_DATA
    return KpiRow(
        kpi=kpi.id,
        window=window,
        scope_type="city",
        scope_id="15.71",
        window_start=(NOW - 86_400) * moment.SECOND,
        window_end=NOW * moment.SECOND,
        numerator=0 if empty else 9,
        denominator=0 if empty else 10,
        value=None if empty else "90",
        status=status,
        finality=Finality.PROVISIONAL,
        revision=1,
        completeness="0.95",
        excluded={"withdrawn": 1},
        companions={"coverage": "0.90"},
        as_of=NOW * moment.SECOND,
    )


def exporter_feed() -> Feed:
    """Each KPI has a window that is ok and one that is not."""
    shelf = Shelf(scopes(all_kpis()))
    for kpi in all_kpis():
        for place, window in enumerate(kpi.windows):
            status = Status.OK if place else Status.INSUFFICIENT
            status = Status.NO_DATA if kpi.id == NO_VALUE else status
            assert shelf.take(row(kpi, window, status).to_record(), NOW) is None
    return Feed(up=True, lag=0, shown=shelf)


def worker_page() -> CollectorRegistry:
    """What a worker process exports, under the names of streams/metrics.py."""
    registry = CollectorRegistry()
    records = Counter("jcoc_source_records", "-", ["source", "outcome"], registry=registry)
    for outcome, times in {"received": 3, "accepted": 1, "duplicate": 1, "rejected": 1}.items():
        records.labels("sikesal", outcome).inc(times)
    Gauge("jcoc_worker_lag_records", "-", ["topic", "partition"], registry=registry).labels(
        "raw.sikesal", "0"
    ).set(0)
    Gauge(
        "jcoc_watermark_timestamp_seconds", "-", ["stage", "partition"], registry=registry
    ).labels("fold", "0").set(NOW)
    return registry


def edge_page() -> CollectorRegistry:
    meter = Meter()
    meter.up("sikesal", running=True)
    meter.heard("sikesal", NOW * moment.SECOND)
    return meter.registry


@contextmanager
def prometheus(program: str, home: Path, jobs: dict[str, int]) -> Iterator[str]:
    """A Prometheus of our own on loopback; yields its address."""
    (home / "prometheus.yml").write_text(
        yaml.safe_dump(
            {
                "global": {"scrape_interval": "250ms", "evaluation_interval": "1s"},
                "rule_files": [str(ROOT / "ops/prometheus/rules/*.yml")],
                "scrape_configs": [
                    {"job_name": job, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
                    for job, port in jobs.items()
                ],
            }
        ),
        encoding="utf-8",
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        program,
        f"--config.file={home / 'prometheus.yml'}",
        f"--storage.tsdb.path={home / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


Ask = Callable[[str], Any]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ask(
    prometheus_program: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ask]:
    """Asks a Prometheus that has scraped all three jobs at least twice."""
    home = tmp_path_factory.mktemp("prometheus")
    feed = exporter_feed()
    pages = {
        "jcoc-exporter": page(feed, all_kpis()),
        "jcoc-worker": worker_page(),
        "jcoc-edge": edge_page(),
    }
    async with AsyncExitStack() as held:
        jobs = {
            job: await held.enter_async_context(serving(registry, feed, host="127.0.0.1", port=0))
            for job, registry in pages.items()
        }
        address = held.enter_context(prometheus(prometheus_program("prometheus"), home, jobs))
        session = await held.enter_async_context(aiohttp.ClientSession(address))

        async def query(expr: str) -> list[dict[str, Any]]:
            async with session.get("/api/v1/query", params={"query": expr}) as answer:
                body = await answer.json()
                assert body["status"] == "success", f"{expr}: {body}"
                found: list[dict[str, Any]] = body["data"]["result"]
                return found

        await until_scraped(query, home)
        yield query


async def until_scraped(query: Ask, home: Path) -> None:
    for _ in range(240):
        try:
            counts = await query("sum by (job) (count_over_time(up[1m])) >= 3")
        except (aiohttp.ClientError, AssertionError):
            counts = []
        if len(counts) == 3:
            return
        await asyncio.sleep(0.25)
    pytest.fail(f"Prometheus scraped nothing; its log is in {home}")


def filled_in(expr: str) -> str:
    for variable, text in {
        "$__rate_interval": "10s",
        "$scope_type": "city",
        "$scope": "15.71",
        "$job": ".+",
        "$instance": ".+",
    }.items():
        expr = expr.replace(variable, text)
    return expr


async def test_every_expression_of_the_board_returns_a_sample_or_is_explained(ask: Ask) -> None:
    board = json.loads((ROOT / BOARD).read_text(encoding="utf-8"))
    empty = []
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            samples = await ask(filled_in(target["expr"]))
            no_value = f'jcoc_kpi_value{{kpi="{NO_VALUE}"' in target["expr"]
            if not samples and not no_value:
                empty.append(panel["title"])
    assert empty == list(EMPTY_IS_GOOD)


async def test_a_kpi_without_a_value_has_no_series_but_its_status_has(ask: Ask) -> None:
    assert await ask(f'jcoc_kpi_value{{kpi="{NO_VALUE}"}}') == []
    assert await ask(f'{{kpi="{NO_VALUE}",status="no_data"}} == 1')
    others = await ask("count by (kpi) (jcoc_kpi_value)")
    assert {one["metric"]["kpi"] for one in others} == {k.id for k in all_kpis()} - {NO_VALUE}


async def test_a_sound_value_and_a_grey_one_are_never_the_same_series(ask: Ask) -> None:
    board = json.loads((ROOT / BOARD).read_text(encoding="utf-8"))
    values = [p for p in board["panels"] if "jcoc_kpi_value" in str(p.get("targets"))]
    assert values
    for panel in values:
        sound, grey = [
            {one["metric"]["window"] for one in await ask(filled_in(target["expr"]))}
            for target in panel["targets"][:2]
        ]
        assert not sound & grey
