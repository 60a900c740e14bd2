"""Runs one model in DuckDB: makes the table or view, holds it against its header, checks its invariants, hashes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import duckdb

from transforms.engine.graph import parameter_names
from transforms.engine.model import Invariant, Model
from transforms.engine.shards import SHARD_VALUES, make_in_shards, thread_count
from transforms.engine.texts import fill_in_texts
from warehouse.duck import error_line, quote_literal
from warehouse.errors import ModelError
from warehouse.settings.kinds import suggest_name

OUT = "out"
SCRATCH = "scratch"
KEPT = "kept"
CLIPPED = "clipped"
# among the values of a build: the texts of reports by language and key
TEXTS = "texts"
_SHOWN_ROWS = 3
_LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)


def database_of_model(model: Model) -> str:
    """Published models are made in the file that analysts get, others whose blocks are kept in a file of the store, the rest in
    one that is thrown away."""
    if model.is_published:
        return OUT
    return KEPT if model.blocks is not None and model.blocks.is_kept else SCRATCH


class OrderLostError(ModelError):
    """The rows of a model that is made `in_order` break an invariant: memory may not have held what was read beside them."""


def is_for_want_of_memory(error: BaseException | None) -> bool:
    """It may be made with more memory, alone or on fewer threads."""
    return isinstance(error, OrderLostError) or (
        isinstance(error, ModelError) and isinstance(error.__cause__, duckdb.OutOfMemoryException)
    )


Maker = Callable[[duckdb.DuckDBPyConnection, Model, Mapping[str, Any]], None]


def build_model(
    con: duckdb.DuckDBPyConnection, model: Model, values: Mapping[str, Any], maker: Maker | None = None
) -> None:
    """Make the model, hold it against its header, check its invariants and comment it. `values` are the $parameters.

    `maker` makes the table in place of `make_table`. What does not fit into the memory limit is done again in smaller pieces
    (unless its rows would lose their order), then on half as many threads, for each takes its share. Raises ModelError with
    the model's name where any of that fails.
    """
    threads = thread_count(con)
    # joins in small pieces lose the order of what they read
    pieces = () if model.is_in_order else (_in_small_pieces(con),)
    try:
        for change in (*pieces, *(f"set threads = {fewer}" for fewer in _halved(threads)), None):
            try:
                (maker or make_table)(con, model, values)
                check_columns(con, model)
                check_invariants(con, model, values)
                break
            except ModelError as error:
                if not is_for_want_of_memory(error):
                    raise
                con.execute(f"drop {_kind(model)} if exists {database_of_model(model)}.{model.name}")
                if change is None:
                    raise
                con.execute(change)
    finally:
        con.execute(f"set threads = {threads}; reset operator_memory_limit")
    if model.is_published:
        write_comments(con, model)


def _in_small_pieces(con: duckdb.DuckDBPyConnection) -> str:
    """The setting by which a sort writes to disk what it has long before the memory limit: threads that come to that limit at
    once, as they do now and then, have no room left to write."""
    limit, unit = con.execute("select current_setting('memory_limit')").fetchall()[0][0].split()
    return f"set operator_memory_limit = '{float(limit) / 5} {unit}'"


def build_beside(con: duckdb.DuckDBPyConnection, model: Model, values: Mapping[str, Any]) -> None:
    """The same beside other models: nothing is left of one that fails, and what does not fit into memory is not tried again."""
    try:
        make_table(con, model, values)
        check_columns(con, model)
        check_invariants(con, model, values)
    except ModelError as error:
        if is_for_want_of_memory(error):
            con.execute(f"drop {_kind(model)} if exists {database_of_model(model)}.{model.name}")
        raise
    if model.is_published:
        write_comments(con, model)


def _halved(count: int) -> Iterator[int]:
    while count > 1:
        count //= 2
        yield count


def _kind(model: Model) -> str:
    return "view" if model.is_view else "table"


def filled_sql(model: Model, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The model's SQL with the texts of reports filled in, and those of `values` that it names. Raises ModelError where one
    is missing."""
    sql = fill_in_texts(model, values.get(TEXTS, {}))
    wanted = parameter_names(sql) - (set(SHARD_VALUES) if model.shards else set())
    missing = sorted(wanted - values.keys())
    if missing:
        hint = suggest_name(missing[0], values.keys() - {TEXTS})
        raise ModelError(f"{model.name}: there is no parameter ${missing[0]}{hint}")
    return sql, {name: values[name] for name in sorted(wanted)}


