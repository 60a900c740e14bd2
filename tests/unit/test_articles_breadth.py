"""Rising and falling stocks in words: which count is of which, and of which stocks."""

from __future__ import annotations

import pytest

from reports.factcheck.articles.article import find_claims

NONE: tuple[str, ...] = ()
# sentence -> entity, metric and value of each figure; () where it is unplaced
SENTENCES: tuple[tuple[str, list[tuple[str, ...]]], ...] = (
    (
        "In the S&P 500, advancers led decliners 95 to 50.",
        [("sp500", "advances", "95"), ("sp500", "declines", "50")],
    ),
    (
        "Losers outnumbered gainers in the Russell 2000, 95 to 50.",
        [("russell2000", "declines", "95"), ("russell2000", "advances", "50")],
    ),
    ("Among S&P 500 stocks, 95 advanced and 50 declined.", [("sp500", "advances", "95"), ("sp500", "declines", "50")]),
    ("95 stocks in the S&P 500 rose while 50 fell.", [("sp500", "advances", "95"), ("sp500", "declines", "50")]),
    (
        "317 stocks rose, 180 fell and 3 were unchanged.",
        [
            ("unnamed stocks", "advances", "317"),
            ("unnamed stocks", "declines", "180"),
            ("unnamed stocks", "unchanged", "3"),
        ],
    ),
    (
        "With 317 stocks rising and 180 falling, the mood was good.",
        [("unnamed stocks", "advances", "317"), ("unnamed stocks", "declines", "180")],
    ),
    ("上涨股票317只，下跌180只。", [("unnamed stocks", "advances", "317"), ("unnamed stocks", "declines", "180")]),
    ("全市场317只股票上涨，180只下跌。", [("all", "advances", "317"), ("all", "declines", "180")]),
    ("Among all stocks, gainers outnumbered losers by nearly 2 to 1.", [("all", "advance_decline_ratio", "2")]),
    ("Among all stocks, losers beat gainers by a 1.76-to-1 ratio.", [("all", "decline_advance_ratio", "1.76")]),
    # what the verb does not say, another set, another time, a part of the stocks
    ("In the S&P 500, advancers led decliners 50 to 95.", [NONE, NONE]),
    ("Advancers led decliners on the NYSE 317 to 180.", [NONE, NONE]),
    ("On the Nasdaq, 2,100 stocks rose and 1,900 fell.", [NONE, NONE]),
    ("纽交所上涨股票317只，下跌180只。", [NONE, NONE]),
    ("This week, 317 stocks rose and 180 fell.", [NONE, NONE]),
    ("317 stocks could rise.", [NONE]),
    ("317 stocks rose at least 5%.", [NONE, NONE]),
    ("317 stocks rose to new heights.", [NONE]),
    ("317 stocks rose for a third day.", [NONE]),
    ("3 stocks rose for every 1 that fell.", [NONE, NONE]),
    ("Among 11 sectors, 8 rose and 3 fell.", [NONE, NONE, NONE]),
)


@pytest.mark.parametrize(("sentence", "claims"), SENTENCES, ids=[sentence for sentence, _ in SENTENCES])
def test_counts_of_stocks_are_placed_by_the_words(sentence: str, claims: list[tuple[str, ...]]) -> None:
    bounds = [one.bound for one in find_claims(sentence)]
    assert [(b.entity, b.metric, b.value) if b else () for b in bounds] == claims
