"""A history whose dates are off by a day is refused as a whole; of another one only the rows that are on no session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from expectations.check import check_table
from tests.unit.test_check import AT, EQUITY, batch
from warehouse.calendar import sessions_between

WEEKS = sessions_between(date(2025, 12, 31), date(2026, 1, 22))  # 15 sessions without 01-01 and 01-19
WEEK = sessions_between(date(2026, 1, 5), date(2026, 1, 9))
EARLIER, LATER = timedelta(days=-1), timedelta(days=1)
NEW_YEAR, KING_DAY, SATURDAY = date(2026, 1, 1), date(2026, 1, 19), date(2026, 1, 10)


def moved(days: Sequence[date], step: timedelta) -> list[date]:
    return [day + step for day in days]


@pytest.mark.parametrize(
    ("days", "accepted"),
    [
        (moved(WEEKS, EARLIER), 0),
        (moved(WEEKS, LATER), 0),
        (moved(WEEK, EARLIER), 0),
        (moved(WEEK, LATER), 0),
        # a part of it is off: nobody knows which
        ([*moved(WEEKS[:8], EARLIER), *WEEKS[8:]], 0),
        ([*WEEKS, NEW_YEAR], 15),
        # a file that fills holidays
        ([*WEEKS, NEW_YEAR, KING_DAY], 15),
        ([*WEEKS, SATURDAY], 15),
        ([*WEEK, SATURDAY], 5),
        ([*WEEKS[:4], NEW_YEAR], 4),
        (WEEKS, 15),
        # short answers with a holiday that was filled, and whole weekends
        ([date(2025, 11, 25), date(2025, 11, 26), date(2025, 11, 27)], 2),
        ([date(2025, 4, 15), date(2025, 4, 16), date(2025, 4, 17), date(2025, 4, 18)], 3),
        ([KING_DAY, date(2026, 1, 20), date(2026, 1, 21)], 2),
        ([*WEEK, SATURDAY, SATURDAY + LATER], 5),
        # no day of the calendar is a day before or after it
        ([*WEEK, date.max], 5),
        ([*WEEK, date.min], 5),
    ],
)
def test_dates_off_by_a_day_refuse_the_whole_payload(days: list[date], accepted: int) -> None:
    rows = [{"session_date": day} for day in days]
    result = check_table(EQUITY, batch(*rows), run_id="r1", at=AT, refused_rows_allowed=5)
    assert result.accepted.num_rows == accepted
    assert len(result.stopped) == (accepted == 0)


def test_one_misdated_payload_stops_no_other() -> None:
    rows = [{"session_date": day, "payload_sha256": "good"} for day in [*WEEKS, NEW_YEAR]]
    rows += [{"session_date": day, "payload_sha256": "off", "symbol": "BBB"} for day in moved(WEEKS, EARLIER)]
    result = check_table(EQUITY, batch(*rows), run_id="r1", at=AT, refused_rows_allowed=5)
    assert set(result.accepted["symbol"].to_pylist()) == {"AAA"}
    (stopped,), (spared,) = result.stopped, result.taken_in_part
    assert (stopped.payload_sha256, stopped.rules) == ("off", {"session_date_on_session": 4})
    assert spared.payload_sha256 == "good"
