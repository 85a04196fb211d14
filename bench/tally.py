"""What the normalize job must come to, and what it came to: counts and order-free checksums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from bench.payloads import Expected
from bench.peers import avro

_BITS = (1 << 64) - 1


@dataclass
class Tally:
    """Events by type, their checksums, rejects by reason.

    A checksum is the sum of a hash of each event: its key and its Avro body, in which two
    events with the same fields are the same bytes.  Order changes nothing, any field does.
    """

    events: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)
    rejects: Counter[str] = field(default_factory=Counter)

    def event(self, event_type: str, key: bytes | None, body: bytes) -> None:
        """Count one."""
        digest = blake2b((key or b"") + b"\0" + body, digest_size=8).digest()
        self.events[event_type] += 1
        self.sums[event_type] = (self.sums[event_type] + int.from_bytes(digest)) & _BITS


def tally(messages: Iterable[Expected]) -> Tally:
    """Of what messages must become."""
    found = Tally()
    schemas = {name: avro.schema(name) for name in ("cctv.detected", "cctv.object_annotated")}
    for message in messages:
        if isinstance(message, str):
            found.rejects[message] += 1
        else:
            event_type, record = message
            body = avro.write(record, schemas[event_type], 0)[avro.FRAME.size :]
            found.event(event_type, record["camera_id"].encode(), body)
    return found


@dataclass(frozen=True, slots=True)
class TallyVerdict:
    """What differs, in words; empty when nothing does."""

    differences: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Every event and reject is there once, with its content."""
        return not self.differences

    def __str__(self) -> str:
        """For people; a wrong result cannot be overlooked."""
        return "exact" if self.exact else f"WRONG: {', '.join(self.differences)}"


def judge(right: Tally, found: Tally) -> TallyVerdict:
    """Compare count by count, sum by sum."""
    wrong = [
        *_off(right.events, found.events),
        *_off(right.rejects, found.rejects),
        *(
            f"{name}: as many, but not the same"
            for name in sorted(right.sums.keys() | found.sums.keys())
            if right.events[name] == found.events[name] and right.sums[name] != found.sums[name]
        ),
    ]
    return TallyVerdict(tuple(wrong))


def _off(right: Mapping[str, int], found: Mapping[str, int]) -> Iterable[str]:
    for name in sorted(right.keys() | found.keys()):
        if right.get(name, 0) != found.get(name, 0):
            yield f"{name}: {found.get(name, 0):,} instead of {right.get(name, 0):,}"
