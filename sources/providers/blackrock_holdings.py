"""BlackRock's daily holdings of IWM and IVV, which stand in for the Russell 2000 and the S&P 500.

The CSV has a preamble with the day it is of, a line that is only U+00A0, the header, and after a second such line a
disclaimer. A day that is not a trading session answers 200 with `Fund Holdings as of,"-"`. That a list is whole is shown
by its weights, which sum to 100 %, and by the disclaimer behind it; a list that others kept has no preamble and none.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sources.base import PLANNED, Parsed, Request
from sources.formats.holdings import DAY_FORMATS
from sources.parsing.documents import csv_rows, find_columns
from sources.parsing.publication_times import new_york_date
from sources.parsing.rows import Rows
from sources.parsing.values import BadCell, quote_value, read_money, read_percentage, read_symbol, read_words
from warehouse.errors import ChangedShape, MalformedAnswer, NoData

if TYPE_CHECKING:
    from sources.http.client import Client

NAME = "blackrock_holdings"
DATASETS = ("memberships",)
HOSTS = ("www.blackrock.com",)
PACE = 1.0
NEEDS_KEY: str | None = None

_DATASET = "memberships"
_URL = "https://www.blackrock.com/varnish-api/blk-one01-product-data/product-data/api/v1/get-fund-document"
_PORTFOLIOS = {"russell2000": "239710", "sp500": "239726"}
# how a request may name the fund, and how the file does
_UNIVERSES = {
    "russell2000": "russell2000",
    "iwm": "russell2000",
    "239710": "russell2000",
    "sp500": "sp500",
    "ivv": "sp500",
    "239726": "sp500",
}
_TITLES = {"ishares russell 2000 etf": "russell2000", "ishares core s&p 500 etf": "sp500"}
_COLUMNS = ("Ticker", "Name", "Sector", "Asset Class", "Weight (%)", "Quantity", "Price")
# what older files call a column
_FORMER = {"Shares": "Quantity", "Weight": "Weight (%)", "Issuer Name": "Name"}
_BLANKS = "\ufeff\xa0 \t"
# what a fund holds beside its equities; of any other word nobody knows whether it is a new one for them
_NO_EQUITY = ("Cash", "Cash Collateral and Margins", "Cash and/or Derivatives", "Futures", "Money Market")
# Weights are rounded to 0.01: the 1,967 lines of a list of IWM sum to 99.89.
_TOTAL_MISFIT_PCT = 1.0
# A fund that tracks an index of stocks holds little else: 99.5 % of IWM.
_LEAST_EQUITY_PCT = 95.0
# A line of one cell with so many words is the disclaimer, with fewer a line of the list that is damaged.
_FEWEST_WORDS = 5


def requests_for(dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
    """One request for each universe (or fund) among `symbols` that a fund stands for: the list of the day `end`."""
    wanted = sorted({_UNIVERSES[name.lower()] for name in symbols if name.lower() in _UNIVERSES})
    return [Request(NAME, dataset, PLANNED, symbol=name, session=end, start=end, end=end) for name in wanted]


def fetch(client: Client, request: Request) -> tuple[bytes, Request]:
    """The holdings of `request.symbol` (IWM or IVV) as of `request.session`. Raises SourceErrors."""
    universe = _UNIVERSES.get((request.symbol or "").lower())
    if universe is None or request.session is None:
        raise MalformedAnswer(
            f"blackrock_holdings: {quote_value(request.symbol)} is not IWM or IVV, or no session is given"
        )
    params = {
        "appType": "PRODUCT_PAGE",
        "appSubType": "ISHARES",
        "targetSite": "us-ishares",
        "locale": "en_US",
        "portfolioId": _PORTFOLIOS[universe],
        "userType": "individual",
        "component": "holdings",
        "asOfDate": request.session.strftime("%Y%m%d"),
    }
    answer = client.get(_URL, params, expect="csv", pace=PACE)
    return answer.body, replace(request, fetched_at=answer.fetched_at, url=answer.url)


def parse(payload: bytes, request: Request) -> Parsed:
    """Rows of memberships, kind `snapshot`, of the equities; cash, funds and futures are counted in the notes, and a
    line of an unknown Asset Class is a rejected row.

    Raises NoData where the file is of no day or of another than asked, MalformedAnswer (HTML, an unknown fund, a list
    that is not whole), ChangedShape where a column is gone or hardly any line is of an equity.
    """
    what = f"blackrock_holdings {request.symbol or ''}".strip()
    table = csv_rows(payload, what)
    start = next((n for n, line in enumerate(table) if line[0].strip(_BLANKS) == "Ticker"), None)
    preamble = table[:start]
    if start is None:
        _holdings_day(preamble, request, what)
        raise ChangedShape(f"{what}: no line begins with Ticker; the file has changed")
    universe = _universe_of_fund(preamble, request, what)
    day = _holdings_day(preamble, request, what)
    header = [name.strip(_BLANKS) for name in table[start]]
    names = [name if name in _COLUMNS or _FORMER.get(name) in header else _FORMER.get(name, name) for name in header]
    places = find_columns(names, _COLUMNS, what)
    rows = Rows(NAME, _DATASET)
    listed = _lines_before_disclaimer(table[start + 1 :], bool(preamble), what)
    for line in listed:
        _read_line(rows, line, len(header), places, (universe, day))
    if preamble:
        rows.count_note("lines_of_the_preamble", len(preamble))
    if rows.count_rows(_DATASET) == 0 and not rows.rejected:
        raise NoData(f"{what}: the file of {day} lists no equities")
    rows.require_rows(_DATASET, what)
    _require_whole_list([line for line in listed if len(line) == len(header)], places, what)
    return rows.to_parsed()


def _lines_before_disclaimer(lines: list[list[str]], is_original: bool, what: str) -> list[list[str]]:
    """The list. The lines of U+00A0 around it count as blank. Raises MalformedAnswer where it breaks off before the
    disclaimer that BlackRock's own file has."""
    end = len(lines)
    while end and len(lines[end - 1]) == 1 and len(lines[end - 1][0].split()) >= _FEWEST_WORDS:
        end -= 1
    if is_original and end == len(lines):
        raise MalformedAnswer(
            f"{what}: the disclaimer behind the list is missing, so the list is cut off; download it again"
        )
    return lines[:end]


