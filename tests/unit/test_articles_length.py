"""Lines with very many numbers, as strips of tickers and HTML without blocks give: they are listed, and soon done."""

from __future__ import annotations

import pytest

from reports.factcheck.articles.article import find_claims
from reports.factcheck.articles.parts import split_parts
from reports.factcheck.articles.periods import find_periods

PIECES = ("The S&P 500 rose {}% and ", "Apple (AAPL) +{}%, ", "道指上涨{}%，")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", PIECES)
def test_a_line_of_many_numbers_is_listed(piece: str) -> None:
    found = find_claims("".join(piece.format(f"{place / 10:.1f}") for place in range(1, 301)))
    assert len(found) == 300
    assert {one.bound for one in found} == {None}


@pytest.mark.parametrize("piece", PIECES)
def test_a_sentence_is_taken_apart_once(piece: str) -> None:
    split_parts.cache_clear()
    find_periods.cache_clear()
    assert len(find_claims("".join(piece.format(f"{place / 10:.1f}") for place in range(1, 41)))) == 40
    assert (split_parts.cache_info().misses, find_periods.cache_info().misses) == (1, 1)
