"""Closes as a table of dates by tickers: a column a symbol, as pandas and spreadsheets keep them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import Context, Field, Format
from sources.formats._columns import column_array
from sources.formats.bars import DATE_HEADERS, bar_tables
from warehouse.symbols import canonical_symbol


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """A close for each cell that holds one; empty cells are noted. Refused whole: a header that is no symbol."""
    names = [name for name in table.column_names if name != "session_date"]
    if not names:
        raise context.format_error("it has a date column and no symbol beside it")
    parts = []
    for name in names:
        refuse_no_symbol(name, context)
        one = pa.table({"session_date": column_array(table, "session_date"), "close": column_array(table, name)})
        held = one.filter(pc.is_valid(one["close"]))
        context.add_note("empty cells", one.num_rows - held.num_rows)
        parts.append(held.append_column("symbol", pa.repeat(name, held.num_rows)))
    return bar_tables(pa.concat_tables(parts).combine_chunks(), context)


def refuse_no_symbol(name: str, context: Context) -> None:
    try:
        canonical_symbol(name.lstrip("^.$"))
    except ValueError as error:
        raise context.format_error(
            f"the header {name[:40]!r} is no symbol; expected a column a ticker, such as AAPL"
        ) from error


FORMAT = Format(
    name="bars_wide",
    description="Closes of many instruments: a date, then a column a ticker.",
    datasets=("equity_bars", "sector_bars", "index_bars"),
    fields=(Field("session_date", "date", DATE_HEADERS, required=True, is_session=True),),
    shape=to_dataset_tables,
    options=("basis", "date_format"),
    takes_rest=True,
)
