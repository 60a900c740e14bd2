"""Raw daily bars of stocks and ETFs, with splits and dividends, from Tiingo (free key), a call a symbol."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sources.base import PLANNED, Parsed, Request, Row
from sources.parsing.answers import IS_RENAMED, refuse_other_subject, require_fields, require_last_line_end
from sources.parsing.documents import (
    csv_rows,
    decode_text,
    error_from_message,
    find_columns,
    parse_json,
    refuse_envelope,
)
from sources.parsing.finality import is_final
from sources.parsing.rows import Rows
from sources.parsing.values import BadCell, quote_value, read_day, read_number, read_symbol, read_whole_number
from warehouse.errors import AccessRefused, ChangedShape, MalformedAnswer, NoData

if TYPE_CHECKING:
    from sources.http.client import Client

NAME = "tiingo_bars"
DATASETS = ("equity_bars", "sector_bars", "splits", "dividends")
HOSTS = ("api.tiingo.com",)
# The free plan allows fifty requests an hour.
PACE = 50 / 3600
NEEDS_KEY: str | None = "TIINGO_API_KEY"

_MIDNIGHT = re.compile(r"T00:00:00(\.0+)?Z$")
_PRICES = ("open", "high", "low", "close")
_READ = ("date", *_PRICES, "volume", "divCash", "splitFactor")


def requests_for(dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
    """One request a symbol, however long the time."""
    return [Request(NAME, dataset, PLANNED, symbol=name, start=start, end=end) for name in symbols]


def fetch(client: Client, request: Request) -> tuple[bytes, Request]:
    """The key goes into a header, so that no address holds it. Raises AccessRefused where there is none."""
    key = os.environ.get(NEEDS_KEY or "")
    if not key:
        raise AccessRefused(f"{NAME}: no key; set {NEEDS_KEY}, a free account at tiingo.com gives one")
    ticker = quote(_ticker(request.symbol or ""), safe="")
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
    entries = _read_entries(payload, what)
    if not entries:
        raise NoData(f"{what}: no bars in this range; check the dates")
    if not request.symbol:
        raise MalformedAnswer(f"{NAME}: the answer does not name its symbol; give it (--symbol AAPL)")
    dataset = "sector_bars" if request.dataset == "sector_bars" else "equity_bars"
    rows = Rows(NAME, dataset, "splits", "dividends")
    for entry in entries:
        if isinstance(entry, dict) and entry.get("ticker") is not None:
            refuse_other_subject(_ticker(request.symbol), str(entry["ticker"]).upper(), what, IS_RENAMED)
        rows.read_row(dataset, entry, partial(_bar_row, rows, entry, request))
        if isinstance(entry, dict):
            rows.read_row("splits", entry, partial(_split_row, entry, request))
            rows.read_row("dividends", entry, partial(_dividend_row, entry, request))
    rows.require_rows(dataset, what)
    return rows.to_parsed()


def _ticker(symbol: str) -> str:
    """Tiingo's spelling: BRK/B is BRK-B, BAC^L is BAC-P-L."""
    return symbol.replace("/", "-").replace("^", "-P-")


def _read_entries(payload: bytes, what: str) -> list[Any]:
    text = decode_text(payload, what).lstrip()
    if text.startswith(("Error", '"')):
        raise error_from_message(text.strip(' "\r\n'), what)
    if text[0] not in "[{":
        lines = csv_rows(payload, what)
        require_last_line_end(payload, what)
        find_columns(lines[0], _READ, what)
        header = [name.strip() for name in lines[0]]
        return [dict(zip(header, line, strict=True)) if len(line) == len(header) else line for line in lines[1:]]
    document = parse_json(payload, what)
    refuse_envelope(document, what)
    if not isinstance(document, list):
        raise ChangedShape(
            f"{what}: the answer is {quote_value(document)} where a list was expected; the API has changed"
        )
    if document:
        require_fields(document, _READ, what, "bar")
    return document


def _session_of_entry(entry: dict[str, Any]) -> date:
    """`2019-01-02` in CSV, `2019-01-02T00:00:00.000Z` in JSON: the day itself, no instant. Of any other hour or zone nobody
    knows which day is meant."""
    text = entry.get("date")
    return read_day(_MIDNIGHT.sub("", text) if isinstance(text, str) else text, "date")


def _bar_row(rows: Rows, entry: Any, request: Request) -> Row:
    if not isinstance(entry, dict):
        raise BadCell(f"a bar is {quote_value(entry)}")
    session = _session_of_entry(entry)
    return {
        "symbol": read_symbol(request.symbol),
        "session_date": session,
        "basis": "raw",
        **{name: rows.read_price(entry.get(name), name) for name in _PRICES},
        "volume": read_whole_number(entry.get("volume"), "volume"),
        "is_final": is_final(session, request),
    }


def _split_row(entry: dict[str, Any], request: Request) -> Row | None:
    factor = read_number(entry.get("splitFactor"), "splitFactor")
    if factor in (None, 0.0, 1.0):  # a history of bars writes either on ordinary days
        return None
    if not 1e-4 <= factor <= 1e4:
        raise BadCell(f"splitFactor is {factor}")
    ratio = Fraction(factor).limit_denominator(10_000)
    return {
        "symbol": read_symbol(request.symbol),
        "ex_date": _session_of_entry(entry),
        "numerator": ratio.numerator,
        "denominator": ratio.denominator,
    }


def _dividend_row(entry: dict[str, Any], request: Request) -> Row | None:
    amount = read_number(entry.get("divCash"), "divCash")
    if not amount:
        return None
    return {"symbol": read_symbol(request.symbol), "ex_date": _session_of_entry(entry), "amount_usd": amount}
