"""Sipaten's webhook body to events.  Pure: bytes in, outcomes out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from connectors.sipaten.personal import WHO
from core import pushed_records
from core.area_codes import codes
from core.events import Event, Value
from core.fields import Fields, Flaw
from core.manifest import Raw
from core.outcome import Reason, Reject
from core.redaction import person

_APP = re.compile(r"[0-9a-z][0-9a-z_]{0,31}")
_DOCUMENTS = re.compile(r"[0-9a-z_]{1,32}(?: [0-9a-z_]{1,32}){0,15}")
_SUBJECTS = {"perorangan": "person", "badan_usaha": "business"}
_CHANNELS = {"aplikasi": "app", "loket": "counter", "dibantu": "assisted"}
_OUTCOMES = {"disetujui": "granted", "ditolak": "refused", "disetujui_otomatis": "auto_granted"}
_DELIVERIES = {"daring": "online", "loket": "counter", "pos": "post"}

Read = Callable[[Fields], Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class Step:
    """`name` is the event type within `service`, `read` gives its own fields."""

    name: str
    read: Read = lambda _: {}

    @property
    def event_type(self) -> str:
        """The canonical type."""
        return f"service.{self.name}"


def parse(raw: Raw) -> Iterator[Event | Reject]:
    """One outcome for each record of the body (README.md: one record, or a list)."""
    return pushed_records.outcomes(raw.body, _events)


def _events(record: Fields) -> Iterator[Event]:
    kind = record.need("jenis").casefold()
    step = STEPS.get(kind)
    if step is None:
        detail = f"field 'jenis' {kind!r} is none of {', '.join(STEPS)}"
        raise Flaw(Reason.UNKNOWN_TYPE, detail)
    case = pushed_records.case(record, "sipaten")
    fields = {"case_id": case.case_id, **step.read(record)}
    once = step.name == "requested"
    yield Event(step.event_type, case.event_id(step.name, once=once), case.at, "sipaten", fields)


def _requested(record: Fields) -> Mapping[str, Value]:
    return {
        "app": record.match("aplikasi", _APP, "sipaten") or "sipaten",
        "source_ref": record.text("nomor"),
        "service_code": record.need("layanan"),
        "subject_type": record.choice("jenis_pemohon", _SUBJECTS),
        "channel": record.choice("saluran", _CHANNELS),
        "applicant_key": person(record.inside("pemohon"), WHO),
        **codes(record),
    }


def _amended(record: Fields) -> Mapping[str, Value]:
    said = {
        "version": record.whole("versi_catatan"),
        "complete_at": record.moment("waktu_lengkap"),
        "decided_at": record.moment("waktu_keputusan"),
        "completed_at": record.moment("waktu_penyerahan"),
        "fee": record.whole("jumlah"),
        "asked_for": _documents(record),
    }
    # An empty list says that nothing was asked for; a field that is not there says nothing.
    return {**said, "asked_for": ""} if record.values.get("diminta") == "" else said


def _documents(record: Fields) -> str | None:
    """Codes with a blank between."""
    return record.match("diminta", _DOCUMENTS, "ktp kk surat_rt")


STEPS = {
    "permohonan": Step("requested", _requested),
    "pemeriksaan_berkas": Step(
        "completeness_decided",
        lambda r: {"complete": r.need_flag("lengkap"), "asked_for": _documents(r)},
    ),
    "keputusan": Step("decided", lambda r: {"outcome": r.need_choice("hasil", _OUTCOMES)}),
    "penyerahan": Step("completed", lambda r: {"delivery": r.choice("penyerahan", _DELIVERIES)}),
    "kunjungan_loket": Step("counter_visit"),
    "dicabut": Step("withdrawn"),
    "biaya": Step("fee_charged", lambda r: {"amount": r.need_whole("jumlah")}),
    "ralat": Step("record_amended", _amended),
}
