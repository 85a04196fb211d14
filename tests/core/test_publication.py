"""What is published at a tick: one revision a content, finality, restatements, statuses."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from core.cells import CellKey, Counters
from core.fold import ALIVE
from core.kpis import all_kpis, by_id
from core.moment import DAY, HOUR, MINUTE
from core.publication import Publication
from core.restatements import Restatement
from core.rows import Finality, KpiRow, Status
from tests.core.stories import row, wib

SERVICES = "sipaten_on_time_pct"
LOCAL = "sikesal_local_sla_on_time_pct"
NATIONAL = "complaint_resolution_on_time_pct"
TRIANGULATED = "tri_corroborated_incident_pct"
BACKLOG = "complaint_overdue_backlog_pct"
EVIDENCE = "kpi_evidence_completeness_pct"
CAMERAS = "cctv_availability_pct"
FRIDAY = wib("2026-11-20T00:00")
MIDNIGHT = FRIDAY + DAY

Said = list[KpiRow | Restatement]


def cell(
    kpi: str, counters: Counters, *, start: int = FRIDAY, scope: tuple[str, str] = ("city", "city")
) -> dict[CellKey, Counters]:
    return {CellKey(kpi, *scope, start): counters}


def alive(source: str, day: int = FRIDAY, minutes: Iterable[int] = (600,)) -> dict[
    CellKey, Counters
]:  # fmt: skip
    beats = {str(day // MINUTE + minute): 1 for minute in minutes}
    return {CellKey(ALIVE, "source", source, day): beats}


def closed(
    publication: Publication, tick: int, *cells: dict[CellKey, Counters], part: str = "fold/0"
) -> Said:
    for one in cells:
        publication.merge(part, one)
    return publication.close(tick, {"city.clock.tick/0": tick})


def day(
    said: Said, kpi: str = SERVICES, scope: tuple[str, str] = ("city", "city"), start: int = FRIDAY
) -> KpiRow:
    return row(said, kpi, "1d", start, scope)


def about(said: Said, kpi: str, kind: str = "1d") -> Said:
    """Rows and restatements of one KPI and kind of window."""
    return [one for one in said if (_row(one).kpi, _row(one).window) == (kpi, kind)]


def _row(said: KpiRow | Restatement) -> KpiRow:
    return said.row if isinstance(said, Restatement) else said


def test_an_empty_cell_that_nobody_knew_is_nothing() -> None:
    """A worker that begins again may tell of one (`tests/core/test_fold.py`)."""
    quiet = cell(SERVICES, {}, scope=("kelurahan", "15.71.07.1011"))
    assert closed(Publication(), MIDNIGHT, quiet) == closed(Publication(), MIDNIGHT)


class TestRevisions:
    def test_the_first_is_0_and_says_when_it_was_asked_and_from_what(self) -> None:
        found = day(closed(Publication(), MIDNIGHT, cell(SERVICES, {"n": 1, "d": 2})))
        assert (found.numerator, found.denominator, found.value) == (1, 2, "50.00")
        assert (found.revision, found.as_of) == (0, MIDNIGHT)
        assert found.inputs == {"city.clock.tick/0": MIDNIGHT}
        assert found.definition == by_id()[SERVICES].definition

    def test_the_same_content_is_published_once(self) -> None:
        publication = Publication()
        closed(publication, MIDNIGHT, cell(SERVICES, {"n": 1, "d": 2}))
        again = closed(publication, MIDNIGHT + MINUTE, cell(SERVICES, {"n": 1, "d": 2}))
        assert about(again, SERVICES) == []

    def test_a_changed_content_is_the_next_revision(self) -> None:
        publication = Publication()
        closed(publication, MIDNIGHT, cell(SERVICES, {"n": 1, "d": 2}))
        found = day(closed(publication, MIDNIGHT + MINUTE, cell(SERVICES, {"n": 2, "d": 2})))
        assert (found.revision, found.value) == (1, "100.00")

    def test_a_window_is_published_when_it_closes_and_not_before(self) -> None:
        publication = Publication()
        early = closed(publication, MIDNIGHT - 1, cell(SERVICES, {"n": 1, "d": 2}))
        assert about(early, SERVICES) == []
        assert day(closed(publication, MIDNIGHT)).denominator == 2

    def test_shares_of_several_partitions_are_summed(self) -> None:
        publication = Publication()
        publication.merge("fold/1", cell(SERVICES, {"n": 1, "d": 1}))
        found = day(closed(publication, MIDNIGHT, cell(SERVICES, {"d": 2})))
        assert (found.numerator, found.denominator) == (1, 3)

    def test_a_share_replaces_what_its_partition_said_before(self) -> None:
        publication = Publication()
        closed(publication, MIDNIGHT, cell(SERVICES, {"n": 3, "d": 3}))
        found = day(closed(publication, MIDNIGHT + MINUTE, cell(SERVICES, {})))
        assert (found.denominator, found.value, found.revision) == (0, None, 1)

    def test_rolling_windows_are_sums_of_days(self) -> None:
        publication = Publication()
        publication.merge("fold/0", cell(LOCAL, {"n": 1, "d": 2}, start=FRIDAY - 6 * DAY))
        publication.merge("fold/0", cell(LOCAL, {"n": 1, "d": 2}, start=FRIDAY - 7 * DAY))
        said = closed(publication, MIDNIGHT, cell(LOCAL, {"n": 2, "d": 2}, start=FRIDAY + 5 * HOUR))
        week = row(said, LOCAL, "7d", FRIDAY - 6 * DAY)
        assert (week.numerator, week.denominator) == (3, 4)

    def test_what_was_published_before_a_crash_is_not_published_again(self) -> None:
        first = closed(Publication(), MIDNIGHT, cell(SERVICES, {"n": 1, "d": 2}))
        restarted = Publication()
        for said in first:
            assert isinstance(said, KpiRow)
            restarted.remember(said)
        again = closed(restarted, MIDNIGHT, cell(SERVICES, {"n": 1, "d": 2}))
        assert again == []

    def test_an_older_revision_does_not_hide_a_newer_one(self) -> None:
        publication = Publication()
        first = day(closed(publication, MIDNIGHT, cell(SERVICES, {"d": 1})))
        second = day(closed(publication, MIDNIGHT + MINUTE, cell(SERVICES, {"d": 2})))
        restarted = Publication()
        restarted.remember(second)
        restarted.remember(first)
        assert restarted.published[first.identity].revision == 1

    def test_history_is_published_from_its_first_day_on(self) -> None:
        old = FRIDAY - 400 * DAY
        said = closed(Publication(), MIDNIGHT, cell(SERVICES, {"d": 1}, start=old))
        assert day(said, start=old).denominator == 1
        assert {_row(one).window_start for one in about(said, SERVICES)} == {
            old + n * DAY for n in range(401)
        }


class TestFinality:
    kpi = by_id()[SERVICES]
    final_at = by_id()[SERVICES].final_at(MIDNIGHT)

    def final(self) -> Publication:
        publication = Publication()
        closed(publication, MIDNIGHT, cell(SERVICES, {"n": 1, "d": 2}))
        closed(publication, self.final_at)
        return publication

    def test_a_row_becomes_final_at_its_instant_and_not_before(self) -> None:
        publication = Publication()
        first = day(closed(publication, MIDNIGHT, cell(SERVICES, {"n": 1, "d": 2})))
        assert first.finality is Finality.PROVISIONAL
        before = closed(publication, self.final_at - 1)
        assert FRIDAY not in {_row(one).window_start for one in about(before, SERVICES)}
        last = day(closed(publication, self.final_at))
        assert (last.finality, last.revision, last.value) == (Finality.FINAL, 1, "50.00")

    def test_after_it_a_change_is_told_as_restatement_and_not_applied(self) -> None:
        publication = self.final()
        (told,) = about(
            closed(publication, self.final_at + 1, cell(SERVICES, {"n": 2, "d": 2})), SERVICES
        )
        assert isinstance(told, Restatement)
        assert (told.row.value, told.row.window_start) == ("100.00", FRIDAY)

    def test_the_same_restatement_is_told_once(self) -> None:
        publication, change = self.final(), cell(SERVICES, {"n": 2, "d": 2})
        closed(publication, self.final_at + 1, change)
        assert about(closed(publication, self.final_at + 2, change), SERVICES) == []

    def test_another_late_change_is_another_restatement(self) -> None:
        publication = self.final()
        closed(publication, self.final_at + 1, cell(SERVICES, {"n": 2, "d": 2}))
        again = closed(publication, self.final_at + 2, cell(SERVICES, {"n": 2, "d": 3}))
        assert [type(one) for one in about(again, SERVICES)] == [Restatement]

    def test_a_change_that_is_taken_back_is_no_restatement(self) -> None:
        publication = self.final()
        same = closed(publication, self.final_at + 1, cell(SERVICES, {"n": 1, "d": 2}))
        assert about(same, SERVICES) == []

    def test_an_hour_that_was_final_long_ago_is_restated_too(self) -> None:
        publication = Publication()
        closed(publication, FRIDAY + HOUR, cell(LOCAL, {"n": 1, "d": 1}))
        final_at = by_id()[LOCAL].final_at(FRIDAY + HOUR)
        closed(publication, final_at)
        for later in range(1, 5):
            closed(publication, final_at + later * DAY)
        late = closed(publication, final_at + 5 * DAY, cell(LOCAL, {"d": 1}))
        told = [one for one in about(late, LOCAL, "1h") if _row(one).window_start == FRIDAY]
        assert [type(one) for one in told] == [Restatement]

    def test_live_gauges_that_are_final_are_forgotten(self) -> None:
        publication = Publication()
        for later in range(4):
            closed(publication, MIDNIGHT + later * DAY)
        kinds = {(i[0], i[1]) for i, said in publication.published.items() if said.end <= MIDNIGHT}
        assert (CAMERAS, "5min") not in kinds
        assert (CAMERAS, "1d") in kinds


class TestStatus:
    def test_nothing_happened_where_the_source_is_alive(self) -> None:
        found = day(closed(Publication(), MIDNIGHT, alive("sipaten")))
        assert (found.status, found.value, found.denominator) == (Status.NO_DATA, None, 0)
        assert found.completeness == "1.0000"

    def test_a_source_that_never_spoke_is_not_integrated(self) -> None:
        found = day(closed(Publication(), MIDNIGHT, alive("sikesal")))
        assert (found.status, found.value) == (Status.NOT_INTEGRATED, None)
        assert found.completeness == "0.0000"

    def test_a_late_first_sign_of_life_is_told_of_all_windows_since(self) -> None:
        publication = Publication()
        assert day(closed(publication, MIDNIGHT)).status is Status.NOT_INTEGRATED
        late = closed(publication, MIDNIGHT + HOUR, alive("sipaten", FRIDAY - 3 * DAY))
        assert day(late).status is Status.SOURCE_DOWN

    def test_what_comes_after_the_window_does_not_integrate_it(self) -> None:
        publication = Publication()
        closed(publication, MIDNIGHT)
        late = closed(publication, MIDNIGHT + HOUR, alive("sipaten", MIDNIGHT))
        assert about(late, SERVICES) == []

    def test_the_hours_before_a_source_spoke_first_are_not_those_of_a_source_that_is_down(
        self,
    ) -> None:
        publication = Publication()
        said = closed(publication, FRIDAY + 10 * HOUR)
        # It speaks at 10:30 for the first time, and is silent from then on.
        said += closed(publication, FRIDAY + 11 * HOUR, alive("sikesal", minutes=(630,)))
        said += closed(publication, FRIDAY + 12 * HOUR)
        hours = [row(said, LOCAL, "1h", FRIDAY + n * HOUR) for n in (9, 10, 11)]
        assert [one.status for one in hours] == ["not_integrated", "no_data", "source_down"]

    def test_a_source_that_spoke_yesterday_is_silent_today(self) -> None:
        found = day(closed(Publication(), MIDNIGHT, alive("sipaten", FRIDAY - DAY)))
        assert found.status is Status.SOURCE_DOWN

    @pytest.mark.parametrize(
        ("cases", "status", "value"),
        [(5, Status.OK, "20.00"), (4, Status.INSUFFICIENT, None)],
    )
    def test_below_the_city_fewer_than_five_cases_are_not_shown(
        self, cases: int, status: Status, value: str | None
    ) -> None:
        scope = ("kecamatan", "15.71.07")
        said = closed(Publication(), MIDNIGHT, cell(SERVICES, {"n": 1, "d": cases}, scope=scope))
        found = day(said, scope=scope)
        assert (found.status, found.value, found.denominator) == (status, value, cases)

    def test_for_the_city_one_case_is_enough(self) -> None:
        found = day(closed(Publication(), MIDNIGHT, cell(SERVICES, {"n": 1, "d": 1})))
        assert (found.status, found.value) == (Status.OK, "100.00")

    @pytest.mark.parametrize(("dropped", "status"), [(1, Status.OK), (2, Status.INSUFFICIENT)])
    def test_over_a_fifth_left_out_is_too_much(self, dropped: int, status: Status) -> None:
        counters = {"n": 2, "d": 4, "x:withdrawn": dropped}
        found = day(closed(Publication(), MIDNIGHT, cell(SERVICES, counters)))
        assert (found.status, found.value) == (status, "50.00")
        assert found.excluded == {"withdrawn": dropped}

    @pytest.mark.parametrize(
        ("reason", "status"),
        [("withdrawn", Status.INSUFFICIENT), ("duplicate", Status.NO_DATA)],
    )
    def test_where_all_that_happened_is_left_out_it_is_not_so_that_nothing_did(
        self, reason: str, status: Status
    ) -> None:
        said = closed(Publication(), MIDNIGHT, cell(SERVICES, {f"x:{reason}": 1}), alive("sipaten"))
        assert (day(said).status, day(said).value, day(said).denominator) == (status, None, 0)

    def test_linked_duplicates_are_counted_through_their_master(self) -> None:
        counters = {"n": 2, "d": 4, "x:duplicate": 9}
        found = day(closed(Publication(), MIDNIGHT, cell(NATIONAL, counters)), NATIONAL)
        assert (found.status, found.excluded) == (Status.OK, {"duplicate": 9})


class TestCompleteness:
    def test_is_the_share_of_sources_that_were_heard(self) -> None:
        said = closed(
            Publication(), MIDNIGHT, cell(TRIANGULATED, {"n": 1, "d": 1}), alive("frigate")
        )
        assert day(said, TRIANGULATED).completeness == "0.5000"

    def test_of_a_month_is_the_share_of_days(self) -> None:
        end = wib("2026-12-01T00:00")
        beats = [alive("sipaten", end - n * DAY) for n in (1, 2, 3, 4, 30)]
        found = row(closed(Publication(), end, *beats), SERVICES, "month", end - 30 * DAY)
        assert (found.completeness, found.status) == ("0.1667", Status.NO_DATA)

    def test_of_an_hour_looks_at_that_hour_alone(self) -> None:
        said = closed(Publication(), FRIDAY + HOUR, alive("sikesal", minutes=(60,)))
        assert row(said, LOCAL, "1h", FRIDAY).completeness == "0.0000"
        said = closed(Publication(), FRIDAY + HOUR, alive("sikesal", minutes=(59,)))
        assert row(said, LOCAL, "1h", FRIDAY).completeness == "1.0000"

    def test_a_late_sign_of_life_revises_what_was_published(self) -> None:
        publication = Publication()
        closed(publication, MIDNIGHT, cell(SERVICES, {"n": 1, "d": 2}))
        found = day(closed(publication, MIDNIGHT + MINUTE, alive("sipaten")))
        assert (found.revision, found.completeness) == (1, "1.0000")

    def test_a_sign_of_life_of_another_day_revises_nothing(self) -> None:
        publication = Publication()
        closed(publication, MIDNIGHT, cell(SERVICES, {"n": 1, "d": 2}))
        later = closed(publication, MIDNIGHT + MINUTE, alive("sipaten", MIDNIGHT))
        assert about(later, SERVICES) == []


DAILY = [
    kpi for kpi in all_kpis() if "1d" in kpi.windows and kpi.in_catalogue and kpi.id != EVIDENCE
]
ALL = len(DAILY)
SOURCES = sorted({s for kpi in DAILY for s in kpi.sources}, key=lambda s: (s != "frigate", s))
"""Every source of a KPI of a day, the recorder first."""


def reading(source: str) -> int:
    """How many KPIs of a day read a source."""
    return sum(source in kpi.sources for kpi in DAILY)


class TestEvidence:
    everyone = tuple(alive(source) for source in SOURCES)
    others = tuple(alive(source) for source in SOURCES if source != "frigate")

    def test_all_are_sound_when_every_source_was_heard(self) -> None:
        found = day(closed(Publication(), MIDNIGHT, *self.everyone), EVIDENCE)
        assert (found.numerator, found.denominator) == (ALL, ALL)

    def test_a_silent_source_costs_the_kpis_that_need_it(self) -> None:
        yesterday = alive("frigate", FRIDAY - DAY)
        found = day(closed(Publication(), MIDNIGHT, *self.others, yesterday), EVIDENCE)
        assert (found.numerator, found.denominator) == (ALL - reading("frigate"), ALL)

    def test_a_source_that_never_spoke_is_not_expected(self) -> None:
        found = day(closed(Publication(), MIDNIGHT, *self.others), EVIDENCE)
        assert found.numerator == found.denominator == ALL - reading("frigate")

    def test_an_insufficient_kpi_is_not_sound(self) -> None:
        poor = cell(SERVICES, {"d": 1, "x:withdrawn": 1})
        found = day(closed(Publication(), MIDNIGHT, *self.everyone, poor), EVIDENCE)
        assert found.numerator == ALL - 1

    def test_it_follows_when_a_sign_of_life_comes_late(self) -> None:
        publication = Publication()
        closed(publication, MIDNIGHT, *self.others)
        found = day(closed(publication, MIDNIGHT + HOUR, alive("frigate")), EVIDENCE)
        assert (found.revision, found.numerator) == (1, ALL)

    def test_a_month_is_the_sum_of_its_days(self) -> None:
        end = wib("2026-12-01T00:00")
        publication = Publication()
        for number in range(30, -1, -1):
            beats = [alive(s, end - (number + 1) * DAY) for s in SOURCES]
            said = closed(
                publication, end - number * DAY, *(beats if number < 15 or number == 30 else [])
            )
        found = row(said, EVIDENCE, "month", end - 30 * DAY)
        assert (found.numerator, found.denominator) == (15 * ALL, 30 * ALL)


class TestShortWindows:
    def test_without_data_only_what_is_news_is_published(self) -> None:
        publication = Publication()
        closed(publication, FRIDAY)
        said = closed(publication, FRIDAY + 6 * HOUR)
        starts = [_row(one).window_start for one in about(said, LOCAL, "1h")]
        assert starts == [FRIDAY + 5 * HOUR]

    def test_with_data_an_old_one_is_published_too(self) -> None:
        publication = Publication()
        closed(publication, FRIDAY)
        said = closed(publication, FRIDAY + 6 * HOUR, cell(LOCAL, {"n": 1, "d": 1}))
        assert row(said, LOCAL, "1h", FRIDAY).denominator == 1

    def test_agencies_are_published_by_the_day_only(self) -> None:
        agency = cell(LOCAL, {"n": 5, "d": 5}, scope=("opd", "dlh"))
        said = closed(Publication(), MIDNIGHT, agency)
        kinds = {
            one.window for one in said
            if isinstance(one, KpiRow) and one.scope_type == "opd" and one.kpi == LOCAL
        }  # fmt: skip
        assert kinds == {"1d", "7d", "28d"}

    def test_intersections_are_published_by_five_minutes(self) -> None:
        crossing = ("intersection", "s1")
        minute = FRIDAY // MINUTE
        counters = {f"e:{minute}": 1, f"u:{minute}": 1}
        said = closed(
            Publication(), FRIDAY + 5 * MINUTE, cell(CAMERAS, counters, scope=crossing),
            alive("frigate", minutes=(0,)),
        )  # fmt: skip
        assert row(said, CAMERAS, "5min", FRIDAY, crossing).denominator == 1


class TestBacklog:
    def test_a_snapshot_is_the_running_total_at_its_end(self) -> None:
        snapshot = FRIDAY // (5 * MINUTE)
        yesterday = cell(BACKLOG, {f"o:{snapshot - 9}": 3, f"v:{snapshot - 9}": 1},
                         start=FRIDAY - DAY)  # fmt: skip
        today = cell(BACKLOG, {f"o:{snapshot + 1}": -1, f"v:{snapshot + 2}": 1})
        said = closed(Publication(), FRIDAY + 10 * MINUTE, yesterday, today)
        found = [row(said, BACKLOG, "5min", FRIDAY + n * 5 * MINUTE) for n in (-1, 0, 1)]
        assert [(r.numerator, r.denominator) for r in found] == [(1, 3), (1, 2), (2, 2)]

    def test_a_late_step_revises_every_day_after_it(self) -> None:
        publication = Publication()
        for number in range(4):
            closed(publication, FRIDAY + number * DAY)
        step = {f"o:{(FRIDAY + HOUR) // (5 * MINUTE)}": 1}
        said = closed(publication, FRIDAY + 3 * DAY + MINUTE, cell(BACKLOG, step))
        days = {_row(one).window_start for one in about(said, BACKLOG)}
        assert days == {FRIDAY, FRIDAY + DAY, FRIDAY + 2 * DAY}

    def test_a_late_step_revises_no_snapshot_that_is_no_news(self) -> None:
        publication = Publication()
        closed(publication, FRIDAY)
        closed(publication, FRIDAY + 6 * HOUR)
        step = {f"o:{FRIDAY // (5 * MINUTE) + 1}": 1}
        said = closed(publication, FRIDAY + 6 * HOUR + MINUTE, cell(BACKLOG, step))
        ends = [_row(one).window_end for one in about(said, BACKLOG, "5min")]
        assert min(ends) == FRIDAY + 5 * HOUR + 5 * MINUTE
        assert max(ends) == FRIDAY + 6 * HOUR
