"""Texts of bulk files as programs of other countries write them: encodings, signs between cells, days, sheets and names."""

from __future__ import annotations

import io
import sys
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from sources.formats._days import is_whole_form
from sources.providers.files import parse_with_reading
from tests.sources.files_help import parquet, parsed, request, rows
from warehouse.errors import FormatError

DAY = date(2026, 1, 22)
NEXT = date(2026, 1, 23)
GERMAN = "Datum;Schluss;Umsatz\n22.01.2026;1.041,20;1.234.567\n23.01.2026;41,55;900\n"
COLUMNS = {"column_session_date": "Datum", "column_close": "Schluss", "column_volume": "Umsatz", "basis": "raw"}


def taken(payload: str | bytes, file: str = "bars/SPY.csv", **options: str) -> tuple[str, ...]:
    body = payload.encode() if isinstance(payload, str) else payload
    return parse_with_reading(body, request("bars", "sector_bars", file, **options))[1].taken


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_german_excel_file() -> None:
    names = ("session_date", "close", "volume")
    expected = [(DAY, 1041.2, 1234567), (NEXT, 41.55, 900)]
    assert rows(parsed(GERMAN, "bars", "sector_bars", **COLUMNS), "sector_bars", *names) == expected
    assert taken(GERMAN, **COLUMNS) == ("decimal commas", "symbol SPY from the file's name")
    tabs = GERMAN.replace(";", "\t")
    assert rows(parsed(tabs, "bars", "sector_bars", **COLUMNS), "sector_bars", *names) == expected


def test_a_sign_between_cells_that_is_asked_for_or_stated() -> None:
    stated = "sep=;\ndate;close\n2026-01-22;1,25\n"
    assert rows(parsed(stated, "bars", "sector_bars", basis="raw"), "sector_bars", "close") == [(1.25,)]
    asked = "date close,1;x close\n2026-01-22 5\n"
    result = parsed("date close\n2026-01-22 5\n", "bars", "sector_bars", basis="raw", delimiter="space")
    assert rows(result, "sector_bars", "close") == [(5.0,)]
    with pytest.raises(FormatError, match="the header has 3 columns, but row 2 has 2"):
        parsed(asked, "bars", "sector_bars", basis="raw", delimiter="space", column_close="close,1;x")


@pytest.mark.parametrize("delimiter", ["tab", "\\t", "\t"])
def test_a_tab_may_be_written_as_shells_and_programs_do(delimiter: str) -> None:
    text = "date\tclose\n2026-01-22\t5\n"
    result = parsed(text, "bars", "sector_bars", basis="raw", delimiter=delimiter)
    assert rows(result, "sector_bars", "close") == [(5.0,)]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("1/22/2026 4:00 PM", "%m/%d/%Y %I:%M %p"),
        ("2026-01-22T16:00:00+0000", "%Y-%m-%dT%H:%M:%S%z"),
        ("22JAN2026", "%d%b%Y"),
    ],
)
def test_a_form_of_dates_that_is_asked_for(text: str, form: str) -> None:
    assert is_whole_form(form)
    result = parsed(f"date,close\n{text},5\n", "bars", "sector_bars", basis="raw", date_format=form)
    assert rows(result, "sector_bars", "session_date") == [(DAY,)]
    with pytest.raises(FormatError, match="has '22. Jan 26'; expected a date written as .* which --date-format says"):
        parsed("date,close\n22. Jan 26,5\n", "bars", "sector_bars", basis="raw", date_format=form)


def test_lines_of_signs_alone_are_no_rows() -> None:
    text = "date,close\n,\n2026-01-22,1\n , \n,\r\n2026-01-23,2\n"
    result = parsed(text, "bars", "sector_bars", basis="raw")
    assert rows(result, "sector_bars", "session_date", "close") == [(DAY, 1.0), (NEXT, 2.0)]
    assert result.notes == {"empty lines": 3}


@pytest.mark.parametrize(
    ("encoding", "taken"),
    [("utf-8-sig", ()), ("utf-16", ("text read as utf-16",)), ("utf-16-le", ("text read as utf-16-le",)),
     ("utf-16-be", ("text read as utf-16-be",)), ("cp1252", ("text read as cp1252",))],
)  # fmt: skip
def test_encodings_are_recognised(encoding: str, taken: tuple[str, ...]) -> None:
    text = "symbol,name,first_seen\nMC,Moët Hennessy,2026-01-22\n"
    payload = text.encode(encoding)
    result, reading = parse_with_reading(payload, request("securities", "securities", "x/list.csv"))
    assert rows(result, "securities", "symbol", "name") == [("MC", "Moët Hennessy")]
    assert reading.taken == taken


def test_an_encoding_that_is_asked_for() -> None:
    payload = "symbol,name,first_seen\nPKN,Orlen Spółka,2026-01-22\n".encode("cp1250")
    result = parsed(payload, "securities", "securities", "x/list.csv", encoding="cp1250")
    assert rows(result, "securities", "name") == [("Orlen Spółka",)]


