"""What the two Yahoo adapters share: hosts, headers, spelling of symbols, and the envelope around every answer."""

from __future__ import annotations

import re
from typing import Any

from sources.parsing.documents import parse_json, refuse_envelope, require_member
from sources.parsing.values import BadCell, quote_value
from warehouse.errors import NoData
from warehouse.symbols import canonical_symbol, index_id

CHART_HOST = "query1.finance.yahoo.com"
SUMMARY_HOST = "query2.finance.yahoo.com"
HEADERS = {"Accept": "application/json,text/plain,*/*", "Accept-Language": "en-US,en;q=0.9"}

_INDICES = {
    "SPX": "^GSPC",
    "COMP": "^IXIC",
    "DJI": "^DJI",
    "RUT": "^RUT",
    "NDX": "^NDX",
    "MID": "^SP400",
    "SML": "^SP600",
    "RUI": "^RUI",
    "RUA": "^RUA",
    "VIX": "^VIX",
    "RTY": "RTY=F",
}
_FROM_YAHOO = {spelling: index for index, spelling in _INDICES.items()} | {"^MID": "MID", "^SML": "SML", "^SPX": "SPX"}
_PREFERRED = re.compile(r"^([A-Z]{1,5})\^([A-Z]?)$")


def to_yahoo_symbol(symbol: str, dataset: str) -> str:
    """Yahoo's spelling of a canonical symbol: SPX is ^GSPC, BRK/B is BRK-B, BAC^L is BAC-PL."""
    if dataset == "index_bars" and symbol in _INDICES:
        return _INDICES[symbol]
    preferred = _PREFERRED.match(symbol)
    if preferred:
        return f"{preferred[1]}-P{preferred[2]}"
    return symbol.replace("/", "-")


def from_yahoo_symbol(spelling: Any, is_index: bool) -> str:
    """Our symbol for Yahoo's, which writes a share class with a hyphen: after a dot stands another exchange.
    Raises BadCell for what is none."""
    if not isinstance(spelling, str):
        raise BadCell(f"symbol is {quote_value(spelling)}, no symbol")
    if spelling in _FROM_YAHOO:
        return _FROM_YAHOO[spelling]
    try:
        if is_index:
            return index_id(spelling)
        name, _, exchange = spelling.partition(".")
        return f"{canonical_symbol(name)}.{canonical_symbol(exchange)}" if exchange else canonical_symbol(spelling)
    except ValueError as error:
        raise BadCell(f"symbol {quote_value(spelling)} is no symbol") from error


def find_result(payload: bytes, name: str, what: str) -> dict[str, Any]:
    """`{name: {"result": [x], "error": null}}` gives x. Raises what the envelope says, NoData where it is empty."""
    document = parse_json(payload, what)
    refuse_envelope(document, what)
    envelope = require_member(document, name, dict, what)
    if not envelope.get("result"):
        raise NoData(f"{what}: the answer holds no result; check the symbol and the dates")
    result = require_member(envelope, "result", list, what)
    return {"": result[0]} if not isinstance(result[0], dict) else result[0]
