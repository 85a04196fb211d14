"""What every KPI declares, and how merged counters are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import contract, reference
from core.cells import Counters
from core.kpi import SCORE, Alive, Kpi, Reading, Tallied, excluded_counts, hours, percent, ratio
from core.kpis import all_kpis, by_id
from core.moment import DAY, HOUR, MINUTE
from core.score import counts
from tests.core.random_days import TYPES, types_read
from tests.core.stories import wib

_CATALOGUE = """
complaint_verification_on_time_pct complaint_first_response_on_time_pct
complaint_resolution_on_time_pct sikesal_local_sla_on_time_pct env_utility_24h_resolution_pct
complaint_resolution_hours_p90 complaint_overdue_backlog_pct complaint_reopen_pct
complaint_misrouting_pct sipaten_on_time_pct service_end_to_end_digital_pct
sipaten_active_kelurahan_pct business_permit_on_time_pct ikm_index info_request_on_time_pct
complaint_public_trace_pct kpi_evidence_completeness_pct replay_reproducibility_pct
reporters_per_100k sikoja_non_asn_user_share_pct service_equity_gap_pp etle_followup_pct
privacy_breach_notice_on_time_pct cctv_availability_pct intersection_los_ok_pct
alert_ack_seconds_p90 signal_fault_repair_on_time_pct tri_corroborated_incident_pct
tri_cctv_contradiction_pct tri_false_closure_pct tri_cctv_recall_pct tri_record_mismatch_pct
"""
CATALOGUE = frozenset(_CATALOGUE.split())
"""The 32 of section 6.0."""
every_kpi = pytest.mark.parametrize("kpi", all_kpis(), ids=lambda kpi: kpi.id)


def always(_source: str, _minute: int) -> bool:
    return True


def p90(counters: Mapping[str, int]) -> Reading:
    return by_id()["complaint_resolution_hours_p90"].measure(counters, 0)


class TestPercent:
    @pytest.mark.parametrize(
        ("numerator", "denominator", "text"),
        [
            (2, 5, "40.00"),
            (0, 3, "0.00"),
            (3, 3, "100.00"),
            (1, 3, "33.33"),
            (2, 3, "66.67"),
            (1, 800, "0.13"),  # 0.125 exactly: half up, not to even
            (3, 800, "0.38"),
        ],
    )
    def test_is_rounded_half_up_to_two_decimals(
        self, numerator: int, denominator: int, text: str
    ) -> None:
        assert percent(numerator, denominator) == text

    def test_is_nothing_without_a_denominator(self) -> None:
        assert percent(0, 0) is None
        assert ratio({}, 0) == Reading(0, 0, None)

    @given(st.integers(0, 10**6), st.integers(1, 10**6))
    def test_differs_from_the_fraction_by_half_a_hundredth_at_most(self, n: int, d: int) -> None:
        error = Fraction(percent(n, d) or "") - Fraction(100 * n, d)
        assert Fraction(-5, 1000) < error <= Fraction(5, 1000)


def test_hours_are_seconds_over_3600_half_up() -> None:
    assert [hours(seconds) for seconds in (0, 18, 3600, 5400, 35999)] == [
        "0.00", "0.01", "1.00", "1.50", "10.00",
    ]  # fmt: skip


class TestP90:
    def test_without_cases_is_nothing(self) -> None:
        assert p90({"x:duplicate": 3}) == Reading(0, 0, None)

    @pytest.mark.parametrize(("cases", "rank"), [(1, 1), (9, 9), (10, 9), (11, 10), (20, 18)])
    def test_is_the_nearest_rank(self, cases: int, rank: int) -> None:
        assert p90({f"s#{n}": 1 for n in range(1, cases + 1)}).numerator == rank

    @given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
    def test_is_numpys_inverted_cdf(self, seconds: list[int]) -> None:
        counters: dict[str, int] = {}
        for one in seconds:
            counters[f"s#{one}"] = counters.get(f"s#{one}", 0) + 1
        found = p90(counters)
        assert found.numerator == np.quantile(seconds, 0.9, method="inverted_cdf")
        assert (found.denominator, found.value) == (len(seconds), hours(found.numerator))


class TestAvailability:
    @staticmethod
    def read(counters: Counters, alive: Alive) -> tuple[int, int, str | None]:
        kpi = by_id()["cctv_availability_pct"]
        assert kpi.observed
        found = kpi.measure(kpi.observed(counters, alive), 0)
        return found.numerator, found.denominator, found.value

    def test_is_minutes_up_of_minutes_expected(self) -> None:
        assert self.read({"e:1": 4, "u:1": 3, "e:2": 4, "u:2": 4}, always) == (7, 8, "87.50")

    def test_minutes_of_a_silent_collector_count_on_neither_side(self) -> None:
        def alive(source: str, minute: int) -> bool:
            return (source, minute) == ("frigate", 2)

        assert self.read({"e:1": 4, "u:1": 3, "e:2": 4, "u:2": 1}, alive) == (1, 4, "25.00")


def test_excluded_cases_are_summed_by_reason() -> None:
    counters = {"n": 1, "d": 2, "x:paused": 3, "x:unregistered:7": 1, "x:unregistered:8": 1}
    assert excluded_counts(counters) == {"paused": 3, "unregistered": 2}


class TestDeclarations:
    @every_kpi
    def test_speaks_both_languages(self, kpi: Kpi) -> None:
        assert kpi.title_en
        assert kpi.title_id
        assert kpi.title_en != kpi.title_id

    @every_kpi
    def test_reads_types_that_exist(self, kpi: Kpi) -> None:
        assert kpi.reads or kpi.subject is SCORE
        assert set(kpi.reads) <= set(contract.types())

    @every_kpi
    def test_names_where_its_number_comes_from(self, kpi: Kpi) -> None:
        assert kpi.formula
        assert kpi.legal_basis

    @every_kpi
    def test_its_limits_lie_on_the_right_side(self, kpi: Kpi) -> None:
        if kpi.green is not None and kpi.amber is not None:
            assert (kpi.green > kpi.amber) is kpi.higher_is_better

    @every_kpi
    def test_is_published_for_the_city(self, kpi: Kpi) -> None:
        assert "city" in kpi.scopes
        assert set(kpi.short_scopes) <= set(kpi.scopes)

    def test_are_all_of_the_catalogue(self) -> None:
        assert {kpi.id for kpi in all_kpis() if kpi.in_catalogue} == CATALOGUE

    def test_beside_the_catalogue_have_no_target_that_a_score_could_reach(self) -> None:
        beside = [kpi for kpi in all_kpis() if not kpi.in_catalogue]
        assert not [kpi.id for kpi in beside if kpi.id in CATALOGUE or counts(kpi)]
        assert len(CATALOGUE) == 32

    @every_kpi
    def test_counts_by_one_tally_if_by_any(self, kpi: Kpi) -> None:
        # The fold has one for each KPI, whatever its subjects.
        assert len({shares for shares in kpi.looks_at.values() if isinstance(shares, Tallied)}) < 2

    def test_every_type_read_is_in_the_random_days(self) -> None:
        assert types_read() == TYPES


class TestDefinition:
    kpi = by_id()["sipaten_on_time_pct"]

    def test_is_the_same_each_time(self) -> None:
        assert replace(self.kpi).definition == self.kpi.definition

    @pytest.mark.parametrize(
        "change",
        [
            {"green": Decimal(96)}, {"amber": Decimal(79)}, {"formula": "other"},
            {"reads": ("service.requested",)}, {"sources": ()}, {"scopes": ("city",)},
            {"base": "1h"}, {"windows": ("1d",)}, {"lateness": 0}, {"reopens": False},
            {"cumulative": True}, {"short_scopes": ()}, {"version": 2}, {"unit": "hours"},
            {"higher_is_better": False}, {"id": "other"},
        ],
        ids=lambda change: next(iter(change)),
    )  # fmt: skip
    def test_changes_with_what_is_declared(self, change: Mapping[str, object]) -> None:
        assert {f.name for f in fields(Kpi)} >= change.keys()
        changed: Kpi = replace(self.kpi, **change)  # type: ignore[arg-type]  # one field each
        assert changed.definition != self.kpi.definition

    def test_changes_with_the_tables_it_reads(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before = replace(self.kpi).definition
        monkeypatch.setattr(reference, "VERSION", "another")
        assert replace(self.kpi).definition != before

    def test_differs_between_kpis(self) -> None:
        assert len({kpi.definition for kpi in all_kpis()}) == len(all_kpis())


class TestFinality:
    end = wib("2026-11-21T00:00")

    def test_a_sensor_is_final_after_its_lateness(self) -> None:
        assert by_id()["cctv_availability_pct"].final_at(self.end) == self.end + 10 * MINUTE

    def test_an_incident_after_72_hours(self) -> None:
        assert by_id()["tri_corroborated_incident_pct"].final_at(self.end) == self.end + 3 * DAY

    def test_a_case_after_lateness_and_the_ten_working_days_of_objection(self) -> None:
        # 21 Nov is a Saturday: 72 h later it is Tuesday the 24th.
        final = by_id()["complaint_resolution_on_time_pct"].final_at(self.end)
        assert final == wib("2026-12-08T23:59:59.999")

    def test_a_service_after_24_hours_and_those_days(self) -> None:
        final = by_id()["sipaten_on_time_pct"].final_at(self.end - DAY + HOUR)
        assert final == wib("2026-12-04T23:59:59.999")
