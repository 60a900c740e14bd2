"""The warehouse as a pure function of (lake, as-of, code, settings): every model, in order, into one new file."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from transforms.engine import run
from transforms.engine.cells import CACHED, CellCache
from transforms.engine.databases import SEARCH_PATH, open_databases
from transforms.engine.graph import build_order
from transforms.engine.model import Model, load_models
from transforms.engine.texts import Texts
from transforms.ops import Provenance, write_ops
from transforms.restatements import Before, describe_shrunk_tables, write_restatements, write_series_restatements
from warehouse.contracts.datasets import CONTRACTS
from warehouse.lake.manifest import Manifest
from warehouse.settings import Settings

LAKE_TABLES = (
    *CONTRACTS,
    *(f"{name}_history" for name in CONTRACTS),
    *(f"{name}_confirmations" for name in CONTRACTS),
    "quarantine",
    "sessions",
    "grades",
    "series_rank",
)
# what a build of so many facts throws away is some hundred MB as it stands
_SMALL_ROWS = 1_000_000
_BARS = ("index_bars", "sector_bars", "equity_bars")

Progress = Callable[[str, int, int], None]


class Facts(Protocol):
    """What a build needs of the lake."""

    def attach_views(
        self,
        con: duckdb.DuckDBPyConnection,
        manifest: Manifest,
        as_of: datetime | None = None,
        schema: str = "lake",
        is_compared_once: bool = False,
    ) -> None: ...


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
) -> BuildResult:
    """Build the warehouse into the new file `out`, synced to the disk; nothing is left of it where a model fails.

    `journal` gives 'runs' for ops.runs, `before` the build that ops.restatements compares with.
    `cache` is a folder of what earlier builds made of the same facts; without it the tables are the same.
    `progress` is called with (model, how many are done, of how many).
    `threads` and `models` default to all cores and all models of the package; `texts` are those that
    reports print, by language and key, as `reports.texts.for_sql` gives them.
    Raises ModelError that names the model and what is wrong.
    """
    order = build_order(load_models() if models is None else models, LAKE_TABLES)
    provenance = Provenance(
        name_build(manifest, settings, as_of=as_of, code_version=code_version, built_at=built_at),
        manifest.fingerprint,
        as_of,
        code_version,
        settings.build_digest,
        built_at,
    )
    seconds: dict[str, float] = {}
    cells = None if cache is None else CellCache(cache, built_at)
    is_small = sum(file.rows for file in manifest.files) <= _SMALL_ROWS
    with open_databases(out, settings, threads, texts, is_scratch_in_memory=is_small) as con:
        with _time_step(seconds, "lake"):
            attach_lake(con, lake, manifest, as_of, settings)
        _build_models(con, order, {**settings.sql_parameters(), run.TEXTS: texts or {}}, seconds, progress, cells)
        published = [model for model in order if model.is_published]
        with _time_step(seconds, "hashes"):
            counted = {model.name: run.table_hash(con, f"{run.OUT}.{model.name}") for model in published}
        with _time_step(seconds, "ops"):
            write_ops(con, provenance, published, counted, journal or {})
        with _time_step(seconds, "restatements"):
            write_series_restatements(con)
            if before is not None:
                write_restatements(con, {model.name: model for model in order}, counted, before)
            shrunk = describe_shrunk_tables(con, f"{run.OUT}.ops")
        with _time_step(seconds, "checkpoint"):
            con.execute(f"checkpoint {run.OUT}")
    with _time_step(seconds, "sync"):
        _sync_file(out)
    hashes = {table: digest for table, (_, digest) in counted.items()}
    rows = {table: count for table, (count, _) in counted.items()}
    return BuildResult(provenance.build_id, out, hashes, rows, seconds, shrunk)


def _build_models(
    con: duckdb.DuckDBPyConnection,
    order: list[Model],
    values: Mapping[str, Any],
    seconds: dict[str, float],
    progress: Progress | None,
    cells: CellCache | None,
) -> None:
    for done, model in enumerate(order):
        if progress is not None:
            progress(model.name, done, len(order))
        with _time_step(seconds, model.name):
            run.build_model(
                con, model, values, cells.make_cached_table if cells is not None and model.name in CACHED else None
            )
    if cells is not None:
        cells.prune_cells()


def attach_lake(
    con: duckdb.DuckDBPyConnection, lake: Facts, manifest: Manifest, as_of: datetime | None, settings: Settings
) -> None:
    lake.attach_views(con, manifest, as_of, "lake", is_compared_once=True)
    present = [
        (dataset, source, basis)
        for dataset in _BARS
        for source, basis in con.execute(f"select distinct source, basis from lake.{dataset} order by all").fetchall()
    ]
    ranked = [*settings.series_rank, *(series for series in present if series not in settings.series_rank)]
    con.execute("create table lake.series_rank (dataset varchar, source varchar, basis varchar, rank integer)")
    con.executemany("insert into lake.series_rank values (?, ?, ?, ?)", [(*row, i) for i, row in enumerate(ranked, 1)])
    con.execute(f"set search_path = '{SEARCH_PATH}'")


def _sync_file(path: Path) -> None:
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


@contextmanager
def _time_step(seconds: dict[str, float], step: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[step] = time.perf_counter() - began
