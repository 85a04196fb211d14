"""One complaint that was filed through two channels is one case (convention C3, ii).

The copy has another key than its master, so the fold of one may know nothing of the other.  The
fold counts each as if it stood alone and states, by reporter and category, where and when it was
filed and what it adds.  The join, which sees both, takes back what a copy adds and puts there what
a linked duplicate would add instead: cells are sums, so one with a negative part is the number of
one case less.  What the join counts itself (KPI 28 to 32) it counts by the same rule, among those
of one class, matter or record.  Decision 0016.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Generic, NamedTuple, Self, TypeVar

import msgspec

from core import reference
from core.cells import UNSETTLED, Share, excluded
from core.complaints import COMPLAINT, Complaint
from core.kpi import Kpi
from core.kpis import of
from core.ledger import Part, part
from core.lifecycles.complaint import ENDINGS
from core.triangulation import distance_m

FILING, VOICE = "filing", "voice"
"""Kinds of the statements."""

_BY_KPI = msgspec.json.Decoder(dict[str, tuple[Share, ...]])
_encode = msgspec.json.Encoder().encode
_UNSETTLED = f'"{UNSETTLED}"'
"""As text: looked for in all shares at once."""


class Twin(msgspec.Struct, frozen=True, gc=False):
    """A complaint with reporter, category and place that is linked to nothing: it may have a copy.

    `ended`: it was refused, withdrawn or archived, so that another one is no copy of it.
    """

    case_id: str
    group: str
    """Reporter and category, as they were said."""
    filed_at: int
    channel: str
    lat: float
    lon: float
    ended: bool

    @classmethod
    def of(cls, case: Complaint) -> Self | None:
        """Of a case; None if it cannot be a copy, nor another one its copy."""
        filed = case.submitted
        reporter, category = filed.text("reporter_key"), filed.text("category")
        lat, lon = filed.real("lat"), filed.real("lon")
        if not reporter or not category or lat is None or lon is None or case.stands_apart:
            return None
        return cls(
            case.case_id, f"{reporter}|{category}", case.submitted_at, filed.source, lat, lon,
            case.left_out in ENDINGS,
        )  # fmt: skip

    @property
    def told(self) -> tuple[str, str, int, str, float, float, bool]:
        """The same, for a statement that says more."""
        return (
            self.case_id, self.group, self.filed_at, self.channel, self.lat, self.lon, self.ended,
        )  # fmt: skip


class Voice(Twin, frozen=True, gc=False):
    """One as the partition of its matter knows it (KPI 28 to 31).

    `claims`: it is a claim of that class, too.
    """

    matter: str
    claims: bool

    @property
    def name(self) -> str:
        """Of the statement: in a reform of classes a case may be a report of two."""
        return f"{self.matter}|{self.case_id}"


class Filing(Twin, frozen=True, gc=False):
    """One as the KPIs of the fold count it.

    `adds` and `instead` are kept as text, for hardly any is ever read: by KPI the shares of the
    case, and those of the same case as a duplicate where they do not follow from these
    (`_as_copy`).
    """

    scopes: str
    adds: str
    instead: str

    @classmethod
    def adding(cls, twin: Twin, case: Complaint, added: Iterable[Part]) -> Filing:
        """The same with what its case adds."""
        asked = [
            (kpi, own) for kpi, _, own in added if isinstance(kpi, Kpi) and kpi.of_copy != "same"
        ]
        adds = _encode({kpi.id: own for kpi, own in asked if own}).decode()
        # Its end is a reason that goes before, in some KPIs; and where a calendar is missing, what
        # falls due is unknown of a duplicate too, in some.
        follows = not case.left_out and _UNSETTLED not in adds
        instead = dict[str, tuple[Share, ...]]()
        if not follows or not all(kpi.of_copy for kpi, _ in asked):
            copy = case.as_copy()
            for kpi, _ in asked:
                if not (follows and kpi.of_copy):
                    instead[kpi.id] = tuple(kpi.looks_at[COMPLAINT](copy))
        other = _encode(instead).decode() if instead else ""
        return cls(*twin.told, _encode(case.scopes).decode(), adds, other)

    def difference(self) -> Iterator[Part]:
        """What is to be added to the numbers because this one is a copy."""
        scopes: Mapping[str, str] = msgspec.json.decode(self.scopes)
        adds = _BY_KPI.decode(self.adds)
        instead = _BY_KPI.decode(self.instead) if self.instead else {}
        for kpi in judged_by():
            name, own = kpi.id, adds.get(kpi.id, ())
            made = instead[name] if name in instead else tuple(_as_copy(kpi, own))
            if own or made:
                yield part(kpi, scopes, [*map(_taken_back, own), *made])


T = TypeVar("T", bound=Twin)


class Copy(NamedTuple, Generic[T]):
    """A filing that is no case of its own, and the one that is."""

    filing: T
    master: str


def copies(group: Collection[T], *, however_ended: bool = False) -> list[Copy[T]]:
    """Of one reporter and category: those that repeat an earlier one at another channel.

    The earliest that repeats none counts; what ended without a solution is nobody's master, unless
    it counts `however_ended`.
    """
    if len(group) < 2:
        return []
    masters: list[T] = []
    found: list[Copy[T]] = []
    for filing in sorted(group, key=attrgetter("filed_at", "case_id")):
        master = next((one for one in masters if _repeats(filing, one)), None)
        if master is not None:
            found.append(Copy(filing, master.case_id))
        elif however_ended or not filing.ended:
            masters.append(filing)
    return found


def copies_of(twins: Iterable[T], *, however_ended: bool = False) -> list[Copy[T]]:
    """Of all reporters and categories."""
    groups: dict[str, list[T]] = {}
    for twin in twins:
        groups.setdefault(twin.group, []).append(twin)
    return [c for own in groups.values() for c in copies(own, however_ended=however_ended)]


def names(group: Iterable[Copy[T]]) -> set[str]:
    """Ids of the cases that are copies."""
    return {copy.filing.case_id for copy in group}


def taken_back(group: Collection[Filing]) -> list[Part]:
    """The difference that the copies of a group make."""
    return [made for copy in copies(group) for made in copy.filing.difference()]


def voices(twin: Twin, matter: str, claimed: str | None) -> Iterator[Voice]:
    """The same in the matter of its report, and of its claim if it is one (None: it is none)."""
    yield Voice(*twin.told, matter, matter == claimed)
    if claimed is not None and claimed != matter:
        yield Voice(*twin.told, claimed, claims=True)


def judged_by() -> list[Kpi]:
    """The KPIs that a copy may make a difference to."""
    return [kpi for kpi in of(COMPLAINT) if kpi.of_copy != "same"]


def _repeats(later: Twin, earlier: Twin) -> bool:
    return (
        later.channel != earlier.channel
        and later.filed_at - earlier.filed_at <= reference.SAME_CASE_WITHIN
        and distance_m((later.lat, later.lon), (earlier.lat, earlier.lon))
        <= reference.SAME_CASE_METRES
    )


def _as_copy(kpi: Kpi, own: Iterable[Share]) -> Iterator[Share]:
    """What a duplicate adds: that it was left out, where and when the case counted; or nothing."""
    if callable(kpi.of_copy):
        yield from filter(None, map(kpi.of_copy, own))
    elif kpi.of_copy == "excluded":
        for share in own:
            yield Share(share.at, excluded("duplicate"), share.scopes, share.city_only)


def _taken_back(share: Share) -> Share:
    counters = {name: -value for name, value in share.counters.items()}
    return Share(share.at, counters, share.scopes, share.city_only)
