"""KPIs 12 and 20: who uses Sikoja, and which kelurahan work with Sipaten."""

from __future__ import annotations

import pytest

from audit.contributors import contributors
from core.cells import Counters, merged
from core.engine import Engine
from core.events import Event
from core.kelurahan import count_at
from core.kpi import Reading
from core.kpis import by_id
from core.moment import DAY
from core.rows import KpiRow, Status
from core.sessions import Session
from core.tables import AdminAreaTable, shipped
from tests.core.stories import event, newest, told, wib

SIKOJA = by_id()["sikoja_non_asn_user_share_pct"]
ADOPTION = by_id()["sipaten_active_kelurahan_pct"]
NOON = wib("2026-11-20T12:00")
MIDNIGHT = wib("2026-11-21T00:00")
HERE, THERE = "15.71.07.1011", "15.71.01.1002"


def use(
    user: str, role: str | None = None, *, seconds: int = 10, app: str = "sikoja", number: int = 0,
    at: int = NOON,
) -> Event:  # fmt: skip
    return event("app.session", at, "sikoja", f"{user}:{number}", session_id=f"{user}:{number}",
                 app=app, user_key=user, role=role, seconds=seconds)  # fmt: skip


def read(*uses: Event) -> Reading:
    parts: list[Counters] = []
    for one in uses:
        session = Session.of([one])
        assert session is not None
        parts += [dict(share.counters) for share in SIKOJA.shares(session)]
    return SIKOJA.measure(merged(parts), 0)


@pytest.mark.parametrize(
    ("uses", "reading"),
    [
        pytest.param([], Reading(0, 0, None), id="nobody"),
        pytest.param([use("a", "asn")], Reading(0, 1, "0.00"), id="a civil servant"),
        pytest.param([use("a", "ASN")], Reading(0, 1, "0.00"), id="in capitals"),
        pytest.param(
            [use("a", "citizen"), use("b", "non_asn"), use("c", "asn")], Reading(2, 3, "66.67"),
            id="two of three",
        ),
        pytest.param(
            [use("a", "citizen"), use("a", "citizen", number=1)], Reading(1, 1, "100.00"),
            id="twice is once",
        ),
        pytest.param([use("a", "citizen", seconds=9)], Reading(0, 0, None), id="too short"),
        pytest.param([use("a", "citizen", app="sipaten")], Reading(0, 0, None), id="another app"),
        pytest.param([use("", "citizen")], Reading(0, 0, None), id="of nobody"),
        pytest.param(
            [use("a"), use("b", "citizen"), use("c", "")],
            Reading(1, 1, "100.00", left_out={"unknown_role": 2}), id="unknown roles stay out",
        ),
        pytest.param(
            [use("a"), use("a", "citizen", number=1)], Reading(1, 1, "100.00"),
            id="known once is known",
        ),
        pytest.param(
            [use("a", "citizen"), use("a", "asn", number=1)], Reading(0, 1, "0.00"),
            id="a civil servant who came as a citizen too",
        ),
    ],
)  # fmt: skip
def test_users_who_are_no_civil_servants(uses: list[Event], reading: Reading) -> None:
    assert read(*uses) == reading


def test_a_session_is_as_it_was_told_last() -> None:
    early, late = use("a", seconds=5), use("a", seconds=50, at=NOON + 1)
    made = Session.of([late, early])
    assert made is not None
    assert made.is_use
    assert Session.of([]) is None


def test_a_role_known_later_in_the_window_counts_for_the_window() -> None:
    """On its day the user is unknown; over 28 days it is a citizen."""
    uses = [use("a"), use("a", "citizen", number=1, at=NOON + DAY)]
    rows = newest(told([(MIDNIGHT - DAY, []), (MIDNIGHT, uses[:1]), (MIDNIGHT + DAY, uses[1:])]))
    first = rows[SIKOJA.id, "1d", "city", "city", MIDNIGHT - DAY]
    month = rows[SIKOJA.id, "28d", "city", "city", MIDNIGHT - 27 * DAY]
    assert (first.numerator, first.denominator, dict(first.excluded)) == (
        0, 0, {"unknown_role": 1},
    )  # fmt: skip
    assert (month.numerator, month.denominator, dict(month.excluded)) == (1, 1, {})


