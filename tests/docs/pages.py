"""The documents of the project, and what they show as code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "connectors").glob("*/README.md")),
]
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text(page: Path) -> str:
    """The page as written."""
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """The page without fenced blocks."""
    return _FENCED.sub("", text(page))


def fenced(page: Path, language: str = "") -> list[str]:
    """The fenced blocks of one language."""
    return [body for kind, body in _FENCED.findall(text(page)) if kind == language]


def spans(page: Path) -> list[str]:
    """Inline code, line breaks as blanks."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(page))]


def shell(page: Path) -> Iterator[str]:
    """What a reader may type: inline code, and the lines of plain blocks without comments."""
    yield from spans(page)
    for block in fenced(page):
        for line in block.splitlines():
            yield re.sub(r"(^|\s)#.*", "", line)


def everywhere(pattern: str) -> set[tuple[str, str]]:
    """(page, match) of a pattern on all pages."""
    return {
        (page.relative_to(ROOT).as_posix(), found)
        for page in PAGES
        for found in re.findall(pattern, text(page))
    }


def table(page: Path, heading: str) -> list[list[str]]:
    """Cells of the first table below a heading, without its head; code marks taken off."""
    below = text(page).partition(f"\n{heading}\n")[2]
    lines = []
    for line in below.splitlines():
        if line.startswith("|"):
            lines.append(line)
        elif lines:
            break
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]
