"""Counts of sectors that rose or fell: of the day, and of whose sectors."""

from __future__ import annotations

import pytest

from reports.factcheck.articles.article import find_claims

# sentence -> entity, metric and count; None where it is left unplaced
SENTENCES: tuple[tuple[str, tuple[str, str, str] | None], ...] = (
    ("Seven of the 11 sectors rose.", ("sectors", "sectors_up", "7")),
    ("All 11 S&P 500 sectors closed lower.", ("sectors", "sectors_down", "11")),
    ("Only two sectors fell.", ("sectors", "sectors_down", "2")),
    ("Seven of the S&P 500's 11 major sectors closed in positive territory.", ("sectors", "sectors_up", "7")),
    ("All but two of the S&P's sectors ended lower.", ("sectors", "sectors_down", "9")),
    ("No sector rose.", ("sectors", "sectors_up", "0")),
    ("Ten of the 11 sector ETFs fell on Monday.", ("sector funds", "sectors_down", "10")),
    ("All 11 Select Sector SPDR funds fell.", ("sector funds", "sectors_down", "11")),
    ("11个板块中有10个下跌。", ("sectors", "sectors_down", "10")),
    # how many it does not say, or the whole of them; a bound; a size
    ("Most of the 11 sectors fell.", None),
    ("Half of the S&P 500's 11 sectors fell.", None),
    ("At least ten of the 11 sectors fell.", None),
    ("Ten of the 11 sectors fell more than 1%.", None),
    ("Ten of the 11 sectors fell, each by more than 10%.", None),
    # another time, another market, a denial, a forecast, a condition
    ("Last week, ten of the 11 sectors fell.", None),
    ("This year, ten of the 11 sectors rose.", None),
    ("So far this year the S&P 500 is up 19%. Ten of the 11 sectors rose.", None),
    ("At midday, ten of the 11 sectors were lower.", None),
    ("Ten of the 11 sectors closed lower for the week.", None),
    ("In Europe, ten of the 11 sectors fell.", None),
    ("Among European shares, ten of the 11 sectors fell.", None),
    ("Ten of the 11 sectors did not rise.", None),
    ("It is not true that ten of the 11 sectors fell.", None),
    ("Ten of the 11 sectors are expected to rise.", None),
    ("If ten of the 11 sectors fell, sell.", None),
)


@pytest.mark.parametrize(("sentence", "count"), SENTENCES, ids=[sentence for sentence, _ in SENTENCES])
def test_a_count_of_sectors_is_placed_by_the_words(sentence: str, count: tuple[str, str, str] | None) -> None:
    bounds = [one.bound for one in find_claims(sentence)]
    found = [(b.entity, b.metric, b.value) for b in bounds if b and b.metric.startswith("sectors_")]
    assert found == ([count] if count else [])
