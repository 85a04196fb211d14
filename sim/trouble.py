"""The story as it comes in: events with the moment at which each arrives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from core import moment
from core.events import Event, event_id
from sim.cases import Complaint, Step
from sim.chance import Chance
from sim.payloads import Payload, sikesal, webhooks
from sim.post import Post
from sim.story import Story

_RUNAWAYS = 40
_TOO_FAR = 5 * moment.MINUTE + 1000


class Arrival(NamedTuple):
    """An event, and when it comes in."""

    at: int
    event: Event


def arrivals(events: Iterable[Event], post: Post) -> list[Arrival]:
    """Each event as it comes, and once more where it is sent again, in the order of coming."""
    found = []
    for event in events:
        area = event.type.partition(".")[0]
        found.append(Arrival(post.arrives(area, event.occurred_at), event))
        if (again := post.again(area, event.occurred_at)) is not None:
            found.append(Arrival(again, event))
    return sorted(found, key=lambda arrival: (arrival.at, arrival.event.event_id))


class Runaway(NamedTuple):
    """A solution of a case that has none, told by a clock that is over five minutes ahead."""

    came: int
    case: Complaint
    step: Step


def runaways(story: Story) -> list[Arrival]:
    """Solutions from a clock that is over five minutes ahead, of cases that have none.

    Who lets them count has other numbers.
    """
    found = [
        Arrival(one.came, Event("complaint.resolved", _name(one.case), one.step.at,
                                one.case.source, {"case_id": one.case.case_id, **one.step.fields}))
        for one in _runaways(story)
    ]  # fmt: skip
    return sorted(found, key=lambda arrival: (arrival.at, arrival.event.event_id))


def runaway_payloads(story: Story) -> list[Payload]:
    """The same as Sikesal's webhook brings them, in the order of coming."""
    return [
        Payload("sikesal", webhooks.body([sikesal.record(one.case, one.step)]),
                {"content-type": "application/json"}, one.came)
        for one in sorted(_runaways(story), key=lambda one: (one.came, one.case.case_id))
    ]  # fmt: skip


def _runaways(story: Story) -> list[Runaway]:
    if "runaway" not in story.post.kinds:
        return []
    chance = Chance(story.post.seed, "runaway")
    never = [c for c in story.complaints if all(step.what != "resolved" for step in c.steps)]
    found = []
    for index in range(min(_RUNAWAYS, len(never))):
        case = never.pop(chance.whole(0, len(never) - 1))
        came = max(chance.between(story.day, story.end), case.submitted_at + moment.HOUR)
        ahead = _TOO_FAR if index % 2 == 0 else chance.between(_TOO_FAR, 2 * moment.DAY)
        found.append(Runaway(came, case, Step("resolved", came + ahead, {"opd": "dpupr"})))
    return found


def _name(case: Complaint) -> str:
    return event_id(case.source, case.number, "resolved", "runaway")
