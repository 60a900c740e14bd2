"""Which form the dates of a column have: all are read by one form, and one that only may be right is never taken.

Of day and month in figures a file proves the order by a day above 12, by the form of a vendor that always writes it so,
or by days that are sessions, and past, in one order only. Else the file is refused until somebody says the order. A year
of two figures may stand first, too: there a day above 12 proves nothing, for it may be the year, and sessions prove
something only where there is a week of them, for one bad day would else turn a year into a day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

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
    "%b %d, %Y",
    "%B %d, %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%d %B %Y",
)
# Month first, day first, and of years of two figures year first.
_EITHER = (
    ("%m/%d/%Y", "%d/%m/%Y"),
    ("%m-%d-%Y", "%d-%m-%Y"),
    ("%m/%d/%y", "%d/%m/%y", "%y/%m/%d"),
    ("%m-%d-%y", "%d-%m-%y", "%y-%m-%d"),
    ("%d.%m.%y", "%y.%m.%d"),
)
# Parts of a day that nothing stands between: there strptime takes 2026112 for a day of January or of November. Figures of the
# time of day alone (16:00 as 1600) never change the day.
_UNPARTED = re.compile(r"(?=(?:%[HMS])*%[Yymd])(?:%[YymdHMS]){2,}")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")
_WEEK = 5
_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2})?( ?[AaPp][Mm])?$")
_NASDAQ_COM = "Close/Last"

Days = Mapping[str, date]


def read_day(text: str, form: str) -> date | None:
    """The day that `text` is in `form`, a time of day after it left out; None where it is none."""
    try:
        if form == ISO:
            return date.fromisoformat(text[:10]) if _ISO_DAY.fullmatch(text) else None
        bare = text if "%H" in form or "%I" in form else _TIME.sub("", text)
        found = datetime.strptime(bare, form)
        return found.date() if _has_all_figures(bare, form, found) else None
    except ValueError:
        return None


def _has_all_figures(text: str, form: str, found: datetime) -> bool:
    """Whether each run of figures that holds parts of the day unparted is written in full, zeros included."""
    return all(found.strftime(run) in text for run in _UNPARTED.findall(form))


def is_whole_form(form: str) -> bool:
    """Whether a day written by `form` can be read again."""
    at = datetime(2026, 1, 23, 16, tzinfo=UTC)
    return read_day(at.strftime(form), form) == at.date()


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
    for orders in _EITHER:
        possible = [form for form in orders if _all_match_form(texts, form)]
        if len(possible) > 1:
            return _prove_day_order(texts, possible, header, field, context)
        if possible:
            why = "only so they are dates" if "%y" in possible[0] else "a day above 12"
            context.note_assumption(f"dates read as {possible[0]}, for {why}")
            return possible[0]
    every = (*_CERTAIN, *(form for orders in _EITHER for form in orders))
    return max(every, key=lambda form: sum(read_day(text, form) is not None for text in texts))


def _all_match_form(texts: Iterable[str], form: str) -> bool:
    return all(read_day(text, form) is not None for text in texts)


def _prove_day_order(texts: list[str], forms: list[str], header: str, field: Field, context: Context) -> str:
    """The one of `forms`, each of which reads all `texts`, that the file proves."""
    readings = {form: {text: _parse_day(text, form) for text in texts} for form in forms}
    if all(days == readings[forms[0]] for days in readings.values()):
        return forms[0]
    if _NASDAQ_COM in context.header and forms[0].startswith("%m"):
        context.note_assumption(f"dates read as {forms[0]}, as Nasdaq.com writes them")
        return forms[0]
    if field.is_session and ("%y" not in forms[0] or len(texts) >= _WEEK):
        possible = [form for form, days in readings.items() if _are_past_sessions(days, context)]
        if len(possible) == 1:
            context.note_assumption(f"dates read as {possible[0]}, for only so they are past sessions")
            return possible[0]
    text = next(text for text in texts if len({days[text] for days in readings.values()}) > 1)
    days = [f"{day:%-d %B %Y}" if "%y" in forms[0] else f"{day:%-d %B}" for day in _days_of(text, readings)]
    asked = [f"--date-format {form}" for form in sorted(forms)]
    raise context.format_error(
        f"column {header!r}: {text!r} is {' or '.join(days)}, and nothing in the file proves which; say {' or '.join(asked)}"
    )


def _days_of(text: str, readings: Mapping[str, Days]) -> list[date]:
    """The days that `text` may be, by the names of the forms, each once."""
    return list(dict.fromkeys(readings[form][text] for form in sorted(readings)))


def _parse_day(text: str, form: str) -> date:
    day = read_day(text, form)
    if day is None:
        raise ValueError(f"{text!r} is not of the form {form}")
    return day


def _are_past_sessions(days: Days, context: Context) -> bool:
    last = context.known_at.date()
    return all(day <= last and calendar.is_session(day) for day in days.values())
