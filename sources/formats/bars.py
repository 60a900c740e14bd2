"""Daily bars with columns by their usual names: many instruments with a symbol column, or one a file."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import Context, Field, Format
from sources.formats._columns import (
    column_array,
    conform_to_schema,
    is_final,
    refuse_other_currencies,
    respell_symbols,
    with_column,
)
from sources.formats._frequency import INTERVAL_HEADERS, refuse_other_intervals
from sources.formats._names import symbol_in_name
from warehouse.symbols import canonical_symbol, index_id

SYMBOL_HEADERS = ("symbol", "ticker", "sym", "code", "instrument", "index_id", "index")
DATE_HEADERS = ("date", "session_date", "session", "day", "trade date", "trading day", "timestamp", "datetime", "time")
_CLOSE_HEADERS = ("close", "c", "close price", "last", "close/last", "price")

_ABSENT_AT_ZERO = {"open", "high", "low", "previous_close", "market_cap"}


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """Bars of one basis; a file without a symbol column is one instrument, named by `symbol` or the file's stem.

    A stock's or fund's row that names another currency than the dollar is rejected (an index is in its own points), and so is
    a row that names another interval than a day.
    """
    if context.dataset == "index_bars" and "currency" in table.column_names:
        table = table.drop_columns(["currency"])
    table = refuse_other_intervals(refuse_other_currencies(table, context, "prices"), context)
    if "symbol" not in table.column_names:
        name = symbol_of_file(context)
        table = with_column(table, "symbol", pa.repeat(name, table.num_rows))
    return bar_tables(table, context)


def bar_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """Rows of a bars dataset from columns that have its names. 0 beside a close is no price: old
    histories and vendors of closes alone write it where they know none."""
    table = respell_symbols(table, context, spell=index_id if context.dataset == "index_bars" else canonical_symbol)
    columns = {name: column_array(table, name) for name in table.column_names}
    for name in sorted(_ABSENT_AT_ZERO & columns.keys()):
        zero = pc.fill_null(pc.and_(pc.equal(columns[name], 0), pc.greater(columns["close"], 0)), False)
        context.add_note(f"{name} of 0, taken as none", pc.sum(zero).as_py() or 0)
        columns[name] = pc.if_else(zero, pa.scalar(None, pa.float64()), columns[name])
    if "basis" not in columns:
        columns["basis"] = pa.repeat(_bar_basis(context), table.num_rows)
    columns["is_final"] = is_final(columns["session_date"], context)
    return {context.dataset: conform_to_schema(context.dataset, columns, table.num_rows, context)}


def symbol_of_file(context: Context) -> str:
    """The symbol of a file of one instrument: as asked for, or in the file's name. Raises FormatError without one."""
    if context.request.symbol:
        return context.request.symbol
    name = symbol_in_name(context.file_stem)
    if not name:
        raise context.format_error(
            "it has no column for the symbol, and its name does not say which it is; say --symbol SPY"
        )
    context.note_assumption(f"symbol {name} from the file's name")
    return name


def _bar_basis(context: Context) -> str:
    """Indices are not adjusted; of other bars somebody has to say how they are."""
    asked = context.option_value("basis")
    if context.dataset == "index_bars":
        if asked not in ("", None, "raw"):
            raise context.format_error(
                f"--basis {asked}: an index is taken as it is published; leave --basis out, and import a total-return index "
                "under a symbol of its own, such as SPXTR"
            )
        return "raw"
    basis = asked or context.format.basis
    if not basis:
        raise context.format_error(
            "it does not say how its prices are adjusted; give --basis raw, split or total_return"
        )
    return basis


FORMAT = Format(
    name="bars",
    description="Daily bars: date and close, with open, high, low, volume where there are any; CSV or Parquet.",
    datasets=("index_bars", "sector_bars", "equity_bars"),
    fields=(
        Field("session_date", "date", DATE_HEADERS, required=True, is_session=True),
        Field("symbol", "text", SYMBOL_HEADERS),
        Field("open", "number", ("open", "o", "open price"), adjusted=("adj open", "adjusted open")),
        Field("high", "number", ("high", "h", "high price"), adjusted=("adj high", "adjusted high")),
        Field("low", "number", ("low", "l", "low price"), adjusted=("adj low", "adjusted low")),
        Field("close", "number", _CLOSE_HEADERS, required=True, adjusted=("adj close", "adjusted close", "adjclose")),
        Field("previous_close", "number", ("previous_close", "prev close", "prior close")),
        Field(
            "volume",
            "count",
            ("volume", "vol", "v", "shares traded"),
            adjusted=("adj volume", "adjusted volume"),
            is_rounded=True,
        ),
        Field("market_cap", "number", ("market_cap", "marketcap", "market capitalization")),
        Field("basis", "text", ("basis",)),
        Field("currency", "text", ("currency", "price currency")),
        Field("interval", "text", INTERVAL_HEADERS),
    ),
    shape=to_dataset_tables,
    options=("basis", "symbol", "date_format"),
)
