"""Single values of vendors' answers: what JSON or CSV gave goes in, a clean value comes out, or BadCell."""

from __future__ import annotations

import math
import re
import reprlib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from warehouse.controls import has_controls
from warehouse.grades import is_no_rating, spell_grade
from warehouse.symbols import canonical_symbol

FIRST_YEAR, LAST_YEAR = 1900, 2100
NEW_YORK = ZoneInfo("America/New_York")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUOTED = 80
_NUMBER = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$", re.ASCII)
_GROUPED = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$", re.ASCII)
_DOLLAR = re.compile(r"^([+-]?)\$")
_NOTHING = ("", "--", "NA", "N/A")
_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxdict, _SHORT.maxlist, _SHORT.maxstring, _SHORT.maxother = 3, 20, 20, 120, 120


class BadCell(ValueError):
    """One value cannot be taken; the text says why. The row that holds it is rejected, the others go on."""


def quote_value(value: object, limit: int = _QUOTED) -> str:
    """`value` on one line, shortened, printable: fit for an error message."""
    text = repr(value[: limit * 2]) if isinstance(value, str) else _SHORT.repr(value)
    text = text.encode("ascii", "backslashreplace").decode("ascii")
    return text if len(text) <= limit else f"{text[:limit]}..."


def read_number(value: Any, name: str) -> float | None:
    """A finite number; None for null and an empty text. Raises BadCell for all else, NaN and infinity too."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        text = value.strip()
        if not _NUMBER.match(text) or len(text) > 40:
            raise BadCell(f"{name} is {quote_value(value)}, no number")
        value = float(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadCell(f"{name} is {quote_value(value)}, no number")
    if isinstance(value, int) and abs(value) >= 10**18:
        raise BadCell(f"{name} is beyond reason ({value.bit_length()} bits)")
    if not math.isfinite(value) or abs(value) >= 1e18:
        raise BadCell(f"{name} is {quote_value(value)}, beyond reason")
    return float(value)


def read_whole_number(value: Any, name: str) -> int | None:
    """A whole number of at most 18 digits; a float without a fraction is one. Raises BadCell for all else."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return value
    found = read_number(value, name)
    if found is not None and found != int(found):
        raise BadCell(f"{name} is {quote_value(value)}, no whole number")
    return None if found is None else int(found)


def read_money(value: Any, name: str) -> float | None:
    """A number as shops write it: `$1,069.12`, `-1.76`; `$26,50`, `0.95%` and `(3.2)` are none. None for null, empty,
    `--`, `NA`. Raises BadCell for all else."""
    if not isinstance(value, str):
        return read_number(value, name)
    text = value.strip()
    return None if text.upper() in _NOTHING else read_number(without_groups(_DOLLAR.sub(r"\1", text), name), name)


def read_percentage(value: Any, name: str) -> float | None:
    """A number of per cent, the sign after it or left out: `0.96`, `-1.693%`. Nothing and BadCell as of `read_money`."""
    if not isinstance(value, str):
        return read_number(value, name)
    text = value.strip().removesuffix("%")
    return None if text.upper() in _NOTHING else read_number(without_groups(text, name), name)


def without_groups(text: str, name: str) -> str:
    """`text` without the commas of its thousands. Raises BadCell where a comma stands elsewhere: it may be a decimal one."""
    if "," not in text:
        return text
    if not _GROUPED.match(text):
        raise BadCell(f"{name} is {quote_value(text)}: a comma that parts no group of three digits")
    return text.replace(",", "")


def read_words(value: Any, name: str, limit: int = 500) -> str | None:
    """A clean text, stripped; None for null and blank.

    Raises BadCell for what is no text, is too long, or holds control characters, marks of direction or lone surrogates.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadCell(f"{name} is {quote_value(value)}, no text")
    text = value.strip()
    if len(text) > limit:
        raise BadCell(f"{name} has {len(text)} characters, over {limit}")
    if has_controls(text):
        raise BadCell(f"{name} holds characters that no text holds: {quote_value(text)}")
    return text or None


def read_grade(value: Any, name: str, limit: int = 500) -> str | None:
    """A grade in the spelling that the table of grades knows, else as it is; None for null, blank and what is no rating
    (Not Rated, Suspended). Raises BadCell for what is no text."""
    text = read_words(value, name, limit)
    return None if text is None or is_no_rating(text) else spell_grade(text)


def read_symbol(value: Any, name: str = "symbol") -> str:
    """The canonical symbol. Raises BadCell for what is none."""
    if not isinstance(value, str):
        raise BadCell(f"{name} is {quote_value(value)}, no symbol")
    try:
        return canonical_symbol(value)
    except ValueError as error:
        raise BadCell(f"{name} {quote_value(value)} is no symbol") from error


def read_day(value: Any, name: str, pattern: str = "%Y-%m-%d") -> date:
    """A date written as `pattern`, of 1900 to 2100. Raises BadCell for all else; a null is no date either."""
    if not isinstance(value, str) or len(value) > 40:
        raise BadCell(f"{name} is {quote_value(value)}, no date")
    try:
        found = datetime.strptime(value.strip(), pattern).date()
    except ValueError as error:
        raise BadCell(f"{name} is {quote_value(value)}, no date written as {pattern}") from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadCell(f"{name} is {found}, beyond reason")
    return found


def read_instant(value: Any, name: str) -> datetime:
    """Seconds since 1970 as an aware UTC instant of 1900 to 2100. Raises BadCell for all else."""
    seconds = read_number(value, name)
    if seconds is None or not -2.2e9 < seconds < 4.1e9:
        raise BadCell(f"{name} is {quote_value(value)}, no time in seconds since 1970")
    return _EPOCH + timedelta(seconds=seconds)
