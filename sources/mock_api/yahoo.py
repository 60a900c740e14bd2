"""Yahoo as it answers: charts (prices adjusted for later splits), cookie, crumb, analysts' ratings."""

from __future__ import annotations

import hashlib
import threading
from datetime import UTC, date, datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from itertools import count
from typing import Any

from sources.mock_api.market import NEW_YORK, MarketView, Series, opening_epoch
from sources.mock_api.reply import Asked, Reply, json_reply, text_reply

HOSTS = ("query1.finance.yahoo.com", "query2.finance.yahoo.com", "fc.yahoo.com")
_CHART = "/v8/finance/chart/"
_SUMMARY = "/v10/finance/quoteSummary/"
_INDICES = {
    "^GSPC": "SPX",
    "^IXIC": "COMP",
    "^DJI": "DJI",
    "^RUT": "RUT",
    "^NDX": "NDX",
    "^SP400": "MID",
    "^SP600": "SML",
    "^RUI": "RUI",
    "^RUA": "RUA",
    "^VIX": "VIX",
    "RTY=F": "RTY",
}
_KINDS = {"index_bars": "INDEX", "sector_bars": "ETF", "equity_bars": "EQUITY"}


class Visitors:
    """The cookies that are good, each with its crumb."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._crumbs: dict[str, str] = {}

    def new_cookie(self) -> str:
        with self._lock:
            cookie = f"d=mock{next(self._numbers):06d}"
            digest = hashlib.sha256(cookie.encode()).hexdigest()
            self._crumbs[cookie] = digest[:11]
            return cookie

    def crumb_of_request(self, asked: Asked) -> str | None:
        """The crumb that belongs to the request's cookie; None where the cookie is absent or no longer good."""
        try:
            sent = SimpleCookie(asked.headers.get("cookie", ""))
        except CookieError:
            return None
        return self._crumbs.get(sent["A3"].value) if "A3" in sent else None

    def expire_cookies(self) -> None:
        with self._lock:
            self._crumbs.clear()


def answer_visit(asked: Asked, visitors: Visitors) -> Reply | None:
    """What does not depend on any data: the refusal of plain clients, the cookie, the crumb. None for all else."""
    if "mozilla" not in asked.headers.get("user-agent", "").lower():
        return text_reply("Edge: Too Many Requests", 429)
    if asked.host == "fc.yahoo.com":
        cookie = f"A3={visitors.new_cookie()}; Max-Age=31557600; Path=/; HttpOnly"
        return text_reply("Not Found", 404, **{"Set-Cookie": cookie})
    crumb = visitors.crumb_of_request(asked)
    if asked.path == "/v1/test/getcrumb":
        return text_reply("Too Many Requests\n", 429) if crumb is None else text_reply(crumb)
    if asked.path.startswith(_SUMMARY) and crumb is None:
        return refused_reply("Invalid Cookie")
    if asked.path.startswith(_SUMMARY) and asked.query.get("crumb") != crumb:
        return refused_reply("Invalid Crumb")
    return None


def answer_request(asked: Asked, view: MarketView) -> Reply | None:
    """The data of a Yahoo host for one who has visited; None for an address that it does not have."""
    if asked.path.startswith(_CHART):
        return chart_reply(asked, view)
    return _summary_reply(asked, view) if asked.path.startswith(_SUMMARY) else None


def _canonical_symbol(spelling: str) -> str:
    stem, dash, tail = spelling.rpartition("-")
    if dash and tail.startswith("P") and len(tail) <= 2:
        return f"{stem}^{tail[1:]}"
    return spelling.replace("-", "/")


def _find_series(spelling: str, view: MarketView) -> Series | None:
    if spelling in _INDICES:
        return view.find_series(_INDICES[spelling], "index_bars")
    return view.find_series(spelling, "sector_bars") or view.find_series(_canonical_symbol(spelling), "equity_bars")


def chart_reply(asked: Asked, view: MarketView) -> Reply:
    """The bars between period1 and period2; the key `timestamp` is absent where there are none."""
    spelling = asked.path.removeprefix(_CHART).upper()
    series = _find_series(spelling, view)
    if series is None:
        return _not_found_reply("chart", "No data found, symbol may be delisted")
    start, stop = (
        _period_day(asked.query.get("period1"), date(1970, 1, 1)),
        _period_day(asked.query.get("period2"), date.max),
    )
    shown = series.slice_between(start, stop)
    days = series.days[shown]
    result: dict[str, Any] = {"meta": _chart_meta(spelling, series, shown, view)}
    if not days:
        result["indicators"] = {"quote": [{}]}
        return _wrap_result("chart", result)
    # futures are stamped at midnight, all else at the opening
    result["timestamp"] = [opening_epoch(day) - (34_200 if "=F" in spelling else 0) for day in days]
    events = _chart_events(series, days, asked.query.get("events", ""))
    if events:
        result["events"] = events
    factor = series.factor[shown]
    quote: dict[str, Any] = {name: (values[shown] / factor).tolist() for name, values in series.prices.items()}
    quote["volume"] = (series.volume[shown] * factor).round().astype("int64").tolist()
    result["indicators"] = {"quote": [quote], "adjclose": [{"adjclose": quote["close"]}]}
    return _wrap_result("chart", result)


