"""Splits and dividends of bulk files: lists of events, and columns of a history of bars, where 0 and 1 mean none."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow as pa
import pytest

from tests.sources.files_help import parquet, parsed, rows
from warehouse.errors import FormatError

HISTORY = """Date,Ticker,Open,Close,Volume,Dividends,Stock Splits
2026-01-20 00:00:00-05:00,AAA,40,41,100,0.0,0.0
2026-01-21 00:00:00-05:00,AAA,41,41,100,0.24,0.0
2026-01-22 00:00:00-05:00,AAA,4,4.1,1000,0.0,10.0
2026-01-23 00:00:00-05:00,AAA,4,4.1,1000,,
2026-01-23 00:00:00-05:00,BBB,7,7,10,0.0,1.0
"""
SPLIT = ("symbol", "ex_date", "numerator", "denominator")
DIVIDEND = ("symbol", "ex_date", "amount_usd")


def test_a_history_of_bars_gives_its_splits_and_nothing_is_refused() -> None:
    found = parsed(HISTORY, "splits", "splits")
    assert rows(found, "splits", *SPLIT) == [("AAA", date(2026, 1, 22), 10, 1)]
    assert list(found.rejected) == []
    assert found.notes["sessions of a history without ratio"] == 4


def test_a_history_of_bars_gives_its_dividends() -> None:
    found = parsed(HISTORY, "dividends", "dividends")
    assert rows(found, "dividends", *DIVIDEND) == [("AAA", date(2026, 1, 21), 0.24)]
    assert (list(found.rejected), found.notes["sessions of a history without amount_usd"]) == ([], 4)


def test_a_history_in_parquet_of_one_instrument_takes_its_name_from_the_file() -> None:
    payload = parquet(
        timestamp=pa.array([datetime(2026, 1, day) for day in (20, 21, 22)], pa.timestamp("us")),
        close=[4.0, 4.0, 40.5],
        dividend_amount=[0.0, 0.1, float("nan")],
        split_coefficient=[1.0, float("nan"), 0.1],
    )
    splits = parsed(payload, "splits", "splits", "bars/CCC.parquet")
    assert rows(splits, "splits", *SPLIT) == [("CCC", date(2026, 1, 22), 1, 10)]
    dividends = parsed(payload, "dividends", "dividends", "bars/CCC.parquet")
    assert rows(dividends, "dividends", *DIVIDEND) == [("CCC", date(2026, 1, 21), 0.1)]


def test_a_list_of_splits_has_to_give_a_ratio() -> None:
    """Beside no bars a ratio of nil is a fault and not an ordinary day."""
    found = parsed("symbol,ex_date,ratio\nAAA,2026-01-22,0\nBBB,2026-01-22,2\n", "splits", "splits")
    assert rows(found, "splits", "symbol") == [("BBB",)]
    assert [row.reason for row in found.rejected] == ["ratio: '0' is no split such as 10:1 or 0.05"]


def test_a_list_without_symbols_is_refused() -> None:
    with pytest.raises(FormatError, match="no column for symbol"):
        parsed("ex_date,ratio\n2026-01-22,2\n", "splits", "splits", "lists/splits.csv")


def test_a_dividend_in_another_currency_is_not_taken_for_dollars() -> None:
    text = (
        "symbol,ex_date,amount,currency\nAAA,2026-01-22,0.5,USD\nBBB,2026-01-22,12.5,GBp\nCCC,2026-01-22,1,\n"
        "DDD,2026-01-22,2,usd\n"
    )
    found = parsed(text, "dividends", "dividends")
    assert rows(found, "dividends", "symbol", "amount_usd") == [("AAA", 0.5), ("CCC", 1.0), ("DDD", 2.0)]
    assert [row.reason for row in found.rejected] == ["currency: 'GBp', and amounts are in USD"]


def test_a_price_in_another_currency_is_not_taken_for_dollars() -> None:
    text = "date,symbol,close,currency\n2026-01-22,AAA,11,USD\n2026-01-22,BBB,1250,GBp\n2026-01-22,CCC,9,\n"
    found = parsed(text, "bars", "equity_bars", basis="raw")
    assert rows(found, "equity_bars", "symbol", "close") == [("AAA", 11.0), ("CCC", 9.0)]
    assert [row.reason for row in found.rejected] == ["currency: 'GBp', and prices are in USD"]
    index = parsed("date,symbol,close,currency\n2026-01-22,DAX,24000,EUR\n", "bars", "index_bars")
    assert rows(index, "index_bars", "symbol", "close") == [("DAX", 24000.0)]
    assert list(index.rejected) == []


@pytest.mark.parametrize("none", ["0:0", "1/1", "1.0", "0", "1-for-1", "None"])
def test_a_ratio_of_equal_parts_beside_bars_is_no_split(none: str) -> None:
    text = f"date,symbol,close,split ratio\n2026-01-21,AAA,40,{none}\n2026-01-22,AAA,10,4:1\n"
    found = parsed(text, "splits", "splits")
    assert rows(found, "splits", *SPLIT) == [("AAA", date(2026, 1, 22), 4, 1)]
    assert list(found.rejected) == []


def test_a_split_of_a_fraction_of_a_share_is_not_rounded() -> None:
    """1.5 for 1 was taken for 2 for 1."""
    text = "symbol,date,numerator,denominator\nAAPL,2026-01-22,1.5,1\nKO,2026-01-22,4.0,1\n"
    result = parsed(text, "splits", "splits")
    assert rows(result, "splits", "symbol", "numerator") == [("KO", 4)]
    assert [one.reason for one in result.rejected] == ["numerator: 1.5 is no whole number"]
