"""Who is listed in the simulated market and when: companies, symbols, sectors, listings and delistings.

A slot holds one company at a time for the whole span of the market; when the company leaves, a new one takes its place
after a gap. So the number of listed companies stays level, and nothing depends on where a caller stops looking.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from warehouse import calendar

EPOCH = date(2014, 1, 2)
# the random numbers of the whole span are drawn at once: another end would be another market
LAST_DAY = date(2027, 6, 30)

GICS = (
    "Information Technology",
    "Financials",
    "Health Care",
    "Industrials",
    "Consumer Discretionary",
    "Consumer Staples",
    "Communication Services",
    "Energy",
    "Materials",
    "Real Estate",
    "Utilities",
)
NASDAQ_SECTOR = (
    "Technology",
    "Finance",
    "Health Care",
    "Industrials",
    "Consumer Discretionary",
    "Consumer Staples",
    "Telecommunications",
    "Energy",
    "Basic Materials",
    "Real Estate",
    "Utilities",
)
INDUSTRIES = (
    ("Software", "Semiconductors", "Hardware", "Networks"),
    ("Banking", "Insurance", "Brokerage", "Lending"),
    ("Biotech", "Devices", "Hospitals", "Diagnostics"),
    ("Aerospace", "Railways", "Machinery", "Logistics"),
    ("Retail", "Apparel", "Automobiles", "Restaurants"),
    ("Groceries", "Beverages", "Household"),
    ("Telecom", "Media", "Games"),
    ("Oil", "Gas", "Drilling"),
    ("Aluminium", "Chemicals", "Copper", "Timber"),
    ("Office REIT", "Warehouse REIT", "Housing REIT"),
    ("Power", "Water", "Grid"),
)
# sectors of successive slots: about the shares that they have among listed companies
_PATTERN = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 3, 0, 2, 1, 4, 0, 3)
_FORMS = ("Corp. Common Stock", "Inc. Common Stock", "Holdings Inc. Class A Common Stock", "PLC Ordinary Shares")
_COUNTRIES = ("United States",) * 9 + ("Ireland",)
# (kind, symbol's ending, name's ending): what is listed beside common stock, which `all` leaves out
_OTHERS = (
    ("warrant", "W", "Corp. Warrant"),
    ("preferred", "^A", "Corp. 6.50% Series A Preferred Stock"),
    ("depositary", "Y", "PLC American Depositary Shares"),
    ("fund", "X", "Income Fund"),
    ("etf", "F", "Index ETF"),
    ("unit", "U", "Acquisition Corp. Unit"),
    ("note", "N", "Corp. 5.25% Notes due 2060"),
)
# share of the companies that are larger -> market cap in USD when the market has doubled since the epoch
_CAP_RANKS = (0.0, 0.006, 0.02, 0.09, 0.23, 0.45, 0.70, 1.0)
_CAP_LOG10 = (12.5, 11.9, 11.3, 10.7, 10.0, 9.3, 8.7, 7.6)
_NEVER = 1_000_000

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Listing:
    """A symbol's use by one company; `start` and `stop` number sessions of the market, stop exclusive."""

    slot: int
    company: int
    symbol: str
    name: str
    kind: str
    exchange: str
    country: str
    industry: str
    start: int
    stop: int
    changed_from: str | None = None


@dataclass(frozen=True)
class Universe:
    """All listings of the market's whole span; arrays are by slot."""

    calendar: tuple[date, ...]
    listings: tuple[Listing, ...]
    stocks: int
    slots: int
    sector: IntArray
    target_cap: FloatArray
    large: int
    small: int


