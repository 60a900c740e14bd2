"""The two databases of a build: the new file that analysts get, and a scratch file that goes away at the end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from transforms.engine.model import LAYERS, PUBLISHED
from transforms.engine.notes import create_text_functions
from transforms.engine.run import OUT, SCRATCH
from transforms.engine.texts import Texts
from warehouse.duck import connect, error_line, quote_literal
from warehouse.errors import ModelError
from warehouse.settings import Settings

# a schema-qualified name is looked for in the catalog that stands before that schema in the path
SEARCH_PATH = "out.marts,out.reports,out.ops,scratch.lake,scratch.staging,scratch.intermediate"


@contextmanager
def open_databases(
    out: Path,
    settings: Settings,
    threads: int | None = None,
    texts: Texts | None = None,
    *,
    is_scratch_in_memory: bool = False,
    former: Path | None = None,
    copied: Collection[str] = (),
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the new file `out` attached as `out` and a scratch file as `scratch`, their schemas made.

    `is_scratch_in_memory` spares a small build the packing of tables that are thrown away; they would be spilled like others.

    `former` is the file of a build before, of which `out` begins as a copy that has the tables in `copied` alone.

    The scratch file and what was spilled are removed at the end, `out` too where the body raises. Raises ModelError
    where `out` exists.
    """
    if out.exists():
        raise ModelError(f"{out} is there already; a build makes a new file")
    work = out.parent / f".{out.name}.{os.getpid()}.work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    con = connect(**_duckdb_config(work, settings, threads))
    try:
        # a build is whole or thrown away, so nothing would ever be recovered from a log
        options = "recovery_mode no_wal_writes"
        if former is not None:
            shutil.copyfile(former, out)
        con.execute(
            f"attach {quote_literal(out)} as {OUT} ({options}, storage_version {quote_literal(settings.storage_version)})"
        )
        if is_scratch_in_memory:
            con.execute(f"attach ':memory:' as {SCRATCH}")
        else:
            con.execute(f"attach {quote_literal(work / 'scratch.duckdb')} as {SCRATCH} ({options})")
        if former is not None:
            _drop_all_but(con, copied)
        for schema in LAYERS:
            con.execute(f"create schema if not exists {OUT if schema in PUBLISHED else SCRATCH}.{schema}")
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
            raise ModelError(f"{out.name} could not be made, and nothing is left of it: {error_line(error)}") from error
        if isinstance(error, OSError):
            raise ModelError(f"{out.name} could not be made, and nothing is left of it: {error.strerror}") from error
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _drop_all_but(con: duckdb.DuckDBPyConnection, copied: Collection[str]) -> None:
    """Remove what a copied file has beside the tables in `copied`."""
    query = "select schema_name, table_name from duckdb_tables() where database_name = ?"
    for schema, table in con.execute(query, [OUT]).fetchall():
        if f"{schema}.{table}" not in copied:
            con.execute(f'drop table {OUT}."{schema}"."{table}"')
    # what they took is free from now on
    con.execute(f"checkpoint {OUT}")


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
    }
