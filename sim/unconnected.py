"""What the story tells of systems that no connector reads yet, as canonical events."""

from __future__ import annotations

from collections.abc import Iterator

from core.events import Event, event_id
from sim.story import Story

PPID, SURVEY, SIKOJA = "ppid", "survey", "sikoja"
SSO = "sso"
"""Where officers log in: not one of Sipaten's own records, which its connector accounts for."""


def events(story: Story) -> Iterator[Event]:
    """Requests for information, answers to the survey, sessions of users and officers."""
    for inquiry in story.inquiries:
        for index, step in enumerate(inquiry.steps):
            own = {"opd": inquiry.opd} if step.what == "received" else {}
            yield Event(f"info.{step.what}", event_id(PPID, inquiry.number, step.what, str(index)),
                        step.at, PPID, {"case_id": inquiry.case_id, **own, **step.fields},
                        )  # fmt: skip
    for answer in story.answers:
        yield Event("survey.response", event_id(SURVEY, answer.case_id, "response", str(answer.at)),
                    answer.at, SURVEY,
                    {"case_id": answer.case_id, "respondent_key": answer.respondent,
                     "service_code": answer.service_code, "opd": answer.opd,
                     "kecamatan_code": answer.kecamatan, **answer.scores})  # fmt: skip
    for use in story.uses:
        yield Event("app.session", event_id(SIKOJA, use.number, "session"), use.at, SIKOJA,
                    {"session_id": f"{SIKOJA}:{use.number}", "app": use.app, "user_key": use.user,
                     "role": use.role, "seconds": use.seconds, "module": use.module})  # fmt: skip
    for shift in story.shifts:
        yield Event("officer.session", event_id(SSO, shift.number, "session"), shift.at,
                    SSO,
                    {"session_id": f"{SSO}:{shift.number}", "officer_key": shift.officer,
                     "kelurahan_code": shift.kelurahan_code})  # fmt: skip
