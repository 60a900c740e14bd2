"""What lies beyond the bounds of its contract is refused, and where an old lake holds it, no build reads it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.check import check_table
from tests.unit.fetching import AT, WEEK, bar, store
from warehouse.contracts.datasets import CONTRACTS
from warehouse.lake.lake import Lake

GOOD = bar("GOOD", WEEK[0], 14.2863, volume=10)


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"close": 1.42863e13, "basis": "split"}, "close_maximum"),
        ({"close": 1e9}, "raw_price_maximum"),
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
        lake.attach_views(con, lake.manifest())
        assert con.execute("select symbol from lake.equity_bars").fetchall() == [("GOOD",)]
        facts = con.sql(lake.history_sql("equity_bars", lake.manifest())).to_arrow_table()
    table = facts.select(contract.lake_schema.names).cast(contract.lake_schema)
    checked = check_table(contract, table, run_id="r", at=AT, refused_share_limit=1.0)
    assert checked.accepted["symbol"].to_pylist() == ["GOOD"]
    assert {name for name, rows in checked.broken.items() if len(rows)} == {rule}


@pytest.mark.parametrize(
    ("dataset", "good", "bad", "rule"),
    [
        ("splits", {"numerator": 100_000, "denominator": 1}, {"numerator": 100_001, "denominator": 1}, "ratio"),
        ("splits", {"ex_date": date(2030, 1, 2)}, {"ex_date": date(1, 1, 1)}, "ex_date_earliest"),
        ("dividends", {"ex_date": date(1871, 1, 2)}, {"ex_date": date(2201, 1, 1)}, "ex_date_latest"),
        (
            "macro_observations",
            {"period_date": date(1790, 1, 1)},
            {"period_date": date(1, 1, 1)},
            "period_date_earliest",
        ),
        (
            "macro_observations",
            {"period_date": date(2029, 1, 1)},
            {"period_date": date(9999, 1, 1)},
            "period_date_latest",
        ),
        ("rating_actions", {"price_target_usd": 9e6}, {"price_target_usd": 1.1e7}, "price_target_usd_maximum"),
        ("rating_actions", {"rating_date": WEEK[0]}, {"rating_date": date(1899, 12, 31)}, "rating_date_earliest"),
    ],
)
def test_a_ratio_or_a_day_beyond_reason_is_refused_and_not_read(
    tmp_path: Path, dataset: str, good: dict[str, Any], bad: dict[str, Any], rule: str
) -> None:
    given = {
        "splits": {"ex_date": WEEK[0], "numerator": 4, "denominator": 1},
        "dividends": {"ex_date": WEEK[0], "amount_usd": 0.5},
        "macro_observations": {"period_date": WEEK[0], "vintage": "latest", "value": 1.0},
        "rating_actions": {"rated_at": AT, "rating_date": WEEK[0], "firm": "Firm"},
    }[dataset]
    name = "series_id" if dataset == "macro_observations" else "symbol"
    store(tmp_path, dataset, "vendor", [{name: "GOOD"} | given | good, {name: "BAD"} | given | bad])
    lake, contract = Lake(tmp_path), CONTRACTS[dataset]
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        lake.attach_views(con, lake.manifest())
        assert con.execute(f"select {name} from lake.{dataset}").fetchall() == [("GOOD",)]
        facts = con.sql(lake.history_sql(dataset, lake.manifest())).to_arrow_table()
    table = facts.select(contract.lake_schema.names).cast(contract.lake_schema)
    checked = check_table(contract, table, run_id="r", at=AT, refused_share_limit=1.0)
    assert checked.accepted[name].to_pylist() == ["GOOD"]
    assert [found for found, rows in checked.broken.items() if len(rows)] == [
        "numerator_per_denominator" if rule == "ratio" else rule
    ]


def test_a_rate_beyond_reason_is_refused_and_not_read_and_another_country_s_is_free(tmp_path: Path) -> None:
    values = {
        "DFF": 22.36,
        "DGS10": -0.5,
        "EFFR": 43e6,
        "SOFR": -101.0,
        "WALCL": 8965487.0,
        "GDPC1": 2e9,
        "HUF": 4.19e14,
    }
    given = {"period_date": WEEK[0], "vintage": "latest"}
    store(tmp_path, "macro_observations", "vendor", [{"series_id": n, "value": v} | given for n, v in values.items()])
    lake, contract = Lake(tmp_path), CONTRACTS["macro_observations"]
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        lake.attach_views(con, lake.manifest())
        read = con.execute("select series_id from lake.macro_observations order by 1").fetchall()
        facts = con.sql(lake.history_sql("macro_observations", lake.manifest())).to_arrow_table()
    good = {"DFF", "DGS10", "HUF", "WALCL"}
    assert {name for (name,) in read} == good
    table = facts.select(contract.lake_schema.names).cast(contract.lake_schema)
    checked = check_table(contract, table, run_id="r", at=AT, refused_share_limit=1.0)
    assert set(checked.accepted["series_id"].to_pylist()) == good
    assert sorted(zip(checked.refused["rule"].to_pylist(), checked.refused["value"].to_pylist(), strict=True)) == [
        ("dollars_within", "value = 2000000000.0, series_id = GDPC1"),
        ("percent_within", "value = -101.0, series_id = SOFR"),
        ("percent_within", "value = 43000000.0, series_id = EFFR"),
    ]
