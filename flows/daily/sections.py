"""The figures of a session as small tables: what a run shows beside its log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from warehouse.duck import connect

# By the name of the section: columns and table; rows stand in the order of the printed report.
SECTIONS: Mapping[str, tuple[str, str]] = {
    "headline": ("index_id, label_en, close, return_1d_pct, return_ytd_pct", "reports.headline_indices"),
    "breadth": (
        "universe, eligible, advances, declines, unchanged, above_sma50_pct, above_sma200_pct, new_highs_52w,"
        " new_lows_52w, mcclellan_oscillator, trin",
        "reports.breadth",
    ),
    "sectors": ("sector, symbol, close, return_1d_pct, return_21d_pct, return_ytd_pct", "reports.sector_performance"),
    "data-quality": ("item, subject, status, rows, note_en", "reports.data_quality"),
}


def section_rows(home: Path, session: date, section: str) -> list[dict[str, Any]]:
    """The rows of a section for `session`; none where the warehouse has none."""
    columns, table = SECTIONS[section]
    with connect(home / "warehouse.duckdb", read_only=True) as connection:
        found = connection.execute(f"select {columns} from {table} where session_date = ? order by position", [session])
        names = [str(entry[0]) for entry in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
