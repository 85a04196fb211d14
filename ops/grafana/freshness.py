"""How old, how corrected and how selective the numbers are."""

from __future__ import annotations

from decimal import Decimal

from ops.grafana import panels, queries
from ops.grafana.panels import Section


def freshness() -> Section:
    """Event time against the wall clock, revisions and exclusions."""
    plain = [(None, panels.PLAIN)]
    behind = [(None, panels.GREEN), (Decimal(1000), panels.AMBER), (Decimal(100_000), panels.RED)]
    return "Kesegaran dan koreksi / Freshness and corrections", [
        (
            8,
            8,
            panels.lines(
                "Umur jendela / Age of the window shown",
                "Sekarang dikurangi akhir jendela yang tampil. / Now minus the window's end.",
                [(queries.WINDOW_AGE, "{{kpi}} {{window}}")],
                unit="s",
                colours=plain,
            ),
        ),
        (
            8,
            8,
            panels.lines(
                "Koreksi / Corrections",
                "Revisi baru atas angka yang sudah terbit; angka lama tetap tersimpan. / "
                "New revisions of published numbers; the old ones stay on record.",
                [(queries.CORRECTIONS, "{{kpi}}")],
                unit="none",
                colours=plain,
            ),
        ),
        (
            8,
            8,
            panels.lines(
                "Dikecualikan / Excluded share",
                "Kasus di luar hitungan menurut alasan (C9); di atas 20 % status menjadi "
                "insufficient. / Cases left out, by reason; above 20 % the KPI is insufficient.",
                [(queries.EXCLUDED, "{{kpi}} {{window}} {{reason}}")],
                unit="percentunit",
                colours=[(None, panels.PLAIN), (Decimal("0.2"), panels.RED)],
            ),
        ),
        (
            4,
            6,
            panels.number(
                "Umur watermark / Watermark age",
                "Waktu kejadian yang sudah pasti lengkap, dibanding sekarang. / "
                "How far event time is behind the wall clock.",
                [(queries.WATERMARK_AGE, "watermark")],
                unit="s",
                colours=plain,
            ),
        ),
        (
            4,
            6,
            panels.number(
                "Antrean worker / Worker lag",
                "Catatan yang belum diolah. / Records not processed yet.",
                [(queries.WORKER_LAG, "{{instance}}")],
                unit="short",
                colours=behind,
            ),
        ),
        (
            4,
            6,
            panels.number(
                "Antrean exporter / Exporter lag",
                "Baris kpi.published yang belum dibaca. / Rows of kpi.published not read yet.",
                [(queries.EXPORTER_LAG, "{{instance}}")],
                unit="short",
                colours=behind,
            ),
        ),
        (
            4,
            6,
            panels.number(
                "Kafka menjawab / Kafka answers",
                "Bila tidak, papan ini menampilkan nilai terakhir. / "
                "If not, this board shows the last values.",
                [(queries.EXPORTER_UP, "{{instance}}")],
                unit="bool_yes_no",
                colours=[(None, panels.RED), (Decimal(1), panels.GREEN)],
            ),
        ),
        (
            4,
            6,
            panels.number(
                "Baris terakhir / Last row",
                "Lama sejak Kafka menyimpan baris KPI terbaru. / "
                "Time since Kafka stored the newest KPI row.",
                [(queries.LAST_ROW_AGE, "{{instance}}")],
                unit="s",
                colours=plain,
            ),
        ),
        (
            4,
            6,
            panels.number(
                "Baris ditolak / Rows rejected",
                "Baris kpi.published yang tidak dapat ditampilkan, per alasan. / "
                "Rows of kpi.published that cannot be shown, by reason.",
                [(queries.EXPORTER_REJECTED, "{{reason}}")],
                unit="none",
                colours=[(None, panels.GREEN), (Decimal("0.001"), panels.RED)],
            ),
        ),
    ]
