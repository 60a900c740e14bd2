"""Cells as the file wrote them, made into typed columns; a cell that is not what its column says refuses the file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import MISSING, Context, Field
from sources.formats._columns import mapped
from sources.formats._days import ISO, read_day
from sources.formats._decimals import COMMA, with_points
from sources.formats._zones import CERTAIN, days_of_instants, read_instant, zoned

SHOWN = 5
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

    def refuse(self, bad: pa.Array, wanted: str = "") -> None:
        """Raise FormatError if any position of the mask `bad` is true; `wanted` says what is expected instead."""
        positions = pc.indices_nonzero(pc.fill_null(bad, False))
        if len(positions) == 0:
            return
        shown = positions.slice(0, SHOWN).to_pylist()
        detail = [f"row {self.line(p)} has {str(self.values[p].as_py())[:60]!r}" for p in shown]
        more = f" and {len(positions) - SHOWN} more" if len(positions) > SHOWN else ""
        wanted = wanted or _EXPECTED[self.field.kind]
        raise self.context.wrong(f"column {self.header!r}: {', '.join(detail)}{more}; expected {wanted}")

    def wrong_type(self) -> Exception:
        wanted = _EXPECTED[self.field.kind]
        return self.context.wrong(f"column {self.header!r} has the type {self.values.type}; expected {wanted}")


def converted(cells: Cells) -> tuple[pa.Array, dict[int, str]]:
    """The typed column, and by position the reasons for which rows cannot be kept.

    Raises FormatError where a cell is not of the field's kind.
    """
    kind = cells.values.type
    if pa.types.is_dictionary(kind):
        cells = cells._replace(values=cells.values.cast(kind.value_type))
    if pa.types.is_large_string(cells.values.type):
        cells = cells._replace(values=cells.values.cast(pa.string()))
    if pa.types.is_null(kind):
        cells = cells._replace(values=cells.values.cast(pa.string()))
    if pa.types.is_string(cells.values.type):
        cells = cells._replace(values=_without_missing(cells.values, cells.field))
    if cells.field.kind == "count":
        return _counts(cells)
    return _BY_KIND[cells.field.kind](cells), {}


def _without_missing(values: pa.Array, field: Field) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(values)
    default = ("",) if field.kind == "text" else MISSING
    empty = pc.is_in(trimmed, value_set=pa.array(field.missing or default, pa.string()))
    return pc.if_else(empty, pa.scalar(None, pa.string()), trimmed)


def _text(cells: Cells) -> pa.Array:
    kind = cells.values.type
    if pa.types.is_string(kind):
        return cells.values
    if pa.types.is_integer(kind):
        return cells.values.cast(pa.string())
    raise cells.wrong_type()


def _ratios(cells: Cells) -> pa.Array:
    """Ratios as texts; those that are numbers by the shortest decimal that stands for them."""
    if pa.types.is_floating(cells.values.type):
        return pc.if_else(pc.is_nan(cells.values), None, cells.values).cast(pa.string())
    return _text(cells)


def _numbers(cells: Cells) -> pa.Array:
    kind = cells.values.type
    if pa.types.is_float32(kind):
        # the shortest decimal that the float32 stands for: 0.91, not 0.910000026
        return cells.values.cast(pa.string()).cast(pa.float64())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return cells.values.cast(pa.float64(), safe=False)
    if not pa.types.is_string(kind):
        raise cells.wrong_type()
    if cells.context.decimal == COMMA:
        bare, is_number = with_points(cells.values)
        cells.refuse(pc.invert(is_number))
        return bare.cast(pa.float64())
    try:
        return cells.values.cast(pa.float64())
    except pa.ArrowInvalid:
        bare = pc.replace_substring(pc.replace_substring(cells.values, ",", ""), "$", "")
        bare = pc.if_else(pc.match_substring_regex(cells.values, _GROUPED), bare, cells.values)
        cells.refuse(pc.invert(pc.match_substring_regex(bare, _NUMBER)))
        return bare.cast(pa.float64())


def _counts(cells: Cells) -> tuple[pa.Array, dict[int, str]]:
    if pa.types.is_integer(cells.values.type) and not pa.types.is_uint64(cells.values.type):
        return cells.values.cast(pa.int64()), {}
    if pa.types.is_string(cells.values.type) and cells.context.decimal != COMMA:
        try:
            return cells.values.cast(pa.int64()), {}
        except pa.ArrowInvalid:
            pass  # written with a point, an exponent or commas: read as numbers below
    numbers = _numbers(cells)
    fits = pc.fill_null(pc.less(pc.abs(numbers), 2.0**63), True)
    whole = pc.round(pc.if_else(fits, numbers, None))
    rounded = pc.sum(pc.and_(fits, pc.not_equal(whole, numbers))).as_py() or 0
    cells.context.note(f"{cells.field.name} rounded to a whole number", rounded)
    bad = pc.indices_nonzero(pc.invert(fits)).to_pylist()
    return whole.cast(pa.int64()), {p: f"{cells.field.name}: {numbers[p].as_py()} is no whole number" for p in bad}


def _flags(cells: Cells) -> pa.Array:
    kind = cells.values.type
    if pa.types.is_boolean(kind):
        return cells.values
    if not (pa.types.is_integer(kind) or pa.types.is_string(kind)):
        raise cells.wrong_type()
    flags = mapped(cells.values.cast(pa.string()), lambda t: _FLAGS.get(t.lower()) if t else None, pa.bool_())
    cells.refuse(pc.and_(pc.is_valid(cells.values), pc.is_null(flags)))
    return flags


def _dates(cells: Cells) -> pa.Array:
    kind = cells.values.type
    if pa.types.is_integer(kind):
        cells = cells._replace(values=cells.values.cast(pa.string()))
    elif pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _days_of_stamps(cells)
    elif not pa.types.is_string(kind):
        raise cells.wrong_type()
    form = cells.context.date_forms.get(cells.field.name, ISO)

    def read(text: str | None) -> date | None:
        at = zoned(text) if text is not None and form == ISO else None
        if at is not None:
            return read_instant(at, cells.field.is_instant)
        return None if text is None else read_day(text, form)

    dates = mapped(cells.values, read, pa.date32())
    unread = pc.and_(pc.is_valid(cells.values), pc.is_null(dates))
    texts = pc.unique(cells.values.filter(unread)).to_pylist()
    cells.refuse(unread, CERTAIN if any(zoned(text) for text in texts) else "")
    return dates


def _days_of_stamps(cells: Cells) -> pa.Array:
    values = cells.values
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.timestamp(values.type.unit))
    number = values.cast(pa.date32(), safe=False).cast(pa.int32())
    out_of_years = pc.or_(pc.less(number, -719162), pc.greater(number, 2932896))  # before year 1, after 9999
    cells._replace(values=number).refuse(out_of_years)
    if not (pa.types.is_timestamp(cells.values.type) and cells.values.type.tz):
        return number.cast(pa.date32())
    days = days_of_instants(cells.values, cells.field.is_instant)
    cells.refuse(pc.and_(pc.is_valid(cells.values), pc.is_null(days)), CERTAIN)
    return days


_BY_KIND: dict[str, Callable[[Cells], pa.Array]] = {
    "text": _text,
    "number": _numbers,
    "date": _dates,
    "flag": _flags,
    "ratio": _ratios,
}
