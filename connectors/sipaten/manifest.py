"""Sipaten, pushed: each step of a service case, as it happens."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from connectors.signed_webhook import SignedWebhook, verify
from connectors.sipaten.parse import STEPS, parse
from connectors.sipaten.personal import PERSONAL, redact
from core.manifest import Manifest
from core.pushed_records import split


class Settings(SignedWebhook):
    """How Sipaten proves that it is Sipaten."""

    model_config = SettingsConfigDict(env_prefix="JCOC_SIPATEN__")


MANIFEST = Manifest(
    name="sipaten",
    title="Sipaten services of kecamatan and kelurahan",
    title_id="Pelayanan administrasi terpadu kecamatan dan kelurahan (Sipaten)",
    owner="Diskominfo Kota Jambi",
    kind="push",
    emits=tuple(step.event_type for step in STEPS.values()),
    settings=Settings,
    parse=parse,
    verify=verify,
    split=split,
    redact=redact,
    personal=PERSONAL,
)
