"""The databases of a build: the new file that analysts get, one with the other blocks that are kept, and a scratch file that goes
away at the end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from transforms.engine.former import Start
from transforms.engine.model import LAYERS, PUBLISHED
from transforms.engine.notes import create_text_functions
from transforms.engine.run import CLIPPED, KEPT, OUT, SCRATCH
from transforms.engine.texts import Texts
from warehouse.builds.publish import WORK_LOCK
from warehouse.duck import connect, error_line, quote_literal
from warehouse.durable_io import hold_lock
from warehouse.errors import ModelError
from warehouse.settings import Settings

# a build is whole or thrown away, so nothing would ever be recovered from a log
_OPTIONS = "recovery_mode no_wal_writes"
# a schema-qualified name is looked for in the catalog that stands before that schema in the path
SEARCH_PATH = "out.marts,out.reports,out.ops,scratch.lake,scratch.staging,scratch.intermediate,kept.intermediate"


@contextmanager
def open_databases(
    out: Path,
    settings: Settings,
    threads: int | None = None,
    texts: Texts | None = None,
    *,
    is_scratch_in_memory: bool = False,
    copy_former: Callable[[str, Path], Start] | None = None,
    taken: Collection[str] = (),
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the new file `out` attached as `out`, that of `kept_file` as `kept`, and a scratch file as `scratch`,
    their schemas made.

    `is_scratch_in_memory` spares a small build the packing of tables that are thrown away; they would be spilled like others.

    `copy_former` copies an earlier file of a database where it can, of which the tables in `taken` are left.

    What is not `out` is removed at the end, `out` too where the body raises. Raises ModelError where `out` exists.
    """
    if out.exists():
        raise ModelError(f"{out} is there already; a build makes a new file")
    work = work_folder(out)
    with _folder_of_ours(work):
        con = connect(**_duckdb_config(work, settings, threads))
        try:
            # the scratch file is thrown away, the others are whole by then
            con.execute("pragma disable_checkpoint_on_shutdown")
            _attach_files(con, out, settings, copy_former or _none_before, taken)
            if is_scratch_in_memory:
                con.execute(f"attach ':memory:' as {SCRATCH}")
            else:
                con.execute(f"attach {quote_literal(work / 'scratch.duckdb')} as {SCRATCH} ({_OPTIONS})")
            con.execute(f"attach ':memory:' as {CLIPPED}")
            for schema in LAYERS:
                con.execute(f"create schema if not exists {OUT if schema in PUBLISHED else SCRATCH}.{schema}")
            con.execute(f"create schema if not exists {KEPT}.intermediate; create schema if not exists {KEPT}.lake")
            con.execute(f"create schema if not exists {OUT}.ops")
            con.execute(f"use {SCRATCH}")
            create_functions(con, texts or {})
            yield con
            con.close()
        except BaseException as error:
            con.close()
            out.unlink(missing_ok=True)
            out.with_name(f"{out.name}.wal").unlink(missing_ok=True)
            if isinstance(error, duckdb.Error):
                raise ModelError(
                    f"{out.name} could not be made, and nothing is left of it: {error_line(error)}"
                ) from error
            if isinstance(error, OSError):
                raise ModelError(
                    f"{out.name} could not be made, and nothing is left of it: {error.strerror}"
                ) from error
            raise


@contextmanager
def _folder_of_ours(work: Path) -> Iterator[None]:
    """An empty folder, and nothing left of it in the end; while its lock is held nobody takes it for that of a build that was
    killed."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    with hold_lock(work / WORK_LOCK):
        try:
            yield
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _attach_files(
    con: duckdb.DuckDBPyConnection,
    out: Path,
    settings: Settings,
    copy_former: Callable[[str, Path], Start],
    taken: Collection[str],
) -> None:
    own = f"{_OPTIONS}, storage_version {quote_literal(settings.storage_version)}"
    files_of = {OUT: out, KEPT: kept_file(out)}
    with ThreadPoolExecutor() as pool:
        starts = list(pool.map(copy_former, files_of, files_of.values()))
    for (database, path), start in zip(files_of.items(), starts, strict=True):
        former = work_folder(out) / f"former_{database}.duckdb"
        if start is Start.TABLES:
            path.rename(former)
        con.execute(f"attach {quote_literal(path)} as {database} ({own})")
        if start is Start.COPY:
            _drop_all_but(con, database, taken)
        elif start is Start.TABLES:
            _copy_tables(con, former, database, taken)


def _none_before(database: str, path: Path) -> Start:
    return Start.NOTHING


def kept_file(out: Path) -> Path:
    """The file with the kept blocks that are not in `out`, while the build goes on."""
    return work_folder(out) / "kept.duckdb"


def work_folder(out: Path) -> Path:
    """What lies in it is gone once the build has ended."""
    return out.parent / f".{out.name}.{os.getpid()}.work"


def _drop_all_but(con: duckdb.DuckDBPyConnection, database: str, taken: Collection[str]) -> None:
    """Remove what a copied file has beside the tables in `taken`."""
    found = _tables_of(con, database)
    for schema, table in found:
        if f"{schema}.{table}" not in taken:
            con.execute(f'drop table {database}."{schema}"."{table}"')
    if found:  # what they took is free from now on
        con.execute(f"checkpoint {database}")


def _copy_tables(con: duckdb.DuckDBPyConnection, former: Path, database: str, taken: Collection[str]) -> None:
    """Write the tables in `taken` of the file `former` to the new database, their rows in the same order, and remove the file."""
    con.execute(f"attach {quote_literal(former)} as former (read_only)")
    for schema, table in _tables_of(con, "former"):
        if f"{schema}.{table}" in taken:
            con.execute(f'create schema if not exists {database}."{schema}"')
            con.execute(f'create table {database}."{schema}"."{table}" as from former."{schema}"."{table}"')
    con.execute("detach former")
    former.unlink()


def _tables_of(con: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str]]:
    query = "select schema_name, table_name from duckdb_tables() where database_name = ?"
    return con.execute(query, [database]).fetchall()


def create_functions(con: duckdb.DuckDBPyConnection, texts: Texts) -> None:
    """The functions of `functions.sql`, in schema `lake` of the catalog in use (made where it is not), and those on texts."""
    create_text_functions(con, texts)
    con.execute("create schema if not exists lake")
    con.execute(files("transforms").joinpath("engine", "functions.sql").read_text(encoding="utf-8"))


def _duckdb_config(work: Path, settings: Settings, threads: int | None) -> dict[str, Any]:
    return {
        "memory_limit": settings.memory_limit,
        "temp_directory": str(work / "spill"),
        "threads": threads or os.cpu_count() or 1,
        # what a build leaves is synced once, when it is whole
        "fsync_mode": "NONE",
    }
