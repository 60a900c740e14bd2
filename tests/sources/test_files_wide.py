"""Tables of dates by tickers, the two lines of headers of yfinance, packed files, and formats told by columns."""

from __future__ import annotations

import gzip
import io
import math
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from flows.ingest.import_plan import Import, plan_imports
from sources.base import Request
from sources.formats import _input, find_format
from sources.formats._guess import guess_format
from sources.formats._input import find_files
from tests.sources.files_help import parquet, parsed, rows
from warehouse.errors import FormatError, UsageError

NOW = datetime(2026, 1, 26, 12, 0, tzinfo=UTC)
DAY, NEXT = date(2026, 1, 22), date(2026, 1, 23)
NAMES = ("symbol", "session_date", "open", "close", "volume")
BARS = [("AAPL", DAY, 10.0, 11.0, 100), ("MSFT", DAY, 20.0, 21.0, 200), ("MSFT", NEXT, 22.0, 23.0, 300)]

CURRENT = (
    "Price,Close,Close,High,High,Low,Low,Open,Open,Volume,Volume\n"
    "Ticker,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT\n"
    "Date,,,,,,,,,,\n"
    "2026-01-22,11,21,12,22,9,19,10,20,100,200\n2026-01-23,,23,,24,,21,,22,,300\n"
)
BY_TICKER = (
    "Ticker,AAPL,AAPL,AAPL,AAPL,AAPL,MSFT,MSFT,MSFT,MSFT,MSFT\n"
    "Price,Open,High,Low,Close,Volume,Open,High,Low,Close,Volume\n"
    "Date,,,,,,,,,,\n"
    "2026-01-22,10,12,9,11,100,20,22,19,21,200\n2026-01-23,,,,,,22,24,21,23,300\n"
)
OLD = (
    ",Adj Close,Adj Close,Close,Close,Open,Open,Volume,Volume\n,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT,AAPL,MSFT\n"
    "2026-01-22,5.5,10.5,11,21,10,20,100.0,200.0\n2026-01-23,,11.5,,23,,22,,300.0\n"
)


@pytest.mark.parametrize("text", [CURRENT, BY_TICKER, OLD], ids=["current", "by ticker", "old"])
def test_several_tickers_of_yfinance(text: str) -> None:
    result = parsed(text, "yfinance", "equity_bars", "x/prices.csv", basis="split")
    assert sorted(rows(result, "equity_bars", *NAMES)) == BARS
    assert result.notes["empty rows of a ticker"] == 1
    assert set(result.tables["equity_bars"]["basis"].to_pylist()) == {"split"}


def test_total_returns_of_yfinance_are_the_adjusted_closes() -> None:
    result = parsed(OLD, "yfinance", "equity_bars", "x/prices.csv", basis="total_return")
    assert sorted(rows(result, "equity_bars", *NAMES)) == [
        ("AAPL", DAY, None, 5.5, 100), ("MSFT", DAY, None, 10.5, 200), ("MSFT", NEXT, None, 11.5, 300),
    ]  # fmt: skip


def test_volumes_of_yfinance_that_are_rounded_are_noted() -> None:
    result = parsed(OLD.replace("300.0", "300.6"), "yfinance", "equity_bars", "x/prices.csv", basis="split")
    assert rows(result, "equity_bars", "volume")[-1] == (301,)
    assert result.notes["volume rounded to a whole number"] == 1


def test_a_frame_of_yfinance_in_parquet_and_excel() -> None:
    columns = pd.MultiIndex.from_product([["Close", "Open", "Volume"], ["AAPL", "MSFT"]], names=["Price", "Ticker"])
    frame = pd.DataFrame(
        [[11.0, 21.0, 10.0, 20.0, 100.0, 200.0], [None, 23.0, None, 22.0, None, 300.0]],
        index=pd.Index(pd.to_datetime(["2026-01-22", "2026-01-23"]), name="Date"),
        columns=columns,
    )
    packed, book = io.BytesIO(), io.BytesIO()
    frame.to_parquet(packed)
    frame.to_excel(book)
    for payload in (packed.getvalue(), book.getvalue()):
        result = parsed(payload, "yfinance", "equity_bars", "x/prices", basis="raw")
        assert sorted(rows(result, "equity_bars", *NAMES)) == BARS


