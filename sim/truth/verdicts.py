"""True numbers of reports that a review of the clip refutes (catalogue 29 and section 5.4).

A citizen's report (no linked or copied one) of a class that cameras tell of, at incident_at, else
at submission.  It counts when a camera with that analytic saw the place and was up in 90 % of the
minutes from t_c before it to t_c after it.  Up is what KPI 24 calls up, in hours that were over for
ten minutes at the end of the story: before that nobody knows.  Of the reviews of clips of such
cameras the last one that is not unclear decides: refuted, or not.  Without one it is refuted by
an opposite measurement at the intersection of the first such camera, if nobody but citizens told
of it: in all of the time from t_c before it (60 minutes more, if it does not say when it was) to
t_c after it traffic flowed there (each quarter of an hour at level C or better), or the signal
worked (a device saw it work before and after, and no alarm came between).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from core import moment
from sim.cases import Complaint
from sim.city import Camera, analytics, in_view, incident_of
from sim.claims import REACH
from sim.story import Story
from sim.truth.cctv import in_service, up_minutes
from sim.truth.complaints import known
from sim.truth.kpi import Truth
from sim.truth.traffic import QUARTER, WORST_C, delay
from sim.truth.triangulation import incidents
from sim.truth.windows import VERDICTS, Row, Window

KPI = "tri_cctv_contradiction_pct"


@dataclass(frozen=True, slots=True)
class Seen:
    """A report that a camera could have confirmed."""

    incident: str
    at: int
    intersection: str
    refuted: bool


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
            and _worked(working[name], at, REACH[incident].within)
        ]  # fmt: skip

    return watch


@lru_cache(maxsize=4)
def seen(story: Story) -> list[Seen]:
    """Every eligible report of the story."""
    watch, found = watching(story), []
    for case in known(story.complaints, story.end):
        complaint = case.complaint
        incident = incident_of(complaint.category)
        if incident is None or complaint.point is None or complaint.origin_ref:
            continue
        links = [step.what for step in case.steps if step.what.startswith("duplicate_")]
        if links[-1:] == ["duplicate_linked"] or complaint.kind not in (None, "complaint"):
            continue
        at = complaint.submitted_at if complaint.incident_at is None else complaint.incident_at
        good = watch(incident, complaint.point, at)
        if good:
            refuted = _refuted(story, complaint, incident, at, good)
            found.append(Seen(incident, at, good[0].intersection_id, refuted))
    return found


def _worked(working: set[int], at: int, within: int) -> bool:
    first = (at - within) // moment.MINUTE
    minutes = range(first, (at + within) // moment.MINUTE + 1)
    return sum(m * moment.MINUTE in working for m in minutes) * 10 >= 9 * len(minutes)


def _refuted(
    story: Story, complaint: Complaint, incident: str, at: int, cameras: list[Camera]
) -> bool:
    names = [camera.camera_id for camera in cameras]
    clear = [
        (look.at, look.number, look.verdict) for look in story.reviews
        if look.case_id == complaint.case_id and look.camera_id in names
        and look.verdict != "unclear"
    ]  # fmt: skip
    if clear:
        return max(clear)[2] == "refuted"
    within = REACH[incident].within
    late = moment.HOUR if complaint.incident_at is None else 0
    was_normal = {"congestion": _flowed, "signal_fault": _worked_on}.get(incident)
    where, since, until = cameras[0].intersection_id, at - within - late, at + within
    if was_normal is None or not was_normal(story, where, since, until):
        return False
    point = complaint.point
    mine = [
        one.claims for one in incidents(story)
        if any((c.incident, c.point, c.at) == (incident, point, at) for c in one.claims)
    ]  # fmt: skip
    others = any(c.family != "citizen" for claims in mine for c in claims)
    shown = any(
        seen.label == incident and seen.camera_id in names and since <= seen.start <= until
        for seen in story.detections
    )
    return not others and not shown


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
    found = [one for one in seen(story) if window.holds(one.at)]
    scopes = {
        ("city", "city"): found,
        **{("category", n): [s for s in found if s.incident == n]
           for n in {s.incident for s in found}},
        **{("intersection", n): [s for s in found if s.intersection == n]
           for n in {s.intersection for s in found}},
    }  # fmt: skip
    for (scope, name), part in scopes.items():
        bad = sum(one.refuted for one in part)
        yield Row(KPI, window.name, scope, name, window.start, window.end, bad, len(part))


TRUTHS = (
    Truth(KPI, ("frigate", "sikesal", "operator_console"), ("1d", "28d"), _rows, horizon=VERDICTS),
)
