"""True numbers of the KPIs of services (catalogue 10, 11 and 13).

Due is the fifth working day after the first `completeness_decided{complete}`, a limit that runs
until the decision or the withdrawal; a request that was never complete is in no window.  Withdrawn
requests are left out.  A request for the same letter by the same applicant within an hour
(inclusive) of one that counts is the same request.  Which one counts is settled in the order of
requesting, before anything else is looked at.
Licences are the same of businesses; one that lapsed into being granted is late.
Fully online: asked for in the app, no visit, delivered online, of the requests for letters that can
be had so, on the day of completion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from core import moment
from sim.areas import kecamatan_of
from sim.cases import Service
from sim.story import Story
from sim.truth.kpi import Reasons, Truth
from sim.truth.registers import kelurahan
from sim.truth.windows import APP_CASES, Row, Scope, Window, by_reason, tallied
from sim.workdays import NO_DECREE, Decree

KPI = "sipaten_on_time_pct"
LICENCES = "business_permit_on_time_pct"
DIGITAL = "service_end_to_end_digital_pct"
STANDARD_DAYS = 5
APP = "sipaten"
"""What the catalogue calls a channel of services: the app, not how the applicant came."""
DIGITISABLE = ("ktp_pengantar", "skck_pengantar", "domisili", "usaha_mikro", "tidak_mampu")
Verdict = tuple[Service, bool, str | None]
"""Request, good or not, why left out."""
Judge = Callable[[Iterable[Service], Window, Decree], Iterator[Verdict]]
"""Gives the verdict of each request that a window holds."""


def _times(service: Service, what: str, **fields: bool) -> list[int]:
    return [
        step.at for step in service.steps
        if step.what == what and all(step.fields.get(k) == v for k, v in fields.items())
    ]  # fmt: skip


def without_repeats(services: Iterable[Service]) -> list[Service]:
    """The requests that count as requests, in the order in which they were made."""
    kept: list[Service] = []
    counted_at: dict[tuple[str, str], int] = {}
    for service in sorted(services, key=lambda s: (s.requested_at, s.case_id)):
        same = (service.nik, service.service_code)
        if service.requested_at - counted_at.get(same, -moment.DAY) > moment.HOUR:
            counted_at[same] = service.requested_at
            kept.append(service)
    return kept


def due(service: Service, decree: Decree) -> int | None:
    """By when it is to be decided; None while it is not complete."""
    complete = _times(service, "completeness_decided", complete=True)
    stopped = min(_times(service, "decided") + _times(service, "withdrawn"), default=None)
    return decree.due(complete[0], STANDARD_DAYS, stopped) if complete else None


def verdicts(services: Iterable[Service], window: Window, decree: Decree) -> Iterator[Verdict]:
    """(request, decided in time, why left out) for each request that is due in the window."""
    services = list(services)
    kept = {service.case_id for service in without_repeats(services)}
    for service in services:
        limit = due(service, decree)
        if limit is None or not window.holds(limit):
            continue
        decided = _times(service, "decided")
        reason = "withdrawn" if _times(service, "withdrawn") else None
        if service.case_id not in kept:
            reason = "duplicate"
        yield service, bool(decided) and decided[0] <= limit, reason


def licences(services: Iterable[Service], window: Window, decree: Decree) -> Iterator[Verdict]:
    """The same of businesses; what was granted by lapse is late."""
    for service, good, reason in verdicts(services, window, decree):
        if service.subject_type == "business":
            outcomes = [s.fields["outcome"] for s in service.steps if s.what == "decided"]
            yield service, good and outcomes[0] != "auto_granted", reason


def online(services: Iterable[Service], window: Window, _decree: Decree) -> Iterator[Verdict]:
    """(request, wholly online, None) for each request for such a letter completed in the window."""
    for service in without_repeats(services):
        done = [step for step in service.steps if step.what == "completed"]
        if done and window.holds(done[0].at) and service.service_code in DIGITISABLE:
            good = service.channel == "app" and done[0].fields["delivery"] == "online"
            yield service, good and not _times(service, "counter_visit"), None


def rows(
    services: Iterable[Service],
    window: Window,
    kpi: str = KPI,
    found: Judge = verdicts,
    decree: Decree = NO_DECREE,
) -> Iterator[Row]:
    """The row of the city, and one for each scope below it that has a request."""
    judged = found(services, window, decree)
    counted = ((good, 1, _below(kpi, s)) for s, good, reason in judged if reason is None)
    return tallied(kpi, window, counted)


def _below(kpi: str, service: Service) -> list[Scope]:
    """The scopes below the city."""
    if kpi == LICENCES:
        return [("category", service.service_code)]
    kecamatan = ("kecamatan", kecamatan_of(service.kelurahan_code))
    if kpi == DIGITAL:
        return [("channel", APP), kecamatan]
    return [kecamatan, ("kelurahan", kelurahan(service.kelurahan_code))]


def _truth(kpi: str, longest: str, found: Judge) -> Truth:
    def left_out(story: Story, window: Window) -> Reasons:
        # A request that repeats another is none: it is not even left out.
        judged = found(story.services, window, story.decree)
        gone = (s for s, _, reason in judged if reason == "withdrawn")
        return by_reason(("withdrawn", _below(kpi, service)) for service in gone)

    def own(story: Story, window: Window) -> Iterator[Row]:
        return rows(story.services, window, kpi, found, story.decree)

    windows = ("1d", "28d", longest)
    return Truth(kpi, ("sipaten",), windows, own, left_out, horizon=APP_CASES)


TRUTHS = (
    _truth(KPI, "month", verdicts),
    _truth(LICENCES, "quarter", licences),
    _truth(DIGITAL, "quarter", online),
)
