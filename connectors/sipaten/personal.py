"""Which fields of the Sipaten webhook say who somebody is."""

from __future__ import annotations

from core.privacy import Pseudonymizer
from core.redaction import Names, redact_json

WHO = ("telepon", "akun", "email", "nik", "nib")
"""Fields that identify the applicant, best first."""
PERSONAL = (*WHO, "nama", "alamat")
"""The personal fields of the format."""
_ALSO = (
    "nama alamat no_hp hp no_telepon nama_pemohon alamat_pemohon "
    "phone name address surel no_ktp no_kk npwp tanggal_lahir tempat_lahir nama_usaha "
    "foto ip perangkat"
)
"""What is personal too, should the app send it although the format does not have it."""

NAMES = Names.of(
    codes="versi nomor jenis waktu urutan aplikasi layanan jenis_pemohon saluran kecamatan "
    "kelurahan lengkap hasil penyerahan diminta jumlah versi_catatan waktu_lengkap "
    "waktu_keputusan waktu_penyerahan",
    who=" ".join(WHO),
    personal=_ALSO,
)


def redact(body: bytes, pseudonymizer: Pseudonymizer) -> bytes:
    """The body with pseudonyms for the applicant, without other personal data."""
    return redact_json(body, NAMES, pseudonymizer)
