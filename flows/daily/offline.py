"""A daily run on a machine without network: what is missing in one table, and a build of what the lake has."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from flows.alerts.notifying import record_run
from flows.build.publish import build_and_publish
from flows.console.context import Reporter
from flows.fetch.reachable import OfflineError, Reach, offline_gap_lines
from flows.report.folder import FOLDER, write_index
from reports.site import Failure
from sources.base import Adapter
from warehouse.lake.lake import Lake
from warehouse.settings import Settings


def run_offline(
    home: Path,
    settings: Settings,
    reporter: Reporter,
    now: datetime,
    session: date,
    found: Reach,
    asked: dict[str, list[Adapter]],
) -> int:
    """Name what `session` lacks and build what there is; returns 3. No close of an earlier day is shown as the session's.

    Raises OfflineError where the lake is empty, UsageError and LakeError as the build does.
    """
    header, *rows = offline_gap_lines(found, asked)
    said = f"{found} Nothing was fetched"
    for line in (f"{said} for {session}:", *(f"  {line}" for line in (header, *rows))):
        reporter.print_problem(line)
    # of a table on a terminal, what an alert says
    reporter.problems[:] = [said, *rows]
    if not Lake(home).manifest().files:
        raise OfflineError(f"nothing came and nothing is stored under {home} yet, so there is nothing to build")
    with record_run(home, "daily", {"session": session}, now, reporter) as run:
        reporter.problems.extend(rows)
        run.exit_code, run.message = 3, said
        published = build_and_publish(home, settings, run, now, reporter, exit_code=3)
        if (home / FOLDER).is_dir():
            write_index(home, Failure(now, run.message))
    line = f"build {published.result.build_id} of what was stored before is published"
    reporter.print_result(line if published.is_current else published.result_line)
    return 3
