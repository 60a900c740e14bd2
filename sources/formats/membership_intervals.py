"""Membership as intervals: a symbol, its first day in the universe and its first day outside (empty while a member)."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from sources.formats._base import Context, Field, Format
from sources.formats._columns import column_array, conform_to_schema, respell_symbols, universe_of_rows
from sources.formats.bars import SYMBOL_HEADERS


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    table = respell_symbols(table, context)
    columns = {name: column_array(table, name) for name in table.column_names}
    columns |= {"universe": universe_of_rows(table, context), "kind": "interval"}
    return {"memberships": conform_to_schema("memberships", columns, table.num_rows, context)}


FORMAT = Format(
    name="membership_intervals",
    description="A universe's members as intervals: ticker, start_date, end_date (the first day outside).",
    datasets=("memberships",),
    fields=(
        Field("symbol", "text", ("ticker", *SYMBOL_HEADERS), required=True),
        Field("effective_date", "date", ("start_date", "from", "start", "date_added"), required=True),
        Field("end_date", "date", ("end_date", "to", "end", "date_removed"), required=True),
        Field("universe", "text", ("universe",)),
        Field("name", "text", ("name", "company")),
        Field("sector", "text", ("sector", "gics sector")),
    ),
    shape=to_dataset_tables,
    options=("universe", "date_format"),
)
