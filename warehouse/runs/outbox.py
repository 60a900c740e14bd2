"""What was told of which run, and to whom: alerts, each with the addresses that have it and those that wait for it.

Three tables of journal.sqlite. A run is accounted for once, whoever does it; what was not sent stays until it is. Addresses are
secrets, and stand here as digests of what the settings say.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from warehouse.instants import to_utc_text
from warehouse.runs.journal import Journal, journal_error

# how a run counts: all is well, somebody should know, or neither (it was stopped by hand, or began before there were alerts)
WHOLE, FAULT, UNCOUNTED = "whole", "fault", "uncounted"
_BEGUN = "begun"
# of a kind, so many are read back: a row of faults is shorter
_MOST_COUNTED = 500
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=10), timedelta(days=1)


@dataclass(frozen=True)
class Alert:
    """One run as it was accounted for, or something else to be told: `alert_id` is that of the run. `subject` is '' where
    nothing is told. `since` and `times`: the first and the number of runs of this kind in a row with a fault, up to this one.
    """

    alert_id: str
    kind: str
    state: str
    made_at: str
    label: str = ""
    since: str = ""
    times: int = 0
    subject: str = ""
    body: str = ""


@dataclass(frozen=True)
class Waiting:
    """An alert that an address does not have yet, with why not where it was tried."""

    alert: Alert
    address: str
    error: str


_NAMES = [one.name for one in fields(Alert)]
_ALERTS = ", ".join(f"{one.name} {'integer' if one.name == 'times' else 'text'} not null" for one in fields(Alert))
_CREATE = (
    f"create table if not exists alerts ({_ALERTS}, primary key (alert_id))",
    "create table if not exists alert_sends (alert_id text not null, address text not null, sent_at text, error text not null, "
    "primary key (alert_id, address))",
)
_CREATE_PAUSES = (
    "create table if not exists alert_pauses (address text not null, tries integer not null, until text not null, "
    "primary key (address))"
)


def address_digest(address: str) -> str:
    """Names an address as the settings have it, without saying it."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


class Outbox:
    """The alerts of one home. Each call opens and closes the journal's file."""

    def __init__(self, home: Path) -> None:
        self._journal = Journal(home)

    def is_begun(self) -> bool:
        """Whether this home ever had somebody to tell."""
        return bool(self._select("select 1 from alerts where alert_id = ?", (_BEGUN,)))

    def begin(self, run_ids: Iterable[str], now: datetime) -> None:
        """From now on runs are accounted for, those of before as what nobody is told of."""
        made_at = to_utc_text(now)
        marks = [Alert(one, "", UNCOUNTED, made_at) for one in (*run_ids, _BEGUN)]
        self._journal.execute_statements([*((sql, ()) for sql in _CREATE), *map(_insert, marks)])

    def begun_at(self) -> datetime:
        """When runs began to be accounted for; only where `is_begun`."""
        return datetime.fromisoformat(
            str(self._select("select made_at from alerts where alert_id = ?", (_BEGUN,))[0][0])
        )

    def known_ids(self) -> set[str]:
        """The alerts that there are, and with them the runs that are accounted for."""
        return {str(row[0]) for row in self._select("select alert_id from alerts")}

    def list_counted(self, kind: str) -> list[Alert]:
        """The newest runs of this kind that were whole or had a fault, in the order in which they were accounted for."""
        tail = "where kind = ? and state <> ? order by rowid desc limit ?"
        return self._alerts(tail, (kind, UNCOUNTED, _MOST_COUNTED))[::-1]

    def newest_alerts(self, limit: int) -> list[Alert]:
        """What was told last, the newest first."""
        return self._alerts("where subject <> '' order by rowid desc limit ?", (limit,))

    def add(self, alert: Alert, addresses: Sequence[str]) -> None:
        """Account for a run, and let its alert wait for these addresses (digests), in one step."""
        sends = [
            ("insert or ignore into alert_sends values (?, ?, null, '')", (alert.alert_id, one))
            for one in dict.fromkeys(addresses)
            if alert.subject
        ]
        self._journal.execute_statements([_insert(alert), *sends])

    def list_waiting(self) -> list[Waiting]:
        """What addresses do not have yet, the newest first."""
        columns = ", ".join(f"a.{name}" for name in _NAMES)
        rows = self._select(
            f"select {columns}, s.address, s.error from alert_sends s join alerts a using (alert_id) "
            "where s.sent_at is null order by a.rowid desc"
        )
        return [Waiting(Alert(*row[:-2]), row[-2], row[-1]) for row in rows]

    def sent_ids(self) -> set[str]:
        """The alerts that an address took."""
        return {str(row[0]) for row in self._select("select alert_id from alert_sends where sent_at is not null")}

    def paused_addresses(self, now: datetime) -> set[str]:
        """The addresses (digests) that were too slow, and are not asked again yet what they were asked before."""
        sql = "select address from alert_pauses where until > ?"
        return {str(row[0]) for row in self._select(sql, (to_utc_text(now),), "alert_pauses")}

    def pause(self, address: str, now: datetime) -> None:
        """Let an address that was too slow rest: for ten minutes, then each time for twice as long, up to a day."""
        sql = "select tries from alert_pauses where address = ?"
        tries = next((int(row[0]) for row in self._select(sql, (address,), "alert_pauses")), 0)
        until = now + min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(tries, 10))
        insert = "insert or replace into alert_pauses values (?, ?, ?)"
        self._journal.execute_statements([(_CREATE_PAUSES, ()), (insert, (address, tries + 1, to_utc_text(until)))])

    def end_pause(self, address: str) -> None:
        """An address that answered in time is asked as any other."""
        self._journal.execute_statements(
            [(_CREATE_PAUSES, ()), ("delete from alert_pauses where address = ?", (address,))]
        )

    def record_try(self, address: str, alert_ids: Iterable[str], now: datetime, error: str) -> None:
        """Whether an address took these alerts: `error` is '' where it did."""
        sent_at = None if error else to_utc_text(now)
        sql = "update alert_sends set sent_at = ?, error = ? where address = ? and alert_id = ?"
        self._journal.execute_statements([(sql, (sent_at, error, address, one)) for one in alert_ids])

    def move_waiting(self, named: Iterable[str]) -> None:
        """What waits for an address that is not among these waits for each of these that lacks it; where there are none it stays
        as it is."""
        known = tuple(dict.fromkeys(named))
        if not known:
            return
        gone = f"from alert_sends where sent_at is null and address not in ({', '.join('?' * len(known))})"
        copy = f"insert or ignore into alert_sends select alert_id, ?, null, '' {gone}"
        self._journal.execute_statements([*((copy, (one, *known)) for one in known), (f"delete {gone}", known)])

    def _alerts(self, tail: str, values: tuple[Any, ...]) -> list[Alert]:
        return [Alert(*row) for row in self._select(f"select {', '.join(_NAMES)} from alerts {tail}", values)]

    def _select(self, sql: str, values: tuple[Any, ...] = (), table: str = "alerts") -> list[tuple[Any, ...]]:
        """The rows; none where there is no such table yet."""
        path = self._journal.path
        if not path.exists():
            return []
        try:
            with closing(self._journal.open_for_reading()) as con:
                if not con.execute("select 1 from sqlite_master where name = ?", (table,)).fetchall():
                    return []
                return con.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise journal_error(f"the alerts in {path} cannot be read", error) from error


def _insert(alert: Alert) -> tuple[str, tuple[Any, ...]]:
    names = ", ".join(_NAMES)
    return f"insert or ignore into alerts ({names}) values ({', '.join('?' * len(_NAMES))})", astuple(alert)
