"""Which fields of the Sikesal webhook say who somebody is."""

from __future__ import annotations

from core.privacy import Pseudonymizer
from core.redaction import Names, redact_json

WHO = ("telepon", "akun", "email", "nik")
"""Fields that identify the reporter, best first."""
PERSONAL = (*WHO, "nama", "alamat")
"""The personal fields of the format."""
_ALSO = (
    "nama alamat no_hp hp no_telepon nama_pelapor alamat_pelapor "
    "phone name address surel no_ktp no_kk tanggal_lahir tempat_lahir foto plat_nomor ip perangkat"
)
"""What is personal too, should the app send it although the format does not have it."""

NAMES = Names.of(
    codes="versi nomor jenis waktu urutan kanal kategori klasifikasi lat lon kecamatan kelurahan "
    "asal waktu_kejadian layanan opd opd_pendamping hasil kelas pelaku substantif jangka_panjang "
    "oleh induk waktu_masuk bintang permohonan keluhan_layanan biaya_diminta",
    who=" ".join(WHO),
    personal=_ALSO,
)


def redact(body: bytes, pseudonymizer: Pseudonymizer) -> bytes:
    """The body with pseudonyms for the reporter, without other personal data."""
    return redact_json(body, NAMES, pseudonymizer)
