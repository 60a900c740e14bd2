"""The contracts of daily bars, and what other datasets share with them: symbols and prices."""

from __future__ import annotations

from dataclasses import replace

from warehouse.contracts.contract import Column, Contract, LargeMove, NotInFuture, OnSession, Ordered, PaidAtMost

_PRICE = "price in the series' own currency or points"
# No price paid for a share was ever above 1e8, no target above a tenth of that; adjustment for the splits and dividends of
# decades may multiply. Prices are computed in whole millionths, so that less than one is none.
_LEAST_PRICE, MOST_TARGET, MOST_PAID, _MOST_ADJUSTED = 1e-6, 1e7, 1e8, 1e12


def price_column(name: str, description: str, required: bool = False) -> Column:
    """A column of prices, in the series' own currency or points."""
    return Column(
        name, "float", description, unit=_PRICE, required=required, minimum=_LEAST_PRICE, maximum=_MOST_ADJUSTED
    )


SYMBOL = Column("symbol", "string", "Symbol in canonical form (share class after a slash: BRK/B).", required=True)
_BASES = ("raw", "split", "total_return")

_BAR_COLUMNS = (
    SYMBOL,
    Column("session_date", "date", "Session of the exchange calendar.", required=True),
    Column(
        "basis", "string", "How prices are adjusted: raw, split, or total_return.", required=True, vocabulary=_BASES
    ),
    price_column("open", "First price; null where the vendor gives closes only."),
    price_column("high", "Highest price; null where the vendor gives closes only."),
    price_column("low", "Lowest price; null where the vendor gives closes only."),
    price_column("close", "Last price of the session.", required=True),
    price_column(
        "previous_close", "Close of the session before as the vendor states it, split on the day allowed for."
    ),
    Column("volume", "integer", "Shares traded.", unit="shares", minimum=0, maximum=1e11),
    Column(
        "market_cap", "float", "Market capitalisation as the vendor states it.", unit="USD", minimum=0, maximum=5e13
    ),
    Column("is_final", "boolean", "False for a bar fetched before its session had closed.", required=True),
)
_BAR_RULES = (
    Ordered("low", "open"),
    Ordered("close", "high"),
    Ordered("low", "close"),
    Ordered("open", "high"),
    OnSession("session_date"),
    NotInFuture("session_date"),
    LargeMove("close", "previous_close", 100.0),
    PaidAtMost(("open", "high", "low", "close", "previous_close"), MOST_PAID),
)


def _bars_contract(
    name: str, what: str, columns: tuple[Column, ...] = _BAR_COLUMNS, count_change_limit: float | None = None
) -> Contract:
    return Contract(
        name=name,
        description=f"Daily bars of {what}, as the vendor gave them.",
        grain="symbol x session x source x basis",
        licence="The vendor's terms; for your own use unless they say otherwise.",
        columns=columns,
        key=("symbol", "session_date", "source", "basis"),
        year_column="session_date",
        rules=_BAR_RULES,
        fresh_within_sessions=5,
        count_change_limit=count_change_limit,
    )


# an index is never adjusted over so many splits that its level leaves what is paid
_INDEX_COLUMNS = tuple(
    replace(column, maximum=MOST_PAID)
    if column.unit == _PRICE
    # returns of indices are price returns: one with dividends is another index
    else replace(column, description="raw: as it is published.", vocabulary=("raw",))
    if column.name == "basis"
    else column
    for column in _BAR_COLUMNS
)

INDEX_BARS = _bars_contract("index_bars", "indices", _INDEX_COLUMNS)
SECTOR_BARS = _bars_contract("sector_bars", "sector, size and style ETFs")
EQUITY_BARS = _bars_contract("equity_bars", "stocks", count_change_limit=0.2)
