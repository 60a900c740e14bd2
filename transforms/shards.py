"""Runs a model in parts on several cursors: a pipeline of streaming windows uses one thread, its shards all."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import duckdb

from transforms.model import Shards
from warehouse.facts import quiet

SHARD_VALUES = ("shard_first", "shard_last")


def ranges(con: duckdb.DuckDBPyConnection, shards: Shards) -> list[tuple[int, int]]:
    """As many ranges (first, last) of the shard column's values as DuckDB has threads; one where the table is empty."""
    low, high = con.execute(f"select min({shards.by}), max({shards.by}) from {shards.of}").fetchall()[0]
    if low is None:
        return [(0, 0)]
    threads = int(con.execute("select current_setting('threads')").fetchall()[0][0])
    parts = min(threads, high - low + 1)
    edges = [low + (high - low + 1) * part // parts for part in range(parts + 1)]
    return [(first, last - 1) for first, last in pairwise(edges)]


def make_in_shards(
    con: duckdb.DuckDBPyConnection, table: str, sql: str, shards: Shards, values: Mapping[str, Any]
) -> None:
    """Create `table` from `sql`, run once for each range of `shards` as $shard_first and $shard_last.

    Rows of one key may so stand once for each shard: what reads the table adds them up. Raises duckdb.Error.
    """
    parts = ranges(con, shards)
    first, last = parts[0]
    con.execute(f"create table {table} as select * from ({sql}\n) limit 0", _values(values, first, last))
    path = con.execute("select current_setting('search_path')").fetchall()[0][0]

    def insert(part: tuple[int, int]) -> None:
        with con.cursor() as cursor:
            quiet(cursor)
            cursor.execute(f"set search_path = '{path}'")
            cursor.execute(f"insert into {table} {sql}", _values(values, *part))

    with ThreadPoolExecutor(len(parts)) as pool:
        for done in [pool.submit(insert, part) for part in parts]:
            done.result()


def _values(values: Mapping[str, Any], first: int, last: int) -> dict[str, Any]:
    return {**values, **dict(zip(SHARD_VALUES, (first, last), strict=True))}
