"""Boston's real 311 cases through import, Kafka and the worker: none vanish, verdicts agree."""

import asyncio
import csv
import gzip
import io
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from core import moment, topics
from core.complaints import Complaint
from core.events import Event
from core.rows import KpiRow
from jcoc.stack.local import LocalStack
from wire.clock import tick
from wire.codec import Codec
from wire.config import Kafka
from wire.deadletters import read as read_letter
from wire.reader import end_offsets, read
from wire.registry import Registry, ensure_schemas

pytestmark = [pytest.mark.stack, pytest.mark.real_data]

JCOC = str(Path(sys.executable).with_name("jcoc"))
AFTER_ALL = moment.parse("2016-04-01T00:00:00+07:00")
LATER = AFTER_ALL + 5 * moment.MINUTE
"""A second tick publishes a fresh snapshot: then all of the first is published."""
KPI = "complaint_resolution_on_time_pct"


@dataclass
class Boston:
    """The file's own rows, and what came out at the other end."""

    source: list[dict[str, str]]
    cases: dict[str, Complaint]
    rejected: list[bytes]
    reasons: set[str]
    rows: list[KpiRow]
    imported: dict[str, int]


@pytest.fixture(scope="module")
def boston(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boston]:
    file = shared_data / "complaints/boston/boston_2015-06-01_2015-07-15_all_types.csv.gz"
    folder = tmp_path_factory.mktemp("boston")
    with LocalStack(folder / "stack") as stack:
        stack.start({"kafka", "registry"})
        environment = os.environ | {
            "JCOC_KAFKA__BOOTSTRAP": stack.bootstrap,
            "JCOC_REGISTRY__URL": stack.registry_url,
            "JCOC_PRIVACY__PSEUDONYM_KEY": "only for tests",
        }
        command = [JCOC, "worker", "--clock", "none", "--datadir", str(folder / "state")]
        with (folder / "worker.log").open("w") as log:
            worker = subprocess.Popen(command, env=environment, stderr=log, stdout=log)
        try:
            told = subprocess.run(
                [JCOC, "import", "boston311", str(file), "--json"],
                env=environment, check=True, capture_output=True, text=True,
            )  # fmt: skip
            imported = json.loads(told.stdout)
            with gzip.open(file) as packed:
                source = list(csv.DictReader(io.TextIOWrapper(packed, "utf-8")))
            yield asyncio.run(_outcome(stack, source, imported))
        finally:
            worker.terminate()
            worker.wait()


async def _outcome(
    stack: LocalStack, source: list[dict[str, str]], imported: dict[str, int]
) -> Boston:
    kafka = Kafka(stack.bootstrap)
    async with Registry(stack.registry_url) as registry:
        ids = await ensure_schemas(registry)
        codec = Codec(ids, registry)
        city = [topics.city(f"complaint.{what}") for what in ("submitted", "resolved")]
        while True:
            letters = sum((await end_offsets(kafka, [topics.DEADLETTER])).values())
            submitted = sum((await end_offsets(kafka, city[:1])).values())
            if letters + submitted >= len(source):
                break
            await asyncio.sleep(0.2)
        await asyncio.sleep(1)  # the closings follow the submissions of the last batch
        await tick(kafka, AFTER_ALL, "test", ids)
        await tick(kafka, LATER, "test", ids)
        by_case: dict[str, list[Event]] = defaultdict(list)
        async for record in read(kafka, city):
            event = await codec.decode(record.topic, record.value)
            assert isinstance(event, Event)
            by_case[event.text("case_id")].append(event)
    found = [read_letter(r) async for r in read(kafka, [topics.DEADLETTER])]
    rows: list[KpiRow] = []
    while not rows or rows[-1].as_of < LATER:
        rows = [KpiRow.from_record(r.value) async for r in read(kafka, [topics.PUBLISHED])]
        await asyncio.sleep(0.5)
    cases = {name: case for name, e in by_case.items() if (case := Complaint.of(e))}
    return Boston(source, cases, [f.raw for f in found], {f.reason for f in found}, rows, imported)


def _at(text: str) -> datetime:
    return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p")  # noqa: DTZ007 - compared as written


def _closed_before_opened(row: dict[str, str]) -> bool:
    return bool(row["CLOSED_DT"]) and _at(row["CLOSED_DT"]) < _at(row["OPEN_DT"])


def test_every_row_ends_as_a_case_or_as_a_reject(boston: Boston) -> None:
    assert len(boston.source) == 15_172
    assert len(boston.cases) + len(boston.rejected) == len(boston.source)


def test_the_rejects_are_the_rows_closed_before_opened(boston: Boston) -> None:
    wrong = {r["CASE_ENQUIRY_ID"] for r in boston.source if _closed_before_opened(r)}
    assert len(wrong) == len(boston.rejected)
    assert boston.reasons == {"contradictory"}
    assert all(any(name in raw.decode() for name in wrong) for raw in boston.rejected)


def test_every_verdict_is_the_citys_own(boston: Boston) -> None:
    compared = 0
    for row in boston.source:
        judged = row["CLOSED_DT"] and row["TARGET_DT"] and row["OnTime_Status"]
        if not judged or _closed_before_opened(row):
            continue
        case = boston.cases[f"boston311:{row['CASE_ENQUIRY_ID']}"]
        assert case.resolved_at is not None
        assert case.due_at is not None
        verdict = "ONTIME" if case.resolved_at <= case.due_at else "OVERDUE"
        assert verdict == row["OnTime_Status"], row
        compared += 1
    assert compared > 10_900


def test_the_published_days_add_up_to_the_file(boston: Boston) -> None:
    kept = [r for r in boston.source if not _closed_before_opened(r)]
    due = [r for r in kept if r["TARGET_DT"]]
    latest = {r.identity: r for r in boston.rows if r.kpi == KPI}
    days = [r for r in latest.values() if r.window == "1d" and r.scope_type == "city"]
    after = [r for r in due if _at(r["TARGET_DT"]) >= datetime(2016, 3, 31)]  # noqa: DTZ001
    assert sum(r.denominator for r in days) == len(due) - len(after)
    assert sum(r.excluded.get("no_target", 0) for r in days) == len(kept) - len(due)
    on_time = [r for r in due if r["CLOSED_DT"] and _at(r["CLOSED_DT"]) <= _at(r["TARGET_DT"])]
    assert sum(r.numerator for r in days) == len([r for r in on_time if r not in after])
