"""Sipaten's webhook: what a step becomes.  What it shares with Sikesal is tested there."""

import json
from typing import Any

import pytest

from connectors.sipaten.manifest import MANIFEST, Settings
from core import contract, moment
from core.events import Event
from core.manifest import Raw
from core.normalize import normalize
from core.outcome import Reason, Reject
from core.privacy import Pseudonymizer

NOW = moment.parse("2026-11-23T03:00:00Z")
KEY = Pseudonymizer(b"k" * 32, "p1")
ASKED: dict[str, Any] = {
    "versi": 1,
    "nomor": "PTN-1",
    "jenis": "permohonan",
    "waktu": "2026-11-20T08:30:00+07:00",
    "layanan": "surat_domisili",
}


def outcome(**changed: object) -> Event | Reject:
    body = MANIFEST.redact(json.dumps(ASKED | changed).encode(), KEY)
    (one,) = normalize(MANIFEST, Raw(body, NOW))
    return one


def event(**changed: object) -> Event:
    one = outcome(**changed)
    assert isinstance(one, Event), one
    return one


def test_knows_every_service_type_of_the_vocabulary() -> None:
    assert set(MANIFEST.emits) == {t for t in contract.types() if t.startswith("service.")}


def test_a_request_is_one_of_sipaten_unless_it_names_its_app() -> None:
    apps = [event().text("app"), event(aplikasi="sikoja").text("app")]
    assert apps == ["sipaten", "sikoja"]


def test_one_applicant_is_one_key_over_two_requests() -> None:
    first, second = (
        event(nomor=number, pemohon={"telepon": phone})
        for number, phone in (("PTN-1", "081200001234"), ("PTN-2", "+62 812-0000-1234"))
    )
    assert first.text("applicant_key") == second.text("applicant_key") != ""


def test_a_business_is_pseudonymized_like_a_person() -> None:
    assert event(pemohon={"nib": "9120000000001"}).text("applicant_key").startswith("p1:")


@pytest.mark.parametrize("complete", [True, False])
def test_completeness_is_what_was_found(complete: bool) -> None:
    assert event(jenis="pemeriksaan_berkas", lengkap=complete).fields["complete"] is complete


@pytest.mark.parametrize(
    ("word", "outcome"),
    [("disetujui", "granted"), ("DITOLAK", "refused"), ("disetujui_otomatis", "auto_granted")],
)
def test_a_decision_is_told_in_the_words_of_the_vocabulary(word: str, outcome: str) -> None:
    assert event(jenis="keputusan", hasil=word).text("outcome") == outcome


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"layanan": None}, Reason.MISSING_FIELD),
        ({"jenis": "keputusan"}, Reason.MISSING_FIELD),
        ({"jenis": "keputusan", "hasil": "mungkin"}, Reason.INVALID),
        ({"jenis": "pemeriksaan_berkas"}, Reason.MISSING_FIELD),
        ({"jenis": "pemeriksaan_berkas", "lengkap": "ya"}, Reason.INVALID),
        ({"jenis": "bayar"}, Reason.UNKNOWN_TYPE),
        ({"aplikasi": "Si Koja"}, Reason.INVALID),
        ({"pemohon": "Contoh"}, Reason.INVALID),
    ],
)
def test_says_what_is_wrong(changed: dict[str, object], reason: Reason) -> None:
    one = outcome(**changed)
    assert isinstance(one, Reject)
    assert one.reason is reason


def test_has_a_secret_of_its_own() -> None:
    assert Settings.model_config["env_prefix"] == "JCOC_SIPATEN__"
