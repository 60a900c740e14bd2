"""Makes sessions.json from exchange_calendars: `python -m warehouse.calendar_source`. Only this file knows that library.

The library brings pandas and takes half a second to start, which is more than most commands need for all of their work. A test
says when what is kept differs from what the installed library would give.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import exchange_calendars

from warehouse.calendar import FIRST_DAY, LAST_DAY, NEW_YORK, USUAL_CLOSE

PATH = Path(__file__).with_name("sessions.json")


def package_sessions() -> dict[date, tuple[datetime, bool]]:
    """The library's sessions from FIRST_DAY to LAST_DAY: when each ends (UTC), and whether that is early."""
    calendar = exchange_calendars.get_calendar("XNYS", start=FIRST_DAY.isoformat(), end=LAST_DAY.isoformat())
    early = {stamp.date() for stamp in calendar.early_closes}
    closes = calendar.schedule["close"]
    return {
        stamp.date(): (close.to_pydatetime().astimezone(UTC), stamp.date() in early) for stamp, close in closes.items()
    }


def weekday_calendar_exceptions() -> dict[str, Any]:
    """What a calendar of weekdays that end at 16:00 has wrong: `closed` weekdays, and sessions that end at another hour."""
    found = package_sessions()
    weekend = [day for day in found if day.weekday() > 4]
    if weekend:
        raise ValueError(f"{weekend[0]} is a session on a weekend, which sessions.json cannot hold")
    days = [FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]
    other: dict[str, list[str]] = {}
    for day, (close, is_early) in found.items():
        local = close.astimezone(NEW_YORK).time()
        if local != USUAL_CLOSE or is_early:
            other.setdefault(f"{local:%H:%M}{' early' if is_early else ''}", []).append(day.isoformat())
    return {
        "made_with": f"exchange_calendars {exchange_calendars.__version__}, XNYS",
        "closed": [day.isoformat() for day in days if day.weekday() < 5 and day not in found],
        "other_closes": dict(sorted(other.items())),
    }


if __name__ == "__main__":
    PATH.write_text(json.dumps(weekday_calendar_exceptions(), indent=0) + "\n", encoding="utf-8")
