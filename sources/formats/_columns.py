"""Steps that the shapes share: spell symbols, tell final bars, put columns into a contract's order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import Context
from sources.parsing.finality import margin_of_request
from warehouse.calendar_table import session_table
from warehouse.contracts.datasets import CONTRACTS
from warehouse.names import universe_name
from warehouse.symbols import canonical_symbol

DOLLARS = ("USD", "US$", "$")


def map_distinct_values(column: pa.Array, change: Callable[[Any], Any], to: pa.DataType) -> pa.Array:
    """`change` of each value of `column`, called once per distinct value (null too)."""
    encoded = pc.dictionary_encode(column, null_encoding="encode")
    values = pa.array([change(value) for value in encoded.dictionary.to_pylist()], to)
    return values.take(encoded.indices)


def column_array(table: pa.Table, name: str) -> pa.Array:
    """A column as one array; all null where the file has no such column."""
    index = table.schema.get_field_index(
        name
    )  # column_names is a list made anew, of a table of thousands for each of them
    return pa.nulls(table.num_rows) if index < 0 else table.column(index).combine_chunks()


def with_column(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    index = table.schema.get_field_index(name)
    return table.append_column(name, column) if index < 0 else table.set_column(index, name, column)


def respell_symbols(
    table: pa.Table, context: Context, name: str = "symbol", spell: Callable[[str], str] = canonical_symbol
) -> pa.Table:
    """`table` with the symbols of column `name` respelled; rows without a possible symbol are rejected."""
    if table.num_rows == 0:
        return table
    reasons: dict[str, str] = {}

    def respell_symbol(text: str | None) -> str | None:
        try:
            return spell(text or "")
        except ValueError as error:
            reasons[text or ""] = f"{name}: {error}"
            return None

    column = column_array(table, name)
    symbols = map_distinct_values(column, respell_symbol, pa.string())
    bad = {
        index: reasons[column[index].as_py() or ""]
        for index in (pc.indices_nonzero(pc.is_null(symbols)).to_pylist() if reasons else [])
    }
    kept = context.reject_rows(table, bad)
    return with_column(kept, name, symbols.drop_null())


def refuse_other_currencies(table: pa.Table, context: Context, what: str) -> pa.Table:
    """`table` without its column `currency`, and without the rows that name another than the dollar: nothing says its rate."""
    if "currency" not in table.column_names:
        return table
    is_other = map_distinct_values(
        column_array(table, "currency"), lambda text: text is not None and text.upper() not in DOLLARS, pa.bool_()
    )
    names = column_array(table, "currency")
    foreign = {
        i: f"currency: {names[i].as_py()[:20]!r}, and {what} are in USD"
        for i in pc.indices_nonzero(is_other).to_pylist()
    }
    return context.reject_rows(table, foreign).drop_columns(["currency"])


def is_final(sessions: pa.Array, context: Context) -> pa.Array:
    """True where the session had closed, with the settings' margin, when the row was learnt."""
    margin = margin_of_request(context.request)
    calendar = session_table()
    places = pc.index_in(sessions.cast(pa.date32()), value_set=calendar["session_date"].combine_chunks())
    closes = calendar["close_at"].combine_chunks().take(places)
    latest = pa.scalar(context.known_at - margin, closes.type)
    return pc.fill_null(pc.less_equal(closes, latest), False)


def conform_to_schema(dataset: str, columns: Mapping[str, Any], rows: int, context: Context) -> pa.Table:
    """`columns` (arrays, or one value for all rows) as the dataset's `row_schema`; absent ones are null."""
    schema = CONTRACTS[dataset].row_schema
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise KeyError(f"{dataset} has no column {', '.join(sorted(unknown))}")
    arrays = []
    for field in schema:
        value = context.request.source if field.name == "source" else columns.get(field.name)
        if isinstance(value, pa.Array):
            arrays.append(value if value.type == field.type else value.cast(field.type))
        else:
            arrays.append(pa.repeat(pa.scalar(value, field.type), rows))
    return pa.Table.from_arrays(arrays, schema=schema)


def universe_of_rows(table: pa.Table, context: Context) -> str | pa.Array:
    """The universe of the rows: a column, the option, or what the file's name begins with."""
    if "universe" in table.column_names:
        names = column_array(table, "universe")
        return map_distinct_values(names, lambda text: text and _spell_universe(text, context), pa.string())
    stem = context.file_stem.split("_")[0].split(" ")[0].lower()
    known = {"sp500": "sp500", "russell2000": "russell2000", "iwm": "russell2000", "ivv": "sp500", "spy": "sp500"}
    name = context.option_value("universe") or known.get(stem, "")
    if not name:
        raise context.format_error("it does not say which universe it lists; name it with --universe, such as sp500")
    return _spell_universe(name, context)


def _spell_universe(text: str, context: Context) -> str:
    """The universe in its one spelling. Raises FormatError for what is none, or is one that a build makes itself."""
    try:
        name = universe_name(text)
    except ValueError as error:
        raise context.format_error(f"universe {error}") from error
    if name != text:
        context.note_assumption(f"universe {text!r} is {name}")
    return name
