"""Claims on figures that are made of published ones: right ones confirmed, changed ones refuted, unclear ones left alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from reports.factcheck.claims import COLUMNS, claim_from_cells
from reports.factcheck.verdicts import Verdict, check_claims
from reports.figures.resolver import Warehouse
from tests.integration.conftest import LAST_SESSION
from tests.integration.test_factcheck_articles import cell, names_of_verdicts, verdicts_of_text
from warehouse.calendar import sessions_between

SESSION = date.fromisoformat(LAST_SESSION)


def verdict_on(home: Path, **cells: str) -> Verdict:
    """The verdict on one claim of a number."""
    row = {**dict.fromkeys(COLUMNS, ""), "claim_id": "a1", "kind": "number", "session_date": LAST_SESSION, **cells}
    with Warehouse(home) as warehouse:
        return check_claims([claim_from_cells(row, "test")], warehouse)[0]


def rows_of(home: Path, sql: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()


def month_before() -> tuple[date, str]:
    """The first day of the last whole month, and its name."""
    first = date(SESSION.year - (SESSION.month == 1), (SESSION.month - 2) % 12 + 1, 1)
    return first, first.strftime("%B")


def test_a_distance_from_a_months_low_or_high_counts_from_its_closes(demo_template: Path) -> None:
    first, month = month_before()
    close = cell(demo_template, "close", "marts.index_returns", "index_id = 'SPX'")
    ((low, high),) = rows_of(
        demo_template,
        f"""select min(close), max(close) from marts.index_returns
        where index_id = 'SPX' and session_date >= '{first}' and session_date < date '{first}' + interval 1 month""",
    )
    for word, value, beyond in (("low", 100 * (close / low - 1), 1), ("high", 100 * (close / high - 1), -1)):
        side = "above" if value > 0 else "below"
        other = "below" if value > 0 else "above"
        # prices within a session reach farther than closes
        far, near = value + beyond, value - beyond
        said = {
            f"The S&P 500 is {abs(value):.2f}% {side} its {month} {word}.": "confirmed",
            f"The S&P 500 is {abs(value):.2f}% {side} its {month} {first.year} {word}.": "confirmed",
            f"The Nasdaq is {abs(value):.2f}% {side} its {month} closing {word}.": "contradicted",
            f"The S&P 500 is {abs(far):.2f}% {'above' if far > 0 else 'below'} its {month} {word}.": "not checkable",
            f"The S&P 500 is {abs(far):.2f}% {'above' if far > 0 else 'below'} its {month} closing {word}.": "contradicted",
            f"The S&P 500 is {abs(near):.2f}% {'above' if near > 0 else 'below'} its {month} {word}.": "contradicted",
            f"The S&P 500 is {abs(value) + 5:.2f}% {other} its {month} closing {word}.": "contradicted",
        }
        assert {text: names_of_verdicts(demo_template, text) for text in said} == {t: [v] for t, v in said.items()}


def test_the_closes_behind_a_distance_are_shown(demo_template: Path) -> None:
    first, month = month_before()
    (verdict,) = verdicts_of_text(demo_template, f"The S&P 500 is 1.23% above its {month} low.")
    now, then = verdict.nearest
    assert (now.measure.id, now.session, then.measure.id) == ("close", SESSION, "close")
    assert (then.session.year, then.session.month) == (first.year, first.month)


def test_a_month_that_is_not_whole_or_not_sure_is_not_checkable(demo_template: Path) -> None:
    claim = {"entity": "SPX", "metric": "from_low_month", "value": "5.00", "unit": "pct"}
    of = {
        "Jan 1990": "month_incomplete",
        "Jan 2034": "month_unclear",
        "Foo": "month_unclear",
        "": "month_unclear",
    }
    found = {month: verdict_on(demo_template, **claim, other_entity=month) for month in of}
    assert {month: (one.verdict, one.reasons[0].code) for month, one in found.items()} == {
        month: ("not checkable", code) for month, code in of.items()
    }
    # early in a month its own low may be that of the year before
    early = sessions_between(SESSION.replace(day=1), SESSION)[0]
    one = verdict_on(demo_template, **claim, other_entity=f"{early:%b}", session_date=early.isoformat())
    assert (one.verdict, one.reasons[0].code) == ("not checkable", "month_unclear")


def test_a_stocks_return_of_the_month_is_that_of_its_days(demo_template: Path) -> None:
    """Of a stock and a month without a gap or a split, the return between two closes; with a gap none."""
    rows = rows_of(
        demo_template,
        """select symbol, date_trunc('month', session_date)::date::varchar, max(session_date)::varchar, count(return_1d_pct),
        arg_max(close, session_date), bool_or(split_ratio is not null or basis is distinct from 'raw')
        from marts.equity_facts group by all order by 1, 2""",
    )
    whole, gappy = None, None
    closes: dict[tuple[str, str], float] = {}
    for symbol, month, last, returns, close, is_changed in rows:
        first, end = date.fromisoformat(str(month)), date.fromisoformat(str(last))
        days = sessions_between(first, end)
        base = closes.get(
            (str(symbol), (date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)).isoformat())
        )
        closes[str(symbol), str(month)] = float(str(close))
        if base is not None and not is_changed and returns == len(days) and whole is None:
            whole = (str(symbol), str(last), 100 * (float(str(close)) / base - 1))
        if base is not None and isinstance(returns, int) and returns < len(days) and gappy is None:
            gappy = (str(symbol), str(last))
        if whole and gappy:
            break
    assert whole is not None
    assert gappy is not None
    symbol, session, value = whole
    claim = {"entity": symbol, "metric": "return_mtd", "unit": "pct", "session_date": session}
    assert verdict_on(demo_template, **claim, value=f"{value:.2f}").verdict == "confirmed"
    assert verdict_on(demo_template, **claim, value=f"{value + 0.02:.2f}").verdict == "contradicted"
    one = verdict_on(demo_template, **{**claim, "entity": gappy[0], "session_date": gappy[1]}, value="1.00")
    assert (one.verdict, one.reasons[0].code) == ("not checkable", "returns_incomplete")


def test_a_stock_without_data_says_why(demo_template: Path) -> None:
    claim = {"metric": "return_qtd", "value": "1.00", "unit": "pct"}
    unknown = verdict_on(demo_template, **claim, entity="NOSUCH")
    closed = verdict_on(demo_template, **claim, entity="NOSUCH", session_date="2026-07-04")
    assert [one.reasons[0].code for one in (unknown, closed)] == ["unknown_symbol", "closed_day"]


def test_sector_funds_are_counted_and_a_vendors_sectors_are_not(demo_template: Path) -> None:
    ((ups, downs),) = rows_of(
        demo_template,
        f"""select count(*) filter (where return_1d_pct > 0), count(*) filter (where return_1d_pct < 0) from marts.sector_returns
        where sector is not null and session_date = '{LAST_SESSION}'""",
    )
    other = 3 if downs != 3 else 4
    said = {
        f"{ups} of the 11 sector funds rose.": "confirmed",
        f"{downs} of the 11 sector funds fell.": "confirmed",
        f"{other} of the 11 sector funds fell.": "contradicted",
        f"{ups} of the 11 S&P 500 sectors rose.": "not checkable",
        f"{other} of the 11 sectors fell.": "not checkable",
    }
    assert {text: names_of_verdicts(demo_template, text) for text in said} == {t: [v] for t, v in said.items()}
    (verdict,) = verdicts_of_text(demo_template, "Seven of the 11 sectors rose.")
    assert (verdict.reasons[0].code, len(verdict.nearest)) == ("other_sector_indices", 11)
    assert (verdict.reasons[0].values["ups"], verdict.reasons[0].values["downs"]) == (ups, downs)


def test_a_run_is_held_against_the_length_and_the_way(demo_template: Path) -> None:
    run = int(cell(demo_template, "value", "marts.index_statistics", "index_id = 'SPX' and statistic = 'run_sessions'"))
    way, other = ("rose", "fell") if run > 0 else ("fell", "rose")
    said = {
        f"The S&P 500 {way} {abs(run)} sessions in a row.": "confirmed",
        f"The S&P 500 {other} {abs(run)} sessions in a row.": "contradicted",
        f"The S&P 500 {way} {abs(run) + 1} sessions in a row.": "contradicted",
        f"The S&P 500 {way} for a 12th straight session.": "contradicted",
    }
    assert {text: names_of_verdicts(demo_template, text) for text in said} == {t: [v] for t, v in said.items()}
