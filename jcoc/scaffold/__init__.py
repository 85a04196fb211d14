"""The folder that `jcoc connector new` writes: a small connector that keeps every promise.

Templates are the files of this folder that end in `.txt`; `$name`, `$title` and `$prefix` are
filled in.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from string import Template

from jcoc.settings import Settings

_HOME = Path(__file__).parent


def flaw(name: str, title: str, taken: Collection[str]) -> str | None:
    """Why a connector cannot have this name or title; None when it can."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or keyword.iskeyword(name):
        return f"{name!r} is not like traffic_lights: lower-case letters, digits, single _"
    if not title.isprintable() or set(title) & set('"\\'):
        return f"the title {title!r} must be one line without quotes and backslashes"
    if name in taken:
        return f"there is a connector {name!r} already"
    if name in Settings.model_fields:
        return f"{name!r} is a section of the settings: its variables would be mixed up"
    return None


def write(folder: Path, name: str, title: str) -> Iterator[Path]:
    """Write every file of a new connector; the paths, as they are written."""
    filling = {"name": name, "title": title, "prefix": f"JCOC_{name.upper()}__"}
    for template in sorted(_HOME.rglob("*.txt")):
        path = folder / template.relative_to(_HOME).with_suffix("")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template(template.read_text("utf-8")).substitute(filling), "utf-8")
        yield path
