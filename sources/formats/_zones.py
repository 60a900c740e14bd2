"""Which day an instant with a zone names: a day is often written as midnight somewhere, and read elsewhere."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from sources.formats._columns import map_distinct_values
from warehouse import calendar

NEW_YORK = ZoneInfo("America/New_York")
CERTAIN = "a date such as 2026-01-23 (an instant only where its day is certain: midnight in its own zone)"
_MIDNIGHT, _OPEN = time(0), time(9, 30)
_ZONED = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})")
_BEFORE_CLOSE, _AFTER_CLOSE = timedelta(minutes=1), timedelta(minutes=15)
_FIRST_CLOSE, _LAST_CLOSE = time(15, 59), time(16, 15)  # of most sessions, and of vendors that stamp all alike


def session_of_instant(at: datetime) -> date | None:
    """The session that the aware instant `at` stands for; None where it is not known.

    Midnight in its own zone is that day. UTC is nobody's own zone, so there midnight, open and close of New York (an
    early one, too) are known as well; what looks like another place's midnight is not guessed. In any other zone the
    day has to be the same there and in New York, and the instant must not be a midnight of UTC that was moved into the
    zone.
    """
    if at.time() == _MIDNIGHT:
        return at.date()
    there = at.astimezone(NEW_YORK)
    clock = there.time()
    if at.utcoffset() == timedelta(0):
        is_known = clock in (_MIDNIGHT, _OPEN) or _FIRST_CLOSE <= clock <= _LAST_CLOSE or _is_close(there)
    else:
        is_known = there.date() == at.date() and at.astimezone(UTC).time() != _MIDNIGHT
    return there.date() if is_known else None


def _is_close(there: datetime) -> bool:
    """Whether the session of the day ended at that instant of New York, or minutes before."""
    day = there.date()
    return calendar.is_session(day) and -_BEFORE_CLOSE <= there - calendar.session_close(day) <= _AFTER_CLOSE


def publication_day(at: datetime) -> date:
    """The day in New York of what was published at `at`; midnight in its own zone is a bare day, and that one."""
    return at.date() if at.time() == _MIDNIGHT else at.astimezone(NEW_YORK).date()


def day_of_instant(at: datetime | None, is_instant: bool) -> date | None:
    """The day that `at` names: that of a publication, or a session; null where there is none or it is not known."""
    if at is None:
        return None
    return publication_day(at) if is_instant else session_of_instant(at)


def parse_zoned_instant(text: str) -> datetime | None:
    """The instant that an ISO text with an offset states; None for every other text."""
    try:
        at = datetime.fromisoformat(text) if _ZONED.fullmatch(text) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def is_known_zone(name: str) -> bool:
    """Whether Arrow can tell the clock of the zone `name` (a place, or an offset such as +02:00)."""
    try:
        pa.scalar(0, pa.timestamp("us", name)).as_py()
    except (ValueError, OSError, LookupError):
        return False
    return True


def days_of_instants(values: pa.Array, is_instant: bool) -> pa.Array:
    """The days of timestamps with a zone, each by itself; null where it is not known (or there is none)."""
    exact = values.cast(pa.timestamp("us", values.type.tz), safe=False)
    return map_distinct_values(exact, lambda at: day_of_instant(at, is_instant), pa.date32())
