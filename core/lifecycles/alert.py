"""An alert to the operators, from its being raised to its end (catalogue KPI 26)."""

from __future__ import annotations

from core.lifecycle import STAYS, Lifecycle, moves

ALERT_LIFE = Lifecycle(
    kind="alert",
    title_en="Alert to the operators",
    title_id="Peringatan kepada operator",
    opens="alert.raised",
    start="quiet",
    opened="raised",
    names={
        "alert.raised": ("raised",),
        "alert.acknowledged": ("acknowledged",),
        "alert.resolved": ("resolved",),
    },
    declared=moves(
        ("quiet", "raised", "raised"),
        ("raised", "acknowledged", "acknowledged"),
        ("raised acknowledged", "resolved", "over"),
        ("raised acknowledged over", "raised", STAYS, "KPI 26: it was raised first then"),
        ("acknowledged", "acknowledged", STAYS, "KPI 26: the first acknowledgement counts"),
        ("over", "acknowledged", STAYS, "KPI 26: the first acknowledgement counts, even after it"),
        ("over", "resolved", STAYS, "it was over"),
    ),
)
