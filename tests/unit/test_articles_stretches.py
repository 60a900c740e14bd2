"""Returns of a month or a year by its name, over sessions, and distances from a record close or a close of 52 weeks."""

from __future__ import annotations

from datetime import date

import pytest

from reports.factcheck.articles.article import claim_rows, find_claims

SESSION = date(2026, 11, 27)
# sentence -> metric and value of each row of the claims file; () where it is unplaced
RETURNS: tuple[tuple[str, list[tuple[str, ...]]], ...] = (
    ("The S&P 500 has fallen 1.15% in November.", [("return_mtd", "-1.15")]),
    ("The S&P 500 is down 1.15% for November.", [("return_mtd", "-1.15")]),
    ("So far in November, the S&P 500 is up 1.2%.", [("return_mtd", "1.2")]),
    ("The S&P 500 rose 1.2% in November so far.", [("return_mtd", "1.2")]),
    ("The S&P 500 has fallen 1.15% in November, hurt by banks.", [("return_mtd", "-1.15")]),
    ("The S&P 500 has gained 20.5% in 2026.", [("return_ytd", "20.5")]),
    (
        "The S&P 500 has gained 20.5% so far in 2026 and the Dow 17.8%.",
        [("return_ytd", "20.5"), ("return_ytd", "17.8")],
    ),
    ("标普500指数11月以来累计下跌0.63%。", [("return_mtd", "-0.63")]),
    # the whole of a month may be meant, another one is, or a part of it
    ("The S&P 500 fell 1.15% in November.", [()]),
    ("The S&P 500 had fallen 1.15% in November.", [()]),
    ("The S&P 500 has fallen 1.15% in October.", [()]),
    ("The S&P 500 has fallen 1.15% in November 2025.", [()]),
    ("The S&P 500 has gained 20.5% so far in 2025.", [()]),
    ("The S&P 500 has fallen 1.15% in early November.", [()]),
    ("The S&P 500 has risen 12% this year and fell 1.2% in November.", [(), ()]),
    ("自11月以来，标普500指数下跌0.63%。", [()]),
    # the next sentence goes on with the month, where the article is of it
    ("So far in October the S&P 500 is up 1.2%. The Dow is up 1.1%.", [(), ()]),
    ("So far in November the S&P 500 is up 1.2%. The Dow is up 1.1%.", [("return_mtd", "1.2"), ("return_mtd", "1.1")]),
    # sessions are counted, days and weeks may be of the calendar
    ("The S&P 500 is down 0.3% over the past five sessions.", [("return_5d", "-0.3")]),
    ("The S&P 500 lost 0.3% in the last 5 trading days.", [("return_5d", "-0.3")]),
    ("The S&P 500 is up 0.7% over the past 21 sessions.", [("return_21d", "0.7")]),
    ("标普500指数过去五个交易日下跌0.3%。", [("return_5d", "-0.3")]),
    ("标普500指数近5个交易日下跌0.3%。", [("return_5d", "-0.3")]),
    ("The S&P 500 is down 0.3% over the past five days.", [()]),
    ("The S&P 500 is down 0.3% over the past six sessions.", [()]),
    ("The S&P 500 is up 5.9% this quarter.", [("return_qtd", "5.9")]),
    ("The S&P 500 is up 5.9% last quarter.", [()]),
    ("The S&P 500 is still up 20.5% this year.", [("return_ytd", "20.5")]),
)
DISTANCES: tuple[tuple[str, list[tuple[str, ...]]], ...] = (
    ("The S&P 500 is 3% below its record high.", [("from_record_close", "-3")]),
    ("The S&P 500 is down 3% from its record close.", [("from_record_close", "-3")]),
    ("The S&P 500 remains 3% off its all-time high, set on Oct. 19.", [("from_record_close", "-3")]),
    ("The S&P 500 is 3% below its record close reached on October 19.", [("from_record_close", "-3")]),
    ("The S&P 500 is 3% below its 52-week high.", [("from_high_52w", "-3")]),
    ("The S&P 500 has climbed 32.5% from its 52-week low.", [("from_low_52w", "32.5")]),
    (
        "The S&P 500 rose 0.5%, leaving it 3% below its record high.",
        [("return_1d", "0.5"), ("from_record_close", "-3")],
    ),
    ("标普500指数较历史高点下跌3%。", [("from_record_close", "-3")]),
    ("标普500指数较52周低点上涨32.5%。", [("from_low_52w", "32.5")]),
    ("The S&P 500 is up 12% from its October low.", [("from_low_month", "12")]),
    ("The S&P 500 has climbed 12% since its Oct. low.", [("from_low_month", "12")]),
    ("The S&P 500 is 3% below its October closing peak.", [("from_high_month", "-3")]),
    ("The S&P 500 is 12% above its January high.", [("from_high_month", "12")]),
    ("The S&P 500 is 12% below its January 2025 low.", [("from_low_month", "-12")]),
    ("标普500指数自10月低点以来上涨12%。", [("from_low_month", "12")]),
    # it goes on to another end, happened at another time, or is of prices within a session
    ("The S&P 500 fell 3% from its record close to its November low.", [()]),
    ("The S&P 500 fell 3% from its October peak to its November low.", [()]),
    ("The S&P 500 fell 3% from its October peak.", [()]),
    ("The S&P 500 was 3% below its October peak by mid-November.", [()]),
    ("The S&P 500 is 3% below its October intraday peak.", [()]),
    ("The S&P 500 is 3% below its Oct. 19 peak.", [()]),
    ("The S&P 500 could fall 3% from its October peak.", [()]),
    ("The S&P 500 futures are 3% below their October peak.", [()]),
    ("Energy is 3% below its October peak.", [()]),
    ("The S&P 500 is 3% below the October peak of the Nasdaq.", [()]),
    ("标普500指数自10月盘中低点以来上涨12%。", [()]),
    # the day may be that of the record
    ("The S&P 500 was 3% below its record close on Wednesday.", [()]),
    ("The S&P 500 was 3% below its record close on Friday.", [("from_record_close", "-3")]),
    # behind a distance a list goes on with distances, not with moves of the day
    ("The S&P 500 is 3% below its record close, and the Nasdaq 2%.", [("from_record_close", "-3"), ()]),
    # on the wrong side of an extreme
    ("The S&P 500 is down 32.5% from its 52-week low.", [()]),
    ("The S&P 500 is 3% above its 52-week high.", [(), ()]),
    ("Energy is 3% below its record high.", [()]),
)


