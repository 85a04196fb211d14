"""Open311 GeoReport v2, polled."""

from __future__ import annotations

from connectors.open311.documents import split
from connectors.open311.fetch import fetch
from connectors.open311.parse import parse
from connectors.open311.personal import PERSONAL, redact
from connectors.open311.settings import Settings
from core.manifest import Manifest

MANIFEST = Manifest(
    name="open311",
    title="Open311 GeoReport v2",
    title_id="Open311 GeoReport v2 (standar pengaduan terbuka)",
    owner="Diskominfo Kota Jambi",
    kind="poll",
    emits=("complaint.submitted", "complaint.resolved"),
    settings=Settings,
    parse=parse,
    fetch=fetch,
    split=split,
    redact=redact,
    personal=PERSONAL,
    # GeoReport gives out years of history (start_date), so old times are no error; times ahead
    # of ours are, and `parse` rejects them.
    historical=True,
)
