"""A source's files as payloads: what `jcoc import` sends and `jcoc connector try` reads."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping

from core.manifest import Manifest, Raw
from edge.intake import parts

_GZIP = b"\x1f\x8b"


def plain(content: bytes) -> bytes:
    """The content, unpacked when it is gzip.  Raises ValueError for a broken gzip file."""
    if not content.startswith(_GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"not a whole gzip file: {error}") from error


def payloads(
    manifest: Manifest, content: bytes, received_at: int, headers: Mapping[str, str]
) -> list[Raw]:
    """The file in the manifest's parts, each with its number in the header `part`.

    An empty file is one empty payload: that it holds nothing must be seen, not passed over.
    """
    bodies = parts(manifest, content) or [content]
    return [
        Raw(body, received_at, {**headers, "part": str(number)})
        for number, body in enumerate(bodies)
    ]