def test_a_frame_of_yfinance_with_nan_has_no_value_there() -> None:
    columns = {
        "('Date', '')": ["2026-01-22", "2026-01-23"],
        "('Close', 'KO')": [7.0, math.nan],
        "('Volume', 'KO')": [math.nan, 5.0],
    }
    result = parsed(parquet(**columns), "yfinance", "equity_bars", "x/prices", basis="raw")
    assert rows(result, "equity_bars", "symbol", "close", "volume") == [("KO", 7.0, None)]
    columns["('Volume', 'KO')"] = [math.inf, 5.0]
    with pytest.raises(FormatError, match="it has a volume that is no whole number"):
        parsed(parquet(**columns), "yfinance", "equity_bars", "x/prices", basis="raw")


def test_a_table_of_dates_by_tickers() -> None:
    text = "Date,AAPL,BRK.B\n2026-01-22,11,500.5\n2026-01-23,,501\n"
    result = parsed(text, "bars_wide", "equity_bars", "x/closes.csv", basis="raw")
    assert rows(result, "equity_bars", "symbol", "session_date", "close") == [
        ("AAPL", DAY, 11.0), ("BRK/B", DAY, 500.5), ("BRK/B", NEXT, 501.0),
    ]  # fmt: skip
    assert result.notes == {"empty cells": 1}
    with pytest.raises(FormatError, match="the header 'my fund' is no symbol; expected a column a ticker"):
        parsed("Date,my fund\n2026-01-22,1\n", "bars_wide", "equity_bars", "x/closes.csv", basis="raw")


@pytest.mark.parametrize(
    ("text", "dataset", "expected"),
    [
        ("Date,Open,High,Low,Close,Volume\n2026-01-22,1,1,1,1,1\n", "equity_bars", "bars"),
        ("Date,Open,High,Low,Close,Adj Close,Volume\n2026-01-22,1,1,1,1,1,1\n", "equity_bars", "bars"),
        ("Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n2026-01-22,1,1,1,1,1,0,0\n", "equity_bars", "bars"),
        ("Date,Close/Last,Volume,Open,High,Low\n01/22/2026,$1,1,$1,$1,$1\n", "equity_bars", "bars"),
        ("<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\nA.US,D,20260122,0,1,1,1,1,1,0\n",
         "equity_bars", "stooq_bulk"),
        (CURRENT, "equity_bars", "yfinance"),
        ("Date,AAPL,MSFT\n2026-01-22,1,2\n", "equity_bars", "bars_wide"),
        ("DATE,OPEN,HIGH,LOW,CLOSE,VOL,OI\n2026-01-22,1,1,1,1,1,1\n", "equity_bars", "bars"),
        ("DATE,OPEN,HIGH,LOW,CLOSE,VOL,OI\n2026-01-22,1,1,1,1,1,1\n", "", "bars"),
        ("DATE,TIME,OPEN,HIGH,LOW,CLOSE,VOL\n2026-01-22,0,1,1,1,1,1\n", "equity_bars", "bars"),
        ("DATE,CLOSE,SMA\n2026-01-22,1,1\n", "equity_bars", "bars"),
        ("DATE,PE,PB,LAST\n2026-01-22,9,2,1\n", "equity_bars", "bars"),
        ("DATE,SYM,CLOSE,RSI\n2026-01-22,KO,1,50\n", "equity_bars", "bars"),
        ("Date,KO,LOW,C,MSFT,V,PEP,MA\n2026-01-22,1,2,3,4,5,6,7\n", "equity_bars", "bars_wide"),
        ("Date,DGS10,FEDFUNDS\n2026-01-22,1,2\n", "", "series_wide"),
        ("Symbol,Name,Last Sale,Net Change,% Change,Market Cap,Volume\nA,B,$1,0,0%,1,1\n", "", "screener"),
        ("symbol,date,ratio\nNFLX,2025-11-17,10:1\n", "", "splits"),
        ("symbol,ex_date,amount\nKO,2025-11-28,0.51\n", "", "dividends"),
        ("ticker,start_date,end_date\nA,2000-06-05,\n", "", "membership_intervals"),
        ("Ticker,Name,Sector,Asset Class,Weight (%),Quantity,Price\nA,B,C,Equity,1,2,3\n", "", "holdings"),
        ("rating_date,ticker,analyst_firm,rating\n2026-01-22,A,House,Buy\n", "", "ratings"),
        ("from,to,date\nFB,META,2022-06-09\n", "", "symbol_changes"),
    ],
)  # fmt: skip
def test_the_format_is_told_by_the_columns(text: str, dataset: str, expected: str) -> None:
    request = Request("x", dataset, NOW, options={"file": "x/file.csv"})
    assert guess_format(text.encode(), request) == expected
    assert guess_format(text.encode("utf-16"), request) == expected


