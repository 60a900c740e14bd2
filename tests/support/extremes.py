"""Rows at the edges of their contracts: the largest, the smallest and no value in every column of numbers, day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np

from warehouse.calendar import sessions_between
from warehouse.contracts.contract import Column, Contract
from warehouse.contracts.datasets import CONTRACTS

DAYS = sessions_between(date(2024, 2, 1), date(2026, 1, 23))
FUNDS = (
    "XLB",
    "XLC",
    "XLE",
    "XLF",
    "XLI",
    "XLK",
    "XLP",
    "XLRE",
    "XLU",
    "XLV",
    "XLY",
    "SPY",
    "IWM",
    "IWB",
    "QQQ",
    "MDY",
)
INDICES = ("SPX", "NDX", "RUT", "COMP", "DJI", "MID", "SML", "RUI", "RUA", "VIX", "RTY")
STOCKS = tuple(f"ST{number:02}" for number in range(20))
SERIES = (
    "EFFR",
    "DGS2",
    "DGS10",
    "DFEDTARU",
    "DFEDTARL",
    "WALCL",
    "GDPC1",
    "GDPC1MD",
    "FEDTARMD",
    "CPIAUCSL",
    "UNRATE",
)
CONCEPTS = ("revenue", "eps_diluted", "net_income", "shares_diluted", "shares_outstanding")
# a symbol stands at one edge, leaps each day or after a run of sessions, or draws; too many that stand are a frozen session
RUN = 23
MOST_PAID = 1e8
MOST_OF_OTHERS = 1e15
MOST_OF_SERIES = {**dict.fromkeys(SERIES, 100.0), "WALCL": 1e9, "GDPC1": 1e9, "CPIAUCSL": MOST_OF_OTHERS}
MOST_TO_ONE = 100_000

Rows = list[dict[str, Any]]
Pick = Callable[[Column, int, int], Any]


def picker(seed: int, basis: str = "raw") -> Pick:
    """Gives the value of a column in the row `day` of the `number`th symbol: an edge, a common value, or null."""
    draws = np.random.default_rng(seed)

    def most(column: Column) -> float | None:
        is_paid = basis == "raw" and column.unit.startswith("price")
        return min(column.maximum or MOST_PAID, MOST_PAID) if is_paid else column.maximum

    def pick(column: Column, number: int, day: int) -> Any:
        low, high = column.minimum, most(column)
        assert low is not None, column.name
        assert high is not None, column.name
        value: float | None
        edges = [low, high]
        match number % 20:
            case 0 | 3:
                value = edges[number % 2]
            case 10:
                value = edges[day // RUN % 2]
            case 7 | 17:
                value = edges[int(draws.integers(2))]
            case 8 | 9 | 18 | 19:
                common = [*edges, min(high, max(low, 100.0 + day)), *([] if column.required else [None])]
                value = common[int(draws.integers(len(common)))]
            case _:
                value = edges[(day + number) % 2]
        return int(value) if value is not None and column.type == "integer" else value

    return pick


def numbers(contract: Contract) -> list[Column]:
    return [column for column in contract.columns if column.type in ("float", "integer")]


def bars(dataset: str, symbols: Sequence[str], pick: Pick, basis: str = "raw") -> Rows:
    """A bar of each symbol on each of DAYS, high and low in order."""
    rows = []
    for number, symbol in enumerate(symbols):
        for day, session in enumerate(DAYS):
            row = {c.name: pick(c, number, day) for c in numbers(CONTRACTS[dataset])}
            prices = sorted(row[name] for name in ("open", "high", "low", "close") if row[name] is not None)
            row |= {name: None if row[name] is None else row["close"] for name in ("open", "high", "low")}
            row |= {} if row["high"] is None else {"high": prices[-1]}
            row |= {} if row["low"] is None else {"low": prices[0]}
            if row["volume"]:
                # close and volume of an earlier session are a frozen one
                row["volume"] = max(1, row["volume"] - day)
            rows.append({"symbol": symbol, "session_date": session, "basis": basis, "is_final": True} | row)
    return rows


def every_dataset(seed: int, basis: str = "raw") -> dict[str, Rows]:
    """Rows of each dataset that has numbers, with the names by which the models take them up."""
    pick = picker(seed, basis)
    return {
        "index_bars": bars("index_bars", INDICES, pick),  # taken as published, whatever the others are
        "sector_bars": bars("sector_bars", FUNDS, pick, basis),
        "equity_bars": bars("equity_bars", STOCKS, pick, basis),
        "splits": list(_splits(pick)),
        "dividends": list(_dividends(pick)),
        "securities": list(_securities(pick)),
        "memberships": list(_memberships(pick)),
        "rating_actions": list(_ratings(pick)),
        "fundamentals": list(_filings(pick)),
        "macro_observations": list(_macro(pick)),
    }


def _values(dataset: str, pick: Pick, number: int, day: int) -> dict[str, Any]:
    return {column.name: pick(column, number, day) for column in numbers(CONTRACTS[dataset])}


def _splits(pick: Pick) -> Iterator[dict[str, Any]]:
    for number, symbol in enumerate((*STOCKS, *FUNDS)):
        for day in range(number, len(DAYS), 40):
            row = _values("splits", pick, number, day)
            least = max(row.values()) // MOST_TO_ONE
            yield {"symbol": symbol, "ex_date": DAYS[day]} | {name: max(n, least) for name, n in row.items()}


def _dividends(pick: Pick) -> Iterator[dict[str, Any]]:
    for number, symbol in enumerate((*STOCKS, *FUNDS)):
        for day in range(number, len(DAYS), 9):
            yield {"symbol": symbol, "ex_date": DAYS[day]} | _values("dividends", pick, number, day)


def _securities(pick: Pick) -> Iterator[dict[str, Any]]:
    for number, symbol in enumerate(STOCKS):
        texts = {"name": f"Company {number} Common Stock", "sector": "Technology", "taxonomy": "nasdaq"}
        yield {"symbol": symbol, "first_seen": DAYS[0]} | texts | _values("securities", pick, number, 0)


def _memberships(pick: Pick) -> Iterator[dict[str, Any]]:
    for number, symbol in enumerate(STOCKS):
        for day in range(0, len(DAYS), 100):
            texts = {"universe": "sp500" if number % 3 else "russell2000", "kind": "snapshot", "sector": "Energy"}
            yield {"symbol": symbol, "effective_date": DAYS[day]} | texts | _values("memberships", pick, number, day)


def _ratings(pick: Pick) -> Iterator[dict[str, Any]]:
    for number, symbol in enumerate(STOCKS):
        for day, session in enumerate(DAYS):
            texts = {"firm": f"Firm {day % 4}", "to_grade": ("Buy", "Hold", "Sell", None)[day % 4]}
            at = {"rated_at": datetime.combine(session, time(), UTC), "rating_date": session}
            yield {"symbol": symbol} | texts | at | _values("rating_actions", pick, number, day)


def _filings(pick: Pick) -> Iterator[dict[str, Any]]:
    units = {"eps_diluted": "USD/shares", "shares_diluted": "shares", "shares_outstanding": "shares"}
    for number, symbol in enumerate(STOCKS):
        for concept in CONCEPTS:
            for year in range(2015, 2025):
                filed = date(year + 1, 2, 1) + timedelta(days=number)
                period = {"period_start": date(year, 1, 1), "period_end": date(year, 12, 31), "form": "10-K"}
                texts = {"concept": concept, "unit": units.get(concept, "USD"), "accession": f"{symbol}-{year}"}
                public = {"filed_date": filed, "available_at": datetime.combine(filed, time(14), UTC)}
                yield (
                    {"symbol": symbol, "is_filed_assumed": False}
                    | period | texts | public | _values("fundamentals", pick, number, year)
                )  # fmt: skip


def _macro(pick: Pick) -> Iterator[dict[str, Any]]:
    for number, series in enumerate(SERIES):
        for day, session in enumerate(DAYS):
            row = {"series_id": series, "period_date": session, "vintage": "latest"}
            value = _values("macro_observations", pick, number, day)["value"]
            most = MOST_OF_SERIES.get(series, MOST_OF_OTHERS)
            yield row | {"value": None if value is None else min(max(value, -most), most)}
