"""From runs that have ended to alerts that are sent: each run counts once, and what was not sent is sent at the next start.

Nothing here changes what became of a run: what goes wrong is one line in its log.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.alerts.messages import KINDS, MISSED, alert_of_missed, alert_of_run
from flows.alerts.missed import missed_between, sessions_run
from flows.alerts.sending import Address, Message, addresses_of_home, send_to_all, watched_events
from flows.console.context import Reporter
from flows.console.hints import command_on_home
from warehouse.durable_io import try_lock
from warehouse.errors import SettingsError, UsageError
from warehouse.instants import to_utc_text
from warehouse.runs.journal import Journal, Run
from warehouse.runs.outbox import WHOLE, Alert, Outbox

LOCK = "alerts.lock"
# as long as another process may send
_LOCK_SECONDS = 25.0
_POLL_SECONDS = 0.1
# of alerts that waited, more are counted and no more
_MOST_AT_ONCE = 10
_SIGNS = {WHOLE: "success"}


@contextmanager
def record_run(
    home: Path, kind: str, arguments: Mapping[str, Any] | str, now: datetime, reporter: Reporter
) -> Iterator[Run]:
    """A run of the journal of which somebody is told: of earlier ones that nobody was told of before it, of itself after it.

    A run that is stopped by hand ends at once; the next start accounts for it.
    """
    tell(home, reporter)
    # what was said before the run is none of its problems
    reporter.problems.clear()
    try:
        with Journal(home).record_run(kind, arguments, now) as run:
            run.problems = reporter.problems
            yield run
    except Exception:
        tell(home, reporter)
        raise
    tell(home, reporter)


@contextmanager
def record_failure_to_begin(
    home: Path, kind: str, arguments: dict[str, Any], now: datetime, reporter: Reporter
) -> Iterator[None]:
    """Where somebody is told: an error inside, before a run of this kind was recorded, is recorded as one, and told of.

    Wrong use is told to who typed it, and to nobody else.
    """
    known = _newest_run(home, kind)
    try:
        yield
    except Exception as error:
        is_wrong_use = isinstance(error, UsageError) and not isinstance(error, SettingsError)
        if not is_wrong_use and addresses_of_home(home) and _newest_run(home, kind) == known:
            _record_as_run(home, kind, arguments, now, reporter, error)
        raise


def _newest_run(home: Path, kind: str) -> str:
    return next((run["run_id"] for run in Journal(home).list_runs() if run["kind"] == kind), "")


def _record_as_run(
    home: Path, kind: str, arguments: dict[str, Any], now: datetime, reporter: Reporter, error: Exception
) -> None:
    problems = list(reporter.problems)
    try:
        with record_run(home, kind, arguments, now, reporter):
            reporter.problems.extend(problems)
            raise error
    except type(error) as raised:
        if raised is not error:
            raise


def tell(home: Path, reporter: Reporter) -> None:
    """Account for the runs that have ended and send what waits. Never raises; takes half a minute at most."""
    _tell(home, reporter, lambda outbox, addresses: _account_for_runs(home, outbox, addresses))


def tell_of_missed(home: Path, reporter: Reporter, session: Any, why: str) -> None:
    """The same, and of `session`, whose run should have begun, that it has not; once, and not where it has."""

    def account(outbox: Outbox, addresses: Sequence[str]) -> None:
        _account_for_runs(home, outbox, addresses)
        runs = Journal(home).list_runs()
        if MISSED in watched_events(home) and session > max(sessions_run(runs), default=session):
            outbox.add(alert_of_missed(home, [session], to_utc_text(datetime.now(UTC)), why), addresses)

    _tell(home, reporter, account)


def _tell(home: Path, reporter: Reporter, account: Callable[[Outbox, Sequence[str]], None]) -> None:
    try:
        addresses, outbox = addresses_of_home(home), Outbox(home)
        is_begun = outbox.is_begun()
        if not addresses and not is_begun:
            return
        with _hold_lock(home) as is_ours:
            if not is_ours:
                reporter.print_line(f"alerts: another process of this home sends them still; {_later(home)}")
                return
            if not is_begun:
                outbox.begin((run["run_id"] for run in Journal(home).list_runs()), datetime.now(UTC))
            digests = [address.digest for address in addresses]
            outbox.drop_addresses(digests)
            account(outbox, digests)
            for line in _send_waiting(outbox, addresses):
                reporter.print_problem(f"{line}; {_later(home)}")
    except Exception as error:  # noqa: BLE001 - a run is what it is, whether somebody can be told of it or not
        reporter.print_problem(f"alerts: {type(error).__name__}: {error}; {_later(home)}")


def _later(home: Path) -> str:
    return f"the next start of a run sends what waits; `{command_on_home(home)} alerts --try` tries each address"


@contextmanager
def _hold_lock(home: Path) -> Iterator[bool]:
    """Whether the lock is ours, after a wait for who has it."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        with try_lock(home / LOCK) as holder:
            if holder is None:
                yield True
                return
        if time.monotonic() > deadline:
            yield False
            return
        time.sleep(_POLL_SECONDS)


