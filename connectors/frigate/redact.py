"""Names, plates, pictures and descriptions out of a payload, before Kafka sees it."""

from __future__ import annotations

import json
from typing import Any

from connectors.frigate.payload import Part, parts
from core.outcome import Reject
from core.privacy import Pseudonymizer, scrub

PSEUDONYM = ("name", "plate", "recognized_license_plate", "sub_label", "sub_labels")
"""Who: a face's name, a plate, or the label that Frigate puts in their place."""
NOTHING = ("description", "metadata", "thumbnail")
"""Free words about a person, or the picture: no pseudonym of them is of use."""
PERSONAL = (*PSEUDONYM, *NOTHING)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # A second value of the same name would leave in the bytes although the tree does not show it.
    whole = dict(pairs)
    if len(whole) != len(pairs):
        raise ValueError("a field occurs twice")
    return whole


_READER = json.JSONDecoder(object_pairs_hook=_once)


def redact(body: bytes, pseudonymizer: Pseudonymizer) -> bytes:
    """The same bytes when nothing in them is personal.  Raises ValueError when not JSON."""
    text = body.decode("utf-8-sig")
    found = list(parts(text, _READER))
    if not found:
        return body
    values = [part.value for part in found if isinstance(part, Part)]
    if len(values) < len(found):
        detail = "; ".join(part.detail for part in found if isinstance(part, Reject))
        raise ValueError(detail)
    hidden = [_hide(value, pseudonymizer) for value in values]
    if hidden == values:
        return body
    if text.lstrip().startswith("["):
        return json.dumps(hidden).encode()
    return "\n".join(json.dumps(value) for value in hidden).encode()


def _hide(node: Any, pseudonymizer: Pseudonymizer) -> Any:
    if isinstance(node, list):
        return [_hide(value, pseudonymizer) for value in node]
    if isinstance(node, dict):
        return {name: _field(name, value, pseudonymizer) for name, value in node.items()}
    return node


def _field(name: str, value: Any, pseudonymizer: Pseudonymizer) -> Any:
    if name in NOTHING:
        return None
    if name in PSEUDONYM:
        return _replace(value, pseudonymizer)
    if name == "payload" and isinstance(value, str):
        return _captured(value, pseudonymizer)
    return _hide(value, pseudonymizer)


def _replace(value: Any, pseudonymizer: Pseudonymizer) -> Any:
    if isinstance(value, list):
        return [_replace(inner, pseudonymizer) for inner in value]
    if isinstance(value, dict):
        return {name: _replace(inner, pseudonymizer) for name, inner in value.items()}
    if isinstance(value, bool | float) or value is None or value == "":
        return value
    return pseudonymizer.of(str(value))


def _captured(text: str, pseudonymizer: Pseudonymizer) -> str:
    """JSON inside the text of a captured message."""
    try:
        return redact(text.encode(), pseudonymizer).decode()
    except ValueError:
        return scrub(text)
