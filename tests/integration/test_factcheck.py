"""Claims made from the demo's warehouse by SQL of their own: right, rounded, off by a digit, of another day, sign or entity."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports.factcheck.claims import COLUMNS, Claim, read_claims
from reports.factcheck.page import verdicts_to_html, verdicts_to_jsonld
from reports.factcheck.verdicts import check_claims
from reports.figures.resolver import Warehouse
from tests.integration.conftest import LAST_SESSION, breadthwise
from warehouse.errors import UsageError

# claim's entity and metric, its unit, decimals, and the truth: column, table, row
SUBJECTS = (
    ("RUT", "return_ytd", "pct", 2, "return_ytd_pct", "marts.index_returns", "index_id = 'RUT'"),
    ("SPX", "close", "points", 2, "close", "marts.index_returns", "index_id = 'SPX'"),
    ("Nasdaq Composite", "return_1d", "pct", 2, "return_1d_pct", "marts.index_returns", "index_id = 'COMP'"),
    ("罗素2000", "return_21d", "pct", 1, "return_21d_pct", "marts.index_returns", "index_id = 'RUT'"),
    ("fund:XLE", "return_5d", "pct", 2, "return_5d_pct", "marts.sector_returns", "symbol = 'XLE'"),
    ("all", "advances", "stocks", 0, "advances", "marts.breadth_daily", "universe = 'all'"),
    ("all", "advance_share", "pct", 1, "100 * advance_share", "marts.breadth_daily", "universe = 'all'"),
    ("sp500", "above_sma50_share", "pct", 0, "100 * above_sma50_share", "marts.breadth_daily", "universe = 'sp500'"),
    ("market", "yield_10y", "pct", 2, "yield_10y_pct", "marts.macro_daily", "true"),
    ("market", "small_minus_large_1d", "pp", 2, "small_minus_large_1d_pp", "marts.rotation_daily", "true"),
)


@pytest.fixture(scope="module")
def truths(demo_template: Path) -> dict[int, tuple[float, float]]:
    """The value of each subject on the last session, and on the one before, by SQL alone."""
    found = {}
    with duckdb.connect(str(demo_template / "warehouse.duckdb"), read_only=True) as con:
        sessions = (
            "select distinct session_date from marts.index_returns where session_date <= ? order by 1 desc limit 2"
        )
        days = con.execute(sessions, [LAST_SESSION]).fetchall()
        for number, (*_, column, table, row) in enumerate(SUBJECTS):
            sql = f"select {column} from {table} where {row} and session_date = ?"
            now, before = (con.execute(sql, [day]).fetchall()[0][0] for (day,) in days)
            found[number] = (float(now), float(before))
    return found


def written(value: float, digits: int) -> str:
    """`value` rounded as a paper would."""
    return str(Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN))


def made(truths: dict[int, tuple[float, float]]) -> list[tuple[Claim, str]]:
    """Sixty claims with the verdict that each must get."""
    claims = []
    for number, (entity, metric, unit, digits, *_) in enumerate(SUBJECTS):
        now, before = truths[number]
        unit_of_last_digit = 10.0**-digits
        variants = {
            "right": (written(now, digits), "confirmed"),
            "rounded": (written(now, max(digits - 1, 0)), "confirmed"),
            "off": (written(now + 3 * unit_of_last_digit, digits), "contradicted"),
            "day": (written(before, digits), "contradicted"),
            "sign": (written(-now, digits), "contradicted"),
            "other": (written(now * 1.5 + 5, digits), "contradicted"),
        }
        for name, (value, verdict) in variants.items():
            # a value that happens to round alike on the other day is right
            if verdict == "contradicted" and abs(float(value) - now) <= 0.5 * unit_of_last_digit:
                verdict = "confirmed"
            one = Claim(f"{number}-{name}", "", "number", entity, metric, date.fromisoformat(LAST_SESSION), value, unit)
            claims.append((one, verdict))
    return claims


def test_sixty_claims_get_the_verdict_that_sql_gives(
    demo_template: Path, truths: dict[int, tuple[float, float]]
) -> None:
    wanted = made(truths)
    assert len(wanted) == 60
    with Warehouse(demo_template) as warehouse:
        found = check_claims([claim for claim, _ in wanted], warehouse)
    assert {v.claim.claim_id: v.verdict for v in found} == {claim.claim_id: verdict for claim, verdict in wanted}
    assert sum(verdict == "contradicted" for _, verdict in wanted) >= 35
    assert all(v.found is not None and v.found.proof_command.startswith("breadthwise why ") for v in found)
    of_yesterday = next(v for v in found if v.claim.claim_id == "1-day")
    assert "value_of_other_session" in [reason.code for reason in of_yesterday.reasons]


def claims_file(folder: Path, rows: list[dict[str, str]]) -> Path:
    path = folder / "claims.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def row(**cells: str) -> dict[str, str]:
    of = {"claim_id": "x1", "statement": "S&P 500 close", "kind": "number", "entity": "SPX", "metric": "close"}
    return {**dict.fromkeys(COLUMNS, ""), **of, "session_date": LAST_SESSION, "value": "1.5", "unit": "points", **cells}


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"value": "1,5"}, "line 2: value is '1,5'; write a plain number"),
        ({"kind": "opinion"}, "line 2: kind is 'opinion'; choose from number, rank"),
        ({"session_date": "22/01/2026"}, "line 2: session_date is '22/01/2026'; write it as 2026-01-23"),
        ({"entity": ""}, "line 2: entity is empty"),
        ({"unit": "furlongs"}, "line 2: unit is 'furlongs'; choose from pct"),
    ],
)
def test_a_claims_file_that_is_none_says_where(tmp_path: Path, cells: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_claims(claims_file(tmp_path, [row(**cells)]))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("value", "unit", "statement", "half"),
    [
        ("8.2", "pct", "", 0.05),
        ("1.10", "pct", "", 0.005),
        ("3", "pp", "nearly 3 points", 0.5),
        ("165", "usd", "", 0.5),
        ("3400000000", "usd", "", 50_000_000),
        ("13400000000", "usd", "", 50_000_000),
        ("49000", "points", "", 500),
        ("5000", "points", "", 500),
        ("49100", "points", "", 50),
        ("6900", "points", "", 50),
        ("6900.00", "points", "", 0.005),
        ("4000000000000", "usd", "", 0.5e12),
        ("6915.6", "points", "The S&P 500 stood at about 6,915.6.", 0.5),
        ("6915.6", "points", "标普500收于约6915.6点", 0.5),
        ("6915.6", "points", "About 80 traders saw the S&P 500 at 6,915.6.", 0.05),
        ("44.5", "pct", "过去近三年的销售额增长率为44.5%", 0.05),
    ],
)
def test_the_digits_given_are_the_tolerance(value: str, unit: str, statement: str, half: float) -> None:
    claim = Claim("x", statement, "number", "SPX", "close", date(2026, 1, 22), value, unit)
    assert claim.half_unit == pytest.approx(half)


def test_two_returns_refute_the_spread_of_the_same_file(demo_template: Path, tmp_path: Path) -> None:
    rows = [
        row(claim_id="a", entity="RUT", metric="return_ytd", value="8.2", unit="pct"),
        row(claim_id="b", entity="SPX", metric="return_ytd", value="1.2", unit="pct"),
        row(claim_id="c", entity="RUT", metric="spread_ytd", value="8.2", unit="pp", other_entity="SPX"),
        row(claim_id="d", entity="RUT", metric="spread_ytd", value="7.1", unit="pp", other_entity="SPX"),
    ]
    with Warehouse(demo_template) as warehouse:
        found = {v.claim.claim_id: v for v in check_claims(read_claims(claims_file(tmp_path, rows)), warehouse)}
    assert found["c"].verdict == "self-contradictory"
    assert found["c"].reasons[0].values["follows"] == pytest.approx(7.0)
    # 7.1 +- 0.05 lies within the half units of 8.2 and 1.2: it is held against the warehouse instead
    assert found["d"].verdict == "contradicted"


def test_what_cannot_be_known_is_not_judged(demo_template: Path, tmp_path: Path) -> None:
    rows = [
        row(claim_id="future", session_date="2030-01-02"),
        row(claim_id="weekend", session_date="2026-01-17"),
        row(claim_id="late", session_date="2036-01-02"),
        row(claim_id="early", session_date="1926-12-31"),
        row(claim_id="symbol", entity="ZZZZQ", unit="usd"),
        row(claim_id="nobody", entity="Acme Moon Index"),
        row(claim_id="metric", metric="happiness"),
        row(claim_id="sector", entity="sector:Energy", metric="return_1d", unit="pct"),
        row(claim_id="score", entity="sector:Energy", metric="sector_score", kind="rank", unit="rank", value="1"),
        row(claim_id="unit", unit="pct"),
        row(claim_id="open", kind="unplaced", entity="", metric="", value="", unit=""),
    ]
    with Warehouse(demo_template) as warehouse:
        found = check_claims(read_claims(claims_file(tmp_path, rows)), warehouse)
    assert {v.verdict for v in found} == {"not checkable"}
    codes = {v.claim.claim_id: v.reasons[0].code for v in found}
    assert codes == {
        "future": "after_last_session",
        "weekend": "closed_day",
        "late": "after_calendar",
        "early": "before_calendar",
        "symbol": "unknown_symbol",
        "nobody": "unknown_entity",
        "metric": "unknown_metric",
        "sector": "another_sector_index",
        "score": "vendor_score",
        "unit": "another_unit",
        "open": "unplaced",
    }


def test_the_page_takes_a_hostile_statement_as_text(demo_template: Path, tmp_path: Path) -> None:
    hostile = "</script><script>alert(1)</script>\u202e=cmd()" + "x" * 300
    claims = read_claims(claims_file(tmp_path, [row(statement=hostile)]))
    with Warehouse(demo_template) as warehouse:
        verdicts = check_claims(claims, warehouse)
        pages = {language: verdicts_to_html(verdicts, warehouse.newest_build, language) for language in ("en", "zh")}
        document = json.loads(verdicts_to_jsonld(verdicts, warehouse.newest_build, "en"))
    for page in pages.values():
        assert "<script>alert" not in page
        assert "http" not in page.replace("https://schema.org", "")
    assert "事实核查" in pages["zh"]
    review = document["@graph"][0]
    assert (review["@type"], review["reviewRating"]["ratingValue"]) == ("ClaimReview", 1)


def test_the_commands_ask_and_check(demo_template: Path, tmp_path: Path) -> None:
    asked = breadthwise(demo_template, "ask", "RUT", "close", LAST_SESSION, "--format", "json")
    figure: dict[str, Any] = json.loads(asked.stdout)
    with duckdb.connect(str(demo_template / "warehouse.duckdb"), read_only=True) as con:
        sql = "select close from marts.index_returns where index_id = 'RUT' and session_date = ?"
        close = con.execute(sql, [LAST_SESSION]).fetchall()[0][0]
    assert (figure["value"], figure["unit"], figure["session"]) == (close, "points", LAST_SESSION)
    assert figure["proof"] == f"breadthwise why marts.index_returns 'session_date={LAST_SESSION} index_id=RUT' close"
    path = claims_file(tmp_path, [row(statement="Russell 2000 close", entity="RUT", value=f"{close:.2f}")])
    checked = breadthwise(demo_template, "factcheck", str(path), "--format", "json")
    assert json.loads(checked.stdout)["claims"][0]["verdict"] == "confirmed"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ask", "RUT", "flurb"), "not understood: flurb"),
        (("ask", "russel", "2000", "ytd"), "near: "),
        (("ask", "RUT"), "names no measure"),
        (("ask", "RUT ytd SPX close"), "names several measures: return_ytd, close"),
        (("ask", "RUT and SPX ytd"), "names two indices; ask for one, or for one minus the other"),
        (("mcp", "--transport", "http", "--port", "99999"), "choose another from 1 to 65535 with --port"),
        (("factcheck",), "name a claims file, or an article with --text"),
        (("factcheck", "nowhere.csv"), "nowhere.csv cannot be read: No such file"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(
    demo_template: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = breadthwise(demo_template, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert message in done.stderr
