"""True numbers of what cameras told of, of the incidents that others confirm (catalogue 31).

Claims that no camera made are grouped as in KPI 28, copies too, but these confirm nothing.  A group
with an officer or an alarm of signals (at its intersection), or with two citizens (telephones)
whose reports are no copies, is confirmed.  It counts, on the day of its first claim, when a camera
that tells of the class had one of its claims in view and was up around it (as in KPI 29); it was
told of when such a camera saw the class no further than t_c from such a claim.  For one camera
likewise, as if it were the only one.  It is day from 06:00 to 18:00 WIB, by its first claim.

Beside it: how much earlier the first of these sightings was than the first report that is no copy;
and of what cameras saw no further than t_c from a report (60 minutes more before one that gives no
time) on a clip that somebody looked at for it, how much was confirmed: the last look at it that was
not unclear decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from core import moment
from sim.city import distance_m, incident_of, intersections
from sim.incidents import Detection
from sim.signals import FAULT
from sim.story import Story
from sim.truth.complaints import known
from sim.truth.kpi import Beside, Truth
from sim.truth.ranks import nearest_rank, seconds, share, whole_seconds
from sim.truth.twins import repeated_claims
from sim.truth.verdicts import watching
from sim.truth.windows import CITY, VERDICTS, Row, Window

KPI = "tri_cctv_recall_pct"


@dataclass(frozen=True, slots=True)
class Voice:
    """A claim; `speaker` is a telephone, `officer`, `signal`, or empty: it confirms nothing."""

    incident: str
    point: tuple[float, float]
    at: int
    speaker: str
    report: str = ""
    """Number of the case, if it is the report of a citizen."""
    vague: bool = False
    """It does not say when it happened."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A confirmed one that a camera could tell of."""

    incident: str
    at: int
    intersection: str
    told: bool
    cameras: dict[str, list[int]]
    """Those that could tell of it, and when they did."""
    told_by_citizens: int | None
    """When the first of them did, by a report that is no copy."""

    def lead(self, *cameras: str) -> int | None:
        """By how many microseconds the first of these cameras was earlier than any citizen."""
        seen = [at for camera in cameras for at in self.cameras[camera]]
        first = self.told_by_citizens
        return first - min(seen) if seen and first is not None else None


def voices(story: Story) -> list[Voice]:
    """Everything that is said with a place, but not by cameras."""
    found = []
    for case in known(story.complaints, story.end):
        complaint = case.complaint
        incident, point = incident_of(complaint.category), complaint.point
        if incident is None or point is None or complaint.kind not in (None, "complaint"):
            continue
        at = complaint.submitted_at if complaint.incident_at is None else complaint.incident_at
        copy = complaint.origin_ref or case.linked
        copy = copy or complaint.case_id in repeated_claims(story)
        vague = complaint.incident_at is None
        speaker = "" if copy else complaint.phone
        found.append(Voice(incident, point, at, speaker, complaint.case_id, vague))
    for turn in story.turns:
        place = intersections().get(turn.intersection_id)
        if turn.what == "alarm" and place:
            found.append(Voice(FAULT, place, turn.at, "signal"))
    for report in story.observations:
        if report.origin_ref is None:
            found.append(Voice(report.incident, report.point, report.at, "officer"))
    return found


@lru_cache(maxsize=4)
def incidents(story: Story) -> list[Incident]:
    """Every incident that counts."""
    places, found = watching(story), []
    left = voices(story)
    while left:
        group = [left.pop()]
        for voice in group:  # grows while we walk it
            group.extend(other for other in left if _together(story, voice, other))
            left = [other for other in left if not _together(story, voice, other)]
        speakers = {voice.speaker for voice in group} - {""}
        if not speakers & {"officer", "signal"} and len(speakers) < 2:
            continue
        what = group[0].incident
        pairs = [(camera, voice.at) for voice in group
                 for camera in places(what, voice.point, voice.at)]  # fmt: skip
        if pairs:
            sights = [
                seen for seen in story.detections for camera, at in pairs
                if seen.label == what and seen.camera_id == camera.camera_id
                and abs(seen.start - at) <= story.reach(what, seen.start, at).within
            ]  # fmt: skip
            first = min((camera for camera, _ in pairs), key=lambda camera: camera.camera_id)
            cameras = {
                camera.camera_id: [s.start for s in sights if s.camera_id == camera.camera_id]
                for camera, _ in pairs
            }
            citizen = min((v.at for v in group if v.report and v.speaker), default=None)
            began = min(v.at for v in group)
            made = Incident(what, began, first.intersection_id, bool(sights), cameras, citizen)
            found.append(made)
    return found


