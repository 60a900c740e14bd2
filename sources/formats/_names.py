"""The symbol in a file's name, where a site or a habit is known to put it there; no other name is taken for one."""

from __future__ import annotations

import re

from warehouse.symbols import INDEX_ALIASES

_TICKER = r"(?P<symbol>\^?[A-Za-z]{1,5}(?:[.-](?!us\b)[A-Za-z]{1,2})?|[A-Za-z]{1,3}=[A-Za-z])"
_DAY = r"\d{4}-?\d{2}-?\d{2}"
_KNOWN = tuple(
    re.compile(pattern.replace("TICKER", _TICKER).replace("DAY", _DAY), re.IGNORECASE | re.ASCII)
    for pattern in (
        r"TICKER",  # AAPL.csv, BRK-B.csv, ^GSPC.csv: the old site of Yahoo, Tiingo, most scripts
        r"TICKER(?:[._]us(?:_d)?|_d)",  # aapl_us_d.csv, aapl.us.txt, ^spx_d.csv: Stooq
        r"TICKER[_ -](?:history|historical|historical[_ ]data|prices?|ohlcv?|bars|eod|daily|1d|max|max_1d)",
        r"TICKER(?:_as_of_DAY|[_ -]DAY(?:(?:[_-]|_to_)DAY)?)",  # SPY_as_of_2026-06-10.csv, AAPL_2020-01-01_2024-12-31.csv
        r"(?:time_series_)?daily(?:_adjusted)?_TICKER",  # daily_adjusted_IBM.csv: Alpha Vantage
        r"macrotrends_data_download_TICKER",
        r"download data - (?:stock|fund|index)_us_[a-z]+_TICKER",  # MarketWatch
        r"(?P<symbol>[A-Z]{1,5}_[A-Z])",  # BRK_B.csv
    )
)
_SECOND_DOWNLOAD = re.compile(r" ?\(\d{1,3}\)$")
# Words that people call files by; a company whose symbol is one of them needs --symbol.
_WORDS = (
    "ADJ ALL BAD BAR BARS BOOK CHART CLOSE CSV DAILY DATA DAY DAYS EOD ETF ETFS EXCEL FEED FILE FIRST GOOD HIST INDEX "
    "INPUT LAST LIST MINE MY NEW OHLC OHLCV OLD OTHER OUT PRICE PX QUOTE RAW SHEET SHEETS SMALL SOME STOCK TABLE TEMP "
    "TEST TICK TODAY WIDE YF"
)
_NOT_SYMBOLS = frozenset(_WORDS.split())


def symbol_in_name(stem: str) -> str:
    """The symbol that a file called `stem` (without its suffix) is named for; '' where nobody can know."""
    bare = _SECOND_DOWNLOAD.sub("", stem)
    if bare.isascii() and bare.upper().lstrip("^.$") in INDEX_ALIASES:
        return bare
    for pattern in _KNOWN:
        match = pattern.fullmatch(bare)
        if match and match["symbol"].upper() not in _NOT_SYMBOLS:
            return match["symbol"].upper()
    return ""


# What stands before or after `income` in the names of files of many companies (net_income, income_ttm, us_income_quarterly);
# a company whose symbol is one of them needs --symbol.
_NOT_COMPANIES = _NOT_SYMBOLS | {"BANK", "FULL", "GROSS", "NET", "OPER", "TOTAL", "TTM", "US"}
_STATEMENT = r"income(?:[_ -]statements?)?"
_PERIOD = r"(?:annual|quarterly)"
_INCOME = tuple(
    re.compile(pattern.replace("TICKER", _TICKER), re.IGNORECASE | re.ASCII)
    for pattern in (
        rf"TICKER[_ -]{_STATEMENT}(?:[_ -]{_PERIOD})?",  # AAPL_income_annual.csv
        rf"TICKER[_ -]{_PERIOD}[_ -]{_STATEMENT}",
        rf"{_STATEMENT}[_ -]TICKER(?:[_ -]{_PERIOD})?",  # income_AAPL_annual.csv
        rf"{_STATEMENT}[_ -]{_PERIOD}[_ -]TICKER",
    )
)
_INCOME_OF_FOLDER = re.compile(rf"{_STATEMENT}[_ -]{_PERIOD}", re.IGNORECASE | re.ASCII)


def company_of_income(stem: str, folder: str) -> tuple[str, str]:
    """The symbol of a file of income statements, and where it was found; '' twice where nobody can know.

    A folder a company, its files called income_annual and income_quarterly, is a layout of its own: only there the
    folder counts. A symbol is written in capitals, for in small letters it may be any word.
    """
    bare = _SECOND_DOWNLOAD.sub("", stem)
    if _INCOME_OF_FOLDER.fullmatch(bare):
        symbol = symbol_in_name(folder)
        return (symbol, "the folder") if symbol and symbol == folder.upper() == folder else ("", "")
    for pattern in _INCOME:
        match = pattern.fullmatch(bare)
        if match and match["symbol"].isupper() and match["symbol"] not in _NOT_COMPANIES:
            return match["symbol"], "the file's name"
    symbol = symbol_in_name(stem)
    return (symbol, "the file's name") if symbol else ("", "")
