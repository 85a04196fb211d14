"""The `jcoc` command finds, names and suggests its sub-commands."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from jcoc import main as root


def _command(monkeypatch: pytest.MonkeyPatch, folder: Path, source: str) -> None:
    """A command file in a folder of its own."""
    (folder / "try_out.py").write_text(source)
    monkeypatch.setattr(root, "FOLDER", folder)
    monkeypatch.setattr("jcoc.commands.__path__", [str(folder)])
    monkeypatch.delitem(sys.modules, "jcoc.commands.try_out", raising=False)


RAISES = '''"""Try it."""
import click
from core.outcome import Halt, Retry
@click.group()
def command(): pass
@command.command()
def retry(): raise Retry("the broker is away")
@command.command()
def halt(): raise Halt("two keys for one city")
'''


def test_help_lists_every_file_with_its_headline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _command(monkeypatch, tmp_path, RAISES)
    result = CliRunner().invoke(root.main, ["--help"])
    assert "try-out  Try it." in result.stdout


def test_help_imports_no_command() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from jcoc.main import main;"
        "CliRunner().invoke(main, ['--help']);"
        "print([m for m in sys.modules if m.startswith(('jcoc.commands.', 'faust'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_command_explains_itself() -> None:
    names = root.main.list_commands(click.Context(root.main))
    assert {"config", "up", "down", "status"} <= set(names)
    for name in names:
        result = CliRunner().invoke(root.main, [name, "--help"])
        assert result.exit_code == 0, name
        assert f"Usage: main {name}" in result.stdout, name


@pytest.mark.parametrize(
    ("arguments", "suggested"),
    [(["stauts"], "status"), (["cnfig"], "config"), (["try-out", "rety"], "retry")],
)
def test_an_unknown_name_is_exit_2_and_suggests_the_nearest(
    arguments: list[str],
    suggested: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if arguments[0] == "try-out":
        _command(monkeypatch, tmp_path, RAISES)
    result = CliRunner().invoke(root.main, arguments)
    assert result.exit_code == 2
    assert f"Did you mean {suggested}?" in result.stderr


def test_a_name_like_no_other_lists_them_all() -> None:
    result = CliRunner().invoke(root.main, ["xyzzy"])
    assert result.exit_code == 2
    assert "There is:" in result.stderr


@pytest.mark.parametrize(("name", "exit_code"), [("retry", 3), ("halt", 2)])
def test_weather_is_exit_3_and_our_mistake_is_exit_2(
    name: str,
    exit_code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _command(monkeypatch, tmp_path, RAISES)
    result = CliRunner().invoke(root.main, ["try-out", name])
    assert result.exit_code == exit_code
    assert result.stderr.startswith("Error: ")


def test_an_assignment_without_a_value_is_refused() -> None:
    result = CliRunner().invoke(root.main, ["--set", "kafka.bootstrap", "config"])
    assert result.exit_code == 2
    assert "SECTION.NAME=VALUE" in result.stderr


def test_version_is_the_package_version() -> None:
    assert "jcoc, version 0" in CliRunner().invoke(root.main, ["--version"]).stdout
