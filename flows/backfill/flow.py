"""The Prefect flow of a backfill: a task a chunk, under a limit that holds across processes; thin over plain functions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from prefect import flow, get_client, task, unmapped
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.concurrency.sync import concurrency
from prefect.futures import PrefectFuture
from prefect.states import Completed
from prefect.task_runners import ThreadPoolTaskRunner

from flows.alerts.notifying import record_failure_to_begin, record_run
from flows.backfill import runner
from flows.backfill.plan import Chunk, Planned
from flows.backfill.progress import Progress
from flows.build.publish import build_and_publish, is_build_due
from flows.console.context import Reporter
from flows.console.progress import Bar
from flows.console.stopping import leave_soon, reclaim_signals
from flows.fetch.dataset import make_client
from flows.orchestration.run_log import flow_run_log
from flows.orchestration.run_names import backfill_run_name
from sources.settings import load_settings as load_settings
from warehouse.home import data_home as default_home
from warehouse.runs import attempts as ledger
from warehouse.runs.journal import Journal

LIMIT = "breadthwise-backfill"
_AT_WORK = ("backfill", "running")
# While one chunk is checked and committed, the next one is asked for.
AT_ONCE = 2
_END_SECONDS = 60
_LISTEN_SECONDS = 0.5


def set_up_limit(home: Path) -> None:
    """Make the limit if it is not there: one that does not exist would be passed over in silence.

    What a killed backfill held is given back, unless another one is at work on this home.
    """
    with get_client(sync_client=True) as client:
        client.upsert_global_concurrency_limit_by_name(LIMIT, AT_ONCE)
        at_work = [run for run in Journal(home).list_runs() if (run["kind"], run["status"]) == _AT_WORK]
        if not at_work:
            client.update_global_concurrency_limit(LIMIT, GlobalConcurrencyLimitUpdate(limit=AT_ONCE, active_slots=0))


@task(name="backfill chunk", task_run_name="{label}", cache_policy=NO_CACHE, persist_result=False)
def fetch_chunk(label: str, number: int, chunks: Any, work: runner.Backfill) -> runner.ChunkDone:
    with concurrency(LIMIT, occupy=1, strict=True):
        return work.run_chunk(chunks.listed[number])


class _Chunks:
    """Kept from Prefect, which would look at each request of each chunk for futures."""

    def __init__(self, listed: list[Chunk]) -> None:
        self.listed = listed


def _as_tasks(work: runner.Backfill, chunks: Iterable[Chunk]) -> Iterator[runner.ChunkDone]:
    held = _Chunks(list(chunks))
    labels = [chunk.label for chunk in held.listed]
    mapped = fetch_chunk.map(labels, list(range(len(labels))), unmapped(held), unmapped(work)) if labels else []
    futures = list(mapped)
    done: SimpleQueue[PrefectFuture[runner.ChunkDone]] = SimpleQueue()
    for future in futures:
        future.add_done_callback(done.put)
    try:
        for _ in futures:
            yield _next_chunk_done(done).result()
    except BaseException as error:
        leave_soon(error)
        # what is under way is brought to its end before the ledger is closed; the rest is not begun
        work.stopping.set()
        for future in futures:
            future.wait(timeout=_END_SECONDS)
        raise


def _next_chunk_done(done: SimpleQueue[PrefectFuture[runner.ChunkDone]]) -> PrefectFuture[runner.ChunkDone]:
    """The next chunk to end. A wait without an end may sleep through a signal that another thread was given."""
    while True:
        with suppress(Empty):
            return done.get(timeout=_LISTEN_SECONDS)


_RUNNER: Any = ThreadPoolTaskRunner(max_workers=AT_ONCE)


@flow(name="backfill", flow_run_name=backfill_run_name, persist_result=False, task_runner=_RUNNER)
def backfill(
    start: date,
    end: date,
    datasets: list[str] | None = None,
    universe: list[str] | None = None,
    newest_first: bool = False,
    max_requests: int | None = None,
    again: bool = False,
    build: bool = True,
    home: str | None = None,
    quiet: bool = False,
) -> Any:
    """Ask for what the lake misses of `start` to `end`; then build and publish. `home` defaults to BREADTHWISE_HOME."""
    reclaim_signals()
    folder = Path(home) if home else default_home()
    now = datetime.now(UTC)
    reporter = Reporter(quiet=quiet, log=flow_run_log())
    with record_failure_to_begin(folder, "backfill", {"start": start, "end": end}, now, reporter):
        settings = load_settings(folder)
        scope = runner.scope_of(folder, settings, start, end, now, datasets or (), universe or (), newest_first)
        set_up_limit(folder)
    arguments = {"start": start, "end": end, "datasets": scope.datasets, "newest_first": newest_first}
    with record_run(folder, "backfill", arguments, now, reporter) as run:
        with ledger.open_attempts(folder, runner.attempts_since(now, again)) as attempts:
            client = make_client(folder, settings, lambda: datetime.now(UTC))
            work = runner.Backfill(folder, settings, run, scope, attempts, client, reporter, lambda: datetime.now(UTC))
            summary = runner.run_rounds(work, _show_progress, max_requests, _budget_announcer(work))
        for note in summary.notes:
            reporter.print_line(note)
        for gap in summary.gap_lines():
            reporter.print_problem(gap)
        reporter.print_result(f"backfill {start} to {end}: {summary.result_line}")
        # one that was stopped in its build has committed all, and the same command finds nothing to ask
        if build and (summary.accepted or is_build_due(folder)):
            if not summary.accepted:
                reporter.print_line("the lake has other facts than the published build, which is made anew")
            published = build_and_publish(folder, settings, run, now, reporter, exit_code=run.exit_code)
            reporter.print_result(published.result_line)
        return Completed(message=run.message, name="Gaps" if run.exit_code else None)


def _budget_announcer(work: runner.Backfill) -> Callable[[Planned], None]:
    """The budget of the first round is shown before the flow starts; here are those of the repairs."""
    rounds: list[Planned] = []

    def show_budget(planned: Planned) -> None:
        if rounds and planned.chunks:
            work.reporter.print_line("what is missing still is asked of the next sources:")
            for line in runner.budget_lines(planned, work.settings):
                work.reporter.print_line(line)
        rounds.append(planned)

    return show_budget


def _show_progress(work: runner.Backfill, chunks: Iterable[Chunk]) -> Iterator[runner.ChunkDone]:
    listed = list(chunks)
    progress, began = Progress(listed), time.monotonic()
    artifact: Any = None
    if listed:
        artifact = create_progress_artifact(0.0, key="backfill-progress", description=progress.text(0))
    with Bar(work.reporter, "backfill", progress.total) as bar:
        work.on_answer = bar.advance_bar
        for one in _as_tasks(work, listed):
            yield one
            progress.add(one.chunk)
            if artifact is not None:
                text = progress.text(time.monotonic() - began)
                update_progress_artifact(artifact, progress.percent, description=text)
