"""Rows of a query as text: a table, one value a line, CSV or JSON. A value that is absent is NULL, empty or null.

What a terminal would obey is printed as an escape (\\x1b); a CSV that goes elsewhere has each text as the table has it."""

from __future__ import annotations

import csv
import json
import math
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from warehouse.controls import escape_in_json, printable_lines, printable_text

NULL = "NULL"
Row = Sequence[Any]
_LINE_ENDS = re.compile(r"[\r\n]+")


def table_lines(names: Sequence[str], rows: Sequence[Row]) -> Iterator[str]:
    """A line for the header and one for each row; numbers stand to the right."""
    names = [printable_text(name) for name in names]
    cells = [[printable_text(_LINE_ENDS.sub(" ", value_text(value).rstrip("\r\n"))) for value in row] for row in rows]
    widths = [max(len(line[place]) for line in (names, *cells)) for place in range(len(names))]
    are_numbers = [
        all(
            value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool))
            for value in column
        )
        for column in (zip(*rows, strict=True) if rows else [()] * len(names))
    ]
    for line in (names, *cells):
        padded = (
            text.rjust(width) if is_number else text.ljust(width)
            for text, width, is_number in zip(line, widths, are_numbers, strict=True)
        )
        yield "  ".join(padded).rstrip()


def vertical_lines(names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """A line for each value, and one that counts before each row: for rows too wide for a screen."""
    names = [printable_lines(name) for name in names]
    width = max(map(len, names), default=0)
    for number, row in enumerate(rows, 1):
        yield f"-- row {number}"
        for name, value in zip(names, row, strict=True):
            yield f"{name.ljust(width)}  {printable_lines(value_text(value))}".rstrip()


def write_csv(names: Sequence[str], rows: Iterable[Row]) -> None:
    """To stdout; NULL is an empty cell."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(["" if value is None else value_text(value, is_short=False) for value in row] for row in rows)


def json_lines(names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """A JSON object for each row; a DATE is "2026-01-23", an instant ISO in UTC. Control characters are JSON's \\u escapes."""
    for row in rows:
        yield escape_in_json(json.dumps(dict(zip(names, map(_json_value, row), strict=True)), ensure_ascii=False))


def value_text(value: Any, is_short: bool = True) -> str:
    """A value as people read it; `is_short` rounds numbers to ten digits."""
    if value is None:
        return NULL
    if isinstance(value, float):
        return f"{value:.10g}" if is_short and abs(value) < 1e10 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, list | dict):
        return json.dumps(_json_value(value), ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _json_value(value: Any) -> Any:
    if isinstance(value, float):
        # JSON has no number for NaN, Infinity, -Infinity: texts of that name
        return value if math.isfinite(value) else json.dumps(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_json_value(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _json_value(one) for name, one in value.items()}
    return float(value) if isinstance(value, Decimal) else str(value)
