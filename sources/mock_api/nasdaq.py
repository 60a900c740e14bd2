"""Nasdaq's stock screener and Nasdaq Trader's symbol directory."""

from __future__ import annotations

from typing import Any

from sources.mock_api.market import NEW_YORK, MarketView
from sources.mock_api.reply import Asked, Reply, html_reply, json_reply, text_reply

HOSTS = ("api.nasdaq.com", "www.nasdaqtrader.com")
_SCREENER = "/api/screener/stocks"
_NAMES = {
    "symbol": "Symbol",
    "name": "Name",
    "lastsale": "Last Sale",
    "netchange": "Net Change",
    "pctchange": "% Change",
    "volume": "Volume",
    "marketCap": "Market Cap",
    "country": "Country",
    "ipoyear": "IPO Year",
    "industry": "Industry",
    "sector": "Sector",
    "url": "Url",
}


def answer_request(asked: Asked, view: MarketView) -> Reply | None:
    if asked.host == HOSTS[0] and asked.path == _SCREENER:
        if "mozilla" not in asked.headers.get("user-agent", "").lower() or "accept-language" not in asked.headers:
            return html_reply("Access Denied", 403)
        return screener_reply(view)
    if asked.path == "/dynamic/symdir/nasdaqlisted.txt":
        return _directory_reply(view, "nasdaq")
    if asked.path == "/dynamic/symdir/otherlisted.txt":
        return _directory_reply(view, "nyse")
    return None


def screener_reply(view: MarketView, stale: bool = False) -> Reply:
    """The whole market as it stands; `stale` gives the session before, as the vendor does now and then."""
    rows = [_screener_row(bar, view.securities.get(bar["symbol"], {})) for bar in view.screener_rows(stale)]
    return json_reply(
        {
            "data": {"asOf": None, "headers": _NAMES, "rows": rows},
            "message": None,
            "status": {"rCode": 200, "bCodeMessage": None, "developerMessage": None},
        }
    )


def _screener_row(bar: dict[str, Any], security: dict[str, Any]) -> dict[str, str]:
    close, previous = bar["close"], bar["previous_close"]
    change = round(close - previous, 4) if previous else 0.0
    share = 100 * change / previous if previous else 0.0
    cap = bar["market_cap"]
    return {
        "symbol": bar["symbol"],
        "name": security.get("name") or "",
        "lastsale": f"${_format_money(close)}",
        "netchange": _format_money(change),
        "pctchange": f"{share:.3f}%",
        "volume": str(bar["volume"]),
        "marketCap": "" if cap is None else f"{cap:.2f}",
        "country": security.get("country") or "",
        "ipoyear": str(security.get("ipo_year") or ""),
        "industry": security.get("industry") or "",
        "sector": security.get("sector") or "",
        "url": f"/market-activity/stocks/{bar['symbol'].lower()}",
    }


def _format_money(value: float) -> str:
    """Two decimals, up to four where they are needed."""
    text = f"{value:.4f}"
    return text.removesuffix("00") if text.endswith("00") else text.removesuffix("0")


def _directory_reply(view: MarketView, exchange: str) -> Reply:
    listed = sorted((s, r) for s, r in view.securities.items() if r["exchange"] == exchange)
    made = f"File Creation Time: {view.answer_time.astimezone(NEW_YORK):%m%d%Y%H:%M}|||||||"
    if exchange == "nasdaq":
        head = "Symbol|Security Name|Market Category|Test Issue|Financial Status|Round Lot Size|ETF|NextShares"
        lines = [f"{_directory_symbol(s)}|{r['name']}|Q|N|N|100|{_etf_flag(r)}|N" for s, r in listed]
        lines.append("ZXZZT|NASDAQ TEST STOCK|G|Y|N|100|N|N")
    else:
        head = "ACT Symbol|Security Name|Exchange|CQS Symbol|ETF|Round Lot Size|Test Issue|NASDAQ Symbol"
        lines = [
            f"{_directory_symbol(s)}|{r['name']}|N|{_directory_symbol(s)}|{_etf_flag(r)}|100|N|{_directory_symbol(s)}"
            for s, r in listed
        ]
        lines.append("ZTEST|NYSE TEST STOCK|N|ZTEST|N|100|Y|ZTEST")
    return text_reply("\r\n".join([head, *lines, made]) + "\r\n")


def _directory_symbol(symbol: str) -> str:
    """Preferreds and share classes as the directory writes them: BAC$L, BRK.B."""
    return symbol.replace("^", "$").replace("/", ".")


def _etf_flag(security: dict[str, Any]) -> str:
    return "Y" if security["name"].endswith("ETF") else "N"
