"""Russell 2000 less S&P 500 over 21 sessions, for a year of sessions, from reports.rotation_summary."""

from __future__ import annotations

from collections.abc import Sequence

from reports import numerals
from reports.charts.bars import signed_bars
from reports.charts.chart import Chart, LegendItem, Needs, days_of
from reports.reading import Row
from reports.texts import text

COLUMN = "small_minus_large_21d_pp"
NEEDS = Needs("rotation_summary", (COLUMN,), 252)


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From rows (session_date, small_minus_large_21d_pp)."""
    svg = signed_bars(((row["session_date"], row[COLUMN]) for row in rows), days_of(rows), language, "spread")
    if svg is None:
        return None
    newest = rows[-1][COLUMN]
    shown = numerals.number(newest, language, 2, is_signed=True)
    legend = (
        LegendItem("", text(language, "charts.newest"), shown, newest, COLUMN),
        LegendItem("up", text(language, "charts.small_ahead")),
        LegendItem("down", text(language, "charts.large_ahead")),
    )
    return Chart(svg, NEEDS.table, legend)
