"""The simulated market as the mocked APIs look at it: by symbol, by day, and up to the session that is "now"."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.providers import simulated
from sources.simulated.universe import market_sessions

NEW_YORK = ZoneInfo("America/New_York")
_GONE = 21  # sessions without a bar after which a symbol that comes back is another company's
_PRICES = ("open", "high", "low", "close")

# what the simulated market lacks and a daily run asks for: another series, so many times as high (VIX: the inverse)
_STAND_INS = {
    ("index_bars", "NDX"): ("sector_bars", "QQQ", 41.0),
    ("index_bars", "MID"): ("index_bars", "RUT", 1.2),
    ("index_bars", "SML"): ("index_bars", "RUT", 0.6),
    ("index_bars", "RUI"): ("index_bars", "SPX", 0.55),
    ("index_bars", "RUA"): ("index_bars", "SPX", 0.57),
    ("index_bars", "RTY"): ("index_bars", "RUT", 1.0),
    ("index_bars", "VIX"): ("index_bars", "SPX", -90_000.0),
    **{("sector_bars", s): ("sector_bars", "SPY", 0.5) for s in ("IWB", "IVW", "IVE", "IWF", "IWD")},
    **{("sector_bars", s): ("sector_bars", "IWM", 0.8) for s in ("MDY", "IJR")},
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Series:
    """Raw bars of one symbol in order of sessions; `factor` is what the session's shares have become by the end."""

    symbol: str
    kind: str
    days: list[date]
    prices: dict[str, np.ndarray[Any, np.dtype[np.float64]]]
    volume: np.ndarray[Any, np.dtype[np.int64]]
    factor: np.ndarray[Any, np.dtype[np.float64]]
    splits: list[Row]
    dividends: list[Row]

    def slice_between(self, start: date, end: date) -> slice:
        """Places of the bars of `start` to `end`, both inclusive."""
        return slice(bisect_left(self.days, start), bisect_right(self.days, end))


def opening_epoch(day: date) -> int:
    """The session's opening as an epoch: 09:30 in New York."""
    return int(datetime.combine(day, time(9, 30), NEW_YORK).timestamp())


