"""A camera-recorded traffic violation, from validation to the answer (catalogue KPI 22)."""

from __future__ import annotations

from core.lifecycle import STAYS, Lifecycle, moves

_ALL = "validated forwarded letter_sent confirmed"

VIOLATION_LIFE = Lifecycle(
    kind="violation",
    title_en="Camera-recorded traffic violation",
    title_id="Pelanggaran lalu lintas terekam kamera",
    opens="violation.validated",
    start="unchecked",
    opened="validated",
    names={
        "violation.validated": ("validated",),
        "violation.forwarded": ("forwarded",),
        "violation.letter_sent": ("letter_sent",),
        "violation.confirmed": ("confirmed",),
    },
    declared=moves(
        ("unchecked", "validated", "validated"),
        ("validated", "forwarded", "forwarded"),
        ("forwarded", "letter_sent", "letter_sent"),
        ("letter_sent", "confirmed", "confirmed"),
        (_ALL, "validated", STAYS, "KPI 22: the first validation counts"),
        ("forwarded letter_sent confirmed", "forwarded", STAYS, "KPI 22: the first one counts"),
        ("validated", "letter_sent", "letter_sent", "KPI 22: counts once it was forwarded too"),
        ("validated forwarded", "confirmed", "confirmed", "KPI 22: counts once there is a letter"),
    ),
)
