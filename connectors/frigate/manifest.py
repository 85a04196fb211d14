"""Frigate NVR, subscribed over MQTT."""

from connectors.frigate.bulk import bulk
from connectors.frigate.fetch import Settings, fetch
from connectors.frigate.parse import parse
from connectors.frigate.redact import PERSONAL, redact
from connectors.frigate.split import split
from core.manifest import Manifest

MANIFEST = Manifest(
    name="frigate",
    title="Frigate NVR (MQTT)",
    title_id="Perekam video Frigate (MQTT)",
    owner="@cctv",
    kind="subscribe",
    emits=("cctv.detected", "cctv.heartbeat", "cctv.object_annotated", "source.heartbeat"),
    settings=Settings,
    parse=parse,
    bulk=bulk,
    fetch=fetch,
    split=split,
    redact=redact,
    personal=PERSONAL,
)
