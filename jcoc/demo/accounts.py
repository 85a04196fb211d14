"""The accounts of each source on the worker's /metrics, against the simulator's own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

_RECORDS = re.compile(
    r'^jcoc_source_records_total\{outcome="(\w+)",source="(\w+)"\} (\S+)', re.MULTILINE
)
CHANNELS = {"call112": "sikesal", "sp4n_lapor": "sikesal", "walk_in": "sikesal"}
"""Channels that the Sikesal connector brings in under their own name."""

Account = Mapping[str, int]


def accounts(page: str) -> dict[str, dict[str, int]]:
    """Records by connector and outcome."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for outcome, source, value in _RECORDS.findall(page):
        found[CHANNELS.get(source, source)][outcome] += int(float(value))
    return found


def unbalanced(page: str, expected: Mapping[str, Account]) -> list[str]:
    """What does not add up: received = accepted + duplicate + rejected, and the known rejects."""
    told: list[str] = []
    for connector, true in expected.items():
        has = accounts(page)[connector]
        settled = has["accepted"] + has["duplicate"] + has["rejected"]
        if has["received"] != settled or not settled:
            told.append(f"{connector}: received {has['received']}, accounted for {settled}")
        if has["rejected"] != true["rejected"]:
            told.append(f"{connector}: rejected {has['rejected']}, should be {true['rejected']}")
    return told
