"""Raw daily bars of stocks and ETFs, with splits and dividends, from Tiingo (free key), a call a symbol."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sources.base import PLANNED, Parsed, Request, Row
from sources.parsing.documents import columns_of, csv_rows, error_for, json_of, refuse_envelope, text_of
from sources.parsing.finality import is_final
from sources.parsing.rows import Rows
from sources.parsing.values import BadCell, day, number, quoted, symbol, whole
from warehouse.errors import AccessRefused, ChangedShape, MalformedAnswer, NoData

if TYPE_CHECKING:
    from sources.http.client import Client

NAME = "tiingo_bars"
DATASETS = ("equity_bars", "sector_bars", "splits", "dividends")
HOSTS = ("api.tiingo.com",)
# The free plan allows fifty requests an hour.
PACE = 50 / 3600
NEEDS_KEY: str | None = "TIINGO_API_KEY"

_PRICES = ("open", "high", "low", "close")
_READ = ("date", *_PRICES, "volume")


def requests_for(dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
    """One request a symbol, however long the time."""
    return [Request(NAME, dataset, PLANNED, symbol=name, start=start, end=end) for name in symbols]


def fetch(client: Client, request: Request) -> tuple[bytes, Request]:
    """The key goes into a header, so that no address holds it. Raises AccessRefused where there is none."""
    key = os.environ.get(NEEDS_KEY or "")
    if not key:
        raise AccessRefused(f"{NAME}: no key; set {NEEDS_KEY}, a free account at tiingo.com gives one")
    ticker = quote((request.symbol or "").replace("/", "-").replace("^", "-P-"), safe="")
    limits = {"startDate": request.start, "endDate": request.end}
    answer = client.get(
        f"https://{HOSTS[0]}/tiingo/daily/{ticker}/prices",
        {"format": "json", **{name: str(value) for name, value in limits.items() if value}},
        {"Authorization": f"Token {key}"},
        expect="json",
        pace=PACE,
    )
    return answer.body, replace(request, fetched_at=answer.fetched_at, url=answer.url)


def parse(payload: bytes, request: Request) -> Parsed:
    """Bars of basis raw (the adjusted columns are not read), splits (splitFactor), dividends (divCash).

    Raises NotFound, NoData, AccessRefused, RateLimited, MalformedAnswer (also where the request names no symbol, for
    the answer does not), ChangedShape.
    """
    what = f"{NAME} {request.symbol or ''}".strip()
    entries = _entries(payload, what)
    if not entries:
        raise NoData(f"{what}: no bars in this range; check the dates")
    if not request.symbol:
        raise MalformedAnswer(f"{NAME}: the answer does not name its symbol; give it (--symbol AAPL)")
    dataset = "sector_bars" if request.dataset == "sector_bars" else "equity_bars"
    rows = Rows(NAME, dataset, "splits", "dividends")
    for entry in entries:
        rows.read(dataset, entry, partial(_bar, rows, entry, request))
        if isinstance(entry, dict):
            rows.read("splits", entry, partial(_split, entry, request))
            rows.read("dividends", entry, partial(_dividend, entry, request))
    rows.require(dataset, what)
    return rows.parsed()


def _entries(payload: bytes, what: str) -> list[Any]:
    text = text_of(payload, what).lstrip()
    if text.startswith(("Error", '"')):
        raise error_for(text.strip(' "\r\n'), what)
    if text[0] not in "[{":
        lines = csv_rows(payload, what)
        columns_of(lines[0], _READ, what)
        header = [name.strip() for name in lines[0]]
        return [dict(zip(header, line, strict=True)) if len(line) == len(header) else line for line in lines[1:]]
    document = json_of(payload, what)
    refuse_envelope(document, what)
    if not isinstance(document, list):
        raise ChangedShape(f"{what}: the answer is {quoted(document)} where a list was expected; the API has changed")
    absent = [name for name in _READ if not any(isinstance(entry, dict) and name in entry for entry in document)]
    if document and absent:
        raise ChangedShape(f"{what}: no bar has {', '.join(absent)}; the API has changed")
    return document


def _session(entry: dict[str, Any]) -> date:
    """`2019-01-02` in CSV, `2019-01-02T00:00:00.000Z` in JSON: the day itself, no instant."""
    text = entry.get("date")
    return day(text[:10] if isinstance(text, str) else text, "date")


def _bar(rows: Rows, entry: Any, request: Request) -> Row:
    if not isinstance(entry, dict):
        raise BadCell(f"a bar is {quoted(entry)}")
    session = _session(entry)
    return {
        "symbol": symbol(request.symbol),
        "session_date": session,
        "basis": "raw",
        **{name: rows.price(entry.get(name), name) for name in _PRICES},
        "volume": whole(entry.get("volume"), "volume"),
        "is_final": is_final(session, request),
    }


def _split(entry: dict[str, Any], request: Request) -> Row | None:
    factor = number(entry.get("splitFactor"), "splitFactor")
    if factor in (None, 0.0, 1.0):  # a history of bars writes either on ordinary days
        return None
    if not 1e-4 <= factor <= 1e4:
        raise BadCell(f"splitFactor is {factor}")
    ratio = Fraction(factor).limit_denominator(10_000)
    return {
        "symbol": symbol(request.symbol),
        "ex_date": _session(entry),
        "numerator": ratio.numerator,
        "denominator": ratio.denominator,
    }


def _dividend(entry: dict[str, Any], request: Request) -> Row | None:
    amount = number(entry.get("divCash"), "divCash")
    if not amount:
        return None
    return {"symbol": symbol(request.symbol), "ex_date": _session(entry), "amount_usd": amount}
