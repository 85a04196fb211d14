"""What `jcoc kpi explain` says, and how it exits."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from jcoc.main import main
from tests.audit.city import published, two_days
from tests.core.stories import event, wib
from tests.jcoc.stored import Stored, city_registry

AWAY = {"JCOC_KAFKA__BOOTSTRAP": "127.0.0.1:9", "JCOC_REGISTRY__URL": "http://127.0.0.1:9"}
SERVICES = "sipaten_on_time_pct"
GAINED = event(
    "complaint.duplicate_gained", wib("2026-11-19T09:00"), case_id="K2",
    duplicate_case_id="walk_in:K9", submitted_at=wib("2026-11-16T11:00"),
)  # fmt: skip


def explain(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["kpi", "explain", *arguments], env=AWAY | {"COLUMNS": "200"})


@pytest.fixture(autouse=True)
def _a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    registered, codec = city_registry()
    end, last = two_days()[-1]
    log, records = published([*two_days()[:-1], (end, [*last, GAINED])], 5)
    stored = Stored(log, codec, records)
    monkeypatch.setattr("jcoc.commands.replay.read", stored.read)
    monkeypatch.setattr("jcoc.commands.kpis.read", stored.read)
    monkeypatch.setattr("jcoc.commands.replay.end_offsets", stored.end_offsets)
    monkeypatch.setattr("jcoc.commands.replay.registry", lambda _settings: registered)


def test_a_window_names_its_cases_its_law_and_its_revisions() -> None:
    # R1 was complete on the 10th and decided on the 16th, R2 complete on the 12th and never.
    result = explain(SERVICES, "--until", "2026-11-18T00:00:00+07:00", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["numerator"], told["denominator"]) == (["R1"], ["R1"])
    assert told["legal_basis"].startswith("UU 25/2009")
    assert [(r["numerator"], r["denominator"]) for r in told["revisions"]] == [(1, 1)]


def test_who_was_left_out_is_named_with_the_reason() -> None:
    # K1 was resolved in time; that it was rejected came to be known a day later.
    end = "2026-11-21T00:00:00+07:00"
    result = explain("env_utility_24h_resolution_pct", "--window", "7d", "--until", end, "--json")
    told = json.loads(result.stdout)
    assert told["denominator"] == ["K2"]
    voices = explain("reporters_per_100k", "--window", "28d", "--until", end, "--json").stdout
    assert json.loads(voices)["excluded"] == {"rejected": ["K1"], "anonymous": ["K2"]}


def test_what_the_lifecycle_does_not_allow_is_named_with_state_reason_and_rule() -> None:
    # K1 was rejected after it had been resolved.
    end = "2026-11-21T00:00:00+07:00"
    result = explain("case_events_unexpected_pct", "--until", end, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["numerator"] == ["K1"]
    (one,) = told["unexpected"]
    assert (one["case"], one["event"], one["state"], one["next"], one["reason"]) == (
        "K1", "complaint.rejected", "resolved", "rejected", "out_of_place",
    )  # fmt: skip
    assert one["rule"] in explain("case_events_unexpected_pct", "--until", end).stdout


def test_a_clock_that_began_with_another_filing_is_named_with_it() -> None:
    # The 24 hours of K2 are those of K9, which was filed a day before it.
    end = "2026-11-21T00:00:00+07:00"
    arguments = ("env_utility_24h_resolution_pct", "--window", "7d", "--until", end)
    told = json.loads(explain(*arguments, "--json").stdout)
    assert told["begun"] == [{
        "case": "K2", "filed_at": "2026-11-17T04:00:00Z",
        "first_case": "walk_in:K9", "first_filed_at": "2026-11-16T04:00:00Z",
    }]  # fmt: skip
    shown = explain(*arguments).stdout
    assert "K2: 2026-11-16T04:00:00Z, when its copy walk_in:K9 was filed" in shown
    # Voices are counted where they were.
    voices = explain("reporters_per_100k", "--window", "28d", "--until", end, "--json").stdout
    assert json.loads(voices)["begun"] == []


def test_the_table_tells_the_same() -> None:
    result = explain(SERVICES, "--until", "2026-11-18T00:00:00+07:00")
    assert result.exit_code == 0, result.output
    for text in ("Layanan Sipaten", "UU 30/2014", "fallback verified", "R1", "1/1"):
        assert text in result.stdout


def test_the_score_is_explained_by_the_shares_of_its_kpis() -> None:
    told = json.loads(explain("jcoc_score", "--json").stdout)
    assert told["companions"]["coverage"] == told["details"]["reason"].split()[1]
    shares = {name for name in told["companions"] if name.startswith("share:")}
    assert f"share:{SERVICES}" in shares
    assert f"share:{told['details']['weakest']}" in shares
    shown = explain("jcoc_score").stdout
    assert "is below 0.70" in shown


def test_without_an_end_the_newest_window_is_explained() -> None:
    told = json.loads(explain(SERVICES, "--json").stdout)
    ends = {row["window_end"] for row in told["revisions"]}
    assert ends == {"2026-11-20T17:00:00Z"}


def test_a_window_that_was_never_published_is_a_bad_result() -> None:
    result = explain(SERVICES, "--until", "2030-01-01T00:00:00+07:00")
    assert result.exit_code == 1
    assert "jcoc kpis --all" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("sipaten_on_time", ), SERVICES),
        ((SERVICES, "--window", "1h"), "it has 1d, 28d, month"),
        ((SERVICES, "--scope", "opd:dlh"), "city, kecamatan, kelurahan"),
        ((SERVICES, "--scope", "kecamatan"), "TYPE:ID"),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_said_with_what_does(arguments: tuple[str, ...], hint: str) -> None:
    result = explain(*arguments)
    assert result.exit_code == 2
    assert hint in result.stderr
