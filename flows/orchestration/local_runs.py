"""Running a flow in this process, with Prefect's settings for the home, and its end as an exit code."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from expectations.gx_import import import_great_expectations
from flows.console.context import Reporter
from flows.daily import steps
from flows.daily.offline import run_offline
from flows.fetch.reachable import OfflineError, askable_sources, probe_hosts
from flows.orchestration.deployments import TAG
from flows.orchestration.prefect_setup import use_home
from flows.orchestration.server import running_server
from warehouse.errors import BreadthwiseError
from warehouse.process import long_lived
from warehouse.settings import Settings


class RunFailed(BreadthwiseError):
    """A flow that ended without what it is for; its message says why."""


def run_daily(home: Path, settings: Settings, reporter: Reporter, session: date | None, history: int = 0) -> int:
    """The daily flow once, with `history` sessions before it filled; returns the exit code. Errors of ours come out as they are.

    Where not one host answers the flow is not started: what the lake has is built, or OfflineError says why nothing is.
    Raises UsageError for a day that is not a trading session or has not ended, before anything is started.
    """
    now = datetime.now(UTC)
    day, _ = steps.session_to_run(session, now, settings, only_on_sessions=False)
    asked = askable_sources(steps.datasets_to_ask(settings), settings)
    found = probe_hosts(home, settings, (source for of in asked.values() for source in of), lambda: datetime.now(UTC))
    if day is not None and found.is_offline:
        return run_offline(home, settings, reporter, now, day, found, asked)
    use_home(home, is_shown_by_us=True)
    with running_server(home, reporter, is_scheduling=False, meanwhile=partial(_import, "flows.daily.flow")):
        from prefect import tags

        from flows.daily.flow import daily

        with tags(TAG, "daily"):
            state = daily(session=session, home=str(home), history=history, quiet=reporter.quiet, return_state=True)
            return exit_code_of_state(state)


def run_backfill(home: Path, settings: Settings, reporter: Reporter, served: Sequence[str], **arguments: Any) -> int:
    """The backfill flow once, with its parameters as `arguments`; returns the exit code.

    Raises OfflineError where no host of a source of the datasets `served` answers, before anything is started.
    """
    asked = askable_sources(served, settings)
    found = probe_hosts(home, settings, (source for of in asked.values() for source in of), lambda: datetime.now(UTC))
    if found.is_offline:
        raise OfflineError(f"{found} Nothing was asked; the same command goes on later")
    use_home(home, is_shown_by_us=True)
    with running_server(home, reporter, is_scheduling=False, meanwhile=partial(_import, "flows.backfill.flow")):
        from prefect import tags

        from flows.backfill.flow import backfill

        with tags(TAG, "backfill"):
            return exit_code_of_state(backfill(home=str(home), return_state=True, **arguments))


def _import(flow: str) -> None:
    """The module of a flow, with Prefect, and Great Expectations, which the first batch would wait for."""
    with long_lived():
        importlib.import_module(flow)
        import_great_expectations()


def exit_code_of_state(state: Any) -> int:
    """0 or 3 by how a flow ended. Raises the error that ended it, RunFailed with the message of one that says it has failed."""
    if state.is_completed():
        return 3 if state.name == "Gaps" else 0
    from prefect.exceptions import FailedRun

    try:
        state.result()  # raises what ended the flow
    except FailedRun as error:
        raise RunFailed(str(error)) from error
    return 1
