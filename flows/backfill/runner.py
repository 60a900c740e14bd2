"""A backfill as plain functions: what is asked for, one chunk from its requests to its commit, and what is missing still."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from flows.backfill import gaps, plan
from flows.backfill.delivered import reopen_lost_attempts
from flows.backfill.plan import Chunk, Planned, Scope, attempt_of
from flows.backfill.resumable import ResumableAsker
from flows.backfill.universes import symbols_named
from flows.console.context import Reporter
from flows.fetch.asker import Asker
from flows.fetch.dataset import PATIENCE_SECONDS
from flows.fetch.pool import RequestPool
from flows.ingest.ingest import ingest_payloads
from flows.ingest.report import Failure
from sources import catalog
from sources import plan as source_plan
from sources.base import Request
from sources.parsing.finality import margin_option
from sources.payloads import ParsedPayload
from warehouse import calendar
from warehouse.errors import AccessRefused, StaleAnswer, TransientSourceError, UsageError
from warehouse.instants import to_utc_text
from warehouse.payloads.store import PayloadStore
from warehouse.runs.attempts import DONE, FAILED, Attempt, Attempts
from warehouse.runs.journal import Run
from warehouse.settings import Settings

if TYPE_CHECKING:
    from sources.http.client import Client

# A source that had nothing is asked again after this time: vendors fill in later what they had lost.
EXPIRY = timedelta(days=30)
_OF_STOCKS = ("equity_bars", "rating_actions", "fundamentals")
# A chunk with so many requests and not one answer tells that its source is away.
_MANY = 5
_SHOWN = 200


@dataclass(frozen=True)
class ChunkDone:
    """What came of a chunk; `failed` counts requests without an answer, `disputes` name rules read in two ways."""

    chunk: Chunk
    accepted: int = 0
    known: int = 0
    quarantined: int = 0
    failed: int = 0
    disputes: Sequence[str] = ()


@dataclass
class BackfillSummary:
    """What a backfill says at its end: its result, notes, and each gap."""

    accepted: int = 0
    known: int = 0
    quarantined: int = 0
    requests: int = 0
    notes: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    def add_chunk(self, done: ChunkDone) -> None:
        self.accepted += done.accepted
        self.known += done.known
        self.quarantined += done.quarantined
        self.gaps += done.disputes

    @property
    def result_line(self) -> str:
        """What came, in one line."""
        came = f"{self.accepted:,} new facts, {self.known:,} known, {self.quarantined:,} rows quarantined"
        return f"{came}, {self.requests:,} requests, {len(self.gaps):,} gaps"

    def gap_lines(self) -> list[str]:
        """What could not be had, a line each."""
        lines = [f"gap: {gap}" for gap in self.gaps[:_SHOWN]]
        if len(self.gaps) > _SHOWN:
            lines.append(f"and {len(self.gaps) - _SHOWN:,} more gaps; --datasets and --universe narrow them down")
        return lines


def scope_of(
    home: Path,
    settings: Settings,
    start: date,
    end: date,
    now: datetime,
    datasets: Sequence[str] = (),
    universe: Sequence[str] = (),
    newest_first: bool = False,
) -> Scope:
    """What a user asks for. By default the bars; of stocks the settings' universe.

    Raises UsageError for days without a session, datasets that cannot be asked for the past, an unknown universe.
    """
    if start > end:
        raise UsageError(f"START {start} lies after END {end}; give the earlier day first: {end} {start}")
    last = calendar.last_completed_session(now, settings.close_margin_minutes)
    listed = calendar.sessions_between(start, min(end, last))
    if not listed:
        raise UsageError(f"there is no ended session from {start} to {end}; the newest one is {last}")
    unknown = sorted(set(datasets) - set(plan.DATASETS))
    if unknown:
        there = ", ".join(plan.DATASETS)
        raise UsageError(f"{', '.join(unknown)} cannot be asked for the past; these can: {there}")
    served = source_plan.daily_datasets(settings)
    named = list(datasets) or [dataset for dataset in source_plan.BARS if dataset in served]
    stocks = symbols_named(home, universe, listed[0], listed[-1]) if universe else None
    symbols = {
        dataset: stocks
        if stocks is not None and dataset in _OF_STOCKS
        else source_plan.symbols_for_dataset(dataset, settings)
        for dataset in named
    }
    distinct = {name: sorted(set(of)) for name, of in symbols.items()}
    return Scope(listed, distinct, newest_first, is_choice=stocks is not None)


def attempts_since(now: datetime, again: bool) -> datetime:
    """From when on attempts count; with `again` none does, but for those of the future."""
    return now if again else now - EXPIRY


def rate_text(pace: float) -> str:
    """Requests a second, as in 2/s or 0.083/s."""
    return f"{pace:.3f}".rstrip("0").rstrip(".") + "/s"


def count_with_noun(count: int, noun: str) -> str:
    """1 chunk, 2 chunks."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def budget_lines(planned: Planned, settings: Settings) -> list[str]:
    """The requests by source, what they are for, and how long they take at the pace; a line each."""
    found = catalog.adapters_by_name()
    lines = []
    for name, bars in sorted(planned.bars.items()):
        dataset, source = name.split(" ")
        chunks = [chunk for chunk in planned.chunks if (chunk.dataset, chunk.source) == (dataset, source)]
        requests = sum(len(chunk.requests) for chunk in chunks)
        pace = plan.pace_of(found[source], settings)
        what = "missing bars" if dataset in source_plan.BARS else "sessions"
        lines.append(
            f"  {dataset} from {source}: {count_with_noun(requests, 'request')} in"
            f" {count_with_noun(len(chunks), 'chunk')} for {bars:,} {what},"
            f" {duration_in_words(requests / pace)} at {rate_text(pace)}"
        )
    if planned.left_out:
        lines.append(f"  {planned.left_out:,} more requests are left for the next run (--max-requests)")
    return lines or ["  nothing is missing that can be asked for"]


