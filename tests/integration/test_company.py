"""Daily run, import, backfill, compaction and two builds at once on one home, with readers attached: as if one after another."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import duckdb

from tests.integration import chaos_worker
from tests.support import histories
from tests.support.histories import DELIVERIES
from transforms.engine.run import table_hash
from warehouse.builds import publish
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal

_TABLES = ("marts.breadth_daily", "marts.equity_facts", "marts.index_returns")


def numbered(kind: str) -> list[tuple[str, int]]:
    return [("deliver", number) for number, one in enumerate(DELIVERIES) if one.kind == kind]


def read_whole(home: Path) -> str:
    """One look of a reader who opens the warehouse: its tables are those that it says it has; returns the build's id."""
    with duckdb.connect() as con:
        con.execute(f"attach '{home / publish.LINK}' as out (read_only)")
        recorded = dict(con.execute("select table_name, hash from out.ops.builds").fetchall())
        for table in _TABLES:
            assert table_hash(con, f"out.{table}")[1] == recorded[table]
        ids: list[tuple[str]] = con.execute("select distinct build_id from out.ops.builds").fetchall()
        assert len(ids) == 1
        return ids[0][0]


def test_all_at_once_ends_as_one_after_another(tmp_path: Path) -> None:
    plain, home = tmp_path / "plain", tmp_path / "home"
    for number in range(len(DELIVERIES)):
        histories.deliver(plain, number)
    for number in range(3):
        histories.deliver(home, number)
    histories.build(home, 1)
    # a client that has the build open for writing, with a table that was not checkpointed; as root nothing forbids it
    current = publish.current_build(home)
    assert current is not None
    current.chmod(0o644)
    client = duckdb.connect(str(current))
    client.execute("create table mine as select 1 as one")
    processes = chaos_worker.forking()
    scripts = [
        numbered("daily"),
        numbered("import"),
        numbered("backfill"),
        [("build", 100), ("build", 101)],
        [("build", 200), ("compact", 0), ("build", 201)],
    ]
    pipes, children = [], []
    for steps in scripts:
        mine, theirs = processes.Pipe(duplex=False)
        child = processes.Process(target=chaos_worker.several_steps, args=(home, steps, theirs))
        child.start()
        theirs.close()
        pipes.append(mine)
        children.append(child)
    # before and after, too: between them on a busy machine nothing may be seen
    seen = {read_whole_of_others(home, current)}
    while any(child.is_alive() for child in children):
        seen.add(read_whole_of_others(home, current))
        time.sleep(0.05)
    for steps, pipe, child in zip(scripts, pipes, children, strict=True):
        child.join()
        assert _all(pipe) == [chaos_worker.READY, *range(len(steps))]
        assert child.exitcode == 0
    seen.add(read_whole_of_others(home, current))
    assert len(seen) > 1, "the reader saw builds come"
    assert client.execute("select one from mine").fetchall() == [(1,)]
    last = histories.build(home, 300)
    assert last.is_current
    assert last.result.hashes == histories.build(plain, 300).result.hashes
    assert read_whole(home) == last.result.build_id
    client.close()
    assert {run["status"] for run in Journal(home).list_runs()} == {"done"}
    assert Lake(home).manifest().fingerprint == Lake(plain).manifest().fingerprint
    assert histories.stored(home) == histories.stored(plain)


def read_whole_of_others(home: Path, taken: Path) -> str:
    """Read the current build, unless it is the one that a client holds for itself: DuckDB lets nobody else in then."""
    return "" if publish.current_build(home) == taken else read_whole(home)


def _all(pipe: Any) -> list[Any]:
    found = []
    try:
        while pipe.poll():
            found.append(pipe.recv())
    except EOFError:
        pass
    return found
