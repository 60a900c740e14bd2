"""Years under one name, evenings under another, a vendor with a hole: figures of indices and funds go on, or say why not."""

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
from transforms.explain import explain_cell
from warehouse.calendar import sessions_between
from warehouse.lake.lake import Lake
from warehouse.settings import Settings

DAYS = sessions_between(date(2024, 10, 1), date(2026, 1, 23))[:320]
# a user's file to session 299, eleven days of Yahoo (better ranked) of which one is lost, a second vendor with a hole to the end
FILE, EVENINGS = range(300), [day for day in range(299, 310) if day != 305]
SECOND = [day for day in range(303, 320) if day not in (312, 313)]
FUNDS = ["XLB", "XLC", "XLE", "XLF", "XLI", "XLK", "XLP", "XLRE", "XLU", "XLV", "XLY", "SPY"]
LOST, LEVEL = 305, "RUT"


def close(number: int, day: int) -> float:
    """Whole cents, up by a tenth a session with a dip that each symbol has in its own rhythm."""
    return round(100 + 10 * number + 0.1 * day - 0.4 * ((day // (2 + number % 3)) % 2), 2)


def rows_of(days: Any, source: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Bars of indices and of funds. Yahoo has LEVEL at twice the level, the file has funds as their vendor adjusts them."""
    basis = {"basis": "total_return"} if source == "mine" else {}
    indices = [bar("SPX", DAYS[day], 10 * close(0, day)) for day in days]
    indices += [bar(LEVEL, DAYS[day], close(1, day) * (2 if source == "yahoo_bars" else 1)) for day in days]
    funds = [bar(name, DAYS[day], close(n, day), volume=1000, **basis) for n, name in enumerate(FUNDS) for day in days]
    return indices, funds


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    for days, source in ((SECOND, "second"), (FILE, "mine"), (EVENINGS, "yahoo_bars")):
        indices, funds = rows_of(days, source)
        store(home, "index_bars", source, indices)
        store(home, "sector_bars", source, funds)
    out = home / "warehouse.duckdb"
    lake = Lake(home)
    build_warehouse(lake, lake.manifest(), out, Settings(), code_version="test", built_at=AT, texts=texts_for_sql())
    return home


@pytest.fixture
def warehouse(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        yield con


def test_an_index_goes_on_in_the_better_series_and_in_the_one_that_is_left(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = warehouse.execute(
        """select close, return_1d_pct, return_252d_pct, source from marts.index_returns where index_id = 'SPX'
        order by session_date"""
    ).fetchall()
    spx = [10 * close(0, day) for day in range(320)]
    lost = {312, 313}
    assert [row[0] for row in found] == [None if day in lost else pytest.approx(spx[day]) for day in range(320)]
    ones = {day: 100 * (spx[day] / spx[day - 1] - 1) for day in range(1, 320) if not lost & {day, day - 1}}
    assert [row[1] for row in found] == [
        pytest.approx(ones[day], abs=1e-9) if day in ones else None for day in range(320)
    ]
    years = {day: 100 * (spx[day] / spx[day - 252] - 1) for day in range(252, 320) if day not in lost}
    assert [row[2] for row in found] == [
        pytest.approx(years[day], abs=1e-9) if day in years else None for day in range(320)
    ]
    givers = ["mine"] * 299 + ["yahoo_bars"] * 6 + ["second"] + ["yahoo_bars"] * 4 + ["second"] * 10
    assert [row[3] for row in found] == [None if day in lost else givers[day] for day in range(320)]


def test_the_sheet_of_an_index_counts_over_the_joints(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        """select statistic, value, since_date from marts.index_statistics where index_id = 'SPX' and session_date = ?
        and statistic in ('close', 'record_close', 'high_52w', 'low_52w', 'run_sessions', 'nth_highest_of_year') order by 1""",
        [DAYS[303]],
    ).fetchall()
    spx = [10 * close(0, day) for day in range(304)]
    best = max(range(304), key=lambda day: spx[day])
    back = [day for day in range(304) if DAYS[day] >= DAYS[303].replace(year=DAYS[303].year - 1)]
    least = min(back, key=lambda day: spx[day])
    year = [spx[day] for day in range(304) if DAYS[day].year == DAYS[303].year]
    # the dip came on 302, two sessions after the last one ended
    assert spx[301] > spx[302] < spx[303]
    assert found == [
        ("close", pytest.approx(spx[303]), None),
        ("high_52w", pytest.approx(spx[best]), DAYS[best]),
        ("low_52w", pytest.approx(spx[least]), DAYS[least]),
        ("nth_highest_of_year", 1 + sum(one > spx[303] for one in year), None),
        ("record_close", pytest.approx(spx[best]), DAYS[best]),
        ("run_sessions", 1, DAYS[302]),
    ]


def test_an_adjusted_history_of_funds_goes_on_in_raw_evenings(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        """select session_date, close, return_63d_pct, basis, other_series, reason from marts.sector_returns
        where symbol = 'XLK' and session_date >= ? order by 1""",
        [DAYS[298]],
    ).fetchall()
    xlk = [close(FUNDS.index("XLK"), day) for day in range(320)]
    shown = [day for day in range(298, 320) if day not in (312, 313)]
    assert [row[1] for row in found if row[1] is not None] == [xlk[day] for day in shown]
    assert [row[2] for row in found if row[1] is not None] == [
        pytest.approx(100 * (xlk[day] / xlk[day - 63] - 1), abs=1e-9) for day in shown
    ]
    by_day = {row[0]: row[3:] for row in found}
    assert by_day[DAYS[298]] == ("total_return", None, None)
    names = ["21d", "252d", "63d"]
    assert by_day[DAYS[304]][0] == "raw"
    assert [name for name in names if f"{name} mine total_return to yahoo_bars raw" in by_day[DAYS[304]][1]] == names
    assert by_day[DAYS[304]][2] is None
    assert by_day[DAYS[312]][2] == "no close of this session"


def test_rotation_goes_on_over_the_joints(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        """select session_date, count(rs), count(rank_63d), count(rrg_daily_50_quadrant), count(rrg_weekly_14_rs_ratio)
        from marts.sector_rotation where session_date >= ? group by 1 order by 1""",
        [DAYS[250]],
    ).fetchall()
    assert [row[0] for row in found] == DAYS[250:320]
    shown = [row[1:] for row in found if row[0] not in (DAYS[312], DAYS[313])]
    # behind the hole of two sessions three changes of fifty are absent, one more than the momentum of days allows
    assert shown == [(11, 11, 11, 11)] * 62 + [(11, 11, 0, 11)] * 6


def test_a_joint_without_a_proof_is_a_break_with_its_reason(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        """select session_date, close, return_1d_pct, return_5d_pct, reason from marts.index_returns
        where index_id = 'RUT' and session_date in ? order by 1""",
        [[DAYS[day] for day in (298, 299, 300, 305, 310, 314, 315)]],
    ).fetchall()
    rut = [close(1, day) for day in range(320)]
    levels = [
        (298, rut[298]),
        (299, 2 * rut[299]),
        (300, 2 * rut[300]),
        (305, None),
        (310, None),
        (314, None),
        (315, rut[315]),
    ]
    assert [row[:2] for row in found] == [(DAYS[day], level) for day, level in levels]
    by_day = {row[0]: row[2:] for row in found}
    # into 299 the file has both closes, at its level; 305 and 310 to 314 are holes, as nothing proves the second vendor
    assert by_day[DAYS[299]][0] == pytest.approx(100 * (rut[299] / rut[298] - 1))
    assert by_day[DAYS[300]][0] == pytest.approx(100 * (rut[300] / rut[299] - 1))
    assert by_day[DAYS[300]][1] is None
    assert "a seam of the series lies in the window: 126d, 21d, 252d, 5d" in by_day[DAYS[300]][2]
    assert by_day[DAYS[310]][2] == "no close of this session"
    note = "no close of both series agrees in the six sessions up to this one; no mean and no range crosses it: RUT"
    breaks = warehouse.execute(
        "select session_date, subject, note_en from reports.data_quality where item = 'break' order by 1"
    ).fetchall()
    assert breaks == [
        (DAYS[299], "index_bars from mine raw to yahoo_bars raw", note),
        (DAYS[315], "index_bars from yahoo_bars raw to second raw", note),
    ]


def test_a_stand_in_is_named(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.execute(
        "select subject, rows, note_en from reports.data_quality where item = 'fill' and session_date = ? order by 1",
        [DAYS[LOST]],
    ).fetchall()
    note = "from second, which agrees with yahoo_bars before the hole: "
    assert found == [
        ("index_bars of yahoo_bars raw from second raw", 1, note + "SPX"),
        ("sector_bars of yahoo_bars raw from second raw", 12, note + ", ".join(sorted(FUNDS))),
    ]


def test_why_shows_both_ends_of_a_return_over_a_joint(home: Path) -> None:
    key = f"session_date={DAYS[304]} sector=Information Technology"
    found = explain_cell(home, Settings(), "sector_returns", key, "return_252d_pct")
    xlk = FUNDS.index("XLK")
    assert [(row["role"], row["source"], row["basis"], row["close"]) for row in found.inputs[0].rows] == [
        ("close", "yahoo_bars", "raw", close(xlk, 304)),
        ("base", "mine", "total_return", close(xlk, 52)),
    ]
