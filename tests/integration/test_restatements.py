"""Two builds: what changed between them is listed cell by cell, with its cause, and nothing else is."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from flows.inspect.status import status_lines
from flows.report.folder import write_index
from tests.integration.restating import LATER, ask, at, bar, commit, make_home, publish
from tests.unit.test_build import SESSIONS
from transforms.restatements import News, _describe_new_facts
from warehouse.errors import LakeError
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal
from warehouse.settings import Settings


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_home(tmp_path)
    publish(tmp_path, at(0))
    return tmp_path


def test_the_first_build_restates_nothing(home: Path) -> None:
    assert ask(home, "select * from ops.restatement_counts union all by name select * from ops.restatements") == []


def test_one_restated_close_changes_the_cells_that_hang_on_it_and_no_other(home: Path) -> None:
    # of SPX, 6000 + 3 a session, the close of the 11th session becomes 6300 where it was 6030
    commit(home, "run-2", {"index_bars": [bar("SPX", 10, 6300.0)]})
    publish(home, at(1))
    keys = [f"session_date={SESSIONS[n]} index_id=SPX" for n in (10, 11)]
    cells = ask(
        home,
        "select key, column_name, old_value, new_value, change from ops.restatements where table_name = 'marts.index_returns' "
        "and column_name in ('close', 'return_1d_pct') order by all",
    )
    assert cells == [
        (keys[0], "close", "6030.0", "6300.0", "changed"),
        (keys[0], "return_1d_pct", str(100 * (6030 / 6027 - 1)), str(100 * (6300 / 6027 - 1)), "changed"),
        (keys[1], "return_1d_pct", str(100 * (6033 / 6030 - 1)), str(100 * (6033 / 6300 - 1)), "changed"),
    ]
    changed = ask(home, "select distinct key from ops.restatements where table_name = 'marts.index_returns'")
    assert all("index_id=SPX" in key for (key,) in changed)
    assert ask(home, "select distinct cause from ops.restatements where table_name = 'marts.index_returns'") == [
        ("new facts of index_bars (1 of payload 111111111111)",)
    ]
    others = "('marts.equity_facts', 'marts.sector_returns')"
    assert ask(home, f"select 1 from ops.restatement_counts where table_name in {others}") == []


def test_a_withdrawn_row_is_a_deletion(home: Path) -> None:
    commit(home, "run-2", {"equity_bars": [bar("ST1", 5, None, is_withdrawn=True, is_final=None)]})
    publish(home, at(1))
    counts = ask(
        home,
        "select rows_added, rows_deleted, rows_changed, cells_changed from ops.restatement_counts "
        "where table_name = 'marts.equity_facts'",
    )
    # the row is gone, and the return of the session after it
    assert counts == [(0, 1, 1, 1)]
    query = "select key, column_name, change from ops.restatements where table_name = 'marts.equity_facts' order by all"
    assert ask(home, query) == [
        (f"session_date={SESSIONS[5]} instrument_id=ST1", None, "deleted"),
        (f"session_date={SESSIONS[6]} instrument_id=ST1", "return_1d_pct", "changed"),
    ]


def test_other_settings_are_the_cause_by_name(home: Path) -> None:
    publish(home, at(1), Settings(coverage_gate=0.5))
    causes = ask(home, "select distinct cause from ops.restatement_counts")
    assert causes in ([], [("settings: coverage_gate 0.9 -> 0.5",)])
    commit(home, "run-2", {"index_bars": [bar("SPX", 10, 6300.0)]})
    publish(home, at(2))
    (cause,) = ask(home, "select cause from ops.restatement_counts where table_name = 'marts.index_returns'")[0]
    assert cause == "settings: coverage_gate 0.5 -> 0.9; new facts of index_bars (1 of payload 111111111111)"


def test_a_build_before_that_cannot_be_read_keeps_none_from_being_built(home: Path) -> None:
    current = (home / "warehouse.duckdb").resolve()
    current.chmod(0o644)
    current.write_bytes(b"no database at all")
    publish(home, at(1))
    (cause,) = ask(home, "select cause from ops.restatement_counts")[0]
    assert cause.startswith(f"{current.stem} cannot be read and was not compared with: ")
    said = Journal(home).list_runs(1)[0]["message"]
    assert said.endswith("; which figures have changed since is not known")


def test_a_build_before_that_another_program_writes_to_is_compared_with_all_the_same(home: Path) -> None:
    commit(home, "run-2", {"index_bars": [bar("SPX", 10, 6300.0)]})
    current = (home / "warehouse.duckdb").resolve()
    current.chmod(0o644)
    script = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(current)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as analyst:
        assert analyst.stdout is not None
        assert analyst.stdout.readline() == "open\n"
        publish(home, at(1))
        analyst.communicate("")
    causes = ask(home, "select distinct cause from ops.restatement_counts where table_name = 'marts.index_returns'")
    assert causes == [("new facts of index_bars (1 of payload 111111111111)",)]
    assert ask(home, "select count(*) > 0 from ops.restatements where table_name = 'marts.index_returns'") == [(True,)]
    assert not list((home / "builds").glob(".*.work"))


def test_a_file_that_the_lake_has_got_since_and_that_is_gone_is_named(home: Path) -> None:
    commit(home, "run-2", {"index_bars": [bar("SPX", 10, 6300.0)]})
    (gone,) = [file.path for file in Lake(home).manifest().files if file.run_id == "run-2"]
    (home / gone).unlink()
    with pytest.raises(LakeError, match=rf"{gone} is missing from the lake; restore it from a backup"):
        publish(home, at(1))


def test_a_table_that_lost_over_a_twentieth_of_its_rows_says_so_in_the_run_the_status_and_the_index(home: Path) -> None:
    ((before,),) = ask(home, "select rows from ops.builds where table_name = 'marts.equity_facts'")
    gone = [bar(name, day, None, is_withdrawn=True, is_final=None) for name in ("ST1", "ST2") for day in range(10)]
    commit(home, "run-2", {"equity_bars": gone})
    published = publish(home, at(1))
    lost = ask(home, "select rows_before, rows, cause from ops.shrunk_tables where table_name = 'marts.equity_facts'")
    # two stocks have lost ten sessions each
    assert lost == [(before, before - 20, "withdrawn facts of equity_bars (20 of payload 111111111111)")]
    line = published.result.shrunk
    assert f"marts.equity_facts {before} -> {before - 20} rows" in line
    assert line.endswith("withdrawn facts of equity_bars (20 of payload 111111111111)")
    assert Journal(home).list_runs(1)[0]["message"] == line
    assert f"  ! {line}" in list(status_lines(home, Settings(), at(1)))
    (home / "reports").mkdir()
    write_index(home)
    index = (home / "reports" / "index.html").read_text(encoding="utf-8")
    (banner,) = re.findall(r'<p class="state alert" data-state="shrunk">(.*?)</p>', index)
    assert f"marts.equity_facts ({before} rows, now {before - 20})" in banner
    assert banner.endswith("Cause: withdrawn facts of equity_bars (20 of payload 111111111111).")
    assert f"（由{before}行减至{before - 20}行）" in (home / "reports" / "index.zh.html").read_text(encoding="utf-8")
    # the next build that loses nothing takes it away
    publish(home, at(2))
    write_index(home)
    assert "shrunk" not in (home / "reports" / "index.html").read_text(encoding="utf-8")


def test_a_table_that_lost_a_twentieth_or_less_is_no_news(home: Path) -> None:
    commit(home, "run-2", {"equity_bars": [bar("ST1", 5, None, is_withdrawn=True, is_final=None)]})
    assert publish(home, at(1)).result.shrunk == ""
    assert ask(home, "from ops.shrunk_tables") == []


def test_fewer_faults_are_no_loss(home: Path) -> None:
    high = {n: 100.0 * (5 if n % 2 else 1) for n in range(4, 16)}
    commit(home, "run-2", {"equity_bars": [bar("ST1", n, close) for n, close in high.items()]})
    publish(home, at(1))
    listed = "select count(*) from marts.suspect_rows"
    ((before,),) = ask(home, listed)
    commit(home, "run-3", {"equity_bars": [bar("ST1", n, 100.0, known_at=LATER + timedelta(hours=1)) for n in high]})
    assert publish(home, at(2)).result.shrunk == ""
    ((now,),) = ask(home, listed)
    assert now < before


def test_what_was_withdrawn_and_what_is_new_are_causes_apart() -> None:
    given = [News("splits", "a" * 64, 3, 2), News("splits", "b" * 64, 1)]
    assert _describe_new_facts("splits", given) == (
        "new facts of splits (1 of payload aaaaaaaaaaaa, 1 of payload bbbbbbbbbbbb); "
        "withdrawn facts of splits (2 of payload aaaaaaaaaaaa)"
    )
    assert _describe_new_facts("splits", []) == "new facts of splits"
