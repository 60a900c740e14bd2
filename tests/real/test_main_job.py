"""The main job: everything under ../shared/data imported and built, held against figures published elsewhere."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tests.real.conftest import ROOT, RealHome

DAY = "2026-01-23"
INDICES = {
    "SPX": (6915.61, 0.03, 1.02),
    "COMP": (23501.24, 0.28, 1.12),
    "DJI": (49098.71, -0.58, 2.15),
    "RUT": (2669.16, -1.82, 7.54),
}
SECTORS = {
    "Materials": 0.91,
    "Energy": 0.57,
    "Consumer Staples": 0.78,
    "Consumer Discretionary": 0.42,
    "Communication Services": 0.61,
    "Real Estate": 0.27,
    "Information Technology": 0.14,
    "Industrials": -0.77,
    "Health Care": -0.51,
    "Utilities": -0.35,
    "Financials": -1.38,
}
LOST = {
    "2025-03-28": "implied",
    "2025-05-14": "implied",
    "2025-06-16": "implied",
    "2025-10-31": "implied",
    "2026-02-04": "implied",
    "2026-02-19": "implied",
    "2026-02-24": "missing",
    "2026-02-25": "implied",
}


def test_it_ends_with_exit_code_0_and_an_account_of_every_row(real_home: RealHome) -> None:
    assert real_home.exit_code == 0, real_home.stderr
    lines = [line for line in real_home.stdout.splitlines() if " rows = " in line]
    assert len(lines) == 8
    for line in lines:
        numbers = [int(word) for word in line.replace(":", " ").split() if word.isdigit()]
        assert numbers[0] == sum(numbers[1:]), line
    ((fetched, accepted, known, refused),) = real_home.query(
        "select fetched, accepted, known, quarantined from ops.runs where kind = 'real'"
    )
    assert fetched == accepted + known + refused
    assert fetched == 3_465_206


@pytest.mark.parametrize(("index_id", "figures"), INDICES.items())
def test_indices_at_the_close(real_home: RealHome, index_id: str, figures: tuple[float, float, float]) -> None:
    columns = "close, return_1d_pct, return_ytd_pct"
    where = f"where session_date = '{DAY}' and index_id = ?"
    assert real_home.query(f"select {columns} from reports.headline_indices {where}", index_id) == [figures]
    ((close, day, year),) = real_home.query(f"select {columns} from marts.index_returns {where}", index_id)
    assert (round(close, 2), round(day, 2), round(year, 2)) == figures


def test_small_caps_led_on_fourteen_sessions_in_a_row(real_home: RealHome) -> None:
    streaks = real_home.query(
        "select outperformance_streak from marts.index_spreads where lead_id = 'RUT' and base_id = 'SPX' "
        "and session_date in ('2026-01-02', '2026-01-22', '2026-01-23') order by session_date"
    )
    assert streaks == [(1,), (14,), (-1,)]


def test_sectors_on_the_day(real_home: RealHome) -> None:
    found = dict(
        real_home.query(f"select sector, return_1d_pct from marts.sector_returns where session_date = '{DAY}'")
    )
    assert found == {sector: pytest.approx(value, abs=0.02) for sector, value in SECTORS.items()}


def test_breadth_of_the_russell_2000(real_home: RealHome) -> None:
    ((share, counted),) = real_home.query(
        "select 100 * advance_share, advances + declines + unchanged = eligible from marts.breadth_daily "
        f"where session_date = '{DAY}' and universe = 'russell2000'"
    )
    assert share == pytest.approx(17.6, abs=0.6)
    assert counted


def test_lost_sessions_stand_in_the_ledger(real_home: RealHome) -> None:
    found = real_home.query(
        "select session_date::varchar, status from ops.session_ledger where dataset = 'equity_bars' and status <> 'present'"
    )
    assert dict(found) == {**LOST, "2026-02-03": "partial"}


def test_nothing_is_bridged(real_home: RealHome) -> None:
    # no stock has a close of the session that nobody states, nor a return into the one after it; the file of large caps
    # states some, and stands in where it meets the screener's closes on both sides
    stated = real_home.query(
        "select source, count(*) from marts.equity_facts where session_date = '2026-02-24' group by source"
    )
    assert stated == [("equities/largecap_ohlcv_adjusted", 17)]
    ((closes, returns, of_large_caps),) = real_home.query(
        "select count(*), count(return_1d_pct), count(return_1d_pct) filter (where source = 'equities/largecap_ohlcv_adjusted') "
        "from marts.equity_facts where session_date = '2026-02-25'"
    )
    assert closes > 6800
    assert returns == of_large_caps == 17
    # an implied close has no volume and no market cap
    assert real_home.query(
        "select count(*) > 6000, count(volume), count(market_cap) from marts.equity_facts where session_date = '2025-03-28' "
        "and fill = 'implied'"
    ) == [(True, 0, 0)]


def test_splits_leave_no_jump(real_home: RealHome) -> None:
    for symbol, day, ratio in (("NFLX", "2025-11-17", 10.0), ("NOW", "2025-12-18", 5.0)):
        ((found_ratio, change),) = real_home.query(
            "select split_ratio, return_1d_pct from marts.equity_facts where symbol = ? and session_date = ?",
            symbol,
            day,
        )
        assert found_ratio == ratio
        assert abs(change) < 5
    assert real_home.query("select count(*) from marts.splits where symbol = 'WDC'") == [(0,)]
    ((splits,),) = real_home.query("select count(*) from marts.splits where split_kind = 'inferred'")
    assert 700 <= splits <= 900
    lost = ", ".join(f"date '{day}'" for day in LOST)
    assert real_home.query(f"select count(*) from marts.splits where session_date in ({lost})") == [(0,)]


def test_a_gap_of_21_months_gives_no_return(real_home: RealHome) -> None:
    first_back = real_home.query(
        "select return_1d_pct, return_21d_pct, return_ytd_pct, reason is not null from marts.index_returns "
        "where index_id = 'DJI' and session_date = '2024-08-22'"
    )
    assert first_back == [(None, None, None, True)]
    assert real_home.query(
        "select count(*), count(close) from marts.index_returns where index_id = 'DJI' "
        "and session_date > '2022-11-18' and session_date < '2024-08-22'"
    ) == [(439, 0)]


def test_symbols_and_instruments(real_home: RealHome) -> None:
    def instruments(symbol: str) -> int:
        ((count,),) = real_home.query(
            "select count(distinct instrument_id) from marts.equity_facts where symbol = ?", symbol
        )
        return int(count)

    assert instruments("BRK/B") == 1
    assert [instruments(other) for other in ("BRK.B", "BRK-B", "BRK_B", "BRKB")] == [0, 0, 0, 0]
    assert instruments("BNY") == 2
    assert instruments("PARA") == 2
    # IWM writes CRDA for Crawford's class A
    assert instruments("CRD/A") == 1
    assert instruments("CRDA") == 0


def test_rows_of_another_session_are_set_aside(real_home: RealHome) -> None:
    ((rows,),) = real_home.query(
        "select count(*) from marts.suspect_rows where session_date = '2026-02-03' and rule = 'mixed_session' and is_set_aside"
    )
    assert 2_450 <= rows <= 2_600
    ((kept,),) = real_home.query(
        "select count(*) from marts.equity_facts f where session_date = '2026-02-03' and fill = 'none' and exists ("
        "from marts.suspect_rows s where s.session_date = f.session_date and s.instrument_id = f.instrument_id "
        "and s.source = f.source and s.rule = 'mixed_session')"
    )
    assert kept == 0


def test_every_table_and_column_says_what_it_is(real_home: RealHome) -> None:
    silent = real_home.query(
        "select schema_name, table_name, column_name from duckdb_columns() where database_name <> 'system' "
        "and schema_name in ('marts', 'reports', 'ops') and comment is null"
    )
    assert silent == []


def test_another_process_reads_the_warehouse(real_home: RealHome) -> None:
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True);"
        f"print(c.sql(\"select close from reports.headline_indices where session_date='{DAY}' and index_id='SPX'\").fetchall())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(real_home.path / "warehouse.duckdb")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[(6915.61,)]"


def figures(home: RealHome) -> dict[str, Any]:
    return dict(home.query("select table_name, hash from ops.builds"))


def test_order_and_repetition_change_nothing(shared: Any, real_home: RealHome, tmp_path: Any) -> None:
    """Files in another order, and all of them twice, end in the same facts and the same hash for every table."""
    code = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path; from dataclasses import replace;"
        "from flows.build.publish import build_and_publish; from flows.console.context import Reporter;"
        "from flows.ingest.files import import_planned_files; from tests.real.market import plan_real;"
        "from warehouse.runs.journal import Journal; from warehouse.settings import Settings;"
        "home = Path(sys.argv[1]); settings = Settings(); quiet = Reporter(quiet=True)\n"
        "for turn in (-1, 1):\n"
        "    now = datetime.now(UTC)\n"
        "    plan = plan_real(Path(sys.argv[2]), now)\n"
        # the largest file is left out of the second turn, for its time: it is not shown to add nothing when repeated
        "    keep = [i for i in plan.items if turn == -1 or 'screener_2025' not in i.request.options['file']]\n"
        "    with Journal(home).record_run('real', {}, now) as run:\n"
        "        report = import_planned_files(home, settings, run, replace(plan, items=tuple(keep[::turn])), now, quiet)\n"
        "        print(report.total_rows('accepted'))\n"
        "        if turn == 1:\n"
        "            build_and_publish(home, settings, run, now, quiet)\n"
    )
    home = tmp_path / "again"
    done = subprocess.run(
        [sys.executable, "-c", code, str(home), str(shared)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first, second = (int(line) for line in done.stdout.split())
    assert first > 3_000_000
    assert second == 0
    other = RealHome(home, 0, "", "")
    assert figures(other) == figures(real_home)
