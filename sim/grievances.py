"""Complaints about letters, and the requests for these letters: some true, some at odds."""

from __future__ import annotations

from core import moment
from core.events import Value
from sim import workdays
from sim.cases import Complaint, Service, Step
from sim.chance import Chance
from sim.city import KELURAHAN_CODES

CATEGORY, PAID = "pelayanan", "usaha_mikro"
TARIFF = 10_000
_STANDARD_DAYS = 5
_PLOTS = {
    "late_decided_in_time": 12, "late_on_the_dot": 4, "late_indeed": 12, "late_open": 8,
    "late_too_soon": 6, "late_lapsed": 4, "late_file_open": 4, "late_withdrawn": 3,
    "late_amended_before": 5, "late_amended_after": 5,
    "delivered": 8, "undelivered": 8, "delivered_after": 4,
    "papers_standard": 6, "papers_extra": 6, "papers_amended": 4,
    "fee_unseen": 6, "fee_over": 5, "fee_more": 4, "fee_less": 4,
    "unnamed": 3, "wrong_number": 4, "too_long_ago": 3, "taken_back": 3, "linked": 3,
    "pressed_again": 5, "asked_before": 5,
}  # fmt: skip
_BY_APPLICANT = {"too_long_ago", "pressed_again", "asked_before"}


