"""What a run of a flow is called in Prefect's user interface: what it does, and of which days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from flows.daily.holes import has_session
from flows.daily.steps import session_to_run
from sources.settings import load_settings as load_settings
from warehouse.errors import BreadthwiseError
from warehouse.home import data_home as default_home


def daily_run_name() -> str:
    """Such as `daily 2026-01-23`: the session, also where it follows from the clock."""
    given = _run_parameters()
    home = Path(given["home"]) if given.get("home") else default_home()
    session = _parse_day(given.get("session"))
    now = datetime.now(UTC)
    try:
        settings = load_settings(home)
        stored = partial(has_session, home, settings)
        day, reason = session_to_run(session, now, settings, bool(given.get("only_on_sessions")), due_at(now), stored)
    except BreadthwiseError:
        # the run itself says what is wrong with it
        return f"daily {session}" if session else "daily"
    return f"daily {day}" if day else f"daily, {reason.partition(':')[0]}"


def due_at(now: datetime) -> datetime:
    """When the flow run that is under way should have begun, by its schedule; `now` where it has none."""
    from prefect.runtime import deployment, flow_run

    return min(now, flow_run.scheduled_start_time) if deployment.id else now


def backfill_run_name() -> str:
    """Such as `backfill 1999..2024`, or with days where they lie in one year."""
    given = _run_parameters()
    start, end = _parse_day(given.get("start")), _parse_day(given.get("end"))
    if start is None or end is None:
        return "backfill"
    return f"backfill {start.year}..{end.year}" if start.year < end.year else f"backfill {start}..{end}"


def _run_parameters() -> dict[str, Any]:
    from prefect.runtime import flow_run

    return dict(flow_run.parameters or {})


def _parse_day(value: Any) -> date | None:
    return date.fromisoformat(value[:10]) if isinstance(value, str) else value
