"""Which complaints of a matter were filed before through another channel (decision 0016)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from core.filings import Voice, copies, names

_NONE: frozenset[str] = frozenset()


@dataclass
class Twins:
    """Voices of one join partition by matter, reporter and category.

    Nearly all are alone in their group, and then nothing is looked at again for their sake.
    """

    _groups: dict[tuple[str, str], dict[str, Voice]] = field(default_factory=dict)
    _several: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By matter: who was filed more than once."""
    _known: dict[tuple[str, bool], frozenset[str]] = field(default_factory=dict)
    moved: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By matter the statements that may have made a copy or unmade one; whoever asks clears it."""

    def put(self, name: str, voice: Voice) -> Collection[Voice]:
        """Add one; returns those that may be copies now or be none any more."""
        group = self._groups.setdefault((voice.matter, voice.group), {})
        group[name] = voice
        if len(group) > 1:
            self._several[voice.matter].add(voice.group)
        return self._touched(name, voice, group)

    def drop(self, name: str, voice: Voice) -> Collection[Voice]:
        """Take one out; likewise."""
        at = voice.matter, voice.group
        group = self._groups[at]
        touched = self._touched(name, voice, group)
        del group[name]
        if len(group) < 2:
            self._several[voice.matter].discard(voice.group)
        if not group:
            del self._groups[at]
        return touched

    def reports(self, matter: str) -> frozenset[str]:
        """Cases of a matter that are copies."""
        return self._copies(matter, claims=False)

    def claims(self, matter: str) -> frozenset[str]:
        """Those of which the claim repeats another claim, whatever became of that one's case."""
        return self._copies(matter, claims=True)

    def _copies(self, matter: str, *, claims: bool) -> frozenset[str]:
        if not self._several.get(matter):
            return _NONE
        if (matter, claims) not in self._known:
            groups = (self._groups[matter, name].values() for name in self._several[matter])
            self._known[matter, claims] = frozenset().union(*(
                names(copies([v for v in group if v.claims], however_ended=True)
                      if claims else copies(group))
                for group in groups
            ))  # fmt: skip
        return self._known[matter, claims]

    def _touched(self, name: str, voice: Voice, group: dict[str, Voice]) -> Collection[Voice]:
        if len(group) < 2:
            return ()
        for claims in (True, False):
            self._known.pop((voice.matter, claims), None)
        self.moved[voice.matter].add(name)
        return tuple(group.values())
