"""A large simulated panel for measurements: thousands of symbols over decades, made and given year by year.

It is simpler than the simulated market (one listing a symbol, no lost sessions): 18.5 million rows take seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from sources.base import table_from_rows
from sources.simulated.bars import FUND_LEVELS, INDEX_LEVELS, SECTOR_FUNDS, SOURCE
from sources.simulated.prices import return_factors, round_to_quote
from sources.simulated.universe import GICS, INDUSTRIES, NASDAQ_SECTOR, FloatArray, IntArray, random_stream
from warehouse import calendar
from warehouse.contracts.datasets import CONTRACTS

ALIVE_SHARE = 0.59
DEFAULT_END = date(2025, 12, 31)


@dataclass(frozen=True)
class _Panel:
    """What is fixed for the whole span; arrays are by symbol, `start` and `stop` number sessions (stop exclusive)."""

    days: list[date]
    names: list[str]
    start: IntArray
    stop: IntArray
    sector: IntArray
    beta: FloatArray
    own: FloatArray
    turnover: FloatArray


def _make_panel(symbols: int, years: int, seed: int, end: date) -> _Panel:
    days = calendar.sessions_between(date(end.year - years + 1, 1, 1), end)
    rng = random_stream(seed, 50)
    # equal lives that begin evenly over the span and the time before it: the share alive is the same on every session
    life = int(len(days) * ALIVE_SHARE / (1 - ALIVE_SHARE))
    start = rng.integers(-life, len(days), symbols)
    return _Panel(
        days,
        [f"P{number:05d}" for number in range(symbols)],
        start,
        start + life,
        rng.integers(0, len(GICS), symbols),
        0.65 + 0.7 * rng.random(symbols),
        0.010 + 0.014 * rng.random(symbols),
        0.003 + 0.006 * rng.random(symbols),
    )


def simulate_panel(symbols: int = 5000, years: int = 25, seed: int = 7, end: date = DEFAULT_END) -> Iterator[pa.Table]:
    """One table of equity_bars (its `row_schema`) for each calendar year up to `end`, sorted by symbol and session.

    59 % of the symbols are listed on any one session; memory stays that of one year.
    """
    panel = _make_panel(symbols, years, seed, end)
    market, sectors, _, scale = return_factors(seed, len(panel.days))
    rng = random_stream(seed, 51)
    price = 10.0 + 60.0 * rng.random(symbols)
    # market caps from a few tens of millions to a trillion dollars, most of them small
    rank = rng.random(symbols)
    shares = np.rint(2.0e4 * (1.0 + 250.0 * rank**2 + 3_000.0 * rank**12 + 30_000.0 * rank**60)).astype(np.int64)
    last = np.zeros(symbols)
    for year in range(end.year - years + 1, end.year + 1):
        numbers = [i for i, day in enumerate(panel.days) if day.year == year]
        first, count = numbers[0], len(numbers)
        draws, tails = rng.standard_normal((count, symbols)), rng.random((count, symbols), dtype=np.float32)
        part = slice(first, first + count)
        moves = draws * panel.own * np.where(tails > 0.985, 3.0, 1.0) * scale[part, None]
        moves += panel.beta * market[part, None] + sectors[part][:, panel.sector] + 0.7 * panel.own**2
        np.clip(moves, -0.5, 1.0, out=moves)
        path = price * np.cumprod(1.0 + moves, axis=0)
        ratio = np.where(price > 150.0, 4, np.where(price < 3.0, -10, 1))
        held = np.repeat(shares[None, :], count, axis=0)
        stated = _apply_splits(path, held, ratio)
        close = round_to_quote(path)
        previous = np.vstack([last[None, :], close[:-1]])
        previous = np.where(stated == 1.0, previous, np.round(previous * stated, 4))
        yield _year_table(panel, first, close, previous, held, moves, rng)
        price, shares, last = path[-1].copy(), held[-1].copy(), close[-1].copy()


def _apply_splits(path: FloatArray, held: IntArray, ratio: IntArray) -> FloatArray:
    """Applies the year's splits in place (4:1 above 150 USD, 1:10 below 3), each on its own day.

    Returns what the last close is multiplied by to be the stated previous close (sessions x symbols).
    """
    count, symbols = path.shape
    stated = np.ones((count, symbols))
    for symbol in np.flatnonzero(ratio != 1).tolist():
        day = 1 + symbol % (count - 1)
        factor = 0.25 if ratio[symbol] == 4 else 10.0
        path[day:, symbol] *= factor
        held[day:, symbol] = held[day:, symbol] * 4 if factor < 1 else np.maximum(held[day:, symbol] // 10, 1)
        stated[day, symbol] = factor
    return stated


def _year_table(
    panel: _Panel,
    first: int,
    close: FloatArray,
    previous: FloatArray,
    held: IntArray,
    moves: FloatArray,
    rng: np.random.Generator,
) -> pa.Table:
    count = close.shape[0]
    number = np.arange(first, first + count)[:, None]
    # by symbol, then session: the order of a file of the lake
    alive = ((number >= panel.start) & (number < panel.stop)).T
    symbol, day = np.nonzero(alive)
    new = (day + first == panel.start[symbol]) | (day + first == 0)
    around = rng.random((len(symbol), 3), dtype=np.float32)
    closes, before = close.T[alive], previous.T[alive]
    before = np.where(new, closes, before)
    opened = round_to_quote(before + (closes - before) * around[:, 0])
    high = np.maximum(
        np.maximum(opened, closes), round_to_quote(np.maximum(opened, closes) * (1.0 + 0.01 * around[:, 1]))
    )
    low = np.minimum(
        np.minimum(opened, closes), round_to_quote(np.minimum(opened, closes) * (1.0 - 0.01 * around[:, 2]))
    )
    owned = held.T[alive]
    traded = np.rint(owned * panel.turnover[symbol] * (0.4 + around[:, 1] + 12.0 * np.abs(moves.T[alive])))
    rows = len(symbol)
    columns = {
        "symbol": pa.array(panel.names).take(pa.array(symbol)),
        "session_date": pa.array(panel.days[first : first + count], pa.date32()).take(pa.array(day)),
        "basis": pa.repeat("raw", rows),
        "open": opened,
        "high": high,
        "low": low,
        "close": closes,
        "previous_close": pa.array(before, mask=new),
        "volume": traded.astype(np.int64),
        "market_cap": np.rint(closes * owned),
        "is_final": pa.repeat(True, rows),
        "source": pa.repeat(SOURCE, rows),
    }
    return pa.table(columns, schema=CONTRACTS["equity_bars"].row_schema)


def panel_companions(
    symbols: int = 5000, years: int = 25, seed: int = 7, end: date = DEFAULT_END
) -> Mapping[str, pa.Table]:
    """What the panel's breadth and rotation need besides its bars.

    Securities, memberships (two lists with GICS sectors, on the first session), index_bars, sector_bars (closes).
    """
    panel = _make_panel(symbols, years, seed, end)
    securities, memberships = [], []
    for number, symbol in enumerate(panel.names):
        sector = int(panel.sector[number])
        industry = INDUSTRIES[sector][number % len(INDUSTRIES[sector])]
        name = f"Simulated {industry} {number} Inc. Common Stock"
        securities.append(
            {
                "symbol": symbol,
                "first_seen": panel.days[max(int(panel.start[number]), 0)],
                "name": name,
                "sector": NASDAQ_SECTOR[sector],
                "industry": industry,
                "taxonomy": "nasdaq",
            }
        )
        if number % 2 == 0:
            memberships.append(
                {
                    "universe": "sp500" if number % 10 == 0 else "russell2000",
                    "symbol": symbol,
                    "kind": "snapshot",
                    "effective_date": panel.days[0],
                    "name": name,
                    "sector": GICS[sector],
                }
            )
    market, sectors, size, _ = return_factors(seed, len(panel.days))
    indices = {name: market + weight * size for name, weight in zip(INDEX_LEVELS, (0.0, -0.2, -0.1, 0.8), strict=True)}
    funds = {symbol: market + sectors[:, number] for number, symbol in enumerate(SECTOR_FUNDS)}
    funds |= {"SPY": indices["SPX"], "IWM": indices["RUT"]}
    levels = dict.fromkeys(SECTOR_FUNDS, 30.0) | FUND_LEVELS
    return {
        "securities": table_from_rows("securities", securities, SOURCE),
        "memberships": table_from_rows("memberships", memberships, SOURCE),
        "index_bars": _close_table("index_bars", panel.days, indices, INDEX_LEVELS, "raw"),
        "sector_bars": _close_table("sector_bars", panel.days, funds, levels, "total_return"),
    }


def _close_table(
    dataset: str, days: list[date], moves: Mapping[str, FloatArray], levels: Mapping[str, float], basis: str
) -> pa.Table:
    rows = [
        {"symbol": symbol, "session_date": day, "basis": basis, "close": close, "is_final": True}
        for symbol, returns in moves.items()
        for day, close in zip(days, np.round(levels[symbol] * np.cumprod(1.0 + returns), 2).tolist(), strict=True)
    ]
    return table_from_rows(dataset, rows, SOURCE)
