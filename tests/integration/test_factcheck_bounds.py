"""Claims given as bounds, pairs the other way round, and the words that say how far a claim lies from the warehouse."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from reports.factcheck.claims import Claim
from reports.factcheck.hedges import AT_LEAST, AT_MOST, Bound, bound_in_statement, is_vague
from reports.factcheck.output import verdict_rows
from reports.factcheck.verdicts import check_claims
from reports.figures.resolver import Warehouse
from tests.integration.conftest import LAST_SESSION

SESSION = date.fromisoformat(LAST_SESSION)


@pytest.mark.parametrize(
    ("statement", "value", "bound"),
    [
        ("The Russell 2000 is up more than 7% this year.", "7", Bound(AT_LEAST, True, 1)),
        ("up at least 7.0%", "7.0", Bound(AT_LEAST, False, 1)),
        ("up no more than 7%", "7", Bound(AT_MOST, False, 1)),
        ("up less than 7%", "7", Bound(AT_MOST, True, 1)),
        ("fell more than 2%", "-2", Bound(AT_MOST, True, -1)),
        ("fell less than 2%", "-2", Bound(AT_LEAST, True, -1)),
        ("stayed above -2%", "-2", Bound(AT_LEAST, True, 0)),
        ("罗素2000今年以来上涨超过7%", "7", Bound(AT_LEAST, True, 1)),
        ("上涨不超过7%", "7", Bound(AT_MOST, False, 1)),
        ("上涨7%以上", "7", Bound(AT_LEAST, False, 1)),
        ("下跌不到2%", "-2", Bound(AT_LEAST, True, -1)),
        ("up to 2%", "2", Bound(AT_MOST, False, 0)),
        ("is up in excess of 7%", "7", Bound(AT_LEAST, True, 1)),
        ("gained upwards of 7%", "7", Bound(AT_LEAST, True, 1)),
        ("gained north of 7%", "7", Bound(AT_LEAST, True, 1)),
        ("gained better than 7%", "7", Bound(AT_LEAST, True, 1)),
        ("its gain topped 7%", "7", Bound(AT_LEAST, True, 1)),
        ("up >7%", "7", Bound(AT_LEAST, True, 1)),
        ("up ≥7%", "7", Bound(AT_LEAST, False, 1)),
        ("up 7%+", "7", Bound(AT_LEAST, False, 1)),
        ("up <7%", "7", Bound(AT_MOST, True, 1)),
        ("up ≤7%", "7", Bound(AT_MOST, False, 1)),
        ("rose just shy of 7%", "7", Bound(AT_MOST, True, 1)),
        ("rose by a maximum of 7%", "7", Bound(AT_MOST, False, 1)),
        ("7%以下", "7", Bound(AT_MOST, False, 0)),
        ("Its gain tops 7%", "7", Bound(AT_LEAST, True, 1)),
        ("up 7%+ this year", "7", Bound(AT_LEAST, False, 1)),
        ("up 7% plus, again", "7", Bound(AT_LEAST, False, 1)),
        ("S&P 500: >7%", "7", Bound(AT_LEAST, True, 0)),
        # an arrow, a place, a sum
        ("S&P 500 -> 0.5%", "0.5", None),
        ("S&P 500 => 0.5%", "0.5", None),
        ("At the top 0.5%", "0.5", None),
        ("+0.5% plus dividends", "0.5", None),
        ("0.5% + dividends", "0.5", None),
        # the bound is of another number of the sentence
        ("More than 60 stocks rose, and the index gained 7%.", "7", None),
        ("The index gained 7%.", "7", None),
        # where the statement leaves the number out, what stands at its end alone is of it
        ("Russell 2000, at least", "7", Bound(AT_LEAST, False, 0)),
        ("Share of stocks above their 200-day average", "7", None),
        ("New lows overall", "7", None),
        ("Share of advancers fell below one third", "60", None),
    ],
)
def test_a_bound_is_read_beside_its_number(statement: str, value: str, bound: Bound | None) -> None:
    assert bound_in_statement(statement, value) == bound


@pytest.mark.parametrize(
    ("statement", "value", "is_so"),
    [
        ("gained about 0.3%", "0.3", True),
        ("上涨近7%", "7", True),
        ("up 7% or so", "7", True),
        ("Around the world stocks fell 7%", "7", False),
        ("Around the world stocks fell", "-7", False),
        ("罗素2000近一月涨跌幅", "7", False),
    ],
)
def test_a_number_is_vague_by_the_words_beside_it(statement: str, value: str, is_so: bool) -> None:
    assert is_vague(statement, value) is is_so


def verdicts_of(home: Path, *claims: tuple[str, str, str, str, str, str]) -> list[tuple[str, str]]:
    """Verdict and reason of claims given as (statement, entity, metric, value, unit, other entity)."""
    listed = [
        Claim(f"c{place}", statement, "number", entity, metric, SESSION, value, unit, other)
        for place, (statement, entity, metric, value, unit, other) in enumerate(claims)
    ]
    with Warehouse(home) as warehouse:
        return [
            (row["verdict"], row["reason"])
            for row in verdict_rows(check_claims(listed, warehouse), warehouse.newest_build)
        ]


def test_what_is_more_than_a_number_is_not_the_number(demo_template: Path) -> None:
    rose = str(int(truth(demo_template, "advances", "marts.breadth_daily", "universe = 'all'")))
    strict, loose, less = verdicts_of(
        demo_template,
        (f"More than {rose} stocks rose", "all", "advances", rose, "stocks", ""),
        (f"At least {rose} stocks rose", "all", "advances", rose, "stocks", ""),
        (f"Fewer than {rose} stocks rose", "all", "advances", rose, "stocks", ""),
    )
    assert (strict[0], loose[0], less[0]) == ("contradicted", "confirmed", "contradicted")
    assert "the bound itself, which the claim leaves out" in strict[1]


def test_what_rose_by_less_did_not_fall(demo_template: Path) -> None:
    change = truth(demo_template, "return_1d_pct", "marts.index_returns", "index_id = 'SPX'")
    verb, other = ("fell", "rose") if change < 0 else ("rose", "fell")
    sign = -1 if change < 0 else 1
    right, wrong, denied = verdicts_of(
        demo_template,
        (f"The S&P 500 {verb} less than 30 %", "SPX", "return_1d", str(sign * 30), "pct", ""),
        (f"The S&P 500 {other} less than 30 %", "SPX", "return_1d", str(-sign * 30), "pct", ""),
        (f"The S&P 500 was not {verb} 30 %", "SPX", "return_1d", str(sign * 30), "pct", ""),
    )
    assert (right[0], wrong[0], denied[0]) == ("confirmed", "contradicted", "not checkable")
    assert "it moved the other way" in wrong[1]


@pytest.mark.parametrize(
    ("statement", "value", "metric", "other", "number"),
    [
        ("The Russell 2000 lost more than 5% this year", "5", "return_ytd", "", -5),
        ("The Russell 2000 lost 5% this year", "5", "return_ytd", "", -5),
        ("a loss of 5% in the Russell 2000", "5", "return_ytd", "", -5),
        ("The Russell 2000's 5% drop", "5", "return_ytd", "", -5),
        ("罗素2000今年以来下跌5%", "5", "return_ytd", "", -5),
        ("The S&P 500 fell, and the Russell 2000 rose 5%", "5", "return_ytd", "", 5),
        ("The Russell 2000 is up more than 5%", "5", "return_ytd", "", 5),
        ("The Russell 2000 lost 5%", "-5", "return_ytd", "", -5),
        ("Advancers fell below 60", "60", "advances", "", 60),
        ("The Russell 2000 trails the S&P 500 by more than 7 points this year", "7", "spread_ytd", "SPX", -7),
        ("The S&P 500 trails the Russell 2000 by 7 points this year", "7", "spread_ytd", "SPX", 7),
        ("The S&P 500 beat the Russell 2000 by 7 points this year", "7", "spread_ytd", "SPX", -7),
        ("The Russell 2000 beat the S&P 500 by 7 points this year", "7", "spread_ytd", "SPX", 7),
    ],
)
def test_a_number_without_a_sign_takes_the_direction_of_the_verb(
    statement: str, value: str, metric: str, other: str, number: float
) -> None:
    assert Claim("x", statement, "number", "RUT", metric, SESSION, value, "pct", other).number == number


def test_a_bound_holds_in_the_direction_of_the_verb(demo_template: Path) -> None:
    year = truth(demo_template, "return_ytd_pct", "marts.index_returns", "index_id = 'RUT'")
    verbs = ("gained", "lost") if year > 0 else ("lost", "gained")
    size = f"{abs(year) / 2:.1f}"
    right, wrong = verdicts_of(
        demo_template,
        *(
            (f"The Russell 2000 {verb} more than {size}% this year", "RUT", "return_ytd", size, "pct", "")
            for verb in verbs
        ),
    )
    assert (right[0], wrong[0]) == ("confirmed", "contradicted")


def test_a_bound_or_another_unit_refutes_no_spread(demo_template: Path) -> None:
    lead, base = (
        truth(demo_template, "return_ytd_pct", "marts.index_returns", f"index_id = '{i}'") for i in ("RUT", "SPX")
    )
    spread = ("", "RUT", "spread_ytd", f"{lead - base:.2f}", "pp", "SPX")
    bounds = verdicts_of(
        demo_template,
        (f"more than {lead - 5:.1f} %", "RUT", "return_ytd", f"{lead - 5:.1f}", "pct", ""),
        ("", "SPX", "return_ytd", f"{base:.2f}", "pct", ""),
        spread,
    )
    shares = verdicts_of(
        demo_template,
        ("", "RUT", "return_ytd", f"{lead / 100:.4f}", "share", ""),
        ("", "SPX", "return_ytd", f"{base / 100:.4f}", "share", ""),
        spread,
    )
    assert {verdict for verdict, _ in (*bounds, *shares)} == {"confirmed"}


def test_figures_that_are_asked_for_can_be_claimed(demo_template: Path) -> None:
    share = 100 * truth(demo_template, "above_sma200_share", "marts.breadth_daily", "universe = 'all'")
    streak = str(
        int(truth(demo_template, "outperformance_streak", "marts.index_spreads", "lead_id = 'RUT' and base_id = 'SPX'"))
    )
    close = truth(demo_template, "close", "marts.index_returns", "index_id = 'SPX'")
    rounded = f"{round(close, -3):.0f}"
    rank = str(int(truth(demo_template, "rank_21d", "marts.sector_rotation", "sector = 'Energy'")))
    with duckdb.connect(str(demo_template / "warehouse.duckdb"), read_only=True) as con:
        # a row of growth holds until the next one of the company
        symbol, growth = (
            con.execute("""select symbol, arg_max(revenue_growth_3y_pct, session_date) from marts.fundamental_growth
            where session_date < (select max(session_date) from marts.breadth_daily) group by symbol
            having arg_max_null(revenue_growth_3y_pct, session_date) is not null order by symbol limit 1""").fetchall()[
                0
            ]
        )
    found = verdicts_of(
        demo_template,
        ("", "all", "above_sma200_share", f"{share:.1f}", "", ""),
        ("", "RUT", "outperformance_streak", streak, "sessions", "SPX"),
        ("", "RUT-SPX", "outperformance_streak", streak, "sessions", ""),
        ("", "sector:Energy", "rank_21d", rank, "rank", ""),
        ("", symbol, "sales_growth_3y", f"{growth:.1f}", "pct", ""),
        ("", "SPX", "close", rounded, "points", ""),
    )
    assert [verdict for verdict, _ in found] == ["confirmed"] * 6
    assert "Its round number allows 500 either way." in found[-1][1]


def test_a_rank_of_our_own_is_checked(demo_template: Path) -> None:
    place = truth(
        demo_template, "value", "marts.index_statistics", "index_id = 'SPX' and statistic = 'nth_lowest_of_year'"
    )
    ranks = (
        (f"{place:.0f}", "nth_lowest_of_year"),
        (f"{place + 1:.0f}", "nth_lowest_of_year"),
        ("1", "place_of_beauty"),
    )
    claims = [Claim(f"{metric} {value}", "", "rank", "SPX", metric, SESSION, value, "rank") for value, metric in ranks]
    with Warehouse(demo_template) as warehouse:
        verdicts = check_claims(claims, warehouse)
    assert [v.verdict for v in verdicts] == ["confirmed", "contradicted", "not checkable"]
    assert verdicts[-1].reasons[0].code == "unknown_metric"


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
