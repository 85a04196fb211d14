"""The digests of many annotations at once: the same letters as `objects.digest`."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.frigate.objects import DIGEST_LETTERS, digest
from core.bulk import Numbers

_SMALLEST = 1e-4
"""Python writes smaller numbers with an exponent, and Arrow with another."""
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_QUOTE, _BACKSLASH, _FIRST, _LAST = ord("'"), ord("\\"), ord(" "), ord("~")


def digests(
    cameras: pa.Array, about: pa.Array, kinds: pa.Array, at: Numbers, best: Any
) -> pa.Array:
    """The digest of each row; `best` are scores over 0 and under 1."""
    if not (_is_plain(cameras) and _is_plain(about) and (best >= _SMALLEST).all()):
        columns = [column.to_pylist() for column in (cameras, about, kinds)]
        rows = zip(*columns, at.tolist(), best.tolist(), strict=True)
        return pa.array([digest(*row) for row in rows], pa.string())
    at_text, best_text = (pa.array(column).cast(pa.string()) for column in (at, best))
    said = pc.binary_join_element_wise(
        "('", cameras, "', '", about, "', '", kinds, "', ", at_text, ", ", best_text, ")", ""
    )
    raw = b"".join([sha256(one).digest() for one in said.cast(pa.binary()).to_pylist()])
    first = np.frombuffer(raw, np.uint8).reshape(-1, sha256().digest_size)[:, : DIGEST_LETTERS // 2]
    letters = np.stack([_HEX[first >> 4], _HEX[first & 15]], axis=2)
    ends = np.arange(len(said) + 1, dtype=np.int32) * DIGEST_LETTERS
    return pa.StringArray.from_buffers(
        len(said), pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(letters))
    )


def _is_plain(texts: pa.Array) -> bool:
    """Whether `repr` would only put each text between quotes.  `texts` is no slice."""
    _, _, data = texts.buffers()
    letters = np.frombuffer(data or b"", np.uint8)
    return bool(
        ((letters >= _FIRST) & (letters <= _LAST)).all()
        and not ((letters == _QUOTE) | (letters == _BACKSLASH)).any()
    )