@pytest.mark.parametrize("encoding", ["utf-16-le", "cp1250"])
def test_the_format_is_told_in_an_encoding_that_is_asked_for(encoding: str) -> None:
    options = {"file": "x/file.csv", "encoding": encoding, "column.close": "Zamknięcie"}
    request = Request("x", "equity_bars", NOW, options=options)
    assert guess_format("Date,Zamknięcie\n2026-01-22,1\n".encode(encoding), request) == "bars"
    wide = Request("x", "equity_bars", NOW, options={"file": "x/file.csv", "encoding": encoding})
    assert guess_format("Date,KO,PEP\n2026-01-22,1,2\n".encode(encoding), wide) == "bars_wide"


def test_a_format_that_nobody_can_tell_is_asked_for() -> None:
    either = Request("x", "", NOW, options={"file": "x/closes.csv"})
    with pytest.raises(
        FormatError, match="x/closes.csv cannot be imported: its columns could be those of format bars_wide or "
    ):
        guess_format(b"Date,GOLD,OIL\n2026-01-22,1,2\n", either)
    with pytest.raises(
        FormatError, match="its columns \\(a, b\\) are those of no format; say --format: bars, bars_wide"
    ):
        guess_format(b"a,b\n1,2\n", either)
    bars = Request("x", "equity_bars", NOW, options={"file": "x/closes.csv"})
    for header in ("Date,C,V,O", "Date,C", "DATE,O,L,C,V,OI"):
        text = f"{header}\n2026-01-22{',1' * header.count(',')}\n"
        with pytest.raises(FormatError, match="could be those of format bars or bars_wide; say --format bars"):
            guess_format(text.encode(), bars)
    for header in ("DATE,OPEN,HIGH,LOW", "DATE,SMA,RSI,VOL", "Date,V,OPEN", "DATE,ADJ,SMA"):
        text = f"{header}\n2026-01-22{',1' * header.count(',')}\n"
        with pytest.raises(FormatError, match="are those of no format; say --format: bars, bars_wide"):
            guess_format(text.encode(), bars)
    with pytest.raises(FormatError, match="no column for close .*its columns are those of format bars_wide"):
        parsed("Date,AAPL,MSFT\n2026-01-22,1,2\n", "bars", "equity_bars", basis="raw")


