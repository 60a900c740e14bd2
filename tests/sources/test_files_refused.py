"""Files that are not what their format says: refused whole, in one line that says where, what, and why."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.formats import all_formats, find_format
from sources.formats._guess import guess_format
from sources.providers.files import parse
from tests.sources.files_help import parquet, parsed, request
from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import FormatError, UsageError

HEADER = "date,open,high,low,close,volume\n"
ROW = "2026-01-22,1,2,0.5,1.5,10\n"
GOOD = parquet(date=[date(2026, 1, 22), date(2026, 1, 23)], close=[1.0, 2.0])


def _damaged_page() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"date": [date(2026, 1, 22)] * 500, "close": [float(i) for i in range(500)]}), buffer)
    return buffer.getvalue()[:60] + b"\xff" * 40 + buffer.getvalue()[100:]


BAD: list[tuple[str, bytes | str, str]] = [
    ("empty", b"", "it is empty"),
    ("blank", b"\xef\xbb\xbf \n\r\n", "it is empty"),
    ("header only", HEADER, "it has a header and no rows"),
    ("page", "<!DOCTYPE html><html><body>Wait", "it is a web page or XML ('<!DOCTYPE html><html'...), not CSV"),
    ("script", "\n<script>location.reload()</script>\n", "it is a web page or XML"),
    ("no close", "date,open\n2026-01-22,1\n", "no column for close (usually called close, c, close price,"),
    ("text", HEADER + ROW + "2026-01-23,1,2,n/d,1.5,10\n", "column 'low': row 3 has 'n/d'; expected a number"),
    ("after a blank line", HEADER + "\n" + ROW + "\n2026-01-23,x,2,1,1,1\n", "'open': row 5 has 'x'; expected"),
    (
        "many texts",
        "date,close\n" + "".join(f"2026-01-{day},v{day}\n" for day in range(11, 19)),
        "'close': row 2 has 'v11', row 3 has 'v12', row 4 has 'v13', row 5 has 'v14', row 6 has 'v15' and 3 more",
    ),
    ("no such day", "date,close\n2026-02-30,1\n", "row 2 has '2026-02-30'; expected a date such as 2026-01-23"),
    ("epoch", "date,close\n1769040000,1\n", "column 'date': row 2 has '1769040000'; expected a date"),
    ("two formats", "date,close\n2026-01-22,1\n01/23/2026,2\n", "row 3 has '01/23/2026'; expected a date"),
    ("short row", HEADER + ROW + "2026-01-23,1,2\n", "the header has 6 columns, but row 3 has 3"),
    ("long row", HEADER + "2026-01-23,1,2,1,1.5,10,,,,,\n", "the header has 6 columns, but row 2 has 11"),
    ("cut off", HEADER + ROW + "2026-01-2", "the header has 6 columns, but row 3 has 1"),
    ("open quote", HEADER + '"2026-01-22,1,2,0.5,1.5,10\n', 'a quote (") is opened and never closed'),
    ("zero byte", HEADER + ROW + "2026-01-23,1,2,1,1\x00,1\n", "line 3 holds a NUL byte: no text file"),
    (
        "broken UTF-8",
        "date,symbol,close\n2026-01-22,é,1\n2026-01-23,".encode() + b"\xe9,1\n",
        "line 3 is not UTF-8 (byte 0xe9), and lines before it are; save it as UTF-8 or say --encoding",
    ),
    ("no cp1252", b"date,close\n2026-01-22,\x81\n", "line 2 is not cp1252; say --encoding"),
    ("odd UTF-16", b"\xff\xfed\x00a", "line 1 is not utf-16; say --encoding"),
    ("gzip", b"\x1f\x8b\x08\x00rest", "it is packed by gzip; give it a name that ends in .gz"),
    ("archive", b"PK\x03\x04rest", "it is a zip or an OpenDocument sheet"),
    ("old workbook", b"\xd0\xcf\x11\xe0rest", "it is a workbook of Excel 2003 or older; save it as .xlsx or CSV"),
    ("twice", "date,close,close\n2026-01-22,1,2\n", "two columns are called 'close'; it has: date, close, close"),
    ("unclear", "date,Close,close\n2026-01-22,1,2\n", "more than one column could be close; it has: date, Close"),
    ("decimal commas", "date;close\n2026-01-22;1,500\n", "'1,500' is a number with a fraction or one of"),
    ("a column with its own header", "date,settle\n2026-01-22,1\n", "it has: date, settle; say --column close=HEADER"),
    ("both signs", "date;open;close\n2026-01-22;1.5;1,5\n", "column 'close': row 2 has '1,5'; expected a number"),
    ("a point among commas", "date;close\n2026-01-22;1,25\n2026-01-23;1.253\n2026-01-26;9.8.7\n", "row 4 has '9.8.7'"),
    ("json", '{"chart": {"result": null}}\n{}\n', "it is JSON, which is not read; save it as CSV or Parquet"),
    ("json list", '[\n  {"date": "2026-01-22", "close": 1}\n]\n', "it is JSON, which is not read; save it as CSV or"),
    ("cut parquet", GOOD[:-20], "the Parquet file is cut off or damaged"),
    ("half parquet", GOOD[: len(GOOD) // 2], "the Parquet file is cut off or damaged"),
    ("damaged parquet", _damaged_page(), "the Parquet file is cut off or damaged"),
    ("empty parquet", parquet(date=pa.array([], pa.date32()), close=pa.array([], pa.float64())), "it has no rows"),
    ("list column", parquet(date=[date(2026, 1, 22)], close=[[1.0]]), "'close' has the type list<element:"),
    ("bytes as day", parquet(date=[b"\xff"], close=[1.0]), "column 'date' has the type binary; expected a date"),
    (
        "a year beyond the calendar",
        parquet(date=pa.array([2**31 - 1], pa.int32()).cast(pa.date32()), close=[1.0]),
        "column 'date': row 1 has '2147483647'; expected a date",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "request_of_file"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_refused_whole(payload: bytes | str, request_of_file: str) -> None:
    with pytest.raises(FormatError) as caught:
        parsed(payload, "bars", "sector_bars", "bars/SPY.csv", basis="raw")
    message = str(caught.value)
    assert message.startswith("bars/SPY.csv is not a file of format bars: ")
    assert request_of_file in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "kind"), [("bars/SPY.xlsx", "an Excel workbook"), ("bars/SPY.parquet", "a Parquet file")]
)
def test_a_name_that_promises_more_than_the_bytes_hold(name: str, kind: str) -> None:
    with pytest.raises(FormatError, match=f"it is not {kind}, whatever its name says"):
        parsed("date,close\nnonsense", "bars", "sector_bars", name, basis="raw")


def test_without_a_basis_a_stock_is_refused_and_an_index_is_raw() -> None:
    with pytest.raises(FormatError, match="give --basis raw, split or total_return"):
        parsed("date,close\n2026-01-22,1\n", "bars", "equity_bars")


@pytest.mark.parametrize("basis", ["split", "total_return"])
def test_an_index_is_taken_as_it_is_published(basis: str) -> None:
    with pytest.raises(FormatError, match=f"--basis {basis}: an index is taken as it is published; leave --basis out"):
        parsed("date,symbol,close\n2026-01-22,SPX,1\n", "bars", "index_bars", basis=basis)
    assert CONTRACTS["index_bars"].find_column("basis").vocabulary == ("raw",)


def test_a_file_whose_name_is_no_symbol_asks_for_one() -> None:
    text = "date,close\n2026-01-22,1\n"
    with pytest.raises(
        FormatError, match="no column for the symbol, and its name does not say which it is; say --symbol"
    ):
        parsed(text, "bars", "sector_bars", "bars/my closes.csv", basis="raw")
    named = parsed(text, "bars", "sector_bars", "bars/my closes.csv", basis="raw", symbol="SPY")
    assert named.tables["sector_bars"]["symbol"].to_pylist() == ["SPY"]


@pytest.mark.parametrize(
    ("format_name", "dataset", "text", "request_of_file"),
    [
        ("stooq_bulk", "equity_bars",
         "<TICKER>,<PER>,<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\nA.US,5,20260122,1,1,1,1,1\n",
         "its column PER says '5'; expected D"),
        ("holdings", "memberships", "Ticker,Name\nA,B\n", "none of its first lines is a header with the columns"),
        ("membership_intervals", "memberships", "ticker,start_date,end_date\nA,2020-01-02,\n", "name it with"),
        ("screener", "equity_bars", "symbol,close,net_change,volume\nA,1,0,1\n", "say which session it shows"),
        ("series_wide", "macro_observations", "date\n2026-01-22\n", "it has a date column and no series beside it"),
        ("series_wide", "macro_observations", "date,X\n2026-01-22,high\n", "column 'X': row 2 has 'high'; expected"),
        ("income", "fundamentals", "date,Net Income\n2026-01-22,1\n", "its name does not say annual or quarterly"),
        ("income", "fundamentals", "date,EBIT\n2026-01-22,1\n", "it has none of the columns Total Revenue"),
        ("splits", "splits", "symbol,date\nA,2026-01-22\n", "it has neither a column ratio nor the two columns"),
        ("securities", "securities", "symbol,name,ipoyear\nA,B,old\n", "'ipoyear': row 2 has 'old'; expected a whole"),
    ],
)  # fmt: skip
def test_refused_by_other_formats(format_name: str, dataset: str, text: str, request_of_file: str) -> None:
    file = "x/report_annual.csv" if "EBIT" in text else "x/file.csv"
    with pytest.raises(FormatError) as caught:
        parsed(text, format_name, dataset, file)
    assert request_of_file in str(caught.value)


@pytest.mark.parametrize(
    ("format_name", "dataset", "header", "name", "sign", "field"),
    [
        ("bars", "equity_bars", "Date,Symbol,Close €", "Close €", "€", "close"),
        ("bars", "sector_bars", "Date,Symbol,Price ¥", "Price ¥", "¥", "close"),
        ("bars", "equity_bars", "Date,Symbol,Close (£)", "Close (£)", "£", "close"),
        ("dividends", "dividends", "Ex-Date,Symbol,Dividend €", "Dividend €", "€", "amount_usd"),
    ],
)
def test_a_column_in_another_currency_is_refused(
    format_name: str, dataset: str, header: str, name: str, sign: str, field: str
) -> None:
    text = f"{header}\n2026-01-22,SAP,200\n"
    with pytest.raises(FormatError) as caught:
        parsed(text, format_name, dataset, basis="raw")
    reason = f"column {name!r} is in {sign}, and {field} is in USD; convert it, and name the column without it"
    assert str(caught.value) == f"bars/SPY.csv is not a file of format {format_name}: {reason}"


def test_a_currency_is_found_by_its_word_too_and_the_dollar_is_none() -> None:
    text = "Date,Symbol,Close EUR\n2026-01-22,SAP,200\n"
    with pytest.raises(FormatError, match="column 'Close EUR' is in EUR, and close is in USD"):
        parsed(text, "bars", "equity_bars", basis="raw", column_close="Close EUR")
    unnamed = request("", "equity_bars", basis="raw")
    with pytest.raises(FormatError, match="of no format, and 'Close EUR' is in EUR: only dollars are taken"):
        guess_format(text.encode(), unnamed)
    for header in ("Close $", "Close (US$)", "Last"):
        dollars = parsed(
            f"Date,Symbol,{header}\n2026-01-22,KO,70\n", "bars", "equity_bars", basis="raw", column_close=header
        )
        assert dollars.tables["equity_bars"]["close"].to_pylist() == [70.0]
    index = parsed("Date,Symbol,Close €\n2026-01-22,DAX,24000\n", "bars", "index_bars")
    assert index.tables["index_bars"]["close"].to_pylist() == [24000.0]
    income = "symbol,date,Revenue €\nSAP,2025-12-31,9\n"
    with pytest.raises(FormatError, match="column 'Revenue €' is in €, and revenue is in USD; say --currency"):
        parsed(income, "income", "fundamentals", "x/income_annual.csv")
    in_euros = parsed(income, "income", "fundamentals", "x/income_annual.csv", currency="EUR")
    assert in_euros.tables["fundamentals"]["unit"].to_pylist() == ["EUR"]


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no format 'barz'; known are bars, bars_wide, dividends, holdings"):
        find_format("barz")


def test_a_path_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot read .*gone.csv: No such file"):
        parse(tmp_path / "gone.csv", request("bars", "sector_bars"))


SEEDS: dict[str, tuple[bytes, ...]] = {
    "bars": ((HEADER + ROW + "2026-01-23,1,2,1,1.5,10\n").encode(), GOOD),
    "screener": (
        b"Symbol,Last Sale,Net Change,Market Cap,Volume,date\nBRK/B,\"$1,069.12\",-1.5,0,\"1,000\",2026-01-22\n",
        parquet(symbol=["A"], date=[datetime(2026, 1, 22)], close=[1.0], net_change=[0.5], volume=[1]),
    ),
    "stooq_bulk": (b"<TICKER>,<PER>,<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\nA.US,D,20260122,1,1,1,1,1.5\n",),
    "securities": (b"symbol,name,ipoyear,first_seen\nA,Agilent,1999,2020-01-02\n",),
    "membership_intervals": (b"ticker,start_date,end_date\nA,2000-06-05,\nAABA,1999-12-08,2017-06-19\n",),
    "membership_changes": (b'date,add,remove\n2019-01-18,"TFX,A","PCG"\n2019-02-15,"","NFX"\n',),
    "membership_snapshot": (b"ticker,name,sector,snapshot_date\nMMM,3M,Industrials,2026-07-30\n",),
    "holdings": (
        'Fund Holdings as of,"Nov 11, 2025"\n\u00a0\nTicker,Name,Sector,Asset Class,Weight (%),Quantity,Price\n'
        '"A","B","C","Equity","0.96","5,224.00","127.07"\n\u00a0\n"is ""as is"", with"\n'.encode(),
    ),
    "ratings": (b"rating_date,ticker,analyst_firm,rating,target_price_usd\n2011-12-08,CVX,JP Morgan,Buy,\n",),
    "bars_wide": (b"date,AAPL,MSFT\n2026-01-22,1.45,2\n",),
    "yfinance": (
        b"Price,Close,Volume\nTicker,AAPL,AAPL\nDate,,\n2026-01-22,1.5,100\n",
        b"Ticker,AAPL,AAPL\nPrice,Close,Volume\n2026-01-22,1.5,100.5\n",
    ),
    "series_wide": (b"date,BAA10Y,AAA10Y\n1983-01-03,.,1.45\n",),
    "income": (b"date,Total Revenue,Diluted EPS\n2021-09-30,1,2.5\n",),
    "symbol_changes": (b"from,to,date\nFB,META,2022-06-09\n",),
    "splits": (b"symbol,date,ratio\nNFLX,2025-11-17,10:1\n", b"symbol,date,numerator,denominator\nA,2025-11-17,10,1\n"),
    "dividends": (b"symbol,date,amount\nKO,2025-11-17,0.5\n",),
}  # fmt: skip
PIECES = (b'"', b",", b"\n", b"\r", b"\0", b"nan", b"-inf", b"1e400", b"\xc2\xa0", b"\xff", b"9" * 30, b"2026-13-45",
          b"0001-01-01", b"9999-12-31", b";", b"'; drop table x", b"../../x",
          b"\xef\xbb\xbf", b"$1,0", b"PAR1", b"")  # fmt: skip


def test_every_format_is_fuzzed() -> None:
    assert set(SEEDS) == set(all_formats())


@given(st.data())
@settings(max_examples=1500, deadline=None, derandomize=True)
def test_a_mutated_file_is_parsed_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SEEDS)))
    payload = data.draw(st.one_of(st.sampled_from(SEEDS[name]), st.binary(max_size=80)))
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(payload)))
        piece = data.draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=3)))
        payload = payload[:start] + piece + payload[start + data.draw(st.integers(0, 8)) :]
    dataset = data.draw(st.sampled_from(find_format(name).datasets))
    request_of_file = request(name, dataset, "IWM/IWM_2026-01-22_annual.csv", basis="raw", symbol="SPY")
    tables: Mapping[str, pa.Table] = {}
    message = ""
    try:
        tables = parse(payload, request_of_file).tables
    except FormatError as error:
        message = str(error)
    assert "\n" not in message
    for table_name, table in tables.items():
        assert table.schema == CONTRACTS[table_name].row_schema
        table.validate(full=True)
        assert len(table.to_pylist()) == table.num_rows
