"""What the documents say is so: commands, options, settings, links, metrics, tables, formats."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
from pathlib import Path

import click
import pytest

from connectors.registry import discover
from core import contract, topics
from core.events import Event
from core.kpis import by_id
from core.outcome import Reason
from core.rows import Finality, KpiRow, Status
from jcoc import exits
from jcoc.main import main
from jcoc.settings import Settings
from ops.lifecycles import generate as lifecycles
from ops.manual import generate as manual
from streams.runtime import own_topics
from tests.docs.pages import PAGES, ROOT, everywhere, fenced, prose, shell, spans, table, text
from tests.ops.test_metric_names import EXPORTED
from wire.topics import plan

README = ROOT / "README.md"
ENGINEERS = ROOT / "docs/data-engineers.md"
TOPICS = {topic.name for topic in (*plan(discover(), 4), *own_topics(4))}
NOT_DONE = {"clock.day_closed", "call112.received"}
"""Names that the architecture or a decision says are not there, or not yet."""

each_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix()
)


def flaw(line: str) -> str | None:
    """What is wrong with the `jcoc` command of a line, if it holds one."""
    found = re.search(r"(?:^|[\s/])jcoc\s+(\S.*)", line)
    if found is None:
        return None
    words = re.sub(r"--(?:config|set)\s+\S+\s*", "", found[1]).split()
    command: click.Command = main
    while isinstance(command, click.Group):
        name = words.pop(0) if words else ""
        if not re.match(r"[a-z]", name):
            break
        inner = command.get_command(click.Context(command), name)
        if inner is None:
            return f"no command {name!r} in {line!r}"
        command = inner
    options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
    named = [word.partition("=")[0] for word in words if word.startswith("--")]
    unknown = [name for name in named if name not in options]
    return f"no option {unknown[0]!r} in {line!r}" if unknown else None


def slug(heading: str) -> str:
    """Anchor of a heading, as GitHub and its like make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)}


@each_page
def test_every_command_exists_with_its_options(page: Path) -> None:
    assert [wrong for line in shell(page) if (wrong := flaw(line))] == []


@pytest.mark.parametrize(
    "line", ["jcoc reply", ".venv/bin/jcoc connector tri x y", "jcoc --set a.b=c kpis --jsn"]
)
def test_a_command_that_is_not_there_is_found(line: str) -> None:
    assert flaw(line)


def test_every_command_is_told_to_somebody() -> None:
    # What `make` runs for the reader is told too.
    said = " ".join([text(ROOT / "Makefile"), *(line for page in PAGES for line in shell(page))])
    names = main.list_commands(click.Context(main))
    assert [name for name in names if f"jcoc {name}" not in said] == []


