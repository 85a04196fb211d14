"""Published records beside recomputed ones, bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from audit.finding import Finding, Kind, key
from core.rows import Finality, KpiRow

Key = tuple[tuple[str, str, str, str, int], int]
Explain = Callable[[KpiRow], Sequence[str]]
"""Who contributes to the window of a row just now."""


@dataclass(slots=True)
class _Published:
    """One window in one revision: all its distinct records."""

    records: list[bytes]
    offset: int
    as_of: int
    met: bool = False


@dataclass
class Comparison:
    """First `publish` what was published, then `recompute`, then `publish_late`, then `findings`.

    Only rows with `begin` < window end <= `end` are compared, where these are given.
    """

    begin: int | None = None
    end: int | None = None
    explain: Explain = field(default=lambda _row: ())
    identical: int = 0
    newest: int | None = None
    """The newest tick that anything was published for, whatever its window."""
    ahead: int = 0
    _published: dict[Key, _Published] = field(default_factory=dict)
    _findings: list[Finding] = field(default_factory=list)
    _waiting: dict[Key, Finding] = field(default_factory=dict)
    _explained: bool = False
    finals: dict[str, list[int]] = field(default_factory=dict)
    """By KPI: final rows compared, and identical; complete after `findings`."""

    def publish(self, offset: int, record: bytes) -> None:
        """One record of `kpi.published`."""
        row = _row(record)
        if row is None:
            found = Finding(Kind.UNREADABLE, self.newest or 0, record, None, offset)
            self._findings.append(found)
            return
        self.newest = max(row.as_of, self.newest or row.as_of)
        if not self._wanted(row):
            return
        known = self._published.setdefault(key(row), _Published([], offset, row.as_of))
        if record not in known.records:
            known.records.append(record)

    def recompute(self, row: KpiRow) -> None:
        """One row of the replay; a row is recomputed once."""
        if not self._wanted(row):
            return
        record, known = row.to_record(), self._published.get(key(row))
        if known is None:
            who = self._who(row) if self.newest is not None and row.as_of <= self.newest else ()
            found = Finding(Kind.NOT_PUBLISHED, row.as_of, None, record, None, who)
            self._waiting[key(row)] = found
            return
        self._judge(known, record, row)

    def publish_late(self, offset: int, record: bytes) -> None:
        """A record that came while the replay ran: what it says of a later tick is left alone."""
        row = _row(record)
        if row is not None and (found := self._waiting.pop(key(row), None)):
            known = _Published([record], offset, row.as_of)
            self._judge(known, found.recomputed or b"", row)

    def findings(self) -> list[Finding]:
        """Every row that is not identical, by tick; sets `ahead`.  Call once, at the end."""
        found = [*self._findings]
        for waiting in self._waiting.values():
            if self.newest is None or waiting.as_of > self.newest:
                self.ahead += 1
            else:
                self._count(_row(waiting.recomputed or b""), identical=False)
                found.append(waiting)
        for known in self._published.values():
            if not known.met:
                self._count(_row(known.records[0]), identical=False)
                lost = Finding(
                    Kind.NOT_RECOMPUTED, known.as_of, known.records[0], None, known.offset
                )
                found.append(lost)
        return sorted(found, key=lambda finding: finding.as_of)

    def _judge(self, known: _Published, record: bytes, row: KpiRow) -> None:
        known.met = True
        identical = known.records == [record]
        self._count(row, identical=identical)
        if identical:
            self.identical += 1
            return
        other = next(one for one in known.records if one != record)
        who = self._who(row)
        found = Finding(Kind.DIFFERENT, row.as_of, other, record, known.offset, who)
        self._findings.append(found)

    def _count(self, row: KpiRow | None, *, identical: bool) -> None:
        if row is not None and row.finality is Finality.FINAL:
            count = self.finals.setdefault(row.kpi, [0, 0])
            count[0] += 1
            count[1] += identical

    def _who(self, row: KpiRow) -> Sequence[str]:
        # Only for the first: looking through all entities is not for every row.
        if self._explained:
            return ()
        self._explained = True
        return self.explain(row)

    def _wanted(self, row: KpiRow) -> bool:
        return (self.begin is None or row.window_end > self.begin) and (
            self.end is None or row.window_end <= self.end
        )


def _row(record: bytes) -> KpiRow | None:
    try:
        row = KpiRow.from_record(record)
        hash(key(row))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None
    return row if all(isinstance(n, int) for n in (row.revision, row.as_of)) else None
