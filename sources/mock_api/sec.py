"""SEC EDGAR: the map of tickers and the facts of a company."""

from __future__ import annotations

from typing import Any

from sources.mock_api.market import MarketView, to_dashed_symbol
from sources.mock_api.reply import Asked, Reply, html_reply, json_reply, xml_reply

HOSTS = ("data.sec.gov", "www.sec.gov")
# no real company has a CIK of this size yet
_FIRST_CIK = 9_000_000_000
_TAGS = {
    "revenue": ("us-gaap", "RevenueFromContractWithCustomerExcludingAssessedTax"),
    "net_income": ("us-gaap", "NetIncomeLoss"),
    "eps_diluted": ("us-gaap", "EarningsPerShareDiluted"),
    "shares_diluted": ("us-gaap", "WeightedAverageNumberOfDilutedSharesOutstanding"),
}


def answer_request(asked: Asked, view: MarketView) -> Reply | None:
    if "@" not in asked.headers.get("user-agent", ""):
        return html_reply("Your Request Originates from an Undeclared Automated Tool", 403)
    if asked.path == "/files/company_tickers.json":
        return json_reply(
            {
                str(place): {
                    "cik_str": _FIRST_CIK + number,
                    "ticker": to_dashed_symbol(symbol),
                    "title": _company_title(view, symbol),
                }
                for place, (symbol, number) in enumerate(view.company_numbers.items())
            }
        )
    if asked.path.startswith("/api/xbrl/companyfacts/CIK"):
        return _facts_reply(asked.path, view)
    return None


def _company_title(view: MarketView, symbol: str) -> str:
    return str(view.securities[symbol]["name"]).upper()


def _facts_reply(path: str, view: MarketView) -> Reply:
    digits = path.removeprefix("/api/xbrl/companyfacts/CIK").removesuffix(".json")
    symbols = {_FIRST_CIK + number: symbol for symbol, number in view.company_numbers.items()}
    symbol = symbols.get(int(digits)) if digits.isdigit() else None
    if symbol is None:
        return xml_reply(
            '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>'
            "<Message>The specified key does not exist.</Message></Error>",
            404,
        )
    facts: dict[str, Any] = {}
    for row in view.company_reports[symbol]:
        space, tag = _TAGS[row["concept"]]
        units = facts.setdefault(space, {}).setdefault(tag, {"label": tag, "description": "Simulated", "units": {}})
        units["units"].setdefault(row["unit"], []).append(_fact_entry(row, int(digits)))
    return json_reply({"cik": int(digits), "entityName": _company_title(view, symbol), "facts": facts})


def _fact_entry(row: dict[str, Any], cik: int) -> dict[str, Any]:
    _, _, year, quarter = row["accession"].split("-")
    value = row["value"]
    return {
        "start": row["period_start"].isoformat(),
        "end": row["period_end"].isoformat(),
        "val": int(value) if row["unit"] != "USD/shares" else value,
        "accn": f"{cik:010d}-{year}-{int(quarter):06d}",
        "fy": row["period_end"].year,
        "fp": "FY" if row["form"] == "10-K" else f"Q{quarter}",
        "form": row["form"],
        "filed": row["filed_date"].isoformat(),
    }
