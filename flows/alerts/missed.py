"""Sessions of which no daily run took place: between two runs, and since one that was due by the schedule of `serve`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flows.alerts.messages import NEW_YORK, given_arguments
from warehouse import calendar
from warehouse.runs.journal import STOPPED

# over a weekend and the holidays beside it
_LOOK_BACK = timedelta(days=8)


def sessions_run(runs: Iterable[Mapping[str, Any]]) -> set[date]:
    """The sessions of daily runs, however they ended; one that was stopped by hand has not taken place."""
    found = set()
    for run in runs:
        if run["kind"] == "daily" and run["message"] != STOPPED:
            session = given_arguments(run).get("session")
            if session:
                found.add(date.fromisoformat(session[:10]))
    return found


def missed_between(runs: Iterable[Mapping[str, Any]], session: date, since: datetime) -> list[date]:
    """The sessions between the newest one of these runs and a later one, of those that closed after `since`."""
    newest = max(sessions_run(runs), default=session)
    between = calendar.sessions_between(newest + timedelta(days=1), session - timedelta(days=1))
    return [day for day in between if calendar.session_close(day) > since]


def session_due(cron: str, now: datetime, margin_minutes: int) -> date | None:
    """The session of the run that was due last by `cron` (New York time) at `now`; None where none was due for a week."""
    from cronsim import CronSim

    due: datetime | None = None
    for instant in CronSim(cron, (now - _LOOK_BACK).astimezone(NEW_YORK)):
        if instant > now:
            break
        due = instant
    return None if due is None else calendar.last_completed_session(due, margin_minutes)
