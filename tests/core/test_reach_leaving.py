"""Whatever reach a version of the classes brings, what it may link stays: its longest time."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from core import join_leaving, tables
from core.join import Join
from core.matter_tables import FARTHEST_M, IncidentClassTable
from core.moment import DAY, HOUR
from core.opposites import Normal
from core.triangulation import Claim
from tests.core.kept import Cells
from tests.core.long_story import BEGIN
from tests.core.stories import METRE, PLACE, loaded
from tests.core.test_join_leaving import VIEW, Line, closing

LONGEST = 14 * DAY
FAR = (PLACE[0] + (FARTHEST_M - 1) * METRE, PLACE[1])
CLASSES = tables.shipped(IncidentClassTable).classes
CAMERA: Line = ("camera", "c1", {
    "place": list(PLACE), "watches": [[0, None]], "intersection": "s1", "fov": VIEW,
    "analytics": "congestion",
}, False)  # fmt: skip


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A week in place of 90 days, with it 14 of minutes and 7 of what was normal."""
    monkeypatch.setattr(join_leaving, "ADMITTED", 7 * DAY)
    monkeypatch.setattr(join_leaving, "NORMAL_KEPT", 7 * DAY)
    monkeypatch.setattr("core.join.UPTIME_KEPT", 14 * DAY)


def law(incident: str) -> Line:
    """The class reaches as far and as long as a table may say."""
    widest = replace(CLASSES[incident], metres=FARTHEST_M, minutes=LONGEST // 60_000_000)
    version = loaded("incident_class", BEGIN - 30 * DAY, "w", classes=CLASSES | {incident: widest})
    return "law", version.event_id, version, False


def told(name: str, incident: str, family: str, at: int) -> Line:
    reporter = name if family == "citizen" else ""
    made = Claim(name, incident, family, at, *FAR, reported=bool(reporter), reporter=reporter)
    return "claim", name, made, False


def over(line: Line) -> Line:
    return line[0], line[1], None, True


def lived(join: Join, days: dict[int, list[Line]]) -> Cells:
    cells = Cells()
    for day in range(max(days) + 2):
        cells.take(closing(join, BEGIN + day * DAY, days.get(day, [])))
    return cells


def compared(days: dict[int, list[Line]]) -> tuple[Join, Join]:
    leaving, staying = Join(), Join(settles=False)
    assert lived(leaving, days).total == lived(staying, days).total
    return leaving, staying


@pytest.mark.parametrize("late", [5, 6])
def test_a_claim_is_linked_at_the_end_of_the_longest_time_by_who_tells_of_it_late(
    late: int,
) -> None:
    first = told("o1", "waste", "officer", BEGIN)
    second = told("k1", "waste", "citizen", BEGIN + LONGEST)
    watching: Line = ("camera", "c1", {"place": list(PLACE), "watches": [[0, None]]}, False)
    leaving, staying = compared({
        0: [law("waste"), watching, first], 1: [over(first)], 14 + late: [second],
        16 + late: [over(second)],
    })  # fmt: skip
    assert ("claim", "o1") in leaving.known.keys() & staying.known.keys()


def test_a_claim_leaves_when_nobody_can_tell_of_its_incident_any_more() -> None:
    first = told("o1", "waste", "officer", BEGIN)
    days = {0: [law("waste"), first], 1: [over(first)], 19: list[Line]()}
    assert ("claim", "o1") in compared(days)[0].known
    assert ("claim", "o1") not in compared({**days, 20: []})[0].known


def report(day: int) -> Line:
    """A jam in the sight of the camera."""
    made = Claim("k1", "congestion", "citizen", BEGIN + day * DAY, *PLACE, HOUR,
                 reported=True, reporter="a")  # fmt: skip
    return "claim", "k1", made, False


def each_hour(day: int, *, normal: bool) -> list[Line]:
    found: list[Line] = []
    for hour in range(24):
        at = BEGIN + day * DAY + hour * HOUR
        up = {"camera": "c1", "hour": at, "up": (1 << 60) - 1}
        found.append(("uptime", f"c1|{at}", up, False))
        flowed = Normal("s1", at, at + HOUR, f"traffic|s1|{at}", "congestion")
        if normal:
            found.append(("normal", flowed.name, flowed, False))
    return found


@pytest.mark.parametrize(("normal", "late"), [(True, 5), (False, 6)])
def test_what_a_camera_saw_and_what_was_normal_stays_for_the_longest_time_before_a_report(
    normal: bool, late: int
) -> None:
    days = {day + 1: each_hour(day, normal=normal) for day in range(40)}
    days[0] = [law("congestion"), CAMERA]
    days[16 + late].append(report(16))
    leaving, staying = compared(days)
    for join in (leaving, staying):
        ((verdict, by),) = [(one.verdict, one.by.version) for one in join.reports()]
        assert (verdict, by) == ("refuted" if normal else "absent", "w")
