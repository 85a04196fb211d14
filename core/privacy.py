"""Pseudonyms for persons and scrubbing of free text (convention C13, UU 27/2022).

A pseudonym is HMAC-SHA256 with a versioned key that lives outside Kafka.  It is still personal
data, but nobody without the key can turn it back or make it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

# Every repetition has a bound: an endless run of letters must not cost the square of its length.
_SCRUB = (
    (re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), "[email]"),
    (re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])"), "[nik]"),
    (
        re.compile(r"(?<![0-9A-Za-z])(?:\+?62|0)[\s.-]?8[0-9](?:[\s.-]?[0-9]){7,11}(?![0-9])"),
        "[phone]",
    ),
    (re.compile(r"(?<![A-Z0-9])[A-Z]{1,2} ?[0-9]{1,4} ?[A-Z]{1,3}(?![A-Z0-9a-z])"), "[plate]"),
)
_MARKS = tuple(label for _, label in _SCRUB)


@dataclass(frozen=True, slots=True)
class Pseudonymizer:
    """Keyed pseudonyms; `version` is part of the result, so keys can be rotated."""

    key: bytes
    version: str

    def of(self, personal: str) -> str:
        """Pseudonym such as `p1:9f86d0…`: same person and key, same pseudonym."""
        digest = hmac.new(self.key, personal.strip().lower().encode(), hashlib.sha256)
        return f"{self.version}:{digest.hexdigest()[:32]}"


def scrub(text: str) -> str:
    """Free text without NIK (16 digits), phone numbers, e-mail addresses and plates."""
    for pattern, label in _SCRUB:
        text = pattern.sub(label, text)
    return text


def finds(text: str) -> tuple[str, ...]:
    """Kinds of personal data that `text` still shows: the labels that `scrub` would put in."""
    return tuple(label for pattern, label in _SCRUB if pattern.search(text))


def was_scrubbed(values: Iterable[object]) -> bool:
    """Whether `scrub` has hidden something in a text among the values."""
    for text in values:
        if type(text) is str and "[" in text and any(mark in text for mark in _MARKS):
            return True
    return False
