"""The day of an article is its dateline; a date that the text speaks of is not."""

from __future__ import annotations

from datetime import date

import pytest

from reports.factcheck.articles.article import find_claims
from reports.factcheck.articles.dateline import dateline_of, has_year, session_of_article
from reports.factcheck.articles.days import Day
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
        # the common heads: a headline before the dateline, a time behind the day
        "Wall Street ends higher\n\nNEW YORK, Nov 25, 2026 (Reuters) - Stocks rose 0.6% on Wednesday.",
        "Wall Street ends higher\n\nNEW YORK (AP) - Nov 25, 2026 - Stocks rose.",
        "Wall Street ends higher\nBy A Writer\nNovember 25, 2026, 4:30 PM ET",
        "Wall Street ends higher\nBy A Writer | November 25, 2026",
        "美股收高\n2026年11月25日 16:30",
        "美股收高\n新华社纽约2026年11月25日电 美股收高0.6%。",
        "Wall Street ends higher\nPublished Nov 25, 2026 at 4:32 p.m.",
        "Wall Street ends higher\n\nUpdated: Nov 25, 2026 4:32pm EST",
        "Wall Street ends higher\n2026-11-25 16:05",
        "2026-11-25 16:05:10",
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
        "Wall Street ends higher\nThe S&P 500 had fallen on November 5, 2024.",
        "Wall Street ends higher\nNovember 5, 2024 was a long time ago.",
        "Wall Street ends higher\nSince November 5, 2024 (the election) stocks rose 0.6%.",
    ],
)
def test_an_article_without_a_dateline_needs_a_session(head: str) -> None:
    with pytest.raises(UsageError, match="--session"):
        session_of_article(head + REST, None)
    assert session_of_article(head + REST, DAY) == DAY


@pytest.mark.parametrize(
    "dateline",
    [
        "NEW YORK, Nov. 25, 2026 - ",
        "NEW YORK, Nov 25 (Reuters) - ",
        "NEW YORK (AP) - Nov 25, 2026 - ",
        "NEW YORK (Nov 25, 2026) -- ",
        "LONDON/NEW YORK, 25 November 2026: ",
        "WASHINGTON, D.C., Wednesday, November 25, 2026 | ",
        "Nov. 25, 2026 \u2014 ",
        "2026-11-25 - ",
        "新华社纽约2026年11月25日电 ",
        "【财联社11月25日讯】",
    ],
)
def test_the_first_sentence_begins_behind_the_dateline(dateline: str) -> None:
    found = find_claims(f"{dateline}The S&P 500 rose 0.68%.")
    assert [(one.sentence, one.bound.metric) for one in found if one.bound] == [
        ("The S&P 500 rose 0.68%.", "return_1d")
    ]


@pytest.mark.parametrize(
    "line",
    [
        "NASDAQ COMPOSITE - 11,679.35 (+1.58%)",
        "Nov. 23 - Nov. 27: The S&P 500 rose 1%.",
        "On Nov. 25, 2026 the S&P 500 rose 0.68%.",
        "11月25日,标普500指数上涨0.68%。",
        "IBM - Nov 25 results lifted it.",
    ],
)
def test_what_is_no_dateline_stays(line: str) -> None:
    assert dateline_of(line, is_first=True) == ""


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("NEW YORK, Nov. 27, 2026 - Stocks rose.\nNov. 24: The S&P 500 fell 1.2%.", [Day(month=11, day=24)]),
        ("Markets on 2026-11-27\n2026-11-24: The S&P 500 fell 2%.", [Day(year=2026, month=11, day=24)]),
    ],
)
def test_a_day_that_a_line_opens_with_further_down_is_that_of_the_line(text: str, days: list[Day]) -> None:
    assert [one.day for one in find_claims(text)] == days


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("NEW YORK, Nov. 25 (AP) - Stocks rose.", DAY),
        ("NEW YORK, Nov. 25 (AP) - Stocks rose on Wednesday.", DAY),
        ("Wall Street ends higher\n\nNEW YORK, Nov 25 (Reuters) - Stocks rose in 2026.", DAY),
        ("Wednesday, Nov. 25\nStocks rose.", DAY),
        ("新华社纽约11月25日电 美股收高0.6%。", DAY),
        ("The Russell 2000 rose\nNEW YORK, Nov. 25 (AP) - Stocks rose.", DAY),
        # of another year by its weekday or by a year of the text, after the last session, or too long before it
        ("NEW YORK, Nov. 25 (AP) - Stocks rose on Tuesday.", None),
        ("Tuesday, Nov. 25\nStocks rose.", None),
        ("NEW YORK, Nov. 25 (AP) - Stocks rose, the best since 2020.", None),
        ("NEW YORK, Nov. 25 (AP) - Stocks rose. They are to peak in 2027.", None),
        ("NEW YORK, Dec. 1 (AP) - Stocks rose.", None),
        ("NEW YORK, March 25 (AP) - Stocks rose.", None),
        ("Stocks rose on Nov. 25.", None),
    ],
)
def test_a_dateline_without_a_year_is_of_the_last_months(head: str, found: date | None) -> None:
    text, last = f"{head}\n\nThe S&P 500 rose 0.6%.", date(2026, 11, 30)
    if found is None:
        with pytest.raises(UsageError, match="--session"):
            session_of_article(text, None, last)
    else:
        assert session_of_article(text, None, last) == found
        assert not has_year(text)
    with pytest.raises(UsageError, match="--session"):
        session_of_article(text, None)


def test_a_year_that_is_in_the_dateline_is_its_own() -> None:
    assert has_year("NEW YORK, Nov. 25, 2024 (AP) - Stocks rose 0.6%.")
    assert session_of_article("NEW YORK, Nov. 25, 2024 (AP) - Up 0.6%.", None, date(2026, 11, 30)) == date(2024, 11, 25)
