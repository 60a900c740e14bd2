"""One spelling for a symbol: a share class stands after a slash, as in BRK/B.

A bare spelling (BRKB) cannot be told from another company's symbol by itself; the build resolves it
against the securities of its day.
"""

from __future__ import annotations

import re

_CLASS = re.compile(r"^([A-Z]{1,5})[./_-]([A-Z]{1,2})$")
_SYMBOL = re.compile(r"^[A-Z0-9^][A-Z0-9^/.=_*+$-]{0,19}$")


def canonical(symbol: str) -> str:
    """`symbol` in canonical form: upper case, BRK.B BRK-B BRK/B BRK_B all as BRK/B.

    Raises ValueError for a text that cannot be a symbol: empty, over 20 characters, or with
    characters that no exchange uses (blanks, quotes, semicolons, dots in a row).
    """
    text = symbol.strip().upper()
    if not _SYMBOL.match(text) or ".." in text:
        raise ValueError(f"{symbol[:40]!r} is no symbol")
    match = _CLASS.match(text)
    return f"{match[1]}/{match[2]}" if match else text
