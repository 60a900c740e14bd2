"""The advance-decline lines of the whole market and of its two indices, rebased to their first session shown."""

from __future__ import annotations

from collections.abc import Sequence

from reports.charts.chart import Chart, Needs
from reports.charts.lines import Series, draw_lines
from reports.reading import Row
from reports.texts import text_for_key

UNIVERSES = ("all", "sp500", "russell2000")
NEEDS = Needs("breadth", ("universe",), ("ad_line",), 252, "universe in ('all', 'sp500', 'russell2000')")


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From rows (session_date, universe, ad_line)."""
    series = [Series(text_for_key(language, f"names.universe.{name}"), "ad_line", name) for name in UNIVERSES]
    return draw_lines(rows, series, language, name="adline", table=NEEDS.table, keyed_by="universe", decimals=0)
