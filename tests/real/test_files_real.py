"""Every file of the real data comes out whole: its rows are rows of the tables or noted, and cells are exact."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import duckdb
import pytest

from sources.base import Parsed, Request
from tests.real.market import plan_real

pytestmark = pytest.mark.real
NOW = datetime(2026, 11, 1, tzinfo=UTC)
# (dataset, rows, what is noted and is no row)
EXPECTED: dict[str, tuple[str, int, int]] = {
    "indices/SPX.csv": ("index_bars", 24_777, 0),
    "indices/COMP.csv": ("index_bars", 14_003, 0),
    "indices/RUT.csv": ("index_bars", 9_811, 0),
    "indices/NDX.csv": ("index_bars", 10_302, 0),
    "indices/DJI.csv": ("index_bars", 6_260, 0),
    "indices/VIX.csv": ("index_bars", 9_255, 0),
    "etfs/etf_ohlcv_adjusted.parquet": ("sector_bars", 129_892, 0),
    "etfs/etf_close_adjusted.parquet": ("sector_bars", 14_402, 0),
    "etfs/etf_ohlcv_unadjusted_2026.csv": ("sector_bars", 2_000, 0),
    "equities/screener_2025.parquet": ("equity_bars", 1_715_607, 0),
    "equities/screener_2026.parquet": ("equity_bars", 1_107_084, 0),
    "equities/largecap_ohlcv_adjusted.parquet": ("equity_bars", 191_911, 0),
    "equities/security_master_history.parquet": ("securities", 45_711, 0),
    "equities/security_master_2026-08-21.csv": ("securities", 7_250, 0),
    "membership/sp500_intervals.csv": ("memberships", 1_230, 0),
    "membership/sp500_changes.csv": ("memberships", 294, 6),
    "membership/sp500_2026-07-30.csv": ("memberships", 503, 0),
    "holdings/IWM_2025-11-11.csv": ("memberships", 1_958, 9),
    "ratings/analyst_ratings.csv": ("rating_actions", 27_214, 0),
    "macro/rates.csv": ("macro_observations", 83_294, 8 * 26_350 - 83_294),
    "macro/liquidity.csv": ("macro_observations", 8_684, 4 * 6_092 - 8_684),
    "macro/growth.csv": ("macro_observations", 1_609, 2 * 1_291 - 1_609),
    "macro/credit.csv": ("macro_observations", 21_065, 2 * 10_906 - 21_065),
    "vintages/IWM_as_of_2026-06-10.csv": ("sector_bars", 6_548, 0),
    "vintages/IWM_as_of_2026-08-21.csv": ("sector_bars", 6_598, 0),
    "vintages/SPY_as_of_2026-06-10.csv": ("sector_bars", 8_398, 0),
    "vintages/SPY_as_of_2026-08-21.csv": ("sector_bars", 8_448, 0),
}


@dataclass(frozen=True)
class Real:
    results: dict[str, tuple[Request, Parsed]]
    # by file how many functions of Python were called, those written in C included, to parse it
    calls: dict[str, int]

    def ask(self, file: str, where: str, *columns: str) -> list[tuple[Any, ...]]:
        """The columns of the rows of one file for which the condition holds."""
        (facts,) = self.results[file][1].tables.values()
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.register("facts", facts)
            return connection.sql(f"select {', '.join(columns)} from facts where {where} order by all").fetchall()


@pytest.fixture(scope="module")
def real(shared: Path) -> Real:
    plan = plan_real(shared, NOW)
    assert plan.skipped == ()
    results, calls = {}, Counter[str]()
    for item in plan.items:
        body, name = item.read_payload().body, item.file.name

        def count_call(_frame: FrameType, event: str, _of: Any, name: str = name) -> None:
            calls[name] += event.endswith("call")

        before = sys.getprofile()
        sys.setprofile(count_call)
        try:
            results[name] = (item.request, item.parse_payload(body, item.request))
        finally:
            sys.setprofile(before)
    assert len(results) == len(plan.items)
    return Real(results, calls)


def test_every_row_of_every_file_comes_out(real: Real) -> None:
    summaries = {}
    for file, (request, result) in real.results.items():
        assert list(result.rejected) == []
        no_rows = ("empty cells", "no equity", "equities without")
        left_out = [count for text, count in result.notes.items() if text.startswith(no_rows)]
        summaries[file] = (request.dataset, sum(table.num_rows for table in result.tables.values()), sum(left_out))
    assert {file: summaries[file] for file in EXPECTED} == EXPECTED
    others = set(summaries) - set(EXPECTED)
    assert {file.split("/")[1] for file in others} == {"income_annual.csv", "income_quarterly.csv"}
    assert (len(others), sum(summaries[file][1] for file in others)) == (60, 1_098)


def test_large_files_are_read_by_columns_and_not_by_rows(real: Real) -> None:
    """Not even one call a row: that is what makes it a matter of seconds, on any machine."""
    rows = {file: rows for file, (_, rows, _) in EXPECTED.items() if rows > 100_000}
    assert len(rows) == 4
    assert [(file, real.calls[file]) for file in rows if real.calls[file] >= rows[file] / 2] == []


def test_no_file_of_the_data_is_forgotten(shared: Path, real: Real) -> None:
    stored = {f"{path.parent.name}/{path.name}" for path in (shared / "data").rglob("*") if path.is_file()}
    assert stored - set(real.results) == {"data/README.md"}


def test_sources_and_instants(real: Real) -> None:
    sources = Counter(request.source for request, _ in real.results.values())
    assert sources["fundamentals"] == 60
    assert sources["etfs/etf_ohlcv_adjusted"] == 5
    assert sources["nasdaq_screener"] == 2
    assert sources["indices/SPX"] == 1
    known = {file: request.fetched_at for file, (request, _) in real.results.items() if file.startswith("vintages/SPY")}
    assert known == {
        "vintages/SPY_as_of_2026-06-10.csv": datetime(2026, 6, 10, tzinfo=UTC),
        "vintages/SPY_as_of_2026-08-21.csv": datetime(2026, 8, 21, tzinfo=UTC),
    }
    # the older file's last row was taken within the session
    days = "session_date >= '2026-06-09'"
    assert real.ask("vintages/SPY_as_of_2026-06-10.csv", days, "symbol", "session_date", "is_final") == [
        ("SPY", date(2026, 6, 9), True),
        ("SPY", date(2026, 6, 10), False),
    ]


@pytest.mark.parametrize(
    ("file", "closes"),
    [
        ("SPX", [(6845.50,), (6913.35,), (6915.61,)]),
        ("COMP", [(23241.99,), (23436.02,), (23501.24,)]),
        ("DJI", [(48063.29,), (49384.01,), (49098.71,)]),
        ("RUT", [(2481.91,), (2718.77,), (2669.16,)]),
    ],
)
def test_true_closes_of_the_indices(real: Real, file: str, closes: list[tuple[float]]) -> None:
    where = f"symbol = '{file}' and session_date in ('2025-12-31', '2026-01-22', '2026-01-23')"
    assert sorted(real.ask(f"indices/{file}.csv", where, "round(close, 2)")) == sorted(closes)


def test_the_screener_states_previous_closes_that_show_splits(real: Real) -> None:
    where = "symbol = 'NFLX' and session_date between '2025-11-14' and '2025-11-17'"
    names = ("session_date", "close", "previous_close", "basis")
    assert real.ask("equities/screener_2025.parquet", where, *names) == [
        (date(2025, 11, 14), 1112.17, 1154.23, "raw"),
        (date(2025, 11, 17), 110.29, 111.217, "raw"),
    ]
    files = ("equities/screener_2025.parquet", "equities/screener_2026.parquet")
    assert sum(real.ask(file, "previous_close is null", "count(*)")[0][0] for file in files) == 934
    notes = [real.results[file][1].notes for file in files]
    assert sum(n["rows that their recorder moved to their session"] for n in notes) == 441_857
    assert real.ask("equities/screener_2026.parquet", "market_cap = 0 or isnan(close)", "count(*)") == [(0,)]


def test_brk_b_is_one_symbol_in_every_file(real: Real) -> None:
    for file in (
        "equities/screener_2026.parquet", "equities/largecap_ohlcv_adjusted.parquet", "membership/sp500_intervals.csv",
        "equities/security_master_history.parquet", "membership/sp500_2026-07-30.csv", "BRK.B/income_annual.csv",
    ):  # fmt: skip
        assert real.ask(file, "symbol = 'BRK/B'", "count(*) > 0") == [(True,)], file


def test_memberships(real: Real) -> None:
    names = ("symbol", "sector", "weight_pct", "quantity", "price", "universe", "effective_date")
    assert real.ask("holdings/IWM_2025-11-11.csv", "symbol in ('BE', 'CRDA')", *names)[0] == (
        "BE", "Industrials", 0.96, 5_224_063.0, 127.07, "russell2000", date(2025, 11, 11)
    )  # fmt: skip
    assert real.ask("holdings/IWM_2025-11-11.csv", "symbol = 'CRDA'", "count(*)") == [(1,)]
    where = "effective_date = '2019-01-18'"
    assert real.ask("membership/sp500_changes.csv", where, "kind", "symbol", "universe") == [
        ("add", "TFX", "sp500"),
        ("remove", "PCG", "sp500"),
    ]
    assert real.ask("membership/sp500_intervals.csv", "symbol = 'PCG'", "effective_date", "end_date") == [
        (date(1996, 1, 2), date(2019, 1, 18)),
        (date(2022, 10, 3), None),
    ]


def test_macro_and_fundamentals(real: Real) -> None:
    where = "series_id = 'BAA10Y' and period_date = '2026-08-20'"
    assert real.ask("macro/credit.csv", where, "value", "vintage") == [(1.64, "latest")]
    where = "concept in ('revenue', 'eps_diluted') and period_end = '2022-09-30'"
    names = ("concept", "value", "unit", "period_start", "available_at::date")
    assert real.ask("AAPL/income_annual.csv", where, *names) == [
        ("eps_diluted", 6.11, "USD/shares", date(2021, 10, 1), date(2022, 12, 29)),
        ("revenue", 394_328_000_000.0, "USD", date(2021, 10, 1), date(2022, 12, 29)),
    ]
    assert real.ask("TSM/income_annual.csv", "concept = 'revenue'", "min(unit)", "max(unit)") == [("TWD", "TWD")]
