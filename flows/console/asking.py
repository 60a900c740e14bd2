"""Statements of DuckDB that ask and write nothing: which they are, and a connection on which nothing else can be had."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import duckdb

from warehouse.duck import without_end_mark
from warehouse.errors import UsageError

# what may be set before a query: how it reads names and instants; other settings write logs and profiles into files
_SET = re.compile(
    r"(set|reset)\s+((session|global)\s+)?(variable|time\s+zone|timezone|search_path|schema)\b|use\s", re.IGNORECASE
)
_EXPLAIN = re.compile(
    r"explain(\s+analyze)?(\s*\(\s*(analyze|format\s+\w+)(\s*,\s*(analyze|format\s+\w+))*\s*\))?\s", re.IGNORECASE
)
_ROWS_AT_ONCE = 2_048
_REFUSAL = "the statement returns no rows and is not run; ask the warehouse with SELECT"


def ask_read_only(
    connection: duckdb.DuckDBPyConnection, text: str, limit: int | None = None
) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """Names and rows of the one query in `text`, before which variables may be set. Local files can be read.

    The rows come as they are asked for and are not held, however many; with `limit` they are at most as many.

    Raises UsageError for what asks nothing, for several queries, and for what could write a file or change more than
    variables, time zone and search path; duckdb.Error as it comes.
    """
    *before, last = duckdb.extract_statements(text)
    asked = sum(_returns_rows(one) for one in (*before, last))
    if asked > 1:
        raise UsageError(f"these are {asked} queries, and one is run at a time; give them one after the other")
    query = _query_that_writes_nothing(last)
    if query is None or not all(one.type == duckdb.StatementType.SET for one in before):
        raise UsageError(_REFUSAL)
    for one in before:
        if _SET.match(_from_first_word(one.query)) is None:
            raise UsageError(
                "only variables, the time zone and the search path are set before a query: other settings could write files"
            )
        # before the query settings can be changed still, by functions too
        if re.search(r"\b(from|select|table)\b", _without_strings(one.query), re.IGNORECASE):
            raise UsageError("a variable is set to a value; what is asked of a table goes into the query itself")
    # an extension that is fetched is a file that is written
    connection.execute("set autoinstall_known_extensions = false")
    for one in before:
        connection.execute(one.query)
    # functions such as enable_logging change settings, too
    connection.execute("set lock_configuration = true")
    if limit is not None:
        # known before the query runs: the first rows of an order need no whole sort
        relation = connection.sql(query).limit(limit)
        return list(relation.columns), iter(relation.fetchall())
    cursor = connection.execute(query)
    return [str(entry[0]) for entry in cursor.description or ()], _rows_as_they_come(cursor)


def _rows_as_they_come(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        yield from rows


def _returns_rows(statement: duckdb.Statement) -> bool:
    return statement.expected_result_type == [duckdb.ExpectedResultType.QUERY_RESULT]


def _query_that_writes_nothing(statement: duckdb.Statement) -> str | None:
    """The query to run; None where the statement is another one than a SELECT, a PIVOT, or EXPLAIN of a SELECT."""
    text = without_end_mark(statement.query)
    if statement.type == duckdb.StatementType.SELECT:
        return text
    if statement.type == duckdb.StatementType.MULTI:
        # PIVOT becomes several statements, and so does COPY of one, which is no subquery
        return f"from (\n{text}\n)"
    if statement.type == duckdb.StatementType.EXPLAIN:
        plain = _from_first_word(text)
        prefix = _EXPLAIN.match(plain)
        explained = duckdb.extract_statements(plain[prefix.end() :]) if prefix else []
        if [one.type for one in explained] == [duckdb.StatementType.SELECT]:
            return text
    return None


def _without_strings(statement: str) -> str:
    """The statement with a blank in place of each string and comment."""
    text = statement.encode()
    found = duckdb.tokenize(statement)
    ends = [at for at, _ in found[1:]] + [len(text)]
    noise = (duckdb.token_type.string_const, duckdb.token_type.comment)
    return b" ".join(
        b" " if kind in noise else text[at:end] for (at, kind), end in zip(found, ends, strict=True)
    ).decode()


def _from_first_word(statement: str) -> str:
    """The statement without the comments before it."""
    text = statement.encode()  # tokens are counted in bytes
    starts = [at for at, kind in duckdb.tokenize(statement) if kind != duckdb.token_type.comment]
    return text[starts[0] :].decode() if starts else ""
