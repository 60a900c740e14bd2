"""DuckDB as this house uses it: the one place that opens a connection, and how names and values stand in SQL.

Every connection is quiet (no bar drawn into the output), gives instants in UTC, and never takes a Python variable for a table.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb

from warehouse.errors import LakeError

_ONE_AT_A_TIME = Lock()
_DAMAGE = "Corrupt database file"
# what DuckDB says of the write that failed, or of the checkpoint in which it was
# what does not fit into memory is written beside the database, where DuckDB takes what is free for the limit
_SPILL_LIMIT = "max_temp_directory_size"
_NO_ROOM = ("No space left", "File too large", "quota exceeded", "Could not write", "Checkpoint failed", _SPILL_LIMIT)
_HOLDER = re.compile(r"PID \d+")


def connect(path: Path | None = None, *, read_only: bool = False, **config: Any) -> duckdb.DuckDBPyConnection:
    """A connection to the database at `path`, without one to a database in memory.

    `config` are DuckDB's own options (memory_limit, temp_directory, threads); those that are None stay as DuckDB has them.
    Raises LakeError where another program holds the file, or it is damaged.
    """
    given: dict[str, Any] = {name: str(value) for name, value in config.items() if value is not None}
    try:
        return prepare_connection(
            duckdb.connect(":memory:" if path is None else str(path), read_only=read_only, config=given)
        )
    except duckdb.Error as error:
        if not is_unreadable(error):
            raise
        raise _connection_error(path, error) from error


def cursor(**config: Any) -> duckdb.DuckDBPyConnection:
    """A cursor of a database in memory that is kept for those who ask with the same `config`: to make one takes 20 ms.

    What a caller makes must be temporary or registered: it is its own, and gone when the cursor is closed.
    """
    try:
        return _new_cursor(**config)
    except duckdb.Error:
        # an internal error of anybody's statement has made it unusable for all
        _shared_database.cache_clear()
        return _new_cursor(**config)


def _new_cursor(**config: Any) -> duckdb.DuckDBPyConnection:
    # threads that begin together would each make a database, and all but one for nothing
    with _ONE_AT_A_TIME:
        database = _shared_database(os.getpid(), **config)
    return prepare_connection(database.cursor())


@lru_cache(maxsize=4)
def _shared_database(_process: int, **config: Any) -> duckdb.DuckDBPyConnection:
    """One for each process: a fork has none of the threads of its parent's."""
    return connect(**config)


def is_damaged(error: duckdb.Error) -> bool:
    """Whether what a file of DuckDB's holds is not what was written: found when a block is read, long after it was opened."""
    return _DAMAGE in str(error)


def is_for_want_of_room(error: duckdb.Error) -> bool:
    """Whether the disk took no more, or no longer file."""
    return any(sign in str(error) for sign in _NO_ROOM)


def is_unreadable(error: duckdb.Error) -> bool:
    """Whether the file is at fault, not what was asked of it: damaged, no database, gone, or held by another program."""
    return isinstance(error, duckdb.IOException) or is_damaged(error)


def is_in_use(error: duckdb.Error) -> bool:
    """Whether the file could not be opened because another program writes it, or reads what is to be written."""
    return isinstance(error, duckdb.IOException) and "lock" in str(error) and not is_damaged(error)


def _connection_error(path: Path | None, error: duckdb.Error) -> LakeError:
    """Why a database cannot be opened: in use by a writer, or damaged."""
    if not is_in_use(error):
        return LakeError(f"{path} cannot be opened: {error_line(error)}; `breadthwise build` makes the warehouse anew")
    holder = _HOLDER.search(str(error))
    by = f" ({holder.group(0)})" if holder else ""
    return LakeError(
        f"{path}: another program{by} has it open for writing; close it there, or open it there with read_only=True"
    )


def without_end_mark(statement: str) -> str:
    """The statement up to a semicolon at its end, and what only comments on it."""
    text = statement.encode()  # tokens are counted in bytes
    end = len(text)
    for at, kind in reversed(duckdb.tokenize(statement)):
        is_mark = kind == duckdb.token_type.operator and text[at : at + 1] == b";"
        if not is_mark and kind != duckdb.token_type.comment:
            break
        end = at if is_mark else end
    return text[:end].decode()


def has_end_mark(statement: str) -> bool:
    """Whether a semicolon ends a statement in it: one in a string, a name or a comment does not."""
    text = statement.encode()
    return any(
        kind == duckdb.token_type.operator and text[at : at + 1] == b";" for at, kind in duckdb.tokenize(statement)
    )


def prepare_connection(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """`con`, which may be a cursor, with what every connection has; a cursor does not take it over."""
    con.execute("set enable_progress_bar = false; set python_enable_replacements = false; set TimeZone = 'UTC'")
    return con


def quote_identifier(name: str) -> str:
    """`name` of a column or table in SQL."""
    return '"' + name.replace('"', '""') + '"'


def quote_identifiers(names: Iterable[str], prefix: str = "") -> str:
    """`names` with commas between; `prefix` such as 't.' stands before each."""
    return ", ".join(prefix + quote_identifier(name) for name in names)


def quote_literal(value: object) -> str:
    """A text, or anything by its text (a path), as a SQL string."""
    return "'" + str(value).replace("'", "''") + "'"


def quote_literals(values: Iterable[object]) -> str:
    """SQL literals, with commas between them."""
    return ", ".join(map(quote_literal, values))


def instant_literal(value: datetime) -> str:
    """An instant in SQL. Raises LakeError for one without a time zone."""
    if value.tzinfo is None:
        raise LakeError(f"{value.isoformat()} has no time zone: give an instant in UTC, such as 2026-01-23T21:00:00Z")
    return f"timestamptz {quote_literal(value.isoformat())}"


def error_line(error: duckdb.Error) -> str:
    """DuckDB's message on one line, without the excerpt of the statement, with what to do where the disk took no more."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if _SPILL_LIMIT in str(error):
        lines = [f"{lines[0]} The disk is full"]
    text = " ".join(line for line in lines if not line.startswith(("LINE ", "^")))[:500] or type(error).__name__
    advice = "; free space there, or lift the limit on the size of a file, and run again"
    return f"{text}{advice}" if is_for_want_of_room(error) else text