def _placed(text: str) -> list[tuple[str, ...]]:
    rows = claim_rows(find_claims(text), SESSION)
    return [(row["metric"], row["value"].lstrip("+")) if row["kind"] == "number" else () for row in rows]


@pytest.mark.parametrize(("text", "claims"), RETURNS, ids=[text for text, _ in RETURNS])
def test_a_return_is_of_the_stretch_that_the_words_name(text: str, claims: list[tuple[str, ...]]) -> None:
    assert _placed(text) == claims


@pytest.mark.parametrize(("text", "claims"), DISTANCES, ids=[text for text, _ in DISTANCES])
def test_a_distance_from_an_extreme_of_closes_is_placed(text: str, claims: list[tuple[str, ...]]) -> None:
    found = _placed(text)
    assert [one for one in found if one] == [one for one in claims if one]


@pytest.mark.parametrize(
    ("phrase", "month"),
    [("October low", "Oct"), ("Oct. low", "Oct"), ("October 2022 low", "Oct 2022"), ("May low", "May")],
)
def test_a_distance_names_its_month(phrase: str, month: str) -> None:
    (row,) = claim_rows(find_claims(f"The S&P 500 is up 12% from its {phrase}."), SESSION)
    assert row["other_entity"] == month


def test_a_distance_is_of_the_day_of_the_article_not_of_that_of_the_record() -> None:
    rows = list(claim_rows(find_claims("The S&P 500 is 3% below its record close set on October 19."), SESSION))
    assert [row["session_date"] for row in rows if row["kind"] == "number"] == ["2026-11-27"]
