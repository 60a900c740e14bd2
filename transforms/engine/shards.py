"""Runs a model in parts on several cursors: a pipeline of streaming windows uses one thread, its shards all; and what is
sorted part by part fits into memory, where the whole would be spilled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import pairwise
from math import ceil
from threading import Lock
from typing import Any

import duckdb

from transforms.engine.parts import Shards
from warehouse.duck import prepare_connection, quote_literal

SHARD_VALUES = ("shard_first", "shard_last")
# more numbers than there are sessions in any calendar are those of stocks, between which most are no one's
_SESSIONS = 100_000

Range = tuple[int, int]


class Cursors:
    """The cursors of `con` on which shards are made; once they are stopped, none is given any more."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._open: set[duckdb.DuckDBPyConnection] = set()
        self._is_stopped = False
        self._lock = Lock()

    @contextmanager
    def one(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._con.cursor() as cursor:
            prepare_connection(cursor)
            with self._lock:
                if self._is_stopped:
                    raise duckdb.InterruptException("the build was stopped")
                self._open.add(cursor)
            try:
                yield cursor
            finally:
                with self._lock:
                    self._open.discard(cursor)

    def stop(self) -> None:
        with self._lock:
            self._is_stopped = True
            for cursor in self._open:
                cursor.interrupt()

    def stop_again(self) -> None:
        """Stop what has begun since, if they were stopped."""
        if self._is_stopped:
            self.stop()


# by the connection of the build: a thread that stops it knows no other
_AT_WORK: dict[duckdb.DuckDBPyConnection, Cursors] = {}


def stop_shards(con: duckdb.DuckDBPyConnection) -> None:
    """Break off what is made in shards on cursors of `con`."""
    cursors = _AT_WORK.get(con)
    if cursors is not None:
        cursors.stop()


def shard_ranges(con: duckdb.DuckDBPyConnection, shards: Shards, span: Range | None = None) -> list[Range]:
    """Ranges (first, last) of the shard column's values, those in `span` alone where it is given: of `each` values from a
    multiple of `each` on, or, without it, as many as DuckDB has threads or `at_most` asks for, with as many values each; one
    where the table is empty."""
    low, high = span or con.execute(f"select min({shards.by}), max({shards.by}) from {shards.of}").fetchall()[0]
    if low is None:
        return [(0, 0)]
    if shards.each:
        begins = range(low // shards.each * shards.each, high + 1, shards.each)
        return [(first, first + shards.each - 1) for first in begins]
    values: Sequence[int] = range(low, high + 1)
    if len(values) > _SESSIONS:
        query = f"select distinct {shards.by} from {shards.of} where {shards.by} between {low} and {high} order by all"
        values = [value for (value,) in con.execute(query).fetchall()]
    count = len(values)
    # in whole rounds, or the last part is made on one thread while the others wait
    threads = thread_count(con)
    parts = min(threads * ceil(count / (threads * shards.at_most)) if shards.at_most else threads, count)
    edges = [values[count * part // parts] for part in range(parts)]
    return [(first, last - 1) for first, last in pairwise([*edges, high + 1])]


def make_in_shards(
    con: duckdb.DuckDBPyConnection, table: str, sql: str, shards: Shards, values: Mapping[str, Any]
) -> None:
    """Create `table` from `sql`, run once for each range of `shards` as $shard_first and $shard_last; the rows of one range
    follow those of the range before. Raises duckdb.Error.
    """
    parts = shard_ranges(con, shards)
    con.execute(f"create table {table} as select * from ({sql}\n) limit 0", _shard_values(values, *parts[0]))
    insert_in_shards(con, table, sql, parts, values)


def insert_in_shards(
    con: duckdb.DuckDBPyConnection, table: str, sql: str, parts: Sequence[Range], values: Mapping[str, Any]
) -> None:
    """Add to `table` what `sql` makes of each of `parts`, in their order. Raises duckdb.Error."""
    # a cursor takes over neither
    query = "select current_setting('search_path'), current_setting('operator_memory_limit')"
    path, limit = con.execute(query).fetchall()[0]
    as_here = f"set search_path = {quote_literal(path)}"
    if limit is not None:
        as_here += f"; set operator_memory_limit = {quote_literal(limit)}"

    def insert_shard(part: Range, before: Future[None] | None) -> None:
        with cursors.one() as cursor:
            cursor.execute(f"{as_here}; begin")
            cursor.execute(f"insert into {table} {sql}", _shard_values(values, *part))
            if before is not None:
                before.result()
            cursor.execute("commit")

    cursors = _AT_WORK[con] = Cursors(con)
    done: list[Future[None]] = []
    try:
        with ThreadPoolExecutor(thread_count(con)) as pool:
            for part in parts:
                done.append(pool.submit(insert_shard, part, done[-1] if done else None))
            while wait(done, timeout=0.1).not_done:
                # a cursor that is interrupted between two statements goes on
                cursors.stop_again()
            for one in done:
                one.result()
    finally:
        del _AT_WORK[con]


def thread_count(con: duckdb.DuckDBPyConnection) -> int:
    """How many threads DuckDB uses."""
    return int(con.execute("select current_setting('threads')").fetchall()[0][0])


def _shard_values(values: Mapping[str, Any], first: int, last: int) -> dict[str, Any]:
    return {**values, **dict(zip(SHARD_VALUES, (first, last), strict=True))}
