"""How large the state of a fold is after a long history, when cases leave it and when they stay.

`python -m bench.state --days 360 --cases 20 [--stay]`: one line a 60 days, and how long a new fold
takes to have the state back.  Every complaint is resolved and closed; nothing else happens.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import psutil

from core import moment
from core.events import Event, Value
from core.fold import Fold
from core.moment import DAY, HOUR, MINUTE

_BEGIN = moment.parse("2026-01-05T00:00:00+07:00")
_STEPS: tuple[tuple[str, int, dict[str, Value]], ...] = (
    ("submitted", 0, {"category": "jalan", "kelurahan_code": "15.71.07.1011"}),
    ("verified", 2 * HOUR, {"verdict": "valid"}),
    ("forwarded", 3 * HOUR, {"opd": "pupr"}),
    ("assigned", 5 * HOUR, {"opd": "pupr"}),
    ("responded", DAY, {"actor": "opd", "substantive": True}),
    ("resolved", 3 * DAY, {}),
    ("closed", 4 * DAY, {}),
)


def _day(day: int, cases: int) -> Iterator[Event]:
    """What happens on one day, to the cases of this one and of the days before it."""
    for what, after, fields in _STEPS:
        began = day - after // DAY
        for number in range(cases) if began >= 0 else ():
            name = f"k{began}.{number}"
            at = _BEGIN + began * DAY + number * MINUTE + after
            made: dict[str, Value] = {"case_id": name, "reporter_key": f"p1:{name}", **fields}
            yield Event(f"complaint.{what}", f"{name}.{what}", at, "sikesal", made)


def _resident_mib() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


def _restored(fold: Fold) -> float:
    """Seconds until a new fold has the state."""
    began = time.perf_counter()
    again = Fold(settles=fold.settles)
    for entity, events in fold.entities.items():
        again.restore(entity, events.values(), fold.last_tick or 0)
    again.restored(fold.last_tick, fold.began)
    return time.perf_counter() - began


def main() -> None:
    """Print what is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=360)
    parser.add_argument("--cases", type=int, default=20, help="a day")
    parser.add_argument("--stay", action="store_true", help="nothing leaves")
    asked = parser.parse_args()
    fold, before = Fold(settles=not asked.stay), _resident_mib()
    for day in range(asked.days):
        for event in _day(day, asked.cases):
            fold.apply(event)
        fold.close(_BEGIN + (day + 1) * DAY)
        if (day + 1) % 60 == 0:
            grown = _resident_mib() - before
            print(f"day {day + 1}: {fold.size}, {grown:.0f} MiB more", flush=True)
    print(f"restored in {_restored(fold):.2f} s")


if __name__ == "__main__":
    main()
