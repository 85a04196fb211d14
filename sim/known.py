"""What was known of a story at a moment: all that had come by then, and no more."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from functools import lru_cache
from typing import Protocol, TypeVar

from core import moment
from sim.cases import Step
from sim.contradictions import Strays
from sim.post import Post
from sim.story import Story


class _Case(Protocol):
    steps: list[Step]


class _Fact(Protocol):
    @property
    def at(self) -> int: ...


_FIVE, _LATENESS = 5 * moment.MINUTE, 10 * moment.MINUTE
C = TypeVar("C", bound=_Case)
F = TypeVar("F", bound=_Fact)


@lru_cache(maxsize=16)
def known_at(story: Story, at: int) -> Story:
    """The story as it had come just before `at`.

    A case of which the beginning had not come is not known yet.
    """
    post, strays = story.post, Strays()
    return replace(
        story,
        end=at,
        complaints=_cases(post, "complaint", story.complaints, at, strays.complaints),
        services=_cases(post, "service", story.services, at, strays.services),
        breaches=_cases(post, "privacy", story.breaches, at, strays.breaches),
        violations=_cases(post, "violation", story.violations, at, strays.violations),
        alerts=_cases(post, "alert", story.alerts, at, strays.alerts),
        inquiries=_cases(post, "info", story.inquiries, at, strays.inquiries),
        reviews=_facts(post, "operator", story.reviews, at),
        strays=Strays(
            complaints=_told(post, "complaint", [*story.strays.complaints, *strays.complaints], at),
            services=_told(post, "service", [*story.strays.services, *strays.services], at),
            alerts=_told(post, "alert", [*story.strays.alerts, *strays.alerts], at),
            breaches=strays.breaches,
            violations=strays.violations,
            inquiries=strays.inquiries,
        ),
        observations=_facts(post, "field", story.observations, at),
        answers=_facts(post, "survey", story.answers, at),
        uses=_facts(post, "app", story.uses, at),
        shifts=_facts(post, "officer", story.shifts, at),
        measurements=_facts(post, "traffic", story.measurements, at),
        turns=_facts(post, "signal", story.turns, at),
        detections=[s for s in story.detections if post.arrives("cctv", s.start) < at],
        watch=replace(
            story.watch,
            stats=_in_time(story, story.watch.stats, at),
            probes=_in_time(story, story.watch.probes, at),
        ),
        beats={
            source: [beat for beat in beats if post.arrives("source", beat) < at]
            for source, beats in story.beats.items()
        },
    )


def _cases(post: Post, area: str, cases: Iterable[C], at: int, strays: list[C]) -> list[C]:
    found: list[C] = []
    begun = {id(case.steps[0]) for case in cases if case.steps}
    for case in _told(post, area, cases, at):
        # Of some only later steps have come.
        (found if id(case.steps[0]) in begun else strays).append(case)
    return found


def _told(post: Post, area: str, cases: Iterable[C], at: int) -> list[C]:
    found = []
    for case in cases:
        steps = [step for step in case.steps if post.arrives(area, step.at) < at]
        if steps:
            if len(steps) < len(case.steps):
                case = copy(case)
                case.steps = steps
            found.append(case)
    return found


def _in_time(story: Story, beats: Iterable[F], at: int) -> list[F]:
    """Of what cameras say of themselves nothing counts that comes after the first tick at which its
    five minutes were over for ten."""
    found = []
    for beat in _facts(story.post, "cctv", beats, at):
        over = (beat.at // _FIVE + 1) * _FIVE + _LATENESS - story.day
        if story.post.arrives("cctv", beat.at) < story.day + -(-over // story.every) * story.every:
            found.append(beat)
    return found


def _facts(post: Post, area: str, facts: Iterable[F], at: int) -> list[F]:
    return [fact for fact in facts if post.arrives(area, fact.at) < at]
