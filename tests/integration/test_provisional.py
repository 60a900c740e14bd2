"""Bars of stocks that were fetched before their session had closed: no figure uses them, and the report says that they came."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.report.write import session_to_report
from reports.reading import open_build
from reports.texts import texts_for_sql
from tests.support.block_builds import with_inputs
from tests.unit.fetching import AT, bar, store
from transforms.build import build_warehouse
from transforms.restatements import Before
from warehouse.calendar import sessions_between
from warehouse.errors import UsageError
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

DAYS = sessions_between(date(2025, 12, 1), date(2026, 1, 23))
STOCKS = range(1, 31)
TABLES = (
    "marts.breadth_daily",
    "marts.flows_by_cap_band",
    "marts.equity_facts",
    "marts.equities_latest",
    "reports.breadth",
)
NOON = "equity_bars of 2026-01-23 is provisional: known before the session had closed, so no figure uses the bars"


def close(number: int, day: int) -> float:
    """Goes up and down by less than 2 % a session and never repeats a close."""
    return round(50 + number + (day % 5) * 0.17 + (day * (number % 4 + 1) % 7) * 0.05 + day * 0.01, 2)


def bars(number: int, days: range, **given: Any) -> list[dict[str, Any]]:
    return [bar(f"M{number:02d}", DAYS[day], close(number, day), volume=1000 + day, **given) for day in days]


def built(
    home: Path, name: str, before: Path | None = None, cache: Path | None = None, *, is_whole: bool = False
) -> Path:
    lake, out = Lake(home), home / f"{name}.duckdb"
    given: dict[str, Any] = {"code_version": "test", "built_at": AT, "texts": texts_for_sql(), "cache": cache}
    if not is_whole:
        given["models"] = with_inputs(*TABLES, "intermediate.session_ledger")
    build_warehouse(lake, lake.manifest(), out, Settings(), before=Before(before) if before else None, **given)
    return out


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(query).fetchall()


def ledger(path: Path, day: date) -> tuple[Any, ...]:
    query = "select status, rows, note from ops.session_ledger where dataset = 'equity_bars' and session_date = "
    return rows(path, f"{query} date '{day}'")[0]


def figures(path: Path) -> list[list[tuple[Any, ...]]]:
    return [rows(path, f"from {table} order by all") for table in TABLES]


def all_tables(path: Path) -> list[list[tuple[Any, ...]]]:
    return [*figures(path), rows(path, "from ops.session_ledger order by all")]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Final closes of 30 stocks and of an index, of all sessions but the last; of that one the index alone."""
    store(tmp_path, "index_bars", "vendor", [bar("SPX", DAYS[day], close(0, day)) for day in range(len(DAYS))])
    for number in STOCKS:
        store(tmp_path, "equity_bars", "vendor", bars(number, range(len(DAYS) - 1)))
    return tmp_path


def test_quotes_of_noon_are_no_closes(home: Path) -> None:
    last = len(DAYS) - 1
    without = built(home, "without", cache=home / "cache")
    for number in STOCKS:
        quote = bar(f"M{number:02d}", DAYS[last], 3 * close(number, last), volume=7, is_final=False)
        store(home, "equity_bars", "vendor", [quote])
    noon = built(home, "noon", without, home / "cache")
    assert figures(noon) == figures(without)
    assert all_tables(noon) == all_tables(built(home, "noon_whole"))
    assert ledger(noon, DAYS[last]) == ("provisional", 30, "30 of 30 stocks fetched before the session had closed")
    assert ledger(without, DAYS[last])[0] == "missing"
    for number in STOCKS:
        store(home, "equity_bars", "vendor", bars(number, range(last, last + 1)), AT + timedelta(hours=1))
    final = built(home, "final", noon, home / "cache")
    assert all_tables(final) == all_tables(built(home, "final_whole"))
    assert ledger(final, DAYS[last]) == ("present", 30, None)
    of_day = f"where session_date = date '{DAYS[last]}' and universe = 'all'"
    assert rows(noon, f"select members, eligible from marts.breadth_daily {of_day}") == []
    assert rows(final, f"select members, eligible from marts.breadth_daily {of_day}") == [(30, 30)]


def test_a_few_stocks_that_are_not_final_are_left_out_of_their_session(home: Path) -> None:
    last = len(DAYS) - 1
    for number in STOCKS:
        given = bars(number, range(last, last + 1), is_final=number > 2)
        store(home, "equity_bars", "vendor", given)
    found = built(home, "some")
    assert ledger(found, DAYS[last]) == ("partial", 30, "2 of 30 stocks fetched before the session had closed")
    of_day = f"where session_date = date '{DAYS[last]}' and universe = 'all'"
    query = f"select members, eligible, excluded_no_close from marts.breadth_daily {of_day}"
    assert rows(found, query) == [(30, 28, 2)]


def test_a_stock_that_was_never_final_is_none_yet(home: Path) -> None:
    store(home, "equity_bars", "vendor", bars(99, range(len(DAYS) - 3, len(DAYS)), is_final=False))
    found = built(home, "new")
    assert rows(found, "select symbol from marts.equity_facts where symbol = 'M99'") == []
    assert ledger(found, DAYS[-2]) == ("partial", 31, "1 of 31 stocks fetched before the session had closed")


def test_the_report_of_stocks_alone_waits_for_final_bars_and_says_so(tmp_path: Path) -> None:
    last = len(DAYS) - 1
    for number in STOCKS:
        given = [*bars(number, range(last)), *bars(number, range(last, last + 1), is_final=False)]
        store(tmp_path, "equity_bars", "vendor", given)
    with open_build(built(tmp_path, "stocks", is_whole=True)) as reading:
        with pytest.raises(UsageError, match=f"its newest session is 2026-01-22; {NOON}; `breadthwise run` asks"):
            session_to_report(reading, DAYS[last])
        assert session_to_report(reading, None) == DAYS[last - 1]
