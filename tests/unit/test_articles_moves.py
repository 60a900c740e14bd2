"""One move in several figures, as news agencies write it: points, percent, and the level that it led to."""

from __future__ import annotations

import pytest

from reports.factcheck.articles.article import find_claims

DAY, POINTS, CLOSE = "return_1d", "change_points", "close"
SENTENCES: list[tuple[str, list[tuple[str, str, str]]]] = [
    (
        "The S&P 500 rose 31.85 points, or 0.53%, to 6,034.66.",
        [("SPX", POINTS, "31.85"), ("SPX", DAY, "0.53"), ("SPX", CLOSE, "6034.66")],
    ),
    (
        "The S&P 500 fell 31.85 points, or about 0.5 percent, to 6,034.66.",
        [("SPX", POINTS, "-31.85"), ("SPX", DAY, "-0.5"), ("SPX", CLOSE, "6034.66")],
    ),
    (
        "The Nasdaq lost 69.77 points (0.53%) to 13,265.99.",
        [("COMP", POINTS, "-69.77"), ("COMP", DAY, "-0.53"), ("COMP", CLOSE, "13265.99")],
    ),
    (
        "The Dow added 0.58%, or 390.02 points, to 67,184.",
        [("DJI", DAY, "0.58"), ("DJI", POINTS, "390.02"), ("DJI", CLOSE, "67184")],
    ),
    ("The Russell 2000 climbed 0.7% to 2,345.6.", [("RUT", DAY, "0.7"), ("RUT", CLOSE, "2345.6")]),
    # points of a longer time are no change of the day
    ("The S&P 500 lost 38.31 points, or 0.63%, this month.", [("SPX", "return_mtd", "-0.63")]),
    # not the level that the day ended at, not a level, not the index
    ("The S&P 500 rose 0.5% to 6,040.12 in early trading.", []),
    ("The S&P 500 rose 0.5% to 21 times earnings.", []),
    ("Oil rose 1.2 points, or 0.5%, to 6,034.66.", []),
    ("The S&P 500 rose 31.85 points, and gold 0.5%, to 6,034.66.", [("SPX", POINTS, "31.85")]),
]


@pytest.mark.parametrize(("sentence", "claims"), SENTENCES, ids=[text[:40] for text, _ in SENTENCES])
def test_the_figures_of_one_move_are_of_its_subject(sentence: str, claims: list[tuple[str, str, str]]) -> None:
    found = [one.bound for one in find_claims(sentence) if one.bound is not None]
    assert [(b.entity, b.metric, b.value) for b in found] == claims
