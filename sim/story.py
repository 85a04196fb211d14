"""The whole story of a day, or of many: written once from a seed, told in several ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from core import moment
from sim import duties, flows, kelurahan, signals, watch, workdays
from sim.audits import SOURCE as AUDIT
from sim.blackouts import Blackouts
from sim.cases import Complaint, Duty, Service
from sim.chance import Chance
from sim.city import cameras
from sim.claims import ALWAYS, Field, Reach, Reform
from sim.closures import Aftermath
from sim.complaints import Desk, first_day
from sim.contradictions import Strays, contradict, repeat, strays
from sim.first_filings import first_filings
from sim.grievances import Grievances
from sim.incidents import Chronicle, Detection, Observation, hearsay
from sim.kelurahan import Shift
from sim.links import links
from sim.misnomers import misname
from sim.post import Post
from sim.ppid import Inquiry, inquiries
from sim.reviews import Review, reviews
from sim.services import Counter
from sim.sikoja import Use, uses
from sim.surge import surge
from sim.surveys import Answer, answers
from sim.twice_told import twice_told
from sim.twins import twins

DAYS_BEFORE = 40
_NEVER = 1 << 62
BENCH_CAMERA = "meja_uji"
SOURCES = ("sikesal", "sipaten", "frigate")
PASSING = ("survey", "sikoja")
"""Sources of single facts, which may fall silent too."""
Hides = Callable[[int], bool]
_APPS = (
    "sikesal", "sipaten", "ppid", "survey", "sikoja", duties.CONSOLE, duties.POLICE,
    duties.PRIVACY_OFFICER,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scale:
    """How much happens: cases over 40 days, detections each day, incidents in the last week.

    Of a story of many days: cases over these and the 40 before, incidents over these.

    `closures` are matters of the last four weeks of which we see whether their solution held,
    `grievances` complaints about letters.
    """

    complaints: int = 1600
    services: int = 1000
    detections: int = 20_000
    incidents: int = 220
    closures: int = 90
    grievances: int = 120

    def times(self, factor: float) -> Scale:
        """The same city, busier or quieter; incidents grow only up to what the map can hold."""
        return Scale(
            complaints=max(int(self.complaints * factor), 20),
            services=max(int(self.services * factor), 20),
            detections=int(self.detections * factor),
            incidents=max(int(self.incidents * min(factor, 2.0)), 10),
            closures=max(int(self.closures * min(factor, 2.0)), 10),
            grievances=max(int(self.grievances * factor), 10),
        )


@dataclass(frozen=True, slots=True)
class Silence:
    """A source that sends nothing more from a moment on, neither facts nor heartbeats.

    With `until` it goes on then; what happened meanwhile it never tells.
    """

    source: str
    since: int
    until: int = _NEVER

    def hides(self, at: int) -> bool:
        """True for what happens in the silence."""
        return self.since <= at < self.until


@dataclass(slots=True, eq=False)
class Story:
    """Everything that happened until `end`, the midnight WIB that ends the last day.

    `day` is the midnight that begins the first day.  `post` says when what happened became known.
    `beats` holds, per source, the minutes (their starts) in which it showed that it was alive.
    `every` is the time between two ticks: what is over is settled at one.  `reforms` are in order.
    """

    day: int
    end: int
    complaints: list[Complaint]
    services: list[Service]
    detections: list[Detection]
    observations: list[Observation]
    watch: watch.Watch
    beats: dict[str, list[int]]
    breaches: list[Duty] = field(default_factory=list)
    violations: list[Duty] = field(default_factory=list)
    alerts: list[Duty] = field(default_factory=list)
    inquiries: list[Inquiry] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    measurements: list[flows.Measurement] = field(default_factory=list)
    turns: list[signals.Turn] = field(default_factory=list)
    strays: Strays = field(default_factory=Strays)
    reviews: list[Review] = field(default_factory=list)
    post: Post = field(default_factory=Post)
    every: int = moment.HOUR
    reforms: tuple[Reform, ...] = ()
    decree: workdays.Decree = workdays.NO_DECREE

    @property
    def days(self) -> range:
        """The midnights that begin its days."""
        return range(self.day, self.end, moment.DAY)

    def reform(self, at: int) -> Reform:
        """What is in force at a moment."""
        return next((one for one in reversed(self.reforms) if one.at <= at), ALWAYS)

    def reach(self, incident: str, *times: int) -> Reach:
        """Within what two things of a class, each of its time, belong together: the smaller."""
        known = [self.reform(at).reach[incident] for at in times]
        if len(known) == 1:
            return known[0]
        return Reach(min(one.radius_m for one in known), min(one.within for one in known))


def write(day: date, seed: int, scale: Scale, silences: Iterable[Silence] = (), *,
          days: int = 1, post: Post | None = None) -> Story:  # fmt: skip
    """The story of civil days of 2026; raises ValueError for one whose calendar is unknown.

    Of a story of one day the cameras are played minute by minute.  Of a longer one only some
    minutes of each day are observed: it is about windows, not about masses.
    """
    start = workdays.midnight(day)
    end = start + days * moment.DAY
    last = end - moment.DAY
    first = first_day(start, DAYS_BEFORE)
    first_day(last, 0)
    fate = watch.fates(Chance(seed, "fates"), cameras())
    coming_or_going = watch.unsteady(fate)
    steady = tuple(camera for camera in cameras() if camera not in coming_or_going)
    field = Field(steady, coming_or_going)
    desk = Desk(Chance(seed, "complaints"), field, first, end)
    # Incidents only at first cameras: the others may be down just then.
    seeing = tuple(camera for camera in steady if camera.camera_id.endswith("_1"))
    chronicle = Chronicle(Chance(seed, "incidents"), field, desk, seeing)
    for index in range(scale.incidents):
        chronicle.incident(start if index % 3 == 0 else min(start, end - 7 * moment.DAY), end)
    for _ in range(scale.complaints):
        desk.ordinary()
    desk.copies(linked=max(scale.complaints // 60, 1), rekeyed=max(scale.complaints // 12, 1))
    counter = Counter(Chance(seed, "services"), first, end)
    for _ in range(scale.services):
        counter.ordinary()
    counter.repeats(max(scale.services // 40, 1))
    seen = watch.play(Chance(seed, "watch"), cameras(), fate, range(start, end, moment.DAY))
    busy = Chance(seed, "traffic")
    passing = [one for at in range(start, end, moment.DAY)
               for one in watch.traffic(busy, seeing, at, scale.detections)]  # fmt: skip
    bench = Detection(BENCH_CAMERA, "accident", start + 10 * moment.HOUR,
                      start + 10 * moment.HOUR + moment.MINUTE, 0.61, "bench0")  # fmt: skip
    aftermath = Aftermath(Chance(seed, "closures"), field, desk, seeing, last, days)
    for _ in range(scale.closures):
        aftermath.closure()
    dark = Blackouts(Chance(seed, "blackouts"), field, aftermath, seeing)
    dark.happen(start, end)
    story = Story(start, end, desk.complaints, counter.services,
                  [*chronicle.detections, *aftermath.detections, *dark.detections, *passing, bench],
                  chronicle.observations, seen, _beats(first, start, end, seen.beats),
                  duties.breaches(Chance(seed, "breaches"), first, start, end),
                  duties.violations(Chance(seed, "violations"), start, end),
                  duties.alerts(Chance(seed, "alerts"), start, end))  # fmt: skip
    at_odds = Grievances(Chance(seed, "grievances"), end)
    for _ in range(scale.grievances):
        at_odds.grievance()
    story.services += at_odds.services
    story.complaints += at_odds.complaints
    story.inquiries = inquiries(Chance(seed, "ppid"), last, end, days)
    story.answers = answers(Chance(seed, "survey"), last, end, days)
    story.uses = uses(Chance(seed, "sikoja"), last, days)
    at_work = Chance(seed, "kelurahan")
    at_it = kelurahan.busy(at_work)
    story.services += kelurahan.letters(at_work, at_it, end, days)
    story.shifts = kelurahan.shifts(at_work, at_it, end)
    story.measurements = flows.flows(Chance(seed, "flows"), seeing, story.days)
    story.turns = [*dark.turns, *signals.turns(Chance(seed, "signals"), field, last, days)]
    misname(Chance(seed, "misnomers"), story.complaints, story.services)
    contradict(Chance(seed, "contradictions"), story.complaints, end)
    repeat(Chance(seed, "repeats"), story.services, end)
    if days > 1:
        # After all else, so that a story of one day is what it was.
        story.complaints += surge(Chance(seed, "surge"), story.days[days // 2])
    story.reviews = reviews(Chance(seed, "reviews"), story.complaints, cameras(), start, end)
    story.strays = strays(Chance(seed, "strays"), start, end)
    story.complaints += twins(Chance(seed, "twins"), story.complaints, end)
    story.complaints += links(Chance(seed, "links"), story.complaints, end)
    story.complaints += first_filings(Chance(seed, "first filings"), story.days)
    again = Chance(seed, "twice told")
    story.complaints += twice_told(again, field, story.complaints, start, end)
    story.observations += hearsay(Chance(seed, "hearsay"), story.complaints, seeing, end)
    for silence in silences:
        _silence(story, silence)
    story.post = post or Post()
    if story.post.outage:
        down = Silence("sipaten", *story.post.outage)
        story.beats["sipaten"] = [at for at in story.beats["sipaten"] if not down.hides(at)]
    return story


def _beats(first: int, start: int, end: int, recorder: list[int]) -> dict[str, list[int]]:
    """Apps show a sign of life each hour in the weeks before and each minute of the day.

    Of a story of many days each hour of all of them.
    """
    days = range(start, end, moment.DAY)
    step = moment.MINUTE if len(days) == 1 else moment.HOUR
    whole = [*range(first, start, moment.HOUR), *range(start, end, step)]
    return {**{app: list(whole) for app in _APPS}, "frigate": list(recorder),
            AUDIT: [day + 9 * moment.HOUR for day in days],
            **{s: list(range(start, end, step)) for s in (flows.SOURCE, signals.SOURCE)},
            }  # fmt: skip


def _silence(story: Story, silence: Silence) -> None:
    """Take out all that the silent source would have said; raises ValueError for an unknown one."""
    hides = silence.hides
    if silence.source not in _SILENCED:
        message = f"no source {silence.source!r}; known: {', '.join(SOURCES)}"
        raise ValueError(message)
    story.beats[silence.source] = [at for at in story.beats[silence.source] if not hides(at)]
    _SILENCED[silence.source](story, hides)


def _frigate(story: Story, hides: Hides) -> None:
    story.detections = [seen for seen in story.detections if not hides(seen.end)]
    story.watch.stats = [stats for stats in story.watch.stats if not hides(stats.at)]


def _sikesal(story: Story, hides: Hides) -> None:
    story.complaints = [c for c in story.complaints if not hides(c.submitted_at)]
    for complaint in (*story.complaints, *story.strays.complaints):
        complaint.steps = [
            step for step in complaint.steps
            if not hides(step.at) and not (step.told_by and hides(step.told_by.submitted_at))
        ]  # fmt: skip


def _sipaten(story: Story, hides: Hides) -> None:
    story.services = [s for s in story.services if not hides(s.requested_at)]
    for service in (*story.services, *story.strays.services):
        service.steps = [step for step in service.steps if not hides(step.at)]
    story.shifts = [shift for shift in story.shifts if not hides(shift.at)]


def _survey(story: Story, hides: Hides) -> None:
    story.answers = [answer for answer in story.answers if not hides(answer.at)]


def _sikoja(story: Story, hides: Hides) -> None:
    story.uses = [use for use in story.uses if not hides(use.at)]


def _police(story: Story, hides: Hides) -> None:
    for duty in story.violations:
        duty.steps = [
            step for step in duty.steps
            if step.what not in duties.TOLD_BY_POLICE or not hides(step.at)
        ]  # fmt: skip


def _analytics(story: Story, hides: Hides) -> None:
    story.measurements = [one for one in story.measurements if not hides(one.at)]


_SILENCED = {
    "frigate": _frigate, "sikesal": _sikesal, "sipaten": _sipaten, "survey": _survey,
    "sikoja": _sikoja, duties.POLICE: _police, flows.SOURCE: _analytics,
}  # fmt: skip
"""What each source would have said is taken out of the story."""
