"""One spelling for a symbol: a share class stands after a slash, a preferred after a caret (BRK/B, BAC^L).

A bare spelling (BRKB) cannot be told from another company's symbol by itself; the build resolves it
against the securities of its day.
"""

from __future__ import annotations

import re

_SYMBOL = re.compile(r"[A-Z0-9^][A-Z0-9^/.=_*+$-]{0,19}")
_CLASS = re.compile(r"([A-Z]{1,5})[./_-]([A-Z]{1,2})(?:[./_-]([A-Z]))?")
# Preferreds: NYSE writes BAC.PRL or BAC.PR.L, Yahoo BAC-PL, Nasdaq BAC^L.
_PREFERRED = re.compile(r"([A-Z]{1,5})(?:[./_-]PR[./_-]?|-P(?=[A-Z]))([A-Z]?)")

# Suffixes of other exchanges after a dot (Yahoo, Reuters, Stooq); none of them is a share class in New York.
_OTHER_EXCHANGE = re.compile(
    r"[^.]+\.(A[ESTX]|B[ADEKOR]|C[ALNOR]|D[EU]|F|H[AEKMU]|I[CLRS]|J[KOP]|K[LQSW]|L[S]?|M[CEIUX]|N[ESZ]|O[L]|P[ALS]"
    r"|Q[A]|R[GO]|S[AGINRSTWZ]|T[ALOW]?|U[K]|V[INS]|W[A]|X[CD])"
)

# What vendors call the indices (Yahoo, Stooq, FRED, Cboe), without a leading ^ . or $.
_INDEX_IDS = {
    "SPX": ("GSPC", "SP500", "INX", "SPX"),
    "COMP": ("IXIC", "NASDAQCOM", "COMPX", "NDQ", "COMP"),
    "DJI": ("DJIA", "INDU", "DJI"),
    "RUT": ("RUT", "RU2000"),
    "NDX": ("NDX", "NASDAQ100"),
    "MID": ("MID", "SP400"),
    "SML": ("SML", "SP600"),
    "RUI": ("RUI",),
    "RUA": ("RUA",),
    "VIX": ("VIX", "VIXCLS"),
    "RTY": ("RTY", "RTY=F"),
}
_INDEX_OF = {alias: index for index, aliases in _INDEX_IDS.items() for alias in aliases}
INDEX_ALIASES = frozenset(_INDEX_OF)
INDEX_IDS: tuple[str, ...] = tuple(_INDEX_IDS)


def canonical_symbol(symbol: str) -> str:
    """`symbol` in canonical form: upper case, BRK.B BRK-B BRK/B BRK_B all as BRK/B, BAC.PRL as BAC^L, AAPL.US as AAPL.
    The suffix of another exchange stays, with its dot: OCDO.L is no share class.

    Raises ValueError for a text that cannot be a symbol: empty, over 20 characters, or with
    characters that no exchange uses (blanks, quotes, semicolons, dots in a row).
    """
    text = _in_capitals(symbol).removesuffix(".US")
    if not _SYMBOL.fullmatch(text) or ".." in text:
        raise ValueError(f"{symbol[:40]!r} is no symbol")
    preferred = _PREFERRED.fullmatch(text)
    if preferred:
        return f"{preferred[1]}^{preferred[2]}"
    if _OTHER_EXCHANGE.fullmatch(text):
        return text
    match = _CLASS.fullmatch(text)
    return "/".join(part for part in match.groups() if part) if match else text


def index_id(symbol: str) -> str:
    """The id of an index, whatever a vendor calls it: ^GSPC, ^SPX and SP500 are SPX; another one keeps its name.

    Raises ValueError for a text that cannot be a symbol.
    """
    bare = _in_capitals(symbol).lstrip("^.$")
    return _INDEX_OF.get(bare) or canonical_symbol(bare)


def _in_capitals(symbol: str) -> str:
    """`symbol` without blanks around it, in capitals; as it is where it has letters of other alphabets, of which capitals may
    be those of a symbol (\u017f would be S, \ufb01 FI)."""
    text = symbol.strip()
    return text.upper() if text.isascii() else text
