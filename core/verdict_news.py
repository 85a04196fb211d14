"""`tri.verdict`: what became of the verdicts at one tick, for auditors (catalogue 5.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from core.moment import rfc3339
from core.reference import REACH
from core.triangulation import Claim
from core.verdicts import FINAL_AFTER, Judged


class News(NamedTuple):
    """The verdict on one report is another one than before; None: there was none, or is none."""

    case: str
    before: str | None
    verdict: str | None
    claim: Claim
    intersection: str | None
    support: tuple[str, ...]

    def told(self, tick: int) -> dict[str, Any]:
        """The record of the topic: stable names, times in RFC 3339.

        `final_at`: from when on nothing moves it any more.  It is no word to whoever holds the
        case: a verdict closes, rejects and downgrades nothing (catalogue 5.5).
        """
        return {
            "case": self.case,
            "incident": self.claim.incident,
            "at": rfc3339(self.claim.at),
            "before": self.before,
            "verdict": self.verdict,
            "intersection": self.intersection,
            "support": list(self.support),
            "tick": rfc3339(tick),
            "final_at": rfc3339(self.claim.at + REACH[self.claim.incident].time + FINAL_AFTER),
        }


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
            yield News(case, last.verdict, None, last.claim, None, ())
        else:
            yield News(
                case, was.verdict if was else None, is_.verdict, is_.claim, is_.intersection,
                is_.support,
            )  # fmt: skip
