"""Resends and broken payloads: what every source does now and then, here counted beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from core import moment
from sim.chance import Chance
from sim.payloads.frigate import EVENTS, STATS
from sim.payloads.parcels import Parcel
from sim.payloads.webhooks import HEADERS

RESENT = 0.015
_EACH = 3
_HEAD = b'{"versi":1,"nomor":"X-2026-1","urutan":0,'
_WEBHOOKS = {
    "cut off": _HEAD + b'"jenis":"dic',
    "not UTF-8": _HEAD + b'"jenis":"dicabut","isi":"\xe9t\xe9"}',
    "not an object": b"42",
    "no time": _HEAD + b'"jenis":"dicabut"}',
    "time without zone": _HEAD + b'"jenis":"dicabut","waktu":"2026-11-20T10:00:00"}',
    "unknown step": _HEAD + b'"jenis":"dihapus","waktu":"2026-11-20T10:00:00+07:00"}',
    "before Sikesal": _HEAD + b'"jenis":"dicabut","waktu":"2016-11-20T10:00:00+07:00"}',
    "far ahead": _HEAD + b'"jenis":"dicabut","waktu":"2150-01-01T00:00:00+07:00"}',
    "another version": b'{"versi":9,"nomor":"X-2026-1","jenis":"dicabut",'
    b'"waktu":"2026-11-20T10:00:00+07:00"}',
}
_OBJECT = b'{"type":"%b","after":{"id":"1.5-x","camera":%b,"label":"car","start_time":%b}}'
_FRIGATE = {
    "cut off": (b'{"type":"new","after":{"id":"1.5-x"', EVENTS),
    "empty": (b"", EVENTS),
    "not UTF-8": (b'{"type":"new\xff"}', EVENTS),
    "no camera": (_OBJECT % (b"new", b"null", b"1763596800.5"), EVENTS),
    "no time": (_OBJECT % (b"new", b'"bata_1"', b"null"), EVENTS),
    "time in 1970": (_OBJECT % (b"new", b'"bata_1"', b"1.5"), EVENTS),
    "time in milliseconds": (_OBJECT % (b"new", b'"bata_1"', b"1763596800500"), EVENTS),
    "far ahead": (_OBJECT % (b"new", b'"bata_1"', b"5680281600.5"), EVENTS),
    "unknown type": (_OBJECT % (b"gone", b'"bata_1"', b"1763596800.5"), EVENTS),
    "no cameras": (b'{"service":{"last_updated":1763596800}}', STATS),
}


def resends(parcels: Iterable[Parcel], chance: Chance) -> Iterator[Parcel]:
    """The same bytes once more within a minute, for a few of the parcels."""
    for parcel in parcels:
        if chance.happens(RESENT):
            later = parcel.at + chance.between(moment.SECOND, moment.MINUTE)
            yield replace(parcel, at=later, again=True)


def broken(chance: Chance, start: int, end: int) -> Iterator[Parcel]:
    """Payloads that no source should send, each kind a few times; one reject each."""
    for connector in ("sikesal", "sipaten"):
        for body in _WEBHOOKS.values():
            for _ in range(_EACH):
                yield _bad(connector, chance.between(start, end), body, HEADERS)
    for body, headers in _FRIGATE.values():
        for _ in range(_EACH):
            yield _bad("frigate", chance.between(start, end), body, headers)


def _bad(connector: str, at: int, body: bytes, headers: dict[str, str]) -> Parcel:
    return Parcel(connector, at, lambda: body, headers, good=0, bad=1)
