"""What every connector promises.  A new folder in connectors/ is tested here with no edit.

A connector brings `samples/<name>.in.<ext>` (json, xml, csv …) with `<name>.out.jsonl`: what its
redaction, parse and the checks of the normalize agent make of it, one JSON line an outcome, events
as `jcoc events --json` prints them, rejects as `{"reject": reason}`.  `<name>.headers.json`, when
there, holds the headers that the transport adds (`topic`, `content-type`).  With
`JCOC_WRITE_GOLDEN=1` missing `.out.jsonl` files are written, to be read before they are committed.

Personal fields: each name in the manifest's `personal` must occur in a sample; the suite plants a
canary in each of them.  Free text that is only scrubbed is not listed there: name what must not
get through in `<name>.canaries.txt`, one string a line, each of them in the sample.

A rule that a connector cannot meet is skipped by `exempt={"<test without test_>": "<reason>"}`.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import connectors
from connectors.registry import discover
from core import contract, moment
from core.events import Event
from core.manifest import Manifest, Raw
from core.normalize import normalize
from core.outcome import Reject
from core.privacy import Pseudonymizer
from edge.intake import redacted

RECEIVED = moment.parse("2026-11-23T03:00:00Z")
KEY = Pseudonymizer(b"only for the conformance suite", "t1")
HOME = Path(connectors.__path__[0])
SAMPLES = sorted(HOME.glob("*/samples/*.in.*"))
RULES: set[str] = set()

Test = Callable[..., None]


def every_connector(test: Test) -> Test:
    """Run the test for each connector that is not exempt from it."""
    rule = test.__name__.removeprefix("test_")
    RULES.add(rule)
    marked = [
        pytest.param(
            one,
            id=one.name,
            marks=[pytest.mark.skip(reason=one.exempt[rule])] if rule in one.exempt else [],
        )
        for one in discover().values()
    ]
    decorated: Test = pytest.mark.parametrize("connector", marked)(test)
    return decorated


def samples(connector: Manifest) -> list[Path]:
    return [sample for sample in SAMPLES if sample.parts[-3] == connector.name]


def beside(sample: Path, ending: str) -> Path:
    return sample.with_name(sample.name.partition(".in.")[0] + ending)


def headers(sample: Path) -> dict[str, str]:
    path = beside(sample, ".headers.json")
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def outcomes(connector: Manifest, sample: Path, body: bytes | None = None) -> list[Event | Reject]:
    sent = sample.read_bytes() if body is None else body
    raw = Raw(redacted(connector, sent, KEY), RECEIVED, headers(sample))
    return list(normalize(connector, raw))


def shown(outcome: Event | Reject) -> dict[str, Any]:
    if isinstance(outcome, Reject):
        return {"reject": outcome.reason.value}
    # A new optional field of the vocabulary is null in all golden files: they need not change.
    return {name: value for name, value in contract.to_json(outcome).items() if value is not None}


# ---- what it declares


@every_connector
def test_is_named_after_its_folder(connector: Manifest) -> None:
    assert discover()[connector.name] is connector
    assert (HOME / connector.name / "manifest.py").is_file()


@every_connector
def test_says_who_it_is_in_both_languages(connector: Manifest) -> None:
    assert all(text.strip() for text in (connector.title, connector.title_id, connector.owner))


@every_connector
def test_emits_only_types_of_the_vocabulary(connector: Manifest) -> None:
    assert connector.emits
    assert set(connector.emits) <= set(contract.types())


@every_connector
def test_has_the_halves_its_kind_needs(connector: Manifest) -> None:
    assert connector.kind != "push" or connector.verify is not None
    assert connector.kind not in ("poll", "subscribe") or connector.fetch is not None


@every_connector
def test_explains_every_setting(connector: Manifest) -> None:
    unexplained = [n for n, f in connector.settings.model_fields.items() if not f.description]
    assert unexplained == []


@every_connector
def test_reads_its_settings_under_its_own_name(connector: Manifest) -> None:
    assert connector.settings.model_config["env_prefix"] == f"JCOC_{connector.name.upper()}__"


@every_connector
def test_hides_its_secrets(connector: Manifest) -> None:
    for name, field in connector.settings.model_fields.items():
        if re.search(r"password|secret|token|(^|_)key$", name):
            assert "Secret" in str(field.annotation), f"{name} would be printed by `jcoc config`"


@every_connector
def test_gives_a_reason_for_every_exemption(connector: Manifest) -> None:
    assert set(connector.exempt) <= RULES
    assert all(len(reason.split()) >= 4 for reason in connector.exempt.values())


# ---- what it makes of good and bad input


@every_connector
def test_brings_a_sample(connector: Manifest) -> None:
    seen = [one for sample in samples(connector) for one in outcomes(connector, sample)]
    assert any(isinstance(one, Event) for one in seen)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_sample_gives_the_golden_outcome(sample: Path) -> None:
    got = [shown(one) for one in outcomes(discover()[sample.parts[-3]], sample)]
    golden = beside(sample, ".out.jsonl")
    if not golden.exists() and os.environ.get("JCOC_WRITE_GOLDEN"):
        lines = (json.dumps(one, ensure_ascii=False) for one in got)
        golden.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        pytest.fail(f"{golden} is written: read it, then run again")
    assert golden.exists(), f"{golden} is missing; JCOC_WRITE_GOLDEN=1 writes it"
    assert got == [json.loads(line) for line in golden.read_text("utf-8").splitlines()]


@every_connector
def test_sees_in_the_same_bytes_the_same_events(connector: Manifest) -> None:
    for sample in samples(connector):
        assert outcomes(connector, sample) == outcomes(connector, sample)


@every_connector
def test_gives_one_event_id_one_content(connector: Manifest) -> None:
    content: dict[tuple[str, str], Event] = {}
    for sample in samples(connector):
        for one in outcomes(connector, sample):
            if isinstance(one, Event):
                assert content.setdefault((one.type, one.event_id), one) == one


@every_connector
def test_keeps_every_event_through_avro_and_json(connector: Manifest) -> None:
    for sample in samples(connector):
        for one in outcomes(connector, sample):
            if isinstance(one, Event):
                assert survives(one)


@every_connector
def test_says_of_each_reject_what_is_wrong_and_keeps_its_own_bytes(connector: Manifest) -> None:
    for sample in samples(connector):
        seen = outcomes(connector, sample)
        for one in seen:
            if isinstance(one, Reject):
                assert len(one.detail.split()) >= 2
                assert len(seen) == 1 or len(one.raw) < len(sample.read_bytes())


@every_connector
def test_splits_a_file_without_changing_what_it_says(connector: Manifest) -> None:
    for sample in samples(connector):
        whole = [shown(one) for one in outcomes(connector, sample)]
        parts = connector.split(sample.read_bytes())
        split = [shown(one) for part in parts for one in outcomes(connector, sample, part)]
        if all("reject" not in one for one in whole):
            assert split == whole


def survives(event: Event) -> bool:
    flat = contract.record(event)
    from_avro = contract.decode(event.type, contract.encode(event))
    from_json = contract.from_line(contract.to_line(event))
    return (
        contract.record(from_avro) == flat
        and isinstance(from_json, Event)
        and contract.record(from_json) == flat
    )


# ---- garbage

HOSTILE: tuple[Any, ...] = (
    None, True, "", " ", "x", "\ud800", "\x00", "2025-01-01T00:00:00", "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00", -1, 0, 10**30, 10**400, 1e30, 1e308, float("nan"), float("inf"),
    [], {}, [[]], {"a": None}, [None], "NaN", "1e999999999",
)  # fmt: skip
ANY_JSON = st.recursive(
    st.sampled_from(HOSTILE) | st.text(max_size=5) | st.floats() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
GARBAGE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def judge(connector: Manifest, raw: Raw) -> None:
    """Parse neither raises nor invents; what normalize lets through is storable."""
    for outcome in connector.parse(raw):
        assert isinstance(outcome, Reject) or outcome.type in connector.emits
        assert not isinstance(outcome, Reject) or outcome.detail
    for outcome in normalize(connector, raw):
        assert isinstance(outcome, Reject) or survives(outcome)
    with contextlib.suppress(ValueError):  # the edge scrubs what `redact` cannot read
        assert isinstance(connector.redact(raw.body, KEY), bytes)


def transports(connector: Manifest) -> list[dict[str, str]]:
    known = [{}, *(headers(sample) for sample in samples(connector))]
    return [dict(pairs) for pairs in {tuple(sorted(one.items())) for one in known}]


@every_connector
@GARBAGE
@given(body=st.binary(max_size=200), data=st.data())
def test_never_raises_on_garbage(connector: Manifest, body: bytes, data: st.DataObject) -> None:
    judge(connector, Raw(body, RECEIVED, data.draw(st.sampled_from(transports(connector)))))


@every_connector
@GARBAGE
@given(value=ANY_JSON, data=st.data())
def test_never_raises_on_any_json(connector: Manifest, value: Any, data: st.DataObject) -> None:
    known = data.draw(st.sampled_from(transports(connector)))
    judge(connector, Raw(json.dumps(value).encode(), RECEIVED, known))


@every_connector
@GARBAGE
@given(data=st.data())
def test_never_raises_on_damaged_samples(connector: Manifest, data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from(samples(connector)))
    body = bytearray(sample.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        length = data.draw(st.sampled_from((0, 1, 2, 30)))
        body[start : start + length] = data.draw(st.binary(max_size=3))
    judge(connector, Raw(bytes(body), RECEIVED, headers(sample)))


@every_connector
@GARBAGE
@given(data=st.data())
def test_never_raises_on_hostile_values(connector: Manifest, data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from(samples(connector)))
    values = list(cells(sample.read_bytes().decode("utf-8", "replace")))
    if values:
        start, end = data.draw(st.sampled_from(values))
        text = sample.read_bytes().decode("utf-8", "replace")
        hostile = data.draw(st.sampled_from(HOSTILE))
        quoted = json.dumps(hostile) if sample.suffix == ".json" else str(hostile)
        body = (text[:start] + quoted + text[end:]).encode("utf-8", "surrogatepass")
        judge(connector, Raw(body, RECEIVED, headers(sample)))


def cells(text: str) -> Iterator[tuple[int, int]]:
    """Where values stand in JSON, CSV or XML text, roughly."""
    pattern = r'(?<=[:\[,>\n])\s*("(?:[^"\\]|\\.)*"|[^\s",:<>{}\[\]]+)(?=\s*[,\]}<\n])'
    for match in re.finditer(pattern, text):
        yield match.span(1)


# ---- personal data


@every_connector
def test_shows_each_personal_field_in_a_sample(connector: Manifest) -> None:
    unseen = set(connector.personal)
    for sample in samples(connector):
        unseen -= plant(sample, connector.personal)[1]
    assert unseen == set()


@every_connector
def test_lets_no_personal_field_leave(connector: Manifest) -> None:
    for sample in samples(connector):
        body, _ = plant(sample, connector.personal)
        for text in leaving(connector, sample, body):
            assert "anar1a" not in text.lower()


@every_connector
def test_lets_no_canary_of_free_text_leave(connector: Manifest) -> None:
    for sample in samples(connector):
        path = beside(sample, ".canaries.txt")
        canaries = path.read_text("utf-8").splitlines() if path.exists() else []
        body = sample.read_bytes()
        assert all(canary.encode() in body for canary in canaries)
        for text in leaving(connector, sample, body):
            assert [canary for canary in canaries if canary in text] == []


def leaving(connector: Manifest, sample: Path, body: bytes) -> Iterator[str]:
    """Everything that reaches Kafka because of `body`."""
    let_through = redacted(connector, body, KEY)
    yield let_through.decode("utf-8", "replace")
    for one in connector.parse(Raw(let_through, RECEIVED, headers(sample))):
        yield f"{one.detail} {one.raw!r}" if isinstance(one, Reject) else repr(one)


def plant(sample: Path, names: tuple[str, ...]) -> tuple[bytes, set[str]]:
    """The sample with a canary in each personal field, and the fields that it has."""
    body = sample.read_bytes()
    wanted, found = {last(name) for name in names}, set[str]()
    try:
        if sample.suffix == ".json":
            tree = planted(json.loads(body), wanted, found)
            body = json.dumps(tree, ensure_ascii=False).encode()
        elif sample.suffix == ".xml":
            body = planted_xml(body, wanted, found)
        elif sample.suffix == ".csv":
            body = planted_csv(body, wanted, found)
    except (ValueError, ET.ParseError, csv.Error):
        return body, set()  # a negative sample: nothing to plant in
    return body, {name for name in names if last(name) in found}


def last(name: str) -> str:
    """`address` of `contact.address`: fields are found by their own name at any depth."""
    return name.rpartition(".")[2].lower()


def planted(node: Any, wanted: set[str], found: set[str], here: bool = False) -> Any:
    if isinstance(node, dict):
        found |= {key.lower() for key in node} & wanted
        return {
            key: planted(value, wanted, found, here or key.lower() in wanted)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [planted(value, wanted, found, here) for value in node]
    return "Canar1a Planted" if here and isinstance(node, str) else node


def planted_xml(body: bytes, wanted: set[str], found: set[str]) -> bytes:
    root = ET.fromstring(body)  # our own sample
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag.lower() in wanted:
            found.add(element.tag.lower())
            element.text = "Canar1a Planted"
    xml: bytes = ET.tostring(root, "utf-8")
    return xml


def planted_csv(body: bytes, wanted: set[str], found: set[str]) -> bytes:
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    columns = [index for index, name in enumerate(rows[0]) if name.lower() in wanted]
    found |= {rows[0][index].lower() for index in columns}
    for row in rows[1:]:
        for index in (index for index in columns if index < len(row)):
            row[index] = "Canar1a Planted"
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


# ---- the suite itself can fail


def test_a_leaking_connector_is_caught() -> None:
    if "frigate" not in discover():
        pytest.skip("needs the frigate connector")
    leaky = replace(discover()["frigate"], redact=lambda body, _: body)
    with pytest.raises(AssertionError):
        test_lets_no_personal_field_leave(leaky)


def test_a_raising_parse_is_caught() -> None:
    def raising(raw: Raw) -> Iterator[Event | Reject]:
        raise KeyError(raw.body)

    broken = Manifest("x", "x", "x", "x", "import", ("cctv.detected",), object, raising)
    with pytest.raises(KeyError):
        judge(broken, Raw(b"", RECEIVED))
