"""The grid of a precedent's definition: how often the small caps rose, by threshold and horizon, with the number of matches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports import layout
from reports.markup import figure_markup
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
    """The grid around the first definition that the session matches; None where it matches none."""
    primary = next((row for row in rows if row["is_primary"] and row["is_match"]), None)
    if primary is None:
        return None
    family = primary["definition_id"].rsplit("_", 1)[0]
    own = [
        (place, row)
        for place, row in enumerate(rows)
        if row["definition_id"].rsplit("_", 1)[0] == family and row["index_id"] == _OF_INDEX
    ]
    horizons = sorted({row["horizon_sessions"] for _, row in own})
    cells = {(row["threshold"], row["horizon_sessions"]): _grid_cell(place, row, language) for place, row in own}
    thresholds = sorted({row["threshold"] for _, row in own})
    return Grid(
        str(layout.cell_value(primary, "definition", language)),
        primary["threshold"],
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
