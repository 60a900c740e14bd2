"""Figures found in sentences of an article: what each is of; and texts that state none."""

from __future__ import annotations

import pytest

from reports.factcheck.articles.article import find_claims

# sentence -> (entity, metric, value, other entity) of each claim
SENTENCES: list[tuple[str, list[tuple[str, str, str, str]]]] = [
    (
        "The S&P 500 rose 0.5% on Tuesday to close at 5,123.41.",
        [("SPX", "return_1d", "0.5", ""), ("SPX", "close", "5123.41", "")],
    ),
    ("The Nasdaq Composite fell 1.25 percent.", [("COMP", "return_1d", "-1.25", "")]),
    ("The Russell 2000 is up 4.1% year to date.", [("RUT", "return_ytd", "4.1", "")]),
    ("Small caps have gained 12.3% this year.", [("RUT", "return_ytd", "12.3", "")]),
    (
        "The Dow Jones Industrial Average lost 215.3 points, closing at 38,989.83.",
        [("DJI", "change_points", "-215.3", ""), ("DJI", "close", "38989.83", "")],
    ),
    (
        "Year to date, the Russell 2000 is ahead of the S&P 500 by 2.4 percentage points.",
        [("RUT", "spread_ytd", "2.4", "SPX")],
    ),
    (
        "On the day, the Nasdaq 100 trailed the S&P 500 by 0.6 percentage points.",
        [("NDX", "spread_1d", "-0.6", "SPX")],
    ),
    (
        "Energy led with a gain of 2.1%, while Utilities slipped 0.4%.",
        [("sector:Energy", "return_1d", "2.1", ""), ("sector:Utilities", "return_1d", "-0.4", "")],
    ),
    ("Technology stocks climbed 1.9% for the week.", [("sector:Information Technology", "return_wtd", "1.9", "")]),
    ("A 1.2% gain in the S&P 500 capped the month.", [("SPX", "return_1d", "1.2", "")]),
    ("The VIX closed at 14.32.", [("VIX", "close", "14.32", "")]),
    (
        "Acme Corp (ACME), with a market cap of $3.4 billion, fell 2.5%.",
        [("ACME", "market_cap", "3400000000", ""), ("ACME", "return_1d", "-2.5", "")],
    ),
    ("Sales growth at Acme Corp (ACME) over the past three years was 18.5%.", []),
    ("Acme Corp (ACME) reported sales growth over three years of 18.5%.", [("ACME", "sales_growth_3y", "18.5", "")]),
    ("Acme Corp (ACME) showed earnings growth over one year of 9.7%.", [("ACME", "eps_growth_1y", "9.7", "")]),
    (
        "Morgan Stanley raised Acme (ACME) to Overweight with a price target of $145.",
        [("ACME", "rating_action", "145", "Morgan Stanley")],
    ),
    ("The 10-year yield stood at 4.23%.", [("market", "yield_10y", "4.23", "")]),
    ("Among S&P 500 stocks, 62% were above the 50-day average.", [("sp500", "above_sma50_share", "62", "")]),
    ("There were 1,812 advancers among all stocks.", [("all", "advances", "1812", "")]),
    ("Economists expect GDP growth of 2.1% in 2027.", [("US", "real_gdp_growth", "2.1", "")]),
    ("The committee projects a federal funds rate of 3.1% at the end of 2027.", [("FED", "policy_rate", "3.1", "")]),
    ("Since 1950 the Russell 2000 has led by so much only 6 times.", [("RUT", "precedent_count", "6", "")]),
    ("标普500指数上涨0.7%，报收5321.40点。", [("SPX", "return_1d", "0.7", ""), ("SPX", "close", "5321.40", "")]),
    ("纳斯达克综合指数今年以来累计上涨9.8%。", [("COMP", "return_ytd", "9.8", "")]),
    ("道指跌1.1%，收报39012.55点。", [("DJI", "return_1d", "-1.1", ""), ("DJI", "close", "39012.55", "")]),
    ("罗素2000指数年初至今跑赢标普500指数3.2个百分点。", [("RUT", "spread_ytd", "3.2", "SPX")]),
    ("当日纳指跑输标普500指数0.4个百分点。", [("COMP", "spread_1d", "-0.4", "SPX")]),
    ("能源板块领涨，涨幅为2.3%。", [("sector:Energy", "return_1d", "2.3", "")]),
    (
        "科技板块下跌1.6%，公用事业板块上涨0.5%。",
        [("sector:Information Technology", "return_1d", "-1.6", ""), ("sector:Utilities", "return_1d", "0.5", "")],
    ),
    ("医疗保健板块本周累计下跌2.2%。", [("sector:Health Care", "return_wtd", "-2.2", "")]),
    ("小盘股今年以来上涨6.4%。", [("RUT", "return_ytd", "6.4", "")]),
    (
        "市值52亿美元的某公司(ACME)上涨3.1%。",
        [("ACME", "market_cap", "5200000000", ""), ("ACME", "return_1d", "3.1", "")],
    ),
    ("某公司(ACME)过去三年的销售额增长率为21.5%。", [("ACME", "sales_growth_3y", "21.5", "")]),
    ("某公司(ACME)过去一年的每股收益增长率为8.3%。", [("ACME", "eps_growth_1y", "8.3", "")]),
    ("花旗将某公司(ACME)的目标价上调至88美元。", [("ACME", "rating_action", "88", "Citigroup")]),
    ("预计2027年联邦基金利率为3.0%。", [("FED", "policy_rate", "3.0", "")]),
    ("十年期美债收益率为4.18%。", [("market", "yield_10y", "4.18", "")]),
    ("纳斯达克100指数收于18432.17点。", [("NDX", "close", "18432.17", "")]),
    (
        "原材料板块评分为71.2，工业板块(63.0)次之。",
        [
            ("sector:Materials", "vendor_sector_score", "71.2", ""),
            ("sector:Industrials", "vendor_sector_score", "63.0", ""),
        ],
    ),
    ("金融板块1.4%的跌幅居首。", [("sector:Financials", "return_1d", "-1.4", "")]),
    ("恐慌指数收于17.85点。", [("VIX", "close", "17.85", "")]),
]
WITHOUT_CLAIMS = (
    "Markets opened quietly on January 5, 2026. Traders waited for the Fed; nobody expected much before the 2 p.m. statement.",
    "本周市场清淡，投资者观望为主。2026年1月5日之后，成交逐步恢复。",
    "The committee has 12 members and meets 8 times a year in a building of 1937; its chair spoke for 40 minutes.",
)


@pytest.mark.parametrize(("sentence", "claims"), SENTENCES, ids=[s[:40] for s, _ in SENTENCES])
def test_a_sentence_gives_its_claims_and_no_other(sentence: str, claims: list[tuple[str, str, str, str]]) -> None:
    found = [one.bound for one in find_claims(sentence) if one.bound is not None]
    assert [(b.entity, b.metric, b.value, b.other) for b in found] == claims


@pytest.mark.parametrize("text", WITHOUT_CLAIMS)
def test_a_text_without_a_claim_gives_none(text: str) -> None:
    assert [one.bound for one in find_claims(text) if one.bound is not None] == []


def test_what_is_said_twice_stands_once() -> None:
    text = "The S&P 500 rose 0.5% on Tuesday. Strategists were calm. As noted, the S&P 500 rose 0.5%."
    assert len(find_claims(text)) == 1


def test_a_number_that_the_words_do_not_place_is_listed() -> None:
    found = find_claims("The fund holds 37 positions.")
    assert [(one.text, one.bound) for one in found] == [("37", None)]
