"""The deployments: what can be run from Prefect's user interface, and what runs by a schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.orchestration.schedule import CRON, PARAMETERS, TIMEZONE, WEEKLY_CRON

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

NAMES = ("daily", "backfill", "import_files", "build", "maintenance")
TAG = "breadthwise"


def make_deployments(cron: str = CRON, **common: Any) -> list[RunnerDeployment]:
    """All of NAMES, in that order; `common` goes to each (work pool, job variables). Imports prefect."""
    from prefect.deployments.runner import RunnerDeployment
    from prefect.schedules import Cron

    from flows.backfill.flow import backfill
    from flows.build.flow import build, import_files
    from flows.daily.flow import daily
    from flows.maintenance.flow import maintenance

    made: list[tuple[Any, str, dict[str, Any]]] = [
        (
            daily,
            "daily.flow",
            {"parameters": PARAMETERS, "schedules": [Cron(cron, timezone=TIMEZONE)], "concurrency_limit": 1},
        ),
        (backfill, "backfill.flow", {}),
        (import_files, "build.flow", {}),
        (build, "build.flow", {}),
        (maintenance, "maintenance.flow", {"schedules": [Cron(WEEKLY_CRON, timezone=TIMEZONE)]}),
    ]
    found = []
    for name, (flow, module, more) in zip(NAMES, made, strict=True):
        one = RunnerDeployment.from_flow(flow, name=name, tags=[TAG, name], **more, **common)
        # by module, not by path: a path would put flows/ first among the places of import
        one.entrypoint = f"flows.{module}:{name}"
        found.append(one)
    return found
