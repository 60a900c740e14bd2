"""Prices of the simulated market: a market factor, eleven sector factors, a size factor, and each company's own moves.

Everything is drawn session by session in a fixed order and computed by additions, multiplications and square roots,
which every machine rounds alike; so a seed gives the same bytes everywhere and a later end only appends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sources.simulated.universe import FloatArray, IntArray, Universe, random_stream

# yearly growth of the market's trend, 6.5 %, per session
_TREND = 0.00025
_MEAN_VARIANCE = 0.00011
_SPLIT_CHECK = 126
_SPECIAL_SPLIT = 180
_LONG_SPLITS = ((2, 1), (3, 1), (3, 2), (5, 1), (10, 1), (5, 2), (4, 1))


@dataclass(frozen=True)
class Split:
    """At session number `day`, `numerator` new shares for `denominator` old ones."""

    day: int
    slot: int
    numerator: int
    denominator: int


@dataclass(frozen=True)
class Prices:
    """Arrays of sessions x slots: prices rounded as quoted, unadjusted; close is 0 where nothing is listed.

    `previous` is the close of the session before in shares of the session itself; 0 on a company's first session.
    """

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    previous: FloatArray
    volume: IntArray
    shares: IntArray
    cap: IntArray
    market: FloatArray
    splits: tuple[Split, ...]


def round_to_quote(prices: FloatArray) -> FloatArray:
    """Prices as quoted: cents, and hundredths of a cent below one dollar."""
    rounded: FloatArray = np.where(prices >= 1.0, np.round(prices, 2), np.maximum(np.round(prices, 4), 0.0001))
    return rounded


def return_factors(seed: int, days: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Daily returns of the market (days), sectors (days x 11) and size (days), and the volatility scale (days)."""
    noise = random_stream(seed, 3).standard_normal((days, 26))
    jumps = random_stream(seed, 4).random(days)
    market, scale, size = np.empty(days), np.empty(days), np.empty(days)
    sectors = np.empty((days, 11))
    variance, level, trend = _MEAN_VARIANCE, 1.0, 1.0
    drift, size_drift = np.zeros(11), 0.0
    for day in range(days):
        deviation = variance**0.5
        shock = float(noise[day, 0]) * (2.2 if jumps[day] > 0.985 else 1.0)
        # back to the trend over some three years, so that no seed ends in another century's price level
        market[day] = max(min(_TREND + deviation * shock + 0.0013 * (trend / level - 1.0), 0.09), -0.11)
        surprise = float(market[day]) - _TREND - (0.0003 if market[day] > 0 else -0.0003)
        variance = min(0.045 * _MEAN_VARIANCE + 0.13 * surprise * surprise + 0.82 * variance, 9 * _MEAN_VARIANCE)
        level *= 1.0 + float(market[day])
        trend *= 1.0 + _TREND
        scale[day] = 0.6 + 0.4 * deviation / _MEAN_VARIANCE**0.5
        # slow drifts make leadership that lasts for weeks
        drift = 0.98 * drift + 0.00012 * noise[day, 12:23]
        sectors[day] = drift + 0.0055 * scale[day] * noise[day, 1:12]
        size_drift = 0.96 * size_drift + 0.0004 * float(noise[day, 24])
        size[day] = size_drift + 0.0050 * scale[day] * float(noise[day, 23])
    return market, sectors, size, scale


class _Traits:
    """What a company's returns depend on, by slot."""

    def __init__(self, seed: int, world: Universe) -> None:
        rng = random_stream(seed, 5)
        rank = np.minimum(np.arange(world.slots) / world.stocks, 1.0)
        self.beta = 0.65 + 0.7 * rng.random(world.slots)
        self.own = 0.008 + 0.010 * rank + 0.006 * rng.random(world.slots)
        self.size = rank - 0.3
        self.turnover = 0.0025 + 0.006 * rng.random(world.slots)
        # the mean of a compounded price falls short of its mean return by half the variance
        self.make_up = 0.5 * (1.35 * self.own * self.own + 0.00003)


