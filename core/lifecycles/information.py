"""A request for public information (catalogue KPI 15; UU 14/2008 article 22)."""

from __future__ import annotations

from collections.abc import Sequence

from core.events import Event
from core.law import Law, Stand
from core.lifecycle import STAYS, Lifecycle, Step, by_type, moves


def usual(stand: Stand) -> int:
    """Working days to answer (UU 14/2008 article 22(7), figure verified: 10)."""
    return stand.sla.answer_days


def extended(stand: Stand) -> int:
    """The same with an extension (Bapanas Reg. 25/2023 article 18(4), a derived rule: 17)."""
    return stand.sla.extended_answer_days


def is_lawful(answer: Event) -> bool:
    """A denial must say why (UU 14/2008 article 12: the reasons are published)."""
    return answer.text("outcome") != "denied" or bool(answer.text("reason_code"))


def _named(event: Event, before: Sequence[Step], law: Law) -> str:
    """An extension by whether it is valid when it is sent, an answer by whether it is lawful."""
    if event.type == "info.extended":
        received = next((s.event.occurred_at for s in before if s.name == "received"), None)
        sent = event.occurred_at
        late = received is not None and sent > law.due(received, usual, sent).at
        return "extended_in_vain" if late or not event.text("reason") else "extended"
    if event.type == "info.answered" and not is_lawful(event):
        return "denied_without_reason"
    return by_type(event, before, law)


INFORMATION_LIFE = Lifecycle(
    kind="information",
    title_en="Request for public information",
    title_id="Permohonan informasi publik",
    opens="info.received",
    start="unasked",
    opened="received",
    names={
        "info.received": ("received",),
        "info.extended": ("extended", "extended_in_vain"),
        "info.answered": ("answered", "denied_without_reason"),
        "info.objection": ("objection",),
    },
    naming=_named,
    declared=moves(
        ("unasked", "received", "received"),
        ("received", "extended", "extended"),
        ("received extended denied objected", "answered", "answered"),
        ("received extended objected", "denied_without_reason", "denied"),
        ("received extended denied answered", "objection", "objected"),
        ("received extended", "extended_in_vain", STAYS, "KPI 15: void, the time is as before"),
        ("extended", "extended", STAYS, "KPI 15: extended once"),
        ("answered", "answered denied_without_reason", STAYS, "the first lawful answer counts"),
        ("denied", "denied_without_reason", STAYS, "KPI 15: still no answer"),
        ("objected", "objection", STAYS, "an objection changes no number"),
    ),
)
