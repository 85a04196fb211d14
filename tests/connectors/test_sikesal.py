"""Sikesal's webhook: what a step becomes, and who may push it."""

import base64
import json
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.sikesal.manifest import MANIFEST, Settings
from connectors.sikesal.steps import STEPS
from core import moment
from core.events import Event
from core.manifest import Raw
from core.normalize import normalize
from core.outcome import Reason, Reject
from core.privacy import Pseudonymizer
from core.webhook_signature import signed_headers

NOW = moment.parse("2026-11-23T03:00:00Z")
KEY = Pseudonymizer(b"k" * 32, "p1")
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
FILED: dict[str, Any] = {
    "versi": 1,
    "nomor": "SK-1",
    "jenis": "masuk",
    "waktu": "2026-11-22T09:15:00+07:00",
    "kategori": "drainase",
}


LINK = {"jenis": "duplikat", "induk": "call112:77"}
"""Of the case that is filed above."""


def outcomes(*records: object) -> list[Event | Reject]:
    body = MANIFEST.redact(json.dumps(records).encode(), KEY)
    return list(normalize(MANIFEST, Raw(body, NOW)))


def event(**changed: object) -> Event:
    (outcome,) = outcomes(FILED | changed)
    assert isinstance(outcome, Event), outcome
    return outcome


def reject(**changed: object) -> Reject:
    (outcome,) = outcomes(FILED | changed)
    assert isinstance(outcome, Reject), outcome
    return outcome


def test_knows_every_complaint_type_of_the_vocabulary() -> None:
    assert len(set(MANIFEST.emits)) == len(STEPS) + 2 == 20


def test_a_resend_is_the_same_event() -> None:
    first, again = outcomes(FILED, FILED)
    assert first == again


def test_the_same_instant_in_another_zone_is_the_same_event() -> None:
    withdrawn = event(jenis="dicabut", waktu="2026-11-22T09:15:00+07:00")
    assert withdrawn == event(jenis="dicabut", waktu="2026-11-22T02:15:00Z")


def test_two_steps_of_a_kind_are_told_apart_by_time() -> None:
    first, second = (
        event(jenis="selesai", waktu=waktu)
        for waktu in ("2026-11-22T09:15:00Z", "2026-11-22T09:15:01Z")
    )
    assert first.event_id != second.event_id


def test_two_steps_at_one_time_are_told_apart_by_their_count() -> None:
    first, second = (event(jenis="selesai", urutan=count) for count in (1, 2))
    assert first.event_id != second.event_id


def test_counting_may_begin_at_zero() -> None:
    assert event(jenis="selesai", urutan=0).event_id == "sikesal:SK-1:resolved:0"


@pytest.mark.parametrize("channel", ["sp4n_lapor", "call112", "walk_in"])
def test_a_case_of_another_channel_belongs_to_that_channel(channel: str) -> None:
    filed = event(kanal=channel)
    assert (filed.source, filed.text("case_id")) == (channel, f"{channel}:SK-1")


def test_a_kelurahan_names_its_kecamatan() -> None:
    filed = event(lokasi={"kelurahan": "15.71.07.1011"})
    assert filed.text("kecamatan_code") == "15.71.07"


def test_one_phone_is_one_reporter() -> None:
    first, second = (
        event(pelapor={"telepon": phone}) for phone in ("0812-0000-1234", "+6281200001234")
    )
    assert first.text("reporter_key") == second.text("reporter_key") != ""


def test_a_reporter_without_a_phone_is_known_by_the_next_best() -> None:
    assert event(pelapor={"telepon": "-", "nik": "1571000000000001"}).text("reporter_key")


def test_a_link_tells_the_master_when_its_copy_was_filed() -> None:
    linked, gained = outcomes(FILED | LINK | {"waktu_masuk": "2026-11-20T08:00:00+07:00"})
    assert isinstance(linked, Event)
    assert isinstance(gained, Event)
    assert linked == event(**LINK)
    assert (gained.type, gained.occurred_at) == ("complaint.duplicate_gained", linked.occurred_at)
    assert gained.fields == {
        "case_id": "call112:77", "duplicate_case_id": "sikesal:SK-1",
        "submitted_at": moment.parse("2026-11-20T01:00:00Z"),
    }  # fmt: skip


