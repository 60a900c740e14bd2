"""Whose figure it is, and of what: an unknown noun before the verb, another basis or a denial leaves it unplaced."""

from __future__ import annotations

import pytest

from reports.factcheck.articles.article import find_claims

NOT_OF_THE_INDEX = (
    # another subject before the verb
    "Acme, a member of the S&P 500, rose 0.6%.",
    "While the S&P 500 was flat, Acme rose 0.6%.",
    "After the S&P 500 rallied, the Nikkei rose 0.6%.",
    "The S&P 500 climbed on Wednesday and gold rose 0.6%.",
    "In the S&P 500, the average stock rose 0.6%.",
    "Earnings of the S&P 500 rose 6.1% this year.",
    "Acme outpaced the S&P 500 and rose 0.6%.",
    "Gold, unlike the S&P 500, rose 0.6%.",
    "The S&P 500's biggest stock rose 0.6%.",
    "日经指数随标普500指数上涨0.6%。",
    "标普500指数成分股英伟达上涨0.6%。",
    # a longer name
    "The Dow Jones Utility Average rose 0.6%.",
    "Dow Inc. rose 0.6%.",
    "Dow component Acme rose 0.6%.",
    "The Nasdaq Golden Dragon China index rose 0.6%.",
    "Nasdaq-listed Acme rose 0.6%.",
    "The S&P 500 High Beta index rose 0.6%.",
    "A 0.6% gain in the S&P 500 High Beta index followed.",
    "Euro-zone real GDP growth was 2.2%.",
    # another basis than the price, or another stretch than a day
    "Including dividends, the S&P 500 is up 6.1% this year.",
    "In euros, the S&P 500 is up 6.1% this year.",
    "The S&P 500 is up 6.1% this year in euros.",
    "Adjusted for inflation, the S&P 500 is up 6.1% this year.",
    "The S&P 500's total return was 0.6%.",
    "On average, the S&P 500 gains 0.6% on Wednesday.",
    "Each Wednesday the S&P 500 rose 0.6%.",
    "The S&P 500 gained 0.6% in the final hour.",
    "The S&P 500 gained 0.6% in afternoon trading.",
    "标普500指数以欧元计上涨0.6%。",
    # words of time that are not understood
    "The S&P 500 rose 0.6% the session before.",
    "The S&P 500 rose 0.6% on Thanksgiving.",
    "The S&P 500 rose 0.6% on the first trading day of the year.",
    "The S&P 500 closed the year at 6,002.81.",
    "标普500指数两日累计上涨0.6%。",
    "The S&P 500 rose 0.6% the day after Thanksgiving.",
    "The S&P 500 rose 0.6% the following day.",
    # a difference, or a move that did not last
    "The S&P 500 rose 0.6% more than the Dow.",
    "The S&P 500 rose 0.6% before turning lower.",
    # denied
    "标普500指数上涨0.6%的传言不实。",
    "The S&P 500 has yet to gain 6.1% this year.",
    "It is false that the S&P 500 gained 0.6%.",
    "Nobody believes that the S&P 500 gained 0.6%.",
    "The S&P 500 gained 0.6%, which was not true.",
    "The S&P 500 almost gained 0.6%.",
    "The S&P 500 hardly rose 0.6%.",
    "标普500指数险些上涨0.6%。",
)
OF_THE_INDEX = (
    ("The S&P 500, the broad measure of stocks, rose 0.6%.", "SPX"),
    ("Wall Street was mixed, with the tech-heavy Nasdaq up 0.6%.", "COMP"),
    ("Buying by funds sent the S&P 500 up 0.6%.", "SPX"),
    ("Analysts noted that the S&P 500 rose 0.6%.", "SPX"),
    ("Despite a weak start, the S&P 500 modestly rose 0.6% on hopes of lower rates.", "SPX"),
    ("The S&P 500 rose almost 0.6% as oil fell.", "SPX"),
    ("The Nasdaq jumped 0.6% in Wednesday's session.", "COMP"),
    ("受科技股带动，标普500指数小幅收涨0.6%。", "SPX"),
    ("截至11月25日收盘，道指累计上涨0.6%。", "DJI"),
)


@pytest.mark.parametrize("sentence", NOT_OF_THE_INDEX)
def test_words_that_are_not_plain_leave_a_figure_unplaced(sentence: str) -> None:
    found = find_claims(sentence)
    assert found
    assert [one.bound for one in found] == [None] * len(found)


@pytest.mark.parametrize(("sentence", "index"), OF_THE_INDEX)
def test_plain_words_and_reasons_leave_the_figure_with_its_index(sentence: str, index: str) -> None:
    bounds = [one.bound for one in find_claims(sentence)]
    assert [(b.entity, b.metric, b.value) for b in bounds if b is not None] == [(index, "return_1d", "0.6")]
