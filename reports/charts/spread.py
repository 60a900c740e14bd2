"""Russell 2000 less S&P 500 over 21 sessions, for a year of sessions, from reports.rotation_summary."""

from __future__ import annotations

from collections.abc import Sequence

from reports import numerals
from reports.charts.bars import signed_bars
from reports.charts.chart import Chart, LegendItem, Needs, session_days
from reports.reading import Row
from reports.texts import text_for_key

COLUMN = "small_minus_large_21d_pp"
NEEDS = Needs("rotation_summary", (), (COLUMN,), 252)


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From rows (session_date, small_minus_large_21d_pp)."""
    svg = signed_bars(((row["session_date"], row[COLUMN]) for row in rows), session_days(rows), language, "spread")
    if svg is None:
        return None
    newest = rows[-1][COLUMN]
    shown = numerals.format_number(newest, language, 2, is_signed=True)
    legend = (
        LegendItem("", text_for_key(language, "charts.newest"), shown, newest, COLUMN),
        LegendItem("up", text_for_key(language, "charts.small_ahead")),
        LegendItem("down", text_for_key(language, "charts.large_ahead")),
    )
    return Chart(svg, NEEDS.table, legend)
