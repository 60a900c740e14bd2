"""From the lake to a published warehouse: the plain functions behind the flow and the command `build`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from flows.build.left_out import describe_adjusted_indices
from flows.build.reserved import refuse_reserved_lists
from flows.build.version import code_version
from flows.console.context import Reporter
from reports import texts
from transforms.build import BuildResult, build_warehouse, name_build
from transforms.build_diff import previous_build, write_build_record
from transforms.engine.run import is_for_want_of_memory
from transforms.restatements import describe_changes_of_method, describe_missing_comparison
from warehouse.builds.publish import build_to_replace, new_build_path, prune_builds, publish_build
from warehouse.duck import connect
from warehouse.durable_io import write_whole_file
from warehouse.errors import LakeError, ModelError, UsageError
from warehouse.instants import to_utc_text
from warehouse.lake.damage import find_damage
from warehouse.lake.lake import Lake
from warehouse.lake.manifest import Manifest
from warehouse.runs.journal import Journal, Run
from warehouse.runs.table import runs_table
from warehouse.settings import Settings


@dataclass(frozen=True)
class Published:
    """What a build gave. `is_current` is False where a build of a newer lake had been published meanwhile."""

    result: BuildResult
    is_current: bool

    @property
    def result_line(self) -> str:
        """The line that is printed at the end of the build."""
        if self.is_current:
            return f"build {self.result.build_id} is published"
        return f"build {self.result.build_id} is not published: one of a newer lake is already, this one lies beside it"


def is_build_due(home: Path) -> bool:
    """Whether the lake holds other facts than the published build was made from, or has facts and no build to be read."""
    manifest = Lake(home).manifest()
    if not manifest.files:
        return False
    path = build_to_replace(home)
    if path is None:
        return True
    try:
        with connect(path, read_only=True) as con:
            made_from = con.execute("select lake_fingerprint from ops.builds limit 1").fetchall()
    except (duckdb.Error, LakeError):
        return True
    return made_from != [(manifest.fingerprint,)]


def build_and_publish(
    home: Path, settings: Settings, run: Run, now: datetime, reporter: Reporter, *, exit_code: int = 0
) -> Published:
    """Build the warehouse from all that the lake holds now and switch `warehouse.duckdb` to it.

    `exit_code` is what the run will end with: the build's own `ops.runs` says so already, as the file
    cannot be changed later. Raises UsageError for an empty lake, ModelError and LakeError as they come.
    """
    lake = Lake(home)
    manifest = lake.manifest()
    if not manifest.files:
        raise UsageError(
            f"the lake under {home} is empty; import files, or run `breadthwise demo` or `breadthwise run`"
        )
    code = code_version()
    refuse_reserved_lists(home, manifest)
    build_id = name_build(manifest, settings, as_of=None, code_version=code, built_at=now)
    path = new_build_path(home, build_id)
    with run.record_step("build"), reporter.time_step("build"), damaged_file_named(home, manifest):
        result = build_warehouse(
            lake,
            manifest,
            path,
            settings,
            code_version=code,
            built_at=now,
            before=previous_build(home, manifest, settings, reporter.print_problem),
            cache=home / "cache",
            journal={"runs": _runs_with_this_one_ended(home, run, exit_code)},
            texts=texts.texts_for_sql(),
            progress=_progress_callback(reporter),
        )
    for line in filter(None, (result.shrunk, describe_adjusted_indices(lake, manifest))):
        run.message = "; ".join(filter(None, [run.message, line]))
        reporter.print_line(line)
    with connect(path, read_only=True) as con:
        of_method = describe_changes_of_method(con)
        uncompared = describe_missing_comparison(con)
    if of_method:
        reporter.print_result(of_method)
    if uncompared:
        reporter.print_problem(uncompared)
    run.message = "; ".join(filter(None, [run.message, of_method, uncompared]))
    write_build_record(home, run.run_id, result, manifest, settings, code, now)
    with run.record_step("publish"), reporter.time_step("publish"):
        is_current = publish_build(home, path, manifest.generation)
        prune_builds(home, settings.keep_builds_days, now)
    _keep_timings(reporter, result)
    return Published(result, is_current)


def build_as_of(
    home: Path, settings: Settings, out: Path, now: datetime, reporter: Reporter, as_of: datetime | None = None
) -> BuildResult:
    """Build into the file `out` what was known at `as_of` (None: now), and publish nothing.

    Raises UsageError where `out` exists or the lake knew nothing then.
    """
    lake = Lake(home)
    manifest = lake.manifest()
    if out.exists():
        raise UsageError(f"{out} exists already; a build is never written over: choose another name or move it away")
    if not manifest.files:
        raise UsageError(
            f"the lake under {home} is empty; import files, or run `breadthwise demo` or `breadthwise run`"
        )
    first = min(file.first_known_at for file in manifest.files)
    if as_of is not None and to_utc_text(as_of) < first:
        raise UsageError(f"the lake knew nothing at {as_of.isoformat()}; its first fact is known since {first}")
    refuse_reserved_lists(home, manifest, as_of)
    results: list[BuildResult] = []

    def write_build(temporary: Path) -> None:
        results.append(
            build_warehouse(
                lake,
                manifest,
                temporary,
                settings,
                as_of=as_of,
                code_version=code_version(),
                built_at=now,
                journal={"runs": runs_table(Journal(home).list_runs())},
                texts=texts.texts_for_sql(),
                progress=_progress_callback(reporter),
            )
        )

    with reporter.time_step("build"), damaged_file_named(home, manifest):
        write_whole_file(out, write_build)
    _keep_timings(reporter, results[0])
    return results[0]


@contextmanager
def damaged_file_named(home: Path, manifest: Manifest) -> Iterator[None]:
    """Where a build fails in DuckDB and a file of the lake is damaged, raise the LakeError that names the file."""
    try:
        yield
    except (ModelError, duckdb.Error) as error:
        is_of_duckdb = isinstance(error, duckdb.Error) or isinstance(error.__cause__, duckdb.Error)
        if is_of_duckdb and not is_for_want_of_memory(error) and (damage := find_damage(home, manifest)):
            raise damage from error
        raise


def _runs_with_this_one_ended(home: Path, run: Run, exit_code: int) -> pa.Table:
    """The build's own run ends, as far as its file can know, when the build begins."""
    rows = Journal(home).list_runs()
    for row in rows:
        if row["run_id"] == run.run_id and row["status"] == "running":
            row.update(
                status={0: "done", 3: "gaps"}.get(exit_code, "failed"),
                exit_code=exit_code,
                ended_at=run.time_reached,
                message=run.message,
            )
    return runs_table(rows)


def _progress_callback(reporter: Reporter) -> Callable[[str, int, int], None]:
    def show_progress(model: str, done: int, total: int) -> None:
        reporter.show_progress(f"build {model}", done, total)

    return show_progress


def _keep_timings(reporter: Reporter, result: BuildResult) -> None:
    if os.environ.get("BREADTHWISE_MODEL_TIMINGS"):
        for name, seconds in sorted(result.seconds.items(), key=lambda item: -item[1])[:15]:
            reporter.timings.append((f"  {name}", seconds, 0.0))
