"""What happens to simulated companies: listings, symbol changes, splits, dividends, memberships, ratings."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np

from sources.simulated.bars import Members
from sources.simulated.prices import Prices
from sources.simulated.universe import GICS, NASDAQ_SECTOR, Listing, Universe, random_stream

_EXTRA = {"fund": "Investment Funds", "etf": "Exchange Traded Funds"}
# who was in on this day stands in intervals, what came after in changes
_INTERVALS_UNTIL = date(2015, 1, 2)
_PLACES = ("North", "South", "East", "West", "Hill", "Lake", "Mill", "Ford")
_FIRMS = tuple(f"Simulated Brokerage {place}" for place in _PLACES)
# from the lowest level to the highest, in the words of four houses
_WORDS = (
    ("Strong Sell", "Sell", "Hold", "Buy", "Strong Buy"),
    ("Underperform", "Underperform", "Neutral", "Outperform", "Top Pick"),
    ("Underweight", "Underweight", "Equal-Weight", "Overweight", "Conviction Buy"),
    ("Reduce", "Reduce", "In-Line", "Accumulate", "Buy"),
)

Row = dict[str, Any]


def security_rows(world: Universe, first: int, last: int) -> list[Row]:
    """The uses of symbols that overlap sessions `first` to `last`; `last_seen` stays open: it would be hindsight."""
    return [_security_row(world, x) for x in world.listings if x.start <= last and x.stop > first]


def _security_row(world: Universe, listing: Listing) -> Row:
    sector = int(world.sector[listing.slot])
    known = listing.kind in ("stock", "depositary")
    return {
        "symbol": listing.symbol,
        "first_seen": world.calendar[listing.start],
        "name": listing.name,
        "exchange": listing.exchange,
        "country": listing.country,
        # a few have no sector, as at the vendor
        "sector": NASDAQ_SECTOR[sector] if known and listing.company % 41 != 11 else None,
        "industry": listing.industry if known else _EXTRA.get(listing.kind),
        "taxonomy": "nasdaq",
        "ipo_year": world.calendar[listing.start].year if listing.start else None,
    }


def symbol_change_rows(world: Universe) -> list[Row]:
    return [
        {"from_symbol": x.changed_from, "to_symbol": x.symbol, "change_date": world.calendar[x.start]}
        for x in world.listings
        if x.changed_from is not None
    ]


def listings_by_slot(world: Universe) -> dict[int, list[Listing]]:
    """A slot's listings in order."""
    found: dict[int, list[Listing]] = {}
    for listing in world.listings:
        found.setdefault(listing.slot, []).append(listing)
    return found


def listing_on(by_slot: dict[int, list[Listing]], slot: int, day: int) -> Listing:
    """The listing that a slot has on a session. Raises KeyError where it has none."""
    for listing in by_slot[slot]:
        if listing.start <= day < listing.stop:
            return listing
    raise KeyError(f"slot {slot} has no listing on session {day}")


def split_rows(world: Universe, prices: Prices, given_only: bool) -> list[Row]:
    """The splits; with `given_only` one in three: the others have to be inferred from prices."""
    by_slot = listings_by_slot(world)
    return [
        {
            "symbol": listing_on(by_slot, x.slot, x.day).symbol,
            "ex_date": world.calendar[x.day],
            "numerator": x.numerator,
            "denominator": x.denominator,
        }
        for number, x in enumerate(prices.splits)
        if not given_only or number % 3 == 0
    ]


def dividend_rows(world: Universe, prices: Prices, first: int, last: int) -> list[Row]:
    """Quarterly dividends of two stocks in five; prices do not fall by them, so that raw returns stay total returns."""
    by_slot = listings_by_slot(world)
    found = []
    for day in range(max(first, 1), last + 1):
        for slot in range(day % 63, world.stocks, 63):
            amount = round(0.004 * float(prices.previous[day, slot]), 2)
            if slot % 5 < 2 and amount > 0:
                symbol = listing_on(by_slot, slot, day).symbol
                found.append({"symbol": symbol, "ex_date": world.calendar[day], "amount_usd": amount})
    return found


def membership_rows(world: Universe, prices: Prices, who: Members, first: int, last: int) -> list[Row]:
    """sp500 as intervals, changes and yearly lists, russell2000 as quarterly lists (from the one before `first` on)."""
    by_slot = listings_by_slot(world)
    found = _dated_memberships(world, who, by_slot, last)
    shown = [q for q in who.quarters if q <= last]
    earlier = [q for q in shown if q <= first]
    for quarter in shown:
        if quarter >= max(earlier[-4:][0] if earlier else 0, 1) and world.calendar[quarter].month == 1:
            found += listed_members("sp500", world, prices, who.large[quarter], quarter, by_slot)
        if quarter >= (earlier[-1] if earlier else 0):
            found += listed_members("russell2000", world, prices, who.small[quarter], quarter, by_slot)
    return found


