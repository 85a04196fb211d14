"""`tri.verdict` beside the verdicts that a replay moves, byte for byte (catalogue 5.4)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from core import moment
from core.verdict_news import News

MEMBERS = ("case", "incident", "tick")


class Moved(NamedTuple):
    """What one record is about: a verdict moves at most once a tick."""

    case: str
    incident: str
    tick: int


@dataclass(frozen=True, slots=True)
class VerdictFinding:
    """A verdict that one side has not, or has otherwise."""

    moved: Moved | None
    """None: a record that is no verdict."""
    published: Sequence[bytes]
    recomputed: bytes | None
    offset: int | None

    @property
    def kind(self) -> str:
        """In which way it is not identical, named as findings of rows are."""
        if self.moved is None:
            return "verdict_unreadable"
        if not self.published:
            return "verdict_not_published"
        return "verdict_not_recomputed" if self.recomputed is None else "verdict_different"

    def to_json(self) -> dict[str, Any]:
        """For people and scripts: what it is about, and both sides as they are."""
        told: dict[str, Any] = {"kind": self.kind}
        if self.moved is not None:
            told |= self.moved._asdict() | {"tick": moment.rfc3339(self.moved.tick)}
        if self.offset is not None:
            told["offset"] = self.offset
        told["published"] = [one.decode("utf-8", "backslashreplace") for one in self.published]
        told["recomputed"] = None if self.recomputed is None else self.recomputed.decode()
        return told


@dataclass(slots=True)
class _Published:
    """One verdict: all its distinct records; after a crash the same may be there twice."""

    records: list[bytes]
    offset: int


@dataclass
class VerdictComparison:
    """`recompute` and `publish` in any order, then `findings`, then `identical`.

    Only verdicts that moved at `begin` < tick <= `end` are compared, where these are given.
    """

    begin: int | None = None
    end: int | None = None
    identical: int = 0
    _recomputed: dict[Moved, bytes] = field(default_factory=dict)
    _published: dict[Moved, _Published] = field(default_factory=dict)
    _unreadable: list[VerdictFinding] = field(default_factory=list)

    def recompute(self, tick: int, news: Iterable[News]) -> None:
        """What a tick moved in the replay."""
        for one in news:
            if self._wanted(tick):
                key = Moved(one.case, one.report.claim.incident, tick)
                self._recomputed[key] = json.dumps(one.told(tick)).encode()

    def publish(self, offset: int, record: bytes) -> None:
        """One record of `tri.verdict`."""
        moved = _moved(record)
        if moved is None:
            self._unreadable.append(VerdictFinding(None, [record], None, offset))
        elif self._wanted(moved.tick):
            known = self._published.setdefault(moved, _Published([], offset))
            if record not in known.records:
                known.records.append(record)

    def findings(self, *, replayed: int, published: int) -> list[VerdictFinding]:
        """Every verdict that is not identical, by tick.

        Up to these ticks the log was replayed and rows were published: what one side has of later
        ones, the other may still be going to tell.  Call once, at the end.
        """
        return [*self._unreadable, *self._differing(min(replayed, published))]

    def _differing(self, until: int) -> Iterator[VerdictFinding]:
        every = sorted(self._recomputed.keys() | self._published.keys(), key=lambda m: (m.tick, m))
        for moved in every:
            known, made = self._published.get(moved), self._recomputed.get(moved)
            if known is not None and known.records == [made]:
                self.identical += 1
            elif moved.tick <= until:
                records, offset = (known.records, known.offset) if known else ([], None)
                yield VerdictFinding(moved, records, made, offset)

    def _wanted(self, tick: int) -> bool:
        return (self.begin is None or tick > self.begin) and (self.end is None or tick <= self.end)


def _moved(record: bytes) -> Moved | None:
    try:
        flat = json.loads(record)
        case, incident, tick = (str(flat[name]) for name in MEMBERS)
        return Moved(case, incident, moment.parse(tick))
    except (ValueError, KeyError, TypeError):
        return None