def test_many_unknown_roles_make_the_number_insufficient() -> None:
    def status(unknown: int) -> Status:
        uses = [use(f"k{n}", "citizen") for n in range(8)]
        uses += [use(f"u{n}") for n in range(unknown)]
        rows = newest(told([(MIDNIGHT - DAY, []), (MIDNIGHT, uses)]))
        return rows[SIKOJA.id, "1d", "city", "city", MIDNIGHT - DAY].status

    assert [status(2), status(3)] == ["ok", "insufficient"]


def done(kelurahan: str, count: int, at: int = NOON) -> list[Event]:
    """Completed requests of different applicants."""
    found = []
    for number in range(count):
        case = f"{kelurahan}-{number}"
        found += [
            event("service.requested", at - DAY, "sipaten", case_id=case, service_code="domisili",
                  kelurahan_code=kelurahan),
            event("service.completed", at, "sipaten", case_id=case, delivery="online"),
        ]  # fmt: skip
    return found


def officer(kelurahan: str, at: int = NOON, key: str = "p1:o") -> Event:
    return event("officer.session", at, "sipaten", "", session_id=f"{kelurahan}:{at}",
                 officer_key=key, kelurahan_code=kelurahan)  # fmt: skip


def active(*events: Event, partitions: int = 3) -> KpiRow:
    rows = newest(told([(MIDNIGHT - DAY, []), (MIDNIGHT, events)], partitions))
    return rows[ADOPTION.id, "28d", "city", "city", MIDNIGHT - 28 * DAY]


START = MIDNIGHT - 28 * DAY


@pytest.mark.parametrize(
    ("events", "numerator"),
    [
        pytest.param([*done(HERE, 10), officer(HERE)], 1, id="ten and an officer"),
        pytest.param([*done(HERE, 9), officer(HERE)], 0, id="nine"),
        pytest.param([*done(HERE, 10), officer(THERE)], 0, id="the officer of another"),
        pytest.param([*done(HERE, 10), officer(HERE, key="")], 0, id="an officer without a name"),
        pytest.param(
            [*done(HERE, 10, START), officer(HERE, MIDNIGHT - 1)], 1, id="both ends of the window"
        ),
        pytest.param([*done(HERE, 10), officer(HERE, START - 1)], 0, id="an officer before it"),
        pytest.param([*done(HERE, 10, START - 1), officer(HERE)], 0, id="completed before it"),
        pytest.param([*done("15.71.99.9999", 10), officer("15.71.99.9999")], 0, id="nowhere"),
        pytest.param(
            [*done(HERE, 12), *done(THERE, 11), officer(HERE), officer(THERE)], 2, id="two"
        ),
    ],
)
def test_active_kelurahan_of_68(events: list[Event], numerator: int) -> None:
    row = active(*events)
    assert (row.numerator, row.denominator) == (numerator, 68)


def test_a_request_that_is_repeated_within_the_hour_is_one() -> None:
    again = [
        event(one.type, one.occurred_at, "sipaten", f"again{n}",
              **{**one.fields, "case_id": f"again{n // 2}", **applicant})
        for n, one in enumerate(done(HERE, 10))
        for applicant in ([{"applicant_key": "p1:a"}] if "requested" in one.type else [{}])
    ]  # fmt: skip
    assert active(*again, officer(HERE)).numerator == 0


def test_without_any_officer_there_is_no_value_and_with_one_there_is() -> None:
    beat = event("source.heartbeat", NOON, "sipaten", "beat")
    assert (active(*done(HERE, 10), beat).value, active(*done(HERE, 10), beat).status) == (
        None, "insufficient",
    )  # fmt: skip
    row = active(*done(HERE, 10), officer(HERE), beat)
    assert (row.value, row.status) == ("1.47", "ok")


def test_a_city_that_was_never_heard_of_is_not_integrated() -> None:
    assert (active().value, active().status) == (None, "not_integrated")


def test_there_were_62_kelurahan_before_2023() -> None:
    areas = shipped(AdminAreaTable)
    assert len(areas.kelurahan) == 68
    ends = ("2022-12-01T00:00", "2023-01-01T00:00", "2023-01-02T00:00", "2026-12-01T00:00")
    assert [count_at(wib(end), areas) for end in ends] == [62, 62, 68, 68]


def test_an_auditor_finds_requests_and_officers_behind_it() -> None:
    engine = Engine(1)
    engine.apply(0, [*done(HERE, 1), officer(HERE)])
    rows = [row for row in engine.tick(MIDNIGHT, {}) if isinstance(row, KpiRow)]
    row = newest(rows)[ADOPTION.id, "28d", "city", "city", START]
    assert contributors(engine, row) == [f"{HERE}-0", f"{HERE}:{NOON}"]
