"""The progress bar of the demonstrations, on standard error and only when somebody watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def bar() -> Iterator[Callable[[str, float], None]]:
    """Give what takes (what is being done, share of the whole 0 to 1)."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<40}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as shown:
        task = shown.add_task("starting", total=1.0)

        def progress(what: str, share: float) -> None:
            shown.update(task, description=what, completed=share)

        yield progress
