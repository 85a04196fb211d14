"""A failure to protect personal data and the notices of it (catalogue KPI 23)."""

from __future__ import annotations

from collections.abc import Sequence

from core.events import Event
from core.law import Law
from core.lifecycle import STAYS, Lifecycle, Step, by_type, moves

TOLD = "both_told"
RECIPIENTS = ("subject", "authority")
"""Who must have a written notice: both."""


def _named(event: Event, before: Sequence[Step], law: Law) -> str:
    """A notice by whom it tells."""
    if event.type == "privacy.notice_sent":
        recipient = event.text("recipient")
        return f"notice_to_{recipient if recipient in RECIPIENTS else 'others'}"
    return by_type(event, before, law)


BREACH_LIFE = Lifecycle(
    kind="breach",
    title_en="Personal-data breach",
    title_id="Kegagalan pelindungan data pribadi",
    opens="privacy.breach_detected",
    start="unnoticed",
    opened="detected",
    names={
        "privacy.breach_detected": ("breach_detected",),
        "privacy.notice_sent": ("notice_to_subject", "notice_to_authority", "notice_to_others"),
    },
    naming=_named,
    declared=moves(
        ("unnoticed", "breach_detected", "detected"),
        ("detected", "notice_to_subject", "subject_told"),
        ("detected", "notice_to_authority", "authority_told"),
        ("subject_told", "notice_to_authority", TOLD),
        ("authority_told", "notice_to_subject", TOLD),
        (f"subject_told {TOLD}", "notice_to_subject", STAYS),
        (f"authority_told {TOLD}", "notice_to_authority", STAYS),
        (
            f"detected subject_told authority_told {TOLD}",
            "breach_detected",
            STAYS,
            "KPI 23: the first detection counts",
        ),
        (
            f"detected subject_told authority_told {TOLD}",
            "notice_to_others",
            STAYS,
            "KPI 23: no recipient that the law names",
        ),
    ),
)
