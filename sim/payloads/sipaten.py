"""Service requests as Sipaten tells of them (connectors/sipaten/README.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.events import Value
from sim.cases import Service, Step
from sim.payloads.webhooks import Dated, Record, local_time

_STEPS = {
    "requested": "permohonan",
    "completeness_decided": "pemeriksaan_berkas",
    "decided": "keputusan",
    "completed": "penyerahan",
    "counter_visit": "kunjungan_loket",
    "withdrawn": "dicabut",
    "fee_charged": "biaya",
    "record_amended": "ralat",
}
_SUBJECTS = {"person": "perorangan", "business": "badan_usaha"}
_CHANNELS = {"app": "aplikasi", "counter": "loket", "assisted": "dibantu"}
_DELIVERIES = {"online": "daring", "counter": "loket"}
_OUTCOMES = {
    "granted": "disetujui",
    "refused": "ditolak",
    "auto_granted": "disetujui_otomatis",
}

_AMENDED = {"version": "versi_catatan", "decided_at": "waktu_keputusan", "asked_for": "diminta"}


def records(services: Iterable[Service]) -> Iterator[Dated]:
    """Every step of every request."""
    for service in services:
        for count, step in enumerate(service.steps):
            head: Record = {
                "versi": 1,
                "nomor": service.number,
                "jenis": _STEPS[step.what],
                "waktu": local_time(step.at),
                "urutan": count,
            }
            own = _requested(service) if step.what == "requested" else _own(step)
            yield Dated(step.at, {**head, **own})


def _own(step: Step) -> Record:
    match step.what:
        case "completeness_decided":
            asked = step.fields.get("asked_for")
            complete = {"lengkap": step.fields["complete"]}
            return {**complete, "diminta": asked} if asked else complete
        case "fee_charged":
            return {"jumlah": step.fields["amount"]}
        case "record_amended":
            return {_AMENDED[name]: _told(name, value) for name, value in step.fields.items()}
        case "decided":
            return {"hasil": _OUTCOMES[str(step.fields["outcome"])]}
        case "completed":
            return {"penyerahan": _DELIVERIES[str(step.fields["delivery"])]}
        case _:
            return {}


def _requested(service: Service) -> Record:
    return {
        "layanan": service.service_code,
        "jenis_pemohon": _SUBJECTS[service.subject_type],
        "saluran": _CHANNELS[service.channel],
        "pemohon": {"nama": "Warga Jambi", "nik": service.nik},
        "kelurahan": service.kelurahan_code,
    }


def _told(name: str, value: Value) -> Value:
    return local_time(int(value)) if name.endswith("_at") and value is not None else value
