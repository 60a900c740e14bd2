"""A percentage beside a moving average: a share of stocks where stocks are counted, else no such share."""

from __future__ import annotations

import pytest

from reports.factcheck.articles.article import find_claims

SENTENCES: list[tuple[str, list[tuple[str, str, str]]]] = [
    ("About 80.7% of S&P 500 members trade above their 200-day moving average.", [("sp500", "above_sma200_share", "80.7")]),
    ("Some 71% of Russell 2000 stocks are above their 50-day averages.", [("russell2000", "above_sma50_share", "71")]),
    ("The share of S&P 500 members above the 20-day moving average is 55%.", [("sp500", "above_sma20_share", "55")]),
    ("标普500成分股中80.7%位于200日均线上方。", [("sp500", "above_sma200_share", "80.7")]),
    ("The S&P 500 rose 0.5% and stands above its 200-day moving average.", [("SPX", "return_1d", "0.5")]),
    ("The S&P 500 stands 5% above its 200-day moving average.", []),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "claims"), SENTENCES, ids=[text[:40] for text, _ in SENTENCES])
def test_only_a_share_of_stocks_is_one(sentence: str, claims: list[tuple[str, str, str]]) -> None:
    found = [one.bound for one in find_claims(sentence) if one.bound is not None]
    assert [(b.entity, b.metric, b.value) for b in found] == claims
