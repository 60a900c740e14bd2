"""The ledger of attempts: what was asked of which source, when, and what came; so that nothing is asked twice.

A table of journal.sqlite. One open connection serves all threads of a process: noting a request then costs no sync.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime
from pathlib import Path

from warehouse.errors import LakeError
from warehouse.instants import to_utc_text
from warehouse.runs.journal import Journal, journal_error

# The answer is kept, and its rows are not in the lake yet; they are; the source has nothing; no answer, ask again.
STORED, DONE, EMPTY, FAILED = "stored", "done", "empty", "failed"
_WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Attempt:
    """One request: of whom (`subject`, '' for the whole market), from `first` to `last`, both inclusive and as ISO.

    `asked_at` is UTC as ISO. Of one request only the newest attempt is kept.
    """

    dataset: str
    source: str
    subject: str
    series: str
    first: str
    last: str
    outcome: str = FAILED
    asked_at: str = ""
    payload_sha256: str = ""
    url: str = ""
    run_id: str = ""
    message: str = ""

    @property
    def ledger_key(self) -> tuple[str, str, str, str]:
        return (self.dataset, self.source, self.subject, self.series)

    def covers_days(self, first: date, last: date) -> bool:
        """Whether the request was for all days from `first` to `last`."""
        return self.first <= first.isoformat() and last.isoformat() <= self.last


_NAMES = [f.name for f in fields(Attempt)]
_KEY = _NAMES[:6]
_COLUMNS = ", ".join(f"{name} text not null" for name in _NAMES)
_CREATE = f"create table if not exists attempts ({_COLUMNS}, primary key ({', '.join(_KEY)}))"
_INSERT = f"insert or replace into attempts ({', '.join(_NAMES)}) values ({', '.join('?' * len(_NAMES))})"


class Attempts:
    """The attempts of one home; get one from `opened`."""

    def __init__(self, con: sqlite3.Connection, path: Path, since: str) -> None:
        self._con, self._path, self._since = con, path, since
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str, str, str], list[Attempt]] = {}
        rows = self._execute_sql(
            f"select {', '.join(_NAMES)} from attempts where asked_at >= ? order by asked_at", (since,)
        )
        for row in rows:
            self._remember_attempt(Attempt(*row))

    def attempts_for(self, dataset: str, source: str, subject: str, series: str = "") -> list[Attempt]:
        """The attempts since the ledger's `since`, the oldest first."""
        with self._lock:
            return list(self._known.get((dataset, source, subject, series), ()))

    def attempts_about(self, dataset: str, subject: str) -> list[Attempt]:
        """Those about `subject`, whoever was asked, the oldest first."""
        with self._lock:
            found = [one for key, many in self._known.items() if (key[0], key[2]) == (dataset, subject) for one in many]
        return sorted(found, key=lambda attempt: attempt.asked_at)

    def delivered_attempts(self, dataset: str) -> list[Attempt]:
        """Those that brought rows of `dataset` into the lake."""
        with self._lock:
            return [
                one for key, many in self._known.items() if key[0] == dataset for one in many if one.outcome == DONE
            ]

    def record_attempts(self, attempts: Iterable[Attempt]) -> None:
        """Write them down in one transaction. Raises LakeError where the disk refuses."""
        noted = list(attempts)
        with self._lock:
            self._execute_sql("begin immediate")
            for attempt in noted:
                self._execute_sql(_INSERT, astuple(attempt))
            self._execute_sql("commit")
            for attempt in noted:
                self._remember_attempt(attempt)

    def _remember_attempt(self, attempt: Attempt) -> None:
        others = [
            a for a in self._known.get(attempt.ledger_key, ()) if (a.first, a.last) != (attempt.first, attempt.last)
        ]
        self._known[attempt.ledger_key] = [*others, attempt]

    def _execute_sql(self, sql: str, values: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
        try:
            return self._con.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise _ledger_error(self._path, error) from error


@contextmanager
def open_attempts(home: Path, since: datetime, *, to_write: bool = True) -> Iterator[Attempts]:
    """The ledger of `home`, in which attempts from before `since` count no more.

    Without `to_write` nothing of the home changes, and what is noted is forgotten. Raises LakeError where the ledger
    cannot be read or written.
    """
    journal = Journal(home)
    if to_write:
        journal.create_tables()
    try:
        with closing(_connect_ledger(journal.path) if to_write else _copy_ledger(journal.path)) as con:
            con.execute(_CREATE)
            yield Attempts(con, journal.path, to_utc_text(since))
    except sqlite3.Error as error:
        raise _ledger_error(journal.path, error) from error


def _connect_ledger(path: Path) -> sqlite3.Connection:
    con = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    con.execute("pragma synchronous = normal")
    return con


def _copy_ledger(path: Path) -> sqlite3.Connection:
    """The ledger's rows in memory."""
    con = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    con.execute(_CREATE)
    if path.exists():
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_WAIT_SECONDS)) as kept:
            if kept.execute("select 1 from sqlite_master where name = 'attempts'").fetchall():
                con.executemany(_INSERT, kept.execute(f"select {', '.join(_NAMES)} from attempts"))
    return con


def _ledger_error(path: Path, error: Exception) -> LakeError:
    return journal_error(f"the ledger of attempts in {path} cannot be used", error)
