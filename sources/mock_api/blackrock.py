"""BlackRock's holdings of IWM and IVV as CSV, with everything around the list that makes it hard to read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sources.mock_api.market import MarketView
from sources.mock_api.reply import Asked, Reply, html_reply

HOSTS = ("www.blackrock.com",)
_PATH = "/varnish-api/blk-one01-product-data/product-data/api/v1/get-fund-document"
_FUNDS = {"239710": ("russell2000", "iShares Russell 2000 ETF"), "239726": ("sp500", "iShares Core S&P 500 ETF")}
_HEADER = (
    "Ticker,Name,Sector,Asset Class,Market Value,Weight (%),Notional Value,Quantity,Price,Location,Exchange,Currency,"
    "FX Rate,Market Currency,Accrual Date"
)
_BLANK = "\u00a0"
_FEET = (
    '"CASH","USD CASH","Cash and/or Derivatives","Cash","1,234,567.00","0.01","1,234,567.00","1,234,567.00","100.00",'
    '"United States","-","USD","1.00","USD","-"',
    '"-","SIMULATED CONTINGENT VALUE PRVT","Health Care","Equity","1.31","0.00","1.31","130,676.00","0.00",'
    '"United States","NO MARKET (E.G. UNLISTED)","USD","1.00","USD","-"',
    '"SIMZ9","SIMULATED EMINI FUTURE","Cash and/or Derivatives","Futures","0.00","0.00","2,304,663.00","19.00",'
    '"2,466.20","-","Simulated Mercantile Exchange","USD","1.00","USD","-"',
)
_SMALL_PRINT = '"The figures above are simulated.\nNo fund holds them, and ""past performance"" of them means nothing."'


def answer_request(asked: Asked, view: MarketView) -> Reply | None:
    if asked.path != _PATH:
        # the address of old answers 200 with a page
        return html_reply("iShares by BlackRock") if asked.path.endswith(".ajax") else None
    fund = _FUNDS.get(asked.query.get("portfolioId", ""))
    if fund is None or asked.query.get("component") != "holdings":
        return html_reply("Page not found", 404)
    day = _parse_day(asked.query.get("asOfDate", ""), view.end)
    return Reply(_holdings_csv(fund, day, view).encode(), content_type="text/csv; charset=utf-8")


def _parse_day(text: str, otherwise: date) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return otherwise


def _holdings_csv(fund: tuple[str, str], day: date, view: MarketView) -> str:
    members = view.member_rows(fund[0], day)
    shown = f"{day:%b %d, %Y}" if members else "-"
    head = [
        f"\ufeff{fund[1]}",
        f'Fund Holdings as of,"{shown}"',
        'Inception Date,"May 22, 2000"',
        'Shares Outstanding,"1,000,000.00"',
        'Stock,"-"',
        'Bond,"-"',
        'Cash,"-"',
        'Other,"-"',
        _BLANK,
    ]
    if not members:
        return "\n".join([*head, _HEADER, _BLANK, _SMALL_PRINT]) + "\n"
    lines = [_csv_line(row) for row in sorted(members, key=lambda row: -row["weight_pct"])]
    return "\n".join([*head, _HEADER, *lines, *_FEET, _BLANK, _SMALL_PRINT]) + "\n"


def _csv_line(row: dict[str, Any]) -> str:
    worth = f"{row['price'] * row['quantity']:,.2f}"
    sector = "Communication" if row["sector"] == "Communication Services" else row["sector"]
    cells = (
        # a share class has no separator here
        row["symbol"].replace("/", ""),
        row["name"].upper()[:35],
        sector,
        "Equity",
        worth,
        f"{row['weight_pct']:.2f}",
        worth,
        f"{row['quantity']:,.2f}",
        f"{row['price']:,.2f}",
        "United States",
        "NASDAQ",
        "USD",
        "1.00",
        "USD",
        "-",
    )
    return ",".join(f'"{cell}"' for cell in cells)
