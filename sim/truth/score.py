"""True composite score (catalogue section 7), from the true rows of the other KPIs.

Each KPI with a target: its true number in the window that counts, as a share of the target, 1.25
at most.  It is sound when there is a number and no more than 20 % of its cases are left out.  The
city is the mean of the principles' means; it has none when fewer than 70 % of the KPIs are sound or
a principle has no sound one, and says which of these it was, the first of them.  A row tells
hundredths, half up, and how many KPIs are behind them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sim.story import Story
from sim.truth import evidence, satisfaction
from sim.truth.decimals import decimals
from sim.truth.kpi import percent, truths
from sim.truth.shown import Shown, of_row
from sim.truth.windows import CITY, RECORDS, Row, Scope, Window

KPI = "jcoc_score"
HIGHER, LOWER = True, False

EXPECTED: Mapping[str, tuple[str, Fraction, bool]] = {
    name: (principle, Fraction(target), better)
    for name, principle, target, better in (
        ("complaint_verification_on_time_pct", "Profesionalitas", "95", HIGHER),
        ("complaint_misrouting_pct", "Profesionalitas", "10", LOWER),
        ("sipaten_active_kelurahan_pct", "Profesionalitas", "95", HIGHER),
        ("alert_ack_seconds_p90", "Profesionalitas", "120", LOWER),
        ("complaint_first_response_on_time_pct", "Pelayanan prima", "95", HIGHER),
        ("sikesal_local_sla_on_time_pct", "Pelayanan prima", "90", HIGHER),
        ("sipaten_on_time_pct", "Pelayanan prima", "95", HIGHER),
        ("business_permit_on_time_pct", "Pelayanan prima", "95", HIGHER),
        ("ikm_index", "Pelayanan prima", "76.61", HIGHER),
        ("complaint_resolution_on_time_pct", "Akuntabilitas", "95", HIGHER),
        ("kpi_evidence_completeness_pct", "Akuntabilitas", "90", HIGHER),
        ("replay_reproducibility_pct", "Akuntabilitas", "100", HIGHER),
        ("tri_false_closure_pct", "Akuntabilitas", "5", LOWER),
        ("env_utility_24h_resolution_pct", "Efisiensi & efektivitas", "80", HIGHER),
        ("complaint_overdue_backlog_pct", "Efisiensi & efektivitas", "5", LOWER),
        ("complaint_reopen_pct", "Efisiensi & efektivitas", "5", LOWER),
        ("service_end_to_end_digital_pct", "Efisiensi & efektivitas", "80", HIGHER),
        ("cctv_availability_pct", "Efisiensi & efektivitas", "95", HIGHER),
        ("intersection_los_ok_pct", "Efisiensi & efektivitas", "80", HIGHER),
        ("signal_fault_repair_on_time_pct", "Efisiensi & efektivitas", "90", HIGHER),
        ("info_request_on_time_pct", "Transparansi", "95", HIGHER),
        ("complaint_public_trace_pct", "Transparansi", "95", HIGHER),
        ("sikoja_non_asn_user_share_pct", "Demokrasi & partisipasi", "80", HIGHER),
        ("service_equity_gap_pp", "Supremasi hukum", "10", LOWER),
        ("etle_followup_pct", "Supremasi hukum", "95", HIGHER),
        ("privacy_breach_notice_on_time_pct", "Supremasi hukum", "100", HIGHER),
        ("tri_cctv_contradiction_pct", "Supremasi hukum", "5", LOWER),
        ("tri_cctv_recall_pct", "Efisiensi & efektivitas", "80", HIGHER),
        ("tri_record_mismatch_pct", "Transparansi", "10", LOWER),
    )
}
"""By KPI: principle, target and whether more is better (catalogue section 6).

