"""Operators look at the clips of cameras for what citizens reported on the day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core import moment
from sim.cases import Complaint
from sim.chance import Chance
from sim.city import Camera, in_view, incident_of

_LOOKS = {"0": 4, "1": 5, "2": 1}
_VERDICTS = {"refuted": 5, "confirmed": 3, "unclear": 2}


@dataclass(frozen=True, slots=True)
class Review:
    """One look at one clip."""

    number: str
    case_id: str
    camera_id: str
    incident: str
    verdict: str
    at: int


def reviews(
    chance: Chance, complaints: Iterable[Complaint], cameras: tuple[Camera, ...],
    start: int, end: int,
) -> list[Review]:  # fmt: skip
    """Of half of the reports of the day (`start` to `end`) that lie in view; some are seen twice.

    Also clips of cameras that were down or do not tell of the class: an operator looks anyway.
    """
    found: list[Review] = []
    for complaint in complaints:
        incident, point = incident_of(complaint.category), complaint.point
        at = complaint.submitted_at
        if incident is None or point is None or not start <= at < end - moment.HOUR:
            continue
        for camera in cameras:
            if not in_view(camera, point):
                continue
            for _ in range(int(chance.of(_LOOKS))):
                found.append(_look(chance, len(found), complaint.case_id, camera, incident, at))
    return found


def _look(chance: Chance, known: int, case_id: str, camera: Camera, incident: str, at: int
          ) -> Review:  # fmt: skip
    return Review(f"RV-{known + 1:05d}", case_id, camera.camera_id, incident,
                  chance.of(_VERDICTS), at + chance.between(moment.MINUTE, 55 * moment.MINUTE),
                  )  # fmt: skip
