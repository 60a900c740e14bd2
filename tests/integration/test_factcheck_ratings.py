"""Claims of ratings: the target, the action and the grade that a statement names are each held against the firm's rating."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from reports.factcheck.claims import Claim
from reports.factcheck.output import verdict_rows
from reports.factcheck.ratings import stated_parts
from reports.factcheck.verdicts import check_claims
from reports.figures.resolver import Warehouse


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Acme raised to Buy at Firm; target 197", {"action": "up", "grade": "buy"}),
        ("Acme cut from Buy to Strong Sell", {"action": "down", "grade": "strong_sell"}),
        ("Acme kept at Overweight", {"action": "reiterated", "grade": "buy"}),
        ("Firm raised its target to 197", {}),
        ("Firm lifted the price target and downgraded Acme", {"action": "down"}),
        ("raised to Buy; reiterated", {"action": "", "grade": "buy"}),
        ("评级上调至“买入”，目标价为395美元", {"action": "up", "grade": "buy"}),
        ("维持“增持”评级", {"action": "reiterated", "grade": "buy"}),
        # the verb of a target is no action
        ("Goldman raised Apple price target to $300", {}),
        ("Goldman lifted its 12-month target on Apple to $300", {}),
        (
            "Firm raised the firm's price target on Apple to $300 and maintains Buy",
            {"action": "reiterated", "grade": "buy"},
        ),
        ("维持买入评级，目标价上调至300美元", {"action": "reiterated", "grade": "buy"}),
        ("将苹果目标价下调至300美元", {}),
        ("Firm raised Acme to Buy with a price target of $300", {"action": "up", "grade": "buy"}),
        ("Firm cut Acme's rating to Sell and its target to $30", {"action": "down", "grade": "sell"}),
        ("Acme, rated Buy: target raised to $300", {"grade": "buy"}),
        ("Acme raised to Buy at a target of $300", {"action": "", "grade": "buy"}),
        ("Firm cuts Acme to Sell", {"action": "down", "grade": "sell"}),
        # what is neither an action nor a grade
        ("Acme, which cut jobs, was kept at Buy", {"action": "reiterated", "grade": "buy"}),
        ("Best Buy (BBY) upgraded to Hold", {"action": "up", "grade": "hold"}),
        ("Best Buy upgraded to Hold", {"action": "up", "grade": "hold"}),
        ("Goldman raised its target on Best Buy to $80", {"grade": ""}),
        ("Firm reiterates Buy on Best Buy", {"action": "reiterated", "grade": "buy"}),
    ],
)
def test_action_and_grade_are_read_from_the_words(text: str, parts: dict[str, str]) -> None:
    assert stated_parts(text) == parts


def test_what_is_stated_of_a_rating_must_all_hold(demo_template: Path) -> None:
    with duckdb.connect(str(demo_template / "warehouse.duckdb"), read_only=True) as con:
        symbol, firm, day, grade, target = con.execute(
            """select symbol, firm, rating_date::varchar, to_grade, price_target_usd from marts.rating_actions
            where action = 'down' and to_level = 'sell' and price_target_usd is not null
                and extract(epoch from rated_at)::bigint % 86400 <> 0
            qualify count(*) over (partition by symbol, firm) = 1 or
                rating_date - lag(rating_date, 1, date '1900-01-01') over (partition by symbol, firm order by rating_date) > 12
            order by session_date desc, symbol limit 1"""
        ).fetchall()[0]
    session = date.fromisoformat(day)

    def claim(claim_id: str, statement: str, value: str, on: date = session, note: str = "") -> Claim:
        return Claim(claim_id, statement, "rating", symbol, "rating_action", on, value, "usd", firm, note)

    right, wrong = f"{target:g}", f"{target + 20:g}"
    claims = [
        claim("all", f"cut to {grade}; target {right}", right),
        claim("target", "", right),
        claim("action", "raised", right),
        claim("note", "", right, note="upgrade"),
        claim("grade", "cut to Buy", right),
        claim("other target", f"cut to {grade}", wrong),
        claim("without target", f"cut to {grade}", ""),
        claim("nothing", "", ""),
        claim("two actions", "raised, then cut", right),
        claim("before", f"cut to {grade}", right, on=session - timedelta(days=1)),
    ]
    with Warehouse(demo_template) as warehouse:
        verdicts = check_claims(claims, warehouse)
        rows = verdict_rows(verdicts, warehouse.newest_build)
    assert {v.claim.claim_id: v.verdict for v in verdicts} == {
        "all": "confirmed",
        "target": "confirmed",
        "action": "contradicted",
        "note": "contradicted",
        "grade": "contradicted",
        "other target": "contradicted",
        "without target": "confirmed",
        "nothing": "not checkable",
        "two actions": "not checkable",
        "before": "not checkable",
    }
    assert f", its grade {grade}." in rows[0]["reason"]
    assert verdicts[-1].reasons[0].code == "no_rating"
