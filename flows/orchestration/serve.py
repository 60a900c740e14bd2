"""The schedule in one process: a Prefect server of the home (unless one is configured) and a runner for the deployments."""

from __future__ import annotations

import asyncio
import signal
import threading
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from flows.alerts.notifying import notify
from flows.console.context import Reporter
from flows.orchestration.dead_runs import crash_dead_runs
from flows.orchestration.deployments import NAMES, make_deployments
from flows.orchestration.prefect_setup import use_home
from flows.orchestration.schedule import CRON, PARAMETERS, TIMEZONE
from flows.orchestration.server import is_configured, is_served_by_another, running_server
from flows.orchestration.watching import watch_runs
from warehouse.errors import UsageError

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

STOPPING = "stopping; a run under way is told to end, and ended after 30 s if it has not"


def serve_schedules(home: Path, reporter: Reporter, cron: str = CRON, also_at: datetime | None = None) -> None:
    """Run the deployments, `daily` and `maintenance` by their schedules, until interrupted.

    `also_at` adds one run at that instant (aware), whatever the day. A server is started on a free port of the loopback,
    with its database under the home, unless PREFECT_API_URL names one. One run of each deployment at a time: a daily run
    waits for another one and goes on beside a backfill. Raises UsageError for a cron that Prefect refuses.
    """
    use_home(home)
    is_ours = not is_configured()
    with running_server(home, reporter, is_scheduling=True, meanwhile=partial(_check_cron, cron)) as url:
        if is_ours and not is_served_by_another(home):
            crash_dead_runs(reporter)
        notify(home, reporter)
        served = make_deployments(cron)
        for deployment in served:
            deployment.concurrency_limit = 1
        if also_at is not None:
            _schedule_once(served[NAMES.index("daily")], also_at)
        reporter.print_line(
            f"serving `daily` ({cron} {TIMEZONE}) for {home}; Prefect at {url.removesuffix('/api')}; stop with Ctrl-C"
        )
        stopping = threading.Event()
        watch_runs(home, reporter, cron, stopping)
        _run_until_stopped(served, reporter)
        stopping.set()
        reporter.print_line("stopped serving")


def _run_until_stopped(served: list[RunnerDeployment], reporter: Reporter) -> None:
    """Prefect's runner, which says at once that it was told to stop: it cancels what runs, and waits for it."""
    # imported late: prefect reads its settings on import
    from prefect.runner import Runner

    class Announcing(Runner):
        def handle_sigterm(self, *args: Any, **kwargs: Any) -> None:
            if not self.stopping:
                reporter.print_line(STOPPING)
            super().handle_sigterm(*args, **kwargs)

    runner = Announcing(pause_on_shutdown=False, limit=len(served))
    for deployment in served:
        runner.add_deployment(deployment)
    # both signals stop the runner in order, which cancels what runs; it takes SIGTERM for itself
    signal.signal(signal.SIGINT, runner.handle_sigterm)
    asyncio.run(runner.start())


def _check_cron(cron: str) -> None:
    """Raises UsageError for a schedule that Prefect refuses."""
    from prefect.schedules import Cron

    try:
        Cron(cron, timezone=TIMEZONE)
    except ValueError as error:
        raise UsageError(
            f"--cron {cron!r}: Prefect refuses it; write minute, hour, day, month and weekday, such as {CRON!r}"
        ) from error


def _schedule_once(deployment: RunnerDeployment, at: datetime) -> None:
    """One run at `at`, whatever the day. As a run, not as a schedule: a schedule whose only instant has passed while the
    server started would never run, and nobody would hear of it."""
    from prefect.client.orchestration import get_client
    from prefect.states import Scheduled

    parameters = {**PARAMETERS, "only_on_sessions": False}
    with get_client(sync_client=True) as client:
        name = cast(UUID, deployment.apply())
        client.create_flow_run_from_deployment(name, parameters=parameters, state=Scheduled(scheduled_time=at))
