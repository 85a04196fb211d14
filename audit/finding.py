"""What a replay found, and how it is told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from audit.verdicts import VerdictFinding
from core.rows import KpiRow

IDENTITY = ("kpi", "window", "scope_type", "scope_id", "window_start", "window_end", "revision")


class Kind(StrEnum):
    """In which way a row is not identical; all but `different` count as missing."""

    DIFFERENT = "different"
    NOT_PUBLISHED = "not_published"
    """Recomputed, and its tick was published, but the row is not there."""
    NOT_RECOMPUTED = "not_recomputed"
    """Published, but nothing in the log makes it."""
    UNREADABLE = "unreadable"
    """A record of `kpi.published` that is no row."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that is not identical.

    `published` and `recomputed` are records as `KpiRow.to_record` writes them; `offset` is that
    of the published one, `contributors` the cases, cameras or claims that the window counts.
    """

    kind: Kind
    as_of: int
    published: bytes | None = None
    recomputed: bytes | None = None
    offset: int | None = None
    contributors: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """For people and scripts: identity, fields that differ, and the inputs."""
        told: dict[str, Any] = {"kind": self.kind.value}
        published, recomputed = _flat(self.published), _flat(self.recomputed)
        known = recomputed or published
        told |= {name: known[name] for name in (*IDENTITY, "as_of") if name in known}
        if self.offset is not None:
            told["offset"] = self.offset
        told["fields"] = {
            name: {"published": published.get(name), "recomputed": recomputed.get(name)}
            for name in {**published, **recomputed}
            if name not in IDENTITY and published.get(name) != recomputed.get(name)
        }
        if self.published is not None and (not told["fields"] or not published):
            told["published"] = self.published.decode("utf-8", "backslashreplace")
        told["inputs"] = known.get("inputs", {})
        told["contributors"] = list(self.contributors)
        return told


@dataclass(frozen=True, slots=True)
class Report:
    """Outcome of a replay.

    `compared` = `identical` + `different` + `missing`; a window in one revision counts once,
    however often it was published.  `ahead` are rows that were recomputed for ticks after the
    newest published one: the publisher may still be behind.  `holes` are records of the log
    that are not there, `skipped` those that are no events, `ticks` those that were complete.
    `finals`: by KPI, how many final rows were compared and how many of them are identical.
    `verdicts` of `tri.verdict` are identical, and `verdict_findings` are those that are not.
    """

    identical: int
    findings: Sequence[Finding]
    ahead: int = 0
    ticks: int = 0
    skipped: int = 0
    holes: Mapping[tuple[str, int], Sequence[tuple[int, int]]] = field(default_factory=dict)
    finals: Mapping[str, Sequence[int]] = field(default_factory=dict)
    verdict_findings: Sequence[VerdictFinding] = ()
    verdicts: int = 0

    @property
    def different(self) -> int:
        """Rows with another content."""
        return sum(found.kind is Kind.DIFFERENT for found in self.findings)

    @property
    def missing(self) -> int:
        """Rows that only one side has."""
        return len(self.findings) - self.different

    @property
    def compared(self) -> int:
        """All of them."""
        return self.identical + len(self.findings)

    @property
    def good(self) -> bool:
        """Something was compared, and all of it is identical."""
        return self.identical > 0 and not self.findings and not self.verdict_findings

    def to_json(self) -> dict[str, int]:
        """The closing line."""
        return {
            "compared": self.compared,
            "identical": self.identical,
            "different": self.different,
            "missing": self.missing,
            "verdicts": self.verdicts,
        }


def _flat(record: bytes | None) -> dict[str, Any]:
    try:
        flat = json.loads(record or b"{}")
    except ValueError:
        return {}
    return flat if isinstance(flat, dict) else {}


def key(row: KpiRow) -> tuple[tuple[str, str, str, str, int], int]:
    """What is compared with what: the window in one revision."""
    return row.identity, row.revision
