"""The `jcoc` command: each file of `jcoc/commands/` is one sub-command.

The folder scan is the list of commands, and only the file of the command that is called is
imported; help texts come from the files' first docstring lines, so `jcoc --help` stays quick.
"""

from __future__ import annotations

import ast
import gc
import importlib
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
from typing_extensions import override

import jcoc.commands
from core.outcome import Halt, Retry
from jcoc.exits import Away, Misconfigured

FOLDER = Path(jcoc.commands.__path__[0])
_COLLECT = (20_000, 50, 100)
"""When the garbage collector looks for cycles: of those we make few, and keep millions of objects.
With its own 700, 10, 10 it took a third of the time in which cases are derived."""


def _files() -> dict[str, Path]:
    # `import.py` cannot be written as an import statement elsewhere, so `import_.py` is fine too.
    found = (path for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
    return {path.stem.rstrip("_").replace("_", "-"): path for path in sorted(found)}


def _headline(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.split("\n", 1)[0]


class Commands(click.Group):
    """Commands found in the folder; a misspelt name at any depth suggests the nearest."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, sorted."""
        return list(_files())

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one file that holds `cmd_name`."""
        if cmd_name not in _files():
            return None
        module = importlib.import_module(f"jcoc.commands.{_files()[cmd_name].stem}")
        command: click.Command = module.command
        command.name = cmd_name
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _headline(path)) for name, path in _files().items()])

    @override
    def invoke(self, ctx: click.Context) -> Any:
        """Run; weather and misconfiguration raised below become exit codes with a message."""
        try:
            return super().invoke(ctx)
        except Retry as away:
            raise Away(str(away)) from away
        except Halt as halt:
            raise Misconfigured(str(halt)) from halt
        except click.UsageError as error:
            _suggest(error)
            raise


def _suggest(error: click.UsageError) -> None:
    unknown = re.search(r"No such command '(.+)'", error.message)
    if unknown is None or error.ctx is None or not isinstance(error.ctx.command, click.Group):
        return
    names = error.ctx.command.list_commands(error.ctx)
    near = get_close_matches(unknown[1], names, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"There is: {', '.join(names)}."
    error.message = f"No such command {unknown[1]!r}. {hint}"


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="JCOC_CONFIG",
    help="TOML file with settings.  [default: jcoc.toml, if there is one]",
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="SECTION.NAME=VALUE",
    help="One setting, over environment and file; may be repeated.",
)
@click.version_option(package_name="jcoc-backbone", prog_name="jcoc")
@click.pass_context
def main(ctx: click.Context, config: Path | None, assignments: tuple[str, ...]) -> None:
    """Run, fill and audit the event backbone of the Jambi City Operation Center."""
    gc.set_threshold(*_COLLECT)
    for assignment in assignments:
        if not re.fullmatch(r"\w+\.\w+=.*", assignment, re.DOTALL):
            raise click.BadParameter(
                f"{assignment!r} is not SECTION.NAME=VALUE", param_hint="--set"
            )
    ctx.obj = (config, dict(assignment.split("=", 1) for assignment in assignments))
