"""The warehouse as a pure function of (lake, as-of, code, settings): every model, in order, into one new file."""

from __future__ import annotations

import hashlib
import itertools
import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from transforms.engine import run
from transforms.engine.blocks import BlockBuild, check_readers, names_of_bar_models
from transforms.engine.checks import check_before_build
from transforms.engine.databases import kept_file, open_databases, work_folder
from transforms.engine.digests import MODULUS
from transforms.engine.former import Start
from transforms.engine.graph import build_order, model_inputs
from transforms.engine.last_bars import carry_bars
from transforms.engine.load import load_models
from transforms.engine.model import Model
from transforms.engine.names import Names
from transforms.engine.reach import BLOCK_SESSIONS, ENGINE_TABLES, FIRST_IN_REACH, MoreBlocksNeededError
from transforms.engine.schedule import build_side_by_side
from transforms.engine.store import BlockStore
from transforms.engine.texts import Texts
from transforms.engine.values import model_values
from transforms.facts import LAKE_TABLES, Facts, attach_lake, attach_reach
from transforms.ops import Provenance, write_ops
from transforms.restatements import Before, describe_shrunk_tables, write_restatements, write_series_restatements
from warehouse.durable_io import fsync_file
from warehouse.errors import ModelError
from warehouse.lake.manifest import Manifest
from warehouse.settings import Settings

# what a build of so many facts throws away is some hundred MB as it stands
_SMALL_ROWS = 1_000_000
# a handful is usual where old facts have changed, some more where the store is damaged
_MOST_ATTEMPTS = 100

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class BuildResult:
    """`hashes` and `rows` by table of marts and reports, `seconds` by step in the order of work; `shrunk` is a line on tables
    that have lost rows against the build before, else ''."""

    build_id: str
    path: Path
    hashes: dict[str, str]
    rows: dict[str, int]
    seconds: dict[str, float] = field(default_factory=dict)
    shrunk: str = ""


def name_build(
    manifest: Manifest, settings: Settings, *, as_of: datetime | None, code_version: str, built_at: datetime
) -> str:
    """The name of the build: its instant and a digest of all that it is a function of."""
    text = "|".join([manifest.fingerprint, str(as_of), code_version, settings.build_digest])
    return f"{built_at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def build_warehouse(
    lake: Facts,
    manifest: Manifest,
    out: Path,
    settings: Settings,
    *,
    as_of: datetime | None = None,
    code_version: str,
    built_at: datetime,
    journal: Mapping[str, pa.Table] | None = None,
    before: Before | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
    threads: int | None = None,
    models: Mapping[str, Model] | None = None,
    texts: Texts | None = None,
    block_sessions: int = BLOCK_SESSIONS,
) -> BuildResult:
    """Build the warehouse into the new file `out`, synced to the disk; nothing is left of it where a model fails.

    `journal` gives 'runs' for ops.runs, `before` the build that ops.restatements compares with. `cache` is the folder of the
    store of blocks, without which the tables are the same; a block has `block_sessions`: a power of two from 8 to 256.
    `progress` is called with (model, how many are done, of how many). `threads` (of DuckDB, and tables made at once) and `models`
    default to all; `texts` are those that reports print, by language and key. Raises ModelError that names the model and what
    is wrong.
    """
    made_of = load_models() if models is None else models
    check_readers(made_of)
    name = name_build(manifest, settings, as_of=as_of, code_version=code_version, built_at=built_at)
    made_by = (as_of, code_version, settings.build_digest, built_at)
    provenance = Provenance(name, manifest.fingerprint, *made_by)
    values = model_values(settings, texts, block_sessions)
    # what was known at an instant is asked for seldom: it makes use of the blocks of the daily builds, and leaves them
    store = BlockStore(cache, built_at, is_read_only=as_of is not None)
    asked = (lake, manifest, out, settings, as_of, provenance)
    task = _Task(*asked, journal or {}, before, progress, threads, made_of, values, store)
    wanted: frozenset[int] = frozenset()
    for _ in range(_MOST_ATTEMPTS):
        try:
            return _build_once(task, wanted)
        except MoreBlocksNeededError as more:
            wanted |= more.blocks
    raise ModelError(f"{cache} cannot be read as it was written; delete it and build again")


@dataclass(frozen=True)
class _Task:
    """What `build_warehouse` was asked for."""

    lake: Facts
    manifest: Manifest
    out: Path
    settings: Settings
    as_of: datetime | None
    provenance: Provenance
    journal: Mapping[str, pa.Table]
    before: Before | None
    progress: Progress | None
    threads: int | None
    models: Mapping[str, Model]
    values: Mapping[str, Any]
    store: BlockStore


