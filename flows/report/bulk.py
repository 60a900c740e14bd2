"""Reports of many sessions of one build, in several processes, with a progress bar."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from pathlib import Path

from flows.console.context import Reporter
from flows.report.folder import FOLDER, prune_reports, write_folder, write_index
from flows.report.version import page_version
from flows.report.write import open_published, page_options, session_to_report
from reports.reading import open_build
from reports.session import session_files
from warehouse.builds.publish import LINK
from warehouse.settings import Settings

# pages of one task: opening a build and loading the libraries is paid once for them
_CHUNK = 10


def write_reports(
    home: Path, settings: Settings, last: int, languages: tuple[str, ...], processes: int, reporter: Reporter
) -> int:
    """The reports of the `last` sessions of the published build; returns how many. Errors come as they are."""
    path = (home / LINK).resolve()
    with open_published(home) as reading:
        days = reading.sessions_before(session_to_report(reading, None), last)
    chunks = [days[start : start + _CHUNK] for start in range(0, len(days), _CHUNK)]
    # spawned: a fork would share the connection and the threads of the libraries
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        tasks = [pool.submit(_write_reports_of_days, path, home, settings, chunk, languages) for chunk in chunks]
        done = 0
        for task in as_completed(tasks):
            done += task.result()
            reporter.show_progress("reports", done, len(days))
    prune_reports(home / FOLDER, settings.keep_reports_days)
    write_index(home)
    return done


def _write_reports_of_days(
    path: Path, home: Path, settings: Settings, days: list[date], languages: tuple[str, ...]
) -> int:
    with open_build(path) as reading:
        for day in days:
            files = session_files(reading, day, languages, page_options(settings), page_version())
            write_folder(home / FOLDER / day.isoformat(), files)
    return len(days)
