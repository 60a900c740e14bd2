"""A small market by seed: stocks with highs and lows, three indices, the sector funds, lists, ratings, filings and rates."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from reports.texts import texts_for_sql
from transforms.build import build_warehouse
from warehouse.calendar import sessions_between
from warehouse.contracts.datasets import CONTRACTS
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
DAYS = sessions_between(date(2024, 9, 3), date(2026, 1, 30))
SECTORS = {
    "Materials": "XLB", "Communication Services": "XLC", "Energy": "XLE", "Financials": "XLF", "Industrials": "XLI",
    "Information Technology": "XLK", "Consumer Staples": "XLP", "Real Estate": "XLRE", "Utilities": "XLU",
    "Health Care": "XLV", "Consumer Discretionary": "XLY",
}  # fmt: skip

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Split:
    """`numerator` new shares for `denominator` old ones of stock number `stock`, on session number `at` of DAYS."""

    stock: int
    at: int
    numerator: int
    denominator: int


@dataclass(frozen=True)
class Fault:
    """What a vendor gets wrong on session number `at` of DAYS; `number` counts the stocks, or the funds after SPY.

    `spike` and `fund_spike` multiply one close by `factor`, `shift` all closes from the session on; `repeat` gives the bar of
    the session before once more, `frozen` that of every stock.
    """

    kind: str
    at: int
    number: int = 0
    factor: float = 1.0


@dataclass(frozen=True)
class Market:
    """What a build is made from. `days` is how many of DAYS are known; prices are whole cents before any split."""

    seed: int
    stocks: int = 36
    days: int = len(DAYS)
    splits: tuple[Split, ...] = field(default=())
    faults: tuple[Fault, ...] = field(default=())

    def datasets(self) -> dict[str, pa.Table]:
        return {
            "equity_bars": table_of("equity_bars", self._equities()),
            "splits": table_of("splits", self._splits()),
            "index_bars": table_of("index_bars", self._closes(("SPX", "RUT", "NDX", "COMP"), 1)),
            "sector_bars": table_of("sector_bars", self._closes(("SPY", *SECTORS.values()), 2)),
            "securities": table_of("securities", self._securities()),
            "memberships": table_of("memberships", self._memberships()),
            "rating_actions": table_of("rating_actions", self._ratings()),
            "fundamentals": table_of("fundamentals", self._filings()),
            "macro_observations": table_of("macro_observations", self._rates()),
        }

    def warehouse(self, home: Path) -> Path:
        """Commit it all to a new lake under `home` and build; gives the warehouse's file."""
        lake = Lake(home)
        lake.commit("run-1", self.datasets())
        out = home / "out.duckdb"
        build_warehouse(
            lake, lake.manifest(), out, Settings(), code_version="test", built_at=NOW, texts=texts_for_sql()
        )
        return out

    def _walk(self, stream: int, n: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Prices of `n` instruments on all DAYS: what is not known yet is drawn all the same, so that a cut changes nothing."""
        draws = np.random.default_rng([self.seed, stream])
        common = draws.normal(0.0004, 0.008, (len(DAYS), 1))
        own = draws.normal(0, 0.015, (len(DAYS), n))
        start = draws.uniform(20, 300, n)
        prices: np.ndarray[Any, np.dtype[np.float64]] = start * np.exp(np.cumsum(common + own, axis=0))
        return prices.round(2)

    def _closes(self, symbols: tuple[str, ...], stream: int) -> Rows:
        prices = self._walk(stream, len(symbols))
        return [
            {
                "symbol": symbol,
                "session_date": DAYS[t],
                "basis": "raw",
                "close": float(prices[t, i]) * self._wrong("fund_spike", t, i if stream == 2 else -1),
                "is_final": True,
            }
            for i, symbol in enumerate(symbols)
            for t in range(self.days)
        ]

    def _wrong(self, kind: str, t: int, number: int) -> float:
        """What the faults of a kind make of a price of session `t`."""
        product = 1.0
        for fault in self.faults:
            if (fault.kind, fault.number) == (kind, number) and (fault.at == t or (kind == "shift" and fault.at < t)):
                product *= fault.factor
        return product

    def _is_repeated(self, t: int, stock: int) -> bool:
        return any(
            f.at == t and (f.kind == "frozen" or (f.kind == "repeat" and f.number == stock)) for f in self.faults
        )

    def _equities(self) -> Rows:
        prices = self._walk(3, self.stocks)
        draws = np.random.default_rng([self.seed, 4])
        up, down = draws.integers(0, 200, (2, len(DAYS), self.stocks)) / 100
        volumes = draws.integers(1, 40, (len(DAYS), self.stocks)) * 100_000
        caps = draws.uniform(0.1, 400, self.stocks) * 1e9
        starts = self._starts()
        known = draws.random((len(DAYS), self.stocks)) > 0.01
        rows: Rows = []
        for i in range(self.stocks):
            last: float | None = None
            for t in range(starts[i], self.days):
                close = float(prices[t, i])
                if not known[t, i]:
                    last = None
                    continue
                if rows and last is not None and self._is_repeated(t, i):
                    rows.append({**rows[-1], "session_date": DAYS[t]})
                    continue
                shares, shift = self._shares(i, t), self._wrong("shift", t, i)
                wrong = self._wrong("spike", t, i) * shift
                rows.append(
                    {
                        "symbol": f"ST{i:02}",
                        "session_date": DAYS[t],
                        "basis": "raw",
                        "high": wrong * round(close + float(up[t, i]), 2) / shares,
                        "low": wrong * max(0.01, round(close - float(down[t, i]), 2)) / shares,
                        "close": wrong * close / shares,
                        "previous_close": None if last is None else shift * last / shares,
                        "volume": int(volumes[t, i] * shares),
                        "market_cap": float(round(caps[i] * close / prices[0, i])),
                        "is_final": True,
                    }
                )
                last = close
        return rows

    def _starts(self) -> list[int]:
        """Session on which each stock is listed; most of them on the first."""
        draws = np.random.default_rng([self.seed, 8])
        late = draws.integers(1, len(DAYS), self.stocks)
        return [int(day) if draw < 0.2 else 0 for day, draw in zip(late, draws.random(self.stocks), strict=True)]

    def _shares(self, stock: int, t: int) -> float:
        """Shares that one share of the first session has become."""
        product = 1.0
        for split in self.splits:
            if split.stock == stock and split.at <= t:
                product *= split.numerator / split.denominator
        return product

    def _splits(self) -> Rows:
        return [
            {
                "symbol": f"ST{split.stock:02}",
                "ex_date": DAYS[split.at],
                "numerator": split.numerator,
                "denominator": split.denominator,
            }
            for split in self.splits
            if split.at < self.days
        ]

    def _securities(self) -> Rows:
        kinds = ("Technology", "Finance", "Energy", None)
        return [
            {
                "symbol": f"ST{i:02}",
                "first_seen": date(2024, 1, 2),
                "name": f"Company {i} Common Stock",
                "sector": kinds[i % 4],
                "taxonomy": "nasdaq",
            }
            for i in range(self.stocks)
        ]

    def _memberships(self) -> Rows:
        names = list(SECTORS)
        return [
            {
                "universe": "sp500" if i % 3 else "russell2000",
                "symbol": f"ST{i:02}",
                "kind": "snapshot",
                "effective_date": date(2024, 1, 2),
                "sector": names[i % len(names)],
            }
            for i in range(self.stocks)
        ]

    def _ratings(self) -> Rows:
        draws = np.random.default_rng([self.seed, 5])
        grades = ("Buy", "Hold", "Sell")
        listed = [i for i in range(self.stocks) if self._starts()[i] == 0]
        return [
            {
                "symbol": f"ST{listed[t % len(listed)]:02}",
                "rated_at": datetime(DAYS[t].year, DAYS[t].month, DAYS[t].day, tzinfo=UTC),
                "rating_date": DAYS[t],
                "firm": f"Firm {t % 3}",
                "to_grade": grades[int(draws.integers(0, 3))],
            }
            for t in range(0, len(DAYS), 7)
            if t < self.days
        ]

    def _filings(self) -> Rows:
        draws = np.random.default_rng([self.seed, 6])
        rows: Rows = []
        for i in range(0, self.stocks, 2):
            for year in range(2020, 2025):
                filed = date(year + 1, 2, 1) + timedelta(days=int(draws.integers(0, 60)))
                for concept, unit in (("revenue", "USD"), ("eps_diluted", "USD/shares"), ("net_income", "USD")):
                    value = float(draws.integers(-2 if concept != "revenue" else 1, 9)) * 10
                    if filed <= DAYS[self.days - 1]:
                        rows.append(_filing(f"ST{i:02}", concept, unit, year, filed, value))
        return rows

    def _rates(self) -> Rows:
        draws = np.random.default_rng([self.seed, 7])
        rows: Rows = []
        for series in ("DGS2", "DGS10", "DFF", "DFEDTARL"):
            values = draws.uniform(3, 5, len(DAYS)).round(2)
            rows += [
                {"series_id": series, "period_date": DAYS[t], "vintage": "latest", "value": float(values[t])}
                for t in range(self.days)
            ]
        return rows


def _filing(symbol: str, concept: str, unit: str, year: int, filed: date, value: float) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "concept": concept,
        "period_start": date(year, 1, 1),
        "period_end": date(year, 12, 31),
        "accession": f"{symbol}-{year}",
        "value": value,
        "unit": unit,
        "filed_date": filed,
        "is_filed_assumed": False,
        "available_at": datetime(filed.year, filed.month, filed.day, 14, tzinfo=UTC),
    }


def table_of(dataset: str, rows: Rows) -> pa.Table:
    """`rows` as the lake wants them; what every row carries is filled in."""
    common = {"source": "test", "payload_sha256": "0" * 64, "known_at": NOW, "is_withdrawn": False}
    return pa.Table.from_pylist([{**common, **row} for row in rows], schema=CONTRACTS[dataset].lake_schema)


def compare(left: Path, right: Path, tables: list[str], where: str = "true", omit: str = "") -> dict[str, int]:
    """For each table the number of rows that only one of the two warehouses has; tables that are equal are left out."""
    different = {}
    with duckdb.connect() as con:
        con.execute(f"set TimeZone = 'UTC'; attach '{left}' as a (read_only); attach '{right}' as b (read_only)")
        for table in tables:
            columns = f"* exclude ({omit})" if omit else "*"
            one, other = (f"select {columns} from {side}.{table} where {where}" for side in ("a", "b"))
            ((rows,),) = con.execute(
                f"""select count(*) from ((from ({one}) except all from ({other})) union all
                (from ({other}) except all from ({one})))"""
            ).fetchall()
            if rows:
                different[table] = int(rows)
    return different


def dated_tables(path: Path) -> list[str]:
    """The tables of marts and reports whose rows stand under a session, but for the one that shows the newest alone."""
    with duckdb.connect(str(path), read_only=True) as con:
        found = con.execute(
            """select table_schema || '.' || table_name from information_schema.columns
            where table_schema in ('marts', 'reports') and column_name = 'session_date' order by 1"""
        ).fetchall()
    return [name for (name,) in found if name != "marts.equities_latest"]
