"""The day as a whole: the same every time, and within the contract."""

from __future__ import annotations

from datetime import date

import pytest

from core import contract
from sim import Day
from sim.truth.evidence import daily

SMALL = Day(seed=7, scale=0.1)


@pytest.mark.long
def test_the_same_seed_gives_the_same_bytes() -> None:
    lines = [contract.to_line(event) for event in Day(seed=7, scale=0.1).events()]
    assert lines == [contract.to_line(event) for event in SMALL.events()]
    assert Day(seed=7, scale=0.1).truth() == SMALL.truth()


@pytest.mark.long
def test_another_seed_gives_another_day() -> None:
    assert Day(seed=8, scale=0.1).truth() != SMALL.truth()


def test_every_event_fits_the_contract() -> None:
    flaws = [flaw for event in SMALL.events() if (flaw := contract.flaw(event))]
    assert flaws == []


def test_events_are_unique_in_time_order_and_end_with_the_day() -> None:
    events = SMALL.events()
    assert len({event.event_id for event in events}) == len(events)
    assert [e.occurred_at for e in events] == sorted(e.occurred_at for e in events)
    assert events[-1].occurred_at < SMALL.end


def test_a_year_without_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="2026"):
        _ = Day(date=date(2027, 11, 20)).story


def test_a_silent_source_says_nothing_more() -> None:
    quiet = Day(seed=7, scale=0.1, silent="sipaten", silent_from=12)
    noon = quiet.start + (quiet.end - quiet.start) // 2
    after = {event.source for event in quiet.events() if event.occurred_at >= noon}
    assert "sipaten" not in after
    assert {"sikesal", "frigate"} <= after


@pytest.mark.long
def test_evidence_suffers_only_when_a_source_is_silent_all_day() -> None:
    def evidence(silent_from: int) -> object:
        rows = Day(seed=7, silent="sipaten", silent_from=silent_from).truth()
        return next(r["numerator"] for r in rows if r["kpi"] == "kpi_evidence_completeness_pct")

    of_sipaten = sum("sipaten" in truth.sources for truth in daily())
    # Of none it has too few: signals alone fail often enough for KPI 31.
    assert of_sipaten > 0
    assert (evidence(12), evidence(0)) == (len(daily()), len(daily()) - of_sipaten)
