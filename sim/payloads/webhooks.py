"""Records of Sikesal and Sipaten in calls of their webhooks (version 1 of both formats)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta, timezone
from functools import partial
from typing import Any

from core import moment
from sim.chance import Chance
from sim.payloads.parcels import Parcel

HEADERS = {"content-type": "application/json"}
_JAMBI = timezone(timedelta(hours=7))
_LARGEST_CALL = 4

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dated:
    """A record, when it happened, and how many events it is."""

    at: int
    record: Record
    outcomes: int = 1


def local_time(at: int) -> str:
    """RFC 3339 with the offset of Jambi and milliseconds, as the apps write it."""
    return moment.to_datetime(at).astimezone(_JAMBI).isoformat(timespec="milliseconds")


def body(records: list[Record]) -> bytes:
    """One record by itself, several as a list."""
    value = records[0] if len(records) == 1 else records
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def calls(connector: str, records: Iterable[Dated], chance: Chance, end: int) -> Iterator[Parcel]:
    """The records in time order, mostly one a call; a few calls come hours late.

    None comes later than five minutes after `end`.
    """
    waiting = sorted(records, key=lambda dated: dated.at)
    first = 0
    while first < len(waiting):
        size = chance.whole(2, _LARGEST_CALL) if chance.happens(0.1) else 1
        call = waiting[first : first + size]
        first += size
        late = 6 * moment.HOUR if chance.happens(0.02) else 20 * moment.SECOND
        at = min(call[-1].at + chance.between(moment.SECOND, late), end + 5 * moment.MINUTE)
        rendered = partial(body, [dated.record for dated in call])
        yield Parcel(connector, at, rendered, HEADERS, good=sum(dated.outcomes for dated in call))
