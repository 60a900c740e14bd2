"""The large panel for measurements, here in small."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from sources.simulated.panel import panel_companions, simulate_panel
from warehouse import calendar
from warehouse.contracts.datasets import CONTRACTS

END = date(2025, 12, 31)


def test_one_sorted_table_a_year_with_the_same_share_alive() -> None:
    tables = list(simulate_panel(symbols=400, years=4, seed=3))
    assert [pc.min(t.column("session_date")).as_py().year for t in tables] == [2022, 2023, 2024, 2025]
    for table in tables:
        assert table.schema == CONTRACTS["equity_bars"].row_schema
        assert table.equals(table.sort_by([("symbol", "ascending"), ("session_date", "ascending")]))
    whole = pa.concat_tables(tables)
    possible = 400 * len(calendar.sessions_between(date(2022, 1, 1), END))
    assert 0.54 < whole.num_rows / possible < 0.64


def test_stated_previous_closes_carry_on_over_the_year() -> None:
    whole = pa.concat_tables(simulate_panel(symbols=200, years=3, seed=3)).to_pandas()
    whole = whole.sort_values(["symbol", "session_date"])
    last = whole.groupby("symbol")["close"].shift()
    ratio = (last / whole["previous_close"]).dropna()
    split = ratio[(ratio - 1).abs() > 1e-3]
    # nothing but 4:1 and 1:10
    assert set(split.round(1)) <= {4.0, 0.1}
    assert len(ratio) == len(whole) - 1 * whole["symbol"].nunique()
    assert (whole["low"] <= whole[["open", "close"]].min(axis=1)).all()
    assert (whole[["open", "close"]].max(axis=1) <= whole["high"]).all()


def test_the_same_seed_gives_the_same_panel() -> None:
    one, other = (next(simulate_panel(symbols=100, years=2, seed=5)) for _ in range(2))
    assert one.equals(other)
    assert not one.equals(next(simulate_panel(symbols=100, years=2, seed=6)))


def test_companions() -> None:
    found = panel_companions(symbols=100, years=2)
    assert {name: table.num_rows for name, table in found.items()} == {
        "securities": 100,
        "memberships": 50,
        "index_bars": 4 * 502,
        "sector_bars": 13 * 502,
    }
    assert set(found["memberships"].column("universe").to_pylist()) == {"sp500", "russell2000"}
