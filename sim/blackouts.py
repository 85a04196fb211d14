"""Signals that fail where others look: who else tells of it, and closures while they are dark."""

from __future__ import annotations

from core import moment
from sim.cases import Step
from sim.chance import Chance
from sim.city import Camera
from sim.claims import Claim, Field
from sim.closures import Aftermath
from sim.incidents import Detection
from sim.signals import FAULT, Turn, alarms_are_clear, watched

_FATES = {
    "alone": 2,
    "reported": 4,
    "seen": 2,
    "reported seen": 3,
    "closed_dark": 3,
    "closed_lit": 2,
    "closed_said": 2,
    "closed_again": 3,
}
_CATEGORY = "lampu_lalu_lintas"
_WEEK = 7 * moment.DAY
_TRIES = 200
_A_DAY, _A_DAY_OF_MANY = 12, 2
_FIRST = 6
"""Each day, of which somebody else knows before the alarm."""


class Blackouts:
    """Lets signals fail, some each day; keeps what they and the cameras told."""

    def __init__(
        self, chance: Chance, field: Field, aftermath: Aftermath, cameras: tuple[Camera, ...]
    ) -> None:
        """`cameras` are those that can see incidents, one at an intersection."""
        self._chance, self._field, self._aftermath = chance, field, aftermath
        self._cameras = tuple(c for c in cameras if c.intersection_id in watched())
        self.turns: list[Turn] = []
        self.detections: list[Detection] = []
        self._closed: set[str] = set()
        """Intersections of which a report was closed."""

    def happen(self, start: int, end: int) -> None:
        """On the days from `start`; what would be told after `end` is not."""
        days = range(start, end, moment.DAY)
        for day in days:
            for _ in range(_A_DAY if len(days) == 1 else _A_DAY_OF_MANY):
                self._blackout(day)
        for day in days:
            for number in range(_FIRST):
                self._told_first(day - moment.DAY, by_camera=number % 2 == 0)
        self.turns = [turn for turn in self.turns if turn.at < end]

    def _blackout(self, day: int) -> None:
        chance, fate = self._chance, self._chance.of(_FATES)
        camera = chance.one(self._cameras)
        for _ in range(_TRIES):
            at = chance.between(day, day + 20 * moment.HOUR)
            # Of a closure the seven days end on the day.
            at -= _WEEK if fate.startswith("closed") else 0
            told = [
                Turn(camera.intersection_id, what, when) for what, when in self._course(fate, at)
            ]
            if alarms_are_clear(self._field, told):
                break
        else:
            raise RuntimeError("no clear time for an alarm: fewer blackouts, please")
        self.turns += told
        if fate.startswith("closed"):
            self._close(camera, at)
        if "reported" in fate:
            heard = at + self._after(-40, 40)
            point = self._aftermath.spot(_CATEGORY, (camera.lat, camera.lon), heard)
            self._aftermath.file(_CATEGORY, "alarmed", point, heard)
        if "seen" in fate:
            self._see(camera, at)

    def _told_first(self, day: int, *, by_camera: bool) -> None:
        """Somebody knew of it before the alarm, and it was back a day after one of the two."""
        chance = self._chance
        # Another report would contradict a closure of the week, which an alarm should do alone.
        free = tuple(c for c in self._cameras if c.intersection_id not in self._closed)
        camera = chance.one(free or self._cameras)
        for _ in range(_TRIES):
            at = chance.between(day + moment.HOUR, day + 20 * moment.HOUR)
            back = at + moment.DAY - self._after(2, chance.one((4, 40)))
            told = [Turn(camera.intersection_id, what, when)
                    for what, when in (("alarm", at), ("seen", back))]  # fmt: skip
            if alarms_are_clear(self._field, told):
                break
        else:
            raise RuntimeError("no clear time for an alarm: fewer blackouts, please")
        self.turns += told
        if by_camera:
            self._see(camera, at, at - self._after(5, 40))
            return
        happened, heard = at - self._after(30, 40), at - self._after(5, 25)
        point = self._aftermath.spot(_CATEGORY, (camera.lat, camera.lon), happened)
        self._aftermath.file(_CATEGORY, "alarmed", point, heard).incident_at = happened

    def _course(self, fate: str, at: int) -> list[tuple[str, int]]:
        """What the traffic control system tells of a fault, or around a solution at `at`."""
        before, after = at - self._after(70, 170), at + self._after(20, 400)
        courses = {
            "closed_dark": [("alarm", before), ("seen", after)],
            "closed_lit": [("alarm", before), ("seen", at + self._after(3, 12))],
            "closed_said": [("alarm", before), ("said", at - self._after(3, 12)), ("seen", after)],
            "closed_again": [("alarm", after), ("alarm", after + self._after(20, 50))],
        }
        return courses.get(fate, [("alarm", at), ("seen", after)])

    def _close(self, camera: Camera, solved: int) -> None:
        self._closed.add(camera.intersection_id)
        filed = solved - self._after(200, 900)
        point = self._aftermath.spot(_CATEGORY, (camera.lat, camera.lon), filed)
        case = self._aftermath.file(_CATEGORY, "alarmed", point, filed)
        case.steps = [step for step in case.steps if step.at < solved]
        case.steps.append(Step("resolved", solved, {"opd": "dishub"}))

    def _see(self, camera: Camera, at: int, first: int | None = None) -> None:
        """Around `at`, or at `first` if that is clear."""
        chance = self._chance
        for attempt in range(_TRIES):
            start = at + self._after(-40, 40)
            if first is not None and attempt == 0:
                start = first
            claim = Claim(FAULT, "sensor", (camera.lat, camera.lon), start)
            if self._field.is_clear(claim):
                break
        else:
            raise RuntimeError("no clear time for a sighting: fewer blackouts, please")
        self._field.add(claim)
        score, code = round(chance.real(0.6, 0.98), 4), f"b{len(self.detections):05d}"
        self.detections.append(
            Detection(camera.camera_id, FAULT, start, start + moment.MINUTE, score, code)
        )

    def _after(self, low: int, high: int) -> int:
        """Some minutes."""
        return self._chance.between(low * moment.MINUTE, high * moment.MINUTE)
