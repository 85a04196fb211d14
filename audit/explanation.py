"""One window of a KPI explained: its rule, its revisions, and who it counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from audit.beginnings import Beginning
from audit.contributions import Contribution
from audit.sample import drawn
from audit.unexpected import Oddity
from core import reference
from core.cells import EXCLUDED, UNSETTLED
from core.kpi import Kpi
from core.law import SHIPPED, Law, Recomputed, moved
from core.rows import KpiRow


@dataclass
class Explanation:
    """Ids by what they count as; `others` are those of KPIs that are no share, with counters.

    `unexpected` is what happened to them that their lifecycle does not allow.
    `revisions` in their order: the last one tells the companions.
    """

    kpi: Kpi
    revisions: Sequence[KpiRow]
    numerator: list[str] = field(default_factory=list)
    denominator: list[str] = field(default_factory=list)
    excluded: dict[str, list[str]] = field(default_factory=dict)
    others: dict[str, Mapping[str, int]] = field(default_factory=dict)
    unexpected: Sequence[Oddity] = ()
    unsettled: list[str] = field(default_factory=list)
    """Cases that no calendar knows the due instant of."""
    by: dict[str, str] = field(default_factory=dict)
    """Versions of the classes of incidents that judged it, where they are not what shipped."""
    law: Law = SHIPPED
    recomputed: list[Recomputed] = field(default_factory=list)
    """What other versions made of due instants while cases were open, of those that are named."""
    begun: Sequence[Beginning] = ()
    """Cases whose clock began with the filing of a copy."""

    @classmethod
    def of(
        cls, kpi: Kpi, revisions: Sequence[KpiRow], found: Iterable[Contribution]
    ) -> Explanation:
        """What the contributions to the window of `revisions` say."""
        made = cls(kpi, revisions)
        for name, counters, by in found:
            made._add(name, counters)
            if by:
                made.by[name] = by
        return made

    def tell(self, law: Law, recomputed: Iterable[Recomputed]) -> None:
        """The law that judges, and the recomputations of any cases."""
        self.law = law
        named = {*self.denominator, *self.unsettled, *self.others}
        named.update(name for names in self.excluded.values() for name in names)
        self.recomputed = sorted(
            (one for one in recomputed if one.case in named), key=lambda one: (one.at, one.case)
        )

    @property
    def versions(self) -> dict[str, str]:
        """Of the tables in force at the end of the window."""
        return dict(self.law.at(self.revisions[0].window_end).versions)

    def _add(self, name: str, counters: Mapping[str, int]) -> None:
        reasons = [c.removeprefix(EXCLUDED) for c in counters if c.startswith(EXCLUDED)]
        for reason in reasons:
            self.excluded.setdefault(reason, []).append(name)
        if UNSETTLED in counters:
            self.unsettled.append(name)
            return
        alone = self.kpi.reading(counters, self.revisions[0].window_end, self.law)
        if self.kpi.unit == "percent" and alone.denominator:
            self.denominator.append(name)
            if alone.numerator:
                self.numerator.append(name)
        elif not reasons:
            self.others[name] = counters

    @property
    def sample(self) -> list[str]:
        """Cases of the numerator that are drawn for an audit, as the last revision is red."""
        return drawn(self.kpi, self.revisions[-1], self.numerator)

    def groups(self) -> dict[str, list[str]]:
        """Heading to ids, each once (but for audit sample and versions of classes), for reading."""
        good = set(self.numerator)
        found = {
            "numerator": self.numerator,
            "denominator only": [name for name in self.denominator if name not in good],
            **{f"excluded: {reason}": names for reason, names in sorted(self.excluded.items())},
            "due in a year without calendar": self.unsettled,
            "counted otherwise": list(self.others),
            "audit sample": self.sample,
        }
        for name, version in sorted(self.by.items()):
            found.setdefault(f"judged by incident_class {version}", []).append(name)
        return {heading: names for heading, names in found.items() if names}

    def to_json(self) -> dict[str, Any]:
        """All of it under stable names."""
        kpi = self.kpi
        return {
            "kpi": kpi.id,
            "title_en": kpi.title_en,
            "title_id": kpi.title_id,
            "formula": kpi.formula,
            "legal_basis": kpi.legal_basis,
            "basis_status": kpi.basis_status,
            "reads": list(kpi.reads),
            "sources": list(kpi.sources),
            "definition": kpi.defined_by(tuple(self.versions.items())),
            "calendar": self.versions["calendar"],
            "reference": reference.VERSION,
            "tables": self.versions,
            "revisions": [row.to_json() for row in self.revisions],
            "companions": dict(self.revisions[-1].companions),
            "details": dict(self.revisions[-1].details),
            "numerator": self.numerator,
            "denominator": self.denominator,
            "excluded": self.excluded,
            "sample": self.sample,
            "unsettled": self.unsettled,
            "recomputed": [moved(one) for one in self.recomputed],
            "begun": [one.to_json() for one in self.begun],
            "classes": self.by,
            "others": {name: dict(sorted(c.items())) for name, c in self.others.items()},
            "unexpected": [one.to_json() for one in self.unexpected],
        }
