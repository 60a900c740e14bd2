"""Compaction keeps every fact, every snapshot within the grace, and the current build."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.lake_support import at, bar, table, view
from warehouse.builds import publish
from warehouse.durable_io import try_lock
from warehouse.errors import LakeError
from warehouse.lake.commit import lock_path
from warehouse.lake.lake import Lake
from warehouse.lake.manifest import manifest_path, write_manifest
from warehouse.lake.storage import write_rows
from warehouse.payloads.store import PayloadStore

LATER = timedelta(hours=25)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two sessions of AAA: one restated and confirmed, one learnt again earlier; and one of 2024."""
    lake = Lake(tmp_path / "home")
    batches = [
        [bar(10.0, at(1), "a"), bar(20.0, at(4), "d", day="2025-06-03"), bar(1.0, at(1), "a", day="2024-06-03")],
        [bar(10.0, at(2), "b"), bar(20.0, at(3), "c", day="2025-06-03")],
        [bar(11.0, at(5), "e")],
        [bar(11.0, at(6), "f")],
    ]
    for number, rows in enumerate(batches):
        lake.commit(f"r{number}", {"equity_bars": table(rows)})
    return lake


def test_a_year_becomes_a_sorted_file_and_one_of_what_is_superseded_and_reads_the_same(lake: Lake) -> None:
    before = lake.manifest()
    seen = [view(lake, "*", at(day)) for day in range(1, 8)]
    done = lake.compact(at(10))
    after = lake.manifest()
    assert done.merged == {"equity_bars 2025": 5}
    assert [(f.year, f.rows, f.overlaps) for f in after.files] == [(2024, 1, 0), (2025, 2, 0), (2025, 1, 1)]
    assert sum(f.rows for f in after.confirmations) == 3
    assert after.fingerprint == before.fingerprint
    assert [view(lake, "*", at(day)) for day in range(1, 8)] == seen
    with duckdb.connect() as con:
        found = [
            con.execute(f"select session_date::varchar, close from '{lake.home / file.path}'").fetchall()
            for file in after.files[1:]
        ]
    assert found == [[("2025-06-02", 11.0), ("2025-06-03", 20.0)], [("2025-06-02", 10.0)]]
    assert lake.compact(at(10)).merged == {}


def test_a_year_that_was_merged_into_one_file_is_divided_once(lake: Lake) -> None:
    lake.compact(at(10))
    merged = lake.manifest()
    one = lake.home / "lake/equity_bars/year=2025/compaction-000001.parquet"
    paths = [lake.home / file.path for file in merged.files if file.year == 2025]
    pq.write_table(pa.concat_tables(pq.read_table(path) for path in paths), one)
    first, second = (file for file in merged.files if file.year == 2025)
    joined = replace(
        first,
        path=str(one.relative_to(lake.home)),
        rows=3,
        bytes=one.stat().st_size,
        overlaps=2,
        facts_hash=(first.facts_hash + second.facts_hash) % 2**64,
    )
    write_manifest(
        manifest_path(lake.home), replace(merged, files=(*(f for f in merged.files if f.year != 2025), joined))
    )
    seen = [view(lake, "*", at(day)) for day in range(1, 8)]
    assert lake.compact(at(10)).merged == {"equity_bars 2025": 2}
    assert [(f.year, f.rows, f.overlaps) for f in lake.manifest().files] == [(2024, 1, 0), (2025, 2, 0), (2025, 1, 1)]
    assert [view(lake, "*", at(day)) for day in range(1, 8)] == seen
    assert lake.compact(at(10)).merged == {}


