"""Incidents: something happens, and cameras, citizens and officers may each tell of it."""

from __future__ import annotations

from dataclasses import dataclass

from core import moment
from sim.cases import Complaint
from sim.chance import Chance
from sim.city import CATEGORIES, CENTRE, Camera, incident_of, moved
from sim.claims import REACH, Claim, Family, Field
from sim.complaints import Desk

_WITNESSES = {
    "camera": 26,
    "camera camera": 6,
    "camera citizen": 22,
    "camera citizen citizen": 6,
    "camera officer": 6,
    "citizen officer": 8,
    "citizen repeated": 6,
    "officer": 6,
    "citizen citizen": 14,
}
_CATEGORY = {c.incident: name for name, c in CATEGORIES.items() if c.incident}
_PLOTS = {"on_time": 55, "late": 10, "never_solved": 25, "reopened_then_solved": 10}
_TRIES = 200


@dataclass(frozen=True, slots=True)
class Detection:
    """An object or scene that a camera's analytics tracked from `start` to `end`.

    `score` is how sure they were at first, `best` the surest they ever were.
    """

    camera_id: str
    label: str
    start: int
    end: int
    score: float
    code: str

    @property
    def object_id(self) -> str:
        """As Frigate makes it: the start in seconds, a dash and a code."""
        return f"{self.start // moment.SECOND}.{self.start % moment.SECOND:06d}-{self.code}"

    @property
    def best(self) -> float:
        """A little surer than at first."""
        return round(min(self.score + 0.01, 1.0), 4)


@dataclass(frozen=True, slots=True)
class Observation:
    """What an officer reports; `origin_ref` names the case that he merely repeats."""

    observation_id: str
    incident: str
    point: tuple[float, float]
    at: int
    officer: str
    origin_ref: str | None


def hearsay(chance: Chance, complaints: list[Complaint], cameras: tuple[Camera, ...], end: int
            ) -> list[Observation]:  # fmt: skip
    """Officers who repeat a report elsewhere and hours later: they saw nothing of their own."""
    told = [
        c for c in complaints
        if incident_of(c.category) and end - 3 * moment.DAY < c.submitted_at < end - 9 * moment.HOUR
    ]  # fmt: skip
    found: list[Observation] = []
    for complaint in told[: max(len(complaints) // 100, 3)]:
        at = complaint.submitted_at + chance.between(4 * moment.HOUR, 9 * moment.HOUR)
        camera = chance.one(cameras)
        found.append(Observation(
            f"OBS-9{len(found):04d}", incident_of(complaint.category) or "",
            moved(camera.lat, camera.lon, 8.0, 8.0), at, f"petugas-{chance.digits(3)}",
            complaint.case_id,
        ))  # fmt: skip
    return found


class Chronicle:
    """Lets incidents happen and keeps what was seen of them."""

    def __init__(
        self, chance: Chance, field: Field, desk: Desk, cameras: tuple[Camera, ...]
    ) -> None:
        """`cameras` are those that can see incidents."""
        self._chance, self._field, self._desk, self._cameras = chance, field, desk, cameras
        self.detections: list[Detection] = []
        self.observations: list[Observation] = []

    def incident(self, since: int, until: int) -> None:
        """Something happens between two moments; everything said of it is said before `until`."""
        chance = self._chance
        incident = chance.one(tuple(REACH))
        witnesses = chance.of(_WITNESSES).split()
        at = chance.between(since, until - 4 * moment.HOUR)
        camera = chance.one(self._cameras)
        point = (camera.lat, camera.lon)
        if "camera" not in witnesses and chance.happens(0.5):
            point = moved(*CENTRE, chance.real(-4000, 4000), chance.real(-5500, 5500))
        for witness in witnesses:
            self._tell(witness, incident, camera, point, at)

    def _tell(self, witness: str, incident: str, camera: Camera,
              point: tuple[float, float], at: int) -> None:  # fmt: skip
        if witness == "camera":
            self._seen(incident, camera, at)
        elif witness == "citizen":
            self._reported(incident, point, at)
        else:
            self._observed(incident, point, at, repeats=witness == "repeated")

    def _seen(self, incident: str, camera: Camera, at: int) -> None:
        claim = self._placed(incident, "sensor", (camera.lat, camera.lon), at, stray_m=0)
        length = self._chance.micros(20 * moment.SECOND, 4 * moment.MINUTE)
        self.detections.append(
            Detection(camera.camera_id, incident, claim.at, claim.at + length,
                      round(self._chance.real(0.6, 0.98), 4), f"{len(self.detections):06d}")
        )  # fmt: skip

    def _reported(self, incident: str, point: tuple[float, float], at: int) -> None:
        chance = self._chance
        happened = at + chance.between(0, REACH[incident].within // 4)
        happened = min(happened, at + 2 * moment.HOUR)
        # The citizen who writes at once gives no time; who writes later says when it was.
        at_once = chance.happens(0.5)
        submitted = happened if at_once else happened + chance.between(moment.MINUTE, moment.HOUR)
        self._desk.take(_CATEGORY[incident], chance.of(_PLOTS), submitted, (point, happened))

    def _observed(
        self, incident: str, point: tuple[float, float], at: int, *, repeats: bool
    ) -> None:
        claim = self._placed(incident, "officer", point, at, stray_m=20)
        origin = self._desk.complaints[-1].case_id if repeats else None
        name = f"OBS-{len(self.observations) + 1:05d}"
        officer = f"petugas-{self._chance.digits(3)}"
        self.observations.append(
            Observation(name, incident, claim.point, claim.at, officer, origin)
        )

    def _placed(self, incident: str, family: Family, point: tuple[float, float], at: int,
                *, stray_m: float) -> Claim:  # fmt: skip
        chance = self._chance
        spread = min(REACH[incident].within // 4, 2 * moment.HOUR)
        for _ in range(_TRIES):
            near = moved(*point, chance.real(-stray_m, stray_m), chance.real(-stray_m, stray_m))
            claim = Claim(incident, family, near if stray_m else point,
                          at + chance.micros(0, spread))  # fmt: skip
            if self._field.is_clear(claim):
                self._field.add(claim)
                return claim
        message = f"no clear place for a claim of {incident}: fewer incidents, please"
        raise RuntimeError(message)
