"""Runs of sessions in one direction: of an index alone, which end on the day of the article."""

from __future__ import annotations

import pytest

from reports.factcheck.articles.article import find_claims

# sentence -> entity and length of its run; None where it is left unplaced
SENTENCES: tuple[tuple[str, tuple[str, str] | None], ...] = (
    ("The S&P 500 fell for a fifth straight session.", ("SPX", "-5")),
    ("The S&P 500 rose for its 12th consecutive day on Friday.", ("SPX", "12")),
    ("The S&P 500 rose for a second straight session Friday.", ("SPX", "2")),
    ("The S&P 500 has fallen for five straight sessions.", ("SPX", "-5")),
    ("The S&P 500 fell 5 sessions in a row.", ("SPX", "-5")),
    ("The S&P 500 fell as the Nasdaq rose 5 sessions in a row.", ("COMP", "5")),
    ("The Nasdaq posted its third straight daily gain.", ("COMP", "3")),
    ("The Nasdaq logged its third straight day of losses.", ("COMP", "-3")),
    ("The Dow extended its losing streak to six days.", ("DJI", "-6")),
    ("标普500指数连跌5日。", ("SPX", "-5")),
    ("标普500指数连续第五个交易日上涨。", ("SPX", "5")),
    # another thing went on: a level, a size of moves, a lead, a breadth, another subject
    ("The S&P 500 closed below 6,000 for 5 sessions in a row.", None),
    ("The S&P 500 rose above 6,000 5 sessions in a row.", None),
    ("The S&P 500 moved more than 1% 5 sessions in a row.", None),
    ("The S&P 500 has traded above its average 5 sessions in a row.", None),
    ("The S&P 500 hit a record 5 sessions in a row.", None),
    ("The S&P 500 has underperformed the Nasdaq 5 sessions in a row.", None),
    ("Decliners led advancers 5 sessions in a row as the S&P 500 fell.", None),
    ("The S&P 500 fell as Treasuries rose 5 sessions in a row.", None),
    ("The S&P 500 fell and gold rose for a fifth straight session.", None),
    ("The S&P 500, excluding technology, fell 5 sessions in a row.", None),
    ("The S&P 500 futures fell for a fifth straight session.", None),
    ("The equal-weight S&P 500 fell for a fifth straight session.", None),
    ("The energy sector fell for a fifth straight session.", None),
    # weeks, another time, a run that ended, a denial, a condition, a bound
    ("The S&P 500 posted its fifth straight weekly loss.", None),
    ("标普500指数连涨五周。", None),
    ("Last week the S&P 500 fell for a fifth straight session.", None),
    ("The S&P 500 fell 5 sessions in a row before rising on Monday.", None),
    ("The S&P 500 fell 5 sessions in a row until Thursday.", None),
    ("The S&P 500 had fallen for a fifth straight session by noon.", None),
    ("The S&P 500 hasn't fallen 5 sessions in a row since March.", None),
    ("The S&P 500 did not fall for a fifth straight session.", None),
    ("It is false that the S&P 500 fell for a fifth straight session.", None),
    ("If the S&P 500 falls 5 sessions in a row, watch out.", None),
    ("The S&P 500 could extend its losing streak to five days.", None),
    ("The S&P 500 fell at least 5 sessions in a row.", None),
    # the bound is of the points
    ("The S&P 500 fell for a fifth straight session, losing more than 5 points.", None),
)


@pytest.mark.parametrize(("sentence", "run"), SENTENCES, ids=[sentence for sentence, _ in SENTENCES])
def test_a_run_is_placed_by_the_words(sentence: str, run: tuple[str, str] | None) -> None:
    bounds = [one.bound for one in find_claims(sentence)]
    assert [(b.entity, b.value) for b in bounds if b and b.metric == "run_sessions"] == ([run] if run else [])
