"""The flows through a real Prefect server: a day, a holiday, and the schedule in one process."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import duckdb
import pytest

from flows.orchestration.local_runs import RunFailed, exit_code_of_state
from flows.orchestration.prefect_setup import use_home
from sources import plan
from sources.mock_api import MockApi
from sources.providers import simulated
from tests.integration.conftest import ROOT, breadthwise
from tests.support.patience import HANG_SECONDS, wait_until
from warehouse.runs.journal import Journal

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    use_home(tmp_path_factory.mktemp("prefect"))
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=int(HANG_SECONDS)):
        yield


@pytest.fixture
def runs_of_prefect(prefect_server: None) -> Any:
    from prefect.client.orchestration import get_client

    def read() -> list[Any]:
        with get_client(sync_client=True) as client:
            return client.read_flow_runs()

    return read


def _newest(home: Path) -> date:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        found: date = connection.sql("select max(session_date) from reports.headline_indices").fetchall()[0][0]
        return found


def test_prefect_does_not_look_into_what_a_task_is_given(prefect_server: None) -> None:
    from prefect.utilities.collections import visit_collection
    from prefect.utilities.engine import resolve_to_final_result

    from flows.daily.flow import _as_it_is

    looked_at: list[Any] = []

    def resolve(one: Any, context: dict[str, Any]) -> Any:
        looked_at.append(one)
        return resolve_to_final_result(one, context)

    given = {"universe": ["AAPL"]}
    context: dict[str, Any] = {"parameter_name": "work"}
    found = visit_collection(_as_it_is(given), resolve, return_data=True, context=context, remove_annotations=True)
    assert found is given
    assert "AAPL" not in looked_at


def test_a_day_is_fetched_built_published_and_shown(
    prefect_server: None, runs_of_prefect: Any, demo_home: Path
) -> None:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    from flows.daily.flow import daily

    assert _newest(demo_home) == date(2026, 1, 22)
    state: Any = daily(session=date(2026, 1, 23), home=str(demo_home), return_state=True)
    assert state.is_completed()
    assert state.name == "Completed", state.message
    assert _newest(demo_home) == date(2026, 1, 23)
    with get_client(sync_client=True) as client:
        artifacts = client.read_artifacts()
    shown = {str(found.key): found for found in artifacts}
    assert all(
        "2026-01-23" in str(shown[name].description) for name in ("headline", "breadth", "sectors", "data-quality")
    )
    assert '"SPX"' in str(shown["headline"].data)
    assert '"XLK"' in str(shown["sectors"].data)
    assert '"advances"' in str(shown["breadth"].data)
    (run,) = [run for run in Journal(demo_home).list_runs() if run["kind"] == "daily"]
    assert run["status"] == "done"
    assert run["fetched"] == run["accepted"] + run["known"] + run["quarantined"]
    assert run["accepted"] > 600
    # a second run of the day adds nothing, nor does the history that is there already
    again: Any = daily(session=date(2026, 1, 23), home=str(demo_home), history=3, return_state=True)
    assert again.is_completed()
    fill, second = Journal(demo_home).list_runs(2)
    assert (fill["kind"], fill["accepted"]) == ("backfill", 0)
    assert second["accepted"] == 0
    assert second["fetched"] == second["known"] > 9_000
    # one task a dataset, one for the build, one for the page: never one a symbol
    (flow_run,) = [found for found in runs_of_prefect() if found.id == state.state_details.flow_run_id]
    assert (flow_run.state_name, flow_run.name) == ("Completed", "daily 2026-01-23")
    with get_client(sync_client=True) as client:
        tasks = client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[flow_run.id])))
    assert len(tasks) == 14
    assert {"ingest index_bars", "build and publish", "report"} <= {task.name for task in tasks}
    # what a terminal shows is in the run's log, and in that of the task that says it
    log_lines = logged(flow_run.id)
    assert any(text.startswith("report ") for text, of_task in log_lines if not of_task)
    assert any(text.startswith("index_bars: ") for text, of_task in log_lines if of_task)
    assert [text for text, _ in log_lines if text.startswith("run for ")] == [f"run for 2026-01-23: {state.message}"]


def logged(flow_run_id: Any) -> list[tuple[str, bool]]:
    """The lines of a run's log, each with whether a task said it."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
    from prefect.logging.handlers import APILogWorker

    APILogWorker.drain_all()
    with get_client(sync_client=True) as client:
        found = client.read_logs(log_filter=LogFilter(flow_run_id=LogFilterFlowRunId(any_=[flow_run_id])), limit=200)
    return [(one.message, one.task_run_id is not None) for one in found]