def _account_for_runs(home: Path, outbox: Outbox, addresses: Sequence[str]) -> None:
    """An alert, or its absence, for each run that has ended and was not accounted for, the first begun first."""
    journal, known, watched = Journal(home), outbox.known_ids(), watched_events(home)
    runs = journal.list_runs()
    for place in range(len(runs) - 1, -1, -1):
        run = runs[place]
        if run["run_id"] in known or run["kind"] not in KINDS or run["status"] == "running":
            continue
        made_at = to_utc_text(datetime.now(UTC))
        if run["kind"] == "daily" and MISSED in watched:
            for missed in _missed_before(home, outbox, runs[place:], made_at, known):
                outbox.add(missed, addresses)
        notices = journal.list_notices(run["run_id"])
        previous = outbox.last_counted(run["kind"])
        outbox.add(alert_of_run(home, run, notices, previous, watched, made_at), addresses)


def _missed_before(
    home: Path, outbox: Outbox, runs: Sequence[dict[str, Any]], made_at: str, known: set[str]
) -> Iterator[Alert]:
    """The sessions that had no run before the first of these runs, but those that were told of."""
    own = max(sessions_run(runs[:1]), default=None)
    if own is None:
        return
    told = {one.removeprefix("missed ") for one in known}
    days = [day for day in missed_between(runs[1:], own, outbox.begun_at()) if str(day) not in told]
    if days:
        yield alert_of_missed(home, days, made_at, f"between two daily runs, the later of which is of {own}")


def _send_waiting(outbox: Outbox, addresses: Sequence[Address]) -> Iterator[str]:
    """Send to each address what waits for it, as one message; a line for each that did not take it, unless it said so before."""
    waiting = outbox.list_waiting()
    by_address = [(one, [item for item in waiting if item.address == one.digest]) for one in addresses]
    found = {one.digest: (one, items) for one, items in by_address if items}
    reasons = send_to_all([(one, _message([item.alert for item in items])) for one, items in found.values()])
    for digest, (address, items) in found.items():
        reason = reasons[digest]
        outbox.record_try(digest, [item.alert.alert_id for item in items], datetime.now(UTC), reason)
        if reason and any(item.error != reason for item in items):
            yield f"{address.name} did not take an alert: {reason}"


def _message(alerts: Sequence[Alert]) -> Message:
    """The alerts that wait for an address, the newest first, as one message."""
    newest = alerts[0]
    if len(alerts) == 1:
        return Message(newest.subject, newest.body, _SIGNS.get(newest.state, "failure"))
    parts = [newest.body, *(f"{one.subject}\n{one.body}" for one in alerts[1:_MOST_AT_ONCE])]
    if len(alerts) > _MOST_AT_ONCE:
        parts.append(f"and {len(alerts) - _MOST_AT_ONCE} more before these")
    return Message(
        f"{newest.subject}, and {len(alerts) - 1} earlier", "\n\n".join(parts), _SIGNS.get(newest.state, "failure")
    )