def make_table(con: duckdb.DuckDBPyConnection, model: Model, values: Mapping[str, Any]) -> None:
    """Make the model's table or view. `values` are the $parameters. Raises ModelError where its SQL fails."""
    sql, given = filled_sql(model, values)
    table = f"{database_of_model(model)}.{model.name}"
    try:
        if model.is_in_order:
            con.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
        if model.shards:
            make_in_shards(con, table, sql, model.shards, given)
        else:
            # the line break ends a comment in the last line of the SELECT
            con.execute(f"create {_kind(model)} {table} as {sql}\n", given)
    except duckdb.Error as error:
        raise ModelError(f"{model.name}{_place(model, error)}: {error_line(error)}") from error
    finally:
        if model.is_in_order:
            con.execute("reset disabled_optimizers")


def _place(model: Model, error: duckdb.Error) -> str:
    """The line of the model's file that DuckDB speaks of, where its whole SELECT was run at once."""
    found = _LINE.search(str(error))
    return f", line {int(found[1]) + model.first_line - 1}" if found and model.shards is None else ""


def check_columns(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Raises ModelError that names each column that differs from the header in name, type or place."""
    built = [row[:2] for row in con.execute(f"describe {database_of_model(model)}.{model.name}").fetchall()]
    declared = [(column.name, column.type) for column in model.columns]
    if built == declared:
        return
    built_types, declared_types = dict(built), dict(declared)
    found = [f"{name} is not in the header" for name in built_types if name not in declared_types]
    found += [f"{name} is not built" for name in declared_types if name not in built_types]
    found += [
        f"{name} is {built_types[name]}, declared {declared_types[name]}{_fault_of_type(con, declared_types[name])}"
        for name in built_types
        if name in declared_types and built_types[name] != declared_types[name]
    ]
    if not found:
        found = [f"the order is {', '.join(built_types)}, declared {', '.join(declared_types)}"]
    raise ModelError(f"{model.name} differs from its header: {'; '.join(found)}")


def _fault_of_type(con: duckdb.DuckDBPyConnection, name: str) -> str:
    try:
        con.execute(f"select cast(null as {name})")
    except duckdb.Error:
        return ", which is no type of DuckDB's"
    return ""


def check_invariants(con: duckdb.DuckDBPyConnection, model: Model, values: Mapping[str, Any]) -> None:
    """Raises ModelError with the invariant and up to three offending rows, OrderLostError for a model that is made in order."""
    for invariant in model.invariants:
        broken = _violating_rows(con, model, invariant, values)
        if broken:
            rows = "; ".join(str(row) for row in broken)
            error = OrderLostError if model.is_in_order else ModelError
            raise error(f"{model.name}: invariant broken: {invariant.description} Rows: {rows}")


def _violating_rows(
    con: duckdb.DuckDBPyConnection, model: Model, invariant: Invariant, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    wanted = {name: values[name] for name in sorted(parameter_names(invariant.sql)) if name in values}
    try:
        cursor = con.execute(f"select * from ({invariant.sql}) limit {_SHOWN_ROWS}", wanted)
        names = [str(entry[0]) for entry in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    except duckdb.Error as error:
        raise ModelError(f"{model.name}: invariant {invariant.description!r}: {error_line(error)}") from error


def write_comments(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Write the header's texts as comments on the table and its columns, in one transaction."""
    table = f"{database_of_model(model)}.{model.name}"
    comments = [f"comment on {_kind(model)} {table} is {quote_literal(f'{model.description} Grain: {model.grain}.')}"]
    comments += [f'comment on column {table}."{c.name}" is {quote_literal(c.comment)}' for c in model.columns]
    con.execute("; ".join(["begin", *comments, "commit"]))


def table_hash(con: duckdb.DuckDBPyConnection, table: str) -> tuple[int, str]:
    """Row count and hash of a table: the sum of its rows' hashes modulo 2**64, whatever their order."""
    # the sum of whole 64-bit numbers as HUGEINT is exact; of UHUGEINT it would be a double
    query = f"select count(*), coalesce(sum(cast(hash(*columns(*)) as hugeint)), 0) % 18446744073709551616 from {table}"
    rows, total = con.execute(query).fetchall()[0]
    return int(rows), f"{int(total):016x}"
