"""Publishing: readers see whole builds only, whatever clients of older builds do."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.support.patience import HANG_SECONDS
from warehouse.builds import publish
from warehouse.errors import LakeError

ROWS = 1000
REPOSITORY = Path(__file__).resolve().parents[2]


def made(home: Path, number: int) -> Path:
    """A build whose table holds ROWS times its number."""
    path = publish.new_build_path(home, f"b{number:03d}")
    with duckdb.connect(str(path)) as con:
        con.execute(f"create table t as select {number} as n from range({ROWS})")
        con.execute("checkpoint")
    return path


def read(home: Path) -> list[tuple[int, int, int]]:
    with duckdb.connect(str(home / publish.LINK), read_only=True) as con:
        return con.execute("select min(n), max(n), count(*) from t").fetchall()


def test_a_published_build_is_read_only_and_linked_relatively(tmp_path: Path) -> None:
    assert publish.current_build(tmp_path) is None
    path = made(tmp_path, 1)
    assert publish.publish_build(tmp_path, path)
    assert publish.current_build(tmp_path) == path
    assert os.readlink(tmp_path / publish.LINK) == "builds/b001.duckdb"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    moved = tmp_path.rename(tmp_path.parent / "moved")
    assert read(moved) == [(1, 1, ROWS)]


def test_what_is_no_finished_build_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path, 1)
    with pytest.raises(LakeError, match="exists already: builds are immutable"):
        publish.new_build_path(tmp_path, "b001")
    with pytest.raises(LakeError, match="cannot name a file"):
        publish.new_build_path(tmp_path, "../x")
    with pytest.raises(LakeError, match="there is no such file"):
        publish.publish_build(tmp_path, tmp_path / "builds" / "none.duckdb")
    with pytest.raises(LakeError, match="a build must lie in"):
        publish.publish_build(tmp_path, tmp_path / "b.duckdb")
    path.with_name("b001.duckdb.wal").write_bytes(b"x")
    with pytest.raises(LakeError, match="it was not closed, b001.duckdb.wal lies beside it"):
        publish.publish_build(tmp_path, path)
    assert publish.current_build(tmp_path) is None


def test_a_slow_build_of_an_older_lake_does_not_replace_a_newer_one(tmp_path: Path) -> None:
    older, newer = made(tmp_path, 1), made(tmp_path, 2)
    assert publish.publish_build(tmp_path, newer, generation=8)
    assert not publish.publish_build(tmp_path, older, generation=7)
    assert publish.current_build(tmp_path) == newer
    assert publish.publish_build(tmp_path, made(tmp_path, 3), generation=8)


def test_a_build_that_is_gone_is_named(tmp_path: Path) -> None:
    path = made(tmp_path, 1)
    publish.publish_build(tmp_path, path)
    path.unlink()
    with pytest.raises(LakeError, match="leads to .*b001.duckdb, which is gone; run `breadthwise build`"):
        publish.current_build(tmp_path)


def test_old_builds_are_pruned_but_never_the_current_one(tmp_path: Path) -> None:
    now = datetime(2026, 1, 23, tzinfo=UTC)
    ages = {1: 30, 2: 20, 3: 5}
    paths = {n: made(tmp_path, n) for n in ages}
    publish.publish_build(tmp_path, paths[2])
    wal = tmp_path / "builds" / "b001.duckdb.wal"
    wal.write_bytes(b"x")
    for path, days in ((paths[1], 30), (paths[2], 20), (paths[3], 5), (wal, 30)):
        old = (now - timedelta(days=days)).timestamp()
        os.utime(path, (old, old))
    assert publish.prunable_files(tmp_path, 14, now) == [paths[1], wal]
    assert publish.prune_builds(tmp_path, 14, now) == [paths[1], wal]
    assert publish.current_build(tmp_path) == paths[2]
    assert paths[3].exists()


def test_a_reader_in_another_process_sees_whole_builds_through_twenty_publishes(tmp_path: Path) -> None:
    publish.publish_build(tmp_path, made(tmp_path, 0))
    script = (
        "import sys, duckdb, os\n"
        "seen = set()\n"
        "while not os.path.exists(sys.argv[1] + '/stop'):\n"
        "    con = duckdb.connect(sys.argv[1] + '/warehouse.duckdb', read_only=True)\n"
        "    low, high, count = con.execute('select min(n), max(n), count(*) from t').fetchall()[0]\n"
        "    assert low == high and count == 1000, (low, high, count)\n"
        "    seen.add(low); con.close()\n"
        "    print(low, flush=True)\n"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == "0\n"
    for number in range(1, 21):
        publish.publish_build(tmp_path, made(tmp_path, number))
        while int(reader.stdout.readline()) != number:
            assert reader.poll() is None, reader.stderr
    (tmp_path / "stop").touch()
    _, errors = reader.communicate(timeout=HANG_SECONDS)
    assert (reader.returncode, errors) == (0, "")


def test_a_client_that_writes_to_an_old_build_disturbs_no_new_reader(tmp_path: Path) -> None:
    old = made(tmp_path, 1)
    publish.publish_build(tmp_path, old)
    old.chmod(0o644)
    script = (
        "import sys, duckdb\n"
        "con = duckdb.connect(sys.argv[1])\n"
        "con.execute('create table mine as select 1 as x')\n"
        "print('open', flush=True)\n"
        "sys.stdin.read()\n"
    )
    client = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / publish.LINK)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    assert client.stdout is not None
    assert client.stdout.readline() == "open\n"
    assert (tmp_path / "builds" / "b001.duckdb.wal").exists()
    publish.publish_build(tmp_path, made(tmp_path, 2))
    assert read(tmp_path) == [(2, 2, ROWS)]
    client.kill()
    client.communicate(timeout=HANG_SECONDS)
    assert read(tmp_path) == [(2, 2, ROWS)]
