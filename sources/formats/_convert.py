"""Cells as the file wrote them, made into typed columns; a cell that is not what its column says refuses the file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import MISSING, Context, Field
from sources.formats._columns import map_distinct_values
from sources.formats._days import ISO, read_day
from sources.formats._decimals import COMMA, with_decimal_points
from sources.formats._read import is_text
from sources.formats._zones import CERTAIN, day_of_instant, days_of_instants, is_known_zone, parse_zoned_instant
from warehouse.controls import CONTROLS

SHOWN = 5
FIGURES_OF_A_DATE = 8  # where nothing parts them, as in 20260123
_NUMBER = r"(?i)^[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?|nan|inf|infinity)$"
_IN_DOLLARS = r"^[+-]?\$\d+(\.\d*)?$"
_GROUPED = r"^[+-]?\$?\d{1,3}(,\d{3})+(\.\d*)?$|" + _IN_DOLLARS
_FLAGS = {"true": True, "t": True, "1": True, "yes": True, "false": False, "f": False, "0": False, "no": False}
_EXPECTED = {
    "text": "a text",
    "number": "a number",
    "count": "a whole number",
    "date": "a date such as 2026-01-23",
    "flag": "true or false",
    "ratio": "a ratio such as 10:1 or 0.05",
}


class Cells(NamedTuple):
    """One column of one batch as read. `line` tells the line or row in the file of a position in the batch."""

    values: pa.Array
    header: str
    field: Field
    line: Callable[[int], int]
    context: Context

    def refuse_cells(self, bad: pa.Array, wanted: str = "") -> None:
        """Raise FormatError if any position of the mask `bad` is true; `wanted` says what is expected instead."""
        positions = pc.indices_nonzero(pc.fill_null(bad, False))
        if len(positions) == 0:
            return
        shown = positions.slice(0, SHOWN).to_pylist()
        detail = [f"row {self.line(p)} has {str(self.values[p].as_py())[:60]!r}" for p in shown]
        more = f" and {len(positions) - SHOWN} more" if len(positions) > SHOWN else ""
        wanted = wanted or _EXPECTED[self.field.kind]
        raise self.context.format_error(f"column {self.header!r}: {', '.join(detail)}{more}; expected {wanted}")

    def wrong_type_error(self) -> Exception:
        wanted = _EXPECTED[self.field.kind]
        return self.context.format_error(f"column {self.header!r} has the type {self.values.type}; expected {wanted}")


def convert_column(cells: Cells) -> tuple[pa.Array, dict[int, str]]:
    """The typed column, and by position the reasons for which rows cannot be kept.

    Raises FormatError where a cell is not of the field's kind.
    """
    kind = cells.values.type
    if pa.types.is_dictionary(kind):
        cells = cells._replace(values=cells.values.cast(kind.value_type))
    if is_text(cells.values.type):
        cells = cells._replace(values=cells.values.cast(pa.string()))
    if pa.types.is_null(kind):
        cells = cells._replace(values=cells.values.cast(pa.string()))
    if pa.types.is_string(cells.values.type):
        cells = cells._replace(values=_null_missing_marks(cells.values, cells.field))
    if cells.field.kind == "count":
        return _convert_counts(cells)
    if cells.field.kind == "text":
        return _convert_plain_texts(cells)
    if cells.field.none_marks:
        return _convert_marked_numbers(cells), {}
    return _BY_KIND[cells.field.kind](cells), {}


def _null_missing_marks(values: pa.Array, field: Field) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(values)
    default = ("",) if field.kind == "text" else MISSING
    empty = pc.is_in(trimmed, value_set=pa.array(field.missing or default, pa.string()))
    return pc.if_else(empty, pa.scalar(None, pa.string()), trimmed)


def _convert_texts(cells: Cells) -> pa.Array:
    kind = cells.values.type
    if pa.types.is_string(kind):
        return cells.values
    if pa.types.is_integer(kind):
        return cells.values.cast(pa.string())
    raise cells.wrong_type_error()


def _convert_plain_texts(cells: Cells) -> tuple[pa.Array, dict[int, str]]:
    """Texts; a row with one that would steer a terminal, or turn the direction of writing, cannot be kept."""
    texts = _convert_texts(cells)
    bad = pc.indices_nonzero(pc.match_substring_regex(texts, f"[{CONTROLS}]")).to_pylist()
    return texts, dict.fromkeys(bad, f"{cells.field.name} holds control characters, which no text holds")


def _convert_ratios(cells: Cells) -> pa.Array:
    """Ratios as texts; those that are numbers by the shortest decimal that stands for them."""
    if pa.types.is_floating(cells.values.type):
        return pc.if_else(pc.is_nan(cells.values), None, cells.values).cast(pa.string())
    return _convert_texts(cells)


def _convert_numbers(cells: Cells) -> pa.Array:
    kind = cells.values.type
    if pa.types.is_float32(kind):
        # the shortest decimal that the float32 stands for: 0.91, not 0.910000026
        return cells.values.cast(pa.string()).cast(pa.float64())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return cells.values.cast(pa.float64(), safe=False)
    if not pa.types.is_string(kind):
        raise cells.wrong_type_error()
    if cells.context.decimal == COMMA:
        bare, is_number = with_decimal_points(cells.values)
        cells.refuse_cells(pc.invert(is_number))
        return bare.cast(pa.float64())
    try:
        return cells.values.cast(pa.float64())
    except pa.ArrowInvalid:
        bare = pc.replace_substring(pc.replace_substring(cells.values, ",", ""), "$", "")
        bare = pc.if_else(pc.match_substring_regex(cells.values, _GROUPED), bare, cells.values)
        cells.refuse_cells(pc.invert(pc.match_substring_regex(bare, _NUMBER)))
        return bare.cast(pa.float64())


def _convert_marked_numbers(cells: Cells) -> pa.Array:
    """Numbers, NaN where a text says that there is none; a NaN of the file itself is an empty cell."""
    if not pa.types.is_string(cells.values.type):
        numbers = _convert_numbers(cells)
        return pc.if_else(pc.fill_null(pc.is_nan(numbers), False), None, numbers)
    is_none = pc.is_in(cells.values, value_set=pa.array(cells.field.none_marks, pa.string()))
    numbers = _convert_numbers(cells._replace(values=pc.if_else(is_none, None, cells.values)))
    return pc.if_else(is_none, float("nan"), numbers)


def _convert_counts(cells: Cells) -> tuple[pa.Array, dict[int, str]]:
    if pa.types.is_integer(cells.values.type) and not pa.types.is_uint64(cells.values.type):
        return cells.values.cast(pa.int64()), {}
    if pa.types.is_string(cells.values.type) and cells.context.decimal != COMMA:
        try:
            return cells.values.cast(pa.int64()), {}
        except pa.ArrowInvalid:
            pass  # written with a point, an exponent or commas: read as numbers below
    numbers = _convert_numbers(cells)
    numbers = pc.if_else(
        pc.fill_null(pc.is_nan(numbers), False), None, numbers
    )  # pandas writes so what it has no number of
    fits = pc.fill_null(pc.less(pc.abs(numbers), 2.0**63), True)
    if not cells.field.is_rounded:
        fits = pc.and_(fits, pc.fill_null(pc.equal(pc.round(numbers), numbers), True))
    whole = pc.round(pc.if_else(fits, numbers, None))
    rounded = pc.sum(pc.and_(fits, pc.not_equal(whole, numbers))).as_py() or 0
    cells.context.add_note(f"{cells.field.name} rounded to a whole number", rounded)
    bad = pc.indices_nonzero(pc.invert(fits)).to_pylist()
    return whole.cast(pa.int64()), {p: f"{cells.field.name}: {numbers[p].as_py()} is no whole number" for p in bad}


def _convert_flags(cells: Cells) -> pa.Array:
    kind = cells.values.type
    if pa.types.is_boolean(kind):
        return cells.values
    if not (pa.types.is_integer(kind) or pa.types.is_string(kind)):
        raise cells.wrong_type_error()
    flags = map_distinct_values(
        cells.values.cast(pa.string()), lambda t: _FLAGS.get(t.lower()) if t else None, pa.bool_()
    )
    cells.refuse_cells(pc.and_(pc.is_valid(cells.values), pc.is_null(flags)))
    return flags


def _convert_dates(cells: Cells) -> pa.Array:
    kind = cells.values.type
    if pa.types.is_integer(kind):
        cells = cells._replace(values=cells.values.cast(pa.string()))
    elif pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _convert_timestamps(cells)
    elif not pa.types.is_string(kind):
        raise cells.wrong_type_error()
    form = cells.context.date_forms.get(cells.field.name, ISO)

    def read_date(text: str | None) -> date | None:
        at = parse_zoned_instant(text) if text is not None and form == ISO else None
        if at is not None:
            return day_of_instant(at, cells.field.is_instant)
        return None if text is None else read_day(text, form)

    dates = map_distinct_values(cells.values, read_date, pa.date32())
    unread = pc.and_(pc.is_valid(cells.values), pc.is_null(dates))
    cells.refuse_cells(unread, _wanted_date(pc.unique(cells.values.filter(unread)).to_pylist(), cells.context))
    return dates


def _wanted_date(texts: list[str], context: Context) -> str:
    """What is expected of a column of dates instead of `texts`; '' where nothing more can be said than of all dates."""
    asked = context.option_value("date_format")
    if asked:
        return f"a date written as {asked}, which --date-format says"
    if any(parse_zoned_instant(text) for text in texts):
        return CERTAIN
    if any(text.isdecimal() and len(text) <= FIGURES_OF_A_DATE for text in texts):
        return "a date such as 2026-01-23; in figures alone it has eight, such as 20260123"
    return ""


def _convert_timestamps(cells: Cells) -> pa.Array:
    values = cells.values
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.timestamp(values.type.unit))
    number = values.cast(pa.date32(), safe=False).cast(pa.int32())
    out_of_years = pc.or_(pc.less(number, -719162), pc.greater(number, 2932896))  # before year 1, after 9999
    cells._replace(values=number).refuse_cells(out_of_years)
    if not (pa.types.is_timestamp(cells.values.type) and cells.values.type.tz):
        return number.cast(pa.date32())
    if not is_known_zone(cells.values.type.tz):
        raise cells.context.format_error(
            f"column {cells.header!r} has the time zone {cells.values.type.tz[:40]!r}, which is unknown; expected one such as "
            "UTC or America/New_York, or plain dates"
        )
    days = days_of_instants(cells.values, cells.field.is_instant)
    cells.refuse_cells(pc.and_(pc.is_valid(cells.values), pc.is_null(days)), CERTAIN)
    return days


_BY_KIND: dict[str, Callable[[Cells], pa.Array]] = {
    "number": _convert_numbers,
    "date": _convert_dates,
    "flag": _convert_flags,
    "ratio": _convert_ratios,
}
