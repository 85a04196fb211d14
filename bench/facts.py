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
    return ", ".join(f"{name.replace('_', ' ')} {_text(value)}" for name, value in facts.items())


def _middle(values: Sequence[Fact]) -> Fact:
    numbers = [value for value in values if isinstance(value, int | float)]
    return median(numbers) if numbers else values[0]


def _text(value: Fact) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 1_000 else f"{value:.2f}"
