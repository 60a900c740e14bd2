"""Headings and column heads: the time that they name is that of the figures below; an unknown one leaves them unplaced."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from reports.factcheck.articles.article import find_claims, to_claims_csv

SESSION = date(2026, 11, 25)
# article -> metric, day and value of each row; () where it is unplaced
ARTICLES: tuple[tuple[str, list[tuple[str, ...]]], ...] = (
    ("## Last week\n\n- S&P 500 +0.6%", [()]),
    ("This week:\n\n- S&P 500 +0.6%\n- Dow -0.2%", [("return_wtd", "11-25", "0.6"), ("return_wtd", "11-25", "-0.2")]),
    ("October review\n\n- S&P 500 +0.6%", [()]),
    ("Q3 results\n\n- S&P 500 +0.6%", [()]),
    ("Tuesday's moves:\n\n- S&P 500 +0.6%", [("return_1d", "11-24", "0.6")]),
    ("Tuesday, November 24\n\nThe S&P 500 rose 0.6%.", [("return_1d", "11-24", "0.6")]),
    ("Year to date\n\n- S&P 500: +6.1%", [("return_ytd", "11-25", "6.1")]),
    ("今年以来\n\n标普500指数上涨6.1%。", [("return_ytd", "11-25", "6.1")]),
    # what the sentence says itself counts before the heading
    ("Last week\n\nThe S&P 500 rose 0.6% on Wednesday.", [("return_1d", "11-25", "0.6")]),
    # a heading without a time, or one that tells a story, gives none
    ("Markets\n\n- S&P 500 +0.6%", [("return_1d", "11-25", "0.6")]),
    ("Stocks rise this week\n\nThe S&P 500 rose 0.6%.", [("return_1d", "11-25", "0.6")]),
    ("This week\n\nWinners\n\n- S&P 500 +0.6%", [()]),
    ("## This week\n\nText.\n\n## Today\n\n- S&P 500 +0.6%", [("return_1d", "11-25", "0.6")]),
    ("## This week\n\nText.\n\n## Markets\n\n- S&P 500 +0.6%", [("return_1d", "11-25", "0.6")]),
    # tables
    (
        "| Index | Close | Week | YTD |\n|---|---|---|---|\n| S&P 500 | 6,002.81 | -0.5% | +6.1% |",
        [("close", "11-25", "6002.81"), ("return_wtd", "11-25", "-0.5"), ("return_ytd", "11-25", "6.1")],
    ),
    ("Index,Week,YTD\nS&P 500,-0.5%,+6.1%", [("return_wtd", "11-25", "-0.5"), ("return_ytd", "11-25", "6.1")]),
    ("Index\tTue\tWed\nS&P 500\t-0.4%\t+0.6%", [("return_1d", "11-24", "-0.4"), ("return_1d", "11-25", "0.6")]),
    ("| Index | Change | 1Y |\n|---|---|---|\n| Dow | +0.2% | +9.1% |", [("return_1d", "11-25", "0.2"), ()]),
    ("This week\n\n| Index | Change |\n|---|---|\n| Dow | +0.2% |", [("return_wtd", "11-25", "0.2")]),
)


@pytest.mark.parametrize(("article", "claims"), ARTICLES, ids=[article[:50] for article, _ in ARTICLES])
def test_a_figure_is_of_the_time_of_its_heading_and_column(article: str, claims: list[tuple[str, ...]]) -> None:
    rows = csv.DictReader(io.StringIO(to_claims_csv(find_claims(article), SESSION)))
    found = [(r["metric"], r["session_date"][5:], r["value"]) if r["kind"] != "unplaced" else () for r in rows]
    assert found == claims
