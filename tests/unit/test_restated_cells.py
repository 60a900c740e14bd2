"""Of two builds of one table: which cells are restated, counted and shown."""

from __future__ import annotations

import time

import duckdb
import pytest

from tests.unit.test_model_graph import model
from transforms import restated_cells, restatements
from transforms.engine.model import ModelColumn
from transforms.restated_cells import Table

_BEFORE = "('2026-01-0' || i)::date as session_date, 'AAA' as symbol, i::double as close, -i as volume"


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(
        "attach ':memory:' as out; attach ':memory:' as previous; create schema out.marts; create schema out.ops"
    )
    con.execute("create schema previous.marts")
    con.execute(f"create table previous.marts.bars as select {_BEFORE} from range(1, 7) as r (i)")
    con.execute("""create table out.ops.restatements (table_name text, key text, column_name text, old_value text, new_value text,
        kind text, cause text)""")
    con.execute("""create table out.ops.restatement_counts (table_name text, build_before text, added bigint, deleted bigint,
        changed bigint, cells bigint, shown bigint, cause text)""")
    return con


def compare(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    con.execute(f"create table out.marts.bars as {sql}")
    names = ("session_date", "symbol", "close", "volume")
    columns = tuple(ModelColumn(name, "", "", "") for name in names)
    table = restatements._comparable_table(
        model("marts.bars", "", grain="session_date x symbol", columns=columns), set(names), "true"
    )
    assert table is not None
    restated_cells.compare_table(con, table, "b", "c")
    shown = con.execute(
        "select right(key, 14), column_name, old_value, new_value, kind from out.ops.restatements"
    ).fetchall()
    return shown, con.execute("select * exclude (build_before, cause) from out.ops.restatement_counts").fetchall()


def test_the_latest_cells_are_shown_and_all_are_counted(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restated_cells, "SHOWN", 4)
    # 3 has no other value, 6 is gone, 7 has come, 5 and 4 are restated in one cell and 1 and 2 in two
    shown, counts = compare(
        con,
        f"""select session_date, symbol, if(i in (1, 2, 4), close + 0.5, close) as close, if(i in (1, 2, 5), 9, volume) as volume
        from (select i, {_BEFORE} from range(1, 8) as r (i) where i <> 6)""",
    )
    assert shown == [
        ("-06 symbol=AAA", None, None, None, "deleted"),
        ("-05 symbol=AAA", "volume", "-5", "9", "changed"),
        ("-04 symbol=AAA", "close", "4.0", "4.5", "changed"),
        ("-02 symbol=AAA", "close", "2.0", "2.5", "changed"),
    ]
    assert counts == [("marts.bars", 1, 1, 4, 6, 4)]


def test_what_is_equal_in_value_is_not_restated(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("update previous.marts.bars set close = 0.0 where close = 1")
    shown, counts = compare(
        con,
        f"""select * replace (case when i = 1 then -0.0 else close end as close)
        from (select {_BEFORE}, i from range(1, 7) as r (i))""".replace("select *", "select * exclude (i)", 1),
    )
    assert (shown, counts) == ([], [])


def test_rows_that_come_alone_are_counted_and_none_shown(con: duckdb.DuckDBPyConnection) -> None:
    shown, counts = compare(con, f"select {_BEFORE} from range(1, 9) as r (i)")
    assert (shown, counts) == ([], [("marts.bars", 2, 0, 0, 0, 0)])


@pytest.mark.parametrize(("is_there_before", "expected"), [(False, (1, 0, 0)), (True, (1, 1, 0))])
def test_rows_without_a_session_are_compared_like_those_of_one(
    con: duckdb.DuckDBPyConnection, is_there_before: bool, expected: tuple[int, int, int]
) -> None:
    if is_there_before:
        con.execute("insert into previous.marts.bars values (null, 'BBB', 1, 1)")
    _, counts = compare(con, "from previous.marts.bars where symbol = 'AAA' union all select null, 'CCC', 2.0, 2")
    assert [count[1:4] for count in counts] == [expected]


@pytest.mark.parametrize("short_of_memory", ["", "marts.a"])
def test_tables_that_are_compared_side_by_side_stand_in_the_order_given(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, short_of_memory: str
) -> None:
    """But for one that memory did not hold beside the others, which comes last."""
    con.execute("set threads = 3")
    tables = []
    for name in "abcde":
        con.execute(f"create table previous.marts.{name} as from previous.marts.bars")
        con.execute(f"create table out.marts.{name} as select * replace (close + 1 as close) from previous.marts.bars")
        columns = ("session_date", "symbol", "close", "volume")
        tables.append((Table(f"marts.{name}", columns[:2], columns), "before", "cause"))
    collect, tried = restated_cells._collect_differing_keys, list[str]()

    def collect_slowly(cursor: duckdb.DuckDBPyConnection, table: Table) -> tuple[int, int]:
        tried.append(table.name)
        if table.name == "marts.a":
            time.sleep(0.2)
        if table.name == short_of_memory and tried.count(table.name) == 1:
            raise duckdb.OutOfMemoryException("Out of Memory Error")
        return collect(cursor, table)

    monkeypatch.setattr(restated_cells, "_collect_differing_keys", collect_slowly)
    restatements._compare_side_by_side(con, tables)
    counted = con.execute("select table_name, cells from out.ops.restatement_counts").fetchall()
    order = "bcdea" if short_of_memory else "abcde"
    assert counted == [(f"marts.{name}", 6) for name in order]
    shown = con.execute(
        "select table_name, count(*) from out.ops.restatements group by all order by min(rowid)"
    ).fetchall()
    assert shown == counted
