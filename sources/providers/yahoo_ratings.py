"""Analysts' rating actions from Yahoo's quoteSummary: it wants a cookie and a crumb, and gives the full history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sources.base import PLANNED, Parsed, Request
from sources.parsing.answers import require_fields
from sources.parsing.documents import require_member
from sources.parsing.rows import Rows
from sources.parsing.values import (
    NEW_YORK,
    BadCell,
    quote_value,
    read_grade,
    read_instant,
    read_number,
    read_symbol,
    read_words,
)
from sources.parsing.yahoo import CHART_HOST, HEADERS, SUMMARY_HOST, find_result, to_yahoo_symbol
from warehouse.errors import AccessRefused, MalformedAnswer, NoData, RateLimited

if TYPE_CHECKING:
    from sources.http.client import Client

NAME = "yahoo_ratings"
DATASETS = ("rating_actions",)
COOKIE_HOST = "fc.yahoo.com"
HOSTS = (SUMMARY_HOST, CHART_HOST, COOKIE_HOST)
PACE = 2.0
NEEDS_KEY: str | None = None

_MEMORY = "yahoo crumb"
_LONGEST_CRUMB = 64
_FIELDS = ("epochGradeDate", "firm", "toGrade", "fromGrade", "action")
# not all histories have targets: these stand where there is one
_TARGETS_BESIDE = frozenset({"priceTargetAction", "priorPriceTarget"})
# The oldest histories begin after the year 2000: an earlier instant is no instant of a rating, such as 0 for none.
_FIRST_RATING = datetime(1990, 1, 1, tzinfo=UTC)


def requests_for(dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
    """One request a symbol: each answer is the whole history, the dates choose nothing."""
    return [Request(NAME, dataset, PLANNED, symbol=symbol, start=start, end=end) for symbol in symbols]


def fetch(client: Client, request: Request) -> tuple[bytes, Request]:
    """The history of one symbol. A refused crumb or cookie is renewed once."""
    crumb = _crumb_of_run(client, refused=None)
    try:
        return _ask_with_crumb(client, request, crumb)
    except AccessRefused:
        return _ask_with_crumb(client, request, _crumb_of_run(client, refused=crumb))


def _ask_with_crumb(client: Client, request: Request, crumb: str) -> tuple[bytes, Request]:
    name = quote(to_yahoo_symbol(request.symbol or "", request.dataset), safe="")
    parameters = {"modules": "upgradeDowngradeHistory", "formatted": "false", "crumb": crumb}
    address = f"https://{SUMMARY_HOST}/v10/finance/quoteSummary/{name}"
    answer = client.get(address, parameters, HEADERS, expect="json", pace=PACE)
    return answer.body, replace(request, fetched_at=answer.fetched_at, url=answer.url)


def _crumb_of_run(client: Client, refused: str | None) -> str:
    """The crumb of this run; a new one with a new cookie where there is none, or where it is the one just refused."""
    with client.memory_lock:
        known = client.memory.get(_MEMORY)
        if known is not None and known != refused:
            return known
        client.forget_cookies()
        # this page does not exist, but its 404 carries the cookie
        client.get(f"https://{COOKIE_HOST}/", headers=HEADERS, expect="text", pace=PACE, allow=(404, 200))
        address = f"https://{CHART_HOST}/v1/test/getcrumb"
        text = client.get(address, headers=HEADERS, expect="text", pace=PACE).body.decode("utf-8", "replace").strip()
        if "too many requests" in text.lower():
            raise RateLimited(f"{CHART_HOST}: no crumb, too many requests; lower the pace of this host")
        if not text or len(text) > _LONGEST_CRUMB or not text.isprintable() or " " in text or "<" in text:
            raise AccessRefused(f"{CHART_HOST}: {quote_value(text)} is no crumb; Yahoo refuses this client, try later")
        client.memory[_MEMORY] = text
        return text


def parse(payload: bytes, request: Request) -> Parsed:
    """One row an action; an unknown grade or action stays as it is, for the contract to judge.

    Raises NotFound for what has no ratings (ETFs, indices), NoData for an empty history, and the other SourceErrors;
    MalformedAnswer also where the request names no symbol, for the answer does not.
    """
    what = f"{NAME} {request.symbol or ''}".strip()
    module = require_member(find_result(payload, "quoteSummary", what), "upgradeDowngradeHistory", dict, what)
    history = require_member(module, "history", list, what)
    if not history:
        raise NoData(f"{what}: nobody has rated it yet")
    if not request.symbol:
        raise MalformedAnswer(f"{NAME}: the answer does not name its symbol; give it (--symbol AAPL)")
    require_fields(history, _FIELDS, what)
    if any(isinstance(entry, dict) and _TARGETS_BESIDE & entry.keys() for entry in history):
        require_fields(history, ("currentPriceTarget",), what)
    rows = Rows(NAME, "rating_actions")
    for entry in history:
        rows.read_row("rating_actions", entry, partial(_action_row, rows, request.symbol, entry))
    rows.require_rows("rating_actions", what)
    return rows.to_parsed()


def _action_row(rows: Rows, asked: str, entry: Any) -> dict[str, Any] | None:
    if not isinstance(entry, dict):
        raise BadCell(f"an entry is {quote_value(entry)}")
    rated_at = read_instant(_plain_value(entry.get("epochGradeDate")), "epochGradeDate")
    if rated_at < _FIRST_RATING:
        raise BadCell(f"epochGradeDate is {quote_value(entry.get('epochGradeDate'))}, before any rating")
    target = read_number(_plain_value(entry.get("currentPriceTarget")), "currentPriceTarget")
    to_grade = read_grade(entry.get("toGrade"), "toGrade")
    # Yahoo writes 0 where there is no target
    if to_grade is None and not target:
        if read_words(entry.get("toGrade"), "toGrade"):
            rows.count_note("coverage words, no rating")
            return None
        raise BadCell("neither a grade nor a target")
    return {
        "symbol": read_symbol(asked),
        "rated_at": rated_at,
        "rating_date": rated_at.astimezone(NEW_YORK).date(),
        "firm": read_words(entry.get("firm"), "firm"),
        "to_grade": to_grade,
        "from_grade": read_grade(entry.get("fromGrade"), "fromGrade"),
        "action": read_words(entry.get("action"), "action"),
        "price_target_usd": target or None,
        "available_at": rated_at,
    }


def _plain_value(value: Any) -> Any:
    """With formatted=true a number comes as {"raw": 1, "fmt": "1"}."""
    return value.get("raw") if isinstance(value, dict) else value
