"""The Prefect flow of a day: fetch each dataset, build, publish, show the figures. Thin over plain functions."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from prefect import allow_failure, flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.runtime import task_run
from prefect.states import Completed, Failed
from prefect.tasks import exponential_backoff
from prefect.utilities.annotations import quote

from flows.alerts.notifying import record_failure_to_begin, record_run
from flows.alerts.sending import addresses_of_home
from flows.backfill.flow import backfill
from flows.build.publish import Published, build_and_publish
from flows.console.context import Reporter
from flows.console.stopping import leave_soon, reclaim_signals
from flows.daily import sections, steps
from flows.daily.first_day import first_day_advice, history_start, stocks_to_backfill
from flows.daily.holes import has_session
from flows.daily.notices import note_of_session
from flows.fetch.dataset import make_client
from flows.orchestration.run_log import flow_run_log
from flows.orchestration.run_names import daily_run_name, due_at
from flows.report.folder import show_failure
from flows.report.write import write_report
from sources.http.client import Client
from sources.settings import load_settings as load_settings
from warehouse.errors import UsageError
from warehouse.home import data_home as default_home
from warehouse.lake.lake import Lake

_Given = TypeVar("_Given")
_LISTEN_SECONDS = 0.5
_RETRIES, _RETRY_SECONDS = 2, 20


def _is_worth_retrying(_task: Any, _run: Any, state: Any) -> bool:
    """Worth another try: the hosts may answer later. All else would fail again in the same way."""
    return isinstance(state.result(raise_on_failure=False), steps.DatasetUnavailable)


@task(
    name="fetch and ingest",
    task_run_name="ingest {dataset}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=_RETRIES,
    retry_delay_seconds=exponential_backoff(backoff_factor=_RETRY_SECONDS),
    retry_jitter_factor=0.5,
    retry_condition_fn=_is_worth_retrying,
)
def ingest_dataset(dataset: str, work: steps.Work, client: Client) -> steps.Outcome:
    try:
        return steps.ingest_dataset(work, dataset, client)
    except steps.DatasetUnavailable as error:
        tries = int(task_run.run_count or 1)
        if tries <= _RETRIES:
            work.reporter.print_line(f"{error}; again in about {_RETRY_SECONDS * 2 ** (tries - 1)} s")
        raise


@task(name="build and publish", task_run_name="build and publish", cache_policy=NO_CACHE, persist_result=False)
def build_warehouse(work: steps.Work, exit_code: int) -> Published:
    return build_and_publish(work.home, work.settings, work.run, work.now, work.reporter, exit_code=exit_code)


@task(name="report", task_run_name="report", cache_policy=NO_CACHE, persist_result=False)
def write_page(work: steps.Work) -> str:
    with work.run.record_step("report"), work.reporter.time_step("report"):
        return str(
            write_report(work.home, work.settings, work.session, else_newest=True, reporter=work.reporter) / "en.html"
        )


@flow(name="daily", flow_run_name=daily_run_name, persist_result=False)
def daily(
    session: date | None = None,
    home: str | None = None,
    only_on_sessions: bool = False,
    history: int = 0,
    quiet: bool = False,
) -> Any:
    """One session, by default the last completed one. With `only_on_sessions` (the schedule) that of the day on which the run
    was due; a day without a session is a no-op that says so, unless the newest session is missing. `home` defaults to
    BREADTHWISE_HOME; `history` is how many sessions up to this one are filled too where the lake misses them; `quiet` leaves
    out progress."""
    reclaim_signals()
    folder = Path(home) if home else default_home()
    now = datetime.now(UTC)
    reporter = Reporter(quiet=quiet, log=flow_run_log())
    with record_failure_to_begin(folder, "daily", {"session": session}, now, reporter, due_at):
        settings = load_settings(folder)
    stored = partial(has_session, folder, settings)
    day, reason = steps.session_to_run(session, now, settings, only_on_sessions, due_at(now), stored)
    if day is None:
        reporter.print_line(reason)
        return Completed(message=reason, name="NoSession")
    try:
        with record_run(folder, "daily", {"session": day}, now, reporter) as run, show_failure(folder, now):
            return _run_daily(steps.Work(folder, settings, run, now, day, reporter), history)
    except BaseException as error:
        leave_soon(error)
        raise


def _run_daily(work: steps.Work, history: int) -> Any:
    client = make_client(work.home, work.settings, lambda: datetime.now(UTC))
    outcomes = _ingest_all_datasets(work, client)
    filled = _fill_history(work, history) if history else 0
    holes = [str(hole) for hole in steps.new_holes(work)]
    outcomes.append(steps.Outcome("", gaps=[*steps.lost_market(work, outcomes), *holes]))
    code, message = steps.summarise_outcomes(outcomes)
    code = max(code, filled)
    work.run.exit_code, work.run.message = code, message
    if not Lake(work.home).manifest().files:
        return _fail_without_facts(work, outcomes)
    published = build_warehouse(_as_it_is(work), code)
    if addresses_of_home(work.home):
        note_of_session(work, published.result.path, published.result.shrunk)
    tables = {name: sections.section_rows(work.home, work.session, name) for name in sections.SECTIONS}
    page = _write_report_page(work)
    for name, rows in tables.items():
        create_table_artifact(
            key=name, table=rows, description=f"{work.session}: {message}, build {published.result.build_id}"
        )
    for gap in steps.gap_lines(outcomes):
        work.reporter.print_problem(gap)
    beside = ", and gaps of the history, named above" if filled else ""
    work.reporter.print_result(f"run for {work.session}: {message}{beside}")
    for line in (*steps.report_lines(published.result_line, tables["headline"]), *([f"report {page}"] if page else [])):
        work.reporter.print_result(line)
    for line in first_day_advice(work.home, work.settings, work.session, work.now):
        work.reporter.print_line(line)
    return Completed(message=message, name="Gaps" if code else None)


def _ingest_all_datasets(work: steps.Work, client: Client) -> list[steps.Outcome]:
    """What came of each dataset. Those that share no host are asked side by side, those of a host one after the other."""
    futures: dict[str, PrefectFuture[steps.Outcome]] = {}
    for chain in steps.dataset_chains(work.settings):
        before: list[Any] = []
        for dataset in chain:
            given = _as_it_is(work), _as_it_is(client)
            futures[dataset] = ingest_dataset.submit(dataset, *given, wait_for=before, return_state=False)
            before = [allow_failure(futures[dataset])]
    return [_outcome_of_task(futures[dataset]) for dataset in steps.datasets_to_ask(work.settings)]


def _as_it_is(given: _Given) -> _Given:
    """For a task: Prefect looks for results of other tasks in all that a task is given, each symbol of the settings too."""
    return cast("_Given", quote(given))


def _outcome_of_task(future: PrefectFuture[steps.Outcome]) -> steps.Outcome:
    """Of a dataset for which no try helped, what is missing; other errors are raised."""
    while True:
        # a wait without an end may sleep through a signal that another thread was given
        with suppress(TimeoutError):
            found = future.result(timeout=_LISTEN_SECONDS, raise_on_failure=False)
            break
    if isinstance(found, steps.DatasetUnavailable):
        return found.outcome
    return future.result() if isinstance(found, BaseException) else found


def _fill_history(work: steps.Work, sessions: int) -> int:
    """The bars of so many sessions up to this one; returns 3 where some could not be had. The build comes after."""
    first = history_start(work.session, sessions)
    stocks = stocks_to_backfill(work.home, work.settings, first, work.session)
    state: Any = backfill(
        first,
        work.session,
        universe=stocks,
        build=False,
        home=str(work.home),
        quiet=work.reporter.quiet,
        return_state=True,
    )
    if not state.is_completed():
        state.result()
    return 3 if state.name == "Gaps" else 0


def _write_report_page(work: steps.Work) -> str:
    """The report's path; '' with a word where the build has no close that it could show."""
    try:
        return write_page(_as_it_is(work))
    except UsageError as error:
        work.reporter.print_problem(f"no report is written: {error}")
        return ""


def _fail_without_facts(work: steps.Work, outcomes: Sequence[steps.Outcome]) -> Any:
    """Not one fact came and none was there: a failure with its reasons, and nothing to build."""
    for gap in steps.gap_lines(outcomes):
        work.reporter.print_problem(gap)
    work.run.exit_code = 1
    work.run.message = f"not one row came for {work.session}, and the lake is empty: there is nothing to build"
    return Failed(message=work.run.message)
