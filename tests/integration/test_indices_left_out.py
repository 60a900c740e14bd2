"""Levels of indices with dividends in them, which an older release took: in no table, and the build says so."""

from __future__ import annotations

from pathlib import Path

from tests.integration.restating import ask, at, publish
from tests.unit.test_build import SESSIONS, bars, rows_of
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal


def test_an_index_with_dividends_is_no_price_return_and_the_build_counts_its_facts(tmp_path: Path) -> None:
    lake, funds = Lake(tmp_path), {"sector_bars": rows_of("sector_bars", bars("SPY", 600, 0.5))}
    price, with_dividends = bars("SPX", 6000, 3), bars("SPX", 9000, 30, basis="total_return", source="mine")
    lake.commit("run-1", {"index_bars": rows_of("index_bars", [*price, *with_dividends]), **funds})
    published = publish(tmp_path, at(0))
    last = f"{SESSIONS[-1]}"
    levels = ask(tmp_path, f"select index_id, close from marts.index_returns where session_date = '{last}'")
    assert levels == [("SPX", price[-1]["close"])]
    message = Journal(tmp_path).list_runs()[0]["message"]
    assert message.startswith(
        f"index_bars: {len(SESSIONS)} facts of another basis than raw (mine total_return) are in no table"
    )
    assert published.is_current