def _period_day(text: str | None, otherwise: date) -> date:
    """The day of an epoch; a far future is the end of time."""
    try:
        return datetime.fromtimestamp(int(text or ""), UTC).astimezone(NEW_YORK).date()
    except (ValueError, OverflowError, OSError):
        return otherwise


def _chart_meta(spelling: str, series: Series, shown: slice, view: MarketView) -> dict[str, Any]:
    opened = opening_epoch(series.days[-1])
    offset = int((view.answer_time.astimezone(NEW_YORK).utcoffset() or timedelta()).total_seconds())
    before = max(shown.start - 1, 0)
    last = float(series.prices["close"][-1])
    hours = {"timezone": "EST", "start": opened, "end": opened + 23400, "gmtoffset": offset}
    return {
        "currency": "USD",
        "symbol": spelling,
        "exchangeName": "SIM",
        "fullExchangeName": "Simulated",
        "instrumentType": "FUTURE" if "=F" in spelling else _KINDS[series.kind],
        "firstTradeDate": opening_epoch(series.days[0]),
        # the last trade: at the close of 16:00, of futures at 17:00
        "regularMarketTime": opened + (27001 if "=F" in spelling else 23401),
        "hasPrePostMarketData": False,
        "gmtoffset": offset,
        "timezone": "EST",
        "exchangeTimezoneName": "America/New_York",
        "regularMarketPrice": last,
        "longName": f"Simulated {spelling}",
        "chartPreviousClose": float(series.prices["close"][before] / series.factor[before]),
        "priceHint": 2,
        "currentTradingPeriod": {"pre": hours, "regular": hours, "post": hours},
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }


def _chart_events(series: Series, days: list[date], wanted: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    inside = (days[0], days[-1])
    if "div" in wanted:
        paid = [d for d in series.dividends if inside[0] <= d["ex_date"] <= inside[1]]
        # amounts are adjusted for later splits, as prices are
        factor = {d["ex_date"]: float(series.factor[series.slice_between(d["ex_date"], d["ex_date"])][0]) for d in paid}
        found["dividends"] = {
            str(opening_epoch(d["ex_date"])): {
                "amount": d["amount_usd"] / factor[d["ex_date"]],
                "date": opening_epoch(d["ex_date"]),
            }
            for d in paid
        }
    if "split" in wanted:
        found["splits"] = {
            str(opening_epoch(s["ex_date"])): {
                "date": opening_epoch(s["ex_date"]),
                "numerator": s["numerator"],
                "denominator": s["denominator"],
                "splitRatio": f"{s['numerator']}:{s['denominator']}",
            }
            for s in series.splits
            if inside[0] <= s["ex_date"] <= inside[1]
        }
    return {name: events for name, events in found.items() if events}


def _summary_reply(asked: Asked, view: MarketView) -> Reply:
    symbol = _canonical_symbol(asked.path.removeprefix(_SUMMARY).upper())
    if view.find_series(symbol, "equity_bars") is None:
        words = "No fundamentals data found for any of the summaryTypes=upgradeDowngradeHistory"
        return _not_found_reply("quoteSummary", words)
    history = [
        {
            "epochGradeDate": int(row["rated_at"].timestamp()),
            "firm": row["firm"],
            "toGrade": row["to_grade"],
            "fromGrade": row["from_grade"] or "",
            "action": row["action"] or "",
        }
        for row in reversed(view.ratings[symbol])
    ]
    return _wrap_result("quoteSummary", {"upgradeDowngradeHistory": {"history": history, "maxAge": 86400}})


def refused_reply(words: str) -> Reply:
    return json_reply({"finance": {"result": None, "error": {"code": "Unauthorized", "description": words}}}, 401)


def _wrap_result(name: str, result: dict[str, Any]) -> Reply:
    return json_reply({name: {"result": [result], "error": None}})


def _not_found_reply(name: str, words: str) -> Reply:
    return json_reply({name: {"result": None, "error": {"code": "Not Found", "description": words}}}, 404)