def test_a_dataset_that_failed_wholly_is_tried_again(
    prefect_server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The host fails four times, which is one try of the client; the second try by Prefect has the bars. A host that
    stays away is a gap after three tries."""
    import flows.daily.flow as module
    from sources.http.client import Client, HttpSettings

    def impatient(home: Path, settings: Any, clock: Any) -> Client:
        return Client(home, clock, HttpSettings(pace=settings.pace, backoff_seconds=0.01), settings.base_urls)

    monkeypatch.setattr(module, "make_client", impatient)
    monkeypatch.setattr(module, "ingest_dataset", module.ingest_dataset.with_options(retry_delay_seconds=0.1))
    day = date(2026, 1, 23)
    with MockApi(simulated.generate_market(end=day, symbols=60)) as api:
        api.faults.order_faults("*/chart/^GSPC", "server_error", times=4)
        home = _home_of_indices(tmp_path / "once", api)
        state: Any = module.daily(session=day, home=str(home), return_state=True)
        assert (state.name, _tries(state)) == ("Completed", 2)
        (said,) = [line for line in capsys.readouterr().err.splitlines() if line.endswith("; again in about 20 s")]
        assert said.startswith("index_bars: nothing came; ")
        api.faults.order_faults("*/chart/^GSPC", "server_error", times=100)
        # what the lake has already is not missed, so nothing is worth another try
        again: Any = module.daily(session=day, home=str(home), return_state=True)
        assert (again.name, _tries(again)) == ("Completed", 1)
        home = _home_of_indices(tmp_path / "away", api)
        away: Any = module.daily(session=day, home=str(home), return_state=True)
    assert (away.name, _tries(away)) == ("Failed", 3)
    with pytest.raises(
        RunFailed, match="^not one row came for 2026-01-23, and the lake is empty: there is nothing to build$"
    ):
        exit_code_of_state(away)
    assert exit_code_of_state(again) == 0


def _home_of_indices(home: Path, api: MockApi) -> Path:
    """A home that asks Yahoo for the S&P 500, and for nothing else."""
    home.mkdir()
    lines = ['symbols = { index_bars = ["SPX"] }', "[sources]"]
    lines += [f"{name} = {['yahoo_bars'] if name == 'index_bars' else []}" for name in plan.ORDER]
    lines += ["[base_urls]", *(f'"{host}" = "{url}"' for host, url in api.base_urls.items())]
    (home / "breadthwise.toml").write_text("\n".join(lines))
    return home


def _tries(state: Any) -> int:
    """How often the one task of ingestion ran."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    with get_client(sync_client=True) as client:
        mine = FlowRunFilter(id=FlowRunFilterId(any_=[state.state_details.flow_run_id]))
        tasks = client.read_task_runs(flow_run_filter=mine)
    [count] = [task.run_count for task in tasks if task.name == "ingest index_bars"]
    return count


def test_a_day_without_a_session_is_a_no_op_that_says_so(
    prefect_server: None, demo_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import flows.daily.flow

    class Birthday(datetime):
        """The evening of Martin Luther King's day; the lake has the session before it."""

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime(2026, 1, 19, 23, 30, tzinfo=UTC)

    monkeypatch.setattr(flows.daily.flow, "datetime", Birthday)
    before = os.readlink(demo_home / "warehouse.duckdb")
    state: Any = flows.daily.flow.daily(home=str(demo_home), only_on_sessions=True, return_state=True)
    assert state.is_completed()
    assert state.name == "NoSession"
    assert state.message == "2026-01-19 is not a trading session: nothing to do, the lake has 2026-01-16"
    assert os.readlink(demo_home / "warehouse.duckdb") == before


def test_files_are_imported_built_and_compacted_by_flows(
    prefect_server: None, runs_of_prefect: Any, tmp_path: Path
) -> None:
    from flows.build.flow import build, import_files
    from flows.maintenance.flow import maintenance

    home = tmp_path / "home"
    file = tmp_path / "SPX.csv"
    file.write_text("date,close\n2026-01-22,6913.35\n2026-01-23,6915.61\n")
    state: Any = import_files(str(file), "bars", "index_bars", home=str(home), return_state=True)
    assert state.is_completed()
    assert state.message == "index_bars: 2 rows = 2 new + 0 known + 0 quarantined"
    built: Any = build(home=str(home), return_state=True)
    assert built.is_completed()
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        found = connection.sql(
            "select close, return_1d_pct from reports.headline_indices order by session_date"
        ).fetchall()
    assert found == [(6913.35, None), (6915.61, 0.03)]
    kept: Any = maintenance(home=str(home), return_state=True)
    assert (kept.is_completed(), "files merged into" in kept.message) == (True, True)
    assert Journal(home).list_runs(1)[0]["kind"] == "compact"
    empty: Any = maintenance(home=str(tmp_path / "nothing"), return_state=True)
    assert empty.name == "NoLake"
    assert {f"import {file}", "build", "maintenance"} <= {run.name for run in runs_of_prefect()}


def test_deployments_are_registered(prefect_server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL

    from flows.orchestration.deploy import register_deployments

    url = PREFECT_API_URL.value()
    assert url is not None
    monkeypatch.setenv("PREFECT_API_URL", url)
    names = ("daily", "backfill", "import_files", "build", "maintenance")
    assert register_deployments(tmp_path, "evenings") == [f"{name}/{name}" for name in names]
    with get_client(sync_client=True) as client:
        found = client.read_deployment_by_name("daily/daily")
        assert found.entrypoint == "flows.daily.flow:daily"
        assert found.parameters == {"only_on_sessions": True}
        assert found.tags == ["breadthwise", "daily"]
        weekly = client.read_deployment_by_name("maintenance/maintenance")
        schedules: list[Any] = [one.schedules[0].schedule for one in (found, weekly)]
        assert client.read_deployment_by_name("backfill/backfill").schedules == []
    assert [(one.cron, one.timezone) for one in schedules] == [
        ("30 18 * * 1-5", "America/New_York"),
        ("0 6 * * 0", "America/New_York"),
    ]


def _ended_days(home: Path) -> list[dict[str, Any]]:
    return [run for run in Journal(home).list_runs() if run["kind"] == "daily" and run["ended_at"]]


def test_serve_runs_the_schedule_in_one_process(demo_home: Path) -> None:
    """`breadthwise serve` with a run some seconds ahead: it starts a server, runs, publishes, and ends on SIGTERM."""
    before = os.readlink(demo_home / "warehouse.duckdb")
    at = datetime.now(UTC) + timedelta(seconds=45)
    with (demo_home / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.cli", "serve", "--also-at", at.isoformat(timespec="seconds")],
            cwd=ROOT,
            env={**os.environ, "BREADTHWISE_HOME": str(demo_home)},
            stdout=log,
            stderr=log,
        )
    try:
        assert wait_until(lambda: bool(process.poll() is not None or _ended_days(demo_home)))
        done = _ended_days(demo_home)
        server_log = (demo_home / "serve.log").read_text()
        assert process.poll() is None, server_log
        assert done, server_log
        # the address that it prints is that of the user interface, which asks this server and no other
        address = re.findall(r"http://127\.0\.0\.1:\d+", server_log)[0]
        with urlopen(address) as page, urlopen(f"{address}/ui-settings") as settings:
            assert b"<title>Prefect Server</title>" in page.read()
            assert json.load(settings)["api_url"] == "/api"
        # this demo ends in January: for each dataset of bars the run names the hole since then
        assert (done[0]["status"], done[0]["message"].split(", ")[-1]) == ("gaps", "3 gaps")
        assert os.readlink(demo_home / "warehouse.duckdb") != before
        assert done[0]["started_at"] >= at - timedelta(seconds=2)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=HANG_SECONDS) == 0
    server_log = (demo_home / "serve.log").read_text()
    assert "Traceback" not in server_log
    assert "leaked" not in server_log
    assert list((demo_home / "prefect" / "servers").iterdir()) == []


def test_run_says_in_one_line_what_is_no_session(demo_home: Path) -> None:
    done = breadthwise(demo_home, "run", "--session", "2026-01-24")
    assert done.returncode == 2
    assert (
        done.stderr.strip()
        == "breadthwise run: 2026-01-24 is not a trading session (weekend or holiday); name a session"
    )
