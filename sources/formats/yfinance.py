"""What `yfinance.download` gives, saved by pandas: two lines of headers, one of prices and one of tickers.

CSV and .xlsx have both lines, and one with the name of the index below; Parquet has a header of pairs.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import Context, Field, Format, normalise_header
from sources.formats._columns import column_array
from sources.formats.bars import DATE_HEADERS, bar_tables
from sources.formats.bars_wide import refuse_no_symbol

_PRICES = {"open": "open", "high": "high", "low": "low", "close": "close", "adjclose": "adj_close", "volume": "volume"}
# Kept by yfinance beside the prices; they have formats of their own, and 0 stands for none here.
_ACTIONS = ("dividends", "stocksplits", "capitalgains", "repaired")
_SEPARATOR = "|"


def join_header_lines(lines: Sequence[Sequence[str]]) -> tuple[int, list[str]] | None:
    """How many lines the header has, and one name a column: `date`, then `close|AAPL`. None for another header."""
    if any(map(_split_column_pair, lines[0])):
        return 1, [_column_name(*pair) if (pair := _split_column_pair(name)) else name for name in lines[0]]
    if len(lines) < 2 or len(lines[0]) != len(lines[1]):
        return None
    upper = _fill_merged_names(lines[0])
    for prices, tickers in ((upper, lines[1]), (lines[1], upper)):
        if all(normalise_header(name) in (*_PRICES, *_ACTIONS) for name in prices[1:]) and all(
            map(_may_be_ticker, tickers[1:])
        ):
            has_name = len(lines) > 2 and not any(lines[2][1:])
            names = [_column_name(price, ticker) for price, ticker in zip(prices[1:], tickers[1:], strict=True)]
            return (3 if has_name else 2), ["date", *names]
    return None


def _may_be_ticker(text: str) -> bool:
    """Whether a cell of the second line names an instrument: those of the first row of a plain table are numbers."""
    return any(letter.isalpha() for letter in text) and text.lower() not in ("nan", "null", "none")


def _fill_merged_names(line: Sequence[str]) -> list[str]:
    """The upper line with the names that Excel writes once over several columns."""
    filled = list(line)
    for place in range(2, len(filled)):
        filled[place] = filled[place] or filled[place - 1]
    return filled


def _column_name(price: str, ticker: str) -> str:
    if normalise_header(price) in (*_PRICES, *_ACTIONS):
        return f"{normalise_header(price)}{_SEPARATOR}{ticker}"
    return f"{normalise_header(ticker)}{_SEPARATOR}{price}"


def _split_column_pair(name: str) -> tuple[str, str] | None:
    """A column's name as pandas writes one of two levels to Parquet: `('Close', 'AAPL')`."""
    if not name.startswith("("):
        return None
    try:
        found = ast.literal_eval(name)
    except (ValueError, SyntaxError):
        return None
    is_pair = isinstance(found, tuple) and len(found) == 2 and all(isinstance(part, str) for part in found)
    return (found[0], found[1]) if is_pair else None


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """A bar for each date and ticker with a close; for total returns the adjusted close where there is one, alone."""
    named = [name.split(_SEPARATOR, 1) for name in table.column_names if _SEPARATOR in name]
    parts = []
    for ticker in dict.fromkeys(ticker for _, ticker in named):
        refuse_no_symbol(ticker, context)
        given = {
            price: column_array(table, f"{price}{_SEPARATOR}{ticker}") for price, other in named if other == ticker
        }
        columns = _columns_of_basis(given, context)
        if "close" not in columns:
            raise context.format_error(f"it has no column Close of {ticker}")
        one = pa.table({"session_date": column_array(table, "session_date"), **columns})
        held = one.filter(pc.is_valid(one["close"]))
        context.add_note("empty rows of a ticker", one.num_rows - held.num_rows)
        parts.append(held.append_column("symbol", pa.repeat(ticker, held.num_rows)))
    return bar_tables(pa.concat_tables(parts, promote_options="default").combine_chunks(), context)


def _columns_of_basis(given: Mapping[str, pa.Array], context: Context) -> dict[str, pa.Array]:
    columns = {_PRICES[price]: _without_nan(values) for price, values in given.items() if price in _PRICES}
    adjusted = columns.pop("adj_close", None)
    if adjusted is not None and context.option_value("basis") == "total_return":
        context.note_assumption("adjusted prices: Adj Close is the close")
        columns = {"close": adjusted, **({"volume": columns["volume"]} if "volume" in columns else {})}
    if "volume" in columns:
        volume = pc.round(columns["volume"])
        if pc.any(pc.greater_equal(pc.abs(volume), 2.0**63)).as_py():
            raise context.format_error("it has a volume that is no whole number")
        rounded = pc.sum(pc.not_equal(volume, columns["volume"])).as_py() or 0
        context.add_note("volume rounded to a whole number", rounded)
        columns["volume"] = volume.cast(pa.int64())
    return columns


def _without_nan(values: pa.Array) -> pa.Array:
    """polars writes NaN where there is no value."""
    return pc.if_else(pc.fill_null(pc.is_nan(values), False), None, values)


FORMAT = Format(
    name="yfinance",
    description="yfinance.download saved by pandas: two lines of headers, prices (Open, Close ...) and tickers.",
    datasets=("equity_bars", "sector_bars", "index_bars"),
    fields=(Field("session_date", "date", DATE_HEADERS, required=True, is_session=True),),
    shape=to_dataset_tables,
    options=("basis", "date_format"),
    takes_rest=True,
    rest_counts=f"volume{_SEPARATOR}",
    join=join_header_lines,
)
