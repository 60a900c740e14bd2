"""Claims given as bounds, pairs the other way round, and the words that say how far a claim lies from the warehouse."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from reports.factcheck.claims import Claim
from reports.factcheck.hedges import AT_LEAST, AT_MOST, bound_in_statement
from reports.factcheck.output import verdict_rows
from reports.factcheck.verdicts import check_claims
from reports.figures.resolver import Warehouse
from tests.integration.conftest import LAST_SESSION

SESSION = date.fromisoformat(LAST_SESSION)


@pytest.mark.parametrize(
    ("statement", "value", "bound"),
    [
        ("The Russell 2000 is up more than 7% this year.", "7", AT_LEAST),
        ("up at least 7.0%", "7.0", AT_LEAST),
        ("up no more than 7%", "7", AT_MOST),
        ("up less than 7%", "7", AT_MOST),
        ("fell more than 2%", "-2", AT_MOST),
        ("fell less than 2%", "-2", AT_LEAST),
        ("stayed above -2%", "-2", AT_LEAST),
        ("罗素2000今年以来上涨超过7%", "7", AT_LEAST),
        ("上涨不超过7%", "7", AT_MOST),
        ("上涨7%以上", "7", AT_LEAST),
        ("下跌不到2%", "-2", AT_LEAST),
        # the bound is of another number of the sentence
        ("More than 60 stocks rose, and the index gained 7%.", "7", ""),
        ("The index gained 7%.", "7", ""),
        ("Russell 2000, at least", "7", AT_LEAST),
    ],
)
def test_a_bound_is_read_beside_its_number(statement: str, value: str, bound: str) -> None:
    assert bound_in_statement(statement, value) == bound


def truth(home: Path, column: str, table: str, row: str) -> float:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        sql = f"select {column} from {table} where {row} and session_date = ?"
        return float(con.execute(sql, [LAST_SESSION]).fetchall()[0][0])


def test_a_bound_holds_on_its_side_only(demo_template: Path) -> None:
    close = truth(demo_template, "close", "marts.index_returns", "index_id = 'SPX'")
    low, high = f"{close - 20:.2f}", f"{close + 20:.2f}"
    claims = [
        Claim(f"{words} {value}", f"{words} {value}", "number", "SPX", "close", SESSION, value, "points")
        for words in ("above", "below")
        for value in (low, high)
    ]
    with Warehouse(demo_template) as warehouse:
        verdicts = check_claims(claims, warehouse)
        rows = verdict_rows(verdicts, warehouse.newest_build)
    assert [v.verdict for v in verdicts] == ["confirmed", "contradicted", "contradicted", "confirmed"]
    assert [v.tolerance for v in verdicts] == [0.0] * 4
    assert rows[1]["reason"].endswith("; the bound claimed lies 20 above it.")
    assert rows[2]["reason"].endswith("; the bound claimed lies 20 below it.")


def test_a_pair_may_be_claimed_the_other_way_round(demo_template: Path) -> None:
    lead = truth(demo_template, "spread_ytd_pp", "marts.index_spreads", "lead_id = 'RUT' and base_id = 'SPX'")
    claims = [
        Claim("right", "", "number", "SPX", "spread_ytd", SESSION, f"{-lead:.2f}", "pp", "RUT"),
        Claim("wrong", "", "number", "SPX", "spread_ytd", SESSION, f"{lead:.2f}", "pp", "RUT"),
    ]
    with Warehouse(demo_template) as warehouse:
        right, wrong = verdict_rows(check_claims(claims, warehouse), warehouse.newest_build)
    assert (right["verdict"], wrong["verdict"]) == ("confirmed", "contradicted")
    assert right["warehouse_value"] == pytest.approx(-lead)
    assert "other way round, as RUT-SPX" in right["reason"]
    assert "value of" not in wrong["reason"]
    assert "lead_id=RUT base_id=SPX" in right["proof"]


def test_the_reason_says_on_which_side_the_claim_lies_and_the_value_keeps_its_digits(demo_template: Path) -> None:
    close = truth(demo_template, "close", "marts.index_returns", "index_id = 'SPX'")
    cap = truth(demo_template, "max(market_cap)", "marts.equity_facts", "true")
    symbol = ""
    with duckdb.connect(str(demo_template / "warehouse.duckdb"), read_only=True) as con:
        sql = "select min(symbol) from marts.equity_facts where market_cap = ? and session_date = ?"
        symbol = str(con.execute(sql, [cap, LAST_SESSION]).fetchall()[0][0])
    claims = [
        Claim("low", "", "number", "SPX", "close", SESSION, f"{close - 15.61:.2f}", "points"),
        Claim("high", "", "number", "SPX", "close", SESSION, f"{close + 15.61:.2f}", "points"),
        Claim("cap", "", "number", symbol, "market_cap", SESSION, "1", "usd"),
    ]
    with Warehouse(demo_template) as warehouse:
        low, high, largest = verdict_rows(check_claims(claims, warehouse), warehouse.newest_build)
    assert "; the claim lies 15.61 below it, and its digits allow 0.005." in low["reason"]
    assert "; the claim lies 15.61 above it, and its digits allow 0.005." in high["reason"]
    assert largest["warehouse_value"] == cap
