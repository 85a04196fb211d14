"""Fields of one foreign record, read with checks: what is wrong becomes a Flaw, then a Reject."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from core import moment
from core.outcome import Reason, Reject

LONGEST = 256
"""Characters that a code, number or name may have."""
FIRST = 0
LAST = moment.parse("2200-01-01T00:00:00Z")
"""Moments outside [FIRST, LAST] are nonsense even in history."""

_T = TypeVar("_T")
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{0,30})?(?:[eE][+-]?[0-9]{1,3})?")
_UNTEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_WHOLE = re.compile(r"-?[0-9]{1,15}")


class Flaw(Exception):
    """What is wrong with the record; caught where the record becomes outcomes."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep the reason and the words."""
        super().__init__(detail)
        self.reason = reason
        self.detail = detail

    def reject(self, raw: bytes) -> Reject:
        """The outcome of the record whose bytes are `raw`."""
        return Reject(self.reason, self.detail, raw)


def invalid(detail: str) -> Flaw:
    """A field with a type or value that it may not have."""
    return Flaw(Reason.INVALID, detail)


@dataclass(frozen=True, slots=True)
class Fields:
    """The record's values; blank text counts as absent.  Every method raises only Flaw."""

    values: Mapping[str, object]
    path: str = ""

    def text(self, name: str, longest: int = LONGEST) -> str | None:
        """Text on one line (a whole number is taken as its digits); None when absent."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise invalid(f"{self._at(name)} must be text, not {type(value).__name__}")
        value = " ".join(value.split())
        if len(value) > longest:
            raise invalid(f"{self._at(name)} has {len(value)} characters, over {longest}")
        if _UNTEXT.search(value):
            raise invalid(f"{self._at(name)} holds control characters or half characters")
        return value or None

    def need(self, name: str) -> str:
        """Text that must be there."""
        return self._there(name, self.text(name))

    def match(self, name: str, pattern: re.Pattern[str], example: str) -> str | None:
        """Text that matches the whole pattern; None when absent."""
        value = self.text(name)
        if value is not None and not pattern.fullmatch(value):
            raise invalid(f"{self._at(name)} {value!r} is not like {example}")
        return value

    def choice(self, name: str, choices: Mapping[str, str]) -> str | None:
        """What `choices` makes of the text, compared without case; None when absent."""
        value = self.text(name)
        if value is None:
            return None
        if value.casefold() not in choices:
            raise invalid(f"{self._at(name)} {value!r} is none of {', '.join(choices)}")
        return choices[value.casefold()]

    def need_choice(self, name: str, choices: Mapping[str, str]) -> str:
        """Like `choice`, but it must be there."""
        return self._there(name, self.choice(name, choices))

    def need_match(self, name: str, pattern: re.Pattern[str], example: str) -> str:
        """Like `match`, but it must be there."""
        return self._there(name, self.match(name, pattern, example))

    def moment(self, name: str) -> int | None:
        """Moment of an RFC 3339 text with offset; None when absent."""
        value = self.text(name)
        if value is None:
            return None
        try:
            at = moment.parse(value.upper())
        except (ValueError, OverflowError) as error:
            raise invalid(f"{self._at(name)}: {error}") from error
        return self.sane(name, at)

    def sane(self, name: str, at: int) -> int:
        """The same moment, if it lies between 1970 and 2200."""
        if not FIRST <= at <= LAST:
            detail = f"{self._at(name)} {self.values.get(name)!r} is not between 1970 and 2200"
            raise Flaw(Reason.TIME_OUT_OF_RANGE, detail)
        return at

    def need_moment(self, name: str) -> int:
        """Moment that must be there."""
        return self._there(name, self.moment(name))

    def need_whole(self, name: str) -> int:
        """A whole number that must be there."""
        return self._there(name, self.whole(name))

    def need_flag(self, name: str) -> bool:
        """True or false; it must be there."""
        return self._there(name, self.flag(name))

    def whole(self, name: str) -> int | None:
        """A whole number; None when absent."""
        value = self.text(name)
        if value is None:
            return None
        if not _WHOLE.fullmatch(value):
            raise invalid(f"{self._at(name)} {value!r} is no whole number of up to 15 digits")
        return int(value)

    def real(self, name: str) -> float | None:
        """A finite number, also written as text; None when absent."""
        value = self.values.get(name)
        if isinstance(value, float) and math.isfinite(value):
            return value
        text = self.text(name)
        if text is None:
            return None
        if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
            raise invalid(f"{self._at(name)} {text!r} is no number")
        return float(text)

    def flag(self, name: str) -> bool | None:
        """True or false; None when absent."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise invalid(f"{self._at(name)} must be true or false")

    def point(self, lat: str, lon: str) -> tuple[float | None, float | None]:
        """Latitude and longitude in degrees; both None when both are absent."""
        north, east = self.real(lat), self.real(lon)
        if (north is None) != (east is None):
            missing = lat if north is None else lon
            raise Flaw(Reason.MISSING_FIELD, f"{self._at(missing)} is missing beside its pair")
        if north is not None and east is not None and not (abs(north) <= 90 and abs(east) <= 180):
            raise invalid(f"{self._at(lat)}, {lon}: ({north}, {east}) is no place on Earth")
        return north, east

    def inside(self, name: str) -> Fields:
        """The fields of an object in the record; none when absent."""
        value = self.values.get(name)
        if value is None:
            return Fields({}, f"{self.path}{name}.")
        if not isinstance(value, dict):
            raise invalid(f"{self._at(name)} must be an object, not {type(value).__name__}")
        return Fields(value, f"{self.path}{name}.")

    def _there(self, name: str, value: _T | None) -> _T:
        if value is None:
            raise Flaw(Reason.MISSING_FIELD, f"{self._at(name)} is missing or empty")
        return value

    def _at(self, name: str) -> str:
        return f"field '{self.path}{name}'"
