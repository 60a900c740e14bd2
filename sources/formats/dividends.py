"""Cash dividends: symbol, ex-date, amount a share in USD; also as a column beside bars."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from sources.formats._actions import COMMON, select_action_rows
from sources.formats._base import Context, Field, Format
from sources.formats._columns import column_array, conform_to_schema, refuse_other_currencies, respell_symbols


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """Dividends; a row that names another currency than the dollar is rejected, for nothing says its rate."""
    table = select_action_rows(table, "amount_usd", lambda amount: not amount or amount != amount, context)
    table = refuse_other_currencies(table, context, "amounts")
    table = respell_symbols(table, context)
    columns = {name: column_array(table, name) for name in table.column_names}
    return {"dividends": conform_to_schema("dividends", columns, table.num_rows, context)}


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
    shape=to_dataset_tables,
    options=("symbol", "date_format"),
)
