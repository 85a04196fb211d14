"""True numbers of complaints about services that their records contradict (catalogue 32).

A complaint counts on the day on which it was made.  Its record is the request that it names; when
it names none, the last one of its applicant for that letter in the 30 days before it (a request
within the hour after one that counts is no request of its own).  What stands in the record at the
moment of the complaint is asked, nothing later:
- late: contradicted when it was decided, not lapsed, by the fifth working day after the file was
  complete, or when this day is not over yet; nothing can be said of a file that is not complete or
  was withdrawn;
- not_delivered: contradicted when it was handed over;
- extra_requirement: contradicted when no document beside those of the letter was asked for;
- extra_fee (a row of its own): contradicted when the fees are no more than the letter costs, or are
  not the sum that the complaint names.
What was filed before through another channel, about the same record, is a duplicate.
Where more than a quarter are contradicted, 20 of these are drawn for an audit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256

from core import moment
from sim import workdays
from sim.areas import kecamatan_of
from sim.cases import Complaint, Service, Step
from sim.story import Story
from sim.truth.complaints import known
from sim.truth.kpi import Beside, Reasons, Truth
from sim.truth.services import without_repeats
from sim.truth.standing import Standing
from sim.truth.twins import copies
from sim.truth.windows import CITY, RECORDS, Row, Scope, Window, by_reason, tallied

KPI, FEES = "tri_record_mismatch_pct", "tri_fee_mismatch_pct"
COSTS = {"domisili": 0, "usaha_mikro": 10_000}
PAPERS = {"domisili": {"ktp", "kk", "surat_rt"},
          "usaha_mikro": {"ktp", "kk", "surat_rt", "foto_usaha"}}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """A complaint about a service in a window: contradicted or not, or why nobody can say."""

    case: Standing
    service: Service | None
    contradicted: bool
    left_out: str | None


def verdicts(story: Story, window: Window, *, fees: bool) -> Iterator[Verdict]:
    """Those of the window, either about fees or about all else."""
    for told in known(story.complaints, story.end):
        case = replace(told, copy=told.complaint.case_id in _told_again(story))
        about = case.complaint.about
        is_fee = about.get("claim") == "extra_fee"
        if not about or is_fee is not fees or not window.holds(case.complaint.submitted_at):
            continue
        service = _meant(case, story.services)
        reason = case.gone
        if reason is None and about.get("claim") is None:
            reason = "no_claim"
        if reason is None and service is None:
            reason = "unlinkable"
        found = None
        if reason is None and service is not None:
            found = contradicted(case, service)
            reason = "record_silent" if found is None else None
        yield Verdict(case, service, bool(found), reason)


@lru_cache(maxsize=4)
def _told_again(story: Story) -> set[str]:
    """Complaints that were filed before through another channel, about the same record."""
    alike: dict[object, list[Complaint]] = {}
    for complaint in story.complaints:
        if complaint.about:
            name = complaint.about.get("request_id")
            own = (complaint.applicant_nik, complaint.about.get("about_service"))
            alike.setdefault(name or own, []).append(complaint)
    return set().union(*(copies(own, story.end) for own in alike.values()))


def _meant(case: Standing, services: list[Service]) -> Service | None:
    complaint = case.complaint
    name, at = complaint.about.get("request_id"), complaint.submitted_at
    if name:
        return next((s for s in services if s.case_id == name), None)
    own = [s for s in services if s.nik == complaint.applicant_nik
           and s.service_code == complaint.about["about_service"]]  # fmt: skip
    near = [s for s in without_repeats(own) if at - 30 * moment.DAY <= s.requested_at <= at]
    return near[-1] if near else None


@dataclass(slots=True)
class Entry:
    """What stands in a record."""

    complete: int | None = None
    decided: int | None = None
    handed: int | None = None
    lapsed: bool = False
    withdrawn: bool = False
    fee: int = 0
    papers: set[str] = field(default_factory=set)


def standing(service: Service, at: int) -> Entry:
    """The record as it stood at a moment."""
    entry = Entry()
    for step in service.steps:
        if step.at <= at:
            _write(entry, step)
    return entry


def _write(entry: Entry, step: Step) -> None:
    fields = step.fields
    match step.what:
        case "completeness_decided":
            entry.papers |= set(str(fields.get("asked_for") or "").split())
            if fields["complete"]:
                entry.complete = entry.complete or step.at
        case "decided":
            if entry.decided is None:
                entry.decided, entry.lapsed = step.at, fields["outcome"] == "auto_granted"
        case "completed":
            entry.handed = entry.handed or step.at
        case "withdrawn":
            entry.withdrawn = True
        case "fee_charged":
            entry.fee += int(str(fields["amount"]))
        case "record_amended":
            _correct(entry, step)
        case _:
            return


def _correct(entry: Entry, step: Step) -> None:
    if "decided_at" in step.fields:
        entry.decided, entry.lapsed = int(str(step.fields["decided_at"])), False
    if "asked_for" in step.fields:
        entry.papers = set(str(step.fields["asked_for"]).split())


def contradicted(case: Standing, service: Service) -> bool | None:
    """Whether the record of then says otherwise; None when it says nothing."""
    about, at, code = case.complaint.about, case.complaint.submitted_at, service.service_code
    entry = standing(service, at)
    match about["claim"]:
        case "not_delivered":
            return entry.handed is not None
        case "extra_requirement":
            return not entry.papers - PAPERS[code]
        case "extra_fee":
            return entry.fee <= COSTS[code] or about.get("claimed_fee") not in (None, entry.fee)
        case _:
            return _in_time(entry, at)


def _in_time(entry: Entry, at: int) -> bool | None:
    """Whether it was decided in time or may still be; None where no time runs."""
    if entry.complete is None or entry.withdrawn:
        return None
    due = workdays.due(entry.complete, 5)
    return at <= due if entry.decided is None else entry.decided <= due and not entry.lapsed


def _scopes(verdict: Verdict) -> list[Scope]:
    """Those of the record; without one, of what the complaint says."""
    complaint, service = verdict.case.complaint, verdict.service
    code = service.service_code if service else complaint.about.get("about_service")
    place = service.kelurahan_code if service else complaint.kelurahan_code
    return [("category", str(code or "unknown")), ("kecamatan", kecamatan_of(place))]


def _truth(kpi: str, *, fees: bool) -> Truth:
    def rows(story: Story, window: Window) -> Iterator[Row]:
        found = verdicts(story, window, fees=fees)
        return tallied(
            kpi, window, ((v.contradicted, 1, _scopes(v)) for v in found if v.left_out is None)
        )

    def left_out(story: Story, window: Window) -> Reasons:
        found = verdicts(story, window, fees=fees)
        return by_reason((v.left_out, _scopes(v)) for v in found if v.left_out)

    def beside(story: Story, row: Row) -> Beside:
        odd = [v for v in verdicts(story, row.span, fees=fees) if v.left_out is None
               and v.contradicted and row.scope in (CITY, *_scopes(v))]  # fmt: skip
        of = Counter(_which_is_worse(v) if fees else v.case.complaint.about["claim"] for v in odd)
        names = WORSE if fees else ("late", "not_delivered", "extra_requirement")
        return {name: str(of[name]) for name in names}

    sources = ("sikesal", "sipaten")
    windows = ("90d", "quarter")
    return Truth(kpi, sources, windows, rows, left_out, in_catalogue=not fees, horizon=RECORDS,
                 beside=beside)  # fmt: skip


WORSE = ("claim_worse", "record_worse")


def _which_is_worse(verdict: Verdict) -> str:
    """Of an extra fee: the record shows more than was claimed, or not so much."""
    case, service = verdict.case, verdict.service
    claimed = case.complaint.about.get("claimed_fee")
    fee = standing(service, case.complaint.submitted_at).fee if service else 0
    above = service is not None and fee > COSTS[service.service_code]
    return WORSE[above and claimed is not None and fee > int(str(claimed))]


def sample(story: Story, row: Row, number: str | None) -> list[str]:
    """Complaint and record of the cases that an auditor is to look at; `number` as shown.

    None unless over 25 % are contradicted; else 20 of these, those of the smallest hashes.
    """
    if number is None or Fraction(number) <= 25:
        return []
    odd = [
        f"{v.case.complaint.case_id} / {v.service.case_id}"
        for v in verdicts(story, row.span, fees=False)
        if v.contradicted and v.service and row.scope in (CITY, *_scopes(v))
    ]  # fmt: skip
    place = (row.kpi, row.window, *row.scope, row.window_start, row.window_end)
    return sorted(sorted(odd, key=lambda name: sha256(repr((*place, name)).encode()).digest())[:20])


TRUTHS = (_truth(KPI, fees=False), _truth(FEES, fees=True))
