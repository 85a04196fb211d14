"""Complaints as Sikesal tells of them (connectors/sikesal/README.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from core.events import Value
from sim.cases import Complaint, Step
from sim.payloads.webhooks import Dated, Record, local_time

_STEPS = {
    "submitted": "masuk",
    "verified": "verifikasi",
    "completed_by_reporter": "dilengkapi",
    "rejected": "ditolak",
    "forwarded": "diteruskan",
    "assigned": "ditugaskan",
    "responded": "tanggapan",
    "progressed": "proses",
    "resolved": "selesai",
    "reopened": "dibuka_kembali",
    "closed": "ditutup",
    "archived": "diarsipkan",
    "withdrawn": "dicabut",
    "duplicate_linked": "duplikat",
    "duplicate_unlinked": "batal_duplikat",
    "rated": "penilaian",
    "notified": "pemberitahuan",
    "published": "publikasi",
}
_NAMES = {
    "verdict": "hasil",
    "sla_class": "kelas",
    "actor": "pelaku",
    "substantive": "substantif",
    "long_cycle": "jangka_panjang",
    "note": "catatan",
    "reason": "alasan",
    "master_case_id": "induk",
    "stars": "bintang",
    "by": "oleh",
    "opd": "opd",
    "about": "tentang",
    "personal_data": "data_pribadi",
}
_WORDS = {
    "incomplete": "tidak_lengkap",
    "info": "informasi",
    "non_supervisory": "tanpa_pengawasan",
    "supervisory": "pengawasan",
    "aspiration": "aspirasi",
    "complaint": "pengaduan",
}
_ABOUT = {"about_service": "layanan", "request_id": "permohonan", "claim": "keluhan_layanan",
          "claimed_fee": "biaya_diminta"}  # fmt: skip
_CLAIMS = {"late": "terlambat", "not_delivered": "tidak_diserahkan", "extra_fee": "pungutan",
           "extra_requirement": "syarat_tambahan"}  # fmt: skip
_KINDS = {**_WORDS, "info": "permintaan_informasi"}


def records(complaints: Iterable[Complaint]) -> Iterator[Dated]:
    """Every step of every complaint; what one tells of another is in its own record."""
    known = list(complaints)
    of_masters = {
        (step.told_by.case_id, step.at): (master.case_id, step)
        for master in known for step in master.steps if step.told_by
    }  # fmt: skip
    for complaint in known:
        for count, step in enumerate(complaint.steps):
            if step.told_by:
                continue
            made, told = (
                record(complaint, step, count),
                of_masters.get((complaint.case_id, step.at)),
            )
            if step.what == "submitted":
                made |= _filed(complaint)
            elif told:
                made |= _of_master(*told)
            yield Dated(step.at, made, outcomes=2 if told else 1)


def _of_master(case_id: str, step: Step) -> Record:
    filed = step.fields.get("submitted_at")
    return {"induk": case_id} | (
        {"waktu_masuk": local_time(filed)} if isinstance(filed, int) else {}
    )


def record(complaint: Complaint, step: Step, count: int | None = None) -> Record:
    """One step; `count` is how many were before it, if not all that the complaint has."""
    before = len(complaint.steps) if count is None else count
    return {**_head(complaint, step, before), **_own(step)}


def _head(complaint: Complaint, step: Step, count: int) -> Record:
    head: Record = {
        "versi": 1,
        "nomor": complaint.number,
        "jenis": _STEPS[step.what],
        "waktu": local_time(step.at),
        "urutan": count,
    }
    return head if complaint.source == "sikesal" else head | {"kanal": complaint.source}


def _own(step: Step) -> Record:
    return {
        _NAMES[name]: _STEPS[str(value)] if name == "about" else _word(value)
        for name, value in step.fields.items()
        if value is not None
    }


def _word(value: Value) -> Value:
    return _WORDS.get(value, value) if isinstance(value, str) else value


def _filed(complaint: Complaint) -> Record:
    place: dict[str, Any] = {"kelurahan": complaint.kelurahan_code}
    if complaint.point:
        place["lat"], place["lon"] = complaint.point
    record: Record = {
        "kategori": complaint.category,
        "pelapor": {"nama": "Warga Jambi", "telepon": complaint.phone},
        "lokasi": place,
        "isi": f"Mohon ditindaklanjuti, hubungi {complaint.phone}",
    }
    if complaint.kind:
        record["klasifikasi"] = _KINDS.get(complaint.kind, complaint.kind)
    if complaint.incident_at is not None:
        record["waktu_kejadian"] = local_time(complaint.incident_at)
    if complaint.origin_ref:
        record["asal"] = complaint.origin_ref
    for name, value in complaint.about.items():
        if value is not None:
            record[_ABOUT[name]] = _CLAIMS.get(str(value), value)
    if complaint.applicant_nik:
        record["pemohon"] = {"nama": "Pemohon Surat", "nik": complaint.applicant_nik}
    return record
