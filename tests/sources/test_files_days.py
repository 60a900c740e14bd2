"""Days of bulk files that are written as instants: midnights of other places, opens and closes, evenings."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from sources.providers.files import parse_with_reading
from tests.sources.files_help import parquet, parsed, request, rows
from warehouse.errors import FormatError

DAY, NEXT = date(2026, 1, 22), date(2026, 1, 23)
DAYS = (DAY, NEXT, date(2026, 7, 1))


def days_in_parquet(instants: list[datetime], zone: str) -> list[tuple[date]]:
    """The sessions that a Parquet file gives whose `date` holds `instants` (naive: of UTC) in `zone`."""
    column = pa.array([at.astimezone(UTC) if at.tzinfo else at for at in instants], pa.timestamp("us", zone))
    payload = parquet(date=column, close=[1.0] * len(instants))
    return rows(parsed(payload, "bars", "sector_bars", basis="raw"), "sector_bars", "session_date")


def days_in_csv(texts: list[str]) -> list[tuple[date]]:
    text = "date,close\n" + "".join(f"{stamp},1\n" for stamp in texts)
    return rows(parsed(text, "bars", "sector_bars", basis="raw"), "sector_bars", "session_date")


@pytest.mark.parametrize(
    ("zone", "clock"),
    [
        ("Europe/Berlin", time(0)),
        ("Asia/Kolkata", time(0)),
        ("Asia/Tokyo", time(0)),
        ("America/Los_Angeles", time(0)),
        ("UTC", time(0)),
        ("America/New_York", time(0)),
        ("America/New_York", time(16)),
        ("Europe/Berlin", time(17, 30)),
    ],
)
def test_the_day_of_an_instant_is_that_of_its_own_zone(zone: str, clock: time) -> None:
    """Winter and summer, in Parquet with the zone and in CSV with the offset."""
    instants = [datetime.combine(day, clock, ZoneInfo(zone)) for day in DAYS]
    assert days_in_parquet(instants, zone) == [(day,) for day in DAYS]
    assert days_in_csv([str(at) for at in instants]) == [(day,) for day in DAYS]


@pytest.mark.parametrize("clock", [time(0), time(9, 30), time(16)])
def test_midnight_open_and_close_of_new_york_are_known_in_utc(clock: time) -> None:
    instants = [datetime.combine(day, clock, ZoneInfo("America/New_York")).astimezone(UTC) for day in DAYS]
    assert days_in_parquet(instants, "UTC") == [(day,) for day in DAYS]
    assert days_in_csv([at.isoformat().replace("+00:00", "Z") for at in instants]) == [(day,) for day in DAYS]


def test_an_early_close_is_known_in_utc_on_its_day_alone() -> None:
    closes = ["2025-07-02T20:00:00Z", "2025-07-03T17:00:00Z", "2025-11-28T18:00:00Z", "2025-12-24T18:00:05Z"]
    days = [(date.fromisoformat(text[:10]),) for text in closes]
    assert days_in_csv(closes) == days
    assert days_in_parquet([datetime.fromisoformat(text) for text in closes], "UTC") == days
    for other in ("2025-07-02T17:00:00Z", "2025-07-04T17:00:00Z", "2025-07-03T16:58:00Z", "2025-07-03T17:16:00Z"):
        with pytest.raises(FormatError, match="midnight in its own zone"):
            days_in_csv([closes[0], other])


def test_each_row_is_judged_by_itself() -> None:
    mixed = ["2026-01-22", "2026-01-23T00:00:00Z", "2026-01-26T21:00:00Z", "2026-01-27 00:00:00+05:30"]
    assert days_in_csv(mixed) == [(date(2026, 1, day),) for day in (22, 23, 26, 27)]


@pytest.mark.parametrize(
    ("stamp", "zone"),
    [
        ("2026-01-22T23:00:00", "UTC"),  # midnight of Berlin
        ("2026-01-22T18:30:00", "UTC"),  # midnight of Kolkata
        ("2026-01-23T02:00:00", "UTC"),
        ("2026-01-23T00:00:00", "America/New_York"),  # a midnight of UTC that was moved: the 22nd or the 23rd
        ("2026-01-22T23:30:00", "Europe/Berlin"),  # half past midnight there, the evening before in New York
    ],
)
def test_an_instant_whose_day_cannot_be_told_refuses_the_file(stamp: str, zone: str) -> None:
    at = datetime.fromisoformat(stamp)
    good = datetime(2026, 1, 20, tzinfo=ZoneInfo(zone))
    with pytest.raises(FormatError, match="row 2 has .*midnight in its own zone"):
        days_in_parquet([good, at], zone)
    local = at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    with pytest.raises(FormatError, match="row 3 has .*midnight in its own zone"):
        days_in_csv([str(good), str(local)])


def test_a_rating_published_in_the_evening_is_of_that_day_in_new_york() -> None:
    text = "date,ticker,firm,rating\n2026-01-23T02:00:00Z,AAPL,House,Buy\n2026-01-23T00:00:00Z,AAPL,Home,Buy\n"
    found = rows(parsed(text, "ratings", "rating_actions"), "rating_actions", "firm", "rating_date")
    assert found == [("House", DAY), ("Home", NEXT)]


@pytest.mark.parametrize("text", ["202601", "2026122", "260122", "20260122 7"])
def test_a_date_in_figures_alone_has_eight(text: str) -> None:
    """2026122 could be a day of January or of December, and a month is no day."""
    with pytest.raises(FormatError, match=f"row 2 has '{text}'; expected a date"):
        days_in_csv([text])
    with pytest.raises(FormatError, match="row 1 has '202601'; expected a date .* it has eight, such as 20260123"):
        parsed(parquet(date=[202601], close=[1.0]), "bars", "sector_bars", basis="raw")
    with pytest.raises(FormatError, match="row 2 has '202601'; expected a date .* it has eight, such as 20260123"):
        parsed("Date,JOBS\n202601,4.5\n", "series_wide", "macro_observations")
    with pytest.raises(
        FormatError, match="row 2 has '2026122'; expected a date written as %Y%m%d, which --date-format"
    ):
        parsed("date,close\n2026122,1\n", "bars", "sector_bars", basis="raw", date_format="%Y%m%d")


@pytest.mark.parametrize(
    ("form", "whole", "short"),
    [
        ("%d.%m.%Y %H%M", "23.1.2026 1600", ""),
        ("%Y-%m-%d %H%M%S", "2026-1-23 93000", ""),
        ("%Y%m%d %H%M", "20260123 930", "2026123 1600"),
        ("%d%m%Y", "23012026", "2312026"),
        ("%Y %m%d", "2026 0123", "2026 123"),
        ("%Y-%m-%d%H", "2026-01-2309", "2026-01-239"),
    ],
)
def test_only_of_a_day_in_figures_alone_all_are_demanded(form: str, whole: str, short: str) -> None:
    """A time of day without a point, or a day of one figure between points, leaves no doubt about the day."""
    text = "date,close\n{},1\n"
    taken = parsed(text.format(whole), "bars", "sector_bars", basis="raw", date_format=form)
    assert rows(taken, "sector_bars", "session_date") == [(NEXT,)]
    if short:
        with pytest.raises(FormatError, match=f"row 2 has '{short}'; expected a date written as {form}"):
            parsed(text.format(short), "bars", "sector_bars", basis="raw", date_format=form)


def taken_as(*texts: str) -> tuple[list[tuple[date]], str]:
    """The sessions of `texts`, and what was said of their form."""
    body = ("date,close\n" + "".join(f"{text},1\n" for text in texts)).encode()
    result, reading = parse_with_reading(body, request("bars", "sector_bars", basis="raw"))
    return rows(result, "sector_bars", "session_date"), reading.taken[0]


@pytest.mark.parametrize(
    ("text", "days", "forms"),
    [
        ("26-01-23", "26 January 2023 or 23 January 2026", "%d-%m-%y or --date-format %y-%m-%d"),
        ("22-01-26", "22 January 2026 or 26 January 2022", "%d-%m-%y or --date-format %y-%m-%d"),
        ("25.02.26", "25 February 2026 or 26 February 2025", "%d.%m.%y or --date-format %y.%m.%d"),
        (
            "12/11/10",
            "12 November 2010 or 11 December 2010 or 10 November 2012",
            "%d/%m/%y or --date-format %m/%d/%y or --date-format %y/%m/%d",
        ),
    ],
)
def test_a_year_of_two_figures_may_stand_first_or_last(text: str, days: str, forms: str) -> None:
    table = f"date,ticker,firm,rating\n{text},KO,House,Buy\n"
    with pytest.raises(FormatError) as caught:
        parsed(table, "ratings", "rating_actions", "x/ratings.csv")
    assert f"{text!r} is {days}, and nothing in the file proves which; say --date-format {forms}" in str(caught.value)


def test_no_order_is_guessed_where_two_give_past_sessions() -> None:
    with pytest.raises(FormatError, match="'26-01-23' is 26 January 2023 or 23 January 2026"):
        taken_as("26-01-23")
    # a Sunday, and as a day of 2001 a Monday: one day is no proof
    with pytest.raises(FormatError, match="'01.02.26' is 1 February 2026 or 26 February 2001"):
        taken_as("01.02.26")
    # four days of a week
    with pytest.raises(FormatError, match="'05-01-26' is 5 January 2026 or 1 May 2026 or 26 January 2005"):
        taken_as(*(f"{day:02}-01-26" for day in range(5, 9)))
    asked = parsed("date,close\n26-01-23,1\n", "bars", "sector_bars", basis="raw", date_format="%y-%m-%d")
    assert rows(asked, "sector_bars", "session_date") == [(NEXT,)]


def test_a_year_of_two_figures_is_found_by_past_sessions_and_by_what_no_day_can_be() -> None:
    week = [(date(2026, 1, day),) for day in range(5, 10)]
    sessions = "for only so they are past sessions"
    assert taken_as(*(f"26/01/{day:02}" for day in range(5, 10))) == (week, f"dates read as %y/%m/%d, {sessions}")
    assert taken_as(*(f"{day:02}-01-26" for day in range(5, 10))) == (week, f"dates read as %d-%m-%y, {sessions}")
    old = [(date(1999, 1, 22),)]
    assert taken_as("22-01-99") == (old, "dates read as %d-%m-%y, for only so they are dates")
    assert taken_as("99.01.22") == (old, "dates read as %y.%m.%d, for only so they are dates")
