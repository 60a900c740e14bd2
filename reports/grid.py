"""The grid of a precedent's definition: how often the small caps rose, by threshold and horizon, with the number of matches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports import layout
from reports.markup import figure_markup
from reports.precedents import met_definitions, pattern_of
from reports.reading import Row

_OF_INDEX = "RUT"


@dataclass(frozen=True)
class Grid:
    """`rows` are (threshold, cells): a cell is (share that rose, matches), None where there was no match.

    `definition` is in words that of `threshold`.
    """

    definition: str
    threshold: float
    horizons: tuple[int, ...]
    rows: tuple[tuple[int, tuple[tuple[Markup, Markup] | None, ...]], ...]


def precedent_grid(rows: Sequence[Row], language: str) -> Grid | None:
    """The grid around the first pattern that the session met; None where it met none, or where one threshold is all of it."""
    met = met_definitions(rows)
    if not met:
        return None
    centre, pattern = met[0], pattern_of(met[0])
    own = [
        (place, row) for place, row in enumerate(rows) if pattern_of(row) == pattern and row["index_id"] == _OF_INDEX
    ]
    horizons = sorted({row["horizon_sessions"] for _, row in own})
    cells = {(row["threshold"], row["horizon_sessions"]): _grid_cell(place, row, language) for place, row in own}
    thresholds = sorted({row["threshold"] for _, row in own})
    if len(thresholds) < 2:
        return None
    return Grid(
        str(layout.cell_value(centre, "definition", language)),
        centre["threshold"],
        tuple(horizons),
        tuple((one, tuple(cells.get((one, horizon)) for horizon in horizons)) for one in thresholds),
    )


def _grid_cell(place: int, row: Row, language: str) -> tuple[Markup, Markup] | None:
    if not row["n"] or row["up_pct"] is None:
        return None
    return (
        figure_markup(row["up_pct"], language, 0, f"precedents|{place}|up_pct"),
        figure_markup(row["n"], language, 0, f"precedents|{place}|n"),
    )
