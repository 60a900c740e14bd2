"""A past build can be made again and compared, whatever the lake, the settings and the code have become since."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from flows import cli
from flows.build import verify
from flows.build.publish import build_and_publish, build_as_of
from flows.console.context import Reporter
from tests.integration.restating import at, bar, commit, make_home, publish
from tests.unit.test_build import NOW, SESSIONS, datasets, rows_of
from warehouse.durable_io import write_text
from warehouse.errors import UsageError
from warehouse.lake.lake import Lake
from warehouse.lake.manifest import COMPACTION
from warehouse.maintenance.compaction import compact_lake
from warehouse.runs.journal import Journal
from warehouse.settings import Settings


def run(home: Path, name: str, *more: str) -> int:
    return cli.main(["--home", str(home), "--quiet", "verify", name, *more])


def test_a_build_is_made_again_from_the_facts_of_then(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_home(tmp_path)
    first = publish(tmp_path, at(0)).result
    assert run(tmp_path, first.build_id) == 0
    assert "lake: holds the same facts as then" in capsys.readouterr().out
    # a fact dated back before the build: known_at alone could not leave it out
    commit(tmp_path, "run-2", {"index_bars": [bar("SPX", 10, 6300.0, known_at=NOW + timedelta(hours=1))]})
    second = publish(tmp_path, at(1)).result
    assert second.hashes["marts.index_returns"] != first.hashes["marts.index_returns"]
    assert run(tmp_path, first.build_id) == 0
    out = capsys.readouterr().out
    assert "has received about 1 facts since; they are left out" in out
    assert f"{len(first.hashes)} of {len(first.hashes)} tables are equal" in out


def test_after_a_compaction_the_facts_are_picked_by_payload(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_home(tmp_path)
    with Journal(tmp_path).record_run("import", {}, at(-1)) as earlier:
        earlier.record_batch("index_bars", "test", "0" * 64)
    first = publish(tmp_path, at(0)).result
    commit(tmp_path, "run-2", {"index_bars": [bar("SPX", 10, 6300.0, known_at=NOW + timedelta(hours=1))]})
    with Journal(tmp_path).record_run("import", {}, at(1)) as later:
        later.record_batch("index_bars", "test", "1" * 64, fetched=1, accepted=1)
    compact_lake(tmp_path, at(2), grace=timedelta(0))
    compact_lake(tmp_path, at(3), grace=timedelta(0))
    merged = [file for file in Lake(tmp_path).manifest().files if file.run_id == COMPACTION]
    assert merged
    assert run(tmp_path, first.build_id) == 0
    assert "were merged since" in capsys.readouterr().out


def test_other_settings_and_other_code_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_home(tmp_path)
    with Journal(tmp_path).record_run("daily", {}, at(0)) as made_by:
        build_and_publish(tmp_path, Settings(), made_by, at(0), Reporter(quiet=True))
    write_text(tmp_path / "breadthwise.toml", "coverage_gate = 0.8\n")
    monkeypatch.setattr(verify, "code_version", lambda: "9.9.9+0123456789ab")
    assert run(tmp_path, made_by.run_id, "--all") == 0
    out = capsys.readouterr().out
    assert "settings: the home's are others now (coverage_gate 0.9 -> 0.8); verified under those of the build" in out
    assert "this is 9.9.9+0123456789ab: tables may differ for that alone" in out
    assert "marts.breadth_daily" in out


def test_a_file_that_was_changed_after_it_was_published_is_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import duckdb

    make_home(tmp_path)
    build_id = publish(tmp_path, at(0)).result.build_id
    path = tmp_path / "builds" / f"{build_id}.duckdb"
    path.chmod(0o644)
    with duckdb.connect(str(path)) as con:
        con.execute("update marts.index_returns set close = 1 where index_id = 'SPX'")
    assert run(tmp_path, build_id) == 1
    assert "was changed after it was published: marts.index_returns" in capsys.readouterr().out


def test_an_unknown_run_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "20200101T000000-abcdef") == 2
    assert "no run and no build is called '20200101T000000-abcdef'" in capsys.readouterr().err
    with Journal(tmp_path).record_run("import", {}, at(0)) as made_nothing:
        pass
    assert run(tmp_path, made_nothing.run_id) == 2
    assert "(import, done) published no build" in capsys.readouterr().err


def test_a_build_as_of_an_instant_is_that_of_a_lake_that_only_knew_so_much(tmp_path: Path) -> None:
    later = {
        "index_bars": [bar("SPX", 10, 6300.0)],
        "sector_bars": [bar("XLF", 7, 41.5)],
        "equity_bars": [bar("ST1", 5, None, is_withdrawn=True, is_final=None), bar("ST2", 6, 99.0)],
        "splits": [{"symbol": "ST3", "ex_date": SESSIONS[9], "numerator": 2, "denominator": 1, "known_at": at(0)}],
    }
    both, early = tmp_path / "both", tmp_path / "early"
    for home in (both, early):
        Lake(home).commit("run-1", {name: rows_of(name, table.to_pylist()) for name, table in datasets().items()})
    commit(both, "run-2", later)
    quiet = Reporter(quiet=True)
    then = build_as_of(both, Settings(), tmp_path / "then.duckdb", at(0), quiet, NOW)
    alone = build_as_of(early, Settings(), tmp_path / "alone.duckdb", at(0), quiet)
    now = build_as_of(both, Settings(), tmp_path / "now.duckdb", at(0), quiet)
    assert then.hashes == alone.hashes
    changed = {table for table in now.hashes if now.hashes[table] != then.hashes[table]}
    assert {"marts.index_returns", "marts.sector_returns", "marts.equity_facts"} <= changed


def test_before_anything_was_known_there_is_nothing_to_build(tmp_path: Path) -> None:
    make_home(tmp_path)
    early = at(0).replace(year=2020, month=1, day=1)
    with pytest.raises(UsageError, match="the lake knew nothing at 2020-01-01T00:00:00"):
        build_as_of(tmp_path, Settings(), tmp_path / "x.duckdb", at(0), Reporter(quiet=True), early)
