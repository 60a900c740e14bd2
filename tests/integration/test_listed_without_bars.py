"""A rated stock that a list names has the sector of its list from the first day: its first bar changes no figure of the past."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports.texts import texts_for_sql
from tests.unit.fetching import AT, WEEK, bar, store
from transforms.build import build_warehouse
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

SECTORS = {"AAPL": "Information Technology", "VZ": "Communication Services", "BRK/B": "Financials"}
QUERIES = (
    "select symbol, sector from marts.rating_actions order by symbol",
    f"select sector, actions from marts.rating_counts where session_date = '{WEEK[1]}' and actions > 0 order by sector",
    "select symbol, sector_label_en from reports.analyst_actions order by symbol",
)
INSTRUMENTS = "select instrument_id from marts.rating_actions where symbol <> 'AAPL' order by symbol"


def listed(symbol: str) -> dict[str, Any]:
    return {
        "universe": "sp500",
        "symbol": symbol.replace("/", ""),
        "kind": "snapshot",
        "effective_date": date(2026, 1, 16),
        "sector": SECTORS[symbol],
    }


def rated(symbol: str) -> dict[str, Any]:
    published = datetime(2026, 1, 20, tzinfo=UTC)
    return {
        "symbol": symbol,
        "firm": "X",
        "rated_at": published,
        "rating_date": WEEK[1],
        "to_grade": "Buy",
        "available_at": published,
    }


def found(home: Path, *queries: str) -> list[list[tuple[Any, ...]]]:
    lake, out = Lake(home), home / "warehouse.duckdb"
    out.unlink(missing_ok=True)
    build_warehouse(lake, lake.manifest(), out, Settings(), code_version="test", built_at=AT, texts=texts_for_sql())
    with duckdb.connect(str(out), read_only=True) as con:
        return [con.execute(query).fetchall() for query in queries]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    store(tmp_path, "memberships", "list", [listed(symbol) for symbol in SECTORS])
    store(tmp_path, "rating_actions", "ratings", [rated(symbol) for symbol in SECTORS])
    store(tmp_path, "equity_bars", "vendor", [bar("AAPL", day, 250.0 + n, volume=n + 1) for n, day in enumerate(WEEK)])
    return tmp_path


def test_the_first_bar_of_a_stock_changes_no_sector_of_its_ratings(home: Path) -> None:
    by_symbol = sorted(SECTORS.items())
    expected = [by_symbol, [*((sector, 1) for sector in sorted(SECTORS.values())), ("all", 3)], by_symbol]
    assert found(home, INSTRUMENTS, *QUERIES) == [[(None,), (None,)], *expected]
    store(home, "equity_bars", "vendor", [bar(symbol, WEEK[-1], 40.0, volume=2) for symbol in ("VZ", "BRK/B")])
    assert found(home, INSTRUMENTS, *QUERIES) == [[("BRK/B",), ("VZ",)], *expected]
