"""Whether a complaint is linked to a master case (convention C3)."""

from __future__ import annotations

from core.lifecycle import STAYS, Lifecycle, moves

LINKED = "linked"

LINK_LIFE = Lifecycle(
    kind="complaint_link",
    title_en="Link of a complaint to its master case",
    title_id="Tautan pengaduan ke kasus induk",
    opens="complaint.submitted",
    start="apart",
    opened="apart",
    names={
        "complaint.duplicate_linked": ("duplicate_linked",),
        "complaint.duplicate_unlinked": ("duplicate_unlinked",),
    },
    declared=moves(
        ("apart", "duplicate_linked", LINKED),
        (LINKED, "duplicate_unlinked", "apart"),
        (LINKED, "duplicate_linked", STAYS, "C3: linked to the master named last"),
    ),
)
