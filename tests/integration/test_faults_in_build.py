"""What a vendor's faults do to a warehouse: nothing that is not marked. One small market, with a fault of each kind."""

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

DAYS = sessions_between(date(2025, 9, 2), date(2026, 1, 23))
STOCKS = [f"M{n:02}" for n in range(24)]
FUNDS = ("SPY", "XLB", "XLC", "XLE", "XLF", "XLI", "XLK", "XLP", "XLRE", "XLU", "XLV", "XLY")
INDICES = ("SPX", "COMP", "RUT")
# numbers of sessions, each far from the next
TICK, SPLIT, MOVE, REPEATED, UNTRADED, SLIP, FROZEN, CLOSES = 30, 40, 50, 60, 65, 70, 78, 86


def close(number: int, day: int) -> float:
    """Goes up and down by less than 2 % a session, each in a way of its own, and never repeats a close."""
    return round(50 + number + (day % 5) * 0.17 + (day * (number % 4 + 1) % 7) * 0.05 + day * 0.01, 2)


def stock(number: int, day: int) -> dict[str, Any]:
    value, volume = close(number, day), 1_000_000 + 1000 * number + day
    if number == 5 and day == TICK:
        value *= 100
    if number == 7 and day >= SPLIT:
        value, volume = value / 10, volume * 10
    if number == 9 and day >= MOVE:
        value, volume = value * 2.85, volume * (30 if day == MOVE else 1)
    if number == 10 and day >= MOVE:
        value, volume = value * 0.37, volume * (30 if day == MOVE else 1)
    if number == 11 and day == REPEATED:
        return bar(STOCKS[number], DAYS[day], close(number, day - 1), volume=volume - 1)
    if number == 12 and day == UNTRADED:
        return bar(STOCKS[number], DAYS[day], close(number, day - 1), volume=0)
    return bar(STOCKS[number], DAYS[day], round(value, 4), volume=volume)


def stocks() -> list[dict[str, Any]]:
    rows = [stock(number, day) for day in range(len(DAYS)) for number in range(len(STOCKS))]
    by_day = {(row["symbol"], row["session_date"]): row for row in rows}
    for symbol in STOCKS:
        for day, columns in ((FROZEN, ("close", "volume")), (CLOSES, ("close",))):
            before = by_day[symbol, DAYS[day - 1]]
            by_day[symbol, DAYS[day]].update({name: before[name] for name in columns})
    return rows


def fund(number: int, day: int) -> float:
    value = close(number, day)
    if FUNDS[number] == "XLK" and day >= SPLIT:
        value /= 2
    if FUNDS[number] == "XLF" and day >= SPLIT:
        value *= 0.8
    return value / 100 if FUNDS[number] == "XLE" and day == SLIP else value


def index(number: int, day: int) -> float:
    return 100 * close(number, day) * (10 if INDICES[number] == "SPX" and day == SLIP else 1)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home: Path = tmp_path_factory.mktemp("home")
    days = range(len(DAYS))
    store(home, "equity_bars", "vendor", stocks())
    store(
        home,
        "sector_bars",
        "vendor",
        [bar(s, DAYS[d], fund(n, d), volume=1000 + d) for n, s in enumerate(FUNDS) for d in days],
    )
    store(home, "index_bars", "vendor", [bar(s, DAYS[d], index(n, d)) for n, s in enumerate(INDICES) for d in days])
    lake, out = Lake(home), home / "warehouse.duckdb"
    build_warehouse(lake, lake.manifest(), out, Settings(), code_version="test", built_at=AT, texts=texts_for_sql())
    with duckdb.connect(str(out), read_only=True) as con:
        yield con


def returns(con: duckdb.DuckDBPyConnection, symbol: str, first: int, last: int) -> list[float | None]:
    found = dict(
        con.execute("select session_date, return_1d_pct from marts.equity_facts where symbol = ?", [symbol]).fetchall()
    )
    return [found.get(DAYS[day]) for day in range(first, last + 1)]


def change(number: int, day: int) -> float:
    return 100 * (close(number, day) / close(number, day - 1) - 1)


