"""All true rows of a story."""

from __future__ import annotations

from sim.story import Story
from sim.truth import cctv, complaints, evidence, services, triangulation
from sim.truth.windows import Row, Window, ending

__all__ = ["Row", "left_out", "rows"]


def rows(story: Story) -> list[Row]:
    """The rows of the windows that end with the story's day (and its 288 five minutes)."""
    cases = complaints.known(story.complaints, story.end)
    day = ending("1d", story.end)
    found: list[Row] = []
    for name in ("1d", "28d"):
        window = ending(name, story.end)
        verdicts = complaints.national(cases, window)
        found += complaints.counted(
            "complaint_resolution_on_time_pct", window, verdicts, ("kecamatan", "opd")
        )
        slow = complaints.slowest_of_nine_in_ten(cases, window)
        found.append(Row("complaint_resolution_hours_p90", name, "city", "city",
                         window.start, window.end, *slow))  # fmt: skip
        found += services.rows(story.services, window)
    for name in ("1d", "7d", "28d"):
        window = ending(name, story.end)
        verdicts = complaints.local(cases, window)
        found += complaints.counted(
            "sikesal_local_sla_on_time_pct", window, verdicts, ("opd", "category")
        )
    open_cases = complaints.backlog(story.complaints, story.end)
    found += complaints.counted(
        "complaint_overdue_backlog_pct", day, open_cases, ("kecamatan", "opd")
    )
    found += cctv.rows(story, day)
    happened = triangulation.incidents(story)
    found += [triangulation.row(happened, ending(name, story.end)) for name in ("1d", "7d")]
    found.append(evidence.row(left_out(story, found), story.beats, day))
    return sorted(found, key=_city_first)


def _city_first(row: Row) -> tuple[str, str, bool, str, str, int]:
    below = row.scope_type != "city"
    return (row.kpi, row.window, below, row.scope_type, row.scope_id, row.window_start)


def left_out(story: Story, found: list[Row]) -> dict[str, tuple[int, int]]:
    """Per KPI: cases left out of the city's 1d row, and its denominator."""
    day = ending("1d", story.end)
    cases = complaints.known(story.complaints, story.end)
    reasons: dict[str, list[str | None]] = {
        "complaint_resolution_on_time_pct": _reasons(complaints.national(cases, day)),
        "sikesal_local_sla_on_time_pct": _reasons(complaints.local(cases, day)),
        "complaint_overdue_backlog_pct": _reasons(complaints.backlog(story.complaints, story.end)),
        "sipaten_on_time_pct": [reason for _, _, reason in services.verdicts(story.services, day)],
        "tri_corroborated_incident_pct": _unlocated(story, day),
    }
    denominators = {
        row.kpi: row.denominator for row in found if row.window == "1d" and row.scope_type == "city"
    }
    return {
        kpi: (sum(reason is not None for reason in reasons.get(kpi, [])), denominators[kpi])
        for kpi in evidence.SOURCES
    }


def _reasons(verdicts: list[complaints.Verdict]) -> list[str | None]:
    return [verdict.left_out for verdict in verdicts]


def _unlocated(story: Story, day: Window) -> list[str | None]:
    _, lost = triangulation.claims(story)
    return ["unlocated" for at in lost if day.holds(at)]
