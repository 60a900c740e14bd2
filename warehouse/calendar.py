"""The sessions of the exchange (XNYS): every weekday that sessions.json does not name as closed.

The file is made from exchange_calendars by calendar_source.py. Holidays are known from 1970 on; before that every weekday is
taken as a session, so that old returns across a holiday are null rather than wrong.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

FIRST_DAY = date(1927, 1, 3)
LAST_DAY = date(2035, 12, 31)
NEW_YORK = ZoneInfo("America/New_York")
USUAL_CLOSE = time(16)

SCHEMA = pa.schema(
    [
        pa.field("session_date", pa.date32()),
        pa.field("seq", pa.int32()),
        pa.field("close_at", pa.timestamp("us", tz="UTC")),
        pa.field("is_early_close", pa.bool_()),
    ]
)


@lru_cache(maxsize=1)
def _exceptions() -> tuple[list[str], dict[date, tuple[time, bool]]]:
    """The weekdays without a session, and the sessions that do not end at 16:00: when they do, and whether that is early."""
    kept = json.loads(files("warehouse").joinpath("sessions.json").read_text(encoding="utf-8"))
    others = {
        date.fromisoformat(day): (time.fromisoformat(hour.removesuffix(" early")), hour.endswith(" early"))
        for hour, days in kept["other_closes"].items()
        for day in days
    }
    return kept["closed"], others


@lru_cache(maxsize=1)
def session_table() -> pa.Table:
    """All sessions known to the calendar, as `SCHEMA`; `seq` counts them from 0."""
    days = np.array(_days(), "datetime64[D]")
    minutes = np.full(len(days), USUAL_CLOSE.hour * 60)
    is_early = np.zeros(len(days), bool)
    for day, (hour, early) in _exceptions()[1].items():
        place = np.searchsorted(days, np.datetime64(day))
        minutes[place], is_early[place] = hour.hour * 60 + hour.minute, early
    local = pa.array(days.astype("datetime64[us]") + minutes.astype("timedelta64[m]"))
    return pa.table(
        {
            "session_date": pa.array(days),
            "seq": pa.array(np.arange(len(days), dtype=np.int32)),
            "close_at": pc.assume_timezone(local, "America/New_York").cast(pa.timestamp("us", tz="UTC")),
            "is_early_close": pa.array(is_early),
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
    # without Arrow, which imports pandas for the first array of numpy: commands that only read would wait for it
    every = np.arange(str(FIRST_DAY), str(LAST_DAY + timedelta(days=1)), dtype="datetime64[D]")
    return tuple(every[np.is_busday(every, holidays=np.array(_exceptions()[0], "datetime64[D]"))].tolist())


def close_at(day: date) -> datetime:
    """The instant (UTC) at which the session `day` ends; early closes are honoured. Raises KeyError for another day."""
    if not is_session(day):
        raise KeyError(day)
    hour, _ = _exceptions()[1].get(day, (USUAL_CLOSE, False))
    return datetime.combine(day, hour, NEW_YORK).astimezone(UTC)


def last_completed(now: datetime, margin_minutes: int) -> date:
    """The newest session whose close lies at least `margin_minutes` before `now`."""
    for day in reversed(sessions(now.date() - timedelta(days=14), now.date())):
        if close_at(day) + timedelta(minutes=margin_minutes) <= now:
            return day
    raise ValueError(f"no session in the two weeks before {now.isoformat()}: outside the calendar's range")
