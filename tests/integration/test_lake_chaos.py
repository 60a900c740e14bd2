"""The lake under SIGKILL, full disks, a read-only home and company: nothing torn, lost, doubled or blocked."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.integration import lake_worker
from tests.support.lake_support import at, bar, table, view
from tests.support.patience import HANG_SECONDS
from warehouse.builds import publish
from warehouse.durable_io import hold_lock, try_lock
from warehouse.errors import LakeError
from warehouse.lake.lake import Lake

KILLS = int(os.environ.get("BREADTHWISE_KILLS", "25"))
SEED = 20260123
COLUMNS = "symbol, session_date::varchar, close, known_at, payload_sha256"
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def processes() -> Any:
    """Children are forked from a server that has the imports done and no threads: 20 ms each, not 2 s."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([lake_worker.__name__, "pytest"])
    return context


def check_whole(lake: Lake, numbers: list[int], luck: random.Random) -> list[int]:
    """The lake shows exactly `numbers`, or these and the next one, which was under way; returns which."""
    day = at(luck.randint(1, 28))
    seen = (view(lake, COLUMNS), view(lake, COLUMNS, day))
    options = [numbers, [*numbers, len(numbers)]]
    fitting = [o for o in options if seen == (lake_worker.expected(o, at(31)), lake_worker.expected(o, day))]
    assert fitting, f"after batch {len(numbers) - 1} the lake shows neither this state nor the next"
    build = publish.current_build(lake.home)
    if build is not None:
        with duckdb.connect(str(lake.home / publish.LINK), read_only=True) as con:
            assert con.execute("select (select count(*) from t) = (select n from counted)").fetchall() == [(True,)]
    return fitting[0]


def test_sigkill_at_any_point_leaves_a_whole_lake(tmp_path: Path, processes: Any) -> None:
    lake, luck = Lake(tmp_path / "home"), random.Random(SEED)
    numbers: list[int] = []
    for _ in range(KILLS):
        mine, theirs = processes.Pipe(duplex=False)
        child = processes.Process(target=lake_worker.work, args=(lake.home, len(numbers), theirs))
        child.start()
        theirs.close()
        assert mine.recv() == lake_worker.READY
        for _ in range(luck.randint(0, 2)):  # so that work is done between the kills on a slow machine too
            numbers.append(mine.recv())
        child.join(luck.uniform(0.0, 0.4))
        assert child.is_alive(), "the worker ended by itself"
        child.kill()
        child.join()
        while mine.poll():
            try:
                numbers.append(mine.recv())
            except EOFError:
                break
        mine.close()
        numbers = check_whole(lake, numbers, luck)
    assert len(numbers) > KILLS / 5, "too few commits between the kills to mean anything"
    whole = Lake(tmp_path / "whole")
    whole.commit("all", {"equity_bars": table([row for n in numbers for row in lake_worker.batch(n)])})
    assert whole.manifest().fingerprint == lake.manifest().fingerprint
    lake.compact(datetime.now(UTC) + timedelta(hours=25))
    assert check_whole(lake, numbers, luck) == numbers
    named = {f.path for f in lake.manifest().all_files} | {f.path for f in lake.manifest().retired}
    assert {str(p.relative_to(lake.home)) for p in (lake.home / "lake").rglob("*.parquet")} == named


def test_processes_that_commit_at_once_lose_nothing(tmp_path: Path, processes: Any) -> None:
    lake = Lake(tmp_path / "home")
    several = [
        processes.Process(target=lake_worker.work_some, args=(lake.home, list(range(start, 18, 3))))
        for start in range(3)
    ]
    for child in several:
        child.start()
    for number in range(6):
        lake.compact(datetime.now(UTC))
        view(lake, COLUMNS, at(number + 1))
    for child in several:
        child.join(HANG_SECONDS)
        assert child.exitcode == 0
    assert view(lake, COLUMNS) == lake_worker.expected(range(18), at(31))
    whole = Lake(tmp_path / "whole")
    whole.commit("all", {"equity_bars": table([row for n in range(18) for row in lake_worker.batch(n)])})
    assert whole.manifest().fingerprint == lake.manifest().fingerprint


