"""Whether events written with one schema can be read with another (Avro, "Schema Resolution").

Knows what our schemas use, flat records of primitives, unions and enums; every other change is a
clash, which errs on the safe side.
"""

from __future__ import annotations

import json
from typing import Any

_PROMOTED = {
    "int": {"int", "long", "float", "double"},
    "long": {"long", "float", "double"},
    "float": {"float", "double"},
    "string": {"string", "bytes"},
    "bytes": {"bytes", "string"},
}


def clashes(reader: str, writer: str) -> list[str]:
    """Why `reader` cannot read what `writer` wrote, in words; empty when it can.

    Both are schema texts.  Raises ValueError for a text that is not JSON.
    """
    new, old = json.loads(reader), json.loads(writer)
    if _name(new) != _name(old):
        return [f"the record is called {_name(new)}, it was {_name(old)}"]
    written = {field["name"]: field for field in old["fields"]}
    found = []
    for field in new["fields"]:
        name = field["name"]
        before = next((written[n] for n in (name, *field.get("aliases", ())) if n in written), None)
        if before is None and "default" not in field:
            found.append(f"field {name!r} is new and has no default")
        elif before is not None and not _reads(field["type"], before["type"]):
            found.append(f"field {name!r} is {field['type']}, it was {before['type']}")
    return found


def _name(record: dict[str, Any]) -> str:
    return f"{record.get('namespace', '')}.{record['name']}".lstrip(".")


def _reads(reader: Any, writer: Any) -> bool:
    if isinstance(writer, list):
        return all(_reads(reader, branch) for branch in writer)
    if isinstance(reader, list):
        return any(_reads(branch, writer) for branch in reader)
    new, old = _kind(reader), _kind(writer)
    if new == old == "enum":
        return "default" in reader or set(writer["symbols"]) <= set(reader["symbols"])
    if old in _COMPLEX:
        return bool(reader == writer)
    return new in _PROMOTED.get(old, {old})


_COMPLEX = {"record", "array", "map", "fixed", "enum"}


def _kind(node: Any) -> str:
    return str(node["type"]) if isinstance(node, dict) else str(node)
