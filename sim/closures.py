"""What became of closures: matters told to be resolved that were, and some that were not."""

from __future__ import annotations

from core import moment
from core.events import Value
from sim.cases import Complaint, Step
from sim.chance import Chance
from sim.city import CATEGORIES, CENTRE, KELURAHAN_CODES, Camera, moved
from sim.claims import REACH, Claim, Family, Field
from sim.complaints import Desk
from sim.incidents import Detection

_FATES = {
    "stands": 30,
    "told_again": 14,
    "told_by_the_same": 6,
    "told_elsewhere": 6,
    "told_before": 6,
    "told_too_late": 4,
    "told_of_before": 4,
    "seen_on": 10,
    "seen_shortly": 6,
    "opened_again": 8,
    "opened_too_late": 4,
}
_WEEK = 7 * moment.DAY
_TOLD = (
    "jalan_rusak", "kebocoran_pipa", "lampu_jalan", "sampah", "lampu_lalu_lintas", "parkir_liar",
    "banjir",
)  # fmt: skip
_SEEN = ("sampah", "lampu_jalan", "lampu_lalu_lintas", "parkir_liar", "banjir")
_FURTHER_M = 400
_TRIES = 200

Point = tuple[float, float]


class Aftermath:
    """Lets matters be resolved and looks what citizens and cameras say afterwards."""

    def __init__(self, chance: Chance, field: Field, desk: Desk, cameras: tuple[Camera, ...],
                 day: int, days: int = 1) -> None:  # fmt: skip
        """`day` is the start of the story's last day; `cameras` are those that can see."""
        self._chance, self._field, self._desk = chance, field, desk
        self._cameras, self._day, self._days = cameras, day, days
        self.detections: list[Detection] = []

    def closure(self) -> None:
        """A matter whose seven days end on a day of the story, or some weeks before."""
        chance = self._chance
        fate = chance.of(_FATES)
        category = chance.one(_SEEN if fate.startswith("seen") else _TOLD)
        weeks = 0 if chance.happens(0.6) else chance.whole(1, 3)
        first = self._day - (weeks + 1) * _WEEK
        if self._days > 1:
            first -= chance.whole(0, self._days - 1) * moment.DAY
        solved = chance.between(first, first + 23 * moment.HOUR)
        submitted = solved - chance.between(6 * moment.HOUR, 4 * moment.DAY)
        camera = chance.one(self._cameras)
        around: Point = (camera.lat, camera.lon)
        if not fate.startswith("seen"):
            around = moved(*CENTRE, chance.real(-4000, 4000), chance.real(-5500, 5500))
        point = self.spot(category, around, submitted)
        case = self.file(category, fate, point, submitted)
        case.steps.append(Step("resolved", solved, {"opd": CATEGORIES[category].opd}))
        if fate.startswith("told"):
            self._tell(fate, case, solved)
        elif fate.startswith("seen"):
            self._see(fate, category, camera, solved)
        elif fate.startswith("opened"):
            low = solved + moment.HOUR if fate == "opened_again" else solved + _WEEK + 1000
            again = chance.between(low, low + 12 * moment.HOUR)
            case.steps.append(Step("reopened", again, {"reason": "belum selesai"}))
            self._cut(case)

    def _tell(self, fate: str, first: Complaint, solved: int) -> None:
        chance = self._chance
        assert first.point is not None
        at = chance.between(solved + moment.HOUR, solved + 6 * moment.DAY)
        if fate == "told_before":
            at = chance.between(first.submitted_at + moment.MINUTE, solved - moment.MINUTE)
        elif fate == "told_too_late":
            at = chance.between(solved + _WEEK + 1000, solved + _WEEK + moment.HOUR)
        around = moved(*first.point, 0, _FURTHER_M) if fate == "told_elsewhere" else first.point
        happened = solved - moment.HOUR if fate == "told_of_before" else None
        point = self.spot(first.category, around, at if happened is None else happened)
        other = self.file(first.category, fate, point, at)
        other.incident_at = happened
        if fate == "told_by_the_same":
            other.phone = first.phone
        elif fate == "told_before":
            link: dict[str, Value] = {"master_case_id": first.case_id}
            other.steps = [other.steps[0], Step("duplicate_linked", at + moment.SECOND, link)]
        self._cut(other)

    def _see(self, fate: str, category: str, camera: Camera, solved: int) -> None:
        """Two sightings: 20 to 40 minutes apart, or 3 to 10."""
        incident = CATEGORIES[category].incident
        assert incident is not None
        chance = self._chance
        low, high = (20, 40) if fate == "seen_on" else (3, 10)
        place = (camera.lat, camera.lon)
        for _ in range(_TRIES):
            first = solved + chance.micros(moment.HOUR, 6 * moment.DAY)
            times = (first, first + chance.micros(low * moment.MINUTE, high * moment.MINUTE))
            claims = [Claim(incident, "sensor", place, at) for at in times]
            if all(self._field.is_clear(claim) for claim in claims):
                break
        else:
            raise RuntimeError(f"no clear time for sightings of {incident}: fewer closures, please")
        for claim in claims:
            self._field.add(claim)
            score = round(chance.real(0.6, 0.98), 4)
            code = f"c{len(self.detections):05d}"
            self.detections.append(
                Detection(camera.camera_id, incident, claim.at, claim.at + moment.MINUTE, score,
                          code)
            )  # fmt: skip

    def spot(self, category: str, around: Point, at: int) -> Point:
        """A point within 20 m or so that is no close call with any claim of its class."""
        incident = CATEGORIES[category].incident
        family: Family = "citizen"
        for _ in range(_TRIES):
            north, east = self._chance.real(-15, 15), self._chance.real(-15, 15)
            point = moved(*around, north, east)
            if incident not in REACH:
                return point
            claim = Claim(incident, family, point, at)
            if self._field.is_clear(claim):
                self._field.add(claim)
                return point
        message = f"no clear place for a closure of {category}: fewer closures, please"
        raise RuntimeError(message)

    def file(self, category: str, plot: str, point: Point, at: int) -> Complaint:
        """A report that its agency has."""
        chance = self._chance
        verified = at + chance.between(moment.MINUTE, moment.HOUR)
        forwarded = verified + chance.between(moment.MINUTE, moment.HOUR)
        valid: dict[str, Value] = {"verdict": "valid", "sla_class": "non_supervisory"}
        case = Complaint(
            source="sikesal",
            number=f"SI-2026-{len(self._desk.complaints) + 1:06d}",
            category=category,
            kind=None,
            kelurahan_code=chance.one(KELURAHAN_CODES),
            point=point,
            incident_at=None,
            phone=f"08{chance.digits(10)}",
            origin_ref=None,
            plot=plot,
            steps=[
                Step("submitted", at),
                Step("verified", verified, valid),
                Step("forwarded", forwarded, {"opd": CATEGORIES[category].opd}),
            ],
        )
        self._desk.complaints.append(case)
        return case

    def _cut(self, case: Complaint) -> None:
        case.steps = [step for step in case.steps if step.at < self._day + moment.DAY]
