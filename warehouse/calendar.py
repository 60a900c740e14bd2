"""The sessions of the exchange (XNYS), from exchange_calendars, offline.

The calendar knows holidays from 1970 on; before that every weekday is taken as a session, so that
old returns across a holiday are null rather than wrong.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

FIRST_DAY = date(1927, 1, 3)
LAST_DAY = date(2035, 12, 31)

SCHEMA = pa.schema(
    [
        pa.field("session_date", pa.date32()),
        pa.field("seq", pa.int32()),
        pa.field("close_at", pa.timestamp("us", tz="UTC")),
        pa.field("is_early_close", pa.bool_()),
    ]
)


@lru_cache(maxsize=1)
def _calendar() -> Any:
    import exchange_calendars

    return exchange_calendars.get_calendar("XNYS", start=FIRST_DAY.isoformat(), end=LAST_DAY.isoformat())


@lru_cache(maxsize=1)
def session_table() -> pa.Table:
    """All sessions known to the calendar, as `SCHEMA`; `seq` counts them from 0."""
    schedule = _calendar().schedule
    # whole columns at once: a Python object for each of 27,000 sessions would take a quarter of a second
    days = pa.array(schedule.index.to_numpy().astype("datetime64[D]"))
    closes = schedule["close"].dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    early = pa.array(_calendar().early_closes.to_numpy().astype("datetime64[D]"))
    return pa.table(
        {
            "session_date": days,
            "seq": pa.array(range(len(days)), pa.int32()),
            "close_at": pa.array(closes).cast(pa.timestamp("us", tz="UTC")),
            "is_early_close": pc.is_in(days, value_set=early),
        },
        schema=SCHEMA,
    )


def sessions(start: date, end: date) -> list[date]:
    """The sessions from `start` to `end`, both inclusive, in order."""
    days = _days()
    return list(days[bisect_left(days, start) : bisect_right(days, end)])


def is_session(day: date) -> bool:
    days = _days()
    place = bisect_left(days, day)
    return place < len(days) and days[place] == day


@lru_cache(maxsize=1)
def _days() -> tuple[date, ...]:
    return tuple(session_table().column("session_date").to_pylist())


def close_at(day: date) -> datetime:
    """The instant (UTC) at which the session `day` ends; early closes are honoured."""
    instant: datetime = _calendar().schedule.loc[day.isoformat(), "close"].to_pydatetime()
    return instant.astimezone(UTC)


def last_completed(now: datetime, margin_minutes: int) -> date:
    """The newest session whose close lies at least `margin_minutes` before `now`."""
    for day in reversed(sessions(now.date() - timedelta(days=14), now.date())):
        if close_at(day) + timedelta(minutes=margin_minutes) <= now:
            return day
    raise ValueError(f"no session in the two weeks before {now.isoformat()}: outside the calendar's range")