@pytest.mark.parametrize("step", ["rows", "fsync", "rename"])
@pytest.mark.parametrize("call", [0, 1, 2])
def test_a_full_disk_at_any_write_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, call: int
) -> None:
    lake = Lake(tmp_path / "home")
    lake.commit("r", {"equity_bars": table([bar(1.0, at(1), "a"), bar(9.0, at(1), "a", day="2024-06-03")])})
    before, files = lake.manifest(), sorted(p for p in lake.home.rglob("*") if p.is_file())
    target, name = {"rows": (pq.ParquetWriter, "write_batch"), "fsync": (os, "fsync"), "rename": (os, "replace")}[step]
    real, calls = getattr(target, name), iter(range(100))

    def full(*args: Any, **options: Any) -> Any:
        if next(calls) == call:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **options)

    rows = [bar(2.0, at(2), "b"), bar(1.0, at(2), "b", symbol="BBB"), bar(9.0, at(2), "b", day="2024-06-03")]
    monkeypatch.setattr(target, name, full)
    if (step, call) == ("rows", 2):
        lake.commit("r", {"equity_bars": table(rows)})  # two files are due: the third write does not come
        return
    with pytest.raises(LakeError, match="No space left on device; free space there and run again"):
        lake.commit("r", {"equity_bars": table(rows)})
    monkeypatch.undo()
    assert lake.manifest() == before
    assert view(lake, "symbol, close") == [("AAA", 1.0), ("AAA", 9.0)]
    left = {p for p in lake.home.rglob("*") if p.is_file()} - set(files)
    assert not [p for p in left if p.name.endswith(".tmp")]
    assert lake.commit("r", {"equity_bars": table(rows)}).written == {"equity_bars": 2}
    assert view(lake, "symbol, close") == [("AAA", 2.0), ("AAA", 9.0), ("BBB", 1.0)]


_ON_A_SMALL_DISK = """
import subprocess, sys
from pathlib import Path
home = Path(sys.argv[1]); home.mkdir()
mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=400k', 'none', str(home)], capture_output=True)
if mounted.returncode: sys.exit(77)
from tests.integration import lake_worker
from tests.support.lake_support import at, bar, table, view
from warehouse.errors import LakeError
from warehouse.runs.journal import Journal
from warehouse.lake.lake import Lake
lake = Lake(home)
done = 0
try:
    for done in range(500):
        lake.commit('r', {'equity_bars': table(lake_worker.batch(done))})
except LakeError as error:
    print(error)
assert view(lake, 'close, payload_sha256') == sorted((f[2], f[4]) for f in lake_worker.expected(range(done), at(31))), done
subprocess.run(['mount', '-o', 'remount,size=4m', str(home)], check=True)
assert lake.commit('r', {'equity_bars': table(lake_worker.batch(done))}).written['equity_bars'] > 0
subprocess.run(['mount', '-o', 'remount,ro', str(home)], check=True)
for attempt in (lambda: lake.commit('r', {'equity_bars': table(lake_worker.batch(done + 1))}),
                lambda: lake.compact(at(20)), lambda: Journal(home).record_run('k', '', at(1)).__enter__()):
    try:
        attempt()
    except LakeError as error:
        print(error)
assert Journal(home).list_runs() == []
assert len(view(lake, 'close')) == len(lake_worker.expected(range(done + 1), at(31)))
"""


def test_a_really_full_and_a_really_read_only_disk(tmp_path: Path) -> None:
    """In a mount namespace of its own, so that nothing is left mounted."""
    command = ["unshare", "-m", sys.executable, "-c", _ON_A_SMALL_DISK, str(tmp_path / "disk")]
    try:
        ended = subprocess.run(
            command, cwd=REPOSITORY, capture_output=True, text=True, timeout=HANG_SECONDS, check=False
        )
    except FileNotFoundError:
        pytest.skip("this machine has no unshare: the injected ENOSPC above has to do")
    if ended.returncode == 77 or "unshare" in ended.stderr:
        pytest.skip("this machine does not let us mount a small disk: the injected ENOSPC above has to do")
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert len(lines) == 4, lines
    assert "No space left on device; free space there and run again" in lines[0]
    assert "Read-only file system; make BREADTHWISE_HOME writable for this user" in lines[1]
    assert "Read-only file system; make BREADTHWISE_HOME writable for this user" in lines[2]
    assert "see that the disk has space and BREADTHWISE_HOME is writable" in lines[3]


def test_a_lock_dies_with_its_holder_and_names_a_live_one(tmp_path: Path, processes: Any) -> None:
    path = tmp_path / "lock"
    mine, theirs = processes.Pipe(duplex=False)
    child = processes.Process(target=hold, args=(path, theirs))
    child.start()
    assert mine.recv() == "held"
    with try_lock(path) as holder:
        assert holder is not None
        assert holder.pid == child.pid
    child.kill()
    child.join()
    with try_lock(path) as holder:
        assert holder is None


def hold(path: Path, answers: Any) -> None:
    with hold_lock(path):
        answers.send("held")
        time.sleep(HANG_SECONDS)  # until it is killed
