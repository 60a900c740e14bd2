"""Returns of the sectors on the session, the highest first, with the benchmark among them, from reports.sector_performance."""

from __future__ import annotations

from collections.abc import Sequence

from reports import layout
from reports.charts.chart import SECTOR_LABELS, Chart, LegendItem, Needs
from reports.charts.ranked import Bar, ranked_bars, up_or_down
from reports.reading import Row
from reports.texts import text_for_key

NEEDS = Needs("sector_performance", ("symbol", "is_benchmark", "label_en", "label_zh"), ("return_1d_pct",), 1)


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From the session's rows (label, return_1d_pct, is_benchmark)."""
    known = sorted(
        (row for row in rows if row["return_1d_pct"] is not None),
        key=lambda row: (-row["return_1d_pct"], row["symbol"]),
    )
    bars = [
        Bar(
            row["symbol"] if row["is_benchmark"] else layout.cell_value(row, "label", language),
            row["return_1d_pct"],
            "faint" if row["is_benchmark"] else up_or_down(row["return_1d_pct"]),
        )
        for row in known
    ]
    svg = ranked_bars(bars, "sectors", left=SECTOR_LABELS[language])
    legend = (
        LegendItem("up", text_for_key(language, "charts.rose")),
        LegendItem("down", text_for_key(language, "charts.fell")),
    )
    return None if svg is None else Chart(svg, NEEDS.table, legend)