def test_two_copies_of_one_master_at_one_time_are_two_facts() -> None:
    link = FILED | LINK | {"waktu_masuk": FILED["waktu"]}
    told = [one for one in outcomes(link, link | {"nomor": "SK-2"}) if isinstance(one, Event)]
    assert len({one.event_id for one in told}) == 4


def test_a_link_that_is_undone_tells_the_master_that_is_named() -> None:
    undone, lost = outcomes(FILED | LINK | {"jenis": "batal_duplikat"})
    assert isinstance(lost, Event)
    assert (lost.type, dict(lost.fields)) == ("complaint.duplicate_lost", {
        "case_id": "call112:77", "duplicate_case_id": "sikesal:SK-1",
    })  # fmt: skip
    assert event(jenis="batal_duplikat") == undone


def test_a_filing_before_sikesal_is_refused_and_its_link_is_not() -> None:
    linked, refused = outcomes(FILED | LINK | {"waktu_masuk": "2017-11-30T23:59:59+07:00"})
    assert linked == event(**LINK)
    assert isinstance(refused, Reject)
    assert refused.reason is Reason.TIME_OUT_OF_RANGE


def test_a_name_alone_identifies_nobody() -> None:
    assert event(pelapor={"nama": "Contoh Warga"}).text("reporter_key") == ""


def test_a_key_that_the_sender_made_up_is_not_believed() -> None:
    made_up = "p1:" + "0" * 31 + "1"
    assert event(pelapor={"telepon": made_up}).text("reporter_key") not in ("", made_up)


@pytest.mark.parametrize("name", ["no_hp", "Nama_Pelapor", "surel", "plat_nomor"])
def test_personal_fields_that_the_format_lacks_are_removed_too(name: str) -> None:
    body = json.dumps(FILED | {name: "canary"}).encode()
    assert b"canary" not in MANIFEST.redact(body, KEY)


def test_unknown_fields_do_no_harm() -> None:
    assert event(baru={"a": [1]}) == event()


def test_a_bad_record_costs_only_itself_and_can_be_sent_again() -> None:
    good, bad, other = outcomes(FILED, FILED | {"waktu": ""}, FILED | {"nomor": "SK-2"})
    assert isinstance(good, Event)
    assert isinstance(other, Event)
    assert isinstance(bad, Reject)
    assert json.loads(bad.raw) == FILED | {"waktu": ""}


