"""The city that the story plays in: cameras, agencies, categories, services.

Names of places are Jambi's; coordinates of intersections are a layout made for the story (a grid
around the centre, -1.61, 103.61), so that nothing here pretends to be a survey.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from sim.areas import KECAMATAN, KELURAHAN

CENTRE = (-1.61, 103.61)
EARTH_RADIUS_M = 6_371_000.0
_METRES_PER_DEGREE = EARTH_RADIUS_M * math.pi / 180

# fmt: off
_PLACES = (
    "pulai", "rimbo", "kawat", "mayang", "sipin", "bi", "jelutung", "puncak", "karya",
    "tugu_juang", "bata", "pattimura", "ahok", "handil", "the_hok", "kenali", "talang_banjar",
    "pasir_putih", "paal_v", "paal_merah", "haji_kamil", "sukarejo", "mangga", "broni",
    "gado_gado", "telanai", "kota_baru", "sungai_kambang", "thehok_timur", "lingkar",
    "bagan_pete", "mayang_mangurai", "sijenjang", "tanjung_sari", "budiman", "rimbo_dua",
    "angso_duo", "ancol", "makalam", "murni",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera of the register: position in WGS 84 degrees, frames per second when healthy."""

    camera_id: str
    intersection_id: str
    lat: float
    lon: float
    nominal_fps: float


def moved(lat: float, lon: float, north_m: float, east_m: float) -> tuple[float, float]:
    """The point so many metres to the north and east, to 6 decimals (about 0.1 m)."""
    east_degrees = east_m / (_METRES_PER_DEGREE * math.cos(math.radians(lat)))
    return round(lat + north_m / _METRES_PER_DEGREE, 6), round(lon + east_degrees, 6)


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle (haversine) distance of two points in metres."""
    phi_a, phi_b = math.radians(a[0]), math.radians(b[0])
    d_phi, d_lambda = phi_b - phi_a, math.radians(b[1] - a[1])
    h = math.sin(d_phi / 2) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(d_lambda / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(h))


@cache
def intersections() -> dict[str, tuple[float, float]]:
    """Position of each of the 40 intersections: 8 x 5, about 1.2 km apart, none in line."""
    found = {}
    for index, place in enumerate(_PLACES):
        row, column = divmod(index, 8)
        north = (row - 2) * 1200 + (index * 37 % 11 - 5) * 30
        east = (column - 3.5) * 1200 + (index * 53 % 13 - 6) * 30
        found[f"simpang_{place}"] = moved(*CENTRE, north, east)
    return found


@cache
def cameras() -> tuple[Camera, ...]:
    """60 cameras: one at each intersection, a second one 25 m further at every other."""
    found = []
    for index, (intersection, point) in enumerate(intersections().items()):
        fps = 25.0 if index % 3 else 15.0
        found.append(Camera(f"{intersection}_1", intersection, *point, fps))
        if index % 2 == 0:
            found.append(Camera(f"{intersection}_2", intersection, *moved(*point, 20, 15), fps))
    return tuple(found)


VIEW_M = 90
"""A camera sees the square of 180 metres around it, north up."""
_CORNERS = ((-1, -1), (-1, 1), (1, 1), (1, -1), (-1, -1))


@cache
def corners(camera: Camera) -> tuple[tuple[float, float], ...]:
    """Corners of what it sees: south-west first and last, latitude and longitude."""
    return tuple(moved(camera.lat, camera.lon, n * VIEW_M, e * VIEW_M) for n, e in _CORNERS)


def in_view(camera: Camera, point: tuple[float, float]) -> bool:
    """Whether the camera sees the point."""
    south_west, _, north_east, _, _ = corners(camera)
    return all(a < p < b for a, p, b in zip(south_west, point, north_east, strict=True))


@cache
def analytics(camera: Camera) -> tuple[str, ...]:
    """Classes that it tells: first cameras all but public order, second ones jams alone."""
    if camera.camera_id.endswith("_2"):
        return ("congestion",)
    found = {category.incident for category in CATEGORIES.values() if category.incident}
    return tuple(sorted(found - {"public_order"}))


KELURAHAN_CODES = tuple(KELURAHAN)
KECAMATAN_CODES = tuple(KECAMATAN)


@dataclass(frozen=True, slots=True)
class Category:
    """A complaint category: how common, who handles it, which incident class it claims."""

    weight: int
    opd: str
    incident: str | None = None
    local_hours: int = 72


CATEGORIES: dict[str, Category] = {
    "jalan_rusak": Category(183, "dpupr"),
    "lampu_jalan": Category(119, "perkim", "street_light_out", 24),
    "drainase": Category(78, "dpupr", None, 48),
    "sampah": Category(70, "dlh", "waste", 24),
    "kebocoran_pipa": Category(53, "pdam"),
    "air": Category(36, "pdam", None, 24),
    "banjir": Category(32, "dpupr", "flood"),
    "bansos": Category(28, "dinsos"),
    "lampu_lalu_lintas": Category(24, "dishub", "signal_fault", 48),
    "kemacetan": Category(24, "dishub", "congestion"),
    "ketertiban": Category(21, "satpol_pp", "public_order"),
    "parkir_liar": Category(19, "dishub", "illegal_parking", 48),
    "kecelakaan": Category(12, "dishub", "accident"),
    # Complaints about letters: none by chance, each has its request (sim/grievances.py).
    "pelayanan": Category(0, "dinsos"),
}
"""Weights after the city's published top list (catalogue section 2); hours: project choice."""


def incident_of(category: str) -> str | None:
    """The incident class that a category claims; None for one that the city does not have."""
    found = CATEGORIES.get(category)
    return found.incident if found else None


SERVICES = ("ktp_pengantar", "skck_pengantar", "domisili", "usaha_mikro", "tidak_mampu", "nikah")
"""Codes of letters that kecamatan and kelurahan give out through Sipaten."""
