"""Classes of incidents by the version in force: who is linked, who contradicts, who shows it."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from audit.contributions import contributions
from audit.explanation import Explanation
from core import tables
from core.classes import SHIPPED as FIRST
from core.closures import Report
from core.complaints import Complaint
from core.engine import Engine
from core.events import Event, Value
from core.join import Join
from core.kpis import by_id
from core.law import SHIPPED, Law
from core.matter_tables import FARTHEST_M, IncidentClass, IncidentClassTable
from core.moment import DAY, HOUR, MINUTE
from core.restatements import Restatement
from core.rows import KpiRow
from core.triangulation import Claim, distance_m, incidents, reach_of_both
from core.verdicts import seeing
from core.vicinity import Vicinity
from core.views import View
from tests.core.stories import METRE, PLACE, case, event, loaded, newest, routed, row, told, wib
from tests.core.test_recall import TWO, companions, look, seen
from tests.core.test_recall import today as recall_of
from tests.core.test_verdicts import beats, camera, judged, report, square

NOON = wib("2026-11-20T12:00")
TICK = wib("2026-11-25T00:00")
CLASSES = tables.shipped(IncidentClassTable).classes
CATEGORIES = tables.shipped(IncidentClassTable).categories


def version(name: str, at: int, **changes: Any) -> Event:
    """With another class `accident`, or where `changes` has them with other tables."""
    made = {"classes": CLASSES | {"accident": replace(CLASSES["accident"], **changes)}}
    return loaded("incident_class", at, name, **(changes if "classes" in changes else made))


def law(*versions: Event) -> Law:
    return Law.told_by(versions)


def claim(name: str, minutes: float, metres: float = 0, family: str = "citizen") -> Claim:
    at = NOON + round(minutes * MINUTE)
    return Claim(name, "accident", family, at, PLACE[0] + metres * METRE, PLACE[1])


def clusters(claims: list[Claim], by: Law) -> list[str]:
    return ["".join(c.claim_id for c in found.claims) for found in incidents(claims, by)]


class TestLinked:
    """150 m and 20 minutes shipped; from noon on 60 m and 40 minutes, or the other way round."""

    near = law(version("near", NOON, metres=60, minutes=40))
    wide = law(
        version("near", NOON - DAY, metres=60, minutes=10), version("wide", NOON, metres=300)
    )

    @pytest.mark.parametrize(
        ("apart", "minutes", "together"),
        [
            ((-19, 1), 50, True),
            ((-19, 2), 50, False),
            ((-1, 1), 61, False),
            ((-1, -3), 149, True),
            ((0, 40), 59, True),
            ((0, 41), 59, False),
            ((0, 1), 61, False),
        ],
    )
    def test_within_the_smaller_reach_of_both(
        self, apart: tuple[int, int], minutes: float, together: bool
    ) -> None:
        two = [claim("a", apart[0]), claim("b", apart[1], minutes)]
        expected = ["ab" if apart[0] < apart[1] else "ba"] if together else 2
        for order in permutations(two):
            found = clusters(list(order), self.near)
            assert found == expected if together else len(found) == expected

    def test_what_the_wider_one_alone_would_link_is_not(self) -> None:
        assert len(clusters([claim("a", -1), claim("b", 1, 61)], self.wide)) == 2
        assert clusters([claim("a", 1), claim("b", 2, 299)], self.wide) == ["ab"]

    def test_a_place_is_monitored_by_the_reach_of_the_claim(self) -> None:
        ((before,), (after,)) = (incidents([claim("a", m)], self.near) for m in (-1, 0))
        cameras = [((PLACE[0] + 100 * METRE, PLACE[1]), 0, None)]
        assert before.monitored(cameras, self.near)
        assert not after.monitored(cameras, self.near)


_versions = st.lists(
    st.tuples(
        st.integers(-300, 300), st.sampled_from((1, 40, 150, FARTHEST_M)), st.integers(1, 200)
    ),
    max_size=4,
).map(
    lambda drawn: law(
        *(
            version(f"v{n}", NOON + at * MINUTE, metres=metres, minutes=minutes)
            for n, (at, metres, minutes) in enumerate(drawn)
        )
    )
)
_claims = st.lists(
    st.tuples(st.integers(-300, 300), st.integers(0, 8).map(lambda n: n * 45)), max_size=12
).map(lambda drawn: [claim(f"{n:02}", at, metres) for n, (at, metres) in enumerate(drawn)])


@given(_claims, _versions, st.randoms())
def test_incidents_are_what_hangs_together_pair_by_pair(
    claims: list[Claim], by: Law, chance: Any
) -> None:
    linked = {one.claim_id: {one.claim_id} for one in claims}
    for a, b in combinations(claims, 2):
        reach = reach_of_both(a, b, by)
        assert reach == reach_of_both(b, a, by)
        apart = distance_m((a.lat or 0, a.lon or 0), (b.lat or 0, b.lon or 0))
        if abs(a.at - b.at) <= reach.time and apart <= reach.metres:
            together = linked[a.claim_id] | linked[b.claim_id]
            linked |= dict.fromkeys(together, together)
    expected = {frozenset(names) for names in linked.values()}
    mixed = list(claims)
    chance.shuffle(mixed)
    for given_ in (claims, mixed):
        found = incidents(given_, by)
        assert {frozenset(c.claim_id for c in one.claims) for one in found} == expected


class TestClosure:
    """KPI 30: a report that contradicts lies in the smaller reach of both."""

    first = Report(
        "1", "accident", "dishub", "a", NOON - HOUR, NOON - HOUR, *PLACE, (NOON - MINUTE,), (),
        None, True,
    )  # fmt: skip

    def kinds(self, by: Law, *others: Report | Claim) -> tuple[str, ...]:
        near = Vicinity(by)
        for one in (self.first, *others):
            near.put(one.case_id if isinstance(one, Report) else one.claim_id, one)
        return next(
            closure.contradicted_by
            for _, found in near.changed()
            for closure in found
            if closure.report.case_id == "1"
        )

    def again(self, metres: float) -> Report:
        place = {"lat": PLACE[0] + metres * METRE, "lon": PLACE[1]}
        return replace(
            self.first, case_id="2", reporter="b", filed_at=NOON, seen_at=NOON, resolved=(), **place
        )

    def test_of_both_the_smaller_in_space(self) -> None:
        wide, near = (version(f"{m}", NOON, metres=m) for m in (FARTHEST_M, 60))
        assert self.kinds(SHIPPED, self.again(149)) == ("reported",)
        assert self.kinds(law(near), self.again(61)) == ()
        assert self.kinds(law(near), self.again(59)) == ("reported",)
        assert self.kinds(law(wide), self.again(151)) == ()
        early = version("wide", NOON - DAY, metres=FARTHEST_M)
        assert self.kinds(law(early), self.again(299)) == ("reported",)
        assert self.kinds(law(early, near), self.again(61)) == ()

    def test_what_comes_again_says_the_version_of_the_closed_report(self) -> None:
        assert self.kinds(law(version("r", NOON, recurring=True)), self.again(9)) == ("reported",)
        assert self.kinds(law(version("r", NOON - HOUR, recurring=True)), self.again(9)) == ()

    def test_sightings_follow_each_other_within_the_smaller_time(self) -> None:
        seen = [claim(f"c{n}", n * 12, 5, "sensor") for n in range(3)]
        assert self.kinds(SHIPPED, *seen) == ("seen",)
        for since in (11, 13):
            short = version("s", NOON + since * MINUTE, minutes=11)
            assert self.kinds(law(short), *seen) == ()
        assert self.kinds(law(version("s", NOON + 25 * MINUTE, minutes=11)), *seen) == ("seen",)

    def test_sightings_lie_in_the_smaller_reach(self) -> None:
        seen = [claim(f"c{n}", n * 12, 61, "sensor") for n in range(3)]
        assert self.kinds(SHIPPED, *seen) == ("seen",)
        assert self.kinds(law(version("near", NOON, metres=60)), *seen) == ()

    def test_sightings_of_what_no_camera_can_observe_any_more_show_nothing(self) -> None:
        seen = [claim(f"c{n}", n * 12, 5, "sensor") for n in range(3)]
        assert self.kinds(law(version("n", NOON + MINUTE, camera="no")), *seen) == ()

    def test_another_version_judges_closures_that_nothing_else_touched(self) -> None:
        near = Vicinity()
        for one in (self.first, self.again(100)):
            near.put(one.case_id, one)
        assert [c.contradicted_by for _, found in near.changed() for c in found] == [("reported",)]
        near.enact(law(version("near", NOON, metres=60)))
        assert [c.contradicted_by for _, found in near.changed() for c in found] == [()]


class TestSeen:
    """What a camera or an alarm told of is of a report within the smaller time and reach."""

    short = version("short", NOON + MINUTE, minutes=5)
    long = version("long", NOON, minutes=40)
    of_alarms = loaded("incident_class", NOON + 5 * MINUTE, "near", classes=CLASSES | {
        "signal_fault": replace(CLASSES["signal_fault"], metres=60, minutes=9),
    })  # fmt: skip
    where = loaded("intersection", NOON - DAY, "p", places={"s9": (PLACE[1], PLACE[0])})
    every = pytest.mark.parametrize(
        ("minutes", "by", "linked"),
        [
            (4, short, True), (12, short, False), (12, None, True), (-15, short, True),
            (-25, long, False), (-15, long, True), (35, long, True), (35, None, False),
        ],
    )  # fmt: skip

    @every
    def test_a_camera_told_of_what_others_confirm(
        self, minutes: int, by: Event | None, linked: bool
    ) -> None:
        laws = [by] if by else []
        assert recall_of(*TWO, seen(minutes), *laws) == (int(linked), 1)

    @every
    def test_a_clip_shows(self, minutes: int, by: Event | None, linked: bool) -> None:
        at_noon: dict[str, Any] = {**TWO[0].fields, "incident_at": NOON}
        crash = event("complaint.submitted", NOON + MINUTE, **at_noon)
        laws = [by] if by else []
        found = companions(crash, camera(), seen(minutes), look("confirmed"), *laws)
        assert found["reviewed"] == str(int(linked))

    @pytest.mark.parametrize(
        ("minutes", "by", "linked"),
        [(4, short, True), (12, short, False), (-79, None, True), (-79, long, True),
         (-81, long, False)],
    )  # fmt: skip
    def test_a_camera_corroborates(self, minutes: int, by: Event | None, linked: bool) -> None:
        """A report that does not say when it was may have been written an hour later."""
        laws = [by] if by else []
        found = judged(camera(), *beats(), *beats_before(), TWO[0], seen(minutes), *laws)
        assert found.verdict == ("corroborated" if linked else "absent")

    @pytest.mark.parametrize(
        ("metres", "minutes", "linked"),
        [(59, 8, True), (61, 8, False), (61, 4, True), (59, 10, False), (74, 4, True)],
    )
    def test_an_alarm_corroborates(self, metres: int, minutes: int, linked: bool) -> None:
        alarm = event("signal.alarm", NOON + minutes * MINUTE, "atcs", intersection_id="s9")
        story = (camera(), *beats(), report(metres=metres), alarm, self.where, self.of_alarms)
        assert judged(*story).verdict == ("corroborated" if linked else "absent")


def beats_before() -> list[Event]:
    """So that the camera was up whatever the time of the class is."""
    return [
        event("cctv.heartbeat", NOON - n * MINUTE, "frigate", camera_id="c1", camera_fps=10.0)
        for n in range(120, 240)
    ]


@pytest.mark.long
def test_a_version_that_comes_after_sightings_left_the_fold_judges_them_all_the_same() -> None:
    def numbers(arrives: int | None) -> dict[Any, Any]:
        ticks = [NOON + (8 + 24 * n) * HOUR for n in range(23)]
        segments: list[tuple[int, list[Event]]] = [(tick, []) for tick in ticks]
        segments[0][1].extend([camera(), *beats(), *TWO, seen(12)])
        if arrives is not None:
            segments[arrives][1].append(TestSeen.short)
        return {
            (found.kpi, found.window_start): (found.numerator, found.denominator)
            for found in newest(told(segments, 2)).values()
            if found.kpi.startswith("tri_") and found.finality == "provisional"
            and (found.window, found.scope_type) == ("28d", "city")
        }  # fmt: skip

    assert numbers(20) == numbers(0) != numbers(None)


FALLEN = IncidentClass(metres=100, minutes=120, camera="yes")
TREES = {
    "classes": CLASSES | {"fallen_tree": FALLEN},
    "categories": CATEGORIES | {"pohon_tumbang": "fallen_tree"},
}


class TestNewClass:
    """A category that gets its class by a version, for what happens from then on."""

    watched = event(
        "ref.camera", NOON - 30 * DAY, "city", camera_id="c1", lat=PLACE[0], lon=PLACE[1],
        nominal_fps=10.0, in_service=True, intersection_id="s1", analytics="fallen_tree",
    )  # fmt: skip
    officer = event(
        "field.observed", NOON + 30 * MINUTE, "field", observation_id="o1",
        incident_class="fallen_tree", lat=PLACE[0], lon=PLACE[1],
    )  # fmt: skip

    def story(self, since: int) -> list[Event]:
        fields: dict[str, Value] = {"category": "pohon_tumbang", "lat": PLACE[0], "lon": PLACE[1]}
        reports = [
            *case("k1", ("submitted", "2026-11-20T12:00", fields | {"reporter_key": "p1:a"}),
                  ("resolved", "2026-11-20T13:00", {"opd": "dlh"})),
            *case("k2", ("submitted", "2026-11-21T12:00", fields | {"reporter_key": "p1:b"})),
        ]  # fmt: skip
        return [self.watched, self.officer, *reports, loaded("incident_class", since, "t", **TREES)]

    @pytest.mark.parametrize(("since", "numbers"), [(NOON, (1, 1)), (NOON + 1, (0, 1))])
    def test_is_of_claims_from_then_on_whenever_the_version_comes(
        self, since: int, numbers: tuple[int, int]
    ) -> None:
        kpi, start = "tri_corroborated_incident_pct", wib("2026-11-20T00:00")
        events = self.story(since)
        for early in range(len(events) + 1):
            segments = [(NOON + HOUR, events[:early]), (TICK, events[early:]), (TICK + 1, [])]
            for partitions in (1, 3):
                found = row(told(segments, partitions), kpi, "1d", start)
                assert (found.numerator, found.denominator) == numbers

    @pytest.mark.parametrize(("since", "found"), [(NOON, 1), (NOON + 1, 0), (NOON + 2 * DAY, 0)])
    def test_is_the_matter_of_reports_from_then_on(self, since: int, found: int) -> None:
        kpi, start = "tri_false_closure_pct", wib("2026-11-27T00:00")
        said = told([(wib("2026-11-28T00:00"), self.story(since))], 2)
        assert row(said, kpi, "1d", start).numerator == found
        known = {one.scope_id for one in said if isinstance(one, KpiRow) and one.kpi == kpi
                 and one.scope_type == "category"}  # fmt: skip
        assert known == {"fallen_tree" if since == NOON else "unknown"}

    def test_is_known_to_the_register_of_categories(self) -> None:
        (filed, *_) = case("k", ("submitted", "2026-11-20T12:00", {"category": "fallen_tree"}))
        for since, scope in ((NOON, "fallen_tree"), (None, "unknown")):
            loads = [] if since is None else [loaded("incident_class", since, "t", **TREES)]
            made = Complaint.of([filed], law(*loads))
            assert made is not None
            assert made.scopes["category"] == scope

    def test_is_seen_by_no_camera_for_labels_are_those_that_shipped(self) -> None:
        told = {"fov": square(100), "analytics": "fallen_tree accident", "intersection": "s1"}
        view = View.from_json("c1", told)
        assert view is not None
        one = Claim("k", "fallen_tree", "citizen", NOON, *PLACE, reported=True)
        assert seeing(one, [view]) == []
        assert seeing(replace(one, incident="accident"), [view]) == [view]


def test_an_observation_of_a_class_that_is_gone_is_no_claim() -> None:
    gone = {name: one for name, one in CLASSES.items() if name != "accident"}
    left = {c: name for c, name in CATEGORIES.items() if name in gone}
    seen = event("field.observed", NOON, "field", observation_id="o1", incident_class="accident")
    for since, there in ((NOON, False), (NOON + 1, True)):
        later = loaded("incident_class", since, "g", classes=gone, categories=left)
        engine = Engine(1)
        for one in (seen, later):
            engine.folds[0].apply(one)
            list(engine.tick(TICK + one.occurred_at - NOON, {}))
        claims = [name for join in engine.joins for name in join.known if name[0] == "claim"]
        assert bool(claims) is there


def test_all_joins_hear_each_version_once_from_however_many_folds() -> None:
    engine = Engine(3)
    versions = [version("b", NOON, metres=9), version("a", NOON - DAY, metres=8)]
    for one in versions:
        for number, part in enumerate(routed([one], 3)):
            engine.apply(number, part)
        list(engine.tick(TICK + len(engine.joins[0].known), {}))
    for join in engine.joins:
        assert join.law.history == law(*versions).history
        assert sorted(name for _, name in join.known) == sorted(e.event_id for e in versions)


def test_a_version_judges_what_nothing_else_touched_and_is_named_as_the_cause() -> None:
    join, near = Join(), version("near", NOON, metres=60)
    for report_ in (TestClosure.first, TestClosure().again(61)):
        join.state("report", report_.case_id, report_)
    watched = {"place": list(PLACE), "watches": [[0, None]]}
    join.state("camera", "c1", watched)
    for one in (claim("a", 1), claim("b", 2, 61, "officer")):
        join.state("claim", one.claim_id, one)
    join.close(TICK)
    join.state("law", near.event_id, near)
    moved = join.close(TICK + 30 * DAY)
    for kpi, counters in (
        ("tri_corroborated_incident_pct", {"d": 1}), ("tri_false_closure_pct", {"d": 1})
    ):  # fmt: skip
        key = next(key for key in moved.cells if key[:2] == (kpi, "city"))
        assert moved.cells[key] == counters
        assert moved.moved[key].names == (f"law:{near.event_id}",)


def test_a_join_comes_back_with_the_versions_it_knew() -> None:
    join, kept = Join(), dict[Any, Any]()
    near = version("near", NOON, metres=60)
    two = [claim("a", 1), claim("b", 2, 61, "officer")]
    join.state("law", near.event_id, near)
    for one in two:
        join.state("claim", one.claim_id, one)
    told_ = join.close(TICK)
    kept = {at: (TICK, value) for at, value in told_.state.items()}
    for records in (kept, dict(reversed(kept.items()))):
        again = Join()
        again.restore(records, TICK)
        assert again.law.history == law(near).history
        assert again._ledger.cells == join._ledger.cells


def test_loading_what_shipped_looks_at_nothing_again() -> None:
    join = Join()
    join.state("claim", "a", claim("a", 1))
    join.close(TICK)
    shipped = loaded("incident_class", NOON - 99 * DAY, FIRST.version)
    join.state("law", shipped.event_id, shipped)
    assert join.close(TICK + 1).cells == {}
    assert join.law is SHIPPED


class TestFinality:
    """A verdict is final when the time of its class is over (catalogue 5.4), so its row is."""

    end, longer = NOON, 14 * DAY
    kpi = by_id()["tri_cctv_contradiction_pct"]

    @pytest.mark.parametrize(
        ("since", "until", "more"),
        [
            (-DAY, None, 7 * DAY), (1, None, 0), (-60 * DAY, -40 * DAY, 0),
            (-60 * DAY, -9 * DAY, 7 * DAY),
        ],
    )  # fmt: skip
    def test_waits_for_the_longest_time_of_the_windows_that_end_there(
        self, since: int, until: int | None, more: int
    ) -> None:
        versions = [version("long", self.end + since, minutes=self.longer // MINUTE)]
        if until is not None:
            versions.append(version("short", self.end + until, minutes=5))
        found = self.kpi.final_at(self.end, law(*versions))
        assert found == self.kpi.final_at(self.end) + more


class TestShown:
    """The listing of a window and the topic of verdicts name a version that did not ship."""

    def engine(self, *more: Event) -> tuple[Engine, list[KpiRow | Restatement]]:
        engine = Engine(1, archive=True)
        fields: dict[str, Value] = {"category": "kecelakaan", "lat": PLACE[0], "lon": PLACE[1]}
        reports = case("k1", ("submitted", "2026-11-20T12:00", fields))
        for one in [*reports, *more]:
            engine.folds[0].apply(one)
        return engine, list(engine.tick(TICK, {}))

    @pytest.mark.parametrize("since", [NOON, NOON + 1])
    def test_of_each_claim(self, since: int) -> None:
        engine, rows = self.engine(version("near", since, metres=60))
        span = (wib("2026-11-20T00:00"), wib("2026-11-21T00:00"))
        for name, said in (
            ("tri_corroborated_incident_pct", "k1"),
            ("tri_cctv_contradiction_pct", "k1 unverifiable"),
        ):
            kpi = by_id()[name]
            found = contributions(engine, kpi, ("city", "city"), span)
            explained = Explanation.of(kpi, [row(rows, name, "1d", span[0])], found)
            by = {said: "near"} if since == NOON else {}
            assert explained.by == explained.to_json()["classes"] == by
            shown = explained.groups().get("judged by incident_class near")
            assert shown == ([said] if since == NOON else None)

    @pytest.mark.parametrize("since", [NOON, NOON + 1])
    def test_of_each_verdict(self, since: int) -> None:
        engine, _ = self.engine(version("near", since, minutes=40))
        ((one,),) = [join.news for join in engine.joins if join.news]
        record = one.told(TICK)
        assert record.get("classes") == ("near" if since == NOON else None)
        minute = 40 if since == NOON else 20
        assert record["final_at"] == f"2026-11-23T05:{minute}:00Z"