def _require_whole_list(lines: list[list[str]], places: dict[str, int], what: str) -> None:
    """Raise MalformedAnswer where the weights do not sum to 100 %, ChangedShape where those of the equities do not nearly."""
    total = of_equities = 0.0
    for line in lines:
        try:
            weight = read_percentage(_cell(line, places["Weight (%)"]), "Weight (%)") or 0.0
        except BadCell:
            continue  # its row is rejected if it is an equity; the sum lacks it either way
        total += weight
        of_equities += weight if line[places["Asset Class"]].strip(_BLANKS) == "Equity" else 0.0
    if abs(total - 100) > _TOTAL_MISFIT_PCT:
        raise MalformedAnswer(
            f"{what}: the weights of its {len(lines)} lines sum to {total:.2f} % where the whole list gives 100;"
            " it is cut off or damaged, download it again"
        )
    if of_equities < _LEAST_EQUITY_PCT:
        raise ChangedShape(
            f"{what}: the lines whose Asset Class is Equity have {of_equities:.2f} % of the weight, and a fund of stocks"
            f" has {_LEAST_EQUITY_PCT:g} at least; the file has changed"
        )


def _universe_of_fund(preamble: list[list[str]], request: Request, what: str) -> str:
    """What the fund stands for, as asked and as the file's first line says."""
    asked = _UNIVERSES.get((request.symbol or request.series or "").lower())
    titled = None
    if preamble:
        title = preamble[0][0].strip(_BLANKS).lower()
        titled = next((universe for name, universe in _TITLES.items() if title.startswith(name)), None)
        if titled is None:
            raise MalformedAnswer(f"{what}: these are the holdings of {quote_value(title)}, not of IWM or IVV")
    if asked and titled and asked != titled:
        raise MalformedAnswer(f"{what}: {asked} was asked and the holdings of {titled} came")
    if titled is None and asked is None:
        raise MalformedAnswer(f"{what}: the file does not say whose holdings these are; give IWM or IVV (--symbol)")
    return titled or asked or ""


def _holdings_day(preamble: list[list[str]], request: Request, what: str) -> date:
    """The day that the list is of; for a file without a preamble the session asked, else the day of the fetch."""
    if not preamble:
        return request.session or new_york_date(request.fetched_at)
    for line in preamble:
        if len(line) > 1 and line[0].strip(_BLANKS).lower().rstrip(":") == "fund holdings as of":
            return _require_day(line[1].strip(_BLANKS), request, what)
    raise ChangedShape(f"{what}: no line says 'Fund Holdings as of'; the file has changed")


def _require_day(text: str, request: Request, what: str) -> date:
    if text in ("-", ""):
        raise NoData(
            f"{what}: no holdings of {request.session or 'that day'}; it is not a trading session, or not published yet"
        )
    found = _parse_date(text)
    if found is None:
        raise ChangedShape(f"{what}: as of {quote_value(text)} is no date such as 'Jan 23, 2026'")
    if request.session is not None and found != request.session:
        raise NoData(f"{what}: holdings of {request.session} were asked and those of {found} came")
    return found


def _parse_date(text: str) -> date | None:
    for pattern in DAY_FORMATS:
        with suppress(ValueError):
            day = datetime.strptime(text, pattern).date()
            return day if 1900 <= day.year <= 2100 else None
    return None


def _read_line(rows: Rows, line: list[str], width: int, places: dict[str, int], of: tuple[str, date]) -> None:
    if len(line) != width:
        rows.reject_row(_DATASET, line, f"{len(line)} cells where the header has {width}")
        return
    kind = line[places["Asset Class"]].strip(_BLANKS)
    if kind in _NO_EQUITY:
        rows.count_note("not_an_equity")
        return
    if kind != "Equity":
        rows.reject_row(_DATASET, line, f"Asset Class is {quote_value(kind)}, none that is known")
        return
    given = {name: _cell(line, place) for name, place in places.items()}
    rows.read_row(_DATASET, line, partial(_membership_row, given, *of))


def _cell(line: list[str], place: int) -> str | None:
    text = line[place].strip(_BLANKS)
    return None if text in ("", "-") else text


def _membership_row(cells: dict[str, str | None], universe: str, day: date) -> dict[str, Any]:
    if cells["Ticker"] is None:
        raise BadCell("an equity without a ticker")
    return {
        "universe": universe,
        "symbol": read_symbol(cells["Ticker"], "Ticker"),
        "kind": "snapshot",
        "effective_date": day,
        "end_date": None,
        "name": read_words(cells["Name"], "Name"),
        "sector": read_words(cells["Sector"], "Sector"),
        "weight_pct": read_percentage(cells["Weight (%)"], "Weight (%)"),
        "quantity": read_money(cells["Quantity"], "Quantity"),
        "price": read_money(cells["Price"], "Price"),
    }
