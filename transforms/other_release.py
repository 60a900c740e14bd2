"""A warehouse that another release made, held against the tables and columns that this one declares and reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from transforms import ops
from transforms.engine.load import load_models
from warehouse.builds.publish import build_to_replace
from warehouse.duck import connect
from warehouse.errors import LakeError

_NAMED = 3
# what a reader meets where a table, a column or a row of these is not there
_OF_WHAT_IS_MISSING = (
    duckdb.CatalogException,
    duckdb.BinderException,
    duckdb.ParserException,
    LookupError,
    AttributeError,
    TypeError,
)


def missing_names(con: duckdb.DuckDBPyConnection, schemas: Iterable[str] = ("marts", "reports", "ops")) -> list[str]:
    """The tables ('reports.headline') and columns ('reports.breadth.label_en') of `schemas` that this release declares and the
    warehouse has not."""
    rows = con.execute(
        "select schema_name || '.' || table_name, list(column_name) from duckdb_columns() group by 1"
    ).fetchall()
    held = {table: set(names) for table, names in rows}
    missing = []
    for table, names in _declared_columns().items():
        if table.partition(".")[0] not in schemas:
            continue
        if table not in held:
            missing.append(table)
        else:
            missing += [f"{table}.{name}" for name in names if name not in held[table]]
    return missing


def refuse_other_release(con: duckdb.DuckDBPyConnection, schemas: Iterable[str] = ("marts", "reports", "ops")) -> None:
    """Raise LakeError where the warehouse lacks a table or a column of `schemas` that this release declares."""
    missing = missing_names(con, schemas)
    if missing:
        raise other_release_error(_code_of_build(con), missing)


def error_of_other_release(home: Path, error: Exception) -> LakeError | None:
    """What `error` comes from, where it is of the kind that a missing table or column gives and the published warehouse of
    `home` lacks one; else None."""
    path = build_to_replace(home)
    if path is None or not isinstance(error, _OF_WHAT_IS_MISSING):
        return None
    try:
        with connect(path, read_only=True) as con:
            refuse_other_release(con)
    except LakeError as found:
        return found
    except duckdb.Error:
        return None
    return None


def _declared_columns() -> Mapping[str, list[str]]:
    declared = {
        model.name: [column.name for column in model.columns] for model in load_models().values() if model.is_published
    }
    return declared | {f"ops.{name}": [column for column, _, _ in table[2]] for name, table in ops.TABLES.items()}


def _code_of_build(con: duckdb.DuckDBPyConnection) -> str:
    try:
        return str(con.execute("select any_value(code_version) from ops.builds").fetchall()[0][0])
    except duckdb.Error:
        return ""


def other_release_error(code: str, missing: Sequence[str]) -> LakeError:
    """In one line: which code made the warehouse, what it lacks, what to do."""
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    return LakeError(
        f"the warehouse was made by an earlier release{f' ({code})' if code else ''}, which has no "
        f"{', '.join(missing[:_NAMED])}{more}; `breadthwise build` makes it anew"
    )
