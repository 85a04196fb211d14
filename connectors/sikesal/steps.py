"""The steps of a complaint (`jenis`): which event each is, and what it reads beside the case."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.sikesal.personal import WHO
from core.area_codes import codes
from core.events import Value
from core.fields import Fields, Flaw, invalid
from core.outcome import Reason
from core.privacy import scrub
from core.pushed_records import NUMBER, Case
from core.redaction import person

CHANNELS = {name: name for name in ("sikesal", "sp4n_lapor", "call112", "walk_in")}
_CASE = re.compile(rf"(?:{'|'.join(CHANNELS)}):{NUMBER.pattern}")
_LIKE = (_CASE, "sikesal:SK-2026-000123")
_VERDICTS = {"valid": "valid", "tidak_lengkap": "incomplete"}
_ACTORS = {"opd": "opd", "admin": "admin", "bot": "bot", "pelapor": "reporter"}
_CLOSERS = {"pelapor": "reporter", "admin": "admin", "sistem": "system"}
_KINDS = {
    "pengaduan": "complaint",
    "aspirasi": "aspiration",
    "permintaan_informasi": "info",
    "wbs": "wbs",
}
_CLASSES = {
    "informasi": "info",
    "tanpa_pengawasan": "non_supervisory",
    "pengawasan": "supervisory",
}
_CLAIMS = {
    "terlambat": "late",
    "tidak_diserahkan": "not_delivered",
    "pungutan": "extra_fee",
    "syarat_tambahan": "extra_requirement",
}
_REQUEST = re.compile(rf"[a-z][a-z0-9_]{{0,31}}:{NUMBER.pattern}")
_NOTE = 4000

Read = Callable[[Fields], Mapping[str, Value]]
Tell = Callable[[Fields, Case], Mapping[str, Value] | None]


@dataclass(frozen=True, slots=True)
class ToMaster:
    """What a record of a copy tells the master: an event of the master's key, or None of it."""

    name: str
    tell: Tell

    @property
    def event_type(self) -> str:
        """The canonical type."""
        return f"complaint.{self.name}"


@dataclass(frozen=True, slots=True)
class Step:
    """`name` is the event type within `complaint`, `read` gives its own fields."""

    name: str
    read: Read = lambda _: {}
    to_master: ToMaster | None = None

    @property
    def event_type(self) -> str:
        """The canonical type."""
        return f"complaint.{self.name}"

    @property
    def emits(self) -> tuple[str, ...]:
        """Every type that a record of it may become."""
        return (self.event_type, *([self.to_master.event_type] if self.to_master else ()))


def _submitted(record: Fields) -> Mapping[str, Value]:
    place = record.inside("lokasi")
    lat, lon = place.point("lat", "lon")
    return {
        "source_ref": record.text("nomor"),
        "origin_ref": record.match("asal", _CASE, "call112:2026-000123"),
        "reporter_key": person(record.inside("pelapor"), WHO),
        "category": record.need("kategori"),
        "kind": record.choice("klasifikasi", _KINDS),
        "lat": lat,
        "lon": lon,
        **codes(place),
        "opd": record.text("opd"),
        "incident_at": record.moment("waktu_kejadian"),
        "about_service": record.text("layanan"),
        "request_id": record.match("permohonan", _REQUEST, "sipaten:PTN-2026-000042"),
        "applicant_key": person(record.inside("pemohon"), WHO),
        "claim": record.choice("keluhan_layanan", _CLAIMS),
        "claimed_fee": _rupiah(record, "biaya_diminta"),
    }


def _verified(record: Fields) -> Mapping[str, Value]:
    return {
        "verdict": record.need_choice("hasil", _VERDICTS),
        "sla_class": record.choice("kelas", _CLASSES),
    }


def _responded(record: Fields) -> Mapping[str, Value]:
    return {
        "actor": record.need_choice("pelaku", _ACTORS),
        "substantive": record.flag("substantif"),
    }


def _rated(record: Fields) -> Mapping[str, Value]:
    stars = record.need_whole("bintang")
    if not 1 <= stars <= 5:
        raise invalid(f"field 'bintang' is {stars}, not 1 to 5")
    return {"stars": stars}


def _linked(record: Fields) -> Mapping[str, Value]:
    return {"master_case_id": record.need_match("induk", *_LIKE)}


def _gained(record: Fields, copy: Case) -> Mapping[str, Value] | None:
    """When the copy was filed: who links two cases has both before them (decision 0016)."""
    told, filed = _lost(record, copy), record.moment("waktu_masuk")
    if told is None or filed is None:
        return None
    if filed > copy.at:
        detail = "field 'waktu_masuk' is later than 'waktu': nothing is linked before it is filed"
        raise Flaw(Reason.CONTRADICTORY, detail)
    return {**told, "submitted_at": filed}


def _lost(record: Fields, copy: Case) -> Mapping[str, Value] | None:
    master = record.match("induk", *_LIKE)
    if master == copy.case_id:
        raise Flaw(Reason.CONTRADICTORY, f"{master} cannot be the duplicate of itself")
    return {"case_id": master, "duplicate_case_id": copy.case_id} if master else None


def _rupiah(record: Fields, name: str) -> int | None:
    amount = record.whole(name)
    if amount is not None and amount < 0:
        raise invalid(f"field {name!r} is {amount}, below 0")
    return amount


def _note(record: Fields, name: str) -> str | None:
    text = record.text(name, longest=_NOTE)
    return text and scrub(text)


def _about(record: Fields) -> str:
    """The step that a notice or a publication tells of, by the name of its event."""
    kind = record.need("tentang").casefold()
    if kind not in STEPS:
        raise invalid(f"field 'tentang' {kind!r} is none of {', '.join(STEPS)}")
    return STEPS[kind].name


STEPS = {
    "masuk": Step("submitted", _submitted),
    "verifikasi": Step("verified", _verified),
    "dilengkapi": Step("completed_by_reporter"),
    "ditolak": Step("rejected", lambda r: {"reason": _note(r, "alasan")}),
    "diteruskan": Step("forwarded", lambda r: {"opd": r.need("opd")}),
    "ditugaskan": Step(
        "assigned", lambda r: {"opd": r.need("opd"), "co_handler": r.text("opd_pendamping")}
    ),
    "tanggapan": Step("responded", _responded),
    "proses": Step(
        "progressed",
        lambda r: {"long_cycle": r.flag("jangka_panjang"), "note": _note(r, "catatan")},
    ),
    "selesai": Step("resolved", lambda r: {"opd": r.text("opd"), "evidence": _note(r, "bukti")}),
    "dibuka_kembali": Step("reopened", lambda r: {"reason": _note(r, "alasan")}),
    "ditutup": Step("closed", lambda r: {"by": r.choice("oleh", _CLOSERS)}),
    "diarsipkan": Step("archived"),
    "dicabut": Step("withdrawn"),
    "duplikat": Step("duplicate_linked", _linked, ToMaster("duplicate_gained", _gained)),
    "batal_duplikat": Step("duplicate_unlinked", to_master=ToMaster("duplicate_lost", _lost)),
    "penilaian": Step("rated", _rated),
    "pemberitahuan": Step("notified", lambda r: {"about": _about(r)}),
    "publikasi": Step(
        "published", lambda r: {"about": _about(r), "personal_data": r.flag("data_pribadi")}
    ),
}
