"""The sessions of the exchange (XNYS): every weekday that sessions.json does not name as closed.

The file is made from exchange_calendars by calendar_source.py. All holidays are known from 1970 on. Before that only 47 closures
are, 28 of them in 1968 (the Wednesdays of the paperwork crisis, and others); every other weekday is taken as a session, holidays
too, so that old returns across a holiday are null rather than wrong.

Before June 1952 the exchange was open on Saturdays as well, which are not held: a bar of one is refused, and a return into the
Monday after it spans two sessions of that time.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

FIRST_DAY = date(1927, 1, 3)
LAST_DAY = date(2035, 12, 31)
NEW_YORK = ZoneInfo("America/New_York")
USUAL_CLOSE = time(16)
SATURDAYS_UNTIL = date(1952, 6, 1)  # the last session on one was that of 1952-05-24
_SATURDAY = 5


@lru_cache(maxsize=1)
def calendar_exceptions() -> tuple[list[str], dict[date, tuple[time, bool]]]:
    """The weekdays without a session, and the sessions that do not end at 16:00: when they do, and whether that is early."""
    kept = json.loads(files("warehouse").joinpath("sessions.json").read_text(encoding="utf-8"))
    others = {
        date.fromisoformat(day): (time.fromisoformat(hour.removesuffix(" early")), hour.endswith(" early"))
        for hour, days in kept["other_closes"].items()
        for day in days
    }
    return kept["closed"], others


def sessions_between(start: date, end: date) -> list[date]:
    """The sessions from `start` to `end`, both inclusive, in order."""
    days = all_sessions()
    return list(days[bisect_left(days, start) : bisect_right(days, end)])


def is_session(day: date) -> bool:
    days = all_sessions()
    place = bisect_left(days, day)
    return place < len(days) and days[place] == day


def calendar_limit(day: date) -> str:
    """Where `day` lies outside the calendar, which says nothing of it then: where that begins or ends. '' for other days."""
    if day > LAST_DAY:
        return f"the calendar ends {LAST_DAY}"
    return f"the calendar begins {FIRST_DAY}" if day < FIRST_DAY else ""


def was_open_saturday(day: date) -> bool:
    """Whether `day` is a Saturday of the time when the exchange was open on them; the calendar holds none."""
    return day < SATURDAYS_UNTIL and day.weekday() == _SATURDAY


@lru_cache(maxsize=1)
def session_ordinals() -> tuple[int, ...]:
    """The ordinals (`date.toordinal`) of every session from FIRST_DAY to LAST_DAY, in order."""
    closed = {date.fromisoformat(day).toordinal() for day in calendar_exceptions()[0]}
    every = range(FIRST_DAY.toordinal(), LAST_DAY.toordinal() + 1)
    # ordinal 1 is a Monday
    return tuple([day for day in every if (day - 1) % 7 < 5 and day not in closed])


@lru_cache(maxsize=1)
def all_sessions() -> tuple[date, ...]:
    """Every session from FIRST_DAY to LAST_DAY, in order."""
    return tuple(map(date.fromordinal, session_ordinals()))


def session_close(day: date) -> datetime:
    """The instant (UTC) at which the session `day` ends; early closes are honoured. Raises KeyError for another day."""
    if not is_session(day):
        raise KeyError(day)
    hour, _ = calendar_exceptions()[1].get(day, (USUAL_CLOSE, False))
    return datetime.combine(day, hour, NEW_YORK).astimezone(UTC)


def last_completed_session(now: datetime, margin_minutes: int) -> date:
    """The newest session whose close lies at least `margin_minutes` before `now`."""
    for day in reversed(sessions_between(now.date() - timedelta(days=14), now.date())):
        if session_close(day) + timedelta(minutes=margin_minutes) <= now:
            return day
    raise ValueError(f"no session in the two weeks before {now.isoformat()}: outside the calendar's range")
