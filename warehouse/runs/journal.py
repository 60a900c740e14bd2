"""The journal of runs: who did what, when, how it ended, and what became of every row.

A small SQLite file (WAL) that any number of processes write. A run whose process is gone without a
word is shown as crashed. The journal never reads the clock: ends are the start plus the time passed.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from os import getpid
from pathlib import Path
from typing import Any

from warehouse.durable_io import is_process_alive, process_start_time
from warehouse.errors import BreadthwiseError, LakeError
from warehouse.instants import to_utc_text
from warehouse.process import peak_memory_mb
from warehouse.runs import liveness

COUNTS = ("fetched", "accepted", "known", "quarantined", "warnings")
STATUSES = {0: "done", 3: "gaps"}
CRASHED = "its process died; run the same command again: what was committed stays, nothing is half-written"

STOPPED = "stopped by Ctrl-C or a signal"

_COUNT_COLUMNS = dict.fromkeys(COUNTS, "integer not null default 0")
# the columns of each table, with SQLite's types; instants are text that sorts, and are named `..._at`
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "runs": {
        "run_id": "text",
        "kind": "text",
        "arguments": "text",
        "pid": "integer",
        "pid_started": "integer",
        "started_at": "text",
        "ended_at": "text",
        "status": "text",
        "exit_code": "integer",
        **_COUNT_COLUMNS,
        "message": "text",
    },
    "steps": {"run_id": "text", "step": "text", "seconds": "real", "peak_mb": "real"},
    "batches": {
        "run_id": "text",
        "dataset": "text",
        "source": "text",
        "payload_sha256": "text",
        **_COUNT_COLUMNS,
        "message": "text",
    },
    # what a run said that somebody should know; `event` is 'problem', or what else it is about
    "notices": {"run_id": "text", "event": "text", "line": "text"},
}
PROBLEM = "problem"
_MOST_NOTICES = 50
_WAIT_SECONDS = 60.0


def _create_sql(name: str) -> str:
    columns = ", ".join(f"{column} {kind}" for column, kind in COLUMNS[name].items())
    return f"create table if not exists {name} ({columns}{', primary key (run_id)' if name == 'runs' else ''})"


def new_run_id(now: datetime) -> str:
    """Sorts by start: 20260123T233000-ab12cd."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def journal_error(what: str, error: Exception) -> LakeError:
    """`what` went wrong with the file of the journal, and what to do: it is damaged, or the disk refuses."""
    if type(error) is sqlite3.DatabaseError:  # what its subclasses stand for lies elsewhere
        return LakeError(
            f"{what}, for it is damaged ({error}); move it away, with any -wal and -shm beside it, or restore it from a backup: "
            "without it the lake and the builds stay; the history of runs and of withdrawals is lost, and backfills ask again"
        )
    return LakeError(f"{what}: {error}; see that the disk has space and BREADTHWISE_HOME is writable")


