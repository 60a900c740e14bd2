"""New 52-week highs above the line and lows below it, over half a year, from reports.breadth."""

from __future__ import annotations

from collections.abc import Sequence

from reports import numerals
from reports.charts.bars import signed_bars
from reports.charts.chart import Chart, LegendItem, Needs, session_days
from reports.reading import Row
from reports.texts import text_for_key

COLUMNS = (("new_highs_52w", "up", 1), ("new_lows_52w", "down", -1))
NEEDS = Needs("breadth", ("universe",), ("new_highs_52w", "new_lows_52w"), 126, "universe = 'all'")


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From rows (session_date, new_highs_52w, new_lows_52w) of the universe `all`."""
    points = [
        (row["session_date"], None if not row[column] else sign * row[column])
        for row in rows
        for column, _, sign in COLUMNS
    ]
    svg = signed_bars(points, session_days(rows), language, "highslows")
    if svg is None:
        return None
    last = rows[-1]
    legend = tuple(
        LegendItem(
            colour,
            text_for_key(language, f"charts.{column}"),
            numerals.format_number(last[column], language, 0),
            last[column],
            column,
            "all",
        )
        for column, colour, _ in COLUMNS
    )
    return Chart(svg, NEEDS.table, legend)
