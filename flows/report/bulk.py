"""Reports of many sessions of one build, in several processes, with a progress bar; what is there is not written again."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flows.console.context import Reporter
from flows.report.folder import FOLDER, prune_reports, write_folder, write_index
from flows.report.version import page_version
from flows.report.write import open_published, page_options, session_to_report
from reports.exports.document import MANIFEST
from reports.page import PageOptions
from reports.reading import open_build
from reports.session import session_files
from warehouse.builds.publish import LINK
from warehouse.durable_io import hold_lock
from warehouse.settings import Settings

# pages of one task: opening a build and loading the libraries is paid once for them
_CHUNK = 10


@dataclass(frozen=True)
class Written:
    """How many reports were `written`, and how many were `there` already, of the same build and code."""

    written: int
    there: int


def write_reports(
    home: Path, settings: Settings, last: int, languages: tuple[str, ...], processes: int, reporter: Reporter
) -> Written:
    """The reports of the `last` sessions of the published build. Errors come as they are.

    However it ends, the index pages name what is written; begun anew it goes on with the sessions that are left.
    """
    path = (home / LINK).resolve()
    with open_published(home) as reading:
        days = reading.sessions_before(session_to_report(reading, None), last)
        build_id = reading.build_note().build_id
    wanted = _manifest_of_now(build_id, languages, page_options(settings))
    left = [day for day in days if not _is_there(home / FOLDER / day.isoformat(), wanted)]
    there = done = len(days) - len(left)
    chunks = [left[start : start + _CHUNK] for start in range(0, len(left), _CHUNK)]
    try:
        with _worker_pool(home / FOLDER, processes) as pool:
            tasks = [pool.submit(_write_reports_of_days, path, home, settings, chunk, languages) for chunk in chunks]
            for task in as_completed(tasks):
                done += task.result()
                reporter.show_progress("reports", done, len(days))
        prune_reports(home / FOLDER, settings.keep_reports_days, reporter)
    finally:
        write_index(home)
    return Written(len(left), there)


def _manifest_of_now(build_id: str, languages: tuple[str, ...], options: PageOptions) -> dict[str, Any]:
    """What the manifest of a report says that this code makes of this build."""
    return {
        "build_id": build_id,
        "page_version": page_version(),
        "languages": list(languages),
        "options": {
            "up_is_red_in": list(options.up_is_red_in),
            "close_margin_minutes": options.close_margin_minutes,
        },
    }


def _is_there(folder: Path, wanted: dict[str, Any]) -> bool:
    """Whether the report in `folder` is whole, and made as `wanted`."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return all(manifest[name] == value for name, value in wanted.items()) and all(
            hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
            for name, digest in manifest["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False  # it is written anew


@contextmanager
def _worker_pool(folder: Path, processes: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that write into `folder`; where the work inside ends early, they end at once and leave nothing half-written."""
    others = set(multiprocessing.active_children())
    # spawned: a fork would share the connection and the threads of the libraries
    pool = ProcessPoolExecutor(
        processes, mp_context=multiprocessing.get_context("spawn"), initializer=_leave_stopping_to_parent
    )
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        workers = [one for one in multiprocessing.active_children() if one not in others]
        with hold_lock(folder / ".lock"):  # under which a finished report takes the place of the one before
            for worker in workers:
                worker.kill()
                worker.join()
        for worker in workers:
            for unfinished in folder.glob(f".????-??-??.{worker.pid}.*"):
                shutil.rmtree(unfinished, ignore_errors=True)
        raise
    else:
        pool.shutdown()


def _leave_stopping_to_parent() -> None:
    """Ctrl-C reaches every process of a terminal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _write_reports_of_days(
    path: Path, home: Path, settings: Settings, days: list[date], languages: tuple[str, ...]
) -> int:
    with open_build(path) as reading:
        for day in days:
            files = session_files(reading, day, languages, page_options(settings), page_version())
            write_folder(home / FOLDER / day.isoformat(), files)
    return len(days)
