"""SIGKILL at seeded points over import, daily run, backfill, build, publish, compact: nothing torn, lost, doubled, blocked."""

from __future__ import annotations

import os
import random
import re
import signal
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from flows.inspect import status
from tests.integration import chaos_worker
from tests.support import histories
from tests.support.histories import DELIVERIES
from tests.support.patience import HANG_SECONDS
from transforms.engine.run import table_hash
from warehouse.builds import publish
from warehouse.durable_io import TEMPORARY_SUFFIX
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal

# a kill takes seconds, and `make chaos` does two hundred
pytestmark = [pytest.mark.chaos, pytest.mark.timeout(6 * 3600)]
KILLS = int(os.environ.get("BREADTHWISE_KILLS", "25"))
SEED = 20260123
Place = tuple[str, str]
Step = tuple[str, int]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], str, list[dict[Place, int]]]:
    """Of a home that nobody disturbed: its hashes and fingerprint, and the facts of each piece by dataset and payload."""
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    pieces = []
    for number in range(len(DELIVERIES)):
        batches = Journal(home).list_batches(histories.deliver(home, number))
        pieces.append({(b["dataset"], b["payload_sha256"]): b["fetched"] - b["quarantined"] for b in batches})
    return histories.build(home).result.hashes, Lake(home).manifest().fingerprint, pieces


def script(luck: random.Random, kills: int) -> list[Step]:
    """What is done between the kills: every piece, in any order, again and again, with builds and compactions."""
    steps: list[Step] = []
    while len(steps) < 4 * kills + 20:
        for piece in luck.sample(range(len(DELIVERIES)), len(DELIVERIES)):
            steps.append(("deliver", piece))
            if luck.random() < 0.4:
                steps.append(luck.choice([("build", len(steps)), ("compact", 0)]))
    return steps


def numbered(steps: Sequence[Step], kill: int) -> list[Step]:
    """A build that was killed is made again at another instant, as it is by a clock that goes on."""
    return [(what, number + 10_000 * kill if what == "build" else number) for what, number in steps]


def check_facts(home: Path, pieces: Sequence[Mapping[Place, int]], delivered: set[int], under_way: int | None) -> None:
    """What committed runs said is there, once, and of the piece that was killed each dataset wholly or not at all."""
    manifest = Lake(home).manifest()
    for file in manifest.all_files:
        assert pq.read_metadata(home / file.path).num_rows == file.rows, file.path
    due: Counter[Place] = Counter()
    for piece in delivered:
        due.update(pieces[piece])
    more = pieces[under_way] if under_way is not None and under_way not in delivered else {}
    found = histories.stored(home)
    for place in {*due, *more, *found}:
        assert found.get(place, 0) in (due[place], due[place] + more.get(place, 0)), place


def check_warehouse(home: Path, was_published: bool) -> None:
    """A reader gets a whole build: its tables are those that it says it has."""
    if publish.current_build(home) is None:
        assert not was_published
        return
    with duckdb.connect() as con:
        con.execute(f"attach '{home / publish.LINK}' as out (read_only)")
        recorded = dict(con.execute("select table_name, hash from out.ops.builds").fetchall())
        assert len(recorded) > 20
        for table in ("marts.breadth_daily", "marts.equity_facts", "reports.headline_indices"):
            assert table_hash(con, f"out.{table}")[1] == recorded[table]


def check_status(home: Path, pid: int) -> bool:
    """The killed run is shown as crashed, with how to resume; False where no run was under way."""
    runs = [run for run in Journal(home).list_runs() if run["pid"] == pid]
    killed = [run for run in runs if run["status"] == "crashed"]
    assert len(killed) <= 1
    assert {run["status"] for run in runs} <= {"done", "crashed"}
    shown = "\n".join(status.status_lines(home, histories.SETTINGS, histories.NOW))
    for run in killed:
        assert re.search(f"{run['run_id']}  {run['kind']} +crashed", shown)
        assert "to resume: run `breadthwise " in shown
    return bool(killed)


def test_killed_at_any_point_the_home_stays_whole_and_the_work_goes_on(tmp_path: Path, undisturbed: Any) -> None:
    hashes, fingerprint, pieces = undisturbed
    home, luck, processes = tmp_path / "home", random.Random(SEED), chaos_worker.forking()
    # enough for as many kills again: how many of them meet a run differs by machine, and too few would mean nothing
    steps, at, delivered, crashed = script(luck, 2 * KILLS), 0, set[int](), 0
    for kill in range(2 * KILLS):
        if kill >= KILLS and crashed > KILLS / 3:
            break
        mine, theirs = processes.Pipe(duplex=False)
        # by turns at a moment, and at a call that makes something durable
        call = luck.randint(1, 80) if kill % 2 else None
        child = processes.Process(
            target=chaos_worker.several_steps, args=(home, numbered(steps[at : at + 4], kill), theirs, call)
        )
        child.start()
        theirs.close()
        assert mine.recv() == chaos_worker.READY
        child.join(luck.uniform(0.0, 3.0) if call is None else HANG_SECONDS)
        child.kill()
        child.join()
        assert child.exitcode in (0, -signal.SIGKILL)
        ended = _answers(mine)
        assert ended == list(range(len(ended))), "an error in place of a step's number"
        delivered |= {piece for what, piece in steps[at : at + len(ended)] if what == "deliver"}
        at += len(ended)
        what, piece = steps[at]
        check_facts(home, pieces, delivered, piece if what == "deliver" else None)
        check_warehouse(home, any(step[0] == "build" for step in steps[:at]))
        crashed += check_status(home, child.pid)
    assert crashed > KILLS / 3, "too few runs were killed, in twice as many tries, to mean anything"
    for piece in set(range(len(DELIVERIES))) - delivered:
        histories.deliver(home, piece)
    assert Lake(home).manifest().fingerprint == fingerprint
    assert histories.build(home, 10_000_000).result.hashes == hashes
    check_nothing_is_left(home)


def _answers(pipe: Any) -> list[Any]:
    found = []
    try:
        while pipe.poll():
            found.append(pipe.recv())
    except EOFError:
        pass
    pipe.close()
    return found


def check_nothing_is_left(home: Path) -> None:
    """What killed processes left is swept a day later, and only that."""
    lake = Lake(home)
    before = lake.manifest().fingerprint
    for days in (1.1, 2.2):
        lake.compact(datetime.now(UTC) + timedelta(days=days), keep_builds_days=0)
    assert lake.manifest().fingerprint == before
    named = {file.path for file in lake.manifest().all_files}
    assert {str(path.relative_to(home)) for path in (home / "lake").rglob("*.parquet")} == named
    assert [path for path in home.rglob("*") if path.name.endswith((TEMPORARY_SUFFIX, ".work", ".wal"))] == []
    current = publish.current_build(home)
    assert current is not None
    assert list((home / "builds").glob("*.duckdb*")) == [current]
