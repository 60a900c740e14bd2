"""Runs that a killed `serve` left under way: they hold the slot of their deployment, of which no other could begin."""

from __future__ import annotations

from flows.console.context import Reporter

MESSAGE = "the `serve` that ran it ended without a word; what it committed stays"
_UNDER_WAY = ("RUNNING", "PENDING", "CANCELLING")


def crash_dead_runs(reporter: Reporter) -> int:
    """Mark the runs of all deployments that are under way Crashed and give their slots back; returns how many there were.

    For the server of a home that nobody else serves, before the first run begins: who ran them has gone, with its server.
    Runs of no deployment are left, for another command of the home may be at them.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterDeploymentId,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.states import Crashed

    under_way = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType(name) for name in _UNDER_WAY]))
    of_deployments = FlowRunFilter(state=under_way, deployment_id=FlowRunFilterDeploymentId(is_null_=False))
    with get_client(sync_client=True) as client:
        dead = client.read_flow_runs(flow_run_filter=of_deployments)
        for run in dead:
            client.set_flow_run_state(run.id, Crashed(message=MESSAGE), force=True)
            reporter.print_line(f"the run `{run.name}` was cut off: {MESSAGE}")
        for limit in (one.global_concurrency_limit for one in client.read_deployments()):
            if limit is not None and limit.active_slots:
                client.update_global_concurrency_limit(limit.name, GlobalConcurrencyLimitUpdate(active_slots=0))
    return len(dead)
