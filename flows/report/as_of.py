"""The report of a session with only what was known at an instant: a build of its own, which is removed afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from flows.build.publish import build_as_of
from flows.console.context import Reporter
from flows.report.folder import FOLDER, write_folder, write_index
from flows.report.version import page_version
from flows.report.write import page_options, session_to_report
from reports.reading import open_build
from reports.session import session_files
from warehouse.settings import Settings

# from reports/as-of/INSTANT/SESSION
_INDEX_FOLDER = "../../.."


def write_report_as_of(
    home: Path,
    settings: Settings,
    as_of: datetime,
    asked: date | None,
    languages: Sequence[str],
    now: datetime,
    reporter: Reporter,
) -> Path:
    """Returns the folder reports/as-of/INSTANT/SESSION. Raises UsageError where the lake knew nothing then."""
    name = f"{as_of.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    work = home / "tmp" / f"report-{name}-{now:%H%M%S%f}"
    work.mkdir(parents=True, exist_ok=True)
    try:
        out = work / "as-of.duckdb"
        build_as_of(home, settings, out, now, reporter, as_of)
        with open_build(out) as reading:
            day = session_to_report(reading, asked)
            options = replace(page_options(settings), index_folder=_INDEX_FOLDER)
            files = session_files(reading, day, languages, options, page_version())
    finally:
        shutil.rmtree(work, ignore_errors=True)
    folder = home / FOLDER / "as-of" / name / day.isoformat()
    write_folder(folder, files)
    # an index that is there may tell of a failed run, which this is not
    if not (home / FOLDER / "index.html").exists():
        write_index(home)
    return folder
