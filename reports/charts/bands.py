"""Share of stocks that rose on the session by cap band, from reports.breadth."""

from __future__ import annotations

from collections.abc import Sequence

from reports.charts.chart import Chart, Needs
from reports.charts.ranked import Bar, ranked_bars
from reports.reading import Row
from reports.texts import text_for_key

NEEDS = Needs("breadth", ("universe",), ("advance_pct",), 1, "universe like 'cap:%' and universe <> 'cap:unknown'")


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From the session's rows (universe, advance_pct), in their order."""
    bars = [
        Bar(text_for_key(language, f"charts.band.{row['universe'].removeprefix('cap:')}"), row["advance_pct"], "s1")
        for row in rows
    ]
    svg = ranked_bars(bars, "bands", left={"en": 76, "zh": 56}[language], domain=(0, 100), mark=50)
    return None if svg is None else Chart(svg, NEEDS.table)
