"""Analysts' ratings, one a row. Action and grade before are often not given: the marts derive them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import Context, Field, Format
from sources.formats._columns import column_array, conform_to_schema, map_distinct_values, respell_symbols, with_column
from sources.formats.bars import SYMBOL_HEADERS
from warehouse.grades import is_no_rating, spell_grade


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """Only the day is known: rated and public at midnight UTC of it. A grade in other letters is that grade; what says
    that there is no rating is none, and noted."""
    given = column_array(table, "to_grade")
    for name in ("to_grade", "from_grade"):
        table = with_column(table, name, map_distinct_values(column_array(table, name), _spelled_grade, pa.string()))
    is_none = pc.and_(pc.is_valid(given), pc.is_null(table["to_grade"]))
    if "price_target_usd" in table.column_names:
        targets = column_array(table, "price_target_usd")
        zero = pc.fill_null(pc.equal(targets, 0), False)
        context.add_note("target of 0, taken as none", pc.sum(zero).as_py() or 0)
        table = with_column(table, "price_target_usd", pc.if_else(zero, pa.scalar(None, pa.float64()), targets))
        is_none = pc.and_(is_none, pc.is_null(table["price_target_usd"]))
    context.add_note("coverage words, no rating", pc.sum(is_none).as_py() or 0)
    table = respell_symbols(table.filter(pc.invert(is_none)), context)
    columns = {name: column_array(table, name) for name in table.column_names}
    columns["rated_at"] = columns["rating_date"].cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    columns["available_at"] = columns["rated_at"]
    return {"rating_actions": conform_to_schema("rating_actions", columns, table.num_rows, context)}


def _spelled_grade(text: str | None) -> str | None:
    return None if text is None or is_no_rating(text) else spell_grade(text)


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
    shape=to_dataset_tables,
    options=("date_format",),
)
