"""Several figures and names in one sentence: each figure with its own name and measure, or none."""

from __future__ import annotations

import pytest

from reports.factcheck.articles.article import find_claims
from reports.factcheck.articles.companies import Companies

# sentence -> entity, metric and value of each figure; None where it is unplaced
SENTENCES: tuple[tuple[str, list[tuple[str, str, str] | None]], ...] = (
    # a count takes the measure of its own clause
    (
        "4 S&P 500 stocks hit 52-week highs and 0 hit 52-week lows.",
        [("sp500", "new_highs_52w", "4"), ("sp500", "new_lows_52w", "0")],
    ),
    # a ratio is no pair of counts
    ("Advancers outnumbered decliners by 2.9 to 1 among S&P 500 stocks.", [("sp500", "advance_decline_ratio", "2.9")]),
    ("Advancers outnumbered decliners 3-to-1 among S&P 500 stocks.", [("sp500", "advance_decline_ratio", "3")]),
    (
        "Advancers outnumbered decliners 109 to 37 among S&P 500 stocks.",
        [("sp500", "advances", "109"), ("sp500", "declines", "37")],
    ),
    (
        "Among S&P 500 stocks there were 109 advancers and 37 decliners.",
        [("sp500", "advances", "109"), ("sp500", "declines", "37")],
    ),
    # another set of stocks
    ("There were 109 advancers among NYSE stocks.", [None]),
    ("There were 109 advancers among Stoxx stocks and the S&P 500 rose.", [None]),
    ("Among S&P 500 banks, 62% were above the 50-day average.", [None]),
    # lists of names and figures of one length are pairs
    (
        "The S&P 500 and the Russell 2000 are up 6.1% and 7.2% this year, respectively.",
        [("SPX", "return_ytd", "6.1"), ("RUT", "return_ytd", "7.2")],
    ),
    (
        "The Dow, the S&P 500 and the Nasdaq fell 0.2%, 0.6% and 0.9%.",
        [("DJI", "return_1d", "-0.2"), ("SPX", "return_1d", "-0.6"), ("COMP", "return_1d", "-0.9")],
    ),
    (
        "标普500、道指分别上涨0.6%、0.2%。",
        [("SPX", "return_1d", "0.6"), ("DJI", "return_1d", "0.2")],
    ),
    ("The S&P 500 and the Nikkei rose 0.6% and 0.2%, respectively.", [None, None]),
    # a return behind a comparison is no spread
    ("The Russell 2000 beat the S&P 500, up 7.2% this year.", [None]),
    ("The Russell 2000 beat the S&P 500 by 7.2% this year.", [("RUT", "spread_ytd", "7.2")]),
)


@pytest.mark.parametrize(("sentence", "claims"), SENTENCES, ids=[s[:40] for s, _ in SENTENCES])
def test_each_figure_has_its_own_name_and_measure(sentence: str, claims: list[tuple[str, str, str] | None]) -> None:
    bounds = [one.bound for one in find_claims(sentence)]
    assert [None if b is None else (b.entity, b.metric, b.value) for b in bounds] == claims


def test_a_pair_keeps_the_sentence_of_the_article() -> None:
    sentence = "The S&P 500 and the Dow rose 0.6% and 0.2%, respectively."
    assert {one.sentence for one in find_claims(sentence)} == {sentence}


@pytest.mark.parametrize(
    ("sentence", "texts"),
    [
        (
            "The S&P 500 rose 0.6%, its tenth straight gain, to a record close.",
            ["0.6%", "tenth straight gain", "a record close"],
        ),
        ("The S&P 500 rose for a second straight session.", ["second straight session"]),
        ("The Nasdaq had its best day since June 2020.", ["best day since June 2020"]),
        ("5 new 52-week highs and no new lows among S&P 500 stocks.", ["5", "no new lows"]),
        ("标普500指数连涨三日，创历史新高。", ["连涨三日", "历史新高"]),
        ("The S&P 500 ended a five-day winning streak.", ["five-day winning streak"]),
        ("The S&P 500 could rise five days in a row.", ["five days in a row"]),
        ("Traders had their best day since June.", []),
    ],
)
def test_a_claim_without_digits_is_listed(sentence: str, texts: list[str]) -> None:
    assert [one.text for one in find_claims(sentence)] == texts


@pytest.mark.parametrize(
    "sentence",
    [
        "Apple and Nvidia rose 0.4% and 1.2%.",
        "The S&P 500 fell 0.4% and 1.2% this week.",
        "The S&P 500 rose 0.4%, 1.2% this week.",
        "标普500指数上涨0.4%和1.2%。",
        "All fell: the Dow 0.8%, the Nasdaq 0.7%.",
    ],
)
def test_figures_side_by_side_without_a_name_for_each_are_of_none(sentence: str) -> None:
    companies = Companies.of_descriptions([("NVDA", "NVIDIA Corporation Common Stock")])
    assert [one.bound for one in find_claims(sentence, companies)] == [None, None]
