"""The schemas that were released, by event type: what every later version must still read.

`python -m wire.released` adds the versions of `schemas/avro/*.avsc` that are not in it yet, and
refuses one that cannot read what an earlier version wrote.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from core import contract
from core.outcome import Halt
from wire.compatibility import clashes

FILE = Path(__file__).resolve().parent.parent / "schemas" / "avro" / "released.json"

Versions = dict[str, list[object]]


def load() -> Versions:
    """Event type to its released schemas, oldest first."""
    return dict(json.loads(FILE.read_text("utf-8"))) if FILE.exists() else {}


def breaks(released: Versions) -> Iterator[str]:
    """What the schemas in the folder would break of `released`, in words."""
    for event_type, versions in released.items():
        if event_type not in contract.types():
            yield f"{event_type} was released and is gone: its events are kept for ever"
            continue
        for number, version in enumerate(versions, 1):
            for clash in clashes(contract.schema_text(event_type), json.dumps(version)):
                yield f"{event_type} cannot read its released version {number}: {clash}"


def extended(released: Versions) -> Versions:
    """`released` and every schema that is not its type's last version yet.

    Raises Halt naming the first schema that cannot read an earlier version.
    """
    for flaw in breaks(released):
        raise Halt(flaw)
    longer = {event_type: list(versions) for event_type, versions in released.items()}
    for event_type in contract.types():
        versions = longer.setdefault(event_type, [])
        now = json.loads(contract.schema_text(event_type))
        if not versions or versions[-1] != now:
            versions.append(now)
    return dict(sorted(longer.items()))


def text(released: Versions) -> str:
    """The file's content: one version a line, so that a release is a line in the diff."""
    types = []
    for event_type, versions in released.items():
        lines = ",\n".join("  " + json.dumps(version) for version in versions)
        types.append(f"{json.dumps(event_type)}: [\n{lines}\n]")
    return "{\n" + ",\n".join(types) + "\n}\n"


if __name__ == "__main__":
    try:
        FILE.write_text(text(extended(load())), "utf-8")
    except Halt as halt:
        sys.exit(str(halt))
