"""`breadthwise backfill` through Prefect: a task a chunk under the limit, gaps in the exit code, the build at its end."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from sources.mock_api import MockApi
from sources.providers import simulated
from tests.integration.backfill_worker import END
from tests.integration.conftest import breadthwise
from tests.integration.test_backfill import asked, bars, home_for
from warehouse.runs.journal import Journal

pytestmark = pytest.mark.server
INDICES = ("COMP", "DJI", "MID", "NDX", "RTY", "RUA", "RUI", "RUT", "SML", "SPX", "VIX")


@pytest.fixture(scope="module")
def api() -> Iterator[MockApi]:
    with MockApi(simulated.generate_market(end=END, symbols=60, years=2)) as running:
        yield running


def test_a_backfill_through_prefect(api: MockApi, tmp_path: Path) -> None:
    home = home_for(tmp_path, api, [])
    api.faults.order_faults("*/chart/^RUT", "html", times=20)
    arguments = ("backfill", "2025-06-02", str(END), "--datasets", "index_bars")
    done = breadthwise(home, *arguments)
    assert done.returncode == 3, done.stderr
    assert "  index_bars from yahoo_bars: 11 requests in 1 chunk for 1,793 missing bars, 0 s at 5000/s" in done.stdout
    gap_lines = [line for line in done.stderr.splitlines() if line.startswith("gap: ")]
    assert [line.split(" 2025")[0] for line in gap_lines] == ["gap: index_bars RUT"]
    assert {symbol for symbol, _ in bars(home, dataset="index_bars")} == set(INDICES) - {"RUT"}
    assert (home / "warehouse.duckdb").exists()
    (run,) = Journal(home).list_runs()
    assert (run["kind"], run["status"], run["accepted"]) == ("backfill", "gaps", 10 * 163)
    with closing(sqlite3.connect(home / "prefect" / "prefect.db")) as con:
        limits = con.execute('select name, "limit", active_slots from concurrency_limit_v2').fetchall()
        tasks = con.execute("select name from task_run").fetchall()
    assert limits == [("breadthwise-backfill", 2, 0)]
    assert ("index_bars yahoo_bars 2025-2026 COMP to VIX",) in tasks
    assert all(count == 1 for path, count in asked(api).items() if "RUT" not in path)

    api.faults.order_faults("*/chart/^RUT", "html", times=0)
    before = os.readlink(home / "warehouse.duckdb")
    done = breadthwise(home, *arguments, "--no-build")
    assert done.returncode == 0, done.stderr
    assert min(day for _, day in bars(home, dataset="index_bars")) == date(2025, 6, 2)
    assert {symbol for symbol, _ in bars(home, dataset="index_bars")} == set(INDICES)
    assert os.readlink(home / "warehouse.duckdb") == before

    # what was committed and not built, as after a kill in the build, is built by the next one, which asks nothing
    done = breadthwise(home, *arguments)
    assert done.returncode == 0, done.stderr
    assert "is published" in done.stdout
    built = os.readlink(home / "warehouse.duckdb")
    assert built != before
    done = breadthwise(home, *arguments)
    assert (done.returncode, os.readlink(home / "warehouse.duckdb")) == (0, built)
    assert "is published" not in done.stdout
