"""The nightly Nasdaq screener: last sale and net change of the whole US market, a row a symbol and session.

Its numbers may be written as `$1,069.12`. The close before is last sale - net change, already divided by a
split of that day; recorders keep the change as float32, so that it is rounded to the cent's hundredth.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import MISSING, Context, Field, Format
from sources.formats._columns import column_array, with_column
from sources.formats.bars import DATE_HEADERS, SYMBOL_HEADERS, bar_tables


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """Raw bars without open, high and low; a previous close of 0 or less is none."""
    none = pa.scalar(None, pa.float64())
    if "session_date" not in table.column_names:
        day = context.request.session or context.day_in_file_name()
        if day is None:
            raise context.format_error(
                "it has no column for date; say which session it shows with --session 2026-01-23"
            )
        table = with_column(table, "session_date", pa.repeat(pa.scalar(day, pa.date32()), table.num_rows))
    exact = pc.subtract(column_array(table, "close"), column_array(table, "net_change"))
    before = pc.divide(pc.round(pc.multiply(exact, 10_000)), 10_000)
    unmeant = pc.fill_null(pc.less_equal(before, 0), False)
    context.add_note("previous close of 0 or less, taken as none", pc.sum(unmeant).as_py() or 0)
    table = with_column(table, "previous_close", pc.if_else(unmeant, none, before))
    if "redated" in table.column_names:
        context.add_note(
            "rows that their recorder moved to their session", pc.sum(column_array(table, "redated")).as_py() or 0
        )
    return bar_tables(table.drop_columns([n for n in ("net_change", "redated") if n in table.column_names]), context)


FORMAT = Format(
    name="screener",
    description="The Nasdaq screener of one or many nights: symbol, close, net change, volume, market cap.",
    datasets=("equity_bars",),
    fields=(
        Field("session_date", "date", DATE_HEADERS, is_session=True),
        Field("symbol", "text", SYMBOL_HEADERS, required=True),
        Field("close", "number", ("close", "last sale", "lastsale"), required=True),
        Field("net_change", "number", ("net_change", "netchange", "change"), required=True, missing=(*MISSING, "UNCH")),
        Field("volume", "count", ("volume",), required=True, is_rounded=True),
        Field("market_cap", "number", ("market_cap", "marketcap")),
        Field("redated", "flag", ("redated",)),
    ),
    shape=to_dataset_tables,
    options=("basis", "session", "date_format"),
    source="nasdaq_screener",
    basis="raw",
)
