"""The day of an article is its dateline; a date that the text speaks of is not."""

from __future__ import annotations

from datetime import date

import pytest

from reports.factcheck.articles.dateline import session_of_article
from warehouse.errors import UsageError

DAY = date(2026, 11, 25)
REST = "\n\nThe S&P 500 rose 0.6%. It fell on March 3, 2020."


@pytest.mark.parametrize(
    "head",
    [
        "Wednesday, November 25, 2026",
        "Market report\n\nNov. 25, 2026",
        "2026-11-25",
        "2026年11月25日 | 市场分析报告",
        "NEW YORK, Nov. 25, 2026 (Wire) - Stocks rose.",
        "On November 25, 2026, stocks rose.",
        "Since November 5, 2024 a lot has changed. Today is November 25, 2026.",
    ],
)
def test_the_dateline_is_the_day_of_an_article(head: str) -> None:
    assert session_of_article(head + REST, None) == DAY


@pytest.mark.parametrize(
    "head",
    [
        "Since November 5, 2024 a lot has changed.",
        "Stocks rose.",
        "Before November 5, 2024",
        "自2024年11月5日以来",
        "2024年11月5日以来的行情",
    ],
)
def test_an_article_without_a_dateline_needs_a_session(head: str) -> None:
    with pytest.raises(UsageError, match="--session"):
        session_of_article(head + REST, None)
    assert session_of_article(head + REST, DAY) == DAY
