"""Real restatements and seams: two vintages of an adjusted series, and a file put together from pieces."""

from __future__ import annotations

import csv
from datetime import date

import duckdb
import pytest

from flows.build.verify import record_of
from tests.real.conftest import RealHome, breadthwise
from transforms.explain import explain_cell
from warehouse.builds.records import record_names
from warehouse.settings import Settings

SEAM = date(2026, 3, 19)
QUARTER_END = date(2026, 3, 24)


@pytest.mark.parametrize(
    ("symbol", "seam", "rows", "factor"), [("SPY", SEAM, 57, 0.99743), ("IWM", date(2026, 3, 17), 59, 0.99763)]
)
def test_the_vintages_hold_one_adjustment_and_one_provisional_row(
    real_warehouse: duckdb.DuckDBPyConnection, symbol: str, seam: date, rows: int, factor: float
) -> None:
    events = real_warehouse.execute(
        "select kind, first_date, last_date, rows, round(factor, 5), is_suffix, has_seam, old_payload <> payload_sha256 "
        "from ops.series_restatements where symbol = ? order by first_date",
        [symbol],
    ).fetchall()
    assert events == [
        ("adjustment", seam, date(2026, 6, 9), rows, factor, True, True, True),
        ("provisional", date(2026, 6, 10), date(2026, 6, 10), 1, None, True, True, True),
    ]


def test_seams_are_marked_with_what_they_are_held_against(real_warehouse: duckdb.DuckDBPyConnection) -> None:
    found = real_warehouse.execute(
        "select session_date, symbol, evidence, round(return_1d_pct, 2), round(other_return_1d_pct, 2) from marts.series_seams "
        "where source = 'etfs/etf_ohlcv_adjusted' and symbol in ('SPY', 'XLE', 'XLU', 'XLP') order by all"
    ).fetchall()
    # README of the data: false steps of -0.26 pp for SPY on 03-19, -0.7 pp for XLE and XLU on 03-24
    assert found == [
        (SEAM, "SPY", "restated", -0.5, -0.25),
        (QUARTER_END, "XLE", "series_differ", 1.3, 2.03),
        (QUARTER_END, "XLP", "shared", -0.77, None),
        (QUARTER_END, "XLU", "series_differ", 0.05, 0.69),
    ]
    items = real_warehouse.execute(
        "select count(*) from reports.data_quality where item = 'seam' and session_date = ?", [QUARTER_END]
    ).fetchall()
    assert items == [(8,)]


def test_no_false_return_is_left(real_warehouse: duckdb.DuckDBPyConnection) -> None:
    returns = {
        symbol: (value, series, reason)
        for symbol, value, series, reason in real_warehouse.execute(
            "select symbol, round(return_1d_pct, 2), other_series, reason from marts.sector_returns where session_date = ?",
            [QUARTER_END],
        ).fetchall()
    }
    # taken from the series without a seam where there is one, else null with the reason
    assert returns["XLE"][0] == 2.03
    assert "1d etfs/etf_close_adjusted total_return" in returns["XLE"][1]
    assert returns["XLU"][0] == 0.69
    assert returns["XLP"][0] is None
    assert "a seam of the series lies in the window:" in returns["XLP"][2]
    ytd = real_warehouse.execute(
        "select return_5d_pct is null, return_ytd_pct is null, reason from marts.sector_returns "
        "where symbol = 'XLE' and session_date = '2026-07-10'"
    ).fetchall()
    assert ytd == [(False, True, "a seam of the series lies in the window: 126d, 252d, ytd")]
    # the sectors of 2026-01-23 come from before all seams
    marked = real_warehouse.execute(
        "select count(*) from marts.sector_returns where session_date = '2026-01-23' and return_ytd_pct is null"
    ).fetchall()
    assert marked == [(0,)]


def test_relative_strength_crosses_no_seam_of_fund_or_benchmark(real_warehouse: duckdb.DuckDBPyConnection) -> None:
    found = real_warehouse.execute(
        "select session_date, rrg_daily_50_source, rrg_daily_50_rs_momentum is not null from marts.sector_rotation "
        "where symbol = 'XLE' and session_date in ('2026-03-19', '2026-03-24') order by all"
    ).fetchall()
    # on 03-19 the fund's own series still holds, paired with the benchmark's other series; from 03-24 on the other one
    assert found == [(SEAM, "etfs/etf_ohlcv_adjusted", True), (QUARTER_END, "etfs/etf_close_adjusted", True)]


def test_a_sceptic_sees_where_7_54_percent_comes_from(real_home: RealHome) -> None:
    key = "session_date=2026-01-23 index_id=RUT"
    found = explain_cell(real_home.path, Settings(), "marts.index_returns", key, "return_ytd_pct")
    assert round(found.value, 2) == 7.54
    assert [(row["session_date"], row["close"]) for row in found.inputs[0].rows] == [
        (date(2026, 1, 23), 2669.16),
        (date(2025, 12, 31), 2481.91),
    ]
    explanation = breadthwise(real_home.path, "why", "marts.index_returns", key, "return_ytd_pct")
    assert explanation.returncode == 0
    assert "applied:  100 (2669.16 / 2481.91 - 1) = 7.54459" in explanation.stdout
    assert explanation.stdout.count("from indices/RUT.csv") == 2
    every = breadthwise(
        real_home.path, "why", "marts.breadth_daily", "session_date=2026-01-23 universe=all", "advances", "--all"
    )
    rows = list(csv.DictReader(every.stdout.splitlines()))
    assert sum(row["dataset"] == "equity_bars" for row in rows) > 10_000


def test_the_record_of_the_build_is_kept(real_home: RealHome) -> None:
    name = record_names(real_home.path)[-1]
    record = record_of(real_home.path, name)
    hashes = dict(real_home.query("select table_name, hash from ops.builds"))
    assert record.hashes == hashes
    assert record_of(real_home.path, record.run_id).build_id == name
