"""What is printed leads to the bars that it speaks of: a sentence, a line of the index sheet, a band, a rate."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from reports.figures.entities import FUND_OF_SECTOR
from tests.integration.conftest import LAST_SESSION
from transforms.explain import explain_cell
from warehouse.settings import Settings


@pytest.mark.parametrize(
    ("topic", "names"),
    [
        ("small_and_large", {"index_bars": {"RUT", "SPX"}}),
        ("indices", {"index_bars": {"COMP", "DJI", "RUT", "SPX"}}),
        ("sectors", {"sector_bars": set(FUND_OF_SECTOR.values())}),
    ],
)
def test_a_sentence_of_the_headline_names_the_bars_that_it_speaks_of(
    demo_template: Path, topic: str, names: dict[str, set[str]]
) -> None:
    key = f"session_date={LAST_SESSION} topic={topic}"
    found = explain_cell(demo_template, Settings(), "reports.headline", key, "text_en", limit=None)
    shown = {given.dataset: {row["symbol"] for row in given.rows} for given in found.inputs if given.rows}
    assert {dataset: symbols - {"SPY"} for dataset, symbols in shown.items()} == names


def test_a_line_of_the_index_sheet_names_the_bars_of_the_days_that_it_speaks_of(demo_template: Path) -> None:
    key = f"session_date={LAST_SESSION} index_id=SPX subject="
    (record,) = explain_cell(
        demo_template, Settings(), "reports.index_statistics", f"{key}record_close", "text_en"
    ).inputs
    with duckdb.connect(str(demo_template / "warehouse.duckdb"), read_only=True) as con:
        sql = """select statistic, value, since_date from marts.index_statistics
            where index_id = 'SPX' and session_date = ? and statistic in ('record_close', 'high_52w', 'low_52w') order by 1"""
        high, low, top = con.execute(sql, [LAST_SESSION]).fetchall()
    assert (top[2], top[1]) in {(row["session_date"], row["close"]) for row in record.rows}
    (year,) = explain_cell(demo_template, Settings(), "reports.index_statistics", f"{key}range_52w", "text_en").inputs
    assert {(high[2], high[1]), (low[2], low[1])} <= {(row["session_date"], row["close"]) for row in year.rows}


def test_a_band_of_market_caps_names_the_bars_of_its_members_alone(demo_template: Path) -> None:
    key = f"session_date={LAST_SESSION} universe=cap:mega"
    found = explain_cell(demo_template, Settings(), "marts.breadth_daily", key, "advances", limit=None)
    with duckdb.connect(str(demo_template / "warehouse.duckdb"), read_only=True) as con:
        sql = "select members, advances from marts.breadth_daily where universe = 'cap:mega' and session_date = ?"
        members, rose = con.execute(sql, [LAST_SESSION]).fetchall()[0]
    closes = {(row["symbol"], row["role"]): row["close"] for row in found.inputs[0].rows}
    symbols = {symbol for symbol, _ in closes}
    # rights and warrants on a large company are no members
    assert members <= len(symbols) <= members + 3
    assert rose <= sum(closes[symbol, "close"] > closes[symbol, "close before"] for symbol in symbols) <= rose + 3


def test_a_rate_names_its_own_series(demo_template: Path) -> None:
    key = f"session_date={LAST_SESSION} item=yield_10y"
    (found,) = explain_cell(demo_template, Settings(), "reports.policy_rates", key, "value").inputs
    assert {row["series_id"] for row in found.rows} == {"DGS10"}
    (of_both,) = explain_cell(
        demo_template, Settings(), "reports.rotation_summary", f"session_date={LAST_SESSION}", "small_vs_large_streak"
    ).inputs[1:]
    assert {row["symbol"] for row in of_both.rows} == {"RUT", "SPX"}
