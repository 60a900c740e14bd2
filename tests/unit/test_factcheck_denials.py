"""A statement that denies its number: the denial is of the number's own clause, not of another one."""

from __future__ import annotations

import pytest

from reports.factcheck.articles.article import find_claims
from reports.factcheck.hedges import is_denied


@pytest.mark.parametrize(
    ("statement", "value", "is_so"),
    [
        ("The S&P 500 did not close above 4,900", "4900", True),
        ("It never closed below 4,980.", "4980", True),
        ("标普500未能上涨0.5%", "0.5", True),
        ("The S&P 500 has yet to gain 7%", "7", True),
        ("It is false that the S&P 500 gained 7%", "7", True),
        ("The S&P 500 gained 7%, which is untrue", "7", True),
        ("fell short of a 7% gain", "7", True),
        ("missed a 7% gain", "7", True),
        ("标普500险些上涨7%", "7", True),
        ("The S&P 500 rose nearly 7%", "7", False),
        ("up no more than 7%", "7", False),
        ("上涨不到7%", "7", False),
        ("The Dow did not move, but the S&P 500 gained 7%", "7", False),
        ("gained not only 7%", "7", False),
        ("Investors were not worried. The S&P 500 rose 1.2 %", "1.2", False),
        ("市场并未恐慌。标普500上涨1.2%", "1.2", False),
        ("The Fed did not cut (S&P 500 up 1.2 %)", "1.2", False),
        # a denial of another clause
        ("Doubts that the Fed cuts faded: the S&P 500 rose 1.2%", "1.2", False),
        ("S&P 500 rose 1.2%, and rumours of a deal were false", "1.2", False),
        ("S&P 500 rose 1.2%, rumours of a deal were denied", "1.2", False),
        ("S&P 500 rose 1.2% as rumours of a deal were denied", "1.2", False),
        ("Few expected that the S&P 500 would rise 1.2%, but it did", "1.2", False),
        ("Few expected that the S&P 500 would rise 1.2%, but it did not", "1.2", True),
        ("Denied chips, traders feared: Beijing said that exports fell; S&P 500 rose 1.2%", "1.2", False),
        ("Nobody knew that and the S&P 500 rose 1.2%", "1.2", False),
        ("It is false that, on Tuesday, the S&P 500 rose 1.2%", "1.2", True),
        ("It is false that the S&P 500, a broad index, closed at 4,900.5 after a 1.2% gain", "4900.5", True),
        ("That the S&P 500 rose 1.2%, as one site said, is false", "1.2", True),
        ("For reasons not yet clear the S&P 500 rose 1.2 %", "1.2", False),
        ("标普500没有悬念地上涨1.2%", "1.2", False),
    ],
)
def test_a_number_may_be_denied(statement: str, value: str, is_so: bool) -> None:
    assert is_denied(statement, value) is is_so


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("Doubts that the Fed cuts faded: the S&P 500 rose 0.5%.", ["0.5"]),
        ("The S&P 500 rose 0.5%, and rumours of a deal were false.", ["0.5"]),
        ("It is false that the S&P 500 rose 0.5%.", [None]),
        ("It is false that, on Wednesday, the S&P 500 rose 0.5%.", [None]),
        ("The S&P 500 rose 0.5%, which is false.", [None]),
    ],
)
def test_a_figure_is_denied_by_its_own_clause(sentence: str, values: list[str | None]) -> None:
    assert [one.bound and one.bound.value for one in find_claims(sentence)] == values


@pytest.mark.timeout(60)
def test_many_denials_are_soon_done() -> None:
    assert find_claims("doubts that " * 2000 + ", the S&P 500 rose 0.5%.")
