"""Sentences of an article to their verdicts: right ones are confirmed, each changed one refuted, unclear ones left alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from flows.inspect.companies import companies_of_home
from reports.factcheck.articles.article import claim_rows, find_claims
from reports.factcheck.claims import COLUMNS, claim_from_cells, read_claims
from reports.factcheck.verdicts import Verdict, check_claims
from reports.figures.resolver import Warehouse
from tests.integration.conftest import LAST_SESSION, breadthwise

SESSION = date.fromisoformat(LAST_SESSION)


def verdicts_of_text(home: Path, text: str) -> list[Verdict]:
    """The verdict on each figure of a text of the demo's last session."""
    rows = claim_rows(find_claims(text), SESSION)
    claims = [claim_from_cells({name: row.get(name, "") for name in COLUMNS}, text) for row in rows]
    with Warehouse(home) as warehouse:
        return check_claims(claims, warehouse)


def names_of_verdicts(home: Path, text: str) -> list[str]:
    """The names of the verdicts alone."""
    return [one.verdict for one in verdicts_of_text(home, text)]


def cell(home: Path, column: str, table: str, row: str) -> Any:
    """A cell of the last session by SQL alone."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        sql = f"select {column} from {table} where {row} and session_date = ?"
        return con.execute(sql, [LAST_SESSION]).fetchall()[0][0]


def test_returns_of_a_month_by_its_name_and_of_sessions(demo_template: Path) -> None:
    index = "index_id = 'SPX'"
    of_month, of_week = (cell(demo_template, f"return_{n}_pct", "marts.index_returns", index) for n in ("mtd", "5d"))
    month = SESSION.strftime("%B")
    for value, words in ((of_month, f"in {month}"), (of_week, "over the past five sessions")):
        way, other = ("fallen", "gained") if value < 0 else ("gained", "fallen")
        said = {
            f"The S&P 500 has {way} {abs(value):.2f}% {words}.": "confirmed",
            f"The S&P 500 has {other} {abs(value):.2f}% {words}.": "contradicted",
            f"The S&P 500 has {way} {abs(value) + 0.03:.2f}% {words}.": "contradicted",
            f"The Nasdaq has {way} {abs(value):.2f}% {words}.": "contradicted",
        }
        assert {text: names_of_verdicts(demo_template, text) for text in said} == {t: [v] for t, v in said.items()}


def test_a_distance_from_a_record_that_may_be_within_a_session_is_not_refuted(demo_template: Path) -> None:
    far = -float(
        cell(
            demo_template, "value", "marts.index_statistics", "index_id = 'SPX' and statistic = 'from_record_close_pct'"
        )
    )
    said = {
        f"The S&P 500 is {far:.2f}% below its record high.": "confirmed",
        f"The S&P 500 is {far:.2f}% below its record close.": "confirmed",
        # the highest price of a session lies above the highest close, never below it
        f"The S&P 500 is {far + 0.5:.2f}% below its record high.": "not checkable",
        f"The S&P 500 is {far - 0.03:.2f}% below its record high.": "contradicted",
        f"The S&P 500 is {far + 0.5:.2f}% below its record close.": "contradicted",
    }  # fmt: skip
    assert {text: names_of_verdicts(demo_template, text) for text in said} == {t: [v] for t, v in said.items()}


def test_a_company_of_the_lake_is_known_by_its_name(demo_template: Path, tmp_path: Path) -> None:
    # a company may have left the list, or not have moved
    moved = "select symbol, return_1d_pct from marts.equity_facts where session_date = ? and abs(return_1d_pct) > 0.1"
    with duckdb.connect(str(demo_template / "warehouse.duckdb"), read_only=True) as con:
        changes = dict(con.execute(moved, [LAST_SESSION]).fetchall())
    names = companies_of_home(demo_template, SESSION).symbols
    name, symbol = min((n, s) for n, s in names.items() if n.startswith("simulated groceries") and s in changes)
    change = changes[symbol]
    verb, other = ("rose", "fell") if change > 0 else ("fell", "rose")
    for words, verdict in (
        (f"{verb} {abs(change):.2f}%", "confirmed"),
        (f"{other} {abs(change):.2f}%", "contradicted"),
    ):
        article = tmp_path / "article.txt"
        article.write_text(f"Shares of {name.title()} {words}.", encoding="utf-8")
        listed = breadthwise(demo_template, "factcheck", "--text", str(article), "--session", LAST_SESSION)
        (tmp_path / "claims.csv").write_text(listed.stdout, encoding="utf-8")
        assert symbol in listed.stdout
        with Warehouse(demo_template) as warehouse:
            verdicts = check_claims(read_claims(tmp_path / "claims.csv"), warehouse)
        assert [one.verdict for one in verdicts] == [verdict]


def test_rising_and_falling_stocks_are_of_the_set_that_is_named(demo_template: Path) -> None:
    up, down = (
        cell(demo_template, name, "marts.breadth_daily", "universe = 'sp500'") for name in ("advances", "declines")
    )
    first, more, second, less = (
        ("advancers", up, "decliners", down) if up > down else ("decliners", down, "advancers", up)
    )
    ratio = more / less
    said = {
        f"In the S&P 500, {first} led {second} {more} to {less}.": "confirmed",
        f"{second.title()} in the S&P 500 trailed {first} {less} to {more}.": "confirmed",
        f"Within the S&P 500, {up} stocks rose and {down} fell.": "confirmed",
        f"标普500成分股中{up}只上涨，{down}只下跌。": "confirmed",
        f"In the S&P 500, {second} led {first} {more} to {less}.": "contradicted",
        f"In the S&P 500, {first} led {second} {more + 1} to {less + 1}.": "contradicted",
        f"In the Russell 2000, {first} led {second} {more} to {less}.": "contradicted",
        f"In the S&P 500, {first} outnumbered {second} by a {ratio:.2f}-to-1 ratio.": "confirmed",
        f"In the S&P 500, {first} outnumbered {second} by a {ratio + 0.02:.2f}-to-1 ratio.": "contradicted",
        f"In the S&P 500, {second} outnumbered {first} by a {ratio:.2f}-to-1 ratio.": "contradicted",
    }
    found = {text: names_of_verdicts(demo_template, text) for text in said}
    assert found == {t: [v] * (1 if "ratio" in t else 2) for t, v in said.items()}


def test_stocks_of_no_named_set_are_never_refuted(demo_template: Path) -> None:
    up, down = (
        cell(demo_template, name, "marts.breadth_daily", "universe = 'all'") for name in ("advances", "declines")
    )
    said = f"On the day, {up} stocks rose and {down} fell.", f"On the day, {up + 1} stocks rose and {down + 1} fell."
    right, wrong = (verdicts_of_text(demo_template, text) for text in said)
    # a small count may be that of another set by chance
    assert [one.verdict for one in right] == ["confirmed" if n >= 100 else "not checkable" for n in (up, down)]
    assert [one.verdict for one in wrong] == ["not checkable"] * 2
    assert [one.nearest[0].value for one in wrong] == [up, down]
    assert {one.reasons[-1].code for one in (*right, *wrong)} == {"stocks_unnamed"}
    ratio = f"{max(up, down) / min(up, down):.1f}"
    who = "Gainers outnumbered losers" if up > down else "Losers outnumbered gainers"
    assert names_of_verdicts(demo_template, f"{who} by {ratio} to 1.") == ["not checkable"]


def test_the_year_that_a_dateline_lacks_is_said(demo_template: Path, tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text(f"NEW YORK, {SESSION:%b}. {SESSION.day} (AP) - The S&P 500 rose 0.5%.", encoding="utf-8")
    listed = breadthwise(demo_template, "factcheck", "--text", str(article))
    assert (listed.returncode, LAST_SESSION in listed.stdout) == (0, True)
    assert f"the dateline names no year: taken as {SESSION.year}" in listed.stdout
    assert f"session {LAST_SESSION}: the dateline names no year" in listed.stderr
    named = breadthwise(demo_template, "factcheck", "--text", str(article), "--session", LAST_SESSION)
    assert "no year" not in named.stdout + named.stderr
