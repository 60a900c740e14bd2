"""Cash dividends: symbol, ex-date, amount a share in USD."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from sources.formats._base import Context, Field, Format
from sources.formats._columns import array, conform, spelled
from sources.formats.bars import SYMBOL_HEADERS


def shape(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    table = spelled(table, context)
    columns = {name: array(table, name) for name in table.column_names}
    return {"dividends": conform("dividends", columns, table.num_rows, context)}


FORMAT = Format(
    name="dividends",
    description="Cash dividends: symbol, ex_date, amount in USD a share.",
    datasets=("dividends",),
    fields=(
        Field("symbol", "text", SYMBOL_HEADERS, required=True),
        Field("ex_date", "date", ("ex_date", "exdate", "date"), required=True),
        Field("amount_usd", "number", ("amount_usd", "amount", "dividend", "dividends", "cash amount"), required=True),
    ),
    shape=shape,
    options=("date_format",),
)