def random_stream(seed: int, *path: int) -> np.random.Generator:
    """An own stream of random numbers for each purpose, so that one purpose never shifts another's numbers."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *path])))


@lru_cache(maxsize=1)
def market_sessions() -> tuple[date, ...]:
    """The sessions of the whole span: always all of them, whatever a caller wants to see."""
    return tuple(calendar.sessions_between(EPOCH, LAST_DAY))


def make_universe(seed: int, stocks: int) -> Universe:
    """The market's listings for `stocks` companies at a time and a twentieth as many other securities."""
    others = max(len(_OTHERS), stocks // 20)
    slots = stocks + others
    rng = random_stream(seed, 1)
    ranks = (np.arange(stocks) + 0.5) / stocks
    log_caps = np.interp(ranks, _CAP_RANKS, _CAP_LOG10) + 0.1 * (rng.random(stocks) - 0.5)
    # three digits: pow() may differ in its last bit between machines
    caps = [float(f"{0.5 * 10.0**x:.3g}") for x in log_caps] + [1.5e8] * others
    sector = np.array([_PATTERN[i % len(_PATTERN)] for i in range(slots)], dtype=np.int64)
    listings: list[Listing] = []
    for slot in range(slots):
        listings += _slot_listings(random_stream(seed, 2, slot), slot, int(sector[slot]), stocks, slots)
    large = max(len(_PATTERN), stocks // 4)
    return Universe(
        market_sessions(),
        tuple(listings),
        stocks,
        slots,
        sector,
        np.array(caps),
        large,
        min(stocks // 2, stocks - large),
    )


def _slot_listings(rng: np.random.Generator, slot: int, sector: int, stocks: int, slots: int) -> list[Listing]:
    """The companies of a slot, one after the other, up to the end of the market."""
    special = slot - stocks // 3
    found: list[Listing] = []
    start, tenancy, reused = 0, 0, ""
    while start < len(market_sessions()):
        first = tenancy == 0
        life = int(rng.integers(1, 5500) if first else rng.integers(250, 5500))
        gap = int(rng.integers(25, 120))
        reuses = bool(rng.random() < 0.1)
        company = tenancy * slots + slot
        listing = _new_listing(rng, slot, company, sector, stocks, start, reused)
        if special == 0:
            # a symbol that is used again each time, after more than the 21 sessions that part two companies
            life, gap, reuses = 200 + life % 60, 30 + gap % 30, True
        if special == 1:
            # a company that changes its symbol about once a year and stays
            found += _rename_listings(listing, 220 + life % 60, slots)
            break
        if special == 2:
            # the company of the regular splits stays
            life = _NEVER
        found.append(Listing(**{**vars(listing), "stop": start + life}))
        reused = listing.symbol if reuses else ""
        start, tenancy = start + life + gap, tenancy + 1
    return found


def _rename_listings(listing: Listing, every: int, slots: int) -> list[Listing]:
    found: list[Listing] = []
    start, symbol = 0, listing.symbol
    previous: str | None = None
    while start < len(market_sessions()):
        change = {"symbol": symbol, "start": start, "stop": start + every, "changed_from": previous}
        found.append(Listing(**{**vars(listing), **change}))
        previous, start = symbol, start + every
        symbol = _symbol_letters(len(found) * slots + listing.slot)
    return found


def _new_listing(
    rng: np.random.Generator, slot: int, company: int, sector: int, stocks: int, start: int, reused: str
) -> Listing:
    """A new company of a slot: its symbol (the one to be used again, if given), name, exchange."""
    industries = INDUSTRIES[sector]
    industry = industries[int(rng.integers(len(industries)))]
    form = _FORMS[int(rng.integers(len(_FORMS)))]
    exchange = ("nasdaq", "nyse")[int(rng.integers(2))]
    country = _COUNTRIES[int(rng.integers(len(_COUNTRIES)))]
    symbol, kind = _symbol_letters(company), "stock"
    if slot >= stocks:
        kind, ending, form = _OTHERS[(slot - stocks) % len(_OTHERS)]
        symbol += ending
    elif slot % 60 == 7:
        symbol, form = symbol + "/B", "Corp. Class B Common Stock"
    elif "REIT" in industry:
        form = "Inc. Common Stock"
    name = f"Simulated {industry} {company} {form}"
    return Listing(slot, company, reused or symbol, name, kind, exchange, country, industry, start, _NEVER)


def _symbol_letters(number: int) -> str:
    """Z and four letters: no share of a real company begins so and has this name."""
    text = ""
    for _ in range(4):
        number, digit = divmod(number, 26)
        text = chr(ord("A") + digit) + text
    return "Z" + text
