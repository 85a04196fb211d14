"""What each source delivered and what became of it: received = accepted + duplicate + rejected."""

from __future__ import annotations

from decimal import Decimal

from ops.grafana import panels, queries
from ops.grafana.panels import Section


def sources() -> Section:
    """One panel per question; the worker counts outcomes, the edge hears the source."""
    quiet = [(None, panels.GREEN), (Decimal(900), panels.AMBER), (Decimal(3600), panels.RED)]
    return "Sumber / Sources", [
        (
            8,
            8,
            panels.lines(
                "Catatan per detik / Records per second",
                "Diterima, diakui, ganda, ditolak per sumber. / "
                "Received, accepted, duplicate and rejected, per source.",
                [(queries.RECORDS, "{{source}} {{outcome}}")],
                unit="cps",
                colours=[(None, panels.PLAIN)],
            ),
        ),
        (
            6,
            8,
            panels.grid(
                "Neraca catatan / Record totals",
                "Sejak proses dimulai: diterima = diakui + ganda + ditolak. / "
                "Since the processes started: received = accepted + duplicate + rejected.",
                [(queries.TOTALS, "")],
                columns={
                    "source": "sumber / source",
                    "outcome": "hasil",
                    "Value": "jumlah / total",
                },
            ),
        ),
        (
            3,
            8,
            panels.number(
                "Selisih / Unaccounted",
                "Diterima dikurangi yang sudah jelas akhirnya; yang menunggu tick ikut di sini. / "
                "Received minus settled; what waits for the next tick is counted here.",
                [(queries.UNACCOUNTED, "{{source}}")],
                unit="none",
                colours=[
                    (None, panels.RED),
                    (Decimal(0), panels.GREEN),
                    (Decimal(1), panels.AMBER),
                ],
            ),
        ),
        (
            3,
            8,
            panels.number(
                "Konektor hidup / Connector up",
                "1 bila berjalan dan sumber menjawab. / 1 while running and the source answers.",
                [(queries.SOURCE_UP, "{{source}}")],
                unit="bool_yes_no",
                colours=[(None, panels.RED), (Decimal(1), panels.GREEN)],
            ),
        ),
        (
            4,
            8,
            panels.number(
                "Terakhir terdengar / Last heard",
                "Lama sejak sumber terbukti hidup. / Time since the source proved to be alive.",
                [(queries.HEARD_AGE, "{{source}}")],
                unit="s",
                colours=quiet,
            ),
        ),
    ]
