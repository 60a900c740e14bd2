"""Membership as the list of one day."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from sources.formats._base import Context, Field, Format
from sources.formats._columns import column_array, conform_to_schema, respell_symbols, universe_of_rows
from sources.formats.bars import SYMBOL_HEADERS


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """The day is a column, `session` of the request, or stands in the file's name."""
    table = respell_symbols(table, context)
    columns = {name: column_array(table, name) for name in table.column_names}
    if "effective_date" not in columns:
        columns["effective_date"] = context.request.session or context.day_in_file_name()
        if columns["effective_date"] is None:
            raise context.format_error("it does not say of which day it is; give --session 2026-01-23")
    columns |= {"universe": universe_of_rows(table, context), "kind": "snapshot"}
    return {"memberships": conform_to_schema("memberships", columns, table.num_rows, context)}


FORMAT = Format(
    name="membership_snapshot",
    description="A universe's list of one day: ticker, name, sector, snapshot_date (or the day in the file's name).",
    datasets=("memberships",),
    fields=(
        Field("symbol", "text", ("ticker", *SYMBOL_HEADERS), required=True),
        Field("effective_date", "date", ("snapshot_date", "date", "as_of", "as_of_date")),
        Field("universe", "text", ("universe",)),
        Field("name", "text", ("name", "security", "company")),
        Field("sector", "text", ("sector", "gics sector")),
        Field("weight_pct", "number", ("weight_pct", "weight (%)", "weight")),
    ),
    shape=to_dataset_tables,
    options=("universe", "session", "date_format"),
)
