"""Which column of a file is which field of its format, by the usual headers or by the user's word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sources.formats._base import Context, Field, normalise_header
from warehouse.controls import has_controls

_SHOWN = 5
_NO_OBSERVATION = ("", ".", "ND", "NA", "N/A", "null", "nan", "NaN")
# What an index without a name is called in files of pandas.
_NAMELESS = ("", "unnamed0", "indexlevel0", "level0")


def choose_columns(header: Sequence[str], context: Context) -> dict[Field, int]:
    """The position of each field that the file has. Raises FormatError for a missing, doubled or unclear column."""
    one = context.format
    odd = next((name for name in header if has_controls(name)), None)
    if odd is not None:
        raise context.format_error(f"the header {odd[:40]!r} holds control characters; name the column without them")
    doubled = [name for name, count in Counter(header).items() if count > 1 and name]
    if doubled:
        raise context.format_error(f"two columns are called {doubled[0]!r}; it has: {_list_headers(header)}")
    chosen = {field: place for field in one.fields if (place := _column_position(field, header, context)) is not None}
    _drop_unadjusted_columns(chosen, header, context)
    missing = [field for field in one.fields if field.required and field not in chosen]
    if missing:
        raise context.format_error(_missing_column_message(missing, chosen, header))
    used = set(chosen.values())
    rest = [index for index, name in enumerate(header) if index not in used]
    if one.takes_rest:
        named = [index for index in rest if header[index]]
        empty = tuple(mark for mark in _NO_OBSERVATION if mark not in one.none_marks)
        chosen |= {Field(header[i], "number", (), missing=empty, none_marks=one.none_marks): i for i in named}
    elif rest:
        more = ", ..." if len(rest) > _SHOWN else ""
        context.add_note(
            f"columns not read ({', '.join(header[index][:40] for index in rest[:_SHOWN])}{more})", len(rest)
        )
    return chosen


def _list_headers(header: Sequence[str]) -> str:
    return ", ".join(name[:40] for name in header[:40]) or "none"


def _missing_column_message(missing: Sequence[Field], chosen: dict[Field, int], header: Sequence[str]) -> str:
    """The first missing column; --column is advised only where all others were found and one is left that it could be."""
    field = missing[0]
    name = "the date" if field.kind == "date" else field.name
    detail = f"no column for {name} (usually called {', '.join(field.headers[:4])}); it has: {_list_headers(header)}"
    left = [name for index, name in enumerate(header) if index not in chosen.values() and name]
    if len(missing) == 1 and left:
        return f"{detail}; say --column {field.name}=HEADER if one of them is it"
    return detail


def _column_position(field: Field, header: Sequence[str], context: Context) -> int | None:
    asked = context.option_value(f"column.{field.name}")
    if asked:
        if asked not in header:
            raise context.format_error(f"no column {asked!r} for {field.name}; it has: {_list_headers(header)}")
        return header.index(asked)
    adjusted = field.adjusted if _price_basis(context) == "total_return" else ()
    for usual in (*adjusted, *field.headers):
        fitting = [index for index, name in enumerate(header) if normalise_header(name) == normalise_header(usual)]
        if len(fitting) > 1:
            detail = f"more than one column could be {field.name}; it has: {_list_headers(header)}"
            raise context.format_error(f"{detail}; say --column {field.name}=HEADER")
        if fitting:
            return fitting[0]
    if field.kind == "date" and field.required and header and normalise_header(header[0]) in _NAMELESS:
        return 0
    return None


def _price_basis(context: Context) -> str:
    return context.option_value("basis") or context.format.basis


def _drop_unadjusted_columns(chosen: dict[Field, int], header: Sequence[str], context: Context) -> None:
    """Where the close is an adjusted one, an open, high or low that is not would stand beside it at another scale."""
    prices = [field for field in chosen if field.adjusted and field.name != "volume"]
    is_adjusted = {
        field: normalise_header(header[chosen[field]]) in map(normalise_header, field.adjusted) for field in prices
    }
    close = next((field for field in prices if field.name == "close"), None)
    if close is None or not is_adjusted[close]:
        return
    context.note_assumption(f"adjusted prices: {header[chosen[close]]} is the close")
    for field in prices:
        if not is_adjusted[field] and not context.option_value(f"column.{field.name}"):
            del chosen[field]
