"""Membership as changes: on a day these came in and those went out, several in a cell, with commas between."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import Context, Field, Format
from sources.formats._columns import column_array, conform_to_schema, respell_symbols, universe_of_rows


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """A row for each symbol of each cell; empty cells are noted."""
    parts = [_change_rows(table, kind, context) for kind in ("add", "remove")]
    changes = respell_symbols(pa.concat_tables(parts), context)
    columns = {name: column_array(changes, name) for name in changes.column_names}
    columns["universe"] = universe_of_rows(changes, context)
    return {"memberships": conform_to_schema("memberships", columns, changes.num_rows, context)}


def _change_rows(table: pa.Table, kind: str, context: Context) -> pa.Table:
    cells = column_array(table, kind)
    context.add_note(f"empty cells of column {kind}", cells.null_count)
    lists = pc.split_pattern_regex(cells, r"[,;\s]+")
    symbols = pc.list_flatten(lists)
    rows = pc.list_parent_indices(lists)
    days = column_array(table, "effective_date").take(rows)
    listed = pa.table({"symbol": symbols, "effective_date": days, "kind": pa.repeat(kind, len(symbols))})
    filled = listed.filter(pc.not_equal(listed["symbol"], ""))
    context.add_note(f"commas with nothing between in column {kind}", listed.num_rows - filled.num_rows)
    return filled


FORMAT = Format(
    name="membership_changes",
    description="A universe's changes: date, add, remove (symbols with commas between).",
    datasets=("memberships",),
    fields=(
        Field("effective_date", "date", ("date", "effective_date", "change_date"), required=True),
        Field("add", "text", ("add", "added", "additions"), required=True),
        Field("remove", "text", ("remove", "removed", "removals"), required=True),
    ),
    shape=to_dataset_tables,
    options=("universe", "date_format"),
)
