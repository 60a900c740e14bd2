"""Runs a few models one after another over given tables, without a lake: for oracles that give more than closes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from tests.models.harness import VALUES, _types, connection, make_input, models
from transforms.engine import run
from transforms.engine.graph import model_inputs
from transforms.engine.model import LAYERS, PUBLISHED


def run_chain(names: Sequence[str], tables: Mapping[str, pa.Table], **parameters: Any) -> duckdb.DuckDBPyConnection:
    """A connection in which `names` are built in this order from `tables`; what else they read is empty.

    Columns that a table leaves out are NULL. `parameters` change the settings that the SQL sees.
    """
    con = connection()
    schemas = {"lake", *LAYERS}
    for name in names:
        for needed in sorted(model_inputs(models()[name], schemas) - set(names)):
            if not _exists(con, needed):
                make_input(con, needed, None)
                if needed in tables:
                    _fill(con, needed, tables[needed])
        run.build_model(con, models()[name], {**VALUES, **parameters})
    return con


def _exists(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    query = "select count(*) from duckdb_tables() where schema_name || '.' || table_name = ?"
    ((found,),) = con.execute(query, [table]).fetchall()
    return bool(found)


def _fill(con: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    database = run.OUT if table.split(".")[0] in PUBLISHED else run.SCRATCH
    types = _types(table)
    listed = ", ".join(f'"{name}"' for name in rows.column_names)
    cast = ", ".join(f'cast("{name}" as {types[name]})' for name in rows.column_names)
    con.register("given_rows", rows)
    con.execute(
        f"delete from {database}.{table}; insert into {database}.{table} ({listed}) select {cast} from given_rows"
    )
    con.unregister("given_rows")
