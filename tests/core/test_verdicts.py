"""What is known of a report: eligibility, evidence, verdicts, and what they may not do."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest

from core import kpis
from core.engine import Engine
from core.events import Event
from core.kpi import Subject
from core.moment import HOUR, MINUTE
from core.rows import KpiRow
from core.verdicts import NEXT, Evidence, Judged, Verdict, verdict
from core.views import polygon
from tests.core.stories import METRE, PLACE, event, newest, routed, row, told, wib

KPI = "tri_cctv_contradiction_pct"
NOON = wib("2026-11-20T12:00")
DAY_START, EVENING = wib("2026-11-20T00:00"), wib("2026-11-20T20:00")
MIDNIGHT = wib("2026-11-21T00:00")
E = Evidence


def square(metres: float) -> str:
    north, east = metres * METRE, metres * METRE
    ring = [
        [PLACE[1] + x * east, PLACE[0] + y * north]
        for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    ]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def camera(name: str = "c1", analytics: str = "signal_fault accident", **fields: str) -> Event:
    return event(
        "ref.camera", NOON - 240 * HOUR, "city", camera_id=name, lat=PLACE[0], lon=PLACE[1],
        nominal_fps=10.0, in_service=True, intersection_id="s1",
        **{"fov": square(100), "analytics": analytics} | fields,
    )  # fmt: skip


def beats(down: int = 0, name: str = "c1") -> list[Event]:
    """A heartbeat a minute from 10:00 to 15:00, but for the first `down` minutes from 11:00."""
    first = NOON - 2 * HOUR
    return [
        event("cctv.heartbeat", first + n * MINUTE, "frigate", camera_id=name, camera_fps=10.0)
        for n in range(300)
        if not 60 <= n < 60 + down
    ]


def report(
    name: str = "k1", category: str = "lampu_lalu_lintas", metres: float = 0, at: int = NOON,
    **fields: str,
) -> Event:  # fmt: skip
    return event(
        "complaint.submitted", at, "sikesal", case_id=name, category=category,
        lat=PLACE[0] + metres * METRE, lon=PLACE[1], **fields,
    )  # fmt: skip


def review(
    said: str = "refuted", case_id: str = "k1", number: str = "r1", minutes: int = 30,
    camera_id: str = "c1", incident_class: str = "signal_fault",
) -> Event:  # fmt: skip
    return event(
        "operator.reviewed", NOON + minutes * MINUTE, "operator_console", review_id=number,
        case_id=case_id, camera_id=camera_id, incident_class=incident_class, verdict=said,
    )  # fmt: skip


def engine(*events: Event, partitions: int = 1) -> Engine:
    made = Engine(partitions)
    for number, part in enumerate(routed(events, partitions)):
        made.apply(number, part)
    list(made.tick(EVENING, {}))
    return made


def judged(*events: Event) -> Judged:
    (found,) = [one for join in engine(*events).joins for one in join.reports()]
    return found


def counted(*events: Event, scope: tuple[str, str] = ("city", "city")) -> tuple[int, int]:
    said: KpiRow = row(told([(EVENING, events), (MIDNIGHT, [])]), KPI, "1d", DAY_START, scope)
    return said.numerator, said.denominator


def test_g12_a_report_that_the_clip_refutes_is_refuted() -> None:
    story = (camera(), *beats(), report(), review())
    assert judged(*story).verdict is Verdict.REFUTED
    assert counted(*story) == (1, 1)


def test_g12_with_the_camera_down_half_of_the_time_it_is_unverifiable_and_does_not_count() -> None:
    story = (camera(), *beats(down=60), report(), review())
    assert judged(*story).verdict is Verdict.UNVERIFIABLE
    assert counted(*story) == (0, 0)


def test_g13_a_call_keyed_in_again_corroborates_nothing_and_a_camera_does() -> None:
    call = report("call112:1", "kecelakaan")
    copy = report("k2", "kecelakaan", origin_ref="call112:1", at=NOON + MINUTE)
    accident = event(
        "cctv.detected", NOON + 12 * MINUTE, "frigate", camera_id="c1", label="accident", count=1,
        lat=PLACE[0] + 90 * METRE, lon=PLACE[1],
    )  # fmt: skip
    alone = judged(camera(), *beats(), call, copy)
    assert (alone.claim.claim_id, alone.verdict) == ("call112:1", Verdict.ABSENT)
    seen = judged(camera(), *beats(), call, copy, accident)
    assert (seen.verdict, seen.support) == (Verdict.CORROBORATED, (f"c1|{accident.event_id}",))


@pytest.mark.parametrize(
    ("down", "eligible"),
    [pytest.param(12, True, id="109 of 121 minutes"), pytest.param(13, False, id="108 of 121")],
)
def test_a_camera_has_to_be_up_in_90_percent_of_the_minutes(down: int, *, eligible: bool) -> None:
    assert judged(camera(), *beats(down), report()).eligible is eligible


@pytest.mark.parametrize(
    ("story", "eligible"),
    [
        pytest.param((camera(), report(metres=99)), True, id="inside"),
        pytest.param((camera(), report(metres=101)), False, id="outside"),
        pytest.param((camera(analytics="accident"), report()), False, id="other analytics"),
        pytest.param((camera(fov="{}"), report()), False, id="no polygon"),
        pytest.param((report(),), False, id="no such camera"),
        pytest.param(
            (camera(), report(at=NOON + 4 * HOUR)), False, id="nobody heard of the camera then"
        ),
    ],
)
def test_only_a_camera_that_would_have_told_of_it_makes_a_report_eligible(
    story: tuple[Event, ...], *, eligible: bool
) -> None:
    assert judged(*beats(), *story).eligible is eligible
    assert counted(*beats(), *story) == (0, int(eligible))


def test_a_report_that_nothing_was_seen_of_is_absent_and_not_refuted() -> None:
    assert judged(camera(), *beats(), report()).verdict is Verdict.ABSENT
    assert counted(camera(), *beats(), report()) == (0, 1)


def test_a_linked_copy_is_counted_by_its_master() -> None:
    copy = report("k2")
    linked = event(
        "complaint.duplicate_linked", NOON + MINUTE, "sikesal", case_id="k2", master_case_id="k1"
    )
    assert counted(camera(), *beats(), report(), copy) == (0, 2)
    assert counted(camera(), *beats(), report(), copy, linked) == (0, 1)


@pytest.mark.parametrize(
    ("looks", "refuted"),
    [
        pytest.param((review("unclear"),), 0, id="unclear says nothing"),
        pytest.param((review(), review("unclear", number="r2", minutes=40)), 1, id="then unclear"),
        pytest.param((review(), review("confirmed", number="r2", minutes=40)), 0, id="last one"),
        pytest.param((review(camera_id="c2"),), 0, id="the clip of a camera that is not there"),
        pytest.param((review(case_id="k9"),), 0, id="of another report"),
        pytest.param((review("confirmed"), review(minutes=40)), 1, id="the same review corrected"),
    ],
)
def test_the_last_clear_review_of_an_eligible_clip_decides(
    looks: tuple[Event, ...], refuted: int
) -> None:
    assert counted(camera(), *beats(), report(), *looks) == (refuted, 1)


def test_a_report_without_its_time_may_be_an_hour_late_and_one_with_it_not() -> None:
    early = event(
        "cctv.detected", NOON - 80 * MINUTE, "frigate", camera_id="c1", label="accident", count=1
    )
    vague = report(category="kecelakaan")
    told_when = report(category="kecelakaan", at=NOON + MINUTE, incident_at=NOON)  # type: ignore[arg-type]
    assert judged(camera(), *beats(), early, vague).verdict is Verdict.CORROBORATED
    assert judged(camera(), *beats(), early, told_when).verdict is Verdict.ABSENT


def test_it_counts_for_its_class_and_for_the_intersection_of_the_camera() -> None:
    story = (camera(), *beats(), report(), review())
    assert counted(*story, scope=("category", "signal_fault")) == (1, 1)
    assert counted(*story, scope=("intersection", "s1")) == (1, 1)


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ((), Verdict.PENDING),
        ((E.NOT_ELIGIBLE,), Verdict.UNVERIFIABLE),
        ((E.NOTHING_SEEN,), Verdict.ABSENT),
        ((E.NOTHING_SEEN, E.SECOND_FAMILY), Verdict.CORROBORATED),
        ((E.NOT_ELIGIBLE, E.SECOND_FAMILY), Verdict.CORROBORATED),
        ((E.NOTHING_SEEN, E.REVIEW_REFUTES), Verdict.REFUTED),
        ((E.NOTHING_SEEN, E.SECOND_FAMILY, E.REVIEW_REFUTES), Verdict.REFUTED),
        ((E.NOTHING_SEEN, E.REVIEW_CONFIRMS), Verdict.CORROBORATED),
        ((E.NOT_ELIGIBLE, E.REVIEW_REFUTES), Verdict.UNVERIFIABLE),
        ((E.NOT_ELIGIBLE, E.REVIEW_CONFIRMS), Verdict.UNVERIFIABLE),
        ((E.NOTHING_SEEN, E.OPPOSITE_MEASURED), Verdict.REFUTED),
        ((E.NOTHING_SEEN, E.OPPOSITE_MEASURED, E.SECOND_FAMILY), Verdict.CORROBORATED),
        ((E.NOTHING_SEEN, E.OPPOSITE_MEASURED, E.REVIEW_CONFIRMS), Verdict.CORROBORATED),
        (
            (E.NOTHING_SEEN, E.OPPOSITE_MEASURED, E.SECOND_FAMILY, E.REVIEW_REFUTES),
            Verdict.REFUTED,
        ),
    ],
)
def test_evidence_leads_to_the_same_verdict_in_any_order(
    found: tuple[Evidence, ...], state: Verdict
) -> None:
    assert {verdict(order) for order in permutations(found)} == {state}


def test_every_state_but_pending_can_be_reached() -> None:
    assert set(NEXT.values()) == set(Verdict) - {Verdict.PENDING}


def test_a_verdict_changes_no_number_of_any_complaint() -> None:
    """It must never close, reject or downgrade a complaint (catalogue 5.5)."""
    story = (camera(), *beats(), report())

    def others(*events: Event) -> dict[object, object]:
        rows = newest(told([(EVENING, events), (MIDNIGHT, [])])).values()
        return {
            r.identity: (r.numerator, r.denominator, r.excluded)
            for r in rows
            if r.kpi not in {KPI, "jcoc_score"}
        }

    assert judged(*story, review()).verdict is Verdict.REFUTED
    assert others(*story, review()) == others(*story)


def test_no_case_reads_a_review() -> None:
    assert "operator" not in {subject.area for subject in _subjects()}
    reading = {k.id for k in kpis.all_kpis() if "operator.reviewed" in k.reads}
    assert reading == {KPI, "tri_cctv_recall_pct"}


def test_cases_do_not_know_of_verdicts() -> None:
    core = Path(kpis.__file__).parent.parent
    knowing = {
        path.relative_to(core).as_posix()
        for path in core.rglob("*.py")
        if "core.verdicts" in path.read_text("utf-8").replace("`core.verdicts`", "")
    }
    assert knowing == {
        "join.py", "join_leaving.py", "kpis/triangulation.py", "recall.py", "verdict_news.py"
    }  # fmt: skip


def _subjects() -> set[Subject]:
    return {subject for kpi in kpis.all_kpis() for subject in kpi.looks_at}


def test_what_the_camera_was_is_known_after_a_crash_too() -> None:
    """Hours up are told once and kept by the join: a fold that comes back has forgotten them."""
    events = (camera(), *beats(), report())
    made = engine(*events)
    fold = made.folds[0]
    kept = dict(fold.entities)
    fold.__init__()  # type: ignore[misc]  # as a new worker begins
    for entity, known in kept.items():
        fold.restore(entity, known.values(), EVENING)
    fold.restored(EVENING)
    look = review()
    made.apply(0, [look])
    list(made.tick(EVENING + HOUR, {}))
    (found,) = [one for join in made.joins for one in join.reports()]
    assert (found.verdict, found.support) == (Verdict.REFUTED, (look.event_id,))


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", "{", '{"type": "Point", "coordinates": [1, 2]}',
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]}',
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1]]]}',
        '{"type": "Polygon", "coordinates": [[["a", 0], [1, 1], [1, 0], ["a", 0]]]}',
        '{"type": "Polygon", "coordinates": [[[1e999, 0], [1, 1], [1, 0], [1e999, 0]]]}',
        '{"type": "Polygon", "coordinates": 5}', '{"type": "Polygon"}',
    ],
)  # fmt: skip
def test_what_is_no_polygon_is_no_field_of_view(text: str) -> None:
    assert polygon(text) == ()


def test_a_hole_is_not_seen() -> None:
    holed = json.loads(square(100))
    holed["coordinates"] += json.loads(square(10))["coordinates"]
    seen = camera(fov=json.dumps(holed))
    assert judged(seen, *beats(), report(metres=50)).eligible
    assert not judged(seen, *beats(), report(metres=5)).eligible
