"""The McClellan oscillator of US-listed stocks as bars over half a year, from reports.breadth."""

from __future__ import annotations

from collections.abc import Sequence

from reports import numerals
from reports.charts.bars import signed_bars
from reports.charts.chart import Chart, LegendItem, Needs, session_days
from reports.reading import Row
from reports.texts import text_for_key

COLUMN = "mcclellan_oscillator"
NEEDS = Needs("breadth", ("universe",), (COLUMN,), 126, "universe = 'all'")


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From rows (session_date, mcclellan_oscillator) of the universe `all`."""
    svg = signed_bars(((row["session_date"], row[COLUMN]) for row in rows), session_days(rows), language, "mcclellan")
    if svg is None:
        return None
    newest = rows[-1][COLUMN]
    shown = numerals.format_number(newest, language, 1, is_signed=True)
    return Chart(
        svg, NEEDS.table, (LegendItem("", text_for_key(language, "names.universe.all"), shown, newest, COLUMN, "all"),)
    )
