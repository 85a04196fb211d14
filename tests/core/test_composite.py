"""The rows of the composite score, beside the rows that they are made of."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import msgspec
import pytest

from core import composite
from core.cells import CellKey, Counters
from core.kpi import decimal_text
from core.kpis import all_kpis, by_id
from core.kpis.composite import jcoc_score
from core.memory import Published
from core.moment import DAY, HOUR
from core.publication import Publication
from core.restatements import Restatement
from core.rows import Finality, KpiRow, Status
from core.score import counts, principles
from tests.core.stories import newest, wib

SERVICES, EVIDENCE = "sipaten_on_time_pct", "kpi_evidence_completeness_pct"
FRIDAY = wib("2026-06-19T00:00")
MIDNIGHT = FRIDAY + DAY
CITY = ("city", "city")
COUNTED = [kpi for kpi in all_kpis() if counts(kpi)]
Said = list[KpiRow | Restatement]


def closed(publication: Publication, tick: int, **kpis: Counters) -> Said:
    """What a tick publishes after cells of Friday came."""
    for kpi, counters in kpis.items():
        publication.merge("fold/0", {CellKey(kpi, *CITY, FRIDAY): counters})
    return publication.close(tick, {})


def score(said: Said, scope: tuple[str, str] = CITY, end: int = MIDNIGHT) -> KpiRow:
    return newest(said)["jcoc_score", "28d", *scope, end - 28 * DAY]


def made(shares: dict[str, Fraction], scope: tuple[str, str] = CITY) -> KpiRow:
    span = (MIDNIGHT - 28 * DAY, MIDNIGHT)
    return composite.row(jcoc_score, "28d", scope, span, shares, MIDNIGHT)


def everyone(share: Fraction) -> dict[str, Fraction]:
    return {kpi.id: share for kpi in COUNTED}


def test_a_principle_is_the_mean_of_its_sound_kpis() -> None:
    # 19 of 20 in time is the target of 95 %; 19 of 40 is half of it.
    said = closed(Publication(), MIDNIGHT, sipaten_on_time_pct={"n": 19, "d": 20},
                  sikesal_local_sla_on_time_pct={"n": 9, "d": 20})  # fmt: skip
    found = score(said, ("principle", "Pelayanan prima"))
    assert (found.value, found.numerator, found.denominator) == ("0.75", 75, 2)
    assert found.status is Status.OK
    assert found.companions["share:sipaten_on_time_pct"] == "1.00"
    assert found.companions["minimum"] == "0.50"
    assert found.details["weakest"] == "sikesal_local_sla_on_time_pct"


def test_the_city_says_why_it_has_none() -> None:
    found = score(closed(Publication(), MIDNIGHT, sipaten_on_time_pct={"n": 19, "d": 20}))
    assert (found.value, found.numerator, found.denominator) == (None, 0, 2)
    assert found.status is Status.INSUFFICIENT
    assert set(found.companions) >= {f"share:{SERVICES}", f"share:{EVIDENCE}"}
    coverage = decimal_text(Fraction(2, len(COUNTED)))
    assert found.details["reason"] == f"coverage {coverage} is below 0.70"


def test_the_city_is_the_mean_of_the_principles() -> None:
    lower = {kpi.id: Fraction(1, 2) for kpi in COUNTED if kpi.principle == "Transparansi"}
    found = made(everyone(Fraction(1)) | lower)
    assert found.value == "0.93", "six principles of 1 and one of 1/2"
    assert (found.numerator, found.denominator) == (93, len(COUNTED))
    assert (found.completeness, found.companions["coverage"]) == ("1.0000", "1.00")
    assert found.details["below_target"] == sorted(lower)
    assert found.companions["below_target"] == str(len(lower))


def test_the_completeness_is_the_share_of_the_kpis_expected() -> None:
    some = dict(list(everyone(Fraction(1)).items())[:-1])
    tenthousandths = round(Fraction(10_000 * len(some), len(COUNTED)))
    assert made(some).completeness == f"0.{tenthousandths:04d}"


def test_a_share_that_is_not_rounded_decides_whether_the_target_is_reached() -> None:
    found = made(everyone(Fraction(9999, 10_000)))
    assert found.value == "1.00"
    assert len(found.details["below_target"]) == len(COUNTED)


def test_a_corrected_kpi_revises_the_score_and_an_unchanged_one_does_not() -> None:
    publication = Publication()
    closed(publication, MIDNIGHT, sipaten_on_time_pct={"n": 19, "d": 20})
    principle = ("principle", "Pelayanan prima")
    again = closed(publication, MIDNIGHT + HOUR, sipaten_on_time_pct={"n": 19, "d": 20})
    assert [one for one in again if isinstance(one, KpiRow) and one.kpi == "jcoc_score"] == []
    found = score(closed(publication, MIDNIGHT + 2 * HOUR,
                         sipaten_on_time_pct={"n": 18, "d": 20}), principle)  # fmt: skip
    assert (found.revision, found.value) == (1, "0.95")


def test_a_late_event_that_changes_no_published_row_changes_no_score() -> None:
    publication = Publication()
    closed(publication, MIDNIGHT, intersection_los_ok_pct={"n": 95, "d": 100})
    closed(publication, MIDNIGHT + HOUR)  # It is final after ten minutes.
    said = closed(publication, MIDNIGHT + 2 * HOUR, intersection_los_ok_pct={"n": 1, "d": 100})
    told = [one.row for one in said if isinstance(one, Restatement)]
    assert "intersection_los_ok_pct" in {row.kpi for row in told}
    assert not [one for one in said if isinstance(one, KpiRow) and one.kpi == "jcoc_score"]


def test_it_becomes_final_once_and_after_everything_that_it_is_made_of() -> None:
    publication = Publication()
    closed(publication, MIDNIGHT, sipaten_on_time_pct={"n": 19, "d": 20})
    final_at = jcoc_score.final_at(MIDNIGHT)
    assert score(closed(publication, final_at)).finality is Finality.FINAL
    for kpi, days in product(COUNTED, range(0, 366, 5)):
        end = MIDNIGHT + days * DAY
        assert kpi.final_at(end) <= jcoc_score.final_at(end)


def test_a_publication_that_comes_back_knows_the_shares() -> None:
    publication = Publication()
    closed(publication, MIDNIGHT, sipaten_on_time_pct={"n": 19, "d": 20})
    back = Publication(last_tick=publication.last_tick)
    for key, parts in publication.parts.items():
        for part, counters in parts.items():
            back.restore(key, part, counters)
    for identity, said in publication.published.items():
        back.recall(identity, Published(*said))
    new: dict[str, Counters] = {"sikesal_local_sla_on_time_pct": {"n": 9, "d": 20}}
    found = closed(back, MIDNIGHT + HOUR, **new)
    assert found == closed(publication, MIDNIGHT + HOUR, **new)
    assert score(found, ("principle", "Pelayanan prima")).value == "0.75"


def test_it_is_part_of_neither_the_evidence_nor_itself() -> None:
    assert not counts(jcoc_score)
    assert "1d" not in jcoc_score.windows
    assert all(kpi.id != "jcoc_score" for kpi in COUNTED)


@pytest.mark.parametrize("kind", jcoc_score.windows)
def test_each_kpi_counts_with_one_window_that_ends_with_the_score(kind: str) -> None:
    end = wib("2026-10-01T00:00")
    found = {name: (window, start) for name, window, *_, start in composite.made_of(kind, end)}
    assert found.keys() == {kpi.id for kpi in COUNTED}
    assert all(window in by_id()[name].windows for name, (window, _) in found.items())
    assert found["complaint_overdue_backlog_pct"] == ("1d", end - DAY)
    first = {"28d": end - 28 * DAY, "month": wib("2026-09-01T00:00")}
    first["quarter"] = wib("2026-07-01T00:00")
    assert found["complaint_resolution_on_time_pct"] == (kind, first[kind])


def test_there_is_a_row_for_each_principle() -> None:
    assert len(principles(all_kpis())) == 7
    said = closed(Publication(), MIDNIGHT)
    scopes = {(i[2], i[3]) for i, row in newest(said).items() if row.kpi == "jcoc_score"}
    assert scopes == set(composite.scopes())
    assert len(scopes) == 8


def test_what_it_says_survives_the_record() -> None:
    found = made(everyone(Fraction(1, 3)))
    assert KpiRow.from_record(found.to_record()) == found
    bare = msgspec.structs.replace(found, companions={}, details={})
    assert b"companions" not in bare.to_record()
