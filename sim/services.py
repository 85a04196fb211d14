"""Requests for letters at kecamatan and kelurahan (Sipaten) over the weeks of the story."""

from __future__ import annotations

from collections.abc import Iterator

from core import moment
from core.events import Value
from sim import workdays
from sim.cases import Service, Step
from sim.chance import Chance
from sim.city import KELURAHAN_CODES, SERVICES

_STANDARD_DAYS = 5
_PLOTS = {
    "decided_on_time": 640,
    "refused_on_time": 60,
    "decided_late": 90,
    "undecided": 90,
    "incomplete": 50,
    "incomplete_then_complete": 40,
    "withdrawn": 20,
    "on_the_dot": 5,
    "a_moment_late": 5,
}
_DAY_WEIGHTS = {"working": 6, "off": 1}


class Counter:
    """Takes in requests one after the other."""

    def __init__(self, chance: Chance, start: int, end: int) -> None:
        """Requests made from `start`, seen until `end` (moments)."""
        self._chance, self._start, self._end = chance, start, end
        self.services: list[Service] = []

    def ordinary(self) -> None:
        """A request of any kind on any day, most of them on working days."""
        days = (self._end - self._start) // moment.DAY
        wanted = self._chance.of(_DAY_WEIGHTS) == "working"
        for _ in range(50):
            first = self._start + self._chance.whole(0, days - 1) * moment.DAY
            if workdays.is_working(workdays.wib_date(first)) == wanted:
                break
        self.take(self._chance.of(_PLOTS), self._chance.busy_hour(first))

    def take(self, plot: str, requested_at: int, like: Service | None = None) -> Service:
        """A request made at a moment; `like` is one by the same applicant for the same letter."""
        chance = self._chance
        channel = chance.of({"app": 60, "counter": 35, "assisted": 5})
        service = Service(
            number=f"SP-2026-{len(self.services) + 1:06d}",
            service_code=like.service_code if like else chance.one(SERVICES),
            subject_type="business" if chance.happens(0.15) else "person",
            channel=channel,
            nik=like.nik if like else f"1571{chance.digits(12)}",
            kelurahan_code=like.kelurahan_code if like else chance.one(KELURAHAN_CODES),
            plot=plot,
            steps=[s for s in self._life(plot, requested_at, channel) if s.at < self._end],
        )
        self.services.append(service)
        return service

    def repeats(self, count: int) -> None:
        """Applicants who press the button again.

        After 20 to 50 minutes it is the same request.  Every third presses a third time, over an
        hour after the first but under an hour after the second: that one counts again.
        """
        # Only requests that count themselves: what a repeat of a withdrawn one is, nobody says.
        early = [s for s in self.services
                 if s.plot in ("decided_on_time", "decided_late", "undecided")
                 and s.requested_at < self._end - 3 * moment.HOUR]  # fmt: skip
        for index in range(count if early else 0):
            first = early.pop(self._chance.whole(0, len(early) - 1))
            minutes = self._chance.whole(20, 50)
            self.take("repeat", first.requested_at + minutes * moment.MINUTE, first)
            if index % 3 == 0:
                again = first.requested_at + self._chance.whole(63, 75) * moment.MINUTE
                self.take("counts_again", again, first)
            if not early:
                break

    def _life(self, plot: str, requested_at: int, channel: str) -> list[Step]:
        chance = self._chance
        steps = [Step("requested", requested_at)]

        def then(what: str, at: int, **fields: Value) -> int:
            steps.append(Step(what, at, fields))
            return at

        def soon(low: int, high: int) -> int:
            return chance.between(steps[-1].at + low, steps[-1].at + high)

        if plot.startswith("incomplete"):
            then("completeness_decided", soon(moment.HOUR, 8 * moment.HOUR), complete=False)
            if plot == "incomplete":
                return steps
            soon_after = soon(2 * moment.HOUR, 6 * moment.DAY)
        else:
            soon_after = soon(5 * moment.MINUTE, 20 * moment.HOUR)
        complete_at = then("completeness_decided", soon_after, complete=True)
        due = workdays.due(complete_at, _STANDARD_DAYS)
        if plot == "withdrawn":
            then("withdrawn", soon(moment.HOUR, 3 * moment.DAY))
        elif plot != "undecided":
            late_by = chance.between(moment.HOUR, 6 * moment.DAY)
            within = chance.between(complete_at + moment.MINUTE, due)
            at = {"decided_late": due + late_by, "on_the_dot": due, "a_moment_late": due + 1000}
            outcome = "refused" if plot == "refused_on_time" else "granted"
            if outcome == "granted" and chance.happens(0.02):
                outcome = "auto_granted"
            then("decided", at.get(plot, within), outcome=outcome)
            if outcome != "refused" and chance.happens(0.8):
                steps += self._handed_over(steps[-1].at, channel)
        return steps

    def _handed_over(self, decided_at: int, channel: str) -> Iterator[Step]:
        """How the letter gets to the applicant; some had to come to the counter after all."""
        chance, at = self._chance, decided_at
        if chance.happens(0.1):
            at = chance.between(at + moment.MINUTE, at + moment.DAY)
            yield Step("counter_visit", at)
        online = channel != "counter" and chance.happens(0.8)
        at = chance.between(at + moment.MINUTE, at + 2 * moment.DAY)
        yield Step("completed", at, {"delivery": "online" if online else "counter"})
