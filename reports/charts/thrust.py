"""Zweig's 10-session mean of the share of advances, with the two bounds of his thrust, from reports.breadth."""

from __future__ import annotations

from collections.abc import Sequence

from reports.charts.chart import Chart, Needs
from reports.charts.lines import Series, draw_lines
from reports.reading import Row
from reports.texts import text_for_key

# a thrust goes from below the first to above the second within 10 sessions
BOUNDS = (0.40, 0.615)
NEEDS = Needs("breadth", ("universe",), ("zweig_ema",), 126, "universe = 'all'")


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From rows (session_date, zweig_ema) of the universe `all`."""
    series = [Series(text_for_key(language, "charts.zweig_ema"), "zweig_ema", "all")]
    return draw_lines(
        rows,
        series,
        language,
        name="thrust",
        table=NEEDS.table,
        keyed_by="universe",
        decimals=3,
        bounds=BOUNDS,
    )