class _Splitter:
    """Companies look at their price twice a year and split a high one, or merge shares of a very low one."""

    def __init__(self, seed: int, world: Universe) -> None:
        self._rng = random_stream(seed, 8)
        self._world = world
        self.done: list[Split] = []

    def due_splits(self, day: int, price: FloatArray, alive: NDArray[np.bool_]) -> list[tuple[int, int, int]]:
        """(slot, numerator, denominator) of the splits of a session."""
        found: list[tuple[int, int, int]] = []
        special = self._world.stocks // 3 + 2
        for slot in range(day % _SPLIT_CHECK, self._world.stocks, _SPLIT_CHECK):
            chance, pick = float(self._rng.random()), int(self._rng.integers(len(_LONG_SPLITS)))
            if slot == special or not alive[slot]:
                continue
            if price[slot] > 160.0 and chance < 0.5:
                found.append((slot, *_LONG_SPLITS[pick]))
            elif price[slot] < 2.0 and chance < 0.8:
                found.append((slot, 1, (5, 10, 20)[pick % 3]))
        if day % _SPECIAL_SPLIT == _SPECIAL_SPLIT - 1:
            found.append((special, *((2, 1) if day // _SPECIAL_SPLIT % 2 else (1, 2))))
        self.done += [Split(day, *split) for split in found]
        return found


def _listing_edges(world: Universe) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Slots by the session number on which a company begins, and on which one is gone."""
    starts: dict[int, list[int]] = {}
    stops: dict[int, list[int]] = {}
    for listing in world.listings:
        if listing.changed_from is None:
            starts.setdefault(listing.start, []).append(listing.slot)
        if listing.kind != "stock" or listing.slot != world.stocks // 3 + 1:
            stops.setdefault(listing.stop, []).append(listing.slot)
    return starts, stops


class _Own:
    """Each company's own moves, session by session: mostly small, now and then three times as large."""

    def __init__(self, seed: int, slots: int) -> None:
        self._rng, self._slots = random_stream(seed, 6), slots

    def next_returns(self) -> FloatArray:
        draws, tails = self._rng.standard_normal(self._slots), self._rng.random(self._slots)
        found: FloatArray = draws * np.where(tails > 0.985, 3.0, np.where(tails > 0.9, 1.6, 0.9))
        return found


def simulate_prices(seed: int, world: Universe) -> Prices:
    """The whole span of the market, sessions x slots."""
    days, slots = len(world.calendar), world.slots
    market, sectors, size, scale = return_factors(seed, days)
    traits, splitter, own, entries = (
        _Traits(seed, world),
        _Splitter(seed, world),
        _Own(seed, slots),
        random_stream(seed, 7),
    )
    starts, stops = _listing_edges(world)
    close, previous = np.zeros((days, slots)), np.zeros((days, slots))
    shares, trading = np.zeros((days, slots), dtype=np.int64), np.zeros((days, slots), dtype=np.float64)
    price, count, alive = np.zeros(slots), np.zeros(slots, dtype=np.int64), np.zeros(slots, dtype=bool)
    level = 1.0
    for day in range(days):
        level *= 1.0 + float(market[day])
        ratio = price * count / (world.target_cap * level)
        returns = (
            traits.beta * market[day]
            + sectors[day][world.sector]
            + traits.size * size[day]
            + traits.make_up
            + scale[day] * traits.own * own.next_returns()
            - 0.0015 * (ratio - 1.0) / (ratio + 1.0)
        )
        price = np.maximum(price * (1.0 + np.clip(returns, -0.55, 1.2)), 0.02)
        before = close[day - 1].copy() if day else np.zeros(slots)
        for slot in stops.get(day, ()):
            alive[slot] = False
        for slot, numerator, denominator in splitter.due_splits(day, price, alive):
            price[slot] *= denominator / numerator
            count[slot] = max(int(count[slot]) * numerator // denominator, 1)
            before[slot] = round(float(before[slot]) * denominator / numerator, 4)
        for slot in starts.get(day, ()):
            alive[slot], before[slot] = True, 0.0
            price[slot] = 8.0 + 60.0 * float(entries.random())
            goal = float(world.target_cap[slot]) * level * (0.6 + 0.8 * float(entries.random()))
            count[slot] = max(int(goal / float(price[slot]) / 1000.0) * 1000, 1000)
        close[day] = np.where(alive, round_to_quote(price), 0.0)
        previous[day] = np.where(alive, before, 0.0)
        shares[day] = np.where(alive, count, 0)
        trading[day] = traits.turnover * (1.0 + 12.0 * np.abs(returns) * scale[day]) * scale[day]
    return _complete_bars(seed, close, previous, shares, trading, market, tuple(splitter.done))


def _complete_bars(
    seed: int,
    close: FloatArray,
    previous: FloatArray,
    shares: IntArray,
    trading: FloatArray,
    market: FloatArray,
    splits: tuple[Split, ...],
) -> Prices:
    """Adds what surrounds the closes: open, high, low, volume, market cap."""
    draws = random_stream(seed, 9).random((*close.shape, 4), dtype=np.float32)
    start = np.where(previous > 0, previous, close)
    opened = round_to_quote(start + (close - start) * (draws[..., 0] * 0.9 - 0.2))
    spread = 0.016 * close
    upper, lower = np.maximum(opened, close), np.minimum(opened, close)
    high = np.maximum(round_to_quote(upper + spread * draws[..., 1] * draws[..., 1]), upper)
    low = np.minimum(round_to_quote(lower - spread * draws[..., 2] * draws[..., 2]), lower)
    busy = 0.4 + draws[..., 3] + np.where(draws[..., 3] > 0.97, 2.5, 0.0)
    volume = np.rint(shares * trading * busy).astype(np.int64)
    listed = close > 0
    return Prices(
        np.where(listed, opened, 0.0),
        np.where(listed, high, 0.0),
        np.where(listed, low, 0.0),
        close,
        previous,
        volume,
        shares,
        np.rint(close * shares).astype(np.int64),
        market,
        splits,
    )
