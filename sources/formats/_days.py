"""Which form the dates of a column have: all are read by one form, and one that only may be right is never taken.

Of day and month in figures a file proves the order by a day above 12, by the form of a vendor that always writes it so,
or by days that are sessions, and past, in one order only. Else the file is refused until somebody says the order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sources.formats._base import Context, Field
from warehouse import calendar

ISO = "iso"
# Forms that can be read in one way only; `02.11.2026` is written with the day first wherever dots are used.
_CERTAIN = (
    ISO,
    "%Y%m%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%d %B %Y",
)
# Month first, day first.
_EITHER = (
    ("%m/%d/%Y", "%d/%m/%Y"),
    ("%m-%d-%Y", "%d-%m-%Y"),
    ("%m/%d/%y", "%d/%m/%y"),
    ("%m-%d-%y", "%d-%m-%y"),
)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")
_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2})?( ?[AaPp][Mm])?$")
_NASDAQ_COM = "Close/Last"

Days = Mapping[str, date]


def read_day(text: str, form: str) -> date | None:
    """The day that `text` is in `form`, a time of day after it left out; None where it is none."""
    try:
        if form == ISO:
            return date.fromisoformat(text[:10]) if _ISO_DAY.fullmatch(text) else None
        return datetime.strptime(text if "%H" in form else _TIME.sub("", text), form).date()
    except ValueError:
        return None


def find_date_form(texts: list[str], header: str, field: Field, context: Context) -> str:
    """The form of all `texts`, the cells of one column of a whole file; the one that reads most where none reads all.

    Raises FormatError where two orders of day and month are possible and nothing says which.
    """
    asked = context.option_value("date_format")
    if asked:
        return asked
    for form in _CERTAIN:
        if _all_match_form(texts, form):
            return form
    for month_first, day_first in _EITHER:
        is_month_first, is_day_first = _all_match_form(texts, month_first), _all_match_form(texts, day_first)
        if is_month_first and is_day_first:
            return _prove_day_order(texts, month_first, day_first, header, field, context)
        if is_month_first or is_day_first:
            form = month_first if is_month_first else day_first
            context.note_assumption(f"dates read as {form}, for a day above 12")
            return form
    every = (*_CERTAIN, *(form for pair in _EITHER for form in pair))
    return max(every, key=lambda form: sum(read_day(text, form) is not None for text in texts))


def _all_match_form(texts: Iterable[str], form: str) -> bool:
    return all(read_day(text, form) is not None for text in texts)


def _prove_day_order(
    texts: list[str], month_first: str, day_first: str, header: str, field: Field, context: Context
) -> str:
    readings = {form: {text: _parse_day(text, form) for text in texts} for form in (month_first, day_first)}
    if readings[month_first] == readings[day_first]:
        return month_first
    if _NASDAQ_COM in context.header:
        context.note_assumption(f"dates read as {month_first}, as Nasdaq.com writes them")
        return month_first
    if field.is_session:
        possible = [form for form, days in readings.items() if _are_past_sessions(days, context)]
        if len(possible) == 1:
            context.note_assumption(f"dates read as {possible[0]}, for only so they are past sessions")
            return possible[0]
    text = next(text for text in texts if readings[month_first][text] != readings[day_first][text])
    first, second = readings[day_first][text], readings[month_first][text]
    raise context.format_error(
        f"column {header!r}: {text!r} is {first:%-d %B} or {second:%-d %B}, and nothing in the file proves which; "
        f"say --date-format {day_first} or --date-format {month_first}"
    )


def _parse_day(text: str, form: str) -> date:
    day = read_day(text, form)
    if day is None:
        raise ValueError(f"{text!r} is not of the form {form}")
    return day


def _are_past_sessions(days: Days, context: Context) -> bool:
    last = context.known_at.date()
    return all(day <= last and calendar.is_session(day) for day in days.values())
