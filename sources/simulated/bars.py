"""Bars of the simulated market's indices, funds and stocks, and the members of its indices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sources.simulated.prices import Prices
from sources.simulated.universe import FloatArray, IntArray, Universe, random_stream
from warehouse.contracts.datasets import CONTRACTS

SOURCE = "simulated"
INDEX_LEVELS = {"SPX": 1800.0, "COMP": 4100.0, "DJI": 16400.0, "RUT": 1150.0}
SECTOR_FUNDS = ("XLK", "XLF", "XLV", "XLI", "XLY", "XLP", "XLC", "XLE", "XLB", "XLRE", "XLU")
FUND_LEVELS = {"SPY": 180.0, "IWM": 115.0, "QQQ": 90.0, "DIA": 160.0, "RSP": 70.0}

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Members:
    """Sessions x slots: who is in the simulated sp500 and russell2000; reviewed on the first session of a quarter."""

    large: Mask
    small: Mask
    quarters: tuple[int, ...]


def index_members(world: Universe, prices: Prices) -> Members:
    """The largest companies and the next smaller ones by the caps of the session before, with inertia at the edge."""
    days, slots = prices.close.shape
    large, small = np.zeros((days, slots), dtype=bool), np.zeros((days, slots), dtype=bool)
    quarters = tuple(
        i
        for i, day in enumerate(world.calendar)
        if i == 0 or (day.month - 1) // 3 != (world.calendar[i - 1].month - 1) // 3
    )
    now_large, now_small = np.zeros(slots, dtype=bool), np.zeros(slots, dtype=bool)
    for start, stop in zip(quarters, (*quarters[1:], days), strict=True):
        known = max(start - 1, 0)
        caps = np.where(np.arange(slots) < world.stocks, prices.cap[known], 0) * (prices.close[start] > 0)
        now_large = _reviewed_members(now_large, caps, world.large)
        now_small = _reviewed_members(now_small, np.where(now_large, 0, caps), world.small)
        # who stops trading leaves, and a new company of the slot is another one
        stays = np.logical_and.accumulate(prices.previous[start:stop] > 0, axis=0)
        if start == 0:
            stays[:] = np.logical_and.accumulate(prices.close[:stop] > 0, axis=0)
        large[start:stop], small[start:stop] = now_large & stays, now_small & stays
        now_large, now_small = large[stop - 1], small[stop - 1]
    return Members(large, small, quarters)


def _reviewed_members(before: Mask, caps: IntArray, size: int) -> Mask:
    order = np.argsort(-caps, kind="stable")
    rank = np.empty(len(caps), dtype=np.int64)
    rank[order] = np.arange(len(caps))
    keep = before & (caps > 0) & (rank < size * 1.15)
    missing = size - int(keep.sum())
    chosen = keep.copy()
    for slot in order[: size * 2]:
        if missing <= 0 or caps[slot] <= 0:
            break
        if not chosen[slot]:
            chosen[slot] = True
            missing -= 1
    return chosen


def _close_ratios(prices: Prices) -> FloatArray:
    """Close over the close before, split allowed for; 1 where there is none."""
    there = prices.previous > 0
    return np.where(there, prices.close / np.where(there, prices.previous, 1.0), 1.0)


def _weighted_ratios(weights: IntArray, ratios: FloatArray, inside: Mask) -> FloatArray:
    """Daily ratio of a basket held in the weights of the session before (sums of whole numbers: exact)."""
    held = np.where(inside[1:], weights[:-1], 0)
    after = np.rint(held * ratios[1:]).astype(np.int64)
    total = held.sum(axis=1)
    moves = np.where(total > 0, after.sum(axis=1) / np.maximum(total, 1), 1.0)
    return np.concatenate([[1.0], moves])


def basket_ratios(world: Universe, prices: Prices, who: Members) -> dict[str, FloatArray]:
    """Daily ratios (1 + return) of each index and fund; `previous` > 0 is asked of every member of a day."""
    ratios, traded = _close_ratios(prices), prices.previous > 0
    large, small = who.large & traded, who.small & traded
    nasdaq = np.zeros(world.slots, dtype=bool)
    for listing in world.listings:
        if listing.kind == "stock" and listing.exchange == "nasdaq" and listing.start == 0:
            nasdaq[listing.slot] = True
    thirty = large & (np.cumsum(large, axis=1) <= 30)
    cents = np.rint(prices.close * 10000).astype(np.int64)
    cap = prices.cap
    found = {
        "SPX": _weighted_ratios(cap, ratios, large),
        "COMP": _weighted_ratios(cap, ratios, nasdaq & traded),
        "RUT": _weighted_ratios(cap, ratios, small),
        "DJI": _weighted_ratios(cents, ratios, thirty),
        "RSP": _weighted_ratios(np.full_like(cap, 10**9), ratios, large),
        "QQQ": _weighted_ratios(cap, ratios, nasdaq & large),
    }
    found |= {"SPY": found["SPX"], "IWM": found["RUT"], "DIA": found["DJI"]}
    for number, symbol in enumerate(SECTOR_FUNDS):
        found[symbol] = _weighted_ratios(cap, ratios, large & (world.sector == number))
    return found


def basket_bars(
    dataset: str, levels: dict[str, float], moves: dict[str, FloatArray], world: Universe, seed: int, basis: str
) -> pa.Table:
    """Bars of indices or funds over the whole span, sorted by session, with open, high and low around the closes."""
    days, names = len(world.calendar), list(levels)
    closes = np.column_stack([levels[n] * np.cumprod(moves[n]) for n in names]).round(2)
    draws = random_stream(seed, 20, sum(map(ord, dataset))).random((days, len(names), 4))
    before = np.vstack([closes[:1], closes[:-1]])
    opened = (before + (closes - before) * (draws[..., 0] * 0.6 - 0.1)).round(2)
    high = np.maximum(np.maximum(opened, closes), (np.maximum(opened, closes) * (1 + 0.006 * draws[..., 1])).round(2))
    low = np.minimum(np.minimum(opened, closes), (np.minimum(opened, closes) * (1 - 0.006 * draws[..., 2])).round(2))
    volume = np.rint(3.0e7 * (0.6 + draws[..., 3] + 30 * np.abs(closes / before - 1))).astype(np.int64)
    stated = pa.array(before.ravel(), mask=np.repeat(np.arange(days) == 0, len(names)))
    count = days * len(names)
    columns = {
        "symbol": pa.array(names * days),
        "session_date": pa.array([d for d in world.calendar for _ in names], pa.date32()),
        "basis": pa.repeat(basis, count),
        "open": opened.ravel(),
        "high": high.ravel(),
        "low": low.ravel(),
        "close": closes.ravel(),
        "previous_close": stated,
        "volume": volume.ravel(),
        "market_cap": pa.nulls(count, pa.float64()),
        "is_final": pa.repeat(True, count),
        "source": pa.repeat(SOURCE, count),
    }
    return pa.table(columns, schema=CONTRACTS[dataset].row_schema)


def lost_sessions(world: Universe) -> frozenset[int]:
    """Numbers of the sessions that the vendor lost: two years of three one in spring, else two in a row in autumn."""
    found: set[int] = set()
    for year in range(world.calendar[0].year, world.calendar[-1].year + 1):
        spring = [i for i, d in enumerate(world.calendar) if (d.year, d.month) == (year, 4)]
        autumn = [i for i, d in enumerate(world.calendar) if (d.year, d.month) == (year, 9)]
        if year % 3:
            found.add(spring[year % 15])
        else:
            found |= set(autumn[5:7])
    return frozenset(found)


def mixed_sessions(world: Universe) -> frozenset[int]:
    """Sessions of which two rows in five hold the values of the session after: one in November of every third year."""
    return frozenset(
        next(i for i, d in enumerate(world.calendar) if (d.year, d.month) == (year, 11) and d.day > 9)
        for year in range(world.calendar[0].year, world.calendar[-1].year)
        if year % 3 == 1
    )


def equity_bars(world: Universe, prices: Prices, first: int, last: int, complete: bool = False) -> pa.Table:
    """Bars of all listed securities for sessions `first` to `last` (numbers, inclusive), sorted by session and slot.

    Sessions are lost and mixed as the simulated vendor loses and mixes them, unless `complete`.
    """
    names = np.full(prices.close.shape, -1, dtype=np.int32)
    for number, listing in enumerate(world.listings):
        names[listing.start : listing.stop, listing.slot] = number
    shown = np.zeros(prices.close.shape, dtype=bool)
    shown[first : last + 1] = prices.close[first : last + 1] > 0
    if not complete:
        shown[list(lost_sessions(world))] = False
    day, slot = np.nonzero(shown)
    stated = day if complete else _stated_days(world, prices, names, day, slot)
    listed = names[day, slot]
    symbols = pa.array([x.symbol for x in world.listings])
    capless = np.array([x.kind not in ("stock", "depositary", "fund") or x.company % 37 == 5 for x in world.listings])
    previous = prices.previous[stated, slot]
    count = len(day)
    columns = {
        "symbol": symbols.take(pa.array(listed)),
        "session_date": pa.array(world.calendar, pa.date32()).take(pa.array(day)),
        "basis": pa.repeat("raw", count),
        "open": prices.open[stated, slot],
        "high": prices.high[stated, slot],
        "low": prices.low[stated, slot],
        "close": prices.close[stated, slot],
        "previous_close": pa.array(previous, mask=previous <= 0),
        "volume": prices.volume[stated, slot],
        "market_cap": pa.array(prices.cap[stated, slot].astype(np.float64), mask=capless[listed]),
        "is_final": pa.repeat(True, count),
        "source": pa.repeat(SOURCE, count),
    }
    return pa.table(columns, schema=CONTRACTS["equity_bars"].row_schema)


def _stated_days(world: Universe, prices: Prices, names: NDArray[np.int32], day: IntArray, slot: IntArray) -> IntArray:
    """The session whose values each row holds: its own, but for some rows of a mixed session."""
    stated = day.copy()
    for number in mixed_sessions(world):
        if number + 1 >= len(world.calendar):
            continue
        same = names[number] == names[number + 1]
        mixed = (day == number) & (slot % 5 < 2) & same[slot] & (prices.previous[number, slot] > 0)
        stated[mixed] = number + 1
    return stated