@dataclass
class Run:
    """A run under way. Set `exit_code` (3: done with gaps) and `message` before it ends.

    `problems` are lines that it printed of what did not come; `notices` (event, line) of what else somebody should know.
    """

    journal: Journal
    run_id: str
    started_at: datetime
    exit_code: int = 0
    message: str = ""
    problems: list[str] = field(default_factory=list)
    notices: list[tuple[str, str]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def time_reached(self) -> datetime:
        """The start plus the time passed since."""
        return self.started_at + timedelta(seconds=time.monotonic() - self.began)

    @contextmanager
    def record_step(self, name: str) -> Iterator[None]:
        """Record what a step took: seconds, and the process's peak memory up to its end. Failed ones too."""
        start = time.monotonic()
        try:
            yield
        finally:
            values = (self.run_id, name, time.monotonic() - start, peak_memory_mb())
            self.journal.execute_statements([("insert into steps values (?, ?, ?, ?)", values)])

    def record_batch(
        self,
        dataset: str,
        source: str = "",
        payload_sha256: str = "",
        *,
        fetched: int = 0,
        accepted: int = 0,
        known: int = 0,
        quarantined: int = 0,
        warnings: int = 0,
        message: str = "",
    ) -> None:
        """Account for a batch: fetched = accepted + known + quarantined, else LakeError; `accepted` are new facts."""
        if fetched != accepted + known + quarantined:
            raise LakeError(
                f"{dataset}: {fetched} rows fetched, but {accepted} accepted + {known} known + {quarantined} refused"
                ": rows would be lost; please report it"
            )
        counts = (fetched, accepted, known, quarantined, warnings)
        sums = ", ".join(f"{name} = {name} + ?" for name in COUNTS)
        self.journal.execute_statements(
            [
                (
                    f"insert into batches values ({', '.join('?' * 10)})",
                    (self.run_id, dataset, source, payload_sha256, *counts, message),
                ),
                (f"update runs set {sums} where run_id = ?", (*counts, self.run_id)),
            ]
        )


def _noted_lines(run: Run) -> list[tuple[str, str]]:
    """The lines of a run that are kept: of many the first, and how many there are."""
    problems = [(PROBLEM, line) for line in run.problems[:_MOST_NOTICES]]
    if len(run.problems) > _MOST_NOTICES:
        problems.append((PROBLEM, f"and {len(run.problems) - _MOST_NOTICES:,} more lines, in the log of the run"))
    return [*problems, *run.notices[:_MOST_NOTICES]]


class Journal:
    """`journal.sqlite` of a home. Each call opens and closes it: safe across processes, threads and forks."""

    def __init__(self, home: Path) -> None:
        self.path = Path(home) / "journal.sqlite"

    @contextmanager
    def record_run(self, kind: str, arguments: Mapping[str, Any] | str, now: datetime) -> Iterator[Run]:
        """Record a run from `now` to its end: its exit code and message, those of the error that ends it included."""
        run = Run(self, new_run_id(now), now)
        with liveness.hold_run_lock(self.path.parent, run.run_id):
            self._begin_run(run, kind, arguments)
            yield from self._until_its_end(run)

    def _until_its_end(self, run: Run) -> Iterator[Run]:
        status = "failed"
        try:
            yield run
            status = STATUSES.get(run.exit_code, "failed")
        except BreadthwiseError as error:
            run.exit_code, run.message = error.exit_code, str(error)
            raise
        except Exception as error:
            run.exit_code, run.message = 1, f"{type(error).__name__}: {error}".rstrip(": ")
            raise
        except BaseException:
            run.exit_code, run.message = 1, STOPPED
            raise
        finally:
            ended = to_utc_text(run.time_reached)
            self.execute_statements(
                [
                    (
                        "update runs set ended_at = ?, status = ?, exit_code = ?, message = ? where run_id = ?",
                        (ended, status, run.exit_code, run.message, run.run_id),
                    ),
                    *(
                        ("insert into notices values (?, ?, ?)", (run.run_id, event, line))
                        for event, line in _noted_lines(run)
                    ),
                ]
            )

    def _begin_run(self, run: Run, kind: str, arguments: Mapping[str, Any] | str) -> None:
        text = arguments if isinstance(arguments, str) else json.dumps(dict(arguments), sort_keys=True, default=str)
        mark = "update runs set status = 'crashed', message = ? where run_id = ? and status = 'running'"
        dead = [(mark, (CRASHED, r["run_id"])) for r in self.list_runs() if r["status"] == "crashed"]
        for _, (_, run_id) in dead:
            liveness.remove_run_lock(self.path.parent, run_id)
        row = (run.run_id, kind, text, getpid(), process_start_time(getpid()) or 0, to_utc_text(run.started_at))
        names = "run_id, kind, arguments, pid, pid_started, started_at, status"
        insert = f"insert into runs ({names}) values (?, ?, ?, ?, ?, ?, 'running')"
        self.execute_statements([*((_create_sql(name), ()) for name in COLUMNS), *dead, (insert, row)])

    def create_tables(self) -> None:
        """Make the tables where there are none yet: for what else is kept in this file."""
        self.execute_statements([(_create_sql(name), ()) for name in COLUMNS])

    def execute_statements(self, statements: list[tuple[str, tuple[Any, ...]]]) -> None:
        """Run all statements in one transaction, waiting for other writers. Raises LakeError where the disk refuses."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)) as con:
                con.execute("pragma journal_mode = wal")
                con.execute("pragma synchronous = normal")
                con.execute("begin immediate")
                for sql, values in statements:
                    con.execute(sql, values)
                con.execute("commit")
        except (sqlite3.Error, OSError) as error:
            raise journal_error(f"the journal {self.path} cannot be written", error) from error

    def list_runs(self, limit: int | None = None) -> list[dict[str, Any]]:
        """The runs by the columns of COLUMNS, the last begun first, even where the clock was set back.

        One that says 'running' but whose process is gone is 'crashed'.
        """
        rows = self._select_rows("runs", "order by rowid desc" + (f" limit {int(limit)}" if limit is not None else ""))
        for row in rows:
            if row["status"] == "running" and not self._is_alive(row):
                row.update(status="crashed", message=CRASHED)
            for name in ("started_at", "ended_at"):
                row[name] = datetime.fromisoformat(row[name]) if row[name] else None
        return rows

    def _is_alive(self, row: Mapping[str, Any]) -> bool:
        """By its process, or its lock where that is not to be seen from here."""
        elsewhere = liveness.is_alive_elsewhere(self.path.parent, row["run_id"])
        return is_process_alive(row["pid"], row["pid_started"]) if elsewhere is None else elsewhere

    def list_steps(self, run_id: str | None = None) -> list[dict[str, Any]]:
        """The steps of one run or of all, in order."""
        return self._select_rows("steps", "order by rowid", run_id)

    def list_notices(self, run_id: str | None = None) -> list[dict[str, Any]]:
        """What one run or all said that somebody should know, in order."""
        return self._select_rows("notices", "order by rowid", run_id)

    def list_batches(self, run_id: str | None = None) -> list[dict[str, Any]]:
        """The batches of one run or of all, in order."""
        return self._select_rows("batches", "order by rowid", run_id)

    def list_sources(self) -> list[str]:
        """The sources of all batches, each once."""
        return sorted({row["source"] for row in self.list_batches()})

    def _select_rows(self, table: str, tail: str, run_id: str | None = None) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        where = "where run_id = ?" if run_id is not None else ""
        values = () if run_id is None else (run_id,)
        names = tuple(COLUMNS[table])
        try:
            with closing(self.open_for_reading()) as con:
                # another process may have made the file a moment ago, and not yet what is in it
                if not con.execute("select 1 from sqlite_master where name = ?", (table,)).fetchall():
                    return []
                found = con.execute(f"select {', '.join(names)} from {table} {where} {tail}", values).fetchall()
        except sqlite3.Error as error:
            raise journal_error(f"the journal {self.path} cannot be read", error) from error
        return [dict(zip(names, row, strict=True)) for row in found]

    def open_for_reading(self) -> sqlite3.Connection:
        """In a home that we may only read SQLite cannot make its shared memory: read the file as it lies there."""
        uri = self.path.absolute().as_uri()
        con = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=_WAIT_SECONDS)
        try:
            con.execute("select 1 from sqlite_master").fetchall()
        except sqlite3.OperationalError:
            con.close()
            con = sqlite3.connect(f"{uri}?immutable=1", uri=True)
        return con
