"""KPI of camera-recorded traffic violations: the three stages of catalogue 22.

The police own letters and answers.  As long as their feed is not there, the later stages are
`not_integrated`: nobody knows, which is not nought.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from core.cells import Share, on_time
from core.kpi import Kpi, Shares
from core.moment import HOUR
from core.violations import FOLLOWED, Recorded


def _followed(violation: Recorded) -> Iterator[Share]:
    """Cohort of the day of validation, as the catalogue says; forwarding may still come."""
    yield Share(violation.validated_at, on_time(violation.forwarded_in_time))


def _stage(before: str, step: str) -> Shares:
    """Of those that came so far, whether they came further; cohort of the day of validation."""

    def shares(violation: Recorded) -> Iterator[Share]:
        if violation.reached(before):
            yield Share(violation.validated_at, on_time(violation.reached(step)))

    return shares


etle_followup = Kpi(
    id="etle_followup_pct",
    title_en="Validated camera violations followed up",
    title_id="Tindak lanjut pelanggaran lalu lintas terekam kamera",
    principle="Supremasi hukum",
    dimension="Smart Mobility",
    relation="G2G",
    stage="Transformative",
    unit="percent",
    higher_is_better=True,
    green=Decimal(95),
    amber=None,
    formula="100 x violations forwarded within 24 h of validation / violations validated;"
    " of one plate, class and camera within 60 s one",
    legal_basis="Practice of JCOC and Satlantas (E-TLE); UU 22/2009 and PP 80/2012 from memory",
    basis_status="baseline verified; law unverified",
    subject=FOLLOWED,
    reads=("violation.forwarded", "violation.validated"),
    sources=("operator_console",),
    scopes=("city", "intersection", "category"),
    base="1d",
    windows=("1d", "7d", "28d"),
    shares=_followed,
    lateness=24 * HOUR,
    reopens=True,
)

etle_letter = replace(
    etle_followup,
    id="etle_letter_pct",
    title_en="Forwarded camera violations with a letter",
    title_id="Pelanggaran terekam kamera yang disurati",
    higher_is_better=None,
    green=None,
    formula="100 x violations with a letter / violations forwarded, by day of validation",
    reads=("violation.forwarded", "violation.letter_sent", "violation.validated"),
    sources=("satlantas",),
    told_elsewhere=True,
    in_catalogue=False,
    shares=_stage("forwarded", "letter_sent"),
)

etle_confirmed = replace(
    etle_letter,
    id="etle_confirmed_pct",
    title_en="Letters of camera violations that were answered",
    title_id="Surat tilang elektronik yang dikonfirmasi",
    formula="100 x violations confirmed / violations with a letter, by day of validation",
    reads=("violation.confirmed", "violation.letter_sent", "violation.validated"),
    shares=_stage("letter_sent", "confirmed"),
)
