"""Final or provisional: the exchange's close, early closes, days without one, and what a page of last prices shows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from sources.base import Request
from sources.parsing.finality import end_of_day, exchange_close, is_final, newest_session


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def asked(fetched: str, **options: str) -> Request:
    return Request("x", "index_bars", at(fetched), options=options)


@pytest.mark.parametrize(
    ("day", "close"),
    [
        (date(2026, 1, 23), "2026-01-23T21:00"),
        (date(2026, 7, 1), "2026-07-01T20:00"),  # summer time
        (date(2025, 11, 28), "2025-11-28T18:00"),  # the day after Thanksgiving
        (date(2026, 1, 24), "2026-01-24T21:00"),  # a Saturday, taken as a common day
    ],
)
def test_the_close_of_a_day(day: date, close: str) -> None:
    assert exchange_close(day) == at(close)


@pytest.mark.parametrize(
    ("day", "fetched", "final"),
    [
        (date(2026, 1, 23), "2026-01-23T21:14:59", False),
        (date(2026, 1, 23), "2026-01-23T21:15:00", True),
        (date(2025, 11, 28), "2025-11-28T18:15:00", True),
        (date(2026, 1, 23), "2026-02-23T00:00:00", True),
        (date(2026, 1, 23), "2025-12-01T00:00:00", False),
    ],
)
def test_final_after_the_margin(day: date, fetched: str, final: bool) -> None:
    assert is_final(day, asked(fetched)) is final


def test_the_margin_and_the_close_can_be_others() -> None:
    assert not is_final(date(2026, 1, 23), asked("2026-01-23T21:20", close_margin_minutes="30"))
    assert is_final(date(2026, 1, 23), asked("2026-01-23T21:20", close_margin_minutes="nonsense"))
    assert not is_final(date(2026, 1, 23), asked("2026-01-23T21:20"), at("2026-01-23T22:00"))


def test_the_end_of_a_day_elsewhere() -> None:
    assert end_of_day(date(2026, 1, 23), ZoneInfo("Asia/Seoul")) == at("2026-01-23T15:00")
    assert end_of_day(date(2026, 1, 23), ZoneInfo("America/New_York"), hour=17) == at("2026-01-23T22:00")


@pytest.mark.parametrize(
    ("moment", "session"),
    [
        ("2026-01-23T14:29", date(2026, 1, 22)),  # a minute before the opening
        ("2026-01-23T14:30", date(2026, 1, 23)),
        ("2026-01-24T03:00", date(2026, 1, 23)),  # still Friday evening in New York
        ("2026-01-19T18:00", date(2026, 1, 16)),  # a holiday
        ("2090-01-01T00:00", None),
    ],
)
def test_the_newest_session(moment: str, session: date | None) -> None:
    assert newest_session(at(moment)) == session
