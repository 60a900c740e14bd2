"""A session that one source lost and another has: what the warehouse makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from reports.texts import texts_for_sql
from tests.unit.fetching import AT, bar, store
from transforms.build import build_warehouse
from warehouse.calendar import sessions_between
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

DAYS = sessions_between(date(2026, 1, 2), date(2026, 1, 23))
LOST, WRONG = date(2026, 1, 14), date(2026, 1, 20)


def make_warehouse(home: Path) -> Path:
    """SPX at 1000, 1001 ... by Yahoo, without one session; FRED has all, and one close that is wrong."""
    closes = {day: 1000.0 + number for number, day in enumerate(DAYS)}
    store(home, "index_bars", "yahoo_bars", [bar("SPX", d, c) for d, c in closes.items() if d != LOST])
    store(home, "index_bars", "fred", [bar("SPX", d, c + 5 * (d == WRONG)) for d, c in closes.items()])
    store(
        home, "equity_bars", "yahoo_bars", [bar("AAPL", d, c / 10, volume=100) for d, c in closes.items() if d != LOST]
    )
    store(home, "equity_bars", "polygon_grouped", [bar("AAPL", d, c / 10, volume=101) for d, c in closes.items()])
    lake = Lake(home)
    out = home / "warehouse.duckdb"
    build_warehouse(lake, lake.manifest(), out, Settings(), code_version="test", built_at=AT, texts=texts_for_sql())
    return out


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    out = make_warehouse(tmp_path_factory.mktemp("home"))
    with duckdb.connect(str(out), read_only=True) as con:
        yield con


def test_the_fill_serves_the_session_and_the_return_after_it(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        "select session_date, close, return_1d_pct, source from marts.index_returns "
        "where index_id = 'SPX' and session_date between '2026-01-13' and '2026-01-15' order by 1"
    ).fetchall()
    # 01-14 is the ninth session: 1008, by FRED and within the series of Yahoo
    assert [(row[0], row[1], row[3]) for row in found] == [
        (date(2026, 1, 13), 1007.0, "yahoo_bars"),
        (LOST, 1008.0, "fred"),
        (date(2026, 1, 15), 1009.0, "yahoo_bars"),
    ]
    assert [row[2] for row in found[1:]] == pytest.approx([100 / 1007, 100 / 1008], rel=1e-12)


def test_a_stock_is_filled_too(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        "select close, volume from marts.equity_facts where symbol = 'AAPL' and session_date = ?", [LOST]
    ).fetchall()
    assert found == [(100.8, 101)]


def test_the_report_says_where_a_close_is_from_and_where_sources_differ(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        "select session_date, item, subject, status, rows, note_en from reports.data_quality "
        "where item in ('fill', 'disagreement') order by all"
    ).fetchall()
    assert found == [
        (LOST, "fill", "equity_bars of yahoo_bars raw from polygon_grouped raw", "filled", 1,
         "from polygon_grouped, which agrees with yahoo_bars before the hole"),
        (LOST, "fill", "index_bars of yahoo_bars raw from fred raw", "filled", 1,
         "from fred, which agrees with yahoo_bars before the hole: SPX"),
        (WRONG, "disagreement", "index_bars of yahoo_bars and fred", "not averaged", 1,
         "yahoo_bars and fred differ: SPX 1,011.00 / 1,016.00"),
    ]  # fmt: skip