One that the story has no truth of yet is not expected.
"""
COUNTING: Mapping[str, tuple[str, ...]] = {
    "28d": ("28d", "90d", "7d", "1d"),
    "month": ("month", "28d", "90d", "7d", "1d"),
    "quarter": ("quarter", "90d", "month", "28d", "7d", "1d"),
}
"""By window of the score: the window of a KPI that counts, the first of these that it has (the
row "score" of docs/decisions/0007-rules-we-chose.md)."""


HORIZON = RECORDS
"""It waits for the KPI that waits longest."""


@dataclass(frozen=True, slots=True)
class Score:
    """A score of the city or of a principle; `value` is None where it must not be given.

    `reason` says why it must not.
    """

    row: Row
    value: Fraction | None
    expected: int
    """How many KPIs it should be made of."""
    shares: Mapping[str, Fraction]
    """By KPI, of those that it is made of."""
    reason: str | None

    def shown(self, *, final: bool) -> Shown:
        """What its row says beside the integers; it is as complete as its KPIs are sound."""
        value = None if self.value is None else decimals(self.value, 2)
        covered = Fraction(self.row.denominator, self.expected)
        least = min(self.shares.values(), default=None)
        weakest = sorted(kpi for kpi, own in self.shares.items() if own == least)
        beside = {
            "coverage": decimals(covered, 2),
            "below_target": str(sum(own < 1 for own in self.shares.values())),
            "minimum": None if least is None else decimals(least, 2),
            "weakest": weakest[0] if weakest else None,
            "reason": self.reason,
            **{f"share:{kpi}": decimals(own, 2) for kpi, own in self.shares.items()},
        }
        status = "insufficient" if value is None else "ok"
        return Shown(value, status, decimals(covered, 4), {}, final, beside)


def scores(window: Window, found: Iterable[Row], known: Callable[[Row], Story]) -> Iterator[Score]:
    """Those of the city and of each principle in a window.

    `found` are the other true rows, `known` tells the story as one of them knew it.
    """
    city = {(row.kpi, row.window): row for row in found
            if (row.scope_type, row.scope_id) == CITY and row.window_end == window.end}  # fmt: skip
    shares: dict[str, dict[str, Fraction]] = {}
    wanted = Counter[str]()
    for kpi, (principle, _, _) in EXPECTED.items():
        own_rows = (city.get((kpi, name)) for name in COUNTING[window.name])
        row = next((one for one in own_rows if one is not None), None)
        if row is None:
            continue
        wanted[principle] += 1
        own = shares.setdefault(principle, {})
        number = _number(known(row), row)
        if number is not None:
            own[kpi] = share(kpi, number)
    for principle, own in sorted(shares.items()):
        scope = ("principle", principle)
        mean, reason = _mean(own.values()), None if own else "no KPI is ok"
        yield _score(scope, window, mean, own, wanted[principle], reason)
    counted = {kpi: one for own in shares.values() for kpi, one in own.items()}
    expected = wanted.total()
    reason = suppressed({name: len(own) for name, own in shares.items()}, expected)
    means = [_mean(own.values()) or Fraction(0) for own in shares.values()]
    yield _score(CITY, window, None if reason else _mean(means), counted, expected, reason)


def suppressed(sound: Mapping[str, int], expected: int) -> str | None:
    """Why the city gets no score; `sound` says how many KPIs of each principle are."""
    covered = sum(sound.values())
    if covered * 10 < expected * 7:
        return f"coverage {decimals(Fraction(covered, expected), 2)} is below 0.70"
    without = sorted(name for name, count in sound.items() if count == 0)
    return f"no KPI is ok for: {', '.join(without)}" if without else None


def share(kpi: str, number: Fraction) -> Fraction:
    """How far a number reaches the KPI's target: 0 to 1.25."""
    _, target, better = EXPECTED[kpi]
    if better:
        return min(number / target, Fraction(5, 4))
    return min(target / number, Fraction(5, 4)) if number else Fraction(5, 4)


def _number(story: Story, row: Row) -> Fraction | None:
    """The number of a true row; None where it is not sound."""
    if row.kpi == evidence.KPI:
        return percent(story, row)
    truth = next(truth for truth in truths() if truth.kpi == row.kpi)
    what = of_row(truth, story, row, truth.left_out(story, row.span))
    if not what.sound or what.number is None:
        return None
    # An index is compared as it is shown, a percentage exactly.
    return Fraction(decimals(what.number, 2)) if row.kpi == satisfaction.KPI else what.number


def _score(
    scope: Scope, window: Window, value: Fraction | None, shares: Mapping[str, Fraction],
    expected: int, reason: str | None,
) -> Score:  # fmt: skip
    hundredths = 0 if value is None else math.floor(100 * value + Fraction(1, 2))
    row = Row(KPI, window.name, *scope, window.start, window.end, hundredths, len(shares))
    return Score(row, value, expected, shares, reason)


def _mean(numbers: Collection[Fraction]) -> Fraction | None:
    return sum(numbers, Fraction(0)) / len(numbers) if numbers else None
