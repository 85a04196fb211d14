"""Numbers that are versioned with the code, and what shipped of tables that judge by it alone.

Each number says whether it is law, a promise or a project choice (KPI catalogue), each table where
it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.matter_tables import IncidentClassTable
from core.moment import DAY, HOUR, MINUTE
from core.tables import shipped

VERSION = "ref.7"
"""Changes whenever a number here changes; part of every definition hash."""

FLOOD_CATEGORIES = frozenset({"banjir", "drainase"})
FLOOD_LIMIT = 24 * HOUR
"""Catalogue KPI 5: the same limit, beside the headline, for rain decides it."""
SURGE = 3
"""Catalogue KPI 5: times the usual volume of an hour that make a window a surge."""
LINKED_WITHIN = 30 * DAY
"""Catalogue KPI 32: how far an applicant's request and a complaint about it may lie apart."""

DUPLICATE_REQUEST = HOUR
"""Catalogue KPI 10: the same applicant and service within one hour is one request."""

SAME_CASE_WITHIN = 2 * HOUR
SAME_CASE_METRES = 50
"""Convention C3 (ii): what the same reporter files of the same category at another channel, so soon
after and so near, is the same case."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far two claims of one class may lie apart and still be one incident."""

    metres: float
    time: int
    """Microseconds."""


LEAST_CONFIDENCE = 0.1
"""A detection that the analytics itself holds for less likely is none (project choice)."""

_CLASSES = shipped(IncidentClassTable)
MATTER_CLASS = dict(_CLASSES.categories)
"""Complaint category to its class (catalogue 5.3), also those that no camera can observe."""
MATTER_METRES = {name: one.metres for name, one in _CLASSES.classes.items()}
"""How near two reports of a class are of one matter."""
REACH = {
    name: Reach(one.metres, one.minutes * MINUTE)
    for name, one in _CLASSES.classes.items()
    if one.camera != "no"
}
"""Of what a camera can observe, if only partly or at night."""
INCIDENT_CLASS = {category: name for category, name in MATTER_CLASS.items() if name in REACH}
"""Complaint category to the class that a camera can observe."""
RECURRING = frozenset(name for name, one in _CLASSES.classes.items() if one.recurring)
"""Catalogue KPI 30: what comes again by itself; a new report of it contradicts nothing."""

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