def test_a_sheet_of_excel() -> None:
    lines: list[list[Any]] = [
        ["Date", "Close", "Volume"],
        [datetime(2026, 1, 22), 41.2, 1000],
        [],
        [date(2026, 1, 23), 41, None],
    ]
    payload = workbook(Prices=lines, Notes=[["from my broker"]])
    result, reading = parse_with_reading(payload, request("bars", "sector_bars", "bars/SPY.xlsx", basis="raw"))
    assert rows(result, "sector_bars", "session_date", "close", "volume") == [(DAY, 41.2, 1000), (NEXT, 41.0, None)]
    assert reading.taken == ("sheet 'Prices'", "symbol SPY from the file's name")


def test_without_the_extra_a_sheet_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    payload = workbook(A=[["Date", "Close"], ["2026-01-22", 1]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(
        FormatError, match="x/SPY.xlsx: an .xlsx file needs openpyxl: install breadthwise\\[excel\\], or save"
    ):
        parsed(payload, "bars", "sector_bars", "x/SPY.xlsx", basis="raw")


def test_sheets_are_not_chosen_by_chance() -> None:
    lines: list[list[Any]] = [["Date", "Close"], ["2026-01-22", 1]]
    payload = workbook(A=lines, B=[["Date", "Close"], ["2026-01-22", 2]])
    with pytest.raises(FormatError, match="several sheets have rows \\(A, B\\); say --sheet 'A'"):
        parsed(payload, "bars", "sector_bars", basis="raw")
    assert rows(parsed(payload, "bars", "sector_bars", basis="raw", sheet="B"), "sector_bars", "close") == [(2.0,)]
    with pytest.raises(FormatError, match="no sheet is called 'C'; it has: A, B"):
        parsed(payload, "bars", "sector_bars", basis="raw", sheet="C")
    with pytest.raises(FormatError, match="no sheet has a header and rows; it has: A"):
        parsed(workbook(A=[["Date", "Close"]]), "bars", "sector_bars", basis="raw")
    with pytest.raises(FormatError, match="row 3 has 'n/d'; expected a number"):
        parsed(workbook(A=[*lines, ["2026-01-23", "n/d"]]), "bars", "sector_bars", basis="raw")
    with pytest.raises(FormatError, match="the workbook is cut off or damaged|a zip or an OpenDocument sheet"):
        parsed(payload[:-200], "bars", "sector_bars", basis="raw")


@pytest.mark.parametrize(
    ("first", "second", "form"),
    [
        ("01/22/2026", "01/23/2026", "dates read as %m/%d/%Y, for a day above 12"),
        ("22/01/2026", "23/01/2026", "dates read as %d/%m/%Y, for a day above 12"),
        ("1/22/2026 16:00:00", "1/23/2026 16:00:00", "dates read as %m/%d/%Y, for a day above 12"),
    ],
)
def test_a_day_above_12_proves_the_order(first: str, second: str, form: str) -> None:
    text = f"date,close\n{first},1\n{second},2\n"
    assert rows(parsed(text, "bars", "sector_bars", basis="raw"), "sector_bars", "session_date") == [(DAY,), (NEXT,)]
    assert taken(text, basis="raw") == (form, "symbol SPY from the file's name")


def test_sessions_prove_the_order_where_only_one_gives_them() -> None:
    # 2026-02-01 is a Sunday, 2026-01-02 a Friday; then 2026-03-02 is a Monday of the future and 2026-02-03 too
    text = "date,close\n02/01/2026,1\n"
    assert rows(parsed(text, "bars", "sector_bars", basis="raw"), "sector_bars", "session_date") == [
        (date(2026, 1, 2),)
    ]
    assert taken(text, basis="raw")[0] == "dates read as %d/%m/%Y, for only so they are past sessions"
    # known on 2026-01-26: 2026-06-01 is to come
    future = "date,close\n01/06/2026,1\n"
    assert taken(future, basis="raw")[0] == "dates read as %m/%d/%Y, for only so they are past sessions"


def test_an_order_that_nothing_proves_is_asked_for() -> None:
    text = "Date,Ticker,Close\n02/10/2025,QZT,41.20\n03/10/2025,QZT,41.55\n"
    with pytest.raises(FormatError) as caught:
        parsed(text, "bars", "equity_bars", "x/prices.csv", basis="raw")
    assert str(caught.value) == (
        "x/prices.csv is not a file of format bars: column 'Date': '02/10/2025' is 2 October or 10 February, and nothing in "
        "the file proves which; say --date-format %d/%m/%Y or --date-format %m/%d/%Y"
    )
    asked = parsed(text, "bars", "equity_bars", "x/prices.csv", basis="raw", date_format="%d/%m/%Y")
    assert rows(asked, "equity_bars", "session_date") == [(date(2025, 10, 2),), (date(2025, 10, 3),)]
    # days of a rating need be no sessions, so that nothing is proven by them
    rating = "date,ticker,firm,rating\n03/01/2026,KO,House,Buy\n"
    with pytest.raises(FormatError, match="'03/01/2026' is 3 January or 1 March"):
        parsed(rating, "ratings", "rating_actions", "x/ratings.csv")
    same = "date,close\n05/05/2025,1\n"
    assert rows(parsed(same, "bars", "sector_bars", basis="raw"), "sector_bars", "session_date") == [
        (date(2025, 5, 5),)
    ]


def test_the_order_is_that_of_the_whole_file_and_of_parquet_too() -> None:
    payload = parquet(date=["02/10/2025", "13/10/2025"], close=[1.0, 2.0])
    assert rows(parsed(payload, "bars", "sector_bars", basis="raw"), "sector_bars", "session_date") == [
        (date(2025, 10, 2),),
        (date(2025, 10, 13),),
    ]


def test_nasdaq_com_writes_the_month_first() -> None:
    text = "Date,Close/Last,Volume,Open,High,Low\n11/10/2025,$269.43,1,$1,$300,$1\n11/06/2025,$269.77,1,$1,$300,$1\n"
    result = parsed(text, "bars", "equity_bars", "x/HistoricalData_1764.csv", basis="raw", symbol="AAPL")
    assert rows(result, "equity_bars", "session_date", "close") == [
        (date(2025, 11, 10), 269.43),
        (date(2025, 11, 6), 269.77),
    ]
    assert taken(text, basis="raw", symbol="AAPL") == ("dates read as %m/%d/%Y, as Nasdaq.com writes them",)


@pytest.mark.parametrize(
    ("stem", "symbol"),
    [
        ("aapl_us_d", "AAPL"), ("^spx_d", "SPX"), ("aapl.us", "AAPL"), ("AAPL_history", "AAPL"), ("AAPL", "AAPL"),
        ("brk-b_us_d", "BRK/B"), ("BRK.B", "BRK/B"), ("BRK_B", "BRK/B"), ("AAPL (1)", "AAPL"), ("daily_IBM", "IBM"),
        ("daily_adjusted_IBM", "IBM"), ("AAPL Historical Data", "AAPL"), ("SPY_as_of_2026-06-10", "SPY"),
        ("AAPL_2020-01-01_2024-12-31", "AAPL"), ("Download Data - STOCK_US_XNAS_AAPL", "AAPL"), ("msft", "MSFT"),
    ],
)  # fmt: skip
def test_names_of_files_as_sites_and_people_give_them(stem: str, symbol: str) -> None:
    result = parsed("date,close\n2026-01-22,1\n", "bars", "equity_bars", f"x/{stem}.csv", basis="raw")
    if stem == "^spx_d":
        assert [row[0] for row in rows(result, "equity_bars", "symbol")] == ["^SPX"]
    else:
        assert rows(result, "equity_bars", "symbol") == [(symbol,)]


@pytest.mark.parametrize(
    "stem",
    ["HistoricalData_1764000000000", "HistoricalPrices", "prices", "data", "daily", "Table", "my closes", "export_final",
     "AAPL_MSFT_history", "history_of_aapl_inc", "2026-01-22", "download"],
)  # fmt: skip
def test_no_symbol_is_invented_from_a_name(stem: str) -> None:
    with pytest.raises(FormatError, match="its name does not say which it is; say --symbol"):
        parsed("date,close\n2026-01-22,1\n", "bars", "equity_bars", f"x/{stem}.csv", basis="raw")


def test_adjusted_prices_are_taken_for_total_returns_and_no_others_beside_them() -> None:
    yahoo = "Date,Open,High,Low,Close,Adj Close,Volume\n2026-01-22,10,12,9,11,5.5,100\n"
    names = ("open", "high", "low", "close", "volume")
    total = parsed(yahoo, "bars", "equity_bars", "x/KO.csv", basis="total_return")
    assert rows(total, "equity_bars", *names) == [(None, None, None, 5.5, 100)]
    assert rows(parsed(yahoo, "bars", "equity_bars", "x/KO.csv", basis="split"), "equity_bars", *names) == [
        (10, 12, 9, 11, 100)
    ]
    tiingo = (
        "date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor\n"
        "2026-01-22,11,12,9,10,100,5.5,6,4.5,5,200,0.0,1.0\n"
    )
    assert rows(parsed(tiingo, "bars", "equity_bars", "x/KO.csv", basis="total_return"), "equity_bars", *names) == [
        (5, 6, 4.5, 5.5, 200)
    ]
    assert rows(parsed(tiingo, "bars", "equity_bars", "x/KO.csv", basis="raw"), "equity_bars", *names) == [
        (10, 12, 9, 11, 100)
    ]


def test_a_frame_of_pandas_with_an_index_without_a_name() -> None:
    result = parsed(",Close\n2026-01-22,1\n", "bars", "equity_bars", "x/KO.csv", basis="raw")
    assert rows(result, "equity_bars", "symbol", "session_date", "close") == [("KO", DAY, 1.0)]
