"""The schedule in one process: a Prefect server of the home (unless one is configured) and a runner for `daily`."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import UUID

from flows.console.context import Reporter
from flows.orchestration.prefect_setup import use_home
from flows.orchestration.schedule import CRON, PARAMETERS, TIMEZONE
from warehouse.errors import BreadthwiseError

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

_START_SECONDS = 180


class ServerError(BreadthwiseError):
    """The Prefect server could not be started or reached."""


def serve(home: Path, reporter: Reporter, cron: str = CRON, also_at: datetime | None = None, limit: int = 1) -> None:
    """Run the deployment `daily` by its schedule until interrupted.

    `also_at` adds one run at that instant (aware), whatever the day. A server is started on a free port of the loopback,
    with its database under the home, unless PREFECT_API_URL names one.
    """
    use_home(home)
    with _server(home, reporter) as url:
        os.environ["PREFECT_API_URL"] = url
        # imported late: prefect reads its settings on import
        from prefect import serve as serve_deployments
        from prefect.deployments.runner import RunnerDeployment
        from prefect.schedules import Cron

        from flows.daily.flow import daily

        deployment = RunnerDeployment.from_flow(
            daily, name="daily", schedules=[Cron(cron, timezone=TIMEZONE)], parameters=PARAMETERS
        )
        # by module, not by path: a path would put flows/ first among the places of import
        deployment.entrypoint = "flows.daily.flow:daily"
        if also_at is not None:
            _schedule_once(deployment, also_at)
        reporter.line(
            f"serving `daily` ({cron} {TIMEZONE}) for {home}; Prefect at {url.removesuffix('/api')}; stop with Ctrl-C"
        )
        serve_deployments(deployment, pause_on_shutdown=False, print_starting_message=False, limit=limit)


def _schedule_once(deployment: RunnerDeployment, at: datetime) -> None:
    """One run at `at`, whatever the day. As a run, not as a schedule: a schedule whose only instant has passed while the
    server started would never run, and nobody would hear of it."""
    from prefect.client.orchestration import get_client
    from prefect.states import Scheduled

    parameters = {**PARAMETERS, "only_on_sessions": False}
    with get_client(sync_client=True) as client:
        name = cast(UUID, deployment.apply())
        client.create_flow_run_from_deployment(name, parameters=parameters, state=Scheduled(scheduled_time=at))


@contextlib.contextmanager
def _server(home: Path, reporter: Reporter) -> Iterator[str]:
    configured = os.environ.get("PREFECT_API_URL")
    if configured:
        yield configured
        return
    port = _free_port()
    log = home / "prefect" / "server.log"
    reporter.line("starting a Prefect server (about 20 seconds) ...")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"],
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}/api"
    try:
        _wait_until_healthy(url, process, log)
        yield url
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerError(f"the Prefect server ended with code {process.returncode} before it was up; see {log}")
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        time.sleep(0.5)
    raise ServerError(f"the Prefect server was not up after {_START_SECONDS} s; see {log}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
