"""Small cities made up by Hypothesis: a day and two hours of every event that a KPI reads.

Complaints and requests begin up to three weeks earlier, so that their limits end in this day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from hypothesis import strategies as st

from core import contract, tables
from core.events import Event, Value
from core.kpis import all_kpis
from core.moment import DAY, HOUR, MINUTE, SECOND
from tests.core.stories import METRE, PLACE, loaded, wib

START = wib("2026-11-18T00:00")
END = START + 26 * HOUR

Segment = tuple[int, list[Event]]
"""A tick, and what arrived before it."""


class Draft(NamedTuple):
    """An event without its id: type, moment, source, fields."""

    type: str
    at: int
    source: str
    fields: Mapping[str, Value]


Drafts = st.SearchStrategy[list[Draft]]
"""What comes together."""

# Round minutes make ties, chains on the dot and windows' edges likely; odd ones come on top.
_offsets = st.sampled_from((0, 0, 0, 1, 30 * SECOND, MINUTE - 1))
_in_this_day = st.builds(
    lambda minute, odd: START + minute * MINUTE + odd,
    st.integers(0, 26 * 60 - 1) | st.integers(0, 25 * 3).map(lambda n: n * 20),
    _offsets,
)
# Few days, so that cases meet in one cell: 14 and 5 working days after them this day ends.
_in_three_weeks = _in_this_day | st.builds(
    lambda days, hour, odd: START - days * DAY + hour * HOUR + odd,
    st.sampled_from((20, 7, 1)), st.sampled_from((9, 10, 23)), _offsets,
)  # fmt: skip
_near_ticks = st.builds(
    lambda hours, minutes: START + hours * HOUR + minutes * MINUTE,
    st.sampled_from((9, 10, 24, 25)), st.sampled_from((0, 0, 3, 5, 20, 35, 50)),
)  # fmt: skip
_near = st.sampled_from((0.0, 60.0, 120.0, 500.0)).map(
    lambda metres: {"lat": PLACE[0] + metres * METRE, "lon": PLACE[1]}
)
_places: st.SearchStrategy[Mapping[str, Value]] = _near | st.just({})
_none: st.SearchStrategy[Mapping[str, Value]] = st.just({})


def _fields(**options: st.SearchStrategy[Value]) -> st.SearchStrategy[Mapping[str, Value]]:
    return st.fixed_dictionaries(options)


def _merged(
    *parts: st.SearchStrategy[Mapping[str, Value]],
) -> st.SearchStrategy[Mapping[str, Value]]:
    return st.tuples(*parts).map(lambda found: {k: v for part in found for k, v in part.items()})


def _drafts(
    what: str, at: st.SearchStrategy[int], sources: tuple[str, ...],
    fields: st.SearchStrategy[Mapping[str, Value]],
) -> st.SearchStrategy[Draft]:  # fmt: skip
    return st.builds(Draft, st.just(what), at, st.sampled_from(sources), fields)


def _alone(draft: st.SearchStrategy[Draft]) -> st.SearchStrategy[list[Draft]]:
    return draft.map(lambda found: [found])


_case = _fields(case_id=st.sampled_from(("k1", "k2", "k3")))
_opd = _fields(opd=st.sampled_from(("dlh", "pupr", "diskominfo", "15.71.07", "15.71.07.1011")))
_channels = ("sikesal", "sikesal", "sp4n_lapor")
_areas = st.sampled_from((None, "15.71.07.1011", "15.71.01.1002"))
_submission = _merged(
    _case,
    _places,
    _fields(
        category=st.sampled_from(("kecelakaan", "sampah", "jalan", None)),
        reporter_key=st.sampled_from((None, "p1:a", "p1:b")),
        kind=st.sampled_from((None, None, "complaint", "info", "wbs")),
        kelurahan_code=_areas,
        origin_ref=st.sampled_from((None, None, None, "call112:1")),
        incident_at=st.none() | _in_this_day,
        sla_basis=st.sampled_from((None, None, "source")),
        about_service=st.sampled_from((None, "domisili", "domisili", "nikah")),
        request_id=st.sampled_from((None, None, "r1", "r2", "r9")),
        applicant_key=st.sampled_from((None, "p1:a", "p1:b")),
        claim=st.sampled_from(
            (None, "late", "not_delivered", "not_delivered", "extra_fee", "extra_requirement")
        ),
        claimed_fee=st.sampled_from((None, 5_000, 20_000)),
        due_at=st.none() | _in_this_day,
    ),
)
_verdict = _fields(
    verdict=st.sampled_from(("valid", "valid", "incomplete")),
    sla_class=st.sampled_from((None, "info", "non_supervisory", "supervisory")),
)
_OF_A_CASE: dict[str, st.SearchStrategy[Mapping[str, Value]]] = {
    "complaint.archived": _none,
    "complaint.assigned": _opd,
    "complaint.closed": _none,
    "complaint.completed_by_reporter": _none,
    "complaint.duplicate_gained": _fields(
        duplicate_case_id=st.sampled_from(("k1", "k2", "x")),
        submitted_at=st.sampled_from((START - 21 * DAY, START - 7 * DAY)) | _in_this_day,
    ),
    "complaint.duplicate_lost": _fields(duplicate_case_id=st.sampled_from(("k1", "k2", "x"))),
    "complaint.duplicate_linked": _fields(master_case_id=st.just("k1")),
    "complaint.duplicate_unlinked": _none,
    "complaint.forwarded": _opd,
    "complaint.notified": _fields(about=st.sampled_from(("submitted", "closed"))),
    "complaint.published": _fields(
        about=st.just("closed"), personal_data=st.sampled_from((None, False, True))
    ),
    "complaint.progressed": _fields(long_cycle=st.booleans()),
    "complaint.rated": _fields(stars=st.integers(1, 5)),
    "complaint.rejected": _none,
    "complaint.reopened": _none,
    "complaint.resolved": _none,
    "complaint.responded": _fields(
        actor=st.sampled_from(("opd", "bot")), substantive=st.sampled_from((True, False, None))
    ),
    "complaint.verified": _verdict,
    "complaint.withdrawn": _none,
}
_asked = _fields(case_id=st.sampled_from(("i1", "i2")))
_OF_A_QUESTION: dict[str, st.SearchStrategy[Mapping[str, Value]]] = {
    "info.received": _fields(opd=st.sampled_from(("dlh", "pupr"))),
    "info.extended": _fields(reason=st.sampled_from((None, "many files"))),
    "info.answered": _fields(
        outcome=st.sampled_from(("granted", "partly", "denied")),
        reason_code=st.sampled_from((None, "art_17")),
    ),
    "info.objection": _none,
}
_score = st.sampled_from((1, 3, 4, 4, None))
_scores = _fields(u1=st.integers(0, 5), **{f"u{n}": st.integers(1, 4) for n in range(2, 9)})
_request = _fields(case_id=st.sampled_from(("r1", "r2", "r3")))
FOV = json.dumps({"type": "Polygon", "coordinates": [[
    [PLACE[1] + x / 1000, PLACE[0] + y / 1000]
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
]]})  # fmt: skip
_camera = _fields(camera_id=st.sampled_from(("c1", "c2")))
_OF_A_DUTY: dict[str, st.SearchStrategy[Mapping[str, Value]]] = {
    "alert.acknowledged": _none,
    "alert.raised": _fields(
        severity=st.sampled_from(("high", "high", "critical", "low")),
        alert_class=st.sampled_from(("congestion", "flood")),
        test=st.sampled_from((None, None, False, True)),
        lat=st.sampled_from((None, PLACE[0], PLACE[0] + 0.001)),
        lon=st.just(PLACE[1]),
    ),
    "alert.resolved": _fields(automatic=st.sampled_from((None, False, True))),
    "privacy.breach_detected": _fields(
        system=st.sampled_from(("sikesal", "sipaten")), began_at=st.none() | _in_this_day
    ),
    "privacy.notice_sent": _fields(recipient=st.sampled_from(("subject", "authority"))),
    "violation.confirmed": _none,
    "violation.forwarded": _none,
    "violation.letter_sent": _none,
    "violation.validated": _fields(
        camera_id=st.sampled_from(("c1", "c2")),
        intersection_id=st.sampled_from(("s1", "s2")),
        violation_class=st.sampled_from(("red_light", "no_helmet")),
        plate_hash=st.sampled_from((None, "p1:a")),
        recorded_at=st.sampled_from((None, START, START + MINUTE, START + MINUTE + 1)),
    ),
}
_delays = st.sampled_from(
    (-SECOND, 20 * SECOND, 30 * SECOND, HOUR, HOUR + 1, DAY, DAY + 1, 3 * DAY, 3 * DAY + 1)
)


_one_after_other = _in_this_day | st.sampled_from((0, MINUTE, MINUTE + 1)).map(
    lambda after: START + 10 * HOUR + after
)
"""Alerts of one storm are among them."""


def _duty(
    first: str, *later: str, days_ago: int, soon: st.SearchStrategy[int] = _in_this_day
) -> Drafts:
    """The first of these events and, of the same case, up to three of the others around it."""
    at = soon.map(lambda now: now - days_ago * DAY)
    steps = st.sampled_from(later).flatmap(
        lambda what: st.tuples(st.just(what), _delays, _OF_A_DUTY[what])
    )
    return st.builds(
        lambda case, begun, fields, found: [
            Draft(what, begun + after, "operator_console", {**case, **more})
            for what, after, more in ((first, 0, fields), *found)
            if begun + after < END
        ],
        _fields(case_id=st.sampled_from(("d1", "d2"))), at, _OF_A_DUTY[first],
        st.lists(steps, max_size=3),
    )  # fmt: skip


# Late enough in time that what they wait for ends in this day.
_DUTIES = (
    _duty(
        "alert.raised", "alert.acknowledged", "alert.resolved", days_ago=0, soon=_one_after_other
    ),
    _duty("privacy.breach_detected", "privacy.notice_sent", days_ago=3),
    _duty(
        "violation.validated",
        "violation.forwarded",
        "violation.letter_sent",
        "violation.confirmed",
        days_ago=1,
    ),
)

_crossing = _fields(intersection_id=st.sampled_from(("s1", "s2")))

_CASES = (
    *[_drafts("complaint.submitted", _in_three_weeks, _channels, _submission)] * 4,
    *(
        _drafts(what, _in_three_weeks, _channels[:1], _merged(_case, fields))
        for what, fields in _OF_A_CASE.items()
    ),
    *[_drafts(
        "service.requested", _in_three_weeks, ("sipaten",),
        _merged(_request, _fields(
            service_code=st.sampled_from(("domisili", "nikah")), kelurahan_code=_areas,
            subject_type=st.sampled_from((None, "person", "business")),
            channel=st.sampled_from((None, "app", "assisted")),
            applicant_key=st.sampled_from((None, "p1:a", "p1:a", "p1:b")),
        )),
    )] * 2,
    _drafts(
        "service.completeness_decided", _in_three_weeks, ("sipaten",),
        _merged(_request, _fields(
            complete=st.booleans(), asked_for=st.sampled_from((None, "ktp kk", "ktp materai")),
        )),
    ),
    _drafts(
        "service.fee_charged", _in_three_weeks, ("sipaten",),
        _merged(_request, _fields(amount=st.sampled_from((5_000, 10_000)))),
    ),
    _drafts(
        "service.record_amended", _in_three_weeks, ("sipaten",),
        _merged(_request, _fields(
            version=st.sampled_from((None, 1, 2)), decided_at=st.none() | _in_three_weeks,
            completed_at=st.none() | _in_three_weeks, fee=st.sampled_from((None, 0, 20_000)),
            asked_for=st.sampled_from((None, "", "ktp materai")),
        )),
    ),
    _drafts(
        "service.decided", _in_three_weeks, ("sipaten",),
        _merged(_request, _fields(outcome=st.sampled_from(("granted", "auto_granted")))),
    ),
    _drafts("service.counter_visit", _in_three_weeks, ("sipaten",), _request),
    _drafts(
        "service.completed", _in_three_weeks, ("sipaten",),
        _merged(_request, _fields(delivery=st.sampled_from(("online", "counter")))),
    ),
    _drafts(
        "audit.replayed", _in_this_day, ("audit",),
        _fields(case_id=st.sampled_from(("a1", "a2")), kpi=st.sampled_from(("k", "l")),
                compared=st.sampled_from((0, 5)), identical=st.sampled_from((0, 4, 5, 9))),
    ),
    _drafts("service.withdrawn", _in_three_weeks, ("sipaten",), _request),
    _drafts("signal.alarm", _in_three_weeks, ("atcs",), _merged(
        _crossing, _fields(cause=st.sampled_from((None, None, "pln"))),
    )),
    _drafts("signal.dispatched", _in_three_weeks, ("atcs",), _crossing),
    _drafts("signal.restored", _in_three_weeks, ("atcs",), _merged(
        _crossing, _fields(confirmed=st.sampled_from((True, True, False, None))),
    )),
    _drafts(
        "officer.session", _in_three_weeks, ("sipaten",),
        _fields(
            session_id=st.sampled_from(("o1", "o2")), officer_key=st.just("p1:o"),
            kelurahan_code=_areas.map(lambda code: code or "15.71.07.1004"),
        ),
    ),
    *(
        _drafts(what, _in_three_weeks, ("ppid",), _merged(_asked, fields))
        for what, fields in _OF_A_QUESTION.items()
    ),
    _drafts(
        "survey.response", _in_three_weeks, ("survey",),
        _merged(_scores, _fields(
            case_id=st.sampled_from(("r1|a", "r1|b")), u9=_score, u4=_score,
            service_code=st.sampled_from(("domisili", "nikah")),
            opd=st.sampled_from((None, "dlh")), kecamatan_code=st.sampled_from((None, "15.71.07")),
        )),
    ),
    *[_drafts(
        "app.session", _in_three_weeks, ("sikoja",),
        _fields(
            session_id=st.sampled_from(("s1", "s2", "s3")),
            app=st.sampled_from(("sikoja", "sikoja", "sipaten")),
            user_key=st.sampled_from(("p1:a", "p1:b")), seconds=st.sampled_from((9, 10, 60)),
            role=st.sampled_from((None, "asn", "citizen")),
        ),
    )] * 2,
    _drafts(
        "field.observed", _in_this_day, ("field",),
        _merged(_places, _fields(
            observation_id=st.sampled_from(("o1", "o2")),
            incident_class=st.sampled_from(("accident", "accident", "waste", "party")),
            origin_ref=st.sampled_from((None, None, "k1")),
        )),
    ),
    _drafts(
        "operator.reviewed", _in_this_day, ("operator_console",),
        _merged(_camera, _case, _fields(
            review_id=st.sampled_from(("v1", "v2")), incident_class=st.just("accident"),
            verdict=st.sampled_from(("refuted", "refuted", "confirmed", "unclear")),
        )),
    ),
    _drafts(
        "cctv.detected", _in_this_day, ("frigate",),
        _merged(_camera, _places, _fields(
            label=st.sampled_from(("accident", "accident", "waste", "car")), count=st.just(1),
        )),
    ),
)  # fmt: skip


_CLASSES = tables.shipped(tables.IncidentClassTable).classes


def _version(name: str, version: str, **changes: Any) -> st.SearchStrategy[Draft]:
    """Published in this day: what became final before it is judged by what was in force then."""
    fields = loaded(name, START, version, **changes).fields
    return _in_this_day.map(lambda now: Draft(f"ref.{name}", now, "jcoc", fields))


_LAWS = (
    _version("calendar", "free", kota={"2026": ["11-17", "11-18"]}),
    _version("calendar", "unknown", non_working={"2025": ["01-01"]}),
    _version("sla", "short", response_days=4, answer_days=9, sikesal_hours={"default": 24},
             resolution_days={"info": 4, "non_supervisory": 13, "supervisory": 14}),
    _version("service_standard", "short", default_days=4),
    _version("incident_class", "narrow", classes=_CLASSES | {
        "accident": msgspec.structs.replace(_CLASSES["accident"], metres=60, minutes=8),
        "waste": msgspec.structs.replace(_CLASSES["waste"], camera="no"),
    }),
    _version("incident_class", "wide", classes=_CLASSES | {
        "accident": msgspec.structs.replace(_CLASSES["accident"], metres=300, minutes=600),
        "party": msgspec.structs.replace(_CLASSES["accident"], recurring=True),
    }, categories={"sampah": "party", "kecelakaan": "accident"}),
)  # fmt: skip
CASES: Drafts = st.sampled_from((*map(_alone, _CASES), *_DUTIES * 3, *map(_alone, _LAWS))).flatmap(
    lambda group: group
)
"""Of cases, requests, duties and claims: these may come days late and still count."""

_SENSORS = (
    _drafts(
        "ref.camera", st.just(START - 10 * DAY) | _in_this_day, ("city",),
        _merged(_camera, _places, _fields(
            nominal_fps=st.just(10.0), in_service=st.sampled_from((True, True, True, False)),
            intersection_id=st.sampled_from((None, "s1", "s2")),
            fov=st.sampled_from((None, "{}", FOV)), analytics=st.sampled_from((None, "waste")),
        )),
    ),
    _drafts(
        "cctv.heartbeat", _in_this_day, ("frigate",),
        _merged(_camera, _fields(
            camera_fps=st.sampled_from((10.0, 5.0, 4.9, 0.0)),
            frame_hash=st.sampled_from((None, "a", "a", "b")),
        )),
    ),
    _drafts(
        "cctv.maintenance", _in_this_day | st.just(START - DAY), ("city",),
        _merged(_camera, _fields(
            starts_at=_in_this_day, ends_at=_in_this_day,
        )),
    ),
    _drafts(
        "source.heartbeat", _in_this_day,
        ("frigate", "frigate", "sikesal", "sipaten", "operator_console", "satlantas", "dpo_log",
         "ppid", "survey", "sikoja"), _none,
    ),
)  # fmt: skip
_bursts: Drafts = st.builds(
    lambda start, frames, count: [
        Draft(what, start + n * 40 * SECOND, "frigate", fields)
        for n in range(count)
        for what, fields in (
            ("cctv.heartbeat", {
                "camera_id": "c1", "camera_fps": 10.0, "frame_hash": frames[n % len(frames)],
            }),
            ("source.heartbeat", {}),
        )
    ],
    _near_ticks, st.sampled_from(("a", "ab", "aab")), st.integers(2, 45),
)  # fmt: skip
_flows: Drafts = st.builds(
    lambda start, place, delays, volume, count: [
        Draft("traffic.measured", start + n * MINUTE, "traffic_analytics", {
            "intersection_id": place, "mean_delay_s": delays[n % len(delays)],
            "volume_smp": volume,
        })
        for n in range(count)
    ],
    _near_ticks, st.sampled_from(("s1", "s2")),
    st.sampled_from(((5.0,), (25.0, 25.1), (90.0,), (None,), (9.0, None))),
    st.sampled_from((0.0, 0.1, 10.0)), st.integers(8, 20),
)  # fmt: skip
SENSORS: Drafts = st.sampled_from(_SENSORS).flatmap(_alone) | _bursts | _flows
"""Of the sensors and the sources: what is late is counted and left out."""

TYPES = frozenset(
    {
        *_OF_A_CASE, *_OF_A_DUTY, *_OF_A_QUESTION, "survey.response", "app.session",
        "officer.session", "complaint.submitted", "service.requested",
        "service.completeness_decided", "service.decided", "service.withdrawn",
        "service.counter_visit", "service.completed", "service.fee_charged",
        "service.record_amended", "audit.replayed", "field.observed",
        "cctv.detected", "ref.camera", "cctv.heartbeat", "cctv.maintenance", "source.heartbeat",
        "traffic.measured", "operator.reviewed", "signal.alarm", "signal.dispatched",
        "signal.restored",
    }
)  # fmt: skip


def events(drafts: list[Draft]) -> list[Event]:
    """Events with ids of their own, each of which fits the contract."""
    made = [
        Event(draft.type, f"e{number:03}", draft.at, draft.source, draft.fields)
        for number, draft in enumerate(drafts)
    ]
    assert not [flaw for event in made if (flaw := contract.flaw(event))]
    return made


_first = st.lists(
    st.sampled_from(
        [
            Draft("ref.camera", START - 10 * DAY, "city", {
                "camera_id": "c1", "nominal_fps": 10.0, "in_service": True,
                "lat": PLACE[0], "lon": PLACE[1], "intersection_id": "s1", "fov": FOV,
                "analytics": "accident",
            }),
            Draft("service.requested", START - 7 * DAY, "sipaten", {
                "case_id": "r1", "service_code": "ktp", "applicant_key": "p1:a",
            }),
            Draft("service.completeness_decided", START - 7 * DAY, "sipaten", {
                "case_id": "r1", "complete": True,
            }),
            *(
                Draft("complaint.submitted", START - 20 * DAY, "sikesal", {
                    "case_id": case, "category": "kecelakaan",
                    "incident_at": START + 9 * HOUR, "lat": PLACE[0], "lon": PLACE[1],
                })
                for case in ("k1", "k2")
            ),
        ]
    ),
    unique_by=str,
)  # fmt: skip


@st.composite
def days(
    draw: st.DrawFn, drafts: Drafts = CASES | SENSORS, size: int = 25, ticks: int = 4,
) -> list[Segment]:  # fmt: skip
    """Segments in the order of their ticks; some events arrive after their time, or before."""
    moments = [*sorted(draw(st.sets(_near_ticks, max_size=ticks))), END]
    found: list[Segment] = [(moment, []) for moment in moments]
    drawn = [*draw(_first), *(d for group in draw(st.lists(drafts, max_size=size)) for d in group)]
    groups: dict[str, int] = {}
    for event in events(drawn):
        in_time = next((n for n, moment in enumerate(moments) if event.occurred_at < moment), 0)
        shift = groups.setdefault(event.type, draw(st.sampled_from((0, 0, 1, -1))))
        number = min(max(in_time + shift, 0), len(moments) - 1)
        found[number][1].append(event)
    return found


def types_read() -> frozenset[str]:
    """Every event type that a KPI declares to read."""
    return frozenset(name for kpi in all_kpis() for name in kpi.reads)
