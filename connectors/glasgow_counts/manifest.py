"""Counts on council CCTV cameras (Glasgow), imported from CSV."""

from connectors.glasgow_counts.parse import parse
from connectors.glasgow_counts.settings import Settings
from connectors.glasgow_counts.table import split
from core.manifest import Manifest

MANIFEST = Manifest(
    name="glasgow_counts",
    title="Camera counts of Glasgow City Council (CSV)",
    title_id="Hitungan kamera Dewan Kota Glasgow (CSV)",
    owner="@cctv",
    kind="import",
    emits=("cctv.detected",),
    settings=Settings,
    parse=parse,
    split=split,
    historical=True,
)
