"""The tables of `reports` over the real market: what the headline of 2026-01-23 says, and kinds that hold of every session."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from tests.support.report_tables import english_left, negative_zeros

pytestmark = pytest.mark.real
DAY = date(2026, 1, 23)

Connection = duckdb.DuckDBPyConnection


def sentences(con: Connection, language: str) -> dict[str, str]:
    found = con.execute(f"select topic, text_{language} from reports.headline where session_date = ?", [DAY]).fetchall()
    return dict(found)


def test_the_headline_says_what_happened(real_warehouse: Connection) -> None:
    found = sentences(real_warehouse, "en")
    assert next(iter(found)) == "small_and_large"
    assert found["small_and_large"] == (
        "The Russell 2000 fell behind the S&P 500 (−1.82 % against +0.03 %), which ended a run of 14 sessions ahead."
    )
    assert found["sectors"] == "Materials came first of 11 sectors (+0.91 %), Financials last (−1.38 %)."
    assert found["year"] == "Year to date the Russell 2000 is 6.52 percentage points ahead of the S&P 500."
    assert "+2.50 % on average 21 sessions after 19 earlier cases, up in 73.7 % of them" in found["precedents"]


def test_the_headline_in_chinese(real_warehouse: Connection) -> None:
    found = sentences(real_warehouse, "zh")
    assert found["small_and_large"] == "罗素2000跑输标普500（−1.82%对+0.03%），此前连续14个交易日跑赢就此终结。"
    assert found["sectors"] == "11个行业中，原材料表现最好（+0.91%），金融表现最弱（−1.38%）。"


def test_a_day_that_is_partial_is_poor(real_warehouse: Connection) -> None:
    rows = real_warehouse.execute(
        """select session_date, status from reports.data_quality
        where item = 'summary' and session_date in ('2026-01-23', '2026-02-03') order by 1"""
    ).fetchall()
    assert rows == [(DAY, "good"), (date(2026, 2, 3), "poor")]


def test_no_figure_is_a_negative_zero_and_chinese_is_chinese(real_warehouse: Connection) -> None:
    assert negative_zeros(real_warehouse) == []
    assert english_left(real_warehouse) == []
