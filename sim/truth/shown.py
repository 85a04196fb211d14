"""What a row says beside its integers: the number as shown, its status, how complete it is.

Rules of the catalogue (C5 to C9), and where it is silent of docs/decisions/0007-rules-we-chose.md:
- the number has two decimals, half up; without a denominator there is none;
- completeness: of each source and each WIB day of the window (the window itself, if it is shorter)
  the share in which the source showed a sign of life; four decimals, half up;
- a source that had shown none at all when the window ended is not integrated, one that had and was
  silent all through it is down; either is the status of a window in which nothing is known to have
  happened, and always where only that source could tell of what is good;
- over a fifth of what happened left out is insufficient, also where all of it was; so is a number
  that its rule does not give, and below the city one of fewer than five cases;
- otherwise it is ok, or no_data where there is no denominator;
- nothing is shown of a source that is down or not integrated, nor of what is insufficient below the
  city.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from core import moment
from sim.story import Story
from sim.truth.decimals import decimals
from sim.truth.evidence import TOO_MANY, share_left_out
from sim.truth.kpi import Beside, Reasons, Truth
from sim.truth.windows import CITY, Row, Scope, Window

FEWEST = 5
"""Cases of a scope below the city (C7)."""
UNKNOWN_YET, DOWN, ALIVE = "not_integrated", "source_down", ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is said of one scope in one window; `left_out` are cases by why (C9).

    `beside` are companions, of those that have a truth.
    """

    value: str | None
    status: str
    completeness: str
    left_out: Mapping[str, int]
    final: bool
    beside: Beside = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counted:
    """What is known of a scope: its number, if there is one, and how many cases are behind it."""

    number: Fraction | None
    denominator: int
    cases: int
    left_out: Mapping[str, int]

    @property
    def dropped(self) -> int:
        """Cases left out; a duplicate is none, it is counted through its master."""
        return sum(count for reason, count in self.left_out.items() if reason != "duplicate")

    @property
    def sound(self) -> bool:
        """Whether there is a number of the city that may be counted on."""
        return _status(self, below=False) == "ok"


def of_row(truth: Truth, story: Story, row: Row, left_out: Reasons) -> Counted:
    """What is known of a row; `left_out` is what `Truth.left_out` says of its window."""
    cases = row.denominator
    if truth.cases is not None:
        cases = truth.cases(story, row.span).get(row.scope, 0)
    number = truth.number(story, row) if row.denominator >= truth.least else None
    return Counted(number, row.denominator, cases, left_out.get(row.scope, {}))


def shown(
    scope: Scope,
    what: Counted,
    alive: tuple[str, str],
    *,
    final: bool,
    elsewhere: bool = False,
    beside: Beside | None = None,
) -> Shown:
    """The words for it; `alive` is what `signs_of_life` says, `elsewhere` see `Truth`.

    `beside` is hidden with the value.
    """
    completeness, silence = alive
    below = scope != CITY
    status = _status(what, below=below)
    if silence and (elsewhere or what.cases == 0):
        status = silence
    hidden = status in (UNKNOWN_YET, DOWN) or (below and status == "insufficient")
    value = None if hidden or what.number is None else decimals(what.number, 2)
    told = beside or {}
    told = dict.fromkeys(told) if hidden else told
    return Shown(value, status, completeness, dict(what.left_out), final, told)


def _status(what: Counted, *, below: bool) -> str:
    too_many = share_left_out(what.dropped, what.cases) > TOO_MANY
    if what.denominator == 0:
        return "insufficient" if too_many else "no_data"
    few = below and what.cases < FEWEST
    return "insufficient" if too_many or few or what.number is None else "ok"


def signs_of_life(
    beats: Mapping[str, Sequence[int]], sources: Iterable[str], window: Window
) -> tuple[str, str]:
    """How complete what the sources tell of a window is, and whether one of them was silent."""
    wanted = alive = 0
    silence = ALIVE
    for source in sources:
        own = beats.get(source, ())
        units = {_unit(window, at) for at in own if window.holds(at)}
        alive += len(units)
        wanted += _units(window)
        if not units and silence == ALIVE:
            silence = DOWN
        if not any(at < window.end for at in own):
            silence = UNKNOWN_YET
    return decimals(Fraction(alive, wanted) if wanted else Fraction(1), 4), silence


def _units(window: Window) -> int:
    return max((window.end - window.start) // moment.DAY, 1)


def _unit(window: Window, at: int) -> int:
    """The number of the day of the window; 0 of a shorter window."""
    return (at - window.start) // moment.DAY