@lru_cache(maxsize=4)
def looked_at(story: Story) -> list[tuple[Detection, bool]]:
    """What cameras saw on clips that somebody looked at, and whether it was real."""
    found = []
    reports = {voice.report: voice for voice in voices(story) if voice.report}
    for seen in story.detections:
        looks = [
            (look.at, look.number, look.verdict)
            for look in story.reviews for report in [reports.get(look.case_id)]
            if report and look.camera_id == seen.camera_id
            and look.verdict != "unclear" and look.incident == seen.label == report.incident
            for within in [story.reach(seen.label, seen.start, report.at).within]
            if seen.start - report.at <= within
            and report.at - seen.start <= within + (moment.HOUR if report.vague else 0)
        ]  # fmt: skip
        if looks:
            found.append((seen, max(looks)[2] == "confirmed"))
    return found


def _together(story: Story, a: Voice, b: Voice) -> bool:
    if a.incident != b.incident:
        return False
    reach = story.reach(a.incident, a.at, b.at)
    return abs(a.at - b.at) <= reach.within and distance_m(a.point, b.point) <= reach.radius_m


def _rows(story: Story, window: Window) -> Iterator[Row]:
    found = [one for one in incidents(story) if window.holds(one.at)]
    scopes = {("city", "city"): found}
    for one in found:
        scopes.setdefault(("category", one.incident), []).append(one)
        scopes.setdefault(("intersection", one.intersection), []).append(one)
        scopes.setdefault(("daylight", light(one.at)), []).append(one)
    for (scope, name), part in scopes.items():
        good = sum(one.told for one in part)
        yield Row(KPI, window.name, scope, name, window.start, window.end, good, len(part))
    for camera in {camera for one in found for camera in one.cameras}:
        own = [bool(one.cameras[camera]) for one in found if camera in one.cameras]
        yield Row(
            KPI, window.name, "camera", camera, window.start, window.end, sum(own), len(own)
        )  # fmt: skip


def light(at: int) -> str:
    """Day or night."""
    return "day" if 6 <= (at // moment.HOUR + 7) % 24 < 18 else "night"


def _beside(story: Story, row: Row) -> Beside:
    """How often cameras were right, and how much earlier than citizens."""
    where = {e.camera.camera_id: e.camera.intersection_id for e in story.watch.registrations}
    looks = [
        real for seen, real in looked_at(story)
        if row.span.holds(seen.start) and row.scope in (
            CITY, ("category", seen.label), ("camera", seen.camera_id),
            ("daylight", light(seen.start)), ("intersection", where.get(seen.camera_id)))
    ]  # fmt: skip
    own = [
        one for one in incidents(story)
        if row.span.holds(one.at) and row.scope in (
            CITY, ("category", one.incident), ("intersection", one.intersection),
            ("daylight", light(one.at)), *(("camera", name) for name in one.cameras))
    ]  # fmt: skip
    alone = [row.scope_id] if row.scope_type == "camera" else None
    leads = [one.lead(*(alone or one.cameras)) for one in own]
    known = [whole_seconds(lead) for lead in leads if lead is not None]
    return {
        "precision_pct": share(sum(looks), len(looks)),
        "reviewed": str(len(looks)),
        "lead_p50_seconds": seconds(nearest_rank(known, 50)),
    }


TRUTHS = (
    Truth(KPI, ("frigate", "sikesal"), ("1d", "28d"), _rows, least=20, horizon=VERDICTS,
          beside=_beside),
)  # fmt: skip
