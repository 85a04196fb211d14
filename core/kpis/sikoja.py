"""Who uses Sikoja (catalogue 6.D, KPI 20)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from core.cells import MEMBER, Share, member
from core.kpi import Kpi, Reading, percent
from core.moment import HOUR
from core.sessions import CIVIL_SERVANT, SESSION, Session

_ASN, _OTHER, _UNKNOWN = "asn|", "other|", "unknown|"


def _used(session: Session) -> Iterator[Share]:
    """The user, under what the sign-on said of the role."""
    event = session.event
    if event.text("app") != "sikoja" or not session.is_use:
        return
    role = event.text("role").casefold()
    kind = _UNKNOWN if not role else _ASN if role == CIVIL_SERVANT else _OTHER
    yield Share(event.occurred_at, member(kind + event.text("user_key")))


def _citizens(counters: Mapping[str, int], _end: int) -> Reading:
    """Different users who are never civil servants, of those whose role is known at all."""
    servants, others, unknown = (_users(counters, kind) for kind in (_ASN, _OTHER, _UNKNOWN))
    known = servants | others
    citizens = len(known - servants)
    strangers = len(unknown - known)
    left_out = {"unknown_role": strangers} if strangers else {}
    return Reading(citizens, len(known), percent(citizens, len(known)), left_out=left_out)


def _users(counters: Mapping[str, int], kind: str) -> set[str]:
    prefix = MEMBER + kind
    return {name.removeprefix(prefix) for name in counters if name.startswith(prefix)}


non_asn_users = Kpi(
    id="sikoja_non_asn_user_share_pct",
    title_en="Sikoja users who are not civil servants",
    title_id="Porsi pengguna Sikoja non-ASN",
    principle="Demokrasi & partisipasi",
    dimension="Smart People",
    relation="G2C",
    stage="Interactive",
    unit="percent",
    higher_is_better=True,
    green=Decimal(80),
    amber=Decimal(50),
    formula="100 x different users who are no civil servants / different users of known role",
    legal_basis="BPSDMP Kominfo Jakarta study quoted by Diskominfo; no legal figure",
    basis_status="baseline verified (qualitative)",
    subject=SESSION,
    reads=("app.session",),
    sources=("sikoja",),
    scopes=("city",),
    base="1d",
    windows=("1d", "28d", "month"),
    shares=_used,
    measure=_citizens,
    lateness=24 * HOUR,
)
