"""Bulk files of bars: columns by their usual names, one instrument or many, text or Parquet, Stooq, the screener."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, datetime

import pyarrow as pa
import pytest

from sources.formats import _read
from sources.providers.files import parse, parse_batches
from tests.sources.files_help import parquet, parsed, request, rows
from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import FormatError

DAY = date(2026, 1, 22)
NEXT = date(2026, 1, 23)
STOOQ = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"


def test_one_instrument_takes_its_symbol_from_the_file_name() -> None:
    text = "date,open,high,low,close,volume\n2026-01-22,10,12.5,9.75,11,1000\n2026-01-23,,,,11.25,\n"
    result = parsed(text, "bars", "index_bars", "indices/SPX.csv")
    table = result.tables["index_bars"]
    assert table.schema == CONTRACTS["index_bars"].row_schema
    assert table.to_pylist() == [
        {
            "symbol": "SPX", "session_date": DAY, "basis": "raw", "open": 10.0, "high": 12.5, "low": 9.75,
            "close": 11.0, "previous_close": None, "volume": 1000, "market_cap": None, "is_final": True,
            "source": "test",
        },
        {
            "symbol": "SPX", "session_date": NEXT, "basis": "raw", "open": None, "high": None, "low": None,
            "close": 11.25, "previous_close": None, "volume": None, "market_cap": None, "is_final": True,
            "source": "test",
        },
    ]  # fmt: skip
    assert (list(result.rejected), result.notes) == ([], {})


@pytest.mark.parametrize(
    ("spelled", "index"),
    [("^GSPC", "SPX"), ("SP500", "SPX"), ("^IXIC", "COMP"), ("^NDQ", "COMP"), ("DJIA", "DJI"), ("RTY=F", "RTY"),
     ("VIXCLS", "VIX"), ("^SP400", "MID"), ("^SOX", "SOX")],
)  # fmt: skip
def test_an_index_has_one_id_whatever_a_vendor_calls_it(spelled: str, index: str) -> None:
    text = f"date,symbol,close\n2026-01-22,{spelled},5\n"
    assert rows(parsed(text, "bars", "index_bars"), "index_bars", "symbol") == [(index,)]


def test_many_instruments_in_one_file_are_spelled_alike() -> None:
    text = "Ticker,Trade Date,Close\n" + "".join(
        f"{symbol},2026-01-22,7\n" for symbol in ("BRK.B", "brk-b", "BRK/B", "BRK_B", "BAC.PRL", "BAC-PL", "BAC^L")
    )
    symbols = [row[0] for row in rows(parsed(text, "bars", "equity_bars", basis="raw"), "equity_bars", "symbol")]
    assert symbols == ["BRK/B"] * 4 + ["BAC^L"] * 3


def test_a_column_can_be_named() -> None:
    text = "Date,Close,Adj Close\n2026-01-22,10,9.5\n"
    result = parsed(text, "bars", "sector_bars", basis="total_return", column_close="Adj Close")
    assert rows(result, "sector_bars", "close", "basis") == [(9.5, "total_return")]
    assert result.notes == {"columns not read (Close)": 1}


def test_a_zero_beside_a_close_is_no_price() -> None:
    """Old histories give no open, and write 0; the rest of the row stands."""
    text = (
        "date,symbol,open,high,low,close,previous_close,market_cap\n"
        "2026-01-22,AAA,0,12,10,11,0,0\n"
        "2026-01-23,AAA,11,0,0,11.5,11,5e9\n"
    )
    result = parsed(text, "bars", "equity_bars", basis="raw")
    assert rows(result, "equity_bars", "open", "high", "low", "close", "previous_close", "market_cap") == [
        (None, 12.0, 10.0, 11.0, None, None),
        (11.0, None, None, 11.5, 11.0, 5e9),
    ]
    assert list(result.rejected) == []
    assert result.notes["open of 0, taken as none"] == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [("2026-01-22", "2026-01-23"), ("20260122", "20260123"), ("01/22/2026", "01/23/2026"), ("22/01/2026", "23/01/2026"),
     ("2026/01/22", "2026/01/23"), ("22.01.2026", "23.01.2026"),
     ("Jan 22, 2026", "Jan 23, 2026"), ("22-Jan-2026", "23-Jan-2026"),
     ("2026-01-22 00:00:00-05:00", "2026-01-23 00:00:00-05:00")],
)  # fmt: skip
def test_dates_are_read_in_the_usual_formats(first: str, second: str) -> None:
    text = f'date,close\n"{first}",1\n"{second}",2\n'
    result = parsed(text, "bars", "sector_bars", basis="raw")
    assert rows(result, "sector_bars", "session_date", "close") == [(DAY, 1.0), (NEXT, 2.0)]


def test_a_date_format_that_is_asked_for_is_the_only_one() -> None:
    text = "date,close\n02/01/2026,1\n"
    result = parsed(text, "bars", "sector_bars", basis="raw", date_format="%d/%m/%Y")
    assert rows(result, "sector_bars", "session_date") == [(date(2026, 1, 2),)]
    with pytest.raises(FormatError, match="row 2 has '02/01/2026'; expected a date"):
        parsed(text, "bars", "sector_bars", basis="raw", date_format="%Y/%m/%d")


def test_numbers_may_have_thousands_and_other_files_other_separators() -> None:
    names = ("open", "close", "volume")
    commas = 'Date,Open,Close,Volume\n2026-01-22,"$6,915.61",-1.5e1,"1,234,567"\n'
    result = parsed(commas, "bars", "sector_bars", basis="raw")
    assert rows(result, "sector_bars", *names) == [(6915.61, -15.0, 1234567)]
    semicolons = "Date;Open;Close;Volume\n2026-01-22;$1.5;-1.5e1;12.0\n"
    result = parsed(semicolons, "bars", "sector_bars", basis="raw")
    assert rows(result, "sector_bars", *names) == [(1.5, -15.0, 12)]


def test_zeros_beside_a_close_are_no_prices() -> None:
    text = "date,open,high,low,close\n2026-01-22,0,0,0,5\n2026-01-23,0,0,0,0\n"
    result = parsed(text, "bars", "index_bars", "indices/SPX.csv")
    assert rows(result, "index_bars", "open", "high", "low", "close") == [(None, None, None, 5.0), (0.0, 0.0, 0.0, 0.0)]
    assert result.notes == dict.fromkeys(
        ("high of 0, taken as none", "low of 0, taken as none", "open of 0, taken as none"), 1
    )


def test_values_that_only_break_a_rule_go_through() -> None:
    text = "date,close,volume\n2026-01-22,nan,1\n2026-01-24,-5,-3\n2099-01-02,inf,2.5\n,1,\n"
    result = parsed(text, "bars", "sector_bars", basis="raw")
    (first, *others) = rows(result, "sector_bars", "session_date", "close", "volume")
    assert (first[0], math.isnan(first[1]), first[2]) == (DAY, True, 1)
    assert others == [(date(2026, 1, 24), -5.0, -3), (date(2099, 1, 2), math.inf, 2), (None, 1.0, None)]
    assert result.notes == {"volume rounded to a whole number": 1}


def test_rows_that_cannot_be_written_are_rejected_with_a_reason() -> None:
    text = (
        "date,symbol,close,volume\n2026-01-22,'; drop table x,1,1\n2026-01-22,../../x,2,1\n2026-01-22,,3,1\n"
        "2026-01-22,AAPL,4,inf\n2026-01-22,MSFT,inf,1e30\n2026-01-22,KO,6,7\n"
    )
    result = parsed(text, "bars", "equity_bars", basis="raw")
    assert rows(result, "equity_bars", "symbol", "close") == [("KO", 6.0)]
    assert sorted(r.reason for r in result.rejected) == [
        'symbol: "\'; drop table x" is no symbol',
        "symbol: '' is no symbol",
        "symbol: '../../x' is no symbol",
        "volume: 1e+30 is no whole number",
        "volume: inf is no whole number",
    ]
    assert '{"session_date": "2026-01-22", "symbol": "MSFT", "close": "inf"}' in [r.text for r in result.rejected]
    assert {r.dataset for r in result.rejected} == {"equity_bars"}


@pytest.mark.parametrize(
    ("known_at", "final"),
    [("2026-01-23T21:14:59+00:00", [True, False]), ("2026-01-23T21:15:00+00:00", [True, True])],
)
def test_a_bar_is_final_once_its_session_closed_with_the_margin(known_at: str, final: list[bool]) -> None:
    ask = request("bars", "sector_bars", basis="raw", close_margin_minutes="15")
    ask = replace(ask, fetched_at=datetime.fromisoformat(known_at))
    table = parse(b"date,close\n2026-01-22,1\n2026-01-23,2\n", ask).tables["sector_bars"]
    assert table["is_final"].to_pylist() == final


def test_an_early_close_makes_a_bar_final_earlier() -> None:
    ask = request("bars", "sector_bars", basis="raw")
    # the day after Thanksgiving of 2025 ended at 13:00 in New York
    ask = replace(ask, fetched_at=datetime.fromisoformat("2025-11-28T18:15:00+00:00"))
    assert parse(b"date,close\n2025-11-28,1\n", ask).tables["sector_bars"]["is_final"].to_pylist() == [True]


def test_parquet_keeps_its_own_types() -> None:
    payload = parquet(
        Date=pa.array([datetime(2026, 1, 22), datetime(2026, 1, 23)], pa.timestamp("us")),
        symbol=pa.array(["AAPL", "BRK_B"], pa.large_string()),
        Close=pa.array([0.91, 133.43], pa.float32()),
        Volume=pa.array([5.0, None], pa.float64()),
    )
    result = parsed(payload, "bars", "equity_bars", "equities/some.parquet", basis="raw")
    # a float32 is taken as the shortest decimal that it stands for
    expected = [("AAPL", DAY, 0.91, 5), ("BRK/B", NEXT, 133.43, None)]
    assert rows(result, "equity_bars", "symbol", "session_date", "close", "volume") == expected


def test_a_volume_that_is_no_number_is_none_and_the_bar_stays() -> None:
    """pandas and polars write NaN where they know none."""
    text = "date,symbol,close,volume\n2026-01-22,KO,7,nan\n2026-01-22,PEP,8,NaN\n2026-01-22,MMM,9,5\n"
    whole = parquet(date=[DAY] * 3, symbol=["KO", "PEP", "MMM"], close=[7.0, 8.0, 9.0], volume=[math.nan, None, 5.0])
    for payload in (text, text.replace("9,5", "9,5.0"), text.replace(",", ";"), whole):
        result = parsed(payload, "bars", "equity_bars", "x/some", basis="raw")
        assert rows(result, "equity_bars", "symbol", "volume") == [("KO", None), ("PEP", None), ("MMM", 5)]
        assert list(result.rejected) == []


def test_texts_of_parquet_may_be_views() -> None:
    """As polars writes them."""
    payload = parquet(
        date=pa.array(["22/01/2026", "23/01/2026"], pa.string_view()),
        symbol=pa.array(["KO", " PEP "], pa.string_view()),
        close=pa.array(["1.041,20", "70,5"], pa.string_view()),
    )
    result = parsed(payload, "bars", "equity_bars", "x/some.parquet", basis="raw")
    assert rows(result, "equity_bars", "symbol", "session_date", "close") == [("KO", DAY, 1041.2), ("PEP", NEXT, 70.5)]


def test_batches_give_the_rows_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_read, "BATCH_ROWS", 2)
    text = "date,close\n" + "".join(f"2026-01-{day},{day}\n" for day in (20, 21, 22, 23, 26))
    ask = request("bars", "sector_bars", basis="raw")
    numbers = [20, 21, 22, 23, 26]
    for payload in (text.encode(), parquet(date=[date(2026, 1, number) for number in numbers], close=numbers)):
        parts = [part.tables["sector_bars"] for part in parse_batches(payload, ask)]
        assert [part.num_rows for part in parts] == [2, 2, 1]
        assert pa.concat_tables(parts).equals(parse(payload, ask).tables["sector_bars"])
        assert pa.concat_tables(parts)["close"].to_pylist() == [20.0, 21.0, 22.0, 23.0, 26.0]


def test_stooq() -> None:
    text = STOOQ + ("AAPL.US,D,20260122,000000,1,2,0.5,1.5,1234.6,0\nBRK-B.US,D,20260123,000000,3,4,2.5,3.5,0,0\n")
    result = parsed(text, "stooq_bulk", "equity_bars", "us/aapl.us.txt")
    expected = [("AAPL", DAY, "split", 1.0, 2.0, 0.5, 1.5, 1235), ("BRK/B", NEXT, "split", 3.0, 4.0, 2.5, 3.5, 0)]
    names = ("symbol", "session_date", "basis", "open", "high", "low", "close", "volume")
    assert rows(result, "equity_bars", *names) == expected
    index = parsed(STOOQ + "^SPX,D,20260122,000000,1,2,0.5,1.5,0,0\n", "stooq_bulk", "index_bars")
    assert rows(index, "index_bars", "symbol", "basis") == [("SPX", "raw")]


def test_the_screener_states_the_close_before() -> None:
    payload = parquet(
        date=[DAY] * 4,
        symbol=["NFLX", "AACG", "BRK/A", "ZZZ"],
        close=[110.29, 0.88, 700_000.0, 0.5],
        net_change=pa.array([-1.17, 0.034, -5123.45, 0.5], pa.float32()),
        volume=[100, 0, 7, 1],
        market_cap=pa.array([5e11, 0.0, None, 1e6], pa.float64()),
        redated=[False, True, False, False],
    )
    result = parsed(payload, "screener", "equity_bars", "equities/screener_2026.parquet")
    assert rows(result, "equity_bars", "symbol", "basis", "previous_close", "market_cap", "open") == [
        ("NFLX", "raw", 111.46, 5e11, None),
        ("AACG", "raw", 0.846, None, None),
        ("BRK/A", "raw", 705_123.45, None, None),
        ("ZZZ", "raw", None, 1e6, None),
    ]
    assert result.notes == {
        "previous close of 0 or less, taken as none": 1,
        "market_cap of 0, taken as none": 1,
        "rows that their recorder moved to their session": 1,
    }


def test_the_screener_as_the_site_saves_it() -> None:
    text = (
        "Symbol,Name,Last Sale,Net Change,% Change,Market Cap,Country,IPO Year,Volume,Sector,Industry\n"
        'BRK/B,Berkshire,"$1,069.12",-1.50,-0.140%,"174,320,098,411.00",United States,,"1,000",Finance,\n'
        "ABC,Some Corp,$0.88,UNCH,UNCH,,United States,2020,3,Finance,\n"
    )
    result = parsed(text, "screener", "equity_bars", "downloads/nasdaq_screener_2026-01-22.csv")
    assert rows(result, "equity_bars", "symbol", "session_date", "close", "previous_close", "volume", "market_cap") == [
        ("BRK/B", DAY, 1069.12, 1070.62, 1000, 174320098411.0),
        ("ABC", DAY, 0.88, None, 3, None),
    ]
