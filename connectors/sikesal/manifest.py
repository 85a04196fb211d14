"""Sikesal, pushed: each step of a complaint, as it happens."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from connectors.signed_webhook import SignedWebhook, verify
from connectors.sikesal.parse import STEPS, parse
from connectors.sikesal.personal import PERSONAL, redact
from core.manifest import Manifest
from core.pushed_records import split


class Settings(SignedWebhook):
    """How Sikesal proves that it is Sikesal."""

    model_config = SettingsConfigDict(env_prefix="JCOC_SIKESAL__")


MANIFEST = Manifest(
    name="sikesal",
    title="Sikesal complaints (also SP4N-LAPOR!, 112 and walk-in keyed into it)",
    title_id="Pengaduan Sikesal (juga SP4N-LAPOR!, 112 dan datang langsung)",
    owner="Diskominfo Kota Jambi",
    kind="push",
    emits=tuple(name for step in STEPS.values() for name in step.emits),
    settings=Settings,
    parse=parse,
    verify=verify,
    split=split,
    redact=redact,
    personal=PERSONAL,
)