def breadth(con: duckdb.DuckDBPyConnection, day: int, columns: str) -> tuple[Any, ...]:
    query = f"select {columns} from marts.breadth_daily where universe = 'all' and session_date = ?"
    return tuple(con.execute(query, [DAYS[day]]).fetchall()[0])


def marks(con: duckdb.DuckDBPyConnection, symbol: str) -> list[tuple[Any, ...]]:
    return con.execute(
        "select session_date, rule, verdict, is_set_aside from marts.suspect_rows where symbol = ? "
        "and rule not in ('frozen_session') order by all",
        [symbol],
    ).fetchall()


def test_a_close_a_hundred_times_too_high_is_in_no_return_and_no_mean(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert returns(warehouse, "M05", TICK, TICK + 2) == [None, None, pytest.approx(change(5, TICK + 2), abs=1e-9)]
    assert marks(warehouse, "M05") == [
        (DAYS[TICK], "unexplained_step", None, True),
        (DAYS[TICK + 1], "step_verdict", "bad_tick", True),
    ]
    assert breadth(warehouse, TICK, "members, eligible, excluded_set_aside") == (24, 23, 1)
    mean, traded = warehouse.execute(
        "select b.return_equal_weight_pct, (select sum(close * volume) from marts.equity_facts where session_date = $day) "
        "from marts.breadth_daily as b where b.universe = 'all' and b.session_date = $day", {"day": DAYS[TICK]}
    ).fetchall()[0]  # fmt: skip
    assert mean == pytest.approx(sum(change(n, TICK) for n in range(24) if n != 5) / 23, abs=1e-6)
    # 23 stocks of about 60 dollars and a million shares
    assert 1.2e9 < traded < 1.6e9
    # the mean of 20 sessions has the other 19 closes: 19 C > their sum, worked out here from the closes
    others = [close(5, day) for day in range(TICK - 9, TICK + 11) if day != TICK]
    is_above = close(5, TICK + 10) * len(others) > sum(others)
    above = sum(
        close(n, TICK + 10) * 20 > sum(close(n, day) for day in range(TICK - 9, TICK + 11)) for n in range(24) if n != 5
    )
    assert breadth(warehouse, TICK + 10, "above_sma20_share")[0] == pytest.approx((above + is_above) / 24, abs=1e-12)


def test_a_split_that_nobody_told_is_a_break(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert returns(warehouse, "M07", SPLIT, SPLIT + 1)[0] is None
    # a tenth of the closes, in hundredths of cents
    tenth = [round(close(7, day) / 10, 4) for day in (SPLIT, SPLIT + 1)]
    assert returns(warehouse, "M07", SPLIT + 1, SPLIT + 1) == [pytest.approx(100 * (tenth[1] / tenth[0] - 1), abs=1e-9)]
    assert marks(warehouse, "M07") == [
        (DAYS[SPLIT], "unexplained_step", None, True),
        (DAYS[SPLIT + 1], "step_verdict", "break", False),
    ]
    # no mean of 20 sessions crosses it
    assert breadth(warehouse, SPLIT + 18, "sma20_members") == (23,)
    assert breadth(warehouse, SPLIT + 19, "sma20_members") == (24,)


def test_great_moves_on_volume_are_shown_at_once(warehouse: duckdb.DuckDBPyConnection) -> None:
    up = 100 * (round(close(9, MOVE) * 2.85, 4) / close(9, MOVE - 1) - 1)
    down = 100 * (round(close(10, MOVE) * 0.37, 4) / close(10, MOVE - 1) - 1)
    assert returns(warehouse, "M09", MOVE, MOVE) == [pytest.approx(up, abs=1e-9)]
    assert returns(warehouse, "M10", MOVE, MOVE) == [pytest.approx(down, abs=1e-9)]
    assert marks(warehouse, "M09") == marks(warehouse, "M10") == []


def test_what_repeats_or_was_not_traded_is_no_issue_of_the_day(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert returns(warehouse, "M11", REPEATED, REPEATED + 1) == [None, None]
    assert breadth(warehouse, REPEATED, "eligible, excluded_set_aside, sma20_members") == (23, 1, 24)
    assert returns(warehouse, "M12", UNTRADED, UNTRADED) == [None]
    after = 100 * (close(12, UNTRADED + 1) / close(12, UNTRADED - 1) - 1)
    assert returns(warehouse, "M12", UNTRADED + 1, UNTRADED + 1) == [pytest.approx(after, abs=1e-9)]


@pytest.mark.parametrize("day", [FROZEN, CLOSES])
def test_a_frozen_feed_is_a_missing_session(warehouse: duckdb.DuckDBPyConnection, day: int) -> None:
    ledger = "select status, note from ops.session_ledger where dataset = 'equity_bars' and session_date = ?"
    assert warehouse.execute(ledger, [DAYS[day]]).fetchall() == [("missing", "the source repeats an earlier session")]
    for session in (day, day + 1):
        assert breadth(warehouse, session, "advances, declines, unchanged, above_sma20_share") == (None,) * 4
    assert breadth(warehouse, day + 2, "eligible") == (24,)
    rules = (
        "select rule, count(*) from marts.suspect_rows where dataset = 'equity_bars' and session_date = ? group by rule"
    )
    assert warehouse.execute(rules, [DAYS[day]]).fetchall() == [("frozen_session", 24)]


def test_funds_that_step_alone_are_set_aside(warehouse: duckdb.DuckDBPyConnection) -> None:
    def found(symbol: str, day: int) -> list[Any]:
        return warehouse.execute(
            "select close, return_1d_pct, return_5d_pct, reason from marts.sector_returns where symbol = ? and session_date = ?",
            [symbol, DAYS[day]],
        ).fetchall()

    (xlk,) = found("XLK", SPLIT)
    assert xlk[:3] == (None, None, None)
    assert xlk[3].startswith("nothing explains a fall of 50.")
    (after,) = found("XLK", SPLIT + 1)
    number = FUNDS.index("XLK")
    assert after[1] == pytest.approx(change(number, SPLIT + 1), abs=1e-9)
    # a window across the new level has no return
    assert after[2] is None
    # a fall of 20 % that stayed was true, and is shown from the next session on
    (xlf,) = found("XLF", SPLIT)
    assert xlf[:2] == (None, None)
    (after,) = found("XLF", SPLIT + 1)
    number = FUNDS.index("XLF")
    whole = 100 * (0.8 * close(number, SPLIT + 1) / close(number, SPLIT - 4) - 1)
    assert after[1:3] == (pytest.approx(change(number, SPLIT + 1), abs=1e-9), pytest.approx(whole, abs=1e-9))
    (xle,) = found("XLE", SLIP)
    assert xle[:2] == (None, None)
    spread = "select cyclical_minus_defensive_1d_pp, dispersion_21d_pp from marts.rotation_daily where session_date = ?"
    for day in (SPLIT, SPLIT + 1, SLIP, SLIP + 1, SLIP + 15):
        for value in warehouse.execute(spread, [DAYS[day]]).fetchall()[0]:
            assert value is None or abs(value) < 10


def test_an_index_that_slips_breaks_no_record(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        "select session_date, return_1d_pct, return_5d_pct from marts.index_returns where index_id = 'SPX' "
        "and session_date between ? and ? order by 1", [DAYS[SLIP - 1], DAYS[SLIP + 5]]
    ).fetchall()  # fmt: skip
    assert [row[1] is None for row in found] == [False, True, True, False, False, False, False]
    # five sessions after the slip there is no close to compare with
    assert [row[2] is None for row in found] == [False, True, False, False, False, False, True]
    highest = 100 * max(close(0, day) for day in range(len(DAYS)))
    records = warehouse.execute(
        "select max(value) from marts.index_statistics where statistic = 'record_close' and index_id = 'SPX'"
    )
    assert records.fetchall() == [(pytest.approx(highest, abs=1e-6),)]
    sheet = "select count(value) from marts.index_statistics where index_id = 'SPX' and session_date = ?"
    assert warehouse.execute(sheet, [DAYS[SLIP]]).fetchall() == [(0,)]


def test_the_report_names_what_was_set_aside(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        "select subject, status, rows from reports.data_quality where item = 'suspect_rows' "
        "and session_date in (?, ?) order by all",
        [DAYS[SPLIT], DAYS[SPLIT + 1]],
    ).fetchall()
    # M07, XLK and XLF
    assert found == [("step_verdict", "verdict", 3), ("unexplained_step", "set aside", 3)]
