"""Share of US-listed stocks above their 20-, 50- and 200-session means, from reports.breadth."""

from __future__ import annotations

from collections.abc import Sequence

from reports.charts.chart import Chart, Needs
from reports.charts.lines import Series, draw_lines
from reports.reading import Row
from reports.texts import text_for_key

COLUMNS = ("above_sma20_pct", "above_sma50_pct", "above_sma200_pct")
NEEDS = Needs("breadth", ("universe",), COLUMNS, 126, "universe = 'all'")


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From rows (session_date, above_sma20_pct, above_sma50_pct, above_sma200_pct) of the universe `all`."""
    series = [Series(text_for_key(language, f"charts.{name}"), name, "all") for name in COLUMNS]
    return draw_lines(
        rows, series, language, name="above", table=NEEDS.table, keyed_by="universe", decimals=1, domain=(0, 100)
    )
