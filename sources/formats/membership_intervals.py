"""Membership as intervals: a symbol, its first day in the universe and its first day outside (empty while a member)."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from sources.formats._base import Context, Field, Format
from sources.formats._columns import array, conform, spelled, universe
from sources.formats.bars import SYMBOL_HEADERS


def shape(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    table = spelled(table, context)
    columns = {name: array(table, name) for name in table.column_names}
    columns |= {"universe": universe(table, context), "kind": "interval"}
    return {"memberships": conform("memberships", columns, table.num_rows, context)}


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
    shape=shape,
    options=("universe", "date_format"),
)
