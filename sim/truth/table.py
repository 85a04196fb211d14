"""All true rows of a story, and what each says beside its integers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from core import moment
from sim.known import known_at
from sim.story import Story
from sim.truth import evidence, score
from sim.truth.kpi import Reasons, Truth, percent, truths
from sim.truth.shown import Counted, Shown, of_row, shown, signs_of_life
from sim.truth.windows import CITY, COMPLAINTS, Horizon, Row, Scope, Window, ending, ending_in

__all__ = ["Page", "Place", "Row", "in_order", "left_out", "pages", "rows"]


@dataclass(frozen=True, slots=True)
class Page:
    """All rows of one KPI in one window, by scope."""

    rows: Mapping[Scope, Row]
    of: Callable[[Scope], Shown]
    """What the row of a scope says, also of one in which nothing counts: asked for, it is told."""


Place = tuple[str, str, int]
"""KPI, name of the window, its start."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A KPI in a window, as known when its rows were made for the last time."""

    at: int
    kpi: str
    window: Window
    horizon: Horizon
    of: Truth | None


def rows(story: Story, every: int = moment.HOUR) -> list[Row]:
    """The rows of every window that ends within the story, and was not empty when it was news.

    A row says what was known when it became final, at the first tick after its horizon; where that
    lies after the story's end, what is known then.  `every` is the time from one tick to the next.
    """
    return in_order(pages(story, every))


def in_order(found: Mapping[Place, Page]) -> list[Row]:
    """The rows of all pages."""
    return sorted((row for page in found.values() for row in page.rows.values()), key=_city_first)


def pages(story: Story, every: int = moment.HOUR) -> dict[Place, Page]:
    """The same by KPI and window, with what the rows say beside their integers."""
    story = replace(story, every=every)
    found: dict[Place, Page] = {}
    asked = list(_asked(story))
    # By what was known: the story as known at one moment is asked for all of its rows at once.
    for one in sorted(asked, key=lambda one: (one.at, one.kpi, one.window.start)):
        known = known_at(story, one.at)

        def final(window: Window, horizon: Horizon = one.horizon) -> bool:
            return _settled(horizon, window, story) <= story.end

        if one.of:
            found.update(_of(one.of, known, one.window, final))
        else:
            found[one.kpi, one.window.name, one.window.start] = _of_evidence(
                known, one.window, final=final(one.window)
            )
    when = {(one.kpi, one.window.name, one.window.end): one.at for one in asked}

    def known_of(row: Row) -> Story:
        return known_at(story, when[row.kpi, row.window, row.window_end])

    others = [row for page in found.values() for row in page.rows.values()]
    for name in score.COUNTING:
        for window in ending_in(name, story.day, story.end):
            over = _settled(score.HORIZON, window, story) <= story.end
            own = {s.row.scope: s for s in score.scores(window, others, known_of)}
            said = {scope: one.shown(final=over) for scope, one in own.items()}
            found[score.KPI, name, window.start] = Page(
                {scope: one.row for scope, one in own.items()}, said.__getitem__
            )
    return found


def _asked(story: Story) -> Iterator[_Asked]:
    """Every KPI that is made of what happened, and evidence, in every window."""
    kpis = [(truth.kpi, truth.windows, truth.horizon, truth) for truth in truths()]
    for kpi, windows, horizon, truth in (
        *kpis, (evidence.KPI, ("1d", "month", "quarter"), COMPLAINTS, None),
    ):  # fmt: skip
        for name in windows:
            for window in ending_in(name, story.day, story.end):
                at = min(_settled(horizon, window, story), story.end)
                yield _Asked(at, kpi, window, horizon, truth)


def _settled(horizon: Horizon, window: Window, story: Story) -> int:
    """The tick at which a row of the window is made for the last time."""
    after = horizon.settled(window) - story.day
    return story.day + -(-after // story.every) * story.every


def _of(
    truth: Truth, story: Story, whole: Window, final: Callable[[Window], bool]
) -> Iterator[tuple[Place, Page]]:
    """The page of a window, and of the shorter ones inside it that its rows tell of."""
    by_window: dict[Window, list[Row]] = {whole: []}
    for row in truth.rows(story, whole):
        # Hours are published for the city only.
        if row.window != "1h" or row.scope_type == "city":
            by_window.setdefault(row.span, []).append(row)
    for window, own in by_window.items():
        found = {row.scope: row for row in own}
        told = _Told(truth, story, window, found, final(window))
        yield (truth.kpi, window.name, window.start), Page(found, told.of)


@dataclass
class _Told:
    """What the rows of a window say, as the story is known."""

    truth: Truth
    story: Story
    window: Window
    rows: Mapping[Scope, Row]
    final: bool

    def of(self, scope: Scope) -> Shown:
        truth, window = self.truth, self.window
        row = self.rows.get(scope)
        what = Counted(None, 0, 0, self._left_out.get(scope, {}))
        if row is None:
            row = Row(truth.kpi, window.name, *scope, window.start, window.end, 0, 0)
        else:
            what = of_row(truth, self.story, row, self._left_out)
        return shown(
            scope, what, self._alive, final=self.final, elsewhere=truth.elsewhere,
            beside=truth.beside(self.story, row),
        )  # fmt: skip

    @cached_property
    def _left_out(self) -> Reasons:
        return self.truth.left_out(self.story, self.window)

    @cached_property
    def _alive(self) -> tuple[str, str]:
        return signs_of_life(self.story.beats, self.truth.sources, self.window)


def _city_first(row: Row) -> tuple[str, str, bool, str, str, int]:
    below = row.scope_type != "city"
    return (row.kpi, row.window, below, row.scope_type, row.scope_id, row.window_start)


def _of_evidence(story: Story, window: Window, *, final: bool) -> Page:
    row = _evidence(story, window)
    what = Counted(percent(story, row), row.denominator, row.denominator, {})
    said = shown(CITY, what, signs_of_life({}, (), window), final=final)
    return Page({CITY: row}, lambda _scope: said)


def _evidence(story: Story, window: Window) -> Row:
    """Of a longer window the sum of its days."""
    days = [_evidence_of(story, day) for day in range(window.start, window.end, moment.DAY)]
    good, all_ = (sum(count[index] for count in days) for index in (0, 1))
    return Row(evidence.KPI, window.name, "city", "city", window.start, window.end, good, all_)


@lru_cache(maxsize=400)
def _evidence_of(story: Story, start: int) -> tuple[int, int]:
    day = ending("1d", start + moment.DAY)
    row = evidence.row(left_out(story, day), story.beats, day)
    return row.numerator, row.denominator


def left_out(story: Story, day: Window | None = None) -> dict[str, tuple[int, int]]:
    """Per KPI: cases left out of the city's row of a day (the last), and those in it."""
    day, found = day or ending("1d", story.end), {}
    for truth in evidence.daily():
        city = next(row for row in truth.rows(story, day) if row.scope_type == "city")
        what = of_row(truth, story, city, truth.left_out(story, day))
        found[truth.kpi] = what.dropped, what.cases
    return found
