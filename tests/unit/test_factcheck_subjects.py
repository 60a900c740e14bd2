"""Statements that speak of another entity than the claim, and those that only seem to."""

from __future__ import annotations

from datetime import date

import pytest

from reports.factcheck.claims import Claim
from reports.factcheck.subjects import names_of_others
from reports.factcheck.verdicts import entity_of_claim


def others(statement: str, entity: str, metric: str = "return_ytd", other: str = "") -> str:
    claim = Claim("a1", statement, "number", entity, metric, date(2026, 1, 23), "3.1", "pct", other)
    found = entity_of_claim(claim)
    assert found is not None
    return names_of_others(claim, found)


@pytest.mark.parametrize(
    ("statement", "entity", "named"),
    [
        ("SPX fell 3.1% this year", "RUT", "SPX"),
        ("The S&P 500 rose 3.1% this year while the Dow fell", "RUT", "S&P 500, Dow"),
        ("标普500上涨3.1%", "RUT", "标普500"),
        ("Energy rose 3.1%", "RUT", "Energy"),
        ("Tech rose 3.1%", "XLE", "Tech"),
        ("Mega caps rose 3.1%", "cap:mid", "Mega caps"),
        # a statement that leaves the number out
        ("Nasdaq Composite year to date", "RUT", "Nasdaq Composite"),
        ("The Nasdaq Composite is down year to date", "SPX", "Nasdaq Composite"),
        ("The S&P rose 3.1% year to date", "RUT", "S&P"),
    ],
)
def test_a_statement_about_another_is_told(statement: str, entity: str, named: str) -> None:
    assert others(statement, entity) == named


@pytest.mark.parametrize(
    ("statement", "entity"),
    [
        ("RUT rose 3.1%", "RUT"),
        ("Small caps rose 3.1%, more than the S&P 500", "RUT"),
        ("Energy rose 3.1%", "fund:XLE"),
        ("The S&P rose 3.1%", "SPX"),
        ("S&P Global rose 3.1%", "SPGI"),
        ("Russell 2000 year to date", "RUT"),
        ("The S&P 500 fell 3.1%", "sp500"),
        ("The S&P 500 fell 3.1%", "sp500_list"),
        ("Large caps rose 3.1%", "SPX"),
        ("US stocks rose 3.1%", "SPX"),
        # it stands for a name that a sentence before may give
        ("Energy dragged the index, which fell 3.1%", "SPX"),
        # names of companies hold those of sectors
        ("Applied Materials rose 3.1%", "AMAT"),
        # says nothing of this number
        ("The Dow rose 2%", "RUT"),
        ("", "RUT"),
    ],
)
def test_a_statement_about_the_claims_own_or_nobody_is_left(statement: str, entity: str) -> None:
    assert others(statement, entity) == ""


def test_of_a_pair_either_leg_may_be_named() -> None:
    assert others("The index beat the S&P 500 by 3.1 points", "RUT", "spread_ytd", "SPX") == ""
    assert others("The Nasdaq beat the Dow by 3.1 points", "RUT", "spread_ytd", "SPX") == "Nasdaq, Dow"