@pytest.mark.parametrize("name", ["versi", "nomor", "jenis", "waktu", "kategori"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_names_the_field_that_is_missing(name: str, value: object) -> None:
    missing = reject(**{name: value})
    assert missing.reason is Reason.MISSING_FIELD
    assert name in missing.detail


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"versi": 2}, Reason.UNKNOWN_TYPE),
        ({"jenis": "hilang"}, Reason.UNKNOWN_TYPE),
        ({"kanal": "twitter"}, Reason.INVALID),
        ({"nomor": "a:b"}, Reason.INVALID),
        ({"nomor": "\ud800"}, Reason.INVALID),
        ({"nomor": "a\x00b"}, Reason.INVALID),
        ({"nomor": 10**400}, Reason.INVALID),
        ({"nomor": True}, Reason.INVALID),
        ({"kategori": "x" * 257}, Reason.INVALID),
        ({"waktu": "2026-11-22"}, Reason.INVALID),
        ({"waktu": "2026-11-22T09:15:00"}, Reason.INVALID),
        ({"waktu": 1763775300}, Reason.INVALID),
        ({"waktu": "0001-01-01T00:00:00+14:00"}, Reason.TIME_OUT_OF_RANGE),
        ({"waktu": "2017-11-30T23:59:59+07:00"}, Reason.TIME_OUT_OF_RANGE),
        ({"waktu": "2026-11-23T03:05:00.000001Z"}, Reason.TIME_OUT_OF_RANGE),
        ({"urutan": -1}, Reason.INVALID),
        ({"urutan": 1.5}, Reason.INVALID),
        ({"klasifikasi": "keluhan"}, Reason.INVALID),
        ({"lokasi": [1, 2]}, Reason.INVALID),
        ({"lokasi": {"lat": 91, "lon": 0}}, Reason.INVALID),
        ({"lokasi": {"lat": -1.6}}, Reason.MISSING_FIELD),
        ({"lokasi": {"kelurahan": "Beliung"}}, Reason.INVALID),
        ({"lokasi": {"kelurahan": "15.71.07.1011", "kecamatan": "15.71.01"}}, Reason.CONTRADICTORY),
        ({"jenis": "penilaian", "bintang": 0}, Reason.INVALID),
        ({"jenis": "duplikat", "induk": "sikesal:SK-1"}, Reason.CONTRADICTORY),
        ({"jenis": "duplikat", "induk": "SK-2"}, Reason.INVALID),
        ({"jenis": "batal_duplikat", "induk": "sikesal:SK-1"}, Reason.CONTRADICTORY),
        ({"jenis": "batal_duplikat", "induk": "SK-2"}, Reason.INVALID),
        (LINK | {"waktu_masuk": "2026-11-22"}, Reason.INVALID),
        (LINK | {"waktu_masuk": "1969-11-22T09:15:00Z"}, Reason.TIME_OUT_OF_RANGE),
        (LINK | {"waktu_masuk": "2026-11-22T09:15:00.000001+07:00"}, Reason.CONTRADICTORY),
    ],
)
def test_says_what_is_wrong(changed: dict[str, object], reason: Reason) -> None:
    assert reject(**changed).reason is reason


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "Infinity"])
def test_a_number_that_nothing_holds_costs_only_its_record(number: str) -> None:
    good = json.dumps(FILED)
    bad = good[:-1] + f', "lokasi": {{"lat": {number}, "lon": 1}}}}'
    body = MANIFEST.redact(f"[{good}, {bad}]".encode(), KEY)
    first, second = normalize(MANIFEST, Raw(body, NOW))
    assert isinstance(first, Event)
    assert isinstance(second, Reject)


@pytest.mark.parametrize("body", [b"", b"\xff", b'[{"versi": 1', b"<a/>", b"[" * 100_000])
def test_what_is_not_json_is_one_reject_with_its_bytes(body: bytes) -> None:
    (outcome,) = MANIFEST.parse(Raw(body, NOW))
    assert isinstance(outcome, Reject)
    assert (outcome.reason, outcome.raw) == (Reason.UNDECODABLE, body)


def test_a_list_of_nothing_is_nothing() -> None:
    assert outcomes() == []


def test_a_large_list_is_split_without_loss() -> None:
    many = [FILED | {"nomor": f"SK-{number}"} for number in range(450)]
    parts = list(MANIFEST.split(json.dumps(many).encode()))
    assert [record for part in parts for record in json.loads(part)] == many
    assert len(parts) == 3


def verified(settings: Settings, body: bytes = b"[]") -> int:
    assert MANIFEST.verify is not None
    return MANIFEST.verify(settings, signed_headers(SECRET, "m", NOW, body), b"[]", NOW).status


def test_believes_its_secret_alone() -> None:
    settings = Settings.model_validate({"secret": SECRET})
    assert (verified(settings), verified(settings, b"{}")) == (204, 401)


def test_two_secrets_are_one_change_of_secret() -> None:
    other = "whsec_" + base64.b64encode(b"o" * 32).decode()
    assert verified(Settings.model_validate({"secret": f"{other} {SECRET}"})) == 204


def test_without_a_secret_nobody_is_believed() -> None:
    assert verified(Settings.model_validate({})) == 401


def test_a_wrong_secret_is_told_at_the_start_without_showing_it() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"secret": "hunter2hunter2"})
    assert "hunter2" not in str(caught.value)
