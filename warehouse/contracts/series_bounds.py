"""How large the values of known macro series can be; of another series nothing is known."""

from __future__ import annotations

from warehouse.contracts.contract import SeriesWithin

# of the United States alone, where none was ever above 30 %; another country's may be of any size
_PERCENT = (
    *("FEDFUNDS", "DFF", "EFFR", "OBFR", "SOFR", "BGCR", "TGCR", "DFEDTAR", "DFEDTARL", "DFEDTARU", "IORB", "DPRIME"),
    *("SOFR30DAYAVG", "SOFR90DAYAVG", "SOFR180DAYAVG", "TB3MS", "DTB3", "FEDTARMD", "GDPC1MD", "UNRATE"),
    *(f"DGS{term}" for term in ("1MO", "3MO", "6MO", "1", "2", "3", "5", "7", "10", "20", "30")),
    *("T10Y2Y", "T10Y3M", "AAA", "BAA", "AAA10Y", "BAA10Y"),
)
# millions or billions of dollars
_DOLLARS = ("GDP", "GDPC1", "RRPONTSYD", "WALCL", "WRESBAL")

SERIES_BOUNDS = (
    SeriesWithin("percent", "value", "series_id", _PERCENT, 100.0),
    SeriesWithin("dollars", "value", "series_id", _DOLLARS, 1e9),
)
