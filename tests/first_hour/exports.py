"""Files as vendors' sites and programs export them, ten sessions of invented prices each, in the forms of 2026."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd

DAYS = [date(2025, 11, day) for day in (10, 11, 12, 13, 14, 17, 18, 19, 20, 21)]
CLOSES = [269.85, 265.27, 268.21, 273.44, 271.02, 266.4, 267.99, 270.53, 272.23, 270.36]
RAW = ("--dataset", "equity_bars", "--basis", "raw")
SPLIT = ("--dataset", "equity_bars", "--basis", "split")
TOTAL = ("--dataset", "equity_bars", "--basis", "total_return")


@dataclass(frozen=True)
class Export:
    """A file (its name and bytes), the options of its import, and what `staging.equity_bars` then has: symbol and close
    of 2025-11-21; `taken` are words of the import's report."""

    name: str
    make: Callable[[], bytes]
    options: tuple[str, ...]
    closes: dict[str, float]
    taken: tuple[str, ...] = ()


def _rows() -> list[tuple[date, float, float, float, float, int]]:
    """date, open, high, low, close, volume"""
    return [
        (day, c - 1, c + 2, c - 3, c, 1_000_000 + place)
        for place, (day, c) in enumerate(zip(DAYS, CLOSES, strict=True))
    ]


def _csv(header: str, line: str, days: str = "%Y-%m-%d") -> bytes:
    """`line` is filled with day, o, h, l, c, v; ao, ah, al and a are the prices at half."""
    lines = []
    for day, *prices, volume in _rows():
        named = {name: round(price, 2) for name, price in zip("ohlc", prices, strict=True)}
        halves = {f"a{name}": round(price / 2, 4) for name, price in zip("ohl", prices, strict=False)}
        lines.append(line.format(day=day.strftime(days), v=volume, a=round(prices[3] / 2, 4), **named, **halves))
    return "\n".join([header, *lines, ""]).encode()


def yfinance_old() -> bytes:
    return _csv("Date,Open,High,Low,Close,Adj Close,Volume", "{day},{o},{h},{l},{c},{a},{v}")


def yfinance_history() -> bytes:
    header = "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits"
    return _csv(header, "{day} 00:00:00-05:00,{o},{h},{l},{c},{v},0.0,0.0")


def _frame(tickers: list[str]) -> pd.DataFrame:
    names = ["Close", "High", "Low", "Open", "Volume"]
    columns = pd.MultiIndex.from_product([names, tickers], names=["Price", "Ticker"])
    cells = [
        [value * (place + 1) for value in (c, h, low, o, v) for place in range(len(tickers))]
        for _, o, h, low, c, v in _rows()
    ]
    return pd.DataFrame(cells, index=pd.Index(pd.to_datetime(DAYS), name="Date"), columns=columns)


def yfinance_several() -> bytes:
    return _frame(["AAPL", "MSFT"]).to_csv().encode()


def yfinance_parquet() -> bytes:
    buffer = io.BytesIO()
    _frame(["AAPL", "MSFT"]).to_parquet(buffer)
    return buffer.getvalue()


def stooq() -> bytes:
    return _csv("Date,Open,High,Low,Close,Volume", "{day},{o},{h},{l},{c},{v}")


def stooq_bulk() -> bytes:
    header = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>"
    body = _csv(header, "AAPL.US,D,{day},000000,{o},{h},{l},{c},{v},0", "%Y%m%d")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data/daily/us/nasdaq stocks/1/aapl.us.txt", body)
    return buffer.getvalue()


def tiingo() -> bytes:
    header = "date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,splitFactor"
    return _csv(header, "{day},{c},{h},{l},{o},{v},{a},{ah},{al},{ao},{v},0.0,1.0")


def nasdaq() -> bytes:
    lines = _csv("Date,Close/Last,Volume,Open,High,Low", "{day},${c},{v},${o},${h},${l}", "%m/%d/%Y").split(b"\n")
    return b"\n".join([lines[0], *reversed(lines[1:-1]), b""])


def german_excel() -> bytes:
    text = _csv("Datum;Er\u00f6ffnung;Hoch;Tief;Schluss;Umsatz", "{day};{o};{h};{l};{c};{v}", "%d.%m.%Y").decode()
    return text.replace(".", ",").replace(",11,2025", ".11.2025").encode("cp1252")


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Date", "Ticker", "Open", "High", "Low", "Close", "Volume"])
    for day, o, h, low, c, v in _rows():
        sheet.append([datetime(day.year, day.month, day.day), "AAPL", o, h, low, c, v])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def wide() -> bytes:
    lines = [f"{day},{close},{close * 2}" for day, close in zip(DAYS, CLOSES, strict=True)]
    return "\n".join(["Date,AAPL,MSFT", *lines, ""]).encode()


EXPORTS = (
    Export("AAPL.csv", yfinance_old, SPLIT, {"AAPL": 270.36}, ("AAPL from the file's name", "not read: Adj Close")),
    Export("AAPL_total.csv", yfinance_old, (*TOTAL, "--symbol", "AAPL"), {"AAPL": 135.18}, ("Adj Close is the close",)),
    Export("MSFT_history.csv", yfinance_history, TOTAL, {"MSFT": 270.36}, ("not read: Dividends, Stock Splits",)),
    Export("several.csv", yfinance_several, TOTAL, {"AAPL": 270.36, "MSFT": 540.72}, ("format yfinance", "AAPL, MSFT")),
    Export("frame.parquet", yfinance_parquet, TOTAL, {"AAPL": 270.36, "MSFT": 540.72}, ("format yfinance",)),
    Export("aapl_us_d.csv", stooq, SPLIT, {"AAPL": 270.36}, ("symbol AAPL from the file's name",)),
    Export("d_us_txt.zip", stooq_bulk, ("--dataset", "equity_bars"), {"AAPL": 270.36}, ("format stooq_bulk",)),
    Export("AAPL.csv.gz", lambda: gzip.compress(tiingo()), RAW, {"AAPL": 270.36}, ("AAPL",)),
    Export("KO.csv", tiingo, TOTAL, {"KO": 135.18}, ("adjusted prices: adjClose is the close",)),
    Export("HistoricalData_1764.csv", nasdaq, (*RAW, "--symbol", "AAPL"), {"AAPL": 270.36}, ("close (Close/Last)",)),
    Export(
        "Kurse.csv",
        german_excel,
        (*RAW, "--symbol", "SAP", "--column", "session_date=Datum", "--column", "close=Schluss"),
        {"SAP": 270.36},
        ("decimal commas", "text read as cp1252", "close (Schluss)"),
    ),
    Export("prices.xlsx", workbook, RAW, {"AAPL": 270.36}, ("symbol (Ticker)",)),
    Export("closes.csv", wide, RAW, {"AAPL": 270.36, "MSFT": 540.72}, ("format bars_wide",)),
)  # fmt: skip


def write(folder: Path) -> None:
    """All files, each in a folder of its own so that their sources differ."""
    for place, export in enumerate(EXPORTS):
        path = folder / f"{place:02d}" / export.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(export.make())
