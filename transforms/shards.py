"""Runs a model in parts on several cursors: a pipeline of streaming windows uses one thread, its shards all; and what is
sorted part by part fits into memory, where the whole would be spilled.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import duckdb

from transforms.model import Shards
from warehouse.facts import quiet

SHARD_VALUES = ("shard_first", "shard_last")


def ranges(con: duckdb.DuckDBPyConnection, shards: Shards) -> list[tuple[int, int]]:
    """Ranges (first, last) of the shard column's values: of `each` values from a multiple of `each` on, or, without it, as
    many ranges as DuckDB has threads; one where the table is empty."""
    low, high = con.execute(f"select min({shards.by}), max({shards.by}) from {shards.of}").fetchall()[0]
    if low is None:
        return [(0, 0)]
    if shards.each:
        begins = range(low // shards.each * shards.each, high + 1, shards.each)
        return [(first, first + shards.each - 1) for first in begins]
    parts = min(_threads(con), high - low + 1)
    edges = [low + (high - low + 1) * part // parts for part in range(parts + 1)]
    return [(first, last - 1) for first, last in pairwise(edges)]


def make_in_shards(
    con: duckdb.DuckDBPyConnection, table: str, sql: str, shards: Shards, values: Mapping[str, Any]
) -> None:
    """Create `table` from `sql`, run once for each range of `shards` as $shard_first and $shard_last; the rows of one range
    follow those of the range before.

    Rows of one key may so stand once for each shard: what reads the table adds them up. Raises duckdb.Error.
    """
    parts = ranges(con, shards)
    first, last = parts[0]
    con.execute(f"create table {table} as select * from ({sql}\n) limit 0", _values(values, first, last))
    path = con.execute("select current_setting('search_path')").fetchall()[0][0]

    def insert(part: tuple[int, int], before: Future[None] | None) -> None:
        with con.cursor() as cursor:
            quiet(cursor)
            cursor.execute(f"set search_path = '{path}'; begin")
            cursor.execute(f"insert into {table} {sql}", _values(values, *part))
            if before is not None:
                before.result()
            cursor.execute("commit")

    done: list[Future[None]] = []
    with ThreadPoolExecutor(_threads(con)) as pool:
        for part in parts:
            done.append(pool.submit(insert, part, done[-1] if done else None))
        for one in done:
            one.result()


def _threads(con: duckdb.DuckDBPyConnection) -> int:
    return int(con.execute("select current_setting('threads')").fetchall()[0][0])


def _values(values: Mapping[str, Any], first: int, last: int) -> dict[str, Any]:
    return {**values, **dict(zip(SHARD_VALUES, (first, last), strict=True))}
