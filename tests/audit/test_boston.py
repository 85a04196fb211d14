"""Boston's own cases and targets: the engine against a plain script, month by month and agency.

The script is what anybody would write: a case is due in the month of its target, and good when it
was closed by then; open ones count.  Windows are Jambi's months, so Boston's times are moved there.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from audit.compute import compute
from connectors.registry import discover
from core import moment
from core.events import Event
from core.manifest import Raw
from core.rows import KpiRow

pytestmark = pytest.mark.real_data

KPI = "complaint_resolution_on_time_pct"
NOW = moment.parse("2016-04-01T00:00:00+07:00")
Counts = dict[tuple[str, str], tuple[int, int]]
"""(month, agency) to (in time, due)."""


@pytest.fixture(scope="module")
def packed(shared_data: Path) -> bytes:
    file = shared_data / "complaints/boston/boston_2015-06-01_2015-07-15_all_types.csv.gz"
    return gzip.decompress(file.read_bytes())


def cases(packed: bytes) -> Iterator[tuple[datetime | None, datetime | None, str]]:
    """Closed, target and agency of every row that is not closed before it was opened."""
    for row in csv.DictReader(io.StringIO(packed.decode())):
        opened, closed, target = (_at(row[n]) for n in ("OPEN_DT", "CLOSED_DT", "TARGET_DT"))
        if not (opened and closed and closed < opened):
            yield closed, target, row["Department"] or row["SUBJECT"]


def _at(text: str) -> datetime | None:
    return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p") if text else None  # noqa: DTZ007


def _month(there: datetime) -> str:
    local = there.replace(tzinfo=ZoneInfo("America/New_York")).astimezone(ZoneInfo("Asia/Jakarta"))
    return f"{local:%Y-%m}"


def due_cohort(packed: bytes) -> Counts:
    """The plain script."""
    due: Counter[tuple[str, str]] = Counter()
    good: Counter[tuple[str, str]] = Counter()
    for closed, target, agency in cases(packed):
        if target is not None:
            due[_month(target), agency] += 1
            good[_month(target), agency] += closed is not None and closed <= target
    return {key: (good[key], count) for key, count in due.items()}


def engine(packed: bytes) -> list[KpiRow]:
    """The same file through the connector and the engine."""
    parse = discover()["boston311"].parse
    events = [one for one in parse(Raw(packed, NOW)) if isinstance(one, Event)]
    return [row for row in compute(events, NOW) if row.kpi == KPI and row.window == "month"]


@pytest.mark.long
def test_the_engine_and_the_plain_script_say_the_same_of_every_month_and_agency(
    packed: bytes,
) -> None:
    found = {
        (f"{moment.to_datetime(row.window_start + moment.WIB):%Y-%m}", row.scope_id): (
            row.numerator, row.denominator,
        )
        for row in engine(packed)
        if row.scope_type == "opd" and row.denominator
    }  # fmt: skip
    closed_by_now = {
        key: counts for key, counts in due_cohort(packed).items() if key[0] < "2016-04"
    }
    assert found == closed_by_now
    assert len(found) > 20


def test_closed_in_time_of_the_closed_hides_the_open_ones(packed: bytes) -> None:
    june = due_cohort(packed)
    in_time = sum(good for (month, _), (good, _) in june.items() if month == "2015-06")
    due = sum(count for (month, _), (_, count) in june.items() if month == "2015-06")
    closed = [
        (closed, target) for closed, target, _ in cases(packed)
        if closed and target and _month(closed) == "2015-06"
    ]  # fmt: skip
    naive = sum(closed <= target for closed, target in closed) / len(closed)
    assert naive > in_time / due + 0.02
