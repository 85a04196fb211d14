"""True numbers of reports that clips or measurements refute (catalogue 29 and section 5.4).

A citizen's report (no linked or copied one) of a class that cameras tell of, at incident_at, else
at submission.  It counts when a camera with that analytic saw the place and was up in 90 % of the
minutes from t_c before it to t_c after it.  Up is what KPI 24 calls up, in hours that were over for
ten minutes at the end of the story: before that nobody knows.  Of the reviews of clips of such
cameras the last one that is not unclear decides: refuted, or corroborated.  Without one it is
corroborated if somebody else than citizens told of it: in its incident (KPI 28), or, from t_c
before it (60 minutes more, if it does not say when it was) to t_c after it, such a camera or an
alarm of signals in reach.  If nobody did, it is refuted by an opposite measurement at the
intersection of the first such camera: in all of that time traffic flowed there (each quarter of an
hour at level C or better), or the signal worked (a device saw it work before and after, and no
alarm came between).  Else it is absent.  What no such camera saw is unverifiable, and corroborated
by whoever else told of it; clips and measurements say nothing about it.  What has no place has no
verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from core import moment
from sim.cases import Complaint
from sim.city import Camera, analytics, distance_m, in_view, incident_of, intersections
from sim.signals import FAULT
from sim.story import Story
from sim.truth.cctv import in_service, up_minutes
from sim.truth.complaints import known
from sim.truth.kpi import Beside, Truth
from sim.truth.traffic import QUARTER, WORST_C, delay
from sim.truth.triangulation import incidents
from sim.truth.twins import repeated_claims
from sim.truth.windows import CITY, VERDICTS, Row, Scope, Window, tallied

KPI = "tri_cctv_contradiction_pct"
Said = tuple[str, tuple[float, float], int]
"""Class, place and time of a claim."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A report with a place; without an intersection no camera could have confirmed it."""

    incident: str
    at: int
    intersection: str | None
    verdict: str

    @property
    def scopes(self) -> list[Scope]:
        """Those below the city."""
        own = [("category", self.incident)]
        return own if self.intersection is None else [*own, ("intersection", self.intersection)]


Watching = Callable[[str, tuple[float, float], int], list[Camera]]


def watching(story: Story) -> Watching:
    """Tells which cameras saw a place and would have told of a class around a moment, sorted."""
    cameras = {e.camera.camera_id: e.camera for e in story.watch.registrations}
    service, up = in_service(story), up_minutes(story)
    settled = (story.end - 10 * moment.MINUTE) // moment.HOUR * moment.HOUR
    working = {
        name: {m for m in up[name] if service[name].expected(m) and m < settled}
        for name in cameras
    }  # fmt: skip

    def watch(incident: str, point: tuple[float, float], at: int) -> list[Camera]:
        return [
            camera for name, camera in sorted(cameras.items())
            if incident in analytics(camera) and in_view(camera, point)
            and _worked(working[name], at, story.reach(incident, at).within)
        ]  # fmt: skip

    return watch


@lru_cache(maxsize=4)
def seen(story: Story) -> list[Seen]:
    """Every report of the story that has a place."""
    watch, found = watching(story), []
    for case in known(story.complaints, story.end):
        complaint = case.complaint
        incident, point = incident_of(complaint.category), complaint.point
        if incident is None or point is None or complaint.origin_ref:
            continue
        if case.linked or complaint.kind not in (None, "complaint"):
            continue
        if complaint.case_id in repeated_claims(story):
            continue
        at = complaint.submitted_at if complaint.incident_at is None else complaint.incident_at
        good = watch(incident, point, at)
        where = good[0].intersection_id if good else None
        verdict = _verdict(story, complaint, (incident, point, at), good)
        found.append(Seen(incident, at, where, verdict))
    return found


def _worked(working: set[int], at: int, within: int) -> bool:
    first = (at - within) // moment.MINUTE
    minutes = range(first, (at + within) // moment.MINUTE + 1)
    return sum(m * moment.MINUTE in working for m in minutes) * 10 >= 9 * len(minutes)


def _verdict(story: Story, complaint: Complaint, said: Said, cameras: list[Camera]) -> str:
    names = [camera.camera_id for camera in cameras]
    clear = [
        (look.at, look.number, look.verdict) for look in story.reviews
        if look.case_id == complaint.case_id and look.camera_id in names
        and look.verdict != "unclear"
    ]  # fmt: skip
    if clear:
        return "refuted" if max(clear)[2] == "refuted" else "corroborated"
    incident, _, at = said
    within = story.reach(incident, at).within
    late = moment.HOUR if complaint.incident_at is None else 0
    since, until = at - within - late, at + within
    if said in _told_by_others(story) or _shown(story, said, names, late):
        return "corroborated"
    if not cameras:
        return "unverifiable"
    was_normal = {"congestion": _flowed, FAULT: _worked_on}.get(incident)
    where = cameras[0].intersection_id
    return "refuted" if was_normal and was_normal(story, where, since, until) else "absent"


@lru_cache(maxsize=4)
def _told_by_others(story: Story) -> set[Said]:
    """All claims of incidents that not only citizens told of."""
    return {
        (claim.incident, claim.point, claim.at)
        for one in incidents(story) if any(c.family != "citizen" for c in one.claims)
        for claim in one.claims
    }  # fmt: skip


def _shown(story: Story, said: Said, cameras: list[str], late: int) -> bool:
    """Whether one of the cameras saw it, or an alarm of signals in reach came, in that time."""
    incident, point, at = said

    def in_time(seen: int) -> bool:
        within = story.reach(incident, at, seen).within
        return at - within - late <= seen <= at + within

    if any(
        seen.label == incident and seen.camera_id in cameras and in_time(seen.start)
        for seen in story.detections
    ):
        return True
    return incident == FAULT and any(
        distance_m(point, place) <= story.reach(FAULT, at, turn.at).radius_m
        for turn in story.turns
        if turn.what == "alarm" and in_time(turn.at)
        for place in [intersections().get(turn.intersection_id)] if place
    )  # fmt: skip


def _flowed(story: Story, where: str, since: int, until: int) -> bool:
    for start in range(since // QUARTER * QUARTER, until + 1, QUARTER):
        mean = delay([
            one for one in story.measurements
            if one.intersection_id == where and start <= one.at < start + QUARTER
        ])  # fmt: skip
        if mean is None or mean > WORST_C:
            return False
    return True


def _worked_on(story: Story, where: str, since: int, until: int) -> bool:
    turns = [turn for turn in story.turns if turn.intersection_id == where]
    before = [turn.at for turn in turns if turn.what == "seen" and turn.at <= since]
    after = [turn.at for turn in turns if turn.what == "seen" and turn.at >= until]
    if not before or not after:
        return False
    return not any(turn.what == "alarm" and max(before) <= turn.at <= min(after) for turn in turns)


def _rows(story: Story, window: Window) -> Iterator[Row]:
    found = [one for one in seen(story) if window.holds(one.at) and one.intersection]
    return tallied(KPI, window, ((one.verdict == "refuted", 1, one.scopes) for one in found))


def _beside(story: Story, row: Row) -> Beside:
    """How many of the reports of the row had each other verdict."""
    of = Counter(one.verdict for one in seen(story)
                 if row.span.holds(one.at) and row.scope in (CITY, *one.scopes))  # fmt: skip
    return {name: str(of[name]) for name in ("absent", "corroborated", "unverifiable")}


TRUTHS = (
    Truth(KPI, ("frigate", "sikesal", "operator_console"), ("1d", "28d"), _rows, horizon=VERDICTS,
          beside=_beside),
)  # fmt: skip
