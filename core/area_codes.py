"""Kemendagri codes of kecamatan (`15.71.07`) and kelurahan (`15.71.07.1011`)."""

from __future__ import annotations

import re

from core.events import Value
from core.fields import Fields, Flaw
from core.outcome import Reason

_KECAMATAN = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}")
_KELURAHAN = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}")


def codes(place: Fields) -> dict[str, Value]:
    """Event fields of `kecamatan` and `kelurahan`; a kelurahan names its kecamatan.

    Raises Flaw for anything but codes, and for a kelurahan of another kecamatan.
    """
    kelurahan = place.match("kelurahan", _KELURAHAN, "15.71.07.1011")
    kecamatan = place.match("kecamatan", _KECAMATAN, "15.71.07")
    if kelurahan and kecamatan and not kelurahan.startswith(f"{kecamatan}."):
        detail = f"kelurahan {kelurahan} does not lie in kecamatan {kecamatan}"
        raise Flaw(Reason.CONTRADICTORY, detail)
    if kelurahan and not kecamatan:
        kecamatan = kelurahan[:8]
    return {"kecamatan_code": kecamatan, "kelurahan_code": kelurahan}
