"""Policy rate and Treasury yields over a year, from reports.policy_rates."""

from __future__ import annotations

from collections.abc import Sequence

from reports.charts.chart import Chart, Needs
from reports.charts.lines import Series, lines
from reports.reading import Row
from reports.texts import text

ITEMS = ("fed_funds_effective", "yield_2y", "yield_10y")
NEEDS = Needs("policy_rates", ("item", "value"), 252, "item in ('fed_funds_effective', 'yield_2y', 'yield_10y')")


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From rows (session_date, item, value)."""
    series = [Series(text(language, f"policy_rates.{name}"), "value", name) for name in ITEMS]
    return lines(rows, series, language, name="yields", table=NEEDS.table, keyed_by="item")