def _build_once(task: _Task, wanted: frozenset[int]) -> BuildResult:
    """One attempt, with `wanted` among the blocks that can be made. Raises MoreBlocksNeededError, with nothing left of `out`."""
    seconds: dict[str, float] = {}
    order = build_order(task.models, LAKE_TABLES)
    is_small = sum(file.rows for file in task.manifest.files) <= _SMALL_ROWS
    workers = task.threads or os.cpu_count() or 1
    texts = task.values[run.TEXTS]
    has_store = task.store.folder is not None
    task.store.begin()
    before = None if task.before is None else task.before.path

    def copy_former(database: str, path: Path) -> Start:
        with _time_step(seconds, f"copy of {database}"):
            return task.store.copy_former(database, path, before, task.settings)

    with open_databases(
        task.out,
        task.settings,
        # to share a query on a few rows takes longer than to make two tables at once
        1 if is_small else workers,
        texts,
        is_scratch_in_memory=is_small,
        copy_former=copy_former,
        taken=[*ENGINE_TABLES, *(model.name for model in order if model.is_taken_over)],
    ) as con:
        check_before_build(con, order, texts)
        blocks = _attach_lake(con, task, wanted, seconds)
        _build_models(con, order, task.values, seconds, task.progress, blocks, workers)
        published = [model for model in order if model.is_published]
        with _time_step(seconds, "hashes"):
            counted = {model.name: _count_rows(con, model, task.store) for model in published}
        with _time_step(seconds, "ops"):
            write_ops(con, task.provenance, published, counted, task.journal)
        with _time_step(seconds, "restatements"):
            write_series_restatements(con)
            if task.before is not None:
                replaced = blocks.replaced if blocks is not None else {}
                write_restatements(
                    con, {model.name: model for model in order}, counted, task.before, replaced, work_folder(task.out)
                )
            shrunk = describe_shrunk_tables(con, f"{run.OUT}.ops")
        with _time_step(seconds, "checkpoint"):
            con.execute(f"checkpoint {run.OUT}")
        if has_store:
            with _time_step(seconds, "store"):
                con.execute(f"checkpoint {run.KEPT}; detach {run.KEPT}")
                task.store.take(kept_file(task.out))
    with _time_step(seconds, "sync"), ThreadPoolExecutor() as pool:
        # it is read for its digest while it goes to the disk
        is_synced = pool.submit(fsync_file, task.out)
        task.store.write_index(task.out, task.settings)
        is_synced.result()
    hashes = {table: digest for table, (_, digest) in counted.items()}
    rows = {table: count for table, (count, _) in counted.items()}
    return BuildResult(task.provenance.build_id, task.out, hashes, rows, seconds, shrunk)


def _count_rows(con: duckdb.DuckDBPyConnection, model: Model, store: BlockStore) -> tuple[int, str]:
    """Row count and hash of a published table: of its blocks they are known."""
    blocks = store.blocks_of(model.name).values()
    if not blocks:
        return run.table_hash(con, f"{run.OUT}.{model.name}")
    return sum(block.rows for block in blocks), f"{sum(block.digest for block in blocks) % MODULUS:016x}"


def _attach_lake(
    con: duckdb.DuckDBPyConnection, task: _Task, wanted: frozenset[int], seconds: dict[str, float]
) -> BlockBuild | None:
    asked = (con, task.lake, task.manifest, task.as_of, task.settings)
    if task.store.folder is None:
        with _time_step(seconds, "lake"):
            attach_lake(*asked)
        return None
    with _time_step(seconds, "lake"):
        reach = attach_reach(*asked, task.store, wanted, task.values["block_sessions"])
    return BlockBuild(con, task.models, task.store, reach, Names(con, task.models, task.values, reach))


def _build_models(
    con: duckdb.DuckDBPyConnection,
    order: list[Model],
    values: Mapping[str, Any],
    seconds: dict[str, float],
    progress: Progress | None,
    blocks: BlockBuild | None,
    workers: int,
) -> None:
    count = itertools.count()

    def report(model: Model) -> None:
        if progress is not None:
            progress(model.name, next(count), len(order))

    def build_on_con(con: duckdb.DuckDBPyConnection, model: Model) -> None:
        report(model)
        if blocks is not None and model.name == FIRST_IN_REACH:
            with _time_step(seconds, "last bars"):
                carry_bars(blocks.reach)
        with _time_step(seconds, model.name):
            run.build_model(con, model, values, None if blocks is None else blocks.maker_of(model))

    def build_beside(con: duckdb.DuckDBPyConnection, model: Model) -> None:
        report(model)
        with _time_step(seconds, model.name):
            run.build_beside(con, model, values)

    schemas = {"lake", *(model.schema for model in order)}
    reads = {model.name: model_inputs(model, schemas) for model in order}
    is_small = blocks is not None and blocks.reach.is_small
    of_bars = frozenset() if is_small else names_of_bar_models({model.name: model for model in order})
    try:
        build_side_by_side(con, order, reads, build_on_con, build_beside, lambda model: model.name in of_bars, workers)
    except ModelError as error:
        # a part of the bars can take more memory than all of them, which are sorted by another plan
        if blocks is None or blocks.reach.is_whole or not run.is_for_want_of_memory(error):
            raise
        raise MoreBlocksNeededError(blocks.reach.blocks) from error


@contextmanager
def _time_step(seconds: dict[str, float], step: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[step] = time.perf_counter() - began
