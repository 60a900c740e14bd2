"""Changes of symbols: the old one, the new one, and the first session under the new one."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from sources.formats._base import Context, Field, Format
from sources.formats._columns import column_array, conform_to_schema, respell_symbols


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    table = respell_symbols(respell_symbols(table, context, "from_symbol"), context, "to_symbol")
    columns = {name: column_array(table, name) for name in table.column_names}
    return {"symbol_changes": conform_to_schema("symbol_changes", columns, table.num_rows, context)}


FORMAT = Format(
    name="symbol_changes",
    description="Changes of symbols: from_symbol, to_symbol, change_date.",
    datasets=("symbol_changes",),
    fields=(
        Field("from_symbol", "text", ("from_symbol", "from", "old symbol", "old"), required=True),
        Field("to_symbol", "text", ("to_symbol", "to", "new symbol", "new"), required=True),
        Field("change_date", "date", ("change_date", "date", "effective_date"), required=True),
    ),
    shape=to_dataset_tables,
    options=("date_format",),
)
