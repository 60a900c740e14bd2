"""The race of the year: the indices' returns since the end of the year before, from reports.headline_indices."""

from __future__ import annotations

from collections.abc import Sequence

from reports.charts.chart import Chart, Needs
from reports.charts.lines import Series, draw_lines
from reports.reading import Row
from reports.texts import text_for_key

INDICES = ("SPX", "COMP", "DJI", "RUT")
NEEDS = Needs("headline_indices", ("index_id",), ("return_ytd_pct",), 260, "index_id in ('SPX', 'COMP', 'DJI', 'RUT')")


def draw(rows: Sequence[Row], language: str) -> Chart | None:
    """From rows (session_date, index_id, return_ytd_pct); sessions of earlier years are the starting point."""
    if not rows:
        return None
    year = rows[-1]["session_date"].year
    own = [row for row in rows if row["session_date"].year == year]
    before = [row for row in rows if row["session_date"].year < year]
    series = [Series(text_for_key(language, f"names.index.{name}"), "return_ytd_pct", name) for name in INDICES]
    return draw_lines(
        own,
        series,
        language,
        name="race",
        table=NEEDS.table,
        keyed_by="index_id",
        is_signed=True,
        has_zero=True,
        starts_at={"session_date": before[-1]["session_date"]} if before else None,
    )