def _dated_memberships(world: Universe, who: Members, by_slot: dict[int, list[Listing]], last: int) -> list[Row]:
    edges = np.diff(np.vstack([np.zeros(world.slots, bool), who.large[: last + 1]]).astype(np.int8), axis=0)
    found: list[Row] = []
    for slot in np.flatnonzero(edges.any(axis=0)):
        starts, stops = np.flatnonzero(edges[:, slot] > 0), np.flatnonzero(edges[:, slot] < 0)
        for number, start in enumerate(starts):
            stop = int(stops[number]) if number < len(stops) else None
            left = world.calendar[stop] if stop is not None else None
            listing = listing_on(by_slot, int(slot), int(start))
            base = {"universe": "sp500", "sector": GICS[int(world.sector[slot])]}
            joined = world.calendar[start]
            dated = joined <= _INTERVALS_UNTIL
            end = left if dated and left is not None and left <= _INTERVALS_UNTIL else None
            found.append(
                {
                    **base,
                    "symbol": listing.symbol,
                    "name": listing.name,
                    "kind": "interval" if dated else "add",
                    "effective_date": joined,
                    "end_date": end,
                }
            )
            if stop is not None and end is None:
                gone = listing_on(by_slot, int(slot), stop - 1)
                removal = {"symbol": gone.symbol, "name": gone.name, "kind": "remove", "effective_date": left}
                found.append({**base, **removal})
    return found


def listed_members(
    universe: str, world: Universe, prices: Prices, inside: Any, day: int, by_slot: dict[int, list[Listing]]
) -> list[Row]:
    """A list of a day: snapshot rows of memberships for the slots that are `inside`."""
    slots = np.flatnonzero(inside)
    total = int(prices.cap[day, slots].sum())
    found = []
    for slot in slots.tolist():
        listing = listing_on(by_slot, slot, day)
        cap = int(prices.cap[day, slot])
        found.append(
            {
                "universe": universe,
                "symbol": listing.symbol,
                "kind": "snapshot",
                "effective_date": world.calendar[day],
                "name": listing.name,
                "sector": GICS[int(world.sector[slot])],
                "weight_pct": round(100 * cap / total, 4),
                "quantity": float(int(prices.shares[day, slot]) // 50),
                "price": float(prices.close[day, slot]),
            }
        )
    return found


def rating_rows(seed: int, world: Universe, prices: Prices) -> list[Row]:
    """Ratings over the whole span; every firm has its own words, and one of them gives no action."""
    days, stocks = len(world.calendar), world.stocks
    often = np.where(np.arange(stocks) < world.large, 0.006, 0.002)
    struck = random_stream(seed, 30).random((days, stocks)) < often
    events = np.argwhere(struck & (prices.close[:, :stocks] > 0))
    draws = random_stream(seed, 31).random((len(events), 4))
    by_slot = listings_by_slot(world)
    levels: dict[tuple[int, int], int] = {}
    found = []
    for (day, slot), (which, step, target, minute) in zip(events.tolist(), draws.tolist(), strict=True):
        listing = listing_on(by_slot, slot, day)
        firm = (slot + int(which * 4)) % len(_FIRMS)
        old = levels.get((listing.company, firm))
        level = _next_level(old, step)
        levels[(listing.company, firm)] = level
        words = _WORDS[firm % len(_WORDS)]
        at = datetime.combine(world.calendar[day], time(11), UTC) + timedelta(minutes=int(minute * 540))
        found.append(
            {
                "symbol": listing.symbol,
                "rated_at": at,
                "rating_date": world.calendar[day],
                "firm": _FIRMS[firm],
                "to_grade": words[level],
                "from_grade": None if old is None else words[old],
                "action": None if firm == 3 else _action_word(old, level, words, minute),
                "price_target_usd": float(round(prices.close[day, slot] * (0.75 + 0.12 * level + 0.2 * target), 0))
                or None,
                "available_at": at,
            }
        )
    return found


def _next_level(old: int | None, step: float) -> int:
    if old is None:
        return 1 + int(step * 3) if step < 0.9 else 4
    if step < 0.2:
        return max(old - 1, 0)
    return min(old + 1, 4) if step > 0.78 else old


def _action_word(old: int | None, level: int, words: tuple[str, ...], draw: float) -> str:
    if old is None:
        return "init"
    if words[old] == words[level]:
        return "main" if draw < 0.5 else "reit"
    return "up" if level > old else "down"
