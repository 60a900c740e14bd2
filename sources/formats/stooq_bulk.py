"""Stooq's bulk ASCII files, as a folder or the vendor's zip: one instrument a file, names such as AAPL.US or ^SPX."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import Context, Field, Format
from sources.formats._columns import column_array, map_distinct_values, with_column
from sources.formats.bars import bar_tables


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """Bars of daily files. Refused whole: another period than D."""
    periods = [text for text in pc.unique(column_array(table, "period")).to_pylist() if text != "D"]
    if periods:
        raise context.format_error(f"its column PER says {periods[0]!r}; expected D (daily bars)")
    names = map_distinct_values(
        column_array(table, "symbol"), lambda text: text and re.sub(r"(?i)\.us$", "", text), pa.string()
    )
    return bar_tables(with_column(table.drop_columns(["period"]), "symbol", names), context)


FORMAT = Format(
    name="stooq_bulk",
    description="Stooq's daily ASCII files (<TICKER>,<PER>,<DATE>,...), split-adjusted unless --basis says otherwise.",
    datasets=("equity_bars", "sector_bars", "index_bars"),
    fields=(
        Field("symbol", "text", ("<TICKER>",), required=True),
        Field("period", "text", ("<PER>",), required=True),
        Field("session_date", "date", ("<DATE>",), required=True, is_session=True),
        Field("open", "number", ("<OPEN>",), required=True),
        Field("high", "number", ("<HIGH>",), required=True),
        Field("low", "number", ("<LOW>",), required=True),
        Field("close", "number", ("<CLOSE>",), required=True),
        Field("volume", "count", ("<VOL>",), required=True, is_rounded=True),
    ),
    shape=to_dataset_tables,
    options=("basis",),
    source="stooq",
    basis="split",
)
