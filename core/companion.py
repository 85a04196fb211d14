"""Companions: numbers beside the value of a KPI, read from the same merged counters.

The catalogue names them with a KPI ("companion", "also export", "own series").  They are no rows:
they travel in the record of the KPI's row, are exported as `jcoc_kpi_companion`, and are hidden
where the value is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from core.kpi import decimal_text, percent

Read = Callable[[Mapping[str, int]], str | list[str] | None]


@dataclass(frozen=True, slots=True)
class Companion:
    """One number (decimal text), or with `words` names that are no label of a metric.

    `read` gives None where there is none.  Operators are told when it is more than `watch`.
    """

    name: str
    title_en: str
    title_id: str
    read: Read
    words: bool = False
    watch: int | None = None


def count(counter: str) -> Read:
    """How many there are; 0 is a number."""
    return lambda counters: str(counters.get(counter, 0))


def share(part: str, whole: str) -> Read:
    """100 x part / whole; None without a whole."""
    return lambda counters: percent(counters.get(part, 0), counters.get(whole, 0))


def rest(part: str, whole: str, without: tuple[str, str]) -> Read:
    """The same share of what is left of (part, whole) without another (part, whole)."""

    def read(counters: Mapping[str, int]) -> str | None:
        good, all_ = (counters.get(a, 0) - counters.get(b, 0)
                      for a, b in zip((part, whole), without, strict=True))  # fmt: skip
        return percent(good, all_)

    return read


def mean_hours(seconds: str, cases: str) -> Read:
    """Mean of whole seconds in hours; None without cases."""

    def read(counters: Mapping[str, int]) -> str | None:
        number = counters.get(cases, 0)
        return decimal_text(Fraction(counters.get(seconds, 0), 3600 * number)) if number else None

    return read


def names(prefix: str) -> Read:
    """Names of the counters with a prefix, each with its number, as `name: 3`."""

    def read(counters: Mapping[str, int]) -> list[str] | None:
        found = sorted(name for name in counters if name.startswith(prefix))
        return [f"{name.removeprefix(prefix)}: {counters[name]}" for name in found] or None

    return read


def elsewhere(_counters: Mapping[str, int]) -> None:
    """For a KPI whose rows are made elsewhere: they tell the number themselves."""


_NO_NUMBERS: dict[str, str] = {}
_NO_WORDS: dict[str, str | list[str]] = {}
"""One for all rows: most have neither."""


def told(
    companions: Iterable[Companion], counters: Mapping[str, int]
) -> tuple[dict[str, str], dict[str, str | list[str]]]:
    """The companions and the details of a row."""
    numbers: dict[str, str] = {}
    words: dict[str, str | list[str]] = {}
    for companion in companions:
        found = companion.read(counters)
        if found is None:
            continue
        if companion.words or not isinstance(found, str):
            words[companion.name] = found
        else:
            numbers[companion.name] = found
    return numbers or _NO_NUMBERS, words or _NO_WORDS
