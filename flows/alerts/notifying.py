"""From runs that have ended to alerts that are sent: each run counts once, and what was not sent is sent at the next start.

Nothing here changes what became of a run: what goes wrong is one line in its log.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.alerts.messages import FAILED, KINDS, MISSED, Row, alert_of_missed, alert_of_run, unwritten
from flows.alerts.missed import missed_between, sessions_run
from flows.alerts.rows import row_of_faults
from flows.alerts.sending import Address, Message, is_slow, read_addresses, send_to_all, watched_events
from flows.console.context import Reporter
from flows.console.hints import command_on_home
from warehouse import calendar
from warehouse.durable_io import try_lock
from warehouse.errors import BreadthwiseError, SettingsError, UsageError
from warehouse.instants import to_utc_text
from warehouse.runs.journal import Journal, Run
from warehouse.runs.outbox import FAULT, WHOLE, Alert, Outbox
from warehouse.settings import Settings

LOCK = "alerts.lock"
# as long as another process may send
_LOCK_SECONDS = 25.0
_POLL_SECONDS = 0.1
# of alerts that waited, more are counted and no more
_MOST_AT_ONCE = 10
_SIGNS = {WHOLE: "success"}
# the homes whose addresses this process has told that nothing can be written down
_notified_directly: set[Path] = set()


@contextmanager
def record_run(
    home: Path, kind: str, arguments: Mapping[str, Any] | str, now: datetime, reporter: Reporter
) -> Iterator[Run]:
    """A run of the journal of which somebody is told: of earlier ones that nobody was told of before it, of itself after it.

    A run that is stopped by hand ends at once; the next start accounts for it.
    """
    sending = _begin_to_notify(home, reporter)
    # what was said before the run is none of its problems
    reporter.problems.clear()
    run_id = ""
    try:
        with Journal(home).record_run(kind, arguments, now) as run:
            run_id = run.run_id
            run.problems = reporter.problems
            yield run
    except Exception as error:
        sending.join()
        text = arguments if isinstance(arguments, str) else json.dumps(dict(arguments), default=str)
        message = str(error) if isinstance(error, BreadthwiseError) else f"{type(error).__name__}: {error}"
        failed = {"run_id": run_id, "kind": kind, "arguments": text, "started_at": now, "message": message}
        _notify(home, reporter, _account_for_runs, failed)
        raise
    sending.join()
    notify(home, reporter)


@contextmanager
def record_failure_to_begin(
    home: Path,
    kind: str,
    arguments: dict[str, Any],
    now: datetime,
    reporter: Reporter,
    due: Callable[[datetime], datetime] = lambda now: now,
) -> Iterator[None]:
    """Where somebody is told: an error inside, before a run of this kind was recorded, is recorded as one, and told of. A daily
    run of no session by name is recorded with the one that it was `due` for.

    Wrong use is told to who typed it, and to nobody else.
    """
    known = _newest_run(home, kind)
    try:
        yield
    except Exception as error:
        is_wrong_use = isinstance(error, UsageError) and not isinstance(error, SettingsError)
        if not is_wrong_use and _is_anybody_notified(home) and _newest_run(home, kind) == known:
            if kind == "daily" and arguments.get("session") is None:
                arguments = {**arguments, "session": _session_due(due(now))}
            _record_as_run(home, kind, arguments, now, reporter, error)
        raise


def _newest_run(home: Path, kind: str) -> str:
    """'' where there is none, or where the journal cannot be read."""
    with suppress(BreadthwiseError, OSError):
        return next((run["run_id"] for run in Journal(home).list_runs() if run["kind"] == kind), "")
    return ""


def _is_anybody_notified(home: Path) -> bool:
    """Whether there are addresses, or were, so that somebody may be told once the settings can be read again."""
    try:
        return bool(read_addresses(home))
    except SettingsError:
        with suppress(BreadthwiseError, OSError):
            return Outbox(home).is_begun()
    return False


def _session_due(due: datetime) -> Any:
    # the settings may be what is refused
    return calendar.last_completed_session(due, Settings().close_margin_minutes)


def _record_as_run(
    home: Path, kind: str, arguments: dict[str, Any], now: datetime, reporter: Reporter, error: Exception
) -> None:
    problems = list(reporter.problems)
    try:
        with record_run(home, kind, arguments, now, reporter):
            reporter.problems.extend(problems)
            raise error
    except Exception as raised:  # noqa: BLE001 - the error is raised by the caller; one of the journal has been told of
        if raised is not error:
            reporter.print_problem(f"this run is not recorded: {raised}")


def notify(home: Path, reporter: Reporter) -> None:
    """Account for the runs that have ended and send what waits. Never raises; takes half a minute at most."""
    _notify(home, reporter, _account_for_runs)


def notify_of_missed(home: Path, reporter: Reporter, session: Any, why: str) -> None:
    """The same, and of `session`, whose run should have begun, that it has not; once, and not where it has."""

    def account(home: Path, outbox: Outbox, addresses: Sequence[str]) -> None:
        _account_for_runs(home, outbox, addresses)
        runs = Journal(home).list_runs()
        if MISSED in watched_events(home) and session > max(sessions_run(runs), default=session):
            outbox.add(alert_of_missed(home, [session], to_utc_text(datetime.now(UTC)), why), addresses)

    _notify(home, reporter, account)


_Account = Callable[[Path, Outbox, Sequence[str]], None]


def _notify(home: Path, reporter: Reporter, account: _Account, failed: Row | None = None) -> None:
    """`failed` is a run that failed, for the case that the journal has no word of its end."""
    addresses = list[Address]()
    try:
        addresses, outbox = read_addresses(home), Outbox(home)
        if not addresses and not outbox.is_begun():
            return
        with _hold_lock(home, _LOCK_SECONDS) as is_ours:
            if not is_ours:
                reporter.print_line(f"alerts: another process of this home sends them still; {_later(home)}")
                return
            _account(home, outbox, addresses, account)
            for line in _send_waiting(outbox, addresses):
                reporter.print_problem(f"{line}; {_later(home)}")
            if failed is not None and failed["kind"] in KINDS and failed["run_id"] not in outbox.known_ids():
                _notify_directly(home, reporter, addresses, failed, None)
    except SettingsError:
        # whom to tell cannot be read: what there is to tell stays for when it can
        return
    except Exception as error:  # noqa: BLE001 - a run is what it is, whether somebody can be told of it or not
        reporter.print_problem(f"alerts: {type(error).__name__}: {error}; {_later(home)}")
        _notify_directly(home, reporter, addresses, failed, error)


def _begin_to_notify(home: Path, reporter: Reporter) -> threading.Thread:
    """Account for what was before a run, and send it beside the run, in a thread that is returned. What goes wrong is said at its
    end, where all this is tried again."""
    aside = replace(reporter, problems=[])

    def send(outbox: Outbox, addresses: Sequence[Address]) -> None:
        with suppress(Exception), _hold_lock(home, _LOCK_SECONDS) as is_ours:
            for line in _send_waiting(outbox, addresses) if is_ours else ():
                aside.print_problem(f"{line}; {_later(home)}")

    sending = threading.Thread(target=lambda: None)
    with suppress(Exception):
        addresses, outbox = read_addresses(home), Outbox(home)
        if addresses or outbox.is_begun():
            with _hold_lock(home, 0.0) as is_ours:
                if is_ours:
                    _account(home, outbox, addresses, _account_for_runs)
            if outbox.list_waiting():
                sending = threading.Thread(target=send, args=(outbox, addresses), name="alerts", daemon=True)
    sending.start()
    return sending


def _account(home: Path, outbox: Outbox, addresses: Sequence[Address], account: _Account) -> None:
    """Begin to account for runs where nobody did so far; what waits for an address that is gone goes to those that are there."""
    if not outbox.is_begun():
        # one that is under way ends when somebody is there to be told
        before = (run["run_id"] for run in Journal(home).list_runs() if run["status"] != "running")
        outbox.begin(before, datetime.now(UTC))
    digests = [address.digest for address in addresses]
    outbox.move_waiting(digests)
    account(home, outbox, digests)


def _notify_directly(
    home: Path, reporter: Reporter, addresses: Sequence[Address], failed: Row | None, error: Exception | None
) -> None:
    """Once a process, where nothing can be written down: a full disk or a damaged journal is when somebody should know."""
    if not addresses or home in _notified_directly or FAILED not in watched_events(home):
        return
    _notified_directly.add(home)
    message = Message(*unwritten(home, failed, error), "failure")
    reasons = send_to_all([(one, message) for one in addresses])
    for one in addresses:
        if reasons[one.digest]:
            reporter.print_problem(f"{one.name} did not take an alert: {reasons[one.digest]}")


def _later(home: Path) -> str:
    return f"the next start of a run sends what waits; `{command_on_home(home)} alerts --try` tries each address"


@contextmanager
def _hold_lock(home: Path, seconds: float) -> Iterator[bool]:
    """Whether the lock is ours, after a wait of at most `seconds` for who has it."""
    deadline = time.monotonic() + seconds
    while True:
        with try_lock(home / LOCK) as holder:
            if holder is None:
                yield True
                return
        if time.monotonic() >= deadline:
            yield False
            return
        time.sleep(_POLL_SECONDS)


def _account_for_runs(home: Path, outbox: Outbox, addresses: Sequence[str]) -> None:
    """An alert, or its absence, for each run that has ended and was not accounted for, the first begun first."""
    journal, known, watched = Journal(home), outbox.known_ids(), watched_events(home)
    runs = journal.list_runs()
    by_id = {run["run_id"]: run for run in runs}
    for place in range(len(runs) - 1, -1, -1):
        run = runs[place]
        if run["run_id"] in known or run["kind"] not in KINDS or run["status"] == "running":
            continue
        made_at = to_utc_text(datetime.now(UTC))
        if run["kind"] == "daily" and MISSED in watched:
            for missed in _missed_before(home, outbox, runs[place:], made_at, known):
                outbox.add(missed, addresses)
        notices = journal.list_notices(run["run_id"])
        row = row_of_faults(run, outbox.list_counted(run["kind"]), by_id)
        outbox.add(alert_of_run(home, run, notices, row, watched, made_at), addresses)


def _missed_before(
    home: Path, outbox: Outbox, runs: Sequence[dict[str, Any]], made_at: str, known: set[str]
) -> Iterator[Alert]:
    """The sessions that had no run before the first of these runs, but those that were told of."""
    own = max(sessions_run(runs[:1]), default=None)
    if own is None:
        return
    noted = {one.removeprefix("missed ") for one in known}
    days = [day for day in missed_between(runs[1:], own, outbox.begun_at()) if str(day) not in noted]
    if days:
        yield alert_of_missed(home, days, made_at, f"between two daily runs, the later of which is of {own}")


def _send_waiting(outbox: Outbox, addresses: Sequence[Address]) -> Iterator[str]:
    """Send to each address what waits for it, as one message; a line for each that did not take it, unless it said so before.

    An address that was too slow is asked again only after a pause what it was asked before, and may have taken.
    """
    waiting, paused = outbox.list_waiting(), outbox.paused_addresses(datetime.now(UTC))
    open_now = [one for one in waiting if one.address not in paused or not is_slow(one.error)]
    by_address = [(one, [item for item in open_now if item.address == one.digest]) for one in addresses]
    found = {one.digest: (one, items) for one, items in by_address if items}
    reasons = send_to_all([(one, _message([item.alert for item in items])) for one, items in found.values()])
    for digest, (address, items) in found.items():
        reason = reasons[digest]
        outbox.record_try(digest, [item.alert.alert_id for item in items], datetime.now(UTC), reason)
        if is_slow(reason):
            outbox.pause(digest, datetime.now(UTC))
        else:
            outbox.end_pause(digest)
        if reason and any(item.error != reason for item in items):
            yield f"{address.name} did not take an alert: {reason}"


def _message(alerts: Sequence[Alert]) -> Message:
    """The alerts that wait for an address, the newest first, as one message with the worst sign of them."""
    newest = alerts[0]
    if len(alerts) == 1:
        return Message(newest.subject, newest.body, _SIGNS.get(newest.state, "failure"))
    parts = [newest.body, *(f"{one.subject}\n{one.body}" for one in alerts[1:_MOST_AT_ONCE])]
    if len(alerts) > _MOST_AT_ONCE:
        parts.append(f"and {len(alerts) - _MOST_AT_ONCE} more before these")
    faults = sum(one.state == FAULT for one in alerts)
    bad = f" ({faults} of faults)" if faults and newest.state != FAULT else ""
    sign = "failure" if faults else _SIGNS.get(newest.state, "failure")
    return Message(f"{newest.subject}, and {len(alerts) - 1} earlier{bad}", "\n\n".join(parts), sign)
