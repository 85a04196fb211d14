"""A progress bar for the downloads, on standard error and only when somebody watches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from jcoc.stack import artifacts


@contextmanager
def downloads() -> Iterator[artifacts.Progress]:
    """Give what `LocalStack(progress=...)` takes; the bar shows while bytes come in."""
    console = Console(stderr=True)
    columns = (TextColumn("downloading"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("downloading", total=None, visible=False)

        def seen(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=done < total)

        yield seen
