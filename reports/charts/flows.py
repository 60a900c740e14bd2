"""Net flow of each cap band over its turnover, from reports.flows_by_cap_band."""

from __future__ import annotations

from collections.abc import Sequence

from reports.charts.chart import Chart, LegendItem, Needs
from reports.charts.ranked import Bar, ranked_bars, up_or_down
from reports.reading import Row
from reports.texts import text_for_key

NEEDS = Needs("flows_by_cap_band", ("cap_band",), ("flow_1d_pct",), 1, "cap_band <> 'unknown'")


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From the session's rows (cap_band, flow_1d_pct), in their order."""
    bars = [
        Bar(
            text_for_key(language, f"charts.band.{row['cap_band']}"), row["flow_1d_pct"], up_or_down(row["flow_1d_pct"])
        )
        for row in rows
    ]
    svg = ranked_bars(bars, "flows", left={"en": 76, "zh": 56}[language])
    legend = (
        LegendItem("up", text_for_key(language, "charts.inflow")),
        LegendItem("down", text_for_key(language, "charts.outflow")),
    )
    return None if svg is None else Chart(svg, NEEDS.table, legend)