class Grievances:
    """Applicants who ask for a letter and complain about it later."""

    def __init__(self, chance: Chance, end: int) -> None:
        """What happens until `end`, a moment."""
        self._chance, self._end = chance, end
        self.services: list[Service] = []
        self.complaints: list[Complaint] = []

    def grievance(self) -> None:
        """A request five weeks ago or so, and a complaint about it."""
        chance = self._chance
        plot = chance.of(_PLOTS)
        asked = chance.busy_hour(self._end - chance.whole(33, 40) * moment.DAY)
        paid = plot.startswith("fee") or chance.happens(0.2)
        service = self._request(plot, asked, PAID if paid else "domisili")
        filed = self._live(plot, service, asked)
        if plot == "pressed_again":
            again = asked + chance.between(5 * moment.MINUTE, 50 * moment.MINUTE)
            self._request(plot, again, service.service_code, service)
        elif plot == "asked_before":
            self._request(plot, asked - chance.between(2 * moment.HOUR, 20 * moment.HOUR),
                          service.service_code, service)  # fmt: skip
        self._complain(plot, service, filed)

    def _request(self, plot: str, at: int, code: str, like: Service | None = None) -> Service:
        chance = self._chance
        made = Service(
            f"SP-2026-{700_001 + len(self.services)}", code, "person", "app",
            like.nik if like else f"1571{chance.digits(12)}",
            like.kelurahan_code if like else chance.one(KELURAHAN_CODES),
            f"grievance_{plot}", [Step("requested", at)],
        )  # fmt: skip
        self.services.append(made)
        return made

    def _live(self, plot: str, service: Service, asked: int) -> int:
        """What the office does; returns when the complaint is made."""
        life = _Life(self._chance, plot, service.steps)
        complete = life.checked(asked + moment.HOUR)
        if plot.startswith("late"):
            return life.late(complete)
        if plot.startswith("fee"):
            return life.charged(complete)
        if plot == "too_long_ago":
            return asked + 30 * moment.DAY + 1000
        return life.handed_over(complete)

    def _complain(self, plot: str, service: Service, filed: int) -> None:
        chance = self._chance
        claim = {"fee": "extra_fee", "papers": "extra_requirement", "delivered": "not_delivered",
                 "undelivered": "not_delivered", "unnamed": None}.get(
            plot.partition("_")[0], "late")  # fmt: skip
        paid = {"fee_more": 2 * TARIFF, "fee_over": TARIFF * 3 // 2, "fee_less": TARIFF + 1}
        about: dict[str, Value] = {"about_service": service.service_code, "claim": claim,
                                   "claimed_fee": paid.get(plot)}  # fmt: skip
        nik = None
        if plot in _BY_APPLICANT or (plot != "wrong_number" and chance.happens(0.3)):
            nik = service.nik
        else:
            wrong = plot == "wrong_number"
            about["request_id"] = f"{service.case_id}9" if wrong else service.case_id
        case = Complaint(
            "sikesal", f"SI-2026-{700_001 + len(self.complaints)}", CATEGORY, None,
            chance.one(KELURAHAN_CODES), None, None, f"08{chance.digits(10)}", None,
            f"grievance_{plot}", [Step("submitted", filed)], about, nik,
        )  # fmt: skip
        if plot == "taken_back":
            case.steps.append(Step("withdrawn", filed + moment.HOUR))
        elif plot == "linked":
            link: dict[str, Value] = {"master_case_id": "sikesal:SI-2026-000001"}
            case.steps.append(Step("duplicate_linked", filed + moment.HOUR, link))
        case.steps = [step for step in case.steps if step.at < self._end]
        self.complaints.append(case)


class _Life:
    """What an office does with a request, by the plot of what is said of it later."""

    def __init__(self, chance: Chance, plot: str, steps: list[Step]) -> None:
        self._chance, self._plot, self._steps = chance, plot, steps

    def checked(self, at: int) -> int:
        """The papers are looked at."""
        papers = "ktp kk" if self._plot == "papers_standard" else "ktp materai"
        asked = {"asked_for": papers} if self._plot.startswith("papers") else {}
        return self._then("completeness_decided", at, complete=self._plot != "late_file_open",
                          **asked)  # fmt: skip

    def late(self, complete: int) -> int:
        """It is decided or not, in time or not; returns when somebody says that it is late."""
        due, plot = workdays.due(complete, _STANDARD_DAYS), self._plot
        soon = self._soon(complete)
        if plot in {"late_file_open", "late_open"}:
            return self._later(due)
        if plot == "late_withdrawn":
            return self._later(self._then("withdrawn", soon))
        outcome = "auto_granted" if plot == "late_lapsed" else "granted"
        at = {"late_decided_in_time": soon, "late_on_the_dot": due, "late_lapsed": due,
              "late_too_soon": due}.get(plot) or self._later(due)  # fmt: skip
        self._then("decided", at, outcome=outcome)
        if plot == "late_too_soon":
            return soon
        filed = self._later(at) + moment.HOUR
        shift = {"late_amended_before": -moment.MINUTE, "late_amended_after": moment.HOUR}
        if plot in shift:
            self._then("record_amended", filed + shift[plot], version=2, decided_at=soon)
        return filed

    def charged(self, complete: int) -> int:
        """Fees are taken, on record or not; returns when somebody says that they are too high."""
        soon = self._soon(complete)
        if self._plot != "fee_unseen":
            self._then("fee_charged", soon, amount=TARIFF)
            self._then("fee_charged", soon + moment.MINUTE, amount=TARIFF // 2)
        return self._later(soon)

    def handed_over(self, complete: int) -> int:
        """It is decided and perhaps delivered; returns when somebody complains."""
        decided = self._then("decided", self._soon(complete), outcome="granted")
        if self._plot == "papers_amended":
            self._then("record_amended", decided + moment.MINUTE, version=2, asked_for="")
        if self._plot not in {"delivered", "delivered_after"}:
            return self._later(decided)
        handed = self._then("completed", self._later(decided), delivery="online")
        return handed - moment.MINUTE if self._plot == "delivered_after" else self._later(handed)

    def _then(self, what: str, at: int, **fields: Value) -> int:
        self._steps.append(Step(what, at, fields))
        return at

    def _soon(self, complete: int) -> int:
        return self._chance.between(complete + moment.MINUTE, complete + 2 * moment.DAY)

    def _later(self, since: int) -> int:
        return since + self._chance.between(moment.HOUR, 3 * moment.DAY)
