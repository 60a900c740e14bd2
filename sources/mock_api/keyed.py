"""The APIs that want a key: FMP (grades, targets), Polygon (a session of the whole market), Tiingo (bars of a symbol).

Every key is good here but an empty one and `wrong`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from sources.mock_api.market import NEW_YORK, MarketView, Series, from_dashed_symbol, to_dashed_symbol
from sources.mock_api.reply import Asked, Reply, json_reply

HOSTS = ("financialmodelingprep.com", "api.polygon.io", "api.tiingo.com")
_GROUPED = "/v2/aggs/grouped/locale/us/market/stocks/"
_DAILY = "/tiingo/daily/"
_PRICES = ("open", "high", "low", "close")


def answer_request(asked: Asked, view: MarketView) -> Reply | None:
    if asked.host == "financialmodelingprep.com":
        return _answer_fmp(asked, view)
    if asked.host == "api.polygon.io" and asked.path.startswith(_GROUPED):
        return _answer_polygon(asked, view)
    if asked.host == "api.tiingo.com" and asked.path.startswith(_DAILY) and asked.path.endswith("/prices"):
        return _answer_tiingo(asked, view)
    return None


def _request_key(asked: Asked, *names: str) -> str:
    """The key of a request: from the query, or what stands after Bearer or Token."""
    given = next((asked.query[name] for name in names if name in asked.query), "")
    key = given or asked.headers.get("authorization", "").partition(" ")[2]
    return "" if key == "wrong" else key


def _answer_fmp(asked: Asked, view: MarketView) -> Reply | None:
    if not _request_key(asked, "apikey"):
        return json_reply({"Error Message": "Invalid API KEY. Feel free to create a Free API Key"}, 401)
    if asked.path.startswith(("/api/v3/", "/api/v4/")):
        return json_reply({"Error Message": "Legacy Endpoint : this address is no longer supported"}, 403)
    rows = view.ratings.get(from_dashed_symbol(asked.query.get("symbol", "")), [])
    if asked.path == "/stable/grades":
        return json_reply([_grade_entry(row) for row in reversed(rows)])
    if asked.path == "/stable/price-target-news":
        return json_reply([_target_entry(row, view) for row in reversed(rows)])
    return None


def _grade_entry(row: dict[str, Any]) -> dict[str, Any]:
    words = {"up": "upgrade", "down": "downgrade", "init": "initiate", "main": "maintain", "reit": "maintain"}
    return {
        "symbol": to_dashed_symbol(row["symbol"]),
        "date": row["rating_date"].isoformat(),
        "gradingCompany": row["firm"],
        "previousGrade": row["from_grade"] or "",
        "newGrade": row["to_grade"],
        "action": words.get(row["action"], ""),
    }


def _target_entry(row: dict[str, Any], view: MarketView) -> dict[str, Any]:
    series = view.find_series(row["symbol"], "equity_bars")
    posted: list[float] = []
    if series is not None:
        posted = series.prices["close"][series.slice_between(date.min, row["rating_date"])][-1:].tolist()
    return {
        "symbol": to_dashed_symbol(row["symbol"]),
        "publishedDate": f"{row['rated_at']:%Y-%m-%dT%H:%M:%S}.000Z",
        "newsTitle": "Simulated",
        "analystName": "Simulated Analyst",
        "priceTarget": row["price_target_usd"],
        "adjPriceTarget": row["price_target_usd"],
        "priceWhenPosted": posted[0] if posted else None,
        "newsPublisher": "Simulated",
        "analystCompany": row["firm"],
    }


def _answer_polygon(asked: Asked, view: MarketView) -> Reply:
    if not _request_key(asked, "apiKey"):
        return json_reply({"status": "ERROR", "request_id": "mock", "error": "Unknown API Key"}, 401)
    try:
        day = date.fromisoformat(asked.path.removeprefix(_GROUPED))
    except ValueError:
        return json_reply({"status": "ERROR", "request_id": "mock", "error": "The date is not valid"}, 400)
    adjusted = asked.query.get("adjusted", "true") != "false"
    stamp = int(datetime.combine(day, time(16), NEW_YORK).timestamp() * 1000)
    results = [_aggregate_entry(bar, stamp, view, adjusted) for bar in view.whole_market_bars(day)]
    counts = {"queryCount": len(results), "resultsCount": len(results), "adjusted": adjusted}
    return json_reply({**counts, "results": results, "status": "OK", "request_id": "mock", "count": len(results)})


def _aggregate_entry(bar: dict[str, Any], stamp: int, view: MarketView, adjusted: bool) -> dict[str, Any]:
    factor = 1.0
    if adjusted:
        series = view.find_series(bar["symbol"], "equity_bars")
        factor = (
            float(series.factor[series.slice_between(bar["session_date"], bar["session_date"])][0]) if series else 1.0
        )
    letters = {"o": "open", "h": "high", "l": "low", "c": "close"}
    prices = {letter: bar[name] / factor for letter, name in letters.items()}
    ticker = bar["symbol"].replace("/", ".").replace("^", "p")
    return {"T": ticker, "v": bar["volume"] * factor, "vw": prices["c"], **prices, "t": stamp, "n": 1000}


def _answer_tiingo(asked: Asked, view: MarketView) -> Reply:
    if not _request_key(asked, "token"):
        return json_reply({"detail": "Please supply a token"}, 401)
    ticker = asked.path.removeprefix(_DAILY).removesuffix("/prices")
    symbol = ticker.upper().replace("-P-", "^").replace("-", "/")
    series = view.find_series(symbol, "sector_bars") or view.find_series(symbol, "equity_bars")
    if series is None:
        return json_reply({"detail": f"Error: Ticker '{ticker}' not found"}, 404)
    shown = series.slice_between(asked.date_parameter("startDate", view.end), asked.date_parameter("endDate", view.end))
    return json_reply([_daily_entry(series, place) for place in range(len(series.days))[shown]])


def _daily_entry(series: Series, place: int) -> dict[str, Any]:
    day, factor = series.days[place], float(series.factor[place])
    raw = {name: float(series.prices[name][place]) for name in _PRICES}
    adjusted = {f"adj{name.capitalize()}": value / factor for name, value in raw.items()}
    ratio = next((s["numerator"] / s["denominator"] for s in series.splits if s["ex_date"] == day), 1.0)
    paid = next((d["amount_usd"] for d in series.dividends if d["ex_date"] == day), 0.0)
    at = datetime.combine(day, time(0), UTC)
    return {
        "date": f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
        **raw,
        "volume": int(series.volume[place]),
        **adjusted,
        "adjVolume": int(series.volume[place] * factor),
        "divCash": paid,
        "splitFactor": ratio,
    }
