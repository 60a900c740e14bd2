"""Cash dividends: symbol, ex-date, amount a share in USD; also as a column beside bars."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from sources.formats._actions import COMMON, events
from sources.formats._base import Context, Field, Format
from sources.formats._columns import array, conform, spelled


def shape(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """Dividends; a row that names another currency than the dollar is rejected, for nothing says its rate."""
    table = events(table, "amount_usd", lambda amount: not amount or amount != amount, context)
    if "currency" in table.column_names:
        named = enumerate(array(table, "currency").to_pylist())
        foreign = {
            i: f"currency: {text[:20]!r}, and amounts are in USD" for i, text in named if text not in (None, "USD")
        }
        table = context.reject(table, foreign).drop_columns(["currency"])
    table = spelled(table, context)
    columns = {name: array(table, name) for name in table.column_names}
    return {"dividends": conform("dividends", columns, table.num_rows, context)}


FORMAT = Format(
    name="dividends",
    description="Cash dividends: symbol, ex_date, amount in USD a share.",
    datasets=("dividends",),
    fields=(
        *COMMON,
        Field(
            "amount_usd",
            "number",
            ("amount_usd", "amount", "dividend", "dividends", "cash amount", "dividend amount", "div cash"),
            required=True,
        ),
        Field("currency", "text", ("currency",)),
    ),
    shape=shape,
    options=("symbol", "date_format"),
)
