"""`tri.verdict`: what became of the verdicts at one tick, for auditors (catalogue 5.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from core.classes import SHIPPED
from core.moment import rfc3339
from core.verdicts import Judged


class News(NamedTuple):
    """The verdict on one report is another one than before; None: there was none, or is none."""

    case: str
    before: str | None
    verdict: str | None
    report: Judged
    """As it is, or was."""

    def told(self, tick: int) -> dict[str, Any]:
        """The record of the topic: stable names, times in RFC 3339.

        `final_at`: from when on nothing moves it any more.  It is no word to whoever holds the
        case: a verdict closes, rejects and downgrades nothing (catalogue 5.5).  `classes`: the
        version of `incident_class` by which it was judged; not there for what shipped.
        """
        report = self.report
        by = {} if report.by.version == SHIPPED.version else {"classes": report.by.version}
        return {
            "case": self.case,
            "incident": report.claim.incident,
            "at": rfc3339(report.claim.at),
            "before": self.before,
            "verdict": self.verdict,
            "intersection": report.intersection if self.verdict else None,
            "support": list(report.support) if self.verdict else [],
            "tick": rfc3339(tick),
            "final_at": rfc3339(report.final_at),
        } | by


def news(before: Iterable[Judged], now: Iterable[Judged]) -> Iterator[News]:
    """What moved among the reports of one class, by case; nothing where only the support did."""
    old = {report.claim.claim_id: report for report in before}
    new = {report.claim.claim_id: report for report in now}
    for case in sorted(old.keys() | new.keys()):
        was, is_ = old.get(case), new.get(case)
        last = is_ or was
        if last is None or (was and is_ and was.verdict is is_.verdict):
            continue
        if is_ is None:
            # Another case is its master now, or it is of another class or place.
            yield News(case, last.verdict, None, last)
        else:
            yield News(case, was.verdict if was else None, is_.verdict, is_)
