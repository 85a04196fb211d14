"""KPIs of triangulation (catalogue 6.G)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from core import reference
from core.cells import DENOMINATOR, Share, excluded, on_time
from core.classes import SHIPPED
from core.closures import CLOSURE, Closure
from core.companion import Companion, count, share
from core.complaints import LIFECYCLE
from core.kpi import Kpi, Reading, case_lateness, ratio, seconds
from core.law import Stand
from core.percentile import difference, median
from core.recall import CONFIRMED, DETECTION, Confirmed, Detection
from core.triangulation import INCIDENT, Incident
from core.verdicts import REPORT, Judged, Verdict

MULTI_REPORTER = "multi_reporter"
REVIEWED, REAL = "reviewed", "reviewed:real"


def _corroborated(incident: Incident) -> Iterator[Share]:
    """One incident of a monitored place, on the day of its first claim."""
    several = {MULTI_REPORTER: 1} if incident.multi_reporter else {}
    yield Share(incident.at, on_time(incident.corroborated) | several)


def _contradicted(closure: Closure) -> Iterator[Share]:
    """Each resolved case once, when the 7 days after its last resolution are over.

    Several contradictions are one; their kinds are counters of their own.
    """
    reason = closure.report.left_out or (None if closure.report.place else "unlocated")
    if reason is not None:
        yield Share(closure.ends, excluded(reason))
        return
    kinds = {f"by:{kind}": 1 for kind in closure.contradicted_by}
    yield Share(closure.ends, on_time(bool(kinds)) | kinds)


def _refuted(report: Judged) -> Iterator[Share]:
    """Each eligible report once, when it was; `absent` is not refuted, and a counter of its own."""
    told = {f"by:{report.verdict}": 1}
    hit = on_time(report.verdict is Verdict.REFUTED) if report.eligible else {}
    yield Share(report.claim.at, hit | told)


def _told(incident: Confirmed) -> Iterator[Share]:
    """One incident that a camera should have told of, on the day of its first claim."""
    lead = {} if incident.lead is None else difference(incident.lead)
    yield Share(incident.incident.at, on_time(bool(incident.sightings)) | lead)


def _real(detection: Detection) -> Iterator[Share]:
    """One detection that an operator looked at, when it was."""
    yield Share(detection.sighting.at, {REVIEWED: 1} | ({REAL: 1} if detection.real else {}))


def _recall(counters: Mapping[str, int], end: int) -> Reading:
    """No value below 20 incidents: of a few, recall says nothing."""
    found = ratio(counters, end)
    few = found.denominator < reference.RANKED_CASES
    return Reading(found.numerator, found.denominator, None) if few else found


def _longer(stand: Stand) -> int:
    """A verdict is final when the time of its class is over (catalogue 5.4)."""
    return stand.classes.longer()


corroborated_incidents = Kpi(
    id="tri_corroborated_incident_pct",
    title_en="Incidents confirmed by two independent source families",
    title_id="Kejadian terkonfirmasi dua atau lebih sumber independen",
    principle="Demokrasi & partisipasi",
    dimension="Smart Governance",
    relation="G2C",
    stage="Transformative",
    unit="percent",
    higher_is_better=None,
    green=None,
    amber=None,
    formula="100 x incidents claimed by two or more families / incidents in monitored places",
    legal_basis="None: method of the founding proposal (triangulation); reach is a project choice",
    basis_status="method; parameters project",
    subject=INCIDENT,
    reads=("cctv.detected", "field.observed", "ref.camera", "signal.alarm", *LIFECYCLE),
    sources=("frigate", "sikesal"),
    scopes=("city", "category"),
    base="1d",
    windows=("1d", "7d", "28d"),
    shares=_corroborated,
    lateness=case_lateness(),
    companions=(
        Companion(
            "multi_reporter_pct",
            "told by several citizens and nobody else",
            "dilaporkan beberapa warga, tanpa sumber lain",
            share(MULTI_REPORTER, DENOMINATOR),
        ),
    ),
)

false_closures = Kpi(
    id="tri_false_closure_pct",
    title_en="'Resolved' claims contradicted by evidence",
    title_id="Klaim selesai yang terbantah",
    principle="Akuntabilitas",
    dimension="Smart Governance",
    relation="G2C",
    stage="Transformative",
    unit="percent",
    higher_is_better=False,
    green=Decimal(5),
    amber=Decimal(10),
    formula="100 x closures contradicted within 7 days / located closures whose 7 days ended",
    legal_basis="None: what is said in public and what is done (founding proposal, comparison b)",
    basis_status="practice verified; parameters project",
    subject=CLOSURE,
    reads=("cctv.detected", "ref.camera", "signal.alarm", "signal.restored", *LIFECYCLE),
    sources=("frigate", "sikesal"),
    scopes=("city", "opd", "category"),
    base="1d",
    windows=("1d", "28d", "month"),
    shares=_contradicted,
    companions=(
        Companion(
            "reopened", "contradicted by the reporter", "dibantah pelapor", count("by:reopened")
        ),
        Companion(
            "reported",
            "contradicted by somebody else's report",
            "dibantah laporan lain",
            count("by:reported"),
        ),
        Companion(
            "seen",
            "contradicted by a camera or an alarm",
            "dibantah kamera atau alarm",
            count("by:seen"),
        ),
    ),
    lateness=case_lateness(),
    reopens=True,
)

refuted_reports = Kpi(
    id="tri_cctv_contradiction_pct",
    title_en="Citizen reports refuted by CCTV",
    title_id="Laporan yang dibantah CCTV",
    principle="Supremasi hukum",
    dimension="Smart Mobility",
    relation="G2C",
    stage="Transformative",
    unit="percent",
    higher_is_better=False,
    green=Decimal(5),
    amber=Decimal(15),
    formula="100 x reports that clip or measurement refutes / reports that a camera could confirm",
    legal_basis="None: founding proposal, comparison a; it decides on no report (UU 25/2009, 40)",
    basis_status="method; parameters project",
    subject=REPORT,
    reads=(
        "cctv.detected", "cctv.heartbeat", "cctv.maintenance", "field.observed",
        "operator.reviewed", "ref.camera", "signal.alarm", "signal.restored", "traffic.measured",
        *LIFECYCLE,
    ),
    sources=("frigate", "sikesal", "operator_console"),
    scopes=("city", "category", "intersection"),
    base="1d",
    windows=("1d", "28d"),
    shares=_refuted,
    companions=(
        Companion("absent", "nothing seen, not refuted", "tidak terlihat, tidak dibantah",
                  count("by:absent")),
        Companion("corroborated", "confirmed", "terkonfirmasi", count("by:corroborated")),
        Companion("unverifiable", "no camera could tell", "tidak dapat diverifikasi",
                  count("by:unverifiable")),
    ),
    lateness=case_lateness() + max(reach.time for reach in SHIPPED.reach.values()),
    waits=_longer,
)  # fmt: skip

camera_recall = Kpi(
    id="tri_cctv_recall_pct",
    title_en="CCTV recall on independently confirmed incidents",
    title_id="Daya tangkap CCTV atas kejadian terkonfirmasi",
    principle="Efisiensi & efektivitas",
    dimension="Smart Mobility",
    relation="G2C",
    stage="Transformative",
    unit="percent",
    higher_is_better=True,
    green=Decimal(80),
    amber=Decimal(60),
    formula="100 x those that a camera told of / incidents in view of a camera that others confirm",
    legal_basis="None: founding proposal, comparison a",
    basis_status="method; target project",
    subject=CONFIRMED,
    reads=(
        "cctv.detected", "cctv.heartbeat", "cctv.maintenance", "field.observed",
        "operator.reviewed", "ref.camera", "signal.alarm", *LIFECYCLE,
    ),
    sources=("frigate", "sikesal"),
    scopes=("city", "category", "intersection", "camera", "daylight"),
    base="1d",
    windows=("1d", "28d"),
    shares=_told,
    also=((DETECTION, _real),),
    measure=_recall,
    companions=(
        Companion("lead_p50_seconds", "by how much cameras were earlier than citizens, median",
                  "selisih CCTV mendahului warga, median", median(seconds)),
        Companion("precision_pct", "detections that a review of the clip confirms",
                  "deteksi yang dibenarkan peninjauan", share(REAL, REVIEWED)),
        Companion("reviewed", "detections whose clip was reviewed",
                  "deteksi yang ditinjau", count(REVIEWED)),
    ),
    lateness=case_lateness() + max(reach.time for reach in SHIPPED.reach.values()),
    waits=_longer,
)  # fmt: skip