def test_packed_files_and_sheets_of_a_folder(tmp_path: Path) -> None:
    text = "Date,Close\n2026-01-22,1\n"
    (tmp_path / "AAPL.csv.gz").write_bytes(gzip.compress(text.encode()))
    book = openpyxl.Workbook()
    assert book.active is not None
    for line in (["Date", "Close"], [datetime(2026, 1, 22), 2]):
        book.active.append(line)
    book.save(tmp_path / "MSFT.xlsx")
    plan = plan_imports(Import(tmp_path, "", "equity_bars", options={"basis": "raw"}), NOW)
    closes = {}
    for item in plan.items:
        (row,) = item.parse_payload(item.read_payload().body, item.request).tables["equity_bars"].to_pylist()
        closes[row["symbol"]] = (row["close"], row["source"], item.request.options["format"])
    name = tmp_path.name
    assert closes == {"AAPL": (1.0, f"{name}/AAPL", "bars"), "MSFT": (2.0, f"{name}/MSFT", "bars")}
    assert str(plan.files_taken[0]) == (
        f"{name}/AAPL.csv: 1 rows of format bars; AAPL; 2026-01-22; columns session_date (Date), close; "
        "symbol AAPL from the file's name"
    )


def test_a_gzip_file_that_is_cut_off_or_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = gzip.compress(b"date,close\n" + b"0" * 1000)
    (tmp_path / "cut.csv.gz").write_bytes(whole[:-12])
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"0" * (17 << 20)))
    by_name = {file.name.split("/")[1]: file for file in find_files(tmp_path, None).files}
    with pytest.raises(FormatError, match="cut.csv.gz is no whole gzip file"):
        by_name["cut.csv"].read_payload()
    monkeypatch.setattr(_input, "MAX_RATIO", 500)
    with pytest.raises(FormatError, match="bomb.csv.gz is refused: it unpacks to .*: a zip bomb"):
        by_name["bomb.csv"].read_payload()


def test_one_file_of_no_format_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "AAPL.csv").write_text("Date,Close\n2026-01-22,1\n")
    (tmp_path / "what.csv").write_text("a,b\n1,2\n")
    plan = plan_imports(Import(tmp_path, "", "equity_bars", options={"basis": "raw"}), NOW)
    assert [item.request.options["file"] for item in plan.items] == [f"{tmp_path.name}/AAPL.csv"]
    (failure,) = plan.failures
    assert str(failure).startswith(
        f"{tmp_path.name}/what.csv cannot be imported: its columns (a, b) are those of no format"
    )
    with pytest.raises(
        UsageError, match="format bars gives index_bars or sector_bars or equity_bars: it needs --dataset"
    ):
        plan_imports(Import(tmp_path / "AAPL.csv", "", options={"basis": "raw"}), NOW)
    with pytest.raises(
        UsageError, match="no dataset is called 'equities'; files are imported into dividends, equity_bars"
    ):
        plan_imports(Import(tmp_path, "", "equities"), NOW)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoding": "utf-9"}, "--encoding 'utf-9' is unknown; expected utf-8"),
        ({"decimal": ";"}, "--decimal ';' is no decimal sign"),
        ({"delimiter": "tabs"}, "--delimiter 'tabs' is no sign between cells; expected one character, or tab"),
        ({"delimiter": ";;"}, "--delimiter ';;' is no sign between cells"),
        ({"delimiter": "§"}, "--delimiter '§' is no sign between cells"),
        ({"delimiter": '"'}, "is no sign between cells"),
        (
            {"date_format": "dd/mm/yyyy"},
            "--date-format 'dd/mm/yyyy' is no form of a whole date; expected one such as %d/%m/%Y",
        ),
        ({"date_format": "%Y-%m"}, "--date-format '%Y-%m' is no form of a whole date"),
        ({"date_format": "%Q/%m/%Y"}, "--date-format '%Q/%m/%Y' is no form of a whole date"),
    ],
)
def test_how_a_file_is_written_is_checked_first(options: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan_imports(Import("x", "bars", "equity_bars", options=options), NOW)
    with pytest.raises(UsageError, match=message):
        plan_imports(Import("x", "", "equity_bars", options=options), NOW)
    assert find_format("yfinance").name == "yfinance"
