"""Which sign a statement gives to a number without one: only what it says for sure of the claim's entity turns it."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from reports.factcheck.articles.article import find_claims, to_claims_csv
from reports.factcheck.claims import claim_from_cells
from reports.factcheck.directions import signed_value

SESSION = date(2026, 1, 23)


@pytest.mark.parametrize(
    ("statement", "entity", "value", "signed"),
    [
        # the same size twice: the clause that names the entity counts, else all must agree
        ("The Dow lost 0.5% and the S&P 500 gained 0.5%.", "SPX", "0.5", "0.5"),
        ("The Dow lost 0.5% and the S&P 500 gained 0.5%.", "DJI", "0.5", "-0.5"),
        ("The S&P 500 gained 1.2% and oil fell 1.2%.", "SPX", "1.2", "1.2"),
        ("The S&P 500 fell 1.2% and oil gained 1.2%.", "SPX", "1.2", "-1.2"),
        ("The Russell 2000 rose 1.5%, erasing a 1.5% decline", "RUT", "1.5", "1.5"),
        ("标普500指数上涨0.5%，道指下跌0.5%", "SPX", "0.5", "0.5"),
        ("标普500指数上涨0.5%，道指下跌0.5%", "DJI", "0.5", "-0.5"),
        ("Lost 0.5%, then gained 0.5%", "SPX", "0.5", "0.5"),
        ("Lost 0.5%, its worst day: a 0.5% drop", "SPX", "0.5", "-0.5"),
        # what stands before the subject is its reason
        ("Lower yields pushed the S&P 500 1.2% higher", "SPX", "1.2", "1.2"),
        ("Lower yields lifted the S&P 500 1.2%", "SPX", "1.2", "1.2"),
        ("Higher yields sent the S&P 500 1.2% lower", "SPX", "1.2", "-1.2"),
        ("Losses in the S&P 500 reached 1.2%", "SPX", "1.2", "-1.2"),
        # a move that turned
        ("Russell 2000 recovers its loss year to date", "RUT", "8.2", "8.2"),
        ("标普500由跌转升1.2%", "SPX", "1.2", "1.2"),
        ("下跌后标普500反弹1.2%", "SPX", "1.2", "1.2"),
        ("The S&P 500 reversed its gains to fall 1.2%", "SPX", "1.2", "-1.2"),
        ("The S&P 500 pared its gains but lost 1.2%", "SPX", "1.2", "-1.2"),
    ],
)
def test_only_a_fall_of_the_entity_turns_the_sign(statement: str, entity: str, value: str, signed: str) -> None:
    assert signed_value(statement, value, "return_1d", entity, "") == signed


@pytest.mark.parametrize(
    ("article", "numbers"),
    [
        ("The S&P 500 rose 0.5% as bonds fell and losses eased; the Dow lost 0.5%.", [0.5, -0.5]),
        ("The S&P 500's return this year eased to 6.1%.", [6.1]),
    ],
)
def test_the_signs_that_find_claims_gives_stay(article: str, numbers: list[float]) -> None:
    rows = csv.DictReader(io.StringIO(to_claims_csv(find_claims(article), SESSION)))
    assert [claim_from_cells(row, "row").number for row in rows] == numbers
