"""The whole US market in one answer: last sale, change, volume, market cap and sector from Nasdaq's stock screener.

The answer does not say which session it is of (only its table shape does), so the request must. Shapes: `data.rows`
(download=true), `data.table.rows`, and the bare list of rows that recorders keep.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from sources.base import PLANNED, Parsed, Request
from sources.parsing.answers import count_lacking, refuse_part, require_fields
from sources.parsing.documents import parse_json, refuse_envelope, require_member
from sources.parsing.finality import is_final, newest_session
from sources.parsing.rows import Rows
from sources.parsing.values import (
    BadCell,
    quote_value,
    read_day,
    read_money,
    read_symbol,
    read_whole_number,
    read_words,
    without_groups,
)
from warehouse import calendar
from warehouse.errors import ChangedShape, MalformedAnswer, NoData

if TYPE_CHECKING:
    from sources.http.client import Client

NAME = "nasdaq_screener"
DATASETS = ("equity_bars", "securities")
HOSTS = ("api.nasdaq.com",)
PACE = 1.0
NEEDS_KEY: str | None = None

_HEADERS = {"Accept": "application/json, text/plain, */*", "Accept-Language": "en-US,en;q=0.9"}
_READ = ("symbol", "name", "lastsale", "netchange", "marketCap")
# beside them in the download, and in the list that recorders keep of it
_DOWNLOADED = ("volume", "country", "ipoyear", "industry", "sector")
_AS_OF = re.compile(r"([A-Z][a-z]{2} \d{1,2}, \d{4})$")


def requests_for(dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
    """One request: the answer holds the whole market as it stands, so only the session `end` can be asked for."""
    listed = calendar.sessions_between(start, end)
    return [Request(NAME, dataset, PLANNED, session=listed[-1])] if listed else []


def fetch(client: Client, request: Request) -> tuple[bytes, Request]:
    """The market as it stands. Raises NoData where that is another session than the one asked for."""
    answer = client.get(
        f"https://{HOSTS[0]}/api/screener/stocks",
        {"tableonly": "true", "limit": "10000", "download": "true"},
        _HEADERS,
        expect="json",
        pace=PACE,
    )
    shown = newest_session(answer.fetched_at)
    if request.session and shown != request.session:
        raise NoData(f"{NAME}: it shows {shown} only and cannot serve {request.session}; take another source for it")
    return answer.body, replace(request, fetched_at=answer.fetched_at, url=answer.url)


def parse(payload: bytes, request: Request) -> Parsed:
    """equity_bars (close, previous close, volume, cap; basis raw) and securities (name, sector in Nasdaq's taxonomy).

    previous_close is close - net change to four decimals, null where that is not above 0. Raises NoData, NotFound,
    AccessRefused, RateLimited, MalformedAnswer (also where nobody says the session, or a page of the market came for the
    whole of it), ChangedShape.
    """
    document = parse_json(payload, NAME)
    listed, as_of = _listed_rows(document)
    if not listed:
        raise NoData(f"{NAME}: the answer holds no rows; try again later")
    data = document["data"] if isinstance(document, dict) else {}
    require_fields(listed, _READ if "table" in data else (*_READ, *_DOWNLOADED), NAME, "row")
    total = data.get("totalrecords")
    if request.session is not None:
        # who asks for a session means the whole market; a table without one is a recording, and may be trimmed
        refuse_part(len(listed), total, NAME)
    session = _screener_session(as_of, request)
    rows = Rows(NAME, "equity_bars", "securities")
    final = is_final(session, request)
    for row in listed:
        rows.read_row("equity_bars", row, partial(_bar_row, row, session, final))
        if isinstance(row, dict) and "sector" in row:
            rows.read_row("securities", row, partial(_security_row, row, session, request.options.get("exchange")))
    rows.require_rows("equity_bars", NAME)
    if lacking := count_lacking(len(listed), total):
        rows.count_note("rows on other pages", lacking)
    return rows.to_parsed()


def _listed_rows(document: Any) -> tuple[list[Any], str]:
    """The rows, whatever the shape, and the answer's own words on its date."""
    if isinstance(document, list):
        return document, ""
    refuse_envelope(document, NAME)
    if isinstance(document, dict) and document.get("data", "") is None:
        raise NoData(f"{NAME}: the answer holds no data; try again later")
    data = require_member(document, "data", dict, NAME)
    table = data.get("table") if isinstance(data.get("table"), dict) else data
    words_on_date = [part.get(name) for part in (data, table) for name in ("asof", "asOf")]
    as_of = next((str(text) for text in words_on_date if text is not None), "")
    if "rows" in table and table["rows"] is None:
        return [], as_of
    return list(require_member(table, "rows", list, NAME)), as_of


def _screener_session(as_of: str, request: Request) -> date:
    stated = None
    if as_of.strip():
        try:
            found = _AS_OF.search(as_of.strip())
            stated = read_day(found[1] if found else as_of, "asof", "%b %d, %Y")
        except BadCell as bad:
            raise ChangedShape(f"{NAME}: the answer's date cannot be read ({bad}); the API has changed") from bad
    if stated and request.session and stated != request.session:
        raise NoData(f"{NAME}: the answer is of {stated}, not of {request.session}; ask again after that session")
    session = request.session or stated
    if session is None:
        raise MalformedAnswer(f"{NAME}: the answer does not say its session; give it (--session 2026-01-23)")
    return session


def _bar_row(row: Any, session: date, final: bool) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise BadCell(f"a row is {quote_value(row)}")
    close = read_money(row.get("lastsale"), "lastsale")
    if close is None:
        raise BadCell(f"lastsale is {quote_value(row.get('lastsale'))}: no trade")
    stated = row.get("netchange")
    change = 0.0 if str(stated).strip().upper() == "UNCH" else read_money(stated, "netchange")
    previous = None if change is None else round(close - change, 4)
    volume = row.get("volume")
    volume = without_groups(volume.strip(), "volume") if isinstance(volume, str) else volume
    cap = read_money(row.get("marketCap"), "marketCap")
    return {
        "symbol": read_symbol(row.get("symbol")),
        "session_date": session,
        "basis": "raw",
        "close": close,
        "previous_close": previous if previous is not None and previous > 0 else None,
        "volume": read_whole_number(volume, "volume"),
        # Nasdaq writes 0.00 where it knows no number of shares
        "market_cap": cap or None,
        "is_final": final,
    }


def _unless_absent(value: Any) -> Any:
    """Nasdaq writes n/a as well as nothing."""
    return None if isinstance(value, str) and value.strip().lower() == "n/a" else value


def _security_row(row: dict[str, Any], session: date, exchange: str | None) -> dict[str, Any]:
    return {
        "symbol": read_symbol(row.get("symbol")),
        "first_seen": session,
        "name": read_words(row.get("name"), "name"),
        "exchange": exchange,
        "country": read_words(row.get("country"), "country"),
        "ipo_year": read_whole_number(_unless_absent(row.get("ipoyear")), "ipoyear"),
        "industry": read_words(_unless_absent(row.get("industry")), "industry"),
        "sector": read_words(_unless_absent(row.get("sector")), "sector"),
        "taxonomy": "nasdaq",
    }
