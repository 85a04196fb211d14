"""Payloads and events of high-volume sources side by side, instead of one by one.

A connector may read the plain cases of its payloads in columns (`Manifest.bulk`).  What it cannot
prove to be plain it leaves; that is parsed one by one, which is the only place where rejects are
made.  So both ways must give the same events for the same payload, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from core.manifest import Raw

Numbers: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Mask: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Bulk:
    """Payloads by their number; each is what one `Raw` holds.

    Most payloads share their headers: `kinds` are the headers that occur, `kind` tells by number
    which of them a payload has.  `ascii` says of each body whether it is known to be ASCII.
    """

    bodies: Sequence[bytes | memoryview]
    received_at: Numbers
    kinds: Sequence[Mapping[str, str]]
    kind: Numbers
    ascii: Mask

    def __len__(self) -> int:
        """How many payloads."""
        return len(self.bodies)

    @classmethod
    def of(cls, raws: Sequence[Raw]) -> Bulk:
        """The same payloads."""
        kinds: dict[tuple[tuple[str, str], ...], int] = {}
        kind = [kinds.setdefault(tuple(sorted(raw.headers.items())), len(kinds)) for raw in raws]
        return cls(
            [raw.body for raw in raws],
            np.array([raw.received_at for raw in raws], np.int64),
            [dict(one) for one in kinds],
            np.array(kind, np.int64),
            np.array([raw.body.isascii() for raw in raws], bool),
        )

    def of_kind(self, wanted: Callable[[Mapping[str, str]], bool]) -> Mask:
        """Whether the headers of each payload are wanted."""
        chosen: Mask = np.array([wanted(one) for one in self.kinds], bool)[self.kind]
        return chosen


@dataclass(frozen=True, slots=True)
class Rows:
    """Events of one type in columns, in the order of their payloads.

    `numbers` says of which payload each event is; `columns` are those of `event_columns.schema`.
    """

    type: str
    numbers: Numbers
    columns: pa.RecordBatch

    def where(self, keep: Mask) -> Rows:
        """Only some of the rows."""
        if keep.all():
            return self
        return Rows(self.type, self.numbers[keep], self.columns.filter(pa.array(keep)))


@dataclass(frozen=True, slots=True)
class Columns:
    """What came of some payloads: the events, and the numbers of the payloads that are left.

    `left` ascends.  A payload that is in neither gives nothing.
    """

    events: Sequence[Rows]
    left: Numbers