def test_a_fact_learnt_again_earlier_leaves_a_plain_scan_after_compaction(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    for day in (5, 2):
        lake.commit("r", {"equity_bars": table([bar(10.0, at(day), "a")])})
    assert [f.overlaps for f in lake.manifest().files] == [0, 1]
    lake.compact(at(10))
    assert [(f.rows, f.overlaps) for f in lake.manifest().files] == [(1, 0)]
    assert view(lake, "known_at") == [(at(2),)]
    lake.commit("r", {"equity_bars": table([bar(11.0, at(3), "b")])})
    assert view(lake, "close, known_at") == [(10.0, at(5))]


def test_a_late_fact_after_compaction_still_promotes_a_confirmation(lake: Lake) -> None:
    lake.compact(at(10))
    done = lake.commit("late", {"equity_bars": table([bar(12.0, at(5, 12), "x")])})
    assert done.promoted == {"equity_bars": 1}
    assert view(lake, "close, payload_sha256") == [(1.0, "a"), (11.0, "f"), (20.0, "c")]


def test_an_older_snapshot_reads_on_until_the_grace_is_over(lake: Lake) -> None:
    snapshot = lake.manifest()
    lake.compact(at(10))
    assert lake.compact(at(10, 23)).swept == []
    assert view(lake, "close", manifest=snapshot) == [(1.0,), (11.0,), (20.0,)]
    now = datetime.now(UTC)
    assert len(lake.compact(at(11, 1)).swept) == 5
    assert all((lake.home / f.path).exists() for f in lake.manifest().all_files)
    assert lake.manifest().retired == ()
    assert lake.compact(now + LATER).swept == []


def test_leavings_of_killed_writers_are_swept_after_the_grace(lake: Lake) -> None:
    orphan = lake.home / "lake/equity_bars/year=2025/dead-000009.parquet"
    temporary = lake.home / "lake/.manifest.json.123.tmp"
    spilled = lake.home / "tmp/duckdb_temp_storage-0.tmp"
    for path in (orphan, temporary, spilled):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    now = datetime.now(UTC)
    assert not {str(p.relative_to(lake.home)) for p in (orphan, temporary)} & set(lake.compact(now).swept)
    swept = lake.compact(now + LATER).swept
    assert {str(p.relative_to(lake.home)) for p in (orphan, temporary, spilled)} <= set(swept)
    assert not orphan.exists()
    assert view(lake, "close") == [(1.0,), (11.0,), (20.0,)]


def test_a_dry_run_says_the_same_and_changes_nothing(lake: Lake) -> None:
    store = PayloadStore(lake.home)
    store.put_payload(b"date,close\n", {"url": "another"})
    digest = store.put_payload(b"date,close\n", {"url": "u"})
    build = publish.new_build_path(lake.home, "old")
    build.write_bytes(b"x")
    before = sorted(p for p in lake.home.rglob("*") if p.is_file() and p.suffix != ".lock")
    now = datetime.now(UTC) + timedelta(days=40)
    dry = lake.compact(now, dry_run=True)
    assert sorted(p for p in lake.home.rglob("*") if p.is_file() and p.suffix != ".lock") == before
    assert (dry.merged, len(dry.packed), dry.pruned) == ({"equity_bars 2025": 5}, 2, ["builds/old.duckdb"])
    real = lake.compact(now)
    assert (real.merged, real.packed, real.pruned) == (dry.merged, dry.packed, dry.pruned)
    assert store.get_payload(digest) == b"date,close\n"
    assert not build.exists()


def test_young_payloads_stay_loose(lake: Lake) -> None:
    PayloadStore(lake.home).put_payload(b"x", {})
    assert lake.compact(datetime.now(UTC)).packed == []


def test_two_compactions_at_once_are_refused(lake: Lake) -> None:
    with try_lock(lake.home / "lake" / "compaction.lock") as holder:
        assert holder is None
        with pytest.raises(LakeError, match=f"another compaction is under way .process {os.getpid()}"):
            lake.compact(at(10))
    assert lake.compact(at(10)).merged == {"equity_bars 2025": 5}


def commit_meanwhile(monkeypatch: pytest.MonkeyPatch, lake: Lake, tables: Mapping[str, pa.Table]) -> list[str]:
    """Let another writer commit `tables` while the compaction writes its first file; returns what it writes, as it does: names
    without their digests."""
    written: list[str] = []

    def write(con: Any, sql: str, target: Any, *args: Any, **options: Any) -> Any:
        file = write_rows(con, sql, target, *args, **options)
        if not written:
            with try_lock(lock_path(lake.home)) as holder:
                assert holder is None, "the lake is locked while a merged file is written"
            lake.commit("meanwhile", tables)
        written.append(re.sub(r".*/|\.[0-9a-f]{16}", "", file.path))
        return file

    monkeypatch.setattr("warehouse.maintenance.compaction.write_rows", write)
    return written


@pytest.fixture
def whole(tmp_path: Path) -> Lake:
    """A lake to which a test gives all its facts at once."""
    return Lake(tmp_path / "whole")


def test_a_commit_during_a_compaction_stays_beside_the_merged_file(
    tmp_path: Path, whole: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(tmp_path / "home")
    rows = [bar(10.0, at(1), "a"), bar(20.0, at(2), "b", symbol="BBB")]
    for row in rows:
        lake.commit("r", {"equity_bars": table([row])})
    later = [
        bar(11.0, at(3), "c"),
        bar(20.0, at(3), "c", symbol="BBB"),
        bar(30.0, at(3), "c", symbol="CCC"),
        bar(5.0, at(3), "c", day="2024-06-03"),
    ]
    written = commit_meanwhile(monkeypatch, lake, {"equity_bars": table(later)})
    assert lake.compact(at(10)).merged == {"equity_bars 2025": 2}
    assert written == ["compaction-000003.parquet"]
    manifest = lake.manifest()
    assert manifest.generation == 4
    assert [(f.year, f.run_id, f.rows) for f in manifest.files] == [
        (2024, "meanwhile", 1),
        (2025, "meanwhile", 2),
        (2025, "compaction", 2),
    ]
    assert [f.run_id for f in manifest.confirmations] == ["meanwhile"]
    expected = [("AAA", 5.0, "c"), ("AAA", 11.0, "c"), ("BBB", 20.0, "b"), ("CCC", 30.0, "c")]
    assert view(lake, "symbol, close, payload_sha256") == expected
    assert view(lake, "symbol, close, payload_sha256", at(2)) == [("AAA", 10.0, "a"), ("BBB", 20.0, "b")]
    whole.commit("all", {"equity_bars": table([*rows, *later])})
    assert manifest.fingerprint == whole.manifest().fingerprint
    assert lake.compact(at(10)).merged == {"equity_bars 2025": 3}
    assert view(lake, "symbol, close, payload_sha256") == expected


def test_a_fact_that_comes_between_repeated_ones_during_a_compaction_is_merged_with_them(
    tmp_path: Path, whole: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what stood again after it would have become a confirmation of what stood before it."""
    lake = Lake(tmp_path / "home")
    rows = [bar(10.0, at(5), "a"), bar(10.0, at(2), "b"), bar(11.0, at(3), "c")]
    for row in rows[:2]:
        lake.commit("r", {"equity_bars": table([row])})
    written = commit_meanwhile(monkeypatch, lake, {"equity_bars": table(rows[2:])})
    assert lake.compact(at(10)).merged == {"equity_bars 2025": 3}
    again = ["compaction-000004.parquet", "compaction-000004-superseded.parquet"]
    assert written == ["compaction-000003.parquet"] * 2 + again
    assert [(f.run_id, f.rows) for f in lake.manifest().files] == [("compaction", 1), ("compaction", 2)]
    assert lake.manifest().confirmations == ()
    assert [view(lake, "close, payload_sha256", at(day)) for day in (2, 3, 5)] == [
        [(10.0, "b")],
        [(11.0, "c")],
        [(10.0, "a")],
    ]
    whole.commit("all", {"equity_bars": table(rows)})
    assert lake.manifest().fingerprint == whole.manifest().fingerprint


def test_facts_of_another_year_do_not_make_a_compaction_begin_again(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = table([bar(3.0, at(7), "g", day="2023-06-05")])
    written = commit_meanwhile(monkeypatch, lake, {"equity_bars": other})
    lake.compact(at(10))
    # the newest facts, what they superseded, and confirmations
    assert written == ["compaction-000005.parquet", "compaction-000005-superseded.parquet", "compaction-000005.parquet"]
    assert view(lake, "close") == [(1.0,), (3.0,), (11.0,), (20.0,)]


def test_no_run_may_bear_the_name_of_merged_files(lake: Lake) -> None:
    with pytest.raises(LakeError, match="the run id 'compaction' is that of merged files"):
        lake.commit("compaction", {"equity_bars": table([bar(1.0, at(1), "z")])})


def test_the_history_is_the_same_before_and_after(lake: Lake) -> None:
    rows = [bar(None, at(6), "g", symbol="NEVER"), bar(12.0, at(7), "h"), bar(5.0, at(7), "h", symbol="NEW")]
    lake.commit("later", {"equity_bars": table(rows)})
    before = history(lake)
    assert [row[:2] for row in before] == [("AAA", 10.0), ("AAA", 11.0), ("AAA", 12.0), ("NEVER", None)]
    lake.compact(at(10))
    assert history(lake) == before
    assert [row[0] for row in view(lake, "symbol")] == ["AAA", "AAA", "AAA", "NEW"]


def history(lake: Lake) -> list[Any]:
    """Of one session; of the other a fact is repeated, which becomes a confirmation."""
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        lake.attach_views(con, lake.manifest())
        return con.execute(
            """select symbol, close, known_at from lake.equity_bars_history where session_date = '2025-06-02' order by all"""
        ).fetchall()