@each_page
def test_every_relative_link_resolves(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@each_page
def test_every_path_exists(page: Path) -> None:
    rooms = "core|schemas|connectors|edge|wire|streams|audit|ops|sim|jcoc|bench|tests|docs|[.]ci"
    paths = [span for span in spans(page) if re.fullmatch(rf"(?:{rooms})/[\w./-]*", span)]
    assert [path for path in paths if not (ROOT / path).exists()] == []


@each_page
def test_every_name_of_the_code_exists(page: Path) -> None:
    rooms = "core|wire|streams|audit|sim"
    names = [span for span in spans(page) if re.fullmatch(rf"(?:{rooms})(?:\.\w+)+", span)]
    assert [name for name in names if not resolves(name)] == []


def resolves(name: str) -> bool:
    if name in contract.types():
        return True
    module, _, attribute = name.rpartition(".")
    if importlib.util.find_spec(name.rpartition(".")[0]) is None:
        return False
    return hasattr(importlib.import_module(module), attribute) or (
        importlib.util.find_spec(name) is not None
    )


@each_page
def test_every_module_that_is_run_exists(page: Path) -> None:
    modules = re.findall(r"python -m ([\w.]+)", text(page))
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []


@each_page
def test_every_make_target_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {t for line in shell(page) for t in re.findall(r"(?:^|\s)make ([a-z]+)", line)}
    assert named <= targets


@each_page
def test_every_topic_exists(page: Path) -> None:
    areas = {name.partition(".")[0] for name in (*TOPICS, *contract.types())} - {"source"}
    named = {s for s in spans(page) if re.fullmatch(r"[a-z0-9]+(?:\.[a-z_]+)+", s)}
    named = {name for name in named if name.partition(".")[0] in areas}
    settings = {path for path, _ in Settings().values()}  # `privacy` is an area of both
    assert named <= TOPICS | set(contract.types()) | NOT_DONE | settings


def test_every_metric_is_exported() -> None:
    named = {name for _, name in everywhere(r"\bjcoc_[a-z_]*[a-z]\b")}
    assert len(named) > 20
    assert named <= EXPORTED | NOT_DONE | set(by_id())  # jcoc_score is a KPI


def test_what_is_not_done_is_not_there() -> None:
    there = EXPORTED | TOPICS | set(contract.types())
    assert set() == there & NOT_DONE, "it is there now: say so in docs/architecture.md"


def test_every_variable_is_a_setting() -> None:
    known = {path for path, _ in Settings().values()}
    for name, manifest in discover().items():
        known |= {f"{name}.{field}" for field in manifest.settings.model_fields}
    for page, variable in everywhere(r"\bJCOC_[A-Z0-9]+(?:_[A-Z0-9]+)*__[A-Z0-9_]*[A-Z0-9]"):
        path = variable.removeprefix("JCOC_").lower().replace("__", ".")
        assert path in known | {"section.name"}, f"{variable} in {page}"


def test_the_table_of_settings_is_complete_and_tells_their_defaults() -> None:
    defaults = {path: default(value) for path, value in Settings().values()}
    told = {name: value for name, _, value in table(README, "## Settings")}
    assert told.pop("stack.home") == "~/.cache/jcoc"
    defaults.pop("stack.home")
    assert told == defaults


def default(value: object) -> str:
    secret = getattr(value, "get_secret_value", None)
    return "" if value is None else str(secret() if secret else value)


def test_the_table_of_connectors_is_complete() -> None:
    told = {
        row[0]: set(re.findall(r"JCOC_\w+", row[2]))
        for row in table(ENGINEERS, "## Settings of a connector")
    }
    assert told == {
        name: {f"JCOC_{name.upper()}__{field.upper()}" for field in one.settings.model_fields}
        for name, one in discover().items()
    }


def test_the_manual_of_kpis_is_what_the_declarations_generate() -> None:
    for name, content in manual.files().items():
        assert (ROOT / name).read_text(encoding="utf-8") == content, (
            f"{name} is out of date: run python -m ops.manual.generate"
        )


def test_the_page_of_lifecycles_is_what_the_tables_generate() -> None:
    for name, content in lifecycles.files().items():
        assert (ROOT / name).read_text(encoding="utf-8") == content, (
            f"{name} is out of date: run python -m ops.lifecycles.generate"
        )


def test_the_table_of_topics_is_what_is_created() -> None:
    told: dict[str, tuple[str, str]] = {}
    for names, partitions, kept, _ in table(ROOT / "docs/architecture.md", "## Topics"):
        for name in names.replace("`", "").split(", "):
            told[name] = (partitions, kept)
    real = {}
    for topic in (*plan(["x"], 4), *own_topics(4)):
        name = re.sub(r"^raw\.x$", "raw.<connector>", topic.name)
        name = re.sub(r"^city\..*", topics.city("<type>"), name)
        days = int(topic.config.get("retention.ms", "-1")) // 86_400_000
        kept = "for ever" if days < 0 else f"{days} days"
        compacted = topic.config["cleanup.policy"] == "compact"
        number = "kafka.partitions" if topic.chosen else str(topic.partitions)
        real[name] = (number, "compacted" if compacted else kept)
    assert told == real


def test_the_table_of_reasons_is_the_closed_set() -> None:
    assert [row[0] for row in table(ENGINEERS, "## Rejects")] == [one.value for one in Reason]


def test_the_table_of_exit_codes_is_what_commands_end_with() -> None:
    codes = {
        one.exit_code
        for one in vars(exits).values()
        if isinstance(one, type) and issubclass(one, click.ClickException)
    }
    assert {int(row[0]) for row in table(README, "### Exit codes")} == {0} | codes


def test_the_kpi_row_is_told_as_it_is_printed() -> None:
    row = KpiRow("k", "1d", "city", "city", 0, 1, 0, 0, None, Status.OK, Finality.FINAL, 0, "1")
    names = list(row.to_json())
    assert f"`{' '.join(names)}`" in text(README)
    shown = [json.loads(block) for block in fenced(README, "json")]
    (example,) = [block for block in shown if "kpi" in block]
    assert list(example) == names
    assert set(Status) | set(Finality) <= set(spans(README))


def test_the_event_that_is_shown_is_one() -> None:
    (line,) = [block for block in fenced(README, "json") if '"event_id"' in block]
    event = contract.from_line(line)
    assert isinstance(event, Event)
    assert contract.to_line(event) == line.strip()
