"""The bars of all US stocks of one session in one call, unadjusted, from Polygon's grouped aggregates (free key)."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from functools import partial
from typing import TYPE_CHECKING, Any

from sources.base import PLANNED, Parsed, Request
from sources.parsing.answers import require_fields
from sources.parsing.documents import parse_json, refuse_envelope, require_member
from sources.parsing.finality import is_final
from sources.parsing.rows import Rows
from sources.parsing.values import NEW_YORK, BadCell, quote_value, read_instant, read_number, read_symbol
from warehouse import calendar
from warehouse.errors import AccessRefused, ChangedShape, MalformedAnswer, NoData

if TYPE_CHECKING:
    from sources.http.client import Client

NAME = "polygon_grouped"
DATASETS = ("equity_bars",)
HOSTS = ("api.polygon.io",)
# The free plan allows five requests a minute.
PACE = 5 / 60
NEEDS_KEY: str | None = "POLYGON_API_KEY"

_PREFERRED = re.compile(r"^([A-Z]{1,5})p([A-Z]?)$")
_PRICES = {"open": "o", "high": "h", "low": "l", "close": "c"}


def requests_for(dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
    """One request a session: each answer holds the whole market."""
    return [Request(NAME, dataset, PLANNED, session=day) for day in calendar.sessions_between(start, end)]


def fetch(client: Client, request: Request) -> tuple[bytes, Request]:
    """The key goes into a header, so that no address holds it. Raises AccessRefused where there is none."""
    key = os.environ.get(NEEDS_KEY or "")
    if not key:
        raise AccessRefused(f"{NAME}: no key; set {NEEDS_KEY}, a free account at polygon.io gives one")
    address = f"https://{HOSTS[0]}/v2/aggs/grouped/locale/us/market/stocks/{request.session}"
    answer = client.get(address, {"adjusted": "false"}, {"Authorization": f"Bearer {key}"}, expect="json", pace=PACE)
    return answer.body, replace(request, fetched_at=answer.fetched_at, url=answer.url)


def parse(payload: bytes, request: Request) -> Parsed:
    """equity_bars of basis raw (split where the answer says that it is adjusted).

    Each bar's own time must be of the session asked for, where one was asked. Raises NoData (a holiday), AccessRefused,
    RateLimited, MalformedAnswer (fewer results than it counts), ChangedShape.
    """
    document = parse_json(payload, NAME)
    refuse_envelope(document, NAME)
    count = require_member(document, "resultsCount", int, NAME)
    results = document.get("results")
    if not results and count == 0:
        raise NoData(f"{NAME}: no bars on {request.session}; is it a session, and has it ended?")
    results = require_member(document, "results", list, NAME)
    if len(results) != count:
        raise MalformedAnswer(f"{NAME}: {len(results)} results where the answer counts {count}; download it again")
    if document.get("next_url"):
        raise MalformedAnswer(
            f"{NAME}: the answer has further pages, so {count} results are not the market; download it again"
        )
    require_fields(results, ("T", "t", "v", *_PRICES.values()), NAME, "result")
    adjusted = document.get("adjusted")
    if not isinstance(adjusted, bool):
        raise ChangedShape(f"{NAME}: the answer does not say whether it is adjusted ({quote_value(adjusted)})")
    rows = Rows(NAME, "equity_bars")
    for result in results:
        rows.read_row("equity_bars", result, partial(_bar_row, rows, result, request, "split" if adjusted else "raw"))
    rows.require_rows("equity_bars", NAME)
    return rows.to_parsed()


def _bar_row(rows: Rows, result: Any, request: Request, basis: str) -> dict[str, Any]:
    if not isinstance(result, dict):
        raise BadCell(f"a result is {quote_value(result)}")
    session = _session_of_bar(result, request.session)
    volume = read_number(result.get("v"), "v")
    prices = {name: rows.read_price(result.get(letter), name) for name, letter in _PRICES.items()}
    return {
        "symbol": _canonical_symbol(result.get("T")),
        "session_date": session,
        "basis": basis,
        **prices,
        # fractions of shares are traded too
        "volume": None if volume is None else round(volume),
        "is_final": is_final(session, request),
    }


def _session_of_bar(result: dict[str, Any], asked: date | None) -> date:
    """The day of `t`, which is the session's end, or midnight of its day in New York or in UTC, by the data's age."""
    milliseconds = read_number(result.get("t"), "t")
    at = read_instant(None if milliseconds is None else milliseconds / 1000, "t")
    local = at.astimezone(NEW_YORK).date()
    if asked is None:
        return at.date() if at.time() == time(0) else local
    if asked not in (local, at.date()):
        raise BadCell(f"the bar is of {local}, not of {asked}")
    return asked


def _canonical_symbol(ticker: Any) -> str:
    """Preferreds are written BACpL; other small letters mark rights and shares when issued: no spelling of ours."""
    if not isinstance(ticker, str):
        raise BadCell(f"T is {quote_value(ticker)}, no symbol")
    preferred = _PREFERRED.match(ticker)
    if preferred:
        return read_symbol(f"{preferred[1]}^{preferred[2]}")
    if ticker != ticker.upper():
        raise BadCell(f"{quote_value(ticker)} is a right or a share when issued")
    return read_symbol(ticker)
