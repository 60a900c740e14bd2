"""The schedule in one process: a Prefect server of the home (unless one is configured) and a runner for the deployments."""

from __future__ import annotations

import signal
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import UUID

from flows.console.context import Reporter
from flows.orchestration.deployments import NAMES, make_deployments
from flows.orchestration.prefect_setup import use_home
from flows.orchestration.schedule import CRON, PARAMETERS, TIMEZONE
from flows.orchestration.server import running_server

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment


def serve_schedules(
    home: Path, reporter: Reporter, cron: str = CRON, also_at: datetime | None = None, limit: int = 1
) -> None:
    """Run the deployments, `daily` and `maintenance` by their schedules, until interrupted.

    `also_at` adds one run at that instant (aware), whatever the day. A server is started on a free port of the loopback,
    with its database under the home, unless PREFECT_API_URL names one.
    """
    use_home(home)
    with running_server(home, reporter, is_scheduling=True) as url:
        # imported late: prefect reads its settings on import
        from prefect import serve as serve_deployments

        served = make_deployments(cron)
        if also_at is not None:
            _schedule_once(served[NAMES.index("daily")], also_at)
        reporter.print_line(
            f"serving `daily` ({cron} {TIMEZONE}) for {home}; Prefect at {url.removesuffix('/api')}; stop with Ctrl-C"
        )
        # asyncio then stops the runner in order, which cancels what runs; prefect does the same for SIGTERM
        signal.signal(signal.SIGINT, signal.default_int_handler)
        serve_deployments(*served, pause_on_shutdown=False, print_starting_message=False, limit=limit)
        reporter.print_line("stopped serving")


def _schedule_once(deployment: RunnerDeployment, at: datetime) -> None:
    """One run at `at`, whatever the day. As a run, not as a schedule: a schedule whose only instant has passed while the
    server started would never run, and nobody would hear of it."""
    from prefect.client.orchestration import get_client
    from prefect.states import Scheduled

    parameters = {**PARAMETERS, "only_on_sessions": False}
    with get_client(sync_client=True) as client:
        name = cast(UUID, deployment.apply())
        client.create_flow_run_from_deployment(name, parameters=parameters, state=Scheduled(scheduled_time=at))
