"""A quick look at an event of one type, which finds nothing wrong with almost all of them.

It says yes only where the contract surely has nothing against the event; where it does not, the
slower checks decide, and find the words for what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from math import isfinite
from typing import Any

from core.fields import FIRST, LAST

Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return type(value) is str and value.isascii()


def _name(value: Any) -> bool:
    return type(value) is str and value != "" and value.isascii()


def _moment(value: Any) -> bool:
    return type(value) is int and FIRST <= value <= LAST


def _long(value: Any) -> bool:
    return type(value) is int and -(2**63) <= value < 2**63


def _int(value: Any) -> bool:
    return type(value) is int and -(2**31) <= value < 2**31


def _double(value: Any) -> bool:
    return type(value) is float and isfinite(value)


def _boolean(value: Any) -> bool:
    return type(value) is bool


def _never(_value: Any) -> bool:
    return False


_CHECKS: Mapping[str, Check] = {
    "string": _text, "long": _long, "int": _int, "double": _double, "boolean": _boolean,
}  # fmt: skip


class Soundness:
    """What is looked at in events of one schema, as written."""

    __slots__ = ("_checks", "_key", "_nullable", "_required", "_texts")

    def __init__(self, schema: Mapping[str, Any], envelope: Collection[str]) -> None:
        """Fields that are not nullable are required; the key must not be empty either.

        The `envelope` is of one kind in all schemas: id, moment and source, none of them null.
        """
        checks: dict[str, Check] = {}
        nullable, self._key = set[str](), ""
        for entry in schema["fields"]:
            name, kinds = entry["name"], entry["type"]
            if name in envelope:
                continue
            kinds = kinds if isinstance(kinds, list) else [kinds]
            named = [kind for kind in kinds if kind != "null"]
            checks[name] = _check(named[0]) if len(named) == 1 else _never
            if checks[name] is _text and name == schema["key"]:
                self._key = name
            if "null" in kinds:
                nullable.add(name)
        self._texts = frozenset(name for name, check in checks.items() if check is _text)
        self._checks = {name: check for name, check in checks.items() if check is not _text}
        self._nullable, self._required = frozenset(nullable), checks.keys() - nullable

    def sure(self, name: object, at: object, source: object, fields: Mapping[str, Any]) -> bool:
        """Whether nothing is wrong, for certain, with an event: its id, moment, source, fields."""
        if not (_name(name) and _moment(at) and _name(source) and fields.keys() >= self._required):
            return False
        texts, nullable, checks = self._texts, self._nullable, self._checks
        for field, value in fields.items():
            # Most are texts, or nothing: spares them a call.
            if type(value) is str:
                if field not in texts or not value.isascii():
                    return False
            elif value is None:
                if field not in nullable:
                    return False
            elif not checks.get(field, _never)(value):
                return False
        return not self._key or fields.get(self._key) != ""


def _check(kind: Any) -> Check:
    """Of a type as a schema writes it; one that is not known here is never sure."""
    if isinstance(kind, str):
        return _CHECKS.get(kind, _never)
    if isinstance(kind, dict) and kind.get("logicalType") == "timestamp-micros":
        return _moment
    return _never
