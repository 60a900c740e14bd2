"""Policy rate and Treasury yields over a year, from reports.policy_rates."""

from __future__ import annotations

from collections.abc import Sequence

from reports.charts.chart import Chart, Needs
from reports.charts.lines import Series, draw_lines
from reports.reading import Row
from reports.texts import text_for_key

ITEMS = ("fed_funds_effective", "yield_2y", "yield_10y")
NEEDS = Needs("policy_rates", ("item",), ("value",), 252, "item in ('fed_funds_effective', 'yield_2y', 'yield_10y')")


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From rows (session_date, item, value)."""
    series = [Series(text_for_key(language, f"policy_rates.{name}"), "value", name) for name in ITEMS]
    return draw_lines(rows, series, language, name="yields", table=NEEDS.table, keyed_by="item")
