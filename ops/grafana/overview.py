"""Head of the board: the status of every KPI and the numbers behind it."""

from __future__ import annotations

from ops.grafana import panels, queries
from ops.grafana.panels import Section


def overview() -> Section:
    """All KPIs at a glance, and those that never came."""
    columns = {"kpi": "indikator / KPI", "window": "jendela / window"}
    return "Ikhtisar / Overview", [
        (
            10,
            9,
            panels.grid(
                "Status setiap indikator / Status of every KPI",
                "Nol bukan diam: 'ok' berarti ada nilai yang sah; 'no_data' tanpa kejadian; "
                "'source_down' sumbernya diam. / A zero is not silence: see docs/operators.md.",
                [(queries.EVERY_STATUS, "")],
                columns=columns | {"status": "status"},
                hidden=("Time", "Value"),
            ),
        ),
        (
            10,
            9,
            panels.grid(
                "Angka pembentuk / Numbers behind the values",
                "Pembilang dan penyebut, bilangan bulat, seperti terbit. / "
                "Numerators and denominators as published: integers.",
                [(queries.EVERY_NUMERATOR, ""), (queries.EVERY_DENOMINATOR, "")],
                columns=columns
                | {
                    "finality": "sifat / finality",
                    "Value #A": "pembilang / numerator",
                    "Value #B": "penyebut / denominator",
                },
            ),
        ),
        (
            4,
            9,
            panels.words(
                "Belum pernah terbit / Never published",
                "Indikator yang dideklarasikan tetapi tidak punya jendela tertutup di cakupan ini; "
                "kosong itu baik. / Declared KPIs without a closed window in this scope; "
                "empty is good.",
                (queries.NEVER_PUBLISHED, "{{kpi}}"),
            ),
        ),
    ]
