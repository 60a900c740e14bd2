"""Days and instants as publishers mean them: New York's day, and when a thing was public at the latest.

Where a source names only the day, the instant is set late enough that no session of that day uses it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import UTC, date, datetime, time
from functools import lru_cache

from sources.parsing.values import NEW_YORK, BadCell, quote_value
from warehouse.calendar_table import session_table

_DAY = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
_EARLIEST, _LATEST = date(1600, 1, 1), date(2199, 12, 31)


def parse_iso_day(value: object, name: str = "date") -> date:
    """The day that `value` (YYYY-MM-DD) names, of 1600 to 2199: some series begin long before any exchange.

    Raises BadCell for anything else.
    """
    known = _known_day(value) if isinstance(value, str) and len(value) == 10 else None
    if known is not None:
        return known
    if not isinstance(value, str) or not _DAY.match(value):
        raise BadCell(f"{name} is {quote_value(value)}, no date written as YYYY-MM-DD")
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise BadCell(f"{name} is {quote_value(value)}, no day of the calendar") from error
    if not _EARLIEST <= day <= _LATEST:
        raise BadCell(f"{name} is {day}, beyond reason")
    return day


@lru_cache(maxsize=8192)
def _known_day(text: str) -> date | None:
    """A company's facts name the same few hundred days ten thousand times; None for what is no such day."""
    try:
        day = date.fromisoformat(text) if _DAY.match(text) else None
    except ValueError:
        return None
    return day if day is not None and _EARLIEST <= day <= _LATEST else None


def parse_compact_day(text: str, name: str = "date") -> date:
    """The day that `text` (YYYYMMDD) names. Raises BadCell for anything else."""
    return parse_iso_day(f"{text[:4]}-{text[4:6]}-{text[6:]}", name)


def new_york_date(instant: datetime) -> date:
    return instant.astimezone(NEW_YORK).date()


@lru_cache(maxsize=8192)
def public_instant(day: date) -> datetime:
    """18:00 in New York on `day`, as UTC: the publisher says the day and not the hour."""
    return datetime.combine(day, time(18), NEW_YORK).astimezone(UTC)


def next_fed_morning(day: date) -> datetime | None:
    """09:00 in New York on the first working day of the Federal Reserve after `day`, as UTC.

    None after the end of the calendar. The exchange is open on Columbus Day and Veterans Day, the
    Reserve Banks are not.
    """
    days = _session_days()
    position = bisect_right(days, day)
    while position < len(days) and _is_bank_holiday(days[position]):
        position += 1
    if day < days[0] or position == len(days):
        return None
    return datetime.combine(days[position], time(9), NEW_YORK).astimezone(UTC)


@lru_cache(maxsize=1)
def _session_days() -> list[date]:
    days: list[date] = session_table().column("session_date").to_pylist()
    return days


def _is_bank_holiday(day: date) -> bool:
    columbus = day.month == 10 and day.weekday() == 0 and 8 <= day.day <= 14
    veterans = day.month == 11 and (day.day == 11 or (day.day == 12 and day.weekday() == 0))
    return columbus or veterans
