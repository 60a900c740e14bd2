"""What splits and dividends share: they come in lists of events, or in a history of bars, a column beside the prices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from sources.formats._base import Context, Field
from sources.formats._columns import column_array, map_distinct_values, with_column
from sources.formats.bars import SYMBOL_HEADERS, symbol_of_file

# Whoever has it is a history of bars; its values are read by the format `bars`.
_CLOSE = "close_of_the_bar"
COMMON = (
    Field("symbol", "text", SYMBOL_HEADERS),
    Field("ex_date", "date", ("ex_date", "exdate", "date", "effective_date", "execution_date", "timestamp"), True),
    Field(_CLOSE, "number", ("close", "adj close")),
)


def select_action_rows(table: pa.Table, value: str, is_none: Callable[[Any], bool], context: Context) -> pa.Table:
    """The rows of `table` that are events, with a symbol.

    In a history of bars an ordinary day has no event: no value, 0 or, of ratios, 1, as `is_none` says; such rows are
    counted, not kept. A list of events holds nothing else, so each of its rows stays to be checked. Raises FormatError
    where nothing names the symbol.
    """
    if "symbol" not in table.column_names:
        if _CLOSE not in table.column_names and not context.request.symbol:
            raise context.format_error(
                "it has no column for symbol; say --column symbol=HEADER, or --symbol for all its rows"
            )
        table = with_column(table, "symbol", pa.repeat(symbol_of_file(context), table.num_rows))
    if _CLOSE not in table.column_names:
        return table
    held = table.filter(map_distinct_values(column_array(table, value), lambda one: not is_none(one), pa.bool_()))
    context.add_note(f"sessions of a history without {value}", table.num_rows - held.num_rows)
    return held.drop_columns([_CLOSE])
