"""When a daily bar is final: its session had closed, and a margin had passed, when it was fetched."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sources.base import Request
from sources.parsing.values import NEW_YORK
from warehouse import calendar
from warehouse.settings import Settings

_LONG_OVER = timedelta(days=4)
_OPTION = "close_margin_minutes"
DEFAULT_MARGIN_MINUTES = Settings().close_margin_minutes


def margin_option(minutes: int) -> dict[str, str]:
    """The margin of the settings as an option of a request, so that a payload is parsed again as it was at first."""
    return {_OPTION: str(minutes)}


def margin_of_request(request: Request) -> timedelta:
    """The margin after the close: that of the request's options, else the settings' default."""
    text = request.options.get(_OPTION, "")
    return timedelta(minutes=int(text) if text.isdigit() else DEFAULT_MARGIN_MINUTES)


def is_final(day: date, request: Request, closes_at: datetime | None = None) -> bool:
    """Whether a bar of the session `day` was complete when `request` was answered.

    `closes_at` replaces the exchange's close, for markets with other hours.
    """
    if is_long_over(day, request):
        return True
    return request.fetched_at >= (closes_at or exchange_close(day)) + margin_of_request(request)


def is_long_over(day: date, request: Request) -> bool:
    """Whether `day` had ended for days when `request` was answered, whatever the market's hours."""
    return request.fetched_at.date() - day > _LONG_OVER


@lru_cache(maxsize=32_768)
def exchange_close(day: date) -> datetime:
    """The close of the New York session `day` (early closes too); 16:00 on a day that is not a trading session."""
    if calendar.is_session(day):
        return calendar.session_close(day)
    return datetime.combine(day, time(16), NEW_YORK).astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo, hour: int = 24) -> datetime:
    """The instant at which the local clock of `zone` shows `hour` on `day`; 24 is the midnight after."""
    over = day + timedelta(days=1) if hour == 24 else day
    return datetime.combine(over, time(hour % 24), zone).astimezone(UTC)


def newest_session(at: datetime) -> date | None:
    """The newest session that had opened at `at`: what a page of last prices shows. None outside the calendar."""
    today = at.astimezone(NEW_YORK).date()
    for day in reversed(calendar.sessions_between(today - timedelta(days=10), today)):
        if at >= datetime.combine(day, time(9, 30), NEW_YORK):
            return day
    return None
