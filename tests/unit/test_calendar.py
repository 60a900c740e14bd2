"""The kept calendar is the library's, session by session."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from warehouse import calendar, calendar_source
from warehouse.calendar_table import SCHEMA, session_table


def test_the_kept_calendar_is_not_stale() -> None:
    kept = json.loads(calendar_source.PATH.read_text(encoding="utf-8"))
    assert kept == calendar_source.weekday_calendar_exceptions(), (
        "run `python -m warehouse.calendar_source` and say so in CHANGELOG.md"
    )


def test_every_session_ends_when_the_library_says() -> None:
    table = session_table()
    assert table.schema == SCHEMA
    rows = zip(*(table[name].to_pylist() for name in ("session_date", "close_at", "is_early_close")), strict=True)
    assert {day: (close, early) for day, close, early in rows} == calendar_source.package_sessions()
    assert table["seq"].to_pylist() == list(range(27_802))


def test_days_and_closes() -> None:
    assert calendar.session_close(date(2026, 1, 23)) == datetime(2026, 1, 23, 21, 0, tzinfo=UTC)
    assert calendar.session_close(date(2025, 7, 3)) == datetime(2025, 7, 3, 17, 0, tzinfo=UTC)
    assert calendar.session_close(date(2025, 11, 28)) == datetime(2025, 11, 28, 13, tzinfo=ZoneInfo("America/New_York"))
    assert not calendar.is_session(date(2026, 1, 19))
    assert calendar.sessions_between(date(2026, 1, 16), date(2026, 1, 20)) == [date(2026, 1, 16), date(2026, 1, 20)]
    with pytest.raises(KeyError):
        calendar.session_close(date(2026, 1, 19))


def test_the_last_completed_session_waits_for_the_margin() -> None:
    friday, thursday = date(2026, 1, 23), date(2026, 1, 22)
    assert calendar.last_completed_session(datetime(2026, 1, 23, 21, 14, tzinfo=UTC), 15) == thursday
    assert calendar.last_completed_session(datetime(2026, 1, 23, 21, 15, tzinfo=UTC), 15) == friday
    assert calendar.last_completed_session(datetime(2026, 1, 25, 12, 0, tzinfo=UTC), 15) == friday


def test_a_day_outside_the_calendar_is_told_from_one_without_a_session() -> None:
    limits = {day: calendar.calendar_limit(date.fromisoformat(day)) for day in ("1927-01-02", "2036-01-02")}
    assert limits == {"1927-01-02": "the calendar begins 1927-01-03", "2036-01-02": "the calendar ends 2035-12-31"}
    assert not any(map(calendar.calendar_limit, (calendar.FIRST_DAY, date(2026, 1, 24), calendar.LAST_DAY)))


def test_what_is_said_of_the_years_before_1970_is_so() -> None:
    closed = [date.fromisoformat(day) for day in calendar.calendar_exceptions()[0]]
    before = [day.year for day in closed if day.year < 1970]
    assert (len(before), before.count(1968)) == (47, 28), "say so in the docstring of warehouse/calendar.py"
    assert calendar.is_session(date(1969, 12, 25)), "a holiday that counts as a session"
    saturdays = (date(1952, 5, 24), date(1952, 6, 7), date(1952, 5, 23))
    assert [calendar.was_open_saturday(day) for day in saturdays] == [True, False, False]
