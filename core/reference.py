"""Numbers of the city that are versioned with the code.  Tables that change are `core.tables`.

Each number says whether it is law, a promise or a project choice (KPI catalogue).
"""

from __future__ import annotations

from dataclasses import dataclass

from core.moment import DAY, HOUR, MINUTE
from core.tables import PopulationTable, shipped

VERSION = "ref.6"
"""Changes whenever a number here changes; part of every definition hash."""

UTILITY_CATEGORIES = frozenset({"sampah", "lampu_jalan", "air", "kebocoran_pipa"})
UTILITY_LIMIT = 24 * HOUR
"""Catalogue KPI 5: 1x24 hours, said by Diskominfo of what an agency can settle at once.
Floods and drainage are not in it: rain decides them."""
FLOOD_CATEGORIES = frozenset({"banjir", "drainase"})
SURGE = 3
"""Catalogue KPI 5: times the usual volume of an hour that make a window a surge."""

DIGITISABLE_SERVICES = frozenset(
    {"ktp_pengantar", "skck_pengantar", "domisili", "usaha_mikro", "tidak_mampu"}
)
"""Letters that can be asked for and had without coming (project choice; the city's list is not
published).  Marriage papers need the couple."""

FREE_SERVICES = frozenset({"ktp_pengantar", "skck_pengantar", "domisili", "tidak_mampu"})
"""Letters that cost nothing, so the survey does not ask what they cost (project choice; the
city's list is not published)."""

SERVICE_TARIFF = {
    "ktp_pengantar": 0,
    "skck_pengantar": 0,
    "domisili": 0,
    "tidak_mampu": 0,
    "usaha_mikro": 10_000,
    "nikah": 10_000,
}
"""What a letter costs, whole rupiah (project choice; the city's tariff is not published)."""
SERVICE_REQUIREMENTS = {
    code: frozenset({"ktp", "kk", "surat_rt", *more})
    for code, more in {
        "ktp_pengantar": ("foto",),
        "skck_pengantar": ("foto",),
        "domisili": (),
        "tidak_mampu": (),
        "usaha_mikro": ("foto_usaha",),
        "nikah": ("akta_lahir",),
    }.items()
}
"""Documents that may be asked for, by letter (project choice; the standards are not published)."""
LINKED_WITHIN = 30 * DAY
"""Catalogue KPI 32: how far an applicant's request and a complaint about it may lie apart."""

DUPLICATE_REQUEST = HOUR
"""Catalogue KPI 10: the same applicant and service within one hour is one request."""

INCIDENT_CLASS = {
    "kecelakaan": "accident",
    "kemacetan": "congestion",
    "lampu_lalu_lintas": "signal_fault",
    "banjir": "flood",
    "parkir_liar": "illegal_parking",
    "ketertiban": "public_order",
    "sampah": "waste",
    "lampu_jalan": "street_light_out",
}
"""Complaint category to the incident class that a camera can observe (catalogue 5.3)."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far two claims of one class may lie apart and still be one incident."""

    metres: float
    time: int
    """Microseconds."""


POPULATION = shipped(PopulationTable).city
"""Residents of Kota Jambi, middle of 2023 (catalogue section 2, V31)."""

LEAST_CONFIDENCE = 0.1
"""A detection that the analytics itself holds for less likely is none (project choice)."""

REACH = {
    "accident": Reach(150, 20 * MINUTE),
    "congestion": Reach(250, 30 * MINUTE),
    "signal_fault": Reach(75, 60 * MINUTE),
    "flood": Reach(300, 120 * MINUTE),
    "illegal_parking": Reach(100, 60 * MINUTE),
    "public_order": Reach(150, 60 * MINUTE),
    "waste": Reach(75, 2 * DAY),
    "street_light_out": Reach(50, 7 * DAY),
}
"""Catalogue section 5.3 (engineering defaults, project choice)."""

RANKED_CASES = 20
"""Convention C7: fewer cases are not compared with those of other places."""
MINIMUM_CASES = 5
"""Convention C7: below city level fewer cases are not published."""
EXCLUDED_LIMIT_PERCENT = 20
"""Convention C9: above this share of excluded cases a KPI is `insufficient`."""
HEALTHY_FPS_PERCENT = 50
"""Catalogue KPI 24: at least half the nominal frame rate."""
FROZEN_AFTER = MINUTE
"""Catalogue KPI 24: the same frame for longer is down."""
ANNOUNCED_BEFORE = DAY
"""Catalogue KPI 24: maintenance counts as announced 24 h ahead."""

RAMADAN = {
    2018: ("05-17", "06-14"),
    2019: ("05-06", "06-04"),
    2020: ("04-24", "05-23"),
    2021: ("04-13", "05-12"),
    2022: ("04-03", "05-01"),
    2023: ("03-23", "04-21"),
    2024: ("03-12", "04-09"),
    2025: ("03-01", "03-30"),
    2026: ("02-19", "03-20"),
}
"""First and last day as the Ministry of Religion fixed them (from memory, unverified; each ends on
the eve of the Idul Fitri of the calendar)."""

MATTER_CLASS = INCIDENT_CLASS | {"jalan_rusak": "road_damage", "kebocoran_pipa": "pipe_leak"}
"""Complaint category to the class of catalogue 5.3, also those that no camera can observe."""
MATTER_METRES = {name: reach.metres for name, reach in REACH.items()} | {
    "road_damage": 50,
    "pipe_leak": 75,
}
"""Catalogue section 5.3: how near two reports of a class are of one matter."""
RECURRING = frozenset({"illegal_parking", "flood"})
"""Catalogue KPI 30: what comes again by itself; a new report of it contradicts nothing."""
