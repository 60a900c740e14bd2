"""Years under one name, evenings under another, a vendor with holes: the warehouse goes on, and says where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports.texts import texts_for_sql
from tests.unit.fetching import AT, bar, store
from transforms.build import build_warehouse
from warehouse.calendar import sessions_between
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

DAYS = sessions_between(date(2024, 12, 27), date(2026, 1, 23))
# sessions 0..251 are a user's file, 252..261 evenings of the screener, from 256 on a second vendor, without 258 and 259
FILE, EVENINGS, SECOND = range(252), range(252, 262), [*range(256, 258), *range(260, 268)]
STOCKS = [f"S{i:02}" for i in range(30)]
ODD, ADJUSTED = "S00", "S01"


def close(stock: int, day: int) -> float:
    """Whole cents, up by 0.10 a session with a dip every third."""
    return round(50 + stock + 0.1 * day - 0.5 * (day % 3 == 0), 2)


def rows_of(days: Any, source: str) -> list[dict[str, Any]]:
    """The bars that a source gives. The screener has ODD on another level, and the file has ADJUSTED as its vendor adjusts it."""
    states = source == "nasdaq_screener"
    rows = []
    for number, name in enumerate(STOCKS):
        for day in days:
            level = 2.0 if states and name == ODD else 1.0
            more: dict[str, Any] = {"previous_close": close(number, day - 1) * level} if states else {}
            if source == "mine" and name == ADJUSTED:
                more["basis"] = "total_return"
            rows.append(bar(name, DAYS[day], close(number, day) * level, volume=1000, **more))
    return rows


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home = tmp_path_factory.mktemp("home")
    for days, source in ((SECOND, "second"), (FILE, "mine"), (EVENINGS, "nasdaq_screener")):
        store(home, "equity_bars", source, rows_of(days, source))
    out = home / "warehouse.duckdb"
    lake = Lake(home)
    build_warehouse(lake, lake.manifest(), out, Settings(), code_version="test", built_at=AT, texts=texts_for_sql())
    with duckdb.connect(str(out), read_only=True) as con:
        yield con


def _shown(con: duckdb.DuckDBPyConnection, symbol: str, days: list[int]) -> list[tuple[Any, ...]]:
    return con.execute(
        """select close, round(return_1d_pct, 6), source, basis from marts.equity_facts
        where symbol = ? and session_date in ? order by session_date""",
        [symbol, [DAYS[day] for day in days]],
    ).fetchall()


def test_no_session_of_the_history_vanishes(warehouse: duckdb.DuckDBPyConnection) -> None:
    ((sessions_shown, facts),) = warehouse.execute(
        "select count(distinct session_date), count(*) from marts.equity_facts"
    ).fetchall()
    # 252 of the file, 10 evenings, 6 of the second vendor after them; the first five of ODD are a hole, as nothing proves them
    assert (sessions_shown, facts) == (268, 268 * 30 - 5)


def test_breadth_and_its_means_go_on_over_the_joints(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        """select session_date, eligible, advances + declines, sma200_members, above_sma200_share, range_52w_members, reason
        from marts.breadth_daily where universe = 'all' and session_date >= ? order by 1""",
        [DAYS[250]],
    ).fetchall()
    assert [row[0] for row in found] == [DAYS[day] for day in range(250, 268)]
    # ODD has no return into 252, then a hole of five; into 267 the second vendor has both closes. No mean crosses the joints
    assert [row[1] for row in found] == [30] * 2 + [29] + [30] * 9 + [29] * 5 + [30]
    assert [row[3] for row in found] == [30] * 2 + [29] * 16
    assert [row[4] for row in found] == [1.0] * 18
    assert [row[5] for row in found] == [0] + [30] + [29] * 16


def test_a_joint_without_a_proof_is_a_break_with_its_reason(warehouse: duckdb.DuckDBPyConnection) -> None:
    c = [close(0, day) for day in range(268)]
    # into 252 no series has both closes; into 267 the second vendor has, and its return is shown
    assert _shown(warehouse, ODD, [251, 252, 253, 262, 266, 267]) == [
        (c[251], round(100 * (c[251] / c[250] - 1), 6), "mine", "raw"),
        (2 * c[252], None, "nasdaq_screener", "raw"),
        (2 * c[253], round(100 * (c[253] / c[252] - 1), 6), "nasdaq_screener", "raw"),
        (c[267], round(100 * (c[267] / c[266] - 1), 6), "second", "raw"),
    ]
    found = warehouse.execute(
        "select session_date, subject, rows, note_en from reports.data_quality where item = 'break'"
    )
    note = "no close of both series agrees in the six sessions up to this one; no mean and no range crosses it: S00"
    assert found.fetchall() == [
        (DAYS[252], "equity_bars from mine raw to nasdaq_screener raw", 1, note),
        (DAYS[267], "equity_bars from nasdaq_screener raw to second raw", 1, note),
    ]


def test_an_adjusted_history_goes_on_in_raw_evenings(warehouse: duckdb.DuckDBPyConnection) -> None:
    c = [close(1, day) for day in range(268)]
    assert _shown(warehouse, ADJUSTED, [251, 252]) == [
        (c[251], round(100 * (c[251] / c[250] - 1), 6), "mine", "total_return"),
        (c[252], round(100 * (c[252] / c[251] - 1), 6), "nasdaq_screener", "raw"),
    ]


def test_a_hole_of_the_best_series_is_filled_only_by_one_that_agrees(tmp_path: Path) -> None:
    days = range(20)
    for source, numbers in (("nasdaq_screener", [d for d in days if d not in (8, 9)]), ("second", days)):
        rows = [bar("AAA", DAYS[d], close(2, d), volume=1) for d in numbers]
        # of BBB the second source is a cent in ten apart
        rows += [bar("BBB", DAYS[d], close(3, d) * (1.001 if source == "second" else 1), volume=1) for d in numbers]
        store(tmp_path, "equity_bars", source, rows)
    lake, out = Lake(tmp_path), tmp_path / "warehouse.duckdb"
    build_warehouse(lake, lake.manifest(), out, Settings(), code_version="test", built_at=AT, texts=texts_for_sql())
    with duckdb.connect(str(out), read_only=True) as con:
        assert [row[2] for row in _shown(con, "AAA", [7, 8, 9, 10])] == [
            "nasdaq_screener",
            "second",
            "second",
            "nasdaq_screener",
        ]
        assert [row[2] for row in _shown(con, "BBB", [7, 8, 9, 10])] == ["nasdaq_screener", "nasdaq_screener"]
        assert [row[1] for row in _shown(con, "BBB", [10])] == [None]
