"""Running a flow in this process, with Prefect's settings for the home, and its end as an exit code."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flows.console.context import Reporter
from flows.daily import steps
from flows.orchestration.prefect_setup import use_home
from warehouse.settings import Settings


def run_daily(home: Path, settings: Settings, reporter: Reporter, session: date | None) -> int:
    """The daily flow once; returns the exit code. Errors of ours come out as they are.

    Raises UsageError for a day that is not a trading session or has not ended, before anything is started.
    """
    steps.session_to_run(session, datetime.now(UTC), settings, only_on_sessions=False)
    use_home(home)
    reporter.line("starting Prefect (about 15 seconds) ...")
    from flows.daily.flow import daily

    return _exit_code(daily(session=session, home=str(home), return_state=True))


def run_backfill(home: Path, reporter: Reporter, **arguments: Any) -> int:
    """The backfill flow once, with its parameters as `arguments`; returns the exit code."""
    use_home(home)
    reporter.line("starting Prefect (about 15 seconds) ...")
    from flows.backfill.flow import backfill

    return _exit_code(backfill(home=str(home), return_state=True, **arguments))


def _exit_code(state: Any) -> int:
    if state.is_completed():
        return 3 if state.name == "Gaps" else 0
    state.result()  # raises what ended the flow
    return 1
