"""Analysts' ratings, one a row. Action and grade before are often not given: the marts derive them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from sources.formats._base import Context, Field, Format
from sources.formats._columns import array, conform, spelled
from sources.formats.bars import SYMBOL_HEADERS


def shape(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """Only the day is known: rated and public at midnight UTC of it."""
    table = spelled(table, context)
    columns = {name: array(table, name) for name in table.column_names}
    columns["rated_at"] = columns["rating_date"].cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    columns["available_at"] = columns["rated_at"]
    return {"rating_actions": conform("rating_actions", columns, table.num_rows, context)}


FORMAT = Format(
    name="ratings",
    description="Analysts' ratings: rating_date, ticker, analyst_firm, rating; grade before, action, target if given.",
    datasets=("rating_actions",),
    fields=(
        Field("rating_date", "date", ("rating_date", "date", "published"), required=True, is_instant=True),
        Field("symbol", "text", ("ticker", *SYMBOL_HEADERS), required=True),
        Field("firm", "text", ("analyst_firm", "firm", "grading company", "broker"), required=True),
        Field("to_grade", "text", ("rating", "to_grade", "new grade", "grade"), required=True),
        Field("from_grade", "text", ("from_grade", "previous grade", "prior rating")),
        Field("action", "text", ("action",)),
        Field("price_target_usd", "number", ("target_price_usd", "price_target_usd", "price target", "target price")),
    ),
    shape=shape,
    options=("date_format",),
)
