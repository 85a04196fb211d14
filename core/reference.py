"""Numbers that are versioned with the code.

Each says whether it is law, a promise or a project choice (KPI catalogue).
"""

from __future__ import annotations

from core.classes import SHIPPED
from core.moment import DAY, HOUR, MINUTE

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


LEAST_CONFIDENCE = 0.1
"""A detection that the analytics itself holds for less likely is none (project choice)."""

LABELS = frozenset(SHIPPED.reach)
"""What cameras may call a claim, whatever the version: what they see is too much to keep all of it
for a class that a version may bring."""

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
