"""KPIs of participation (catalogue 6.D)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.cells import Share, excluded, member, members
from core.complaints import COMPLAINT, LIFECYCLE, Complaint
from core.kpi import Kpi, Reading, case_lateness, per_100k
from core.law import Stand
from core.tables import PopulationTable


def _voice(case: Complaint) -> Iterator[Share]:
    """The reporter, once per window however often; a second voice on one matter is one more."""
    key = case.submitted.text("reporter_key")
    reason = _unheard(case) or (None if key else "anonymous")
    yield Share(case.submitted_at, excluded(reason) if reason else member(key))


def _unheard(case: Complaint) -> str | None:
    """Why a report is nobody's voice, whoever filed it (C9)."""
    if case.left_out == "rejected":
        return "rejected"
    if case.submitted.text("kind") == "wbs":
        return "wbs"
    # Keyed in again by an operator: the same voice.
    return "duplicate" if case.submitted.text("origin_ref") else None


def _reporters(counters: Mapping[str, int], _end: int, stand: Stand) -> Reading:
    """Different reporters, and the residents."""
    people, residents = members(counters), stand.read(PopulationTable).city
    return Reading(people, residents, per_100k(people, residents), cases=people)


reporters = Kpi(
    id="reporters_per_100k",
    title_en="Active reporters per 100 000 residents",
    title_id="Pelapor aktif per 100.000 penduduk",
    principle="Demokrasi & partisipasi",
    dimension="Smart People",
    relation="G2C",
    stage="Interactive",
    unit="per_100k",
    higher_is_better=None,
    green=None,
    amber=None,
    formula="100000 x different reporters with a valid report / residents",
    legal_basis="UU 25/2009 art. 39 (participation); no target in law",
    basis_status="baseline verified; no target in law",
    subject=COMPLAINT,
    reads=LIFECYCLE,
    sources=("sikesal",),
    scopes=("city",),
    base="1d",
    windows=("1d", "28d", "year"),
    shares=_voice,
    of_copy="same",
    measure_by=_reporters,
    lateness=case_lateness(),
    reopens=True,
    version=2,
)
