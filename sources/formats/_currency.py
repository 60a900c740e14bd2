"""A currency in a column's header, such as `Close €` or `Price GBP`: other than dollars is refused, for nothing says its rate."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sources.formats._base import Context, Field

_CODES = (
    "EUR|GBP|GBX|JPY|CHF|CAD|AUD|NZD|CNY|CNH|RMB|HKD|TWD|KRW|INR|SGD|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|RUB|TRY|ILS|ZAR|BRL|MXN|"
    "THB|IDR|MYR|PHP|VND|AED|SAR|euros?|pence|sterling|yen|yuan|rupees?"
)
_SIGNS = "€£¥₹₩₽₺₪₫฿₴₦"
_FOREIGN = re.compile(
    rf"[{_SIGNS}]|(?<![a-z])(?:{_CODES})(?![a-z])|(?<![a-z])(?:AU?|CA?|CAN|HK|MX|NT|NZ|R|S)\$", re.IGNORECASE
)
# An index is in points of its own, and a series in its own unit.
_OF_NO_CURRENCY = ("index_bars", "macro_observations")


def foreign_currency(header: str) -> str:
    """The sign or word in `header` of a currency other than the dollar; '' where there is none."""
    found = _FOREIGN.search(header)
    return found[0] if found else ""


def refuse_foreign_headers(chosen: Mapping[Field, int], header: Sequence[str], context: Context) -> None:
    """Raises FormatError for a column of numbers whose header names another currency than the dollar, or than `currency`."""
    if context.dataset in _OF_NO_CURRENCY or context.option_value("currency"):
        return
    for field, place in chosen.items():
        sign = foreign_currency(header[place])
        if sign and field.kind in ("number", "count") and field in context.format.fields:
            advice = (
                "say --currency"
                if "currency" in context.format.options
                else "convert it, and name the column without it"
            )
            raise context.format_error(f"column {header[place]!r} is in {sign}, and {field.name} is in USD; {advice}")
