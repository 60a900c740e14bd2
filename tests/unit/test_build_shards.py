"""A model run in shards gives the rows that it gives in one piece."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any, cast

import duckdb
import pytest

from tests.unit.test_model import HEADER
from tests.unit.test_model_graph import model
from transforms.engine import run
from transforms.engine.model import Invariant, Model, parse_model
from transforms.engine.parts import Shards
from transforms.engine.shards import shard_ranges, thread_count
from warehouse.errors import ModelError

SQL = "select cast(n % 3 as integer) as x from intermediate.numbers where n between $shard_first and $shard_last -- end"


def connection(threads: int, rows: int) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"threads": threads})
    con.execute("attach ':memory:' as out; attach ':memory:' as scratch")
    con.execute("create schema out.marts; create schema scratch.intermediate")
    con.execute("set search_path = 'out.marts,scratch.intermediate'")
    con.execute(f"create table scratch.intermediate.numbers as select i + 1 as n from range({rows}) as r (i)")
    return con


class Explained:
    """A connection that notes the plan of each table that is made with it."""

    def __init__(self, con: duckdb.DuckDBPyConnection, plans: list[str]) -> None:
        self._con, self._plans = con, plans

    def execute(self, sql: str, values: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
        if sql.startswith("create table"):
            self._plans.append(self._con.execute(f"explain (format json) {sql}", values).fetchall()[0][1])
        return self._con.execute(sql, values)


def sharded(**changes: Any) -> Model:
    return model("marts.m", SQL, shards=Shards("intermediate.numbers", "n"), **changes)


@pytest.mark.parametrize(
    ("threads", "rows", "expected"),
    [(2, 10, [(1, 5), (6, 10)]), (3, 10, [(1, 3), (4, 6), (7, 10)]), (4, 2, [(1, 1), (2, 2)]), (2, 0, [(0, 0)])],
)
def test_ranges_cover_every_value_once(threads: int, rows: int, expected: list[tuple[int, int]]) -> None:
    assert shard_ranges(connection(threads, rows), Shards("intermediate.numbers", "n")) == expected


def test_shards_of_a_given_size_begin_at_its_multiples_whatever_the_threads() -> None:
    expected = [(0, 3), (4, 7), (8, 11)]
    assert shard_ranges(connection(4, 9), Shards("intermediate.numbers", "n", 4)) == expected
    assert shard_ranges(connection(1, 0), Shards("intermediate.numbers", "n", 4)) == [(0, 0)]


def test_shards_of_at_most_a_size_are_equal_and_give_each_thread_as_many() -> None:
    limited = Shards("intermediate.numbers", "n", at_most=4)
    assert shard_ranges(connection(2, 10), limited) == [(1, 2), (3, 5), (6, 7), (8, 10)]
    assert shard_ranges(connection(2, 4), limited) == [(1, 2), (3, 4)]
    assert shard_ranges(connection(1, 4), limited) == [(1, 4)]
    assert shard_ranges(connection(2, 0), limited) == [(0, 0)]
    assert shard_ranges(connection(2, 10), limited, span=(9, 10)) == [(9, 9), (10, 10)]


def test_shards_of_numbers_with_holes_have_as_many_of_them() -> None:
    con = duckdb.connect(config={"threads": 2})
    con.execute("create table stocks as select 1 + i * i * i * i as n from range(50) as r (i), range(i % 3 + 1)")
    ranges = shard_ranges(con, Shards("stocks", "n", at_most=12))
    assert ranges[0][0] == 1
    assert ranges[-1][1] == 49**4 + 1
    assert all(last + 1 == first for (_, last), (first, _) in pairwise(ranges))
    numbers = [1 + i**4 for i in range(50)]
    assert [sum(first <= number <= last for number in numbers) for first, last in ranges] == [8, 8, 9, 8, 8, 9]
    assert shard_ranges(con, Shards("stocks", "n"), span=(2, 49**4)) == [(2, 25**4), (25**4 + 1, 49**4)]


def test_the_rows_of_one_shard_follow_those_of_the_shard_before() -> None:
    con = connection(4, 5000)
    # the first shard takes longest
    sql = SQL.replace("n % 3", "n").replace(
        "where", ", range(if($shard_first = 0, 3000, 1)) as r where r.range = 0 and"
    )
    run.build_model(con, model("marts.m", sql, shards=Shards("intermediate.numbers", "n", 100)), {})
    rows = [row[0] for row in con.execute("select x from marts.m").fetchall()]
    assert rows == list(range(1, 5001))


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_shards_give_all_rows(threads: int) -> None:
    con = connection(threads, 1000)
    run.build_model(con, sharded(), {})
    counts = con.execute("select x, count(*) from marts.m group by x order by x").fetchall()
    assert counts == [(0, 333), (1, 334), (2, 333)]


def test_joins_of_a_model_in_order_run_as_written() -> None:
    con = connection(2, 60_000)
    con.execute("create table scratch.intermediate.few as select 3 * n as n from scratch.intermediate.numbers limit 20")
    # the larger table stands second, where it is read as a whole: else DuckDB would look up the rows of the first in it
    sql = "select f.n::integer as x from intermediate.few as f inner join intermediate.numbers as n on f.n = n.n"
    plans: list[str] = []
    for is_in_order in (False, True):
        wanted = model("marts.m", sql, is_in_order=is_in_order)
        run.make_table(cast(duckdb.DuckDBPyConnection, Explained(con, plans)), wanted, {})
        con.execute("drop table out.marts.m")
    second_first = [plan.index("numbers") < plan.index("few") for plan in plans]
    assert second_first == [True, False]
    assert con.execute("select current_setting('disabled_optimizers')").fetchall() == [("",)]


def test_a_shard_that_fails_is_named() -> None:
    with pytest.raises(ModelError, match="marts.m: Conversion Error"):
        run.make_table(
            connection(2, 100), model("marts.m", SQL.replace("n % 3", "'a' || n"), shards=sharded().shards), {}
        )


def makes_with_few_threads(fitting: int, tried: list[int]) -> run.Maker:
    """Makes the table as ever, but runs out of memory where DuckDB has more threads than are `fitting`."""

    def make(con: duckdb.DuckDBPyConnection, made: Model, values: Mapping[str, Any]) -> None:
        tried.append(thread_count(con))
        run.make_table(con, made, values)
        if tried[-1] > fitting:
            raise ModelError(f"{made.name}: out of memory") from duckdb.OutOfMemoryException("full")

    return make


@pytest.mark.parametrize(("fitting", "expected"), [(4, [4]), (2, [4, 4, 2]), (1, [4, 4, 2, 1])])
def test_what_does_not_fit_into_memory_is_made_on_fewer_threads(fitting: int, expected: list[int]) -> None:
    con, tried = connection(4, 1000), list[int]()
    run.build_model(con, sharded(), {}, makes_with_few_threads(fitting, tried))
    assert tried == expected
    assert thread_count(con) == 4
    assert con.execute("select count(*) from marts.m").fetchall() == [(1000,)]


def test_what_does_not_fit_into_memory_is_first_made_in_small_pieces() -> None:
    con, limits = connection(2, 1000), list[str | None]()
    con.execute("set memory_limit = '500MiB'")

    def make(con: duckdb.DuckDBPyConnection, made: Model, values: Mapping[str, Any]) -> None:
        limits.extend(con.execute("select current_setting('operator_memory_limit')").fetchall()[0])
        run.make_table(con, made, values)
        if len(limits) == 1:
            raise ModelError(f"{made.name}: out of memory") from duckdb.OutOfMemoryException("full")

    run.build_model(con, sharded(), {}, make)
    assert limits == [None, "100.0 MiB"]
    assert con.execute("select current_setting('operator_memory_limit')").fetchall() == [(None,)]
    assert con.execute("select count(*) from marts.m").fetchall() == [(1000,)]


def test_rows_that_memory_did_not_keep_in_order_are_made_on_fewer_threads_and_not_in_small_pieces() -> None:
    con, tried = connection(2, 1000), list[tuple[int, str | None]]()
    in_order = Invariant(
        "Rows follow each other.", "select x from (select x, lag(x) over () as b from marts.m) where x < b"
    )
    made_in_order = model("marts.m", "select n::integer as x from intermediate.numbers", is_in_order=True)
    wanted = replace(made_in_order, invariants=(in_order,))

    def make(con: duckdb.DuckDBPyConnection, made: Model, values: Mapping[str, Any]) -> None:
        limit = con.execute("select current_setting('operator_memory_limit')").fetchall()[0][0]
        tried.append((thread_count(con), limit))
        run.make_table(con, replace(made, sql=f"{made.sql} order by n desc") if len(tried) == 1 else made, values)

    run.build_model(con, wanted, {}, make)
    assert tried == [(2, None), (1, None)]
    with pytest.raises(run.OrderLostError, match="invariant broken: Rows follow each other"):
        run.check_invariants(con, replace(wanted, invariants=(replace(in_order, sql="select x from marts.m"),)), {})


def test_what_does_not_fit_on_one_thread_fails_the_build_with_its_name() -> None:
    con, tried = connection(4, 1000), list[int]()
    with pytest.raises(ModelError, match=r"marts\.m: out of memory"):
        run.build_model(con, sharded(), {}, makes_with_few_threads(0, tried))
    assert tried == [4, 4, 2, 1]
    assert thread_count(con) == 4


def test_only_a_want_of_memory_is_tried_again() -> None:
    tried: list[int] = []

    def fail(con: duckdb.DuckDBPyConnection, made: Model, values: Mapping[str, Any]) -> None:
        tried.append(thread_count(con))
        run.make_table(con, made, values)

    with pytest.raises(ModelError, match=r"marts\.m: Conversion Error"):
        run.build_model(
            connection(4, 100), model("marts.m", SQL.replace("n % 3", "'a' || n"), shards=sharded().shards), {}, fail
        )
    assert tried == [4]


def test_what_is_sharded_by_what_stands_in_the_header() -> None:
    header = HEADER.replace("grain: day", "grain: day\nshards: {of: marts.a, by: n}")
    assert parse_model("marts", "prices", header).shards == Shards("marts.a", "n")
    sized = header.replace("by: n", "by: n, each: 8")
    assert parse_model("marts", "prices", sized).shards == Shards("marts.a", "n", 8)
    limited = header.replace("by: n", "by: n, at_most: 8")
    assert parse_model("marts", "prices", limited).shards == Shards("marts.a", "n", at_most=8)
    for wrong in ("with: n", "by: n, each: few", "by: n, each: -1", "by: n, at_most: 0"):
        with pytest.raises(ModelError, match="shards is"):
            parse_model("marts", "prices", header.replace("by: n", wrong))
