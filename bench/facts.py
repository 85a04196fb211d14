"""What a run has to say beside speed and memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import TypeAlias

Fact: TypeAlias = "float | str | None"
"""A number in the unit that its name ends with; None where nothing was to be measured."""
Facts = Mapping[str, Fact]


def medians(runs: Sequence[Facts]) -> dict[str, Fact]:
    """Of each number over the runs; of words the first."""
    names = dict.fromkeys(name for run in runs for name in run)
    return {name: _middle([run.get(name) for run in runs]) for name in names}


def told(facts: Facts) -> str:
    """For people, in a line."""
    return ", ".join(_one(name, value) for name, value in facts.items())


def _middle(values: Sequence[Fact]) -> Fact:
    numbers = [value for value in values if isinstance(value, int | float)]
    return median(numbers) if numbers else values[0]


def _one(name: str, value: Fact) -> str:
    words = name.removesuffix("_s").removesuffix("_share").replace("_", " ")
    if value is None:
        return f"{words} –"
    if isinstance(value, str):
        return f"{words} {value}"
    if name.endswith("_share"):
        return f"{words} {value:.1%}"
    number = f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.2f}"
    return f"{words} {number}{' s' if name.endswith('_s') else ''}"
