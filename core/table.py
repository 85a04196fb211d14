"""What every reference table says of itself, and how one is told that it cannot be used."""

from __future__ import annotations

import msgspec


class Flawed(ValueError):
    """A table that cannot be used: what is wrong, where, and what to do."""


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every table says of itself."""

    version: str
    title: str
    verified: str
    """How far its figures were checked, and which are derived or unknown."""
    sources: list[str]

    def flaw(self) -> str | None:
        """What no type can forbid, as `where: what; what to do`; None when there is nothing."""
        return None
