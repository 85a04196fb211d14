"""Option types that several commands share."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import click

from core import moment


class OneOf(click.ParamType):
    """One of the known names; a misspelt one suggests the nearest."""

    def __init__(self, what: str, names: Iterable[str]) -> None:
        """`what` is the noun of the message: "event type"."""
        self.name = what
        self._names = sorted(names)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name as it is, or fail with a suggestion (exit 2)."""
        if value not in self._names:
            near = get_close_matches(str(value), self._names, n=2, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there is {self._listed()}"
            self.fail(f"no {self.name} {value!r}: {hint}", param, ctx)
        return str(value)

    def _listed(self) -> str:
        return ", ".join(self._names) or "none yet"


class Moment(click.ParamType):
    """An RFC 3339 time with its offset, as a moment."""

    name = "RFC3339"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return microseconds UTC, or fail naming what is missing (exit 2)."""
        if isinstance(value, int):
            return value
        try:
            return moment.parse(value)
        except (ValueError, OverflowError) as error:
            self.fail(f"{value!r} is no RFC 3339 time: {error}", param, ctx)


MOMENT = Moment()