class MarketView:
    """A simulated market, made once and read often; all that is asked for is kept."""

    def __init__(self, market: simulated.SimulatedMarket) -> None:
        self.market = market
        self.end = market.end

    @cached_property
    def answer_time(self) -> datetime:
        """When the answers are given: an hour after the close of the last session (of 16:00)."""
        return datetime.combine(self.end, time(17), NEW_YORK).astimezone(UTC)

    @cached_property
    def _all_bars(self) -> pa.Table:
        return simulated.complete_equity_bars(self.market).combine_chunks()

    @cached_property
    def _symbol_spans(self) -> dict[str, tuple[int, int]]:
        """Where each symbol's bars lie in the sorted table; of a symbol used again only those of its last company."""
        symbols = self._all_bars.column("symbol").combine_chunks().dictionary_encode()
        codes = symbols.indices.to_numpy()
        edges = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
        numbers = {day: i for i, day in enumerate(market_sessions())}
        days = self._all_bars.column("session_date").to_pylist()
        found = {}
        for start, stop in pairwise(edges):
            place = stop - 1
            while place > start and numbers[days[place]] - numbers[days[place - 1]] <= _GONE:
                place -= 1
            found[symbols.dictionary[int(codes[start])].as_py()] = (place, stop)
        return found

    @cached_property
    def securities(self) -> dict[str, Row]:
        """The description of each symbol that has a bar on the last session."""
        listed = {row["symbol"]: row for row in self._dataset_rows("securities")}
        traded = [s for s, (_, stop) in self._symbol_spans.items() if self._day_at(stop - 1) == self.end]
        return {symbol: listed[symbol] for symbol in traded if symbol in listed}

    def _day_at(self, place: int) -> date:
        found: date = self._all_bars.column("session_date")[place].as_py()
        return found

    @cached_property
    def _series_cache(self) -> dict[tuple[str, str], Series]:
        return {}

    def find_series(self, symbol: str, dataset: str) -> Series | None:
        """The bars of an index, a fund or a stock; None where there is none of that name."""
        key = (dataset, symbol)
        if key in _STAND_INS and key not in self._series_cache:
            self._series_cache[key] = self._stand_in_series(symbol, *_STAND_INS[key])
        if key not in self._series_cache:
            table = self._bars_of_symbol(symbol, dataset)
            if table is None or table.num_rows == 0:
                return None
            self._series_cache[key] = self._make_series(symbol, dataset, table)
        return self._series_cache[key]

    def _stand_in_series(self, symbol: str, dataset: str, other: str, factor: float) -> Series:
        base = self.find_series(other, dataset)
        if base is None:
            raise KeyError(f"{dataset} has no {other}")
        if factor > 0:
            prices = {name: (values * factor).round(2) for name, values in base.prices.items()}
        else:
            # what was the low is the high now
            turned = {"open": "open", "high": "low", "low": "high", "close": "close"}
            prices = {name: (-factor / base.prices[old]).round(2) for name, old in turned.items()}
        kind = "index_bars" if ("index_bars", symbol) in _STAND_INS else "sector_bars"
        return replace(base, symbol=symbol, kind=kind, prices=prices)

    def _bars_of_symbol(self, symbol: str, dataset: str) -> pa.Table | None:
        if dataset == "equity_bars":
            span = self._symbol_spans.get(symbol)
            return None if span is None else self._all_bars.slice(span[0], span[1] - span[0])
        table = self.market.tables[dataset]
        return table.filter(pc.equal(table.column("symbol"), symbol))

    def _make_series(self, symbol: str, dataset: str, table: pa.Table) -> Series:
        days = table.column("session_date").to_pylist()
        factor = np.ones(len(days))
        splits = [s for s in self._splits[symbol] if days[0] < s["ex_date"] <= days[-1]]
        for split in splits:
            before = bisect_left(days, split["ex_date"])
            factor[:before] *= split["numerator"] / split["denominator"]
        prices = {name: table.column(name).to_numpy() for name in _PRICES}
        paid = [d for d in self._dividends[symbol] if days[0] <= d["ex_date"]] if dataset == "equity_bars" else []
        return Series(symbol, dataset, days, prices, table.column("volume").to_numpy(), factor, splits, paid)

    @cached_property
    def _splits(self) -> dict[str, list[Row]]:
        return _group_by_symbol(self.market.all_splits.to_pylist())

    @cached_property
    def _dividends(self) -> dict[str, list[Row]]:
        return _group_by_symbol(self._dataset_rows("dividends"))

    @cached_property
    def ratings(self) -> dict[str, list[Row]]:
        return _group_by_symbol(self._dataset_rows("rating_actions"))

    @cached_property
    def company_reports(self) -> dict[str, list[Row]]:
        return _group_by_symbol(self._dataset_rows("fundamentals"))

    @cached_property
    def company_numbers(self) -> dict[str, int]:
        """The number of the company behind each stock's symbol; the SEC's CIK is made of it."""
        found = {}
        for symbol, row in self.securities.items():
            numbers = [word for word in row["name"].split() if word.isdigit()]
            if numbers and row["name"].endswith(("Common Stock", "Ordinary Shares")):
                found[symbol] = int(numbers[0])
        return found

    @cached_property
    def macro_rows(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self._dataset_rows("macro_observations"):
            found[row["series_id"]].append(row)
        return found

    @cached_property
    def events(self) -> list[Row]:
        """Newest first."""
        return sorted(self._dataset_rows("events"), key=lambda row: row["event_at"], reverse=True)

    def screener_rows(self, stale: bool = False) -> list[Row]:
        """The newest session that the screener's vendor has; `stale` gives the one before."""
        table = self.market.tables["equity_bars"]
        days = table.column("session_date")
        newest = sorted(pc.unique(days).to_pylist())[-2 if stale else -1]
        found: list[Row] = table.filter(pc.equal(days, newest)).to_pylist()
        return found

    def whole_market_bars(self, day: date) -> list[Row]:
        """Complete bars of all securities on a session."""
        if not self.market.start <= day <= self.end:
            return []
        found: list[Row] = self._all_bars.filter(pc.equal(self._all_bars.column("session_date"), day)).to_pylist()
        return found

    def member_rows(self, universe: str, day: date) -> list[Row]:
        return simulated.members_on(self.market, universe, day)

    def _dataset_rows(self, dataset: str) -> list[Row]:
        found: list[Row] = self.market.tables[dataset].to_pylist()
        return found


def _group_by_symbol(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["symbol"]].append(row)
    return found


def to_dashed_symbol(symbol: str) -> str:
    """BRK/B as most APIs write it."""
    return symbol.replace("/", "-")


def from_dashed_symbol(spelling: str) -> str:
    return spelling.upper().replace("-", "/")
