"""A security master: what a symbol is called, where it is listed and how it is classified, for an interval of time."""

from __future__ import annotations

import html
from collections.abc import Mapping

import pyarrow as pa

from sources.formats._base import Context, Field, Format
from sources.formats._columns import column_array, conform_to_schema, map_distinct_values, respell_symbols
from sources.formats.bars import SYMBOL_HEADERS


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """Securities; without a first day the day on which the file was known is meant. `&amp;` in names is read as &."""
    table = respell_symbols(table, context)
    columns: dict[str, object] = {name: column_array(table, name) for name in table.column_names}
    columns["name"] = map_distinct_values(column_array(table, "name"), _unescaped_name, pa.string())
    columns.setdefault("first_seen", context.day_in_file_name() or context.known_at.date())
    columns.setdefault("taxonomy", context.option_value("taxonomy", "nasdaq"))
    return {"securities": conform_to_schema("securities", columns, table.num_rows, context)}


def _unescaped_name(name: str | None) -> str | None:
    return name and " ".join(html.unescape(name).split())


FORMAT = Format(
    name="securities",
    description="A security master: symbol, name, exchange, country, sector, industry, first and last day seen.",
    datasets=("securities",),
    fields=(
        Field("symbol", "text", SYMBOL_HEADERS, required=True),
        Field("name", "text", ("name", "security name", "company name", "company"), required=True),
        Field("first_seen", "date", ("first_seen", "start_date", "first date")),
        Field("last_seen", "date", ("last_seen", "end_date", "last date")),
        Field("exchange", "text", ("exchange", "listing exchange")),
        Field("country", "text", ("country",)),
        Field("ipo_year", "count", ("ipo_year", "ipoyear")),
        Field("industry", "text", ("industry",)),
        Field("sector", "text", ("sector",)),
        Field("taxonomy", "text", ("taxonomy",)),
        Field("shares_outstanding", "number", ("shares_outstanding", "shares")),
    ),
    shape=to_dataset_tables,
    options=("taxonomy", "date_format"),
)
