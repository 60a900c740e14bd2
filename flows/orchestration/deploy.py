"""Registering the deployments with a Prefect server that somebody runs already."""

from __future__ import annotations

import os
from pathlib import Path

from flows.orchestration.deployments import make_deployments
from flows.orchestration.prefect_setup import use_home
from flows.orchestration.server import check_server_answers
from warehouse.errors import BreadthwiseError, UsageError

ROOT = Path(__file__).resolve().parents[2]


class DeploymentError(BreadthwiseError):
    """The Prefect server refused a deployment."""


def register_deployments(home: Path, work_pool: str) -> list[str]:
    """Make the work pool where it is missing and register all deployments, `daily` and `maintenance` with their schedules.

    The worker runs them in this project's folder, on `home`. Returns their names. Raises UsageError without
    PREFECT_API_URL, ServerError where nobody answers there, DeploymentError where the server refuses.
    """
    url = os.environ.get("PREFECT_API_URL")
    if not url:
        raise UsageError(
            "deploy needs a Prefect server: set PREFECT_API_URL, or run `breadthwise serve`, which needs none"
        )
    check_server_answers(url)
    use_home(home)
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectNotFound, PrefectException

    try:
        with get_client(sync_client=True) as client:
            try:
                client.read_work_pool(work_pool)
            except ObjectNotFound:
                client.create_work_pool(WorkPoolCreate(name=work_pool, type="process"))
            names = []
            variables = {"working_dir": str(ROOT), "env": {"BREADTHWISE_HOME": str(home)}}
            for deployment in make_deployments(work_pool_name=work_pool, job_variables=variables):
                deployment.apply()
                names.append(f"{deployment.flow_name}/{deployment.name}")
            return names
    except (PrefectException, OSError) as error:
        reason = " ".join(str(error).split())[:300]
        raise DeploymentError(f"the Prefect server at {url} refused: {reason}") from error
