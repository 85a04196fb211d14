"""Boston 311, imported from the city's case file."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict

from connectors.boston311.parse import parse
from connectors.boston311.personal import PERSONAL, redact
from connectors.boston311.split import split
from core.manifest import Manifest


class Settings(BaseSettings):
    """A file needs no settings."""

    model_config = SettingsConfigDict(env_prefix="JCOC_BOSTON311__", frozen=True)


MANIFEST = Manifest(
    name="boston311",
    title="Boston 311 service requests (CSV)",
    title_id="Pengaduan 311 Kota Boston (CSV)",
    owner="Diskominfo Kota Jambi",
    kind="import",
    emits=("complaint.submitted", "complaint.resolved"),
    settings=Settings,
    parse=parse,
    split=split,
    redact=redact,
    personal=PERSONAL,
    historical=True,
)