def duration_in_words(seconds: float) -> str:
    """Such as `40 s`, `12 min`, `3.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6_000 else f"{seconds / 3600:.1f} h"


class Backfill:
    """One backfill under way: shared by its threads, and no dataclass, so that Prefect looks at no part of it."""

    def __init__(
        self,
        home: Path,
        settings: Settings,
        run: Run,
        scope: Scope,
        attempts: Attempts,
        client: Client,
        reporter: Reporter,
        clock: Callable[[], datetime],
    ) -> None:
        self.home, self.settings, self.run, self.scope = home, settings, run, scope
        self.attempts, self.reporter, self.clock = attempts, reporter, clock
        # called with the number of requests after each answer
        self.on_answer: Callable[[int], None] = lambda count: None
        self.stopping = threading.Event()
        self._away: dict[str, str] = {}
        self.sources = catalog.adapters_by_name()
        store = PayloadStore(home)
        self._askers = {
            name: ResumableAsker(Asker(source, client, store), attempts, run.run_id, clock)
            for name, source in self.sources.items()
        }

    def plan_rounds(self, most: int | None = None) -> Iterator[Planned]:
        """What is asked of the first sources, then of the next ones for what is missing still, and so on."""
        depth = max(
            len(source_plan.sources_for_dataset(name, self.settings, self.sources)) for name in self.scope.datasets
        )
        for position in range(depth):
            room = None if most is None else max(0, most - self.requests_made)
            planned = plan.make_plan(self.home, self.settings, self.scope, self.attempts, self.sources, position, room)
            if position:
                self._drop_slow_fallbacks(planned)
            yield planned

    @property
    def requests_made(self) -> int:
        return sum(asker.made for asker in self._askers.values())

    def _drop_slow_fallbacks(self, planned: Planned) -> None:
        """A fallback that would take too long is left out, and it is said so."""
        for name in {chunk.source for chunk in planned.chunks}:
            count = sum(len(chunk.requests) for chunk in planned.chunks if chunk.source == name)
            seconds = count / plan.pace_of(self.sources[name], self.settings)
            if seconds > PATIENCE_SECONDS:
                planned.chunks = [chunk for chunk in planned.chunks if chunk.source != name]
                planned.notes.append(
                    f"{name} is not asked for what is left: {count:,} requests take {duration_in_words(seconds)} at its pace;"
                    " name it first in `sources` of breadthwise.toml to have it asked"
                )

    def run_chunk(self, chunk: Chunk) -> ChunkDone:
        """Ask, check and commit one chunk. Raises LakeError where the lake cannot be written."""
        if self.stopping.is_set() or chunk.source in self._away:
            self.on_answer(len(chunk.requests))
            return ChunkDone(chunk, failed=len(chunk.requests))
        answers = list(self._ask_chunk(chunk))
        failures = [answer for answer in answers if isinstance(answer, Failure)]
        if len(failures) == len(answers):
            self._note_absent_sources(chunk, failures)
        done = self._ingest_chunk(chunk, [answer for answer in answers if isinstance(answer, ParsedPayload)])
        self.attempts.record_attempts(self._settled_attempts(answers))
        return done

    def _ask_chunk(self, chunk: Chunk) -> Iterator[ParsedPayload | Failure]:
        pool = RequestPool(self.home, self.settings.fetch_threads)
        margin = margin_option(self.settings.close_margin_minutes)
        requests = (replace(request, options={**margin, **request.options}) for request in chunk.requests)
        for answer in pool.ask_all(self._askers[chunk.source], _requests_until_stop(self.stopping, requests)):
            self.on_answer(1)
            yield answer

    def _ingest_chunk(self, chunk: Chunk, payloads: Sequence[ParsedPayload]) -> ChunkDone:
        report = ingest_payloads(self.home, self.settings, self.run, payloads, self.clock(), self.reporter)
        return ChunkDone(
            chunk,
            report.total_rows("accepted"),
            report.total_rows("known"),
            report.total_rows("quarantined"),
            len(chunk.requests) - len(payloads),
            tuple(map(str, report.disputes)),
        )

    def _settled_attempts(self, answers: Iterable[ParsedPayload | Failure]) -> Iterator[Attempt]:
        """What is in the lake now, or was refused there; other errors are noted where they arise."""
        for answer in answers:
            settled = replace(
                attempt_of(answer.request),
                asked_at=to_utc_text(answer.request.fetched_at),
                url=answer.request.url,
                run_id=self.run.run_id,
            )
            if isinstance(answer, ParsedPayload):
                yield replace(settled, outcome=DONE, payload_sha256=answer.digest)
            elif isinstance(answer.error, StaleAnswer):
                yield replace(settled, outcome=FAILED, message=f"StaleAnswer: {answer.error}"[:300])

    def _note_absent_sources(self, chunk: Chunk, failures: Sequence[Failure]) -> None:
        """A source of which a whole chunk got no answer is asked no more in this run: it is away, or refuses us."""
        errors = [failure.error for failure in failures]
        if len(errors) >= _MANY and all(isinstance(e, TransientSourceError | AccessRefused) for e in errors):
            self._away[chunk.source] = str(errors[-1])
            self.reporter.print_line(f"{chunk.source} is asked no more in this run: {errors[-1]}")


def run_chunks(work: Backfill, chunks: Iterable[Chunk]) -> Iterator[ChunkDone]:
    """One chunk after the other, in this thread."""
    for chunk in chunks:
        yield work.run_chunk(chunk)


def run_rounds(
    work: Backfill,
    runner: Callable[[Backfill, Iterable[Chunk]], Iterator[ChunkDone]] = run_chunks,
    most: int | None = None,
    on_round: Callable[[Planned], None] = lambda planned: None,
) -> BackfillSummary:
    """All rounds of a backfill. `runner` works the chunks off, `on_round` gets what each round will ask.

    Raises LakeError where the lake cannot be written. What could not be had is a gap, no error.
    """
    summary = BackfillSummary()
    summary.notes += reopen_lost_attempts(work.home, work.scope, work.attempts)
    for planned in work.plan_rounds(most):
        summary.notes += planned.notes
        on_round(planned)
        with work.run.record_step(
            f"{count_with_noun(planned.request_count, 'request')} in {count_with_noun(len(planned.chunks), 'chunk')}"
        ):
            for done in runner(work, planned.chunks):
                summary.add_chunk(done)
        if planned.left_out:
            summary.gaps.append(f"{planned.left_out:,} requests were left for the next run (--max-requests)")
    summary.requests = work.requests_made
    found = gaps.find_gaps(work.home, work.settings, work.scope, work.attempts, work.sources)
    summary.notes += found.notes
    summary.gaps += map(str, found.gaps)
    work.run.exit_code = 3 if summary.gaps else 0
    work.run.message = f"{summary.accepted:,} new facts from {summary.requests:,} requests, {len(summary.gaps):,} gaps"
    return summary


def _requests_until_stop(stopping: threading.Event, requests: Iterable[Request]) -> Iterator[Request]:
    for request in requests:
        if stopping.is_set():
            return
        yield request
