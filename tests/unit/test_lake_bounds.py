"""What lies beyond the bounds of its contract is refused, and where an old lake holds it, no build reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.check import check
from tests.unit.fetching import AT, WEEK, bar, store
from warehouse.contracts.datasets import CONTRACTS
from warehouse.lake.lake import Lake

GOOD = bar("GOOD", WEEK[0], 14.2863, volume=10)


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"close": 1.42863e13}, "close_maximum"),
        ({"close": 1e-7}, "close_minimum"),
        ({"volume": 9 * 10**18}, "volume_maximum"),
        ({"market_cap": 1e308}, "market_cap_maximum"),
    ],
)
def test_an_absurd_number_is_refused_and_not_read(tmp_path: Path, more: dict[str, Any], rule: str) -> None:
    store(tmp_path, "equity_bars", "vendor", [GOOD, bar("BAD", WEEK[0], 14.0) | more])
    lake, contract = Lake(tmp_path), CONTRACTS["equity_bars"]
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        lake.attach(con, lake.manifest())
        assert con.execute("select symbol from lake.equity_bars").fetchall() == [("GOOD",)]
        facts = con.sql(lake.history_sql("equity_bars", lake.manifest())).to_arrow_table()
    table = facts.select(contract.lake_schema.names).cast(contract.lake_schema)
    checked = check(contract, table, run_id="r", at=AT, refused_share_limit=1.0)
    assert checked.accepted["symbol"].to_pylist() == ["GOOD"]
    assert {name for name, rows in checked.broken.items() if len(rows)} == {rule}
