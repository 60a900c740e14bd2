"""The folder of reports: a session's files whole or not at all, the index pages, the banner of a failed run, what goes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb

from flows.console.context import Reporter
from reports.exports.document import MANIFEST
from reports.site import Failure, ShrunkTable, read_manifests, site_files
from warehouse.builds.publish import build_to_replace
from warehouse.duck import connect
from warehouse.durable_io import disk_error, fsync_directory, hold_lock, write_whole_file
from warehouse.errors import LakeError

FOLDER = "reports"


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """`files` as the content of `folder`, which is swapped for what was there. Raises LakeError where the disk refuses."""
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    try:
        for name, content in files.items():
            path = temporary / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        with hold_lock(folder.parent / ".lock"):
            if folder.exists():
                os.rename(folder, old)
            os.rename(temporary, folder)
            fsync_directory(folder.parent)
    except OSError as error:
        raise disk_error("write", folder, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def write_index(home: Path, failure: Failure | None = None) -> None:
    """The index pages, latest.json and schema.json, from the reports that there are and what the published build has lost.

    `failure` is the last run's.
    """
    folder = home / FOLDER
    shrunk = _shrunk_tables(home)
    with hold_lock(folder / ".lock"):
        for name, content in site_files(read_manifests(folder), failure, shrunk).items():
            write_whole_file(folder / name, partial(_write_bytes, content))


def _shrunk_tables(home: Path) -> list[ShrunkTable]:
    """Tables that the published build has lost over 5 % of against the one before, the worst first."""
    build = build_to_replace(home)
    if build is None:
        return []
    query = "select table_name, rows_before, rows, cause from ops.shrunk_tables order by rows / rows_before, table_name"
    # the index is written after a failure, too, which a build that cannot be read, or that has no such table, must not hide
    with suppress(duckdb.Error, LakeError), connect(build, read_only=True) as connection:
        return [ShrunkTable(*row) for row in connection.execute(query).fetchall()]
    return []


def _write_bytes(content: bytes, path: Path) -> None:
    path.write_bytes(content)


@contextmanager
def show_failure(home: Path, now: datetime) -> Iterator[None]:
    """Where the work inside fails and there are reports, their index says so; the reports stay."""
    try:
        yield
    except Exception as error:
        if (home / FOLDER).is_dir():
            write_index(home, Failure(now, f"{type(error).__name__}: {error}"[:300]))
        raise


def prune_reports(folder: Path, keep_days: int, reporter: Reporter) -> list[str]:
    """Remove reports whose session, and the day on which they were written, lie over `keep_days` before the newest session.

    Returns their names, and says how many. A copy of the folder that keeps no times was written when it was copied.
    """
    found = sorted(folder.glob(f"????-??-??/{MANIFEST}"))
    if not found:
        return []
    oldest = date.fromisoformat(found[-1].parent.name) - timedelta(days=keep_days)
    gone = [path.parent for path in found if max(date.fromisoformat(path.parent.name), _written_on(path)) < oldest]
    for report in gone:
        shutil.rmtree(report, ignore_errors=True)
    if gone:
        reporter.print_line(
            f"reports removed, older than keep_reports_days ({keep_days:,}) by session and by writing: {len(gone):,}"
        )
    return [report.name for report in gone]


def _written_on(path: Path) -> date:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
