"""Makes a past build again from the facts that the lake held then, and compares the hash of every table."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from flows.build.facts_at_build import facts_at_build
from flows.build.version import code_version
from flows.console.context import Reporter
from flows.report.verify import verify_page
from reports import texts
from transforms.build import build_warehouse
from transforms.build_diff import settings_changes
from transforms.engine.run import table_hash
from warehouse.builds.records import BuildRecord, find_record, record_names
from warehouse.duck import connect
from warehouse.errors import UsageError
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal
from warehouse.settings import Settings

EQUAL, DIFFERENT, ONLY_THEN, ONLY_NOW = "equal", "DIFFERENT", "only then", "only now"


@dataclass(frozen=True)
class Line:
    """One table: its rows and hash then and now; None where it was not, or is not, there."""

    table: str
    then: str | None
    now: str | None
    rows_then: int | None
    rows_now: int | None

    @property
    def verdict(self) -> str:
        if self.then is None:
            return ONLY_NOW
        if self.now is None:
            return ONLY_THEN
        return EQUAL if self.then == self.now else DIFFERENT


@dataclass(frozen=True)
class Verified:
    """What came of it: the tables, what was the same and what not, and whether all are equal."""

    record: BuildRecord
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    is_equal: bool


def record_of(home: Path, name: str) -> BuildRecord:
    """The record of the build `name`, or of the build that the run `name` made. Raises UsageError where there is none."""
    record = find_record(home, name)
    if record is not None:
        return record
    runs = {row["run_id"]: row for row in Journal(home).list_runs()}
    if name in runs:
        what = f"{runs[name]['kind']}, {runs[name]['status']}"
        raise UsageError(f"run {name} ({what}) published no build; there is nothing to verify")
    newest = record_names(home)[-3:]
    known = f"the newest builds are {', '.join(reversed(newest))}" if newest else "no build has been made there yet"
    raise UsageError(
        f"no run and no build is called {name!r} under {home}; {known} (`breadthwise status` lists the runs)"
    )


def verify_build(home: Path, settings: Settings, name: str, reporter: Reporter) -> Verified:
    """Build again what `name` (a run or a build) published, under its settings and this code, and compare.

    `settings` are the home's of today: where they differ that is said. Raises UsageError for a name that is unknown.
    """
    record = record_of(home, name)
    with _work_folder(home) as folder, reporter.time_step("verify"):
        facts = facts_at_build(home, record, folder)
        out = folder / f"{record.build_id}.duckdb"
        made = build_warehouse(
            Lake(home),
            facts.manifest,
            out,
            record.settings_of_build(),
            as_of=record.as_of,
            code_version=code_version(),
            built_at=record.built_at,
            texts=texts.texts_for_sql(),
            progress=lambda model, done, total: reporter.show_progress(f"build {model}", done, total),
        )
        page = verify_page(home, record.build_id, out)
    lines = tuple(
        Line(table, record.hashes.get(table), made.hashes.get(table), record.rows.get(table), made.rows.get(table))
        for table in sorted({*record.hashes, *made.hashes})
    )
    file_note, is_file_sound = _published_file(home, record)
    notes = (facts.note, *_settings_differences(record, settings), file_note, page.line)
    is_equal = facts.is_exact and is_file_sound and page.is_equal and all(line.verdict == EQUAL for line in lines)
    return Verified(record, lines, notes, is_equal)


def _settings_differences(record: BuildRecord, settings: Settings) -> list[str]:
    code = code_version()
    notes = []
    if record.code_version != code:
        notes.append(
            f"code: the build was made by {record.code_version}, this is {code}: tables may differ for that alone"
        )
    else:
        notes.append(f"code: the same, {code}")
    changes = settings_changes(record.settings, settings)
    if changes:
        notes.append(f"settings: the home's are others now ({'; '.join(changes)}); verified under those of the build")
    else:
        notes.append("settings: the same")
    return notes


def _published_file(home: Path, record: BuildRecord) -> tuple[str, bool]:
    """Whether the published file, if it is still there, holds what the record says."""
    path = home / "builds" / f"{record.build_id}.duckdb"
    if not path.is_file():
        return "file: pruned; the record stands for it", True
    try:
        with connect(path, read_only=True) as con:
            wrong = [table for table, digest in sorted(record.hashes.items()) if table_hash(con, table)[1] != digest]
    except duckdb.Error as error:
        return f"file: {path} cannot be read: {str(error).splitlines()[0]}", False
    if wrong:
        return f"file: {path} was changed after it was published: {', '.join(wrong)}", False
    return f"file: {path} holds what the record says", True


@contextmanager
def _work_folder(home: Path) -> Iterator[Path]:
    """A folder under the home, so that a large build finds space, which is gone at the end."""
    folder = home / "tmp" / f"verify-{os.getpid()}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
