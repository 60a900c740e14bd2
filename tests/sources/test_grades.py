"""Grades of analysts: the same grade in other letters is that grade, words about coverage are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from sources.base import Request
from sources.providers import fmp_ratings, yahoo_ratings
from tests.sources.files_help import parsed, rows
from warehouse.grades import _LEVELS, GRADES, _letters_only, is_no_rating, spell_grade

AT = datetime(2026, 1, 24, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("OUTPERFORM", "buy"), ("Mkt Outperform", "buy"), ("Sector Overweight", "buy"), ("Peer Outperform", "buy"),
        ("buy", "buy"), ("Equalweight", "hold"), ("Inline", "hold"), ("Market perform", "hold"), ("mkt. perform", "hold"),
        ("Sector Neutral", "hold"), ("Neutral ", "hold"), ("Trading Sell", "sell"), ("Sector Underweight", "sell"),
        ("StrongBuy", "strong_buy"), ("STRONG SELL", "strong_sell"),
    ],
)  # fmt: skip
def test_a_grade_in_other_letters_is_that_grade(text: str, level: str) -> None:
    assert GRADES[spell_grade(text)] == level


@pytest.mark.parametrize("text", ["Performer", "Hold/Accumulate", "Action List Buy", "Superb", "Not Buy", "Overbuy"])
def test_other_words_stay_as_they_are_and_are_refused_by_the_contract(text: str) -> None:
    assert spell_grade(text) == text
    assert text not in GRADES
    assert not is_no_rating(text)


@pytest.mark.parametrize("text", ["Not Rated", "SUSPENDED", "Tender", "coverage dropped", "Under review"])
def test_words_about_coverage_are_no_rating(text: str) -> None:
    assert is_no_rating(text)


def test_spellings_of_one_grade_in_the_same_letters_are_of_one_level() -> None:
    levels = {(_letters_only(spelling), level) for level, spellings in _LEVELS.items() for spelling in spellings}
    assert len(levels) == len({letters for letters, _ in levels})
    assert not any(is_no_rating(spelling) for spelling in GRADES)


def test_files_read_them() -> None:
    text = (
        "date,ticker,firm,rating,from_grade,price_target\n"
        "2026-01-22,AAA,One,OUTPERFORM,Not Rated,\n"
        "2026-01-22,AAA,Two,Suspended,Buy,\n"
        "2026-01-22,AAA,Three,Not Rated,,12\n"
        "2026-01-22,AAA,Four,Equal-weight,mkt perform,\n"
        "2026-01-22,AAA,Five,Performer,,0\n"
    )
    found = parsed(text, "ratings", "rating_actions")
    assert rows(found, "rating_actions", "firm", "to_grade", "from_grade", "price_target_usd") == [
        ("One", "Outperform", None, None),
        ("Three", None, None, 12.0),
        ("Four", "Equal-weight", "Market Perform", None),
        ("Five", "Performer", None, None),
    ]
    assert found.notes["coverage words, no rating"] == 1
    assert found.notes["target of 0, taken as none"] == 1


def test_yahoo_and_fmp_read_them() -> None:
    entry = {"epochGradeDate": 1769174100, "firm": "A", "fromGrade": "", "action": "up"}
    history = [{**entry, "toGrade": "STRONG BUY"}, {**entry, "firm": "B", "toGrade": "Not Rated"}]
    module = {"upgradeDowngradeHistory": {"history": history}}
    answer = json.dumps({"quoteSummary": {"result": [module], "error": None}}).encode()
    found = yahoo_ratings.parse(answer, Request("yahoo_ratings", "", AT, symbol="AAA"))
    assert [row["to_grade"] for row in found.tables["rating_actions"].to_pylist()] == ["Strong Buy"]
    assert (found.rejected, found.notes) == ((), {"coverage words, no rating": 1})
    rating = {
        "symbol": "AAA",
        "date": "2026-01-22",
        "gradingCompany": "A",
        "previousGrade": "Neutral",
        "action": "hold",
    }
    listed = [{**rating, "newGrade": "sector overweight"}, {**rating, "gradingCompany": "B", "newGrade": "Suspended"}]
    given = fmp_ratings.parse(json.dumps(listed).encode(), Request("fmp_ratings", "", AT, symbol="AAA"))
    assert [row["to_grade"] for row in given.tables["rating_actions"].to_pylist()] == ["Sector Overweight"]
    assert (given.rejected, given.notes) == ((), {"coverage_words_no_rating": 1})
