"""Importing a user's files, and saying what became of every row: plain functions behind the flow and the command."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from flows.console.context import Reporter
from flows.console.progress import Bar
from flows.ingest.import_plan import Plan, WorkItem
from flows.ingest.ingest import ingest_payloads
from flows.ingest.report import Failure, IngestReport
from flows.ingest.taken import taken_lines
from sources import payloads
from sources.payloads import ParsedPayload
from warehouse.errors import FormatError, ParserFailed, SourceError
from warehouse.payloads.store import PayloadStore
from warehouse.runs.journal import Run
from warehouse.settings import Settings

_SHOWN = 5
_A_LINE_EVERY = 50  # files, where there is no terminal


def import_planned_files(
    home: Path, settings: Settings, run: Run, plan: Plan, now: datetime, reporter: Reporter
) -> IngestReport:
    """Bring the files of `plan` into the lake; the run's exit code and message follow from what came.

    Raises LakeError where the lake cannot be written. A file that is not of its format is a gap, no error.
    """
    with (
        run.record_step("import"),
        reporter.time_step("import of 1 file" if len(plan.items) == 1 else f"import of {len(plan.items):,} files"),
    ):
        report = ingest_payloads(home, settings, run, _read_files(home, plan, reporter), now, reporter)
    run.exit_code = report.exit_code
    run.message = "; ".join([*report.gaps[:3], *report.without_effect])
    return report


def summary_lines(report: IngestReport, plan: Plan) -> list[str]:
    """What a user reads at the end: what the files were taken for, rows by dataset, warnings, what was not read."""
    lines = taken_lines(plan.files_taken)
    lines += report.note_lines()
    lines += report.summary_lines()
    lines += _older_lines(report, plan)
    lines += [f"warning: {finding}" for finding in report.warnings[:_SHOWN]]
    if len(report.warnings) > _SHOWN:
        lines.append(f"warning: {len(report.warnings) - _SHOWN} more")
    if plan.skipped:
        more = ", ..." if len(plan.skipped) > _SHOWN else ""
        lines.append(f"not read: {', '.join(plan.skipped[:_SHOWN])}{more}")
    return lines


def _older_lines(report: IngestReport, plan: Plan) -> Iterator[str]:
    """Where rows are older than what the lake knows of their keys: whether any other is shown, and what to do."""
    older = report.total_rows("behind")
    if not older:
        return
    taken = report.total_rows("accepted") + report.total_rows("known")
    known_at = min(item.request.fetched_at for item in plan.items)
    what = "none of this import's rows is" if older == taken else f"{older:,} of this import's rows are not"
    yield (
        f"{what} shown in what is built for today: the lake holds newer facts than {known_at:%Y-%m-%d %H:%M} UTC of the same "
        "keys, or withdrawals of them; a build `--as-of` that time shows them; if this file is the right one, import it again "
        "without --known-at or with a later one, or take the newer import back (`breadthwise import undo RUN_ID`; `breadthwise "
        "status` lists runs), a withdrawal by `breadthwise restore`"
    )


def _read_files(home: Path, plan: Plan, reporter: Reporter) -> Iterator[ParsedPayload | Failure]:
    yield from plan.failures
    store = PayloadStore(home)
    total = len(plan.items)
    with Bar(reporter, "files read", total, every=max(_A_LINE_EVERY, total // 20)) as bar:
        for item in plan.items:
            yield _parse_file(store, item)
            bar.advance_bar()


def _parse_file(store: PayloadStore, item: WorkItem) -> ParsedPayload | Failure:
    """A file that is not of its format is not kept: the user has it, and may import it as another one."""
    try:
        payload = item.read_payload()
        parsed = payloads.parse_payload(payload, item.parse_payload)
    except FormatError as error:
        return Failure(item.request, error)
    except SourceError as error:
        payloads.store_payload(store, payload.body, payload.request)
        is_kept_for_replay = isinstance(error, ParserFailed)
        return Failure(
            item.request, ParserFailed(f"{error}{payloads.KEPT_FOR_REPLAY}") if is_kept_for_replay else error
        )
    payloads.store_payload(store, payload.body, payload.request)
    return parsed
