"""A day on which most of a vendor's indices or funds are wrong: what is good stays in force, what is wrong is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports.texts import texts_for_sql
from tests.unit.fetching import AT, bar, store
from transforms.build import build_warehouse
from warehouse.calendar import sessions_between
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

DAYS = sessions_between(date(2025, 11, 3), date(2026, 1, 23))
FUNDS = ("SPY", "XLB", "XLE", "XLF", "XLK", "XLU")
INDICES = ("SPX", "DJI", "RUT", "VIX")
# numbers of sessions, each far from the next
OTHERS, ITSELF, FROZEN = 12, 24, 34


def close(number: int, day: int) -> float:
    """Goes up and down by less than 2 % a session, each in a way of its own, and never repeats a close."""
    return round(50 + number + (day % 5) * 0.17 + (day * (number % 4 + 1) % 7) * 0.05 + day * 0.01, 2)


def index(number: int, day: int) -> float:
    value = 100 * close(number, day - (day == FROZEN and INDICES[number] != "VIX"))
    if day == OTHERS and INDICES[number] in ("DJI", "RUT"):
        return value * 10
    return value * 10 if day == ITSELF and INDICES[number] in ("SPX", "RUT") else value


def fund(number: int, day: int) -> float:
    return close(number, day) / (10 if day == OTHERS and FUNDS[number] != "SPY" else 1)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home: Path = tmp_path_factory.mktemp("home")
    days = range(len(DAYS))
    store(home, "index_bars", "vendor", [bar(s, DAYS[d], index(n, d)) for n, s in enumerate(INDICES) for d in days])
    store(
        home,
        "sector_bars",
        "vendor",
        [bar(s, DAYS[d], fund(n, d), volume=1000 + d) for n, s in enumerate(FUNDS) for d in days],
    )
    lake, out = Lake(home), home / "warehouse.duckdb"
    build_warehouse(lake, lake.manifest(), out, Settings(), code_version="test", built_at=AT, texts=texts_for_sql())
    with duckdb.connect(str(out), read_only=True) as con:
        yield con


def rows(con: duckdb.DuckDBPyConnection, query: str, *given: Any) -> list[tuple[Any, ...]]:
    return con.execute(query, list(given)).fetchall()


@pytest.mark.parametrize("symbol", ["SPX", "SPY"])
def test_what_is_good_is_not_set_aside_for_the_faults_of_the_others(
    warehouse: duckdb.DuckDBPyConnection, symbol: str
) -> None:
    marks = "select session_date, rule from marts.suspect_rows where symbol = ? and row_date between ? and ?"
    assert rows(warehouse, marks, symbol, DAYS[OTHERS - 1], DAYS[OTHERS + 3]) == []
    table, column = ("index_returns", "index_id") if symbol == "SPX" else ("sector_returns", "symbol")
    returns = f"select return_1d_pct from marts.{table} where {column} = ? and session_date between ? and ? order by session_date"
    for day, (found,) in enumerate(rows(warehouse, returns, symbol, DAYS[OTHERS], DAYS[OTHERS + 3]), OTHERS):
        assert found == pytest.approx(100 * (close(0, day) / close(0, day - 1) - 1), abs=1e-9)


def test_the_faults_of_the_others_are_set_aside(warehouse: duckdb.DuckDBPyConnection) -> None:
    marks = "select symbol from marts.suspect_rows where rule = 'unexplained_step' and session_date = ? order by symbol"
    assert rows(warehouse, marks, DAYS[OTHERS]) == [(s,) for s in sorted(("DJI", "RUT", *FUNDS[1:]))]
    verdicts = "select distinct verdict from marts.suspect_rows where rule = 'step_verdict' and session_date = ?"
    assert rows(warehouse, verdicts, DAYS[OTHERS + 1]) == [("bad_tick",)]


def test_indices_that_stand_still_are_frozen_though_volatility_moves(warehouse: duckdb.DuckDBPyConnection) -> None:
    query = "select index_id, close is null, reason from marts.index_returns where session_date = ? order by index_id"
    found = {name: (is_absent, reason) for name, is_absent, reason in rows(warehouse, query, DAYS[FROZEN])}
    assert {name for name, (is_absent, _) in found.items() if is_absent} == {"SPX", "DJI", "RUT"}
    assert found["SPX"][1] == "the source repeats an earlier session"
    marks = "select symbol from marts.suspect_rows where rule = 'frozen_session' and session_date = ? order by symbol"
    assert rows(warehouse, marks, DAYS[FROZEN]) == [("DJI",), ("RUT",), ("SPX",)]


def test_the_words_name_the_indices_that_are_set_aside(warehouse: duckdb.DuckDBPyConnection) -> None:
    query = "select text_en from reports.headline where topic = 'data_quality' and session_date = ?"
    beginning = "Data fair as far as it goes: no stocks so far; no close of Russell 2000, S&P 500; 2 rows set aside."
    assert rows(warehouse, query, DAYS[ITSELF]) == [(beginning,)]
    # without a list of members nothing is said of members, and of indices never
    notes = "select count(*) from reports.data_quality where universes is not null or note_en like '%none of these%'"
    assert rows(warehouse, notes) == [(0,)]
    lines = "select subject, status, note_en from reports.data_quality where item = 'index_close' and session_date = ?"
    found = rows(warehouse, lines, DAYS[ITSELF])
    assert [row[:2] for row in found] == [("index_bars RUT", "set aside"), ("index_bars SPX", "set aside")]
    assert all(row[2].startswith("close set aside: nothing explains a rise of ") for row in found)
