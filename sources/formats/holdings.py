"""A fund's holdings as BlackRock (iShares) publishes them: IWM stands in for the Russell 2000, IVV for the S&P 500.

The downloaded file has lines before the header and a disclaimer after a line of U+00A0; files that
others kept may have neither. Until 2024 the column Quantity was called Shares. Rows that are no equities
or have no ticker are counted, not kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import MISSING, Context, Field, Format
from sources.formats._columns import column_array, conform_to_schema, respell_symbols, universe_of_rows

_NONE = (*MISSING, "-")
DAY_FORMATS = ("%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d/%b/%Y", "%Y-%m-%d")
_AS_OF = re.compile(r'Fund Holdings as of,\s*"?([^"\r\n]*)"?')


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """A snapshot of the equities with a ticker."""
    day = _snapshot_day(context)
    is_equity = pc.fill_null(pc.equal(column_array(table, "asset_class"), "Equity"), False)
    other = table.filter(pc.invert(is_equity))
    for name, count in Counter(column_array(other, "asset_class").to_pylist()).items():
        context.add_note(f"no equity but {name}", count)
    equities = table.filter(is_equity)
    listed = equities.filter(pc.is_valid(equities["symbol"]))
    context.add_note("equities without a ticker", equities.num_rows - listed.num_rows)
    listed = respell_symbols(listed.drop_columns(["asset_class"]), context)
    columns: dict[str, object] = {name: column_array(listed, name) for name in listed.column_names}
    columns |= {"universe": universe_of_rows(listed, context), "kind": "snapshot", "effective_date": day}
    return {"memberships": conform_to_schema("memberships", columns, listed.num_rows, context)}


def _snapshot_day(context: Context) -> date:
    """The day that the file states, else the request's session, else the day in the file's name."""
    match = _AS_OF.search(context.preamble)
    if match:
        stated = match[1].strip()
        for pattern in DAY_FORMATS:
            with suppress(ValueError):
                return datetime.strptime(stated, pattern).date()
        detail = f"it says 'Fund Holdings as of' {stated!r}; expected a day such as Nov 11, 2025"
        raise context.format_error(f"{detail} (the fund answers '-' for a day that is not a trading session)")
    day = context.request.session or context.day_in_file_name()
    if day is None:
        raise context.format_error("it does not say of which day it is; give --session 2026-01-23")
    return day


FORMAT = Format(
    name="holdings",
    description="A fund's holdings (BlackRock's CSV): Ticker, Name, Sector, Asset Class, Weight (%), Quantity, Price.",
    datasets=("memberships",),
    fields=(
        Field("symbol", "text", ("Ticker",), required=True, missing=("", "-")),
        Field("name", "text", ("Name", "Issuer Name"), required=True),
        Field("sector", "text", ("Sector",), required=True, missing=("", "-")),
        Field("asset_class", "text", ("Asset Class",), required=True),
        Field("weight_pct", "number", ("Weight (%)", "Weight"), required=True, missing=_NONE),
        Field("quantity", "number", ("Quantity", "Shares"), required=True, missing=_NONE),
        Field("price", "number", ("Price",), required=True, missing=_NONE),
    ),
    shape=to_dataset_tables,
    options=("universe", "session"),
    has_preamble=True,
)
