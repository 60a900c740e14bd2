"""Numbers of an article that only look like a figure of its session, and the day that each figure is of."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from reports.factcheck.articles.article import find_claims, to_claims_csv
from reports.factcheck.articles.days import Day

SESSION = date(2026, 1, 23)
# sentence -> numbers that a person must place: none of them is a figure of the session
UNPLACED: tuple[tuple[str, list[str]], ...] = (
    ("The Russell 2000 was up 12.8% in 2025.", ["12.8%"]),
    ("In 2025 the market was strong. The Russell 2000 was up 12.8%.", ["12.8%"]),
    ("Since March 2020 the S&P 500 has gained 200%.", ["200%"]),
    ("The energy sector's 5-year return is 120%.", ["120%"]),
    ("The S&P 500 gained 3.1% in January.", ["3.1%"]),
    ("The S&P 500 returns 10% a year on average.", ["10%"]),
    ("Yesterday the S&P 500 closed at 6,913.35.", ["6,913.35"]),
    ("If the Nasdaq Composite falls 3% next week, traders will sell.", ["3%"]),
    ("The S&P 500 could fall 5%.", ["5%"]),
    ("Strategists expect the S&P 500 to gain 8% this year.", ["8%"]),
    ("The S&P 500 did not rise 0.5%.", ["0.5%"]),
    ("The Dow Jones Industrial Average didn't close at 49,500.25.", ["49,500.25"]),
    ("S&P 500 futures were up 0.3%.", ["0.3%"]),
    ("Options on the Nasdaq 100 gained 12.5%.", ["12.5%"]),
    ("The S&P 500 target was up 4%.", ["4%"]),
    ("Energy prices rose 2.4%.", ["2.4%"]),
    ("The Technology Select Sector SPDR ETF rose 1.2%.", ["1.2%"]),
    ("The S&P 500 rose one and a half percent.", ["one and a half percent"]),
    ("No stock in the Dow Jones Industrial Average rose 3%.", ["3%"]),
    ("The Nasdaq Composite was up 1.2% at midday.", ["1.2%"]),
    ("标普500指数连续三周上涨，累计涨幅1.7%。", ["1.7%", "连续三周"]),
    ("The S&P 500 gained 16.4% during 2025.", ["16.4%"]),
    ("S&P 500 2025 return: 16.4%", ["16.4%"]),
    ("The S&P 500's forward earnings rose 3%.", ["3%"]),
    ("Did the S&P 500 rise 0.5%?", ["0.5%"]),
    ("标普500指数从12月31日到1月23日上涨1.02%。", ["1.02%"]),
    ("标普500指数是否上涨0.5%仍不确定。", ["0.5%"]),
    ("如果标普500指数下跌10%，市场将恐慌。", ["10%"]),
    ("标普500指数将上涨10%。", ["10%"]),
    ("标普500指数未能上涨0.5%。", ["0.5%"]),
    ("标普500指数上周下跌0.35%。", ["0.35%"]),
    ("标普500指数前一日上涨0.63%。", ["0.63%"]),
    ("去年罗素2000指数上涨11.3%。", ["11.3%"]),
    ("自2020年3月以来，标普500指数上涨200%。", ["200%"]),
    ("能源板块近五年上涨120%。", ["120%"]),
    ("纳斯达克100期货上涨0.4%。", ["0.4%"]),
    ("标普500指数上涨一成。", ["一成"]),
    ("标普500指数上涨百分之零点零三。", ["百分之零点零三"]),
    # what was before, the ends of a range, an extreme of the session
    ("The Dow fell between 0.6% and 0.7%.", ["0.6%", "0.7%"]),
    ("The S&P 500 was down as much as 1.2%.", ["1.2%"]),
    ("标普500指数最多跌1.2%。", ["1.2%"]),
    # a move that was taken back, or of another stretch or index
    ("The S&P 500 erased a 1.8% loss.", ["1.8%"]),
    ("The S&P 500's gain narrowed from 2.1% to 1.7%.", ["2.1%", "1.7%"]),
    ("The S&P 500 kept a weekly gain of 1.2%.", ["1.2%"]),
    # a rate a day is no return of one day
    ("The S&P 500 rose 0.53% a day.", ["0.53%"]),
    ("The S&P 500 rose by 0.53% daily.", ["0.53%"]),
    ("The S&P 500 rose 0.53%, the typical daily move.", ["0.53%"]),
    ("The S&P 500's average daily gain was 0.53%.", ["0.53%"]),
    ("The Russell 2000 said little, its equal-weight version rose 1.5%.", ["1.5%"]),
)
# sentence -> entity, metric, day and value of each row of the claims file
OF_A_DAY: tuple[tuple[str, list[tuple[str, str, str, str]]], ...] = (
    (
        "The S&P 500 rose 0.4% on January 22 and fell 2.1% on January 20.",
        [("SPX", "return_1d", "2026-01-22", "0.4"), ("SPX", "return_1d", "2026-01-20", "-2.1")],
    ),
    ("On Thursday the S&P 500 rose 0.5%.", [("SPX", "return_1d", "2026-01-22", "0.5")]),
    ("On Thursday stocks were calm. The S&P 500 rose 0.5%.", [("SPX", "return_1d", "2026-01-22", "0.5")]),
    ("The S&P 500 fell 0.7% on Dec. 31, 2025.", [("SPX", "return_1d", "2025-12-31", "-0.7")]),
    ("The S&P 500 fell 0.7% on December 31.", [("SPX", "return_1d", "2025-12-31", "-0.7")]),
    ("周四标普500指数上涨0.55%。", [("SPX", "return_1d", "2026-01-22", "0.55")]),
    ("1月20日标普500指数下跌2.06%。", [("SPX", "return_1d", "2026-01-20", "-2.06")]),
    ("On Friday the S&P 500 rose 0.03%.", [("SPX", "return_1d", "2026-01-23", "0.03")]),
    (
        "Apple (AAPL) closed at $248.04, with a market cap of $3.6 trillion.",
        [("AAPL", "close", "2026-01-23", "248.04"), ("AAPL", "market_cap", "2026-01-23", "3600000000000")],
    ),
    (
        "苹果(AAPL)收于248.04美元，市值3.65万亿。",
        [("AAPL", "close", "2026-01-23", "248.04"), ("AAPL", "market_cap", "2026-01-23", "3650000000000")],
    ),
    ("本周标普500指数下跌0.35%。", [("SPX", "return_wtd", "2026-01-23", "-0.35")]),
    ("On January 23, 2026, the Russell 2000 fell 1.82%.", [("RUT", "return_1d", "2026-01-23", "-1.82")]),
    ("The Russell 2000 fell 2.1% on 20 January 2026.", [("RUT", "return_1d", "2026-01-20", "-2.1")]),
    ("The S&P 500 rose 0.4%, more than in 2025.", [("SPX", "return_1d", "2026-01-23", "0.4")]),
    # a verb is no month: of December, of March, of May
    ("The S&P 500 declined 1.5%.", [("SPX", "return_1d", "2026-01-23", "-1.5")]),
    (
        "The Dow lost 0.69% with 16 decliners.",
        [("DJI", "return_1d", "2026-01-23", "-0.69"), ("", "", "2026-01-23", "")],
    ),
    (
        "The S&P 500 rose 1.8% as 3 markets rallied.",
        [("SPX", "return_1d", "2026-01-23", "1.8"), ("", "", "2026-01-23", "")],
    ),
    ("With earnings for the year due, the S&P 500 rose 1.2%.", [("SPX", "return_1d", "2026-01-23", "1.2")]),
    ("High on the year's first day, the S&P 500 fell 0.4%.", [("SPX", "return_1d", "2026-01-23", "-0.4")]),
    # what the day ended with, though a move was taken back before
    ("The S&P 500 pared its losses but closed down 0.2%.", [("SPX", "return_1d", "2026-01-23", "-0.2")]),
    ("The S&P 500 reversed course and rose 0.8%.", [("SPX", "return_1d", "2026-01-23", "0.8")]),
    ("The weekly jobless claims sent the S&P 500 down 0.4%.", [("SPX", "return_1d", "2026-01-23", "-0.4")]),
    ("标普500指数收复失地收涨0.3%。", [("SPX", "return_1d", "2026-01-23", "0.3")]),
    # each number has its own period and its own measure
    (
        "The S&P 500 slipped 0.8%, leaving it up 1.2% for the week and down 0.6% for the year.",
        [
            ("SPX", "return_1d", "2026-01-23", "-0.8"),
            ("SPX", "return_wtd", "2026-01-23", "1.2"),
            ("SPX", "return_ytd", "2026-01-23", "-0.6"),
        ],
    ),
    (
        "The S&P 500 rose 1.7% for the day and is up 0.2% for the month.",
        [("SPX", "return_1d", "2026-01-23", "1.7"), ("SPX", "return_mtd", "2026-01-23", "0.2")],
    ),
    (
        "The 2-year yield rose to 4.02% and the 10-year yield to 4.46%.",
        [("market", "yield_2y", "2026-01-23", "4.02"), ("market", "yield_10y", "2026-01-23", "4.46")],
    ),
    (
        "The 10-year yield fell to 4.57% from 4.60%.",
        [("market", "yield_10y", "2026-01-23", "4.57"), ("", "", "2026-01-23", "")],
    ),
    (
        "10年期美债收益率由4.61%降至4.57%。",
        [("", "", "2026-01-23", ""), ("market", "yield_10y", "2026-01-23", "4.57")],
    ),
    (
        "The 10-year yield rose 0.11 percentage points to 4.46%.",
        [("", "", "2026-01-23", ""), ("market", "yield_10y", "2026-01-23", "4.46")],
    ),
    (
        "There were 134 advancing stocks and 16 declining stocks in the S&P 500.",
        [("sp500", "advances", "2026-01-23", "134"), ("sp500", "declines", "2026-01-23", "16")],
    ),
    ("The Nasdaq Composite fell for 2 sessions in a row.", [("COMP", "run_sessions", "2026-01-23", "-2")]),
    # a day to come is no session yet: unplaced
    ("The S&P 500 rose 0.4% on January 30.", [("", "", "2026-01-23", "")]),
)


@pytest.mark.parametrize(("text", "numbers"), UNPLACED, ids=[s[:40] for s, _ in UNPLACED])
def test_a_number_of_something_else_is_listed_and_not_placed(text: str, numbers: list[str]) -> None:
    found = find_claims(text)
    assert [one.bound for one in found] == [None] * len(numbers)
    assert [one.text for one in found] == numbers


@pytest.mark.parametrize(("text", "claims"), OF_A_DAY, ids=[s[:40] for s, _ in OF_A_DAY])
def test_each_figure_is_of_its_own_day(text: str, claims: list[tuple[str, str, str, str]]) -> None:
    rows = csv.DictReader(io.StringIO(to_claims_csv(find_claims(text), SESSION)))
    assert [(r["entity"], r["metric"], r["session_date"], r["value"]) for r in rows] == claims


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (Day(weekday=4), date(2026, 1, 23)),
        (Day(weekday=0), date(2026, 1, 19)),
        (Day(month=12, day=31), date(2025, 12, 31)),
        (Day(month=1, day=30), None),
        (Day(month=2, day=30), None),
        (Day(year=2025, month=4, day=9), date(2025, 4, 9)),
    ],
)
def test_a_day_is_the_last_such_day_by_the_session(day: Day, found: date | None) -> None:
    assert day.date_for_session(SESSION) == found
