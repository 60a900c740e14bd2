"""What was restated in one table against the build before, cell by cell.

Only the sessions whose rows differ are compared row by row, and only rows that differ cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, wait
from dataclasses import dataclass

import duckdb

from transforms.engine.run import OUT

# the database of the build before
PREVIOUS = "previous"
# cells of a table, and rows that are gone
SHOWN = 1000


@dataclass(frozen=True)
class Table:
    """A table under comparison: the columns that both builds have, and those of them that name a row; `compared` is the
    condition on the sessions whose rows may differ."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    compared: str = "true"

    @property
    def value_columns(self) -> tuple[str, ...]:
        return tuple(name for name in self.columns if name not in self.key)

    @property
    def has_sessions(self) -> bool:
        return "session_date" in self.key

    @property
    def states_its_session(self) -> bool:
        """A row that is of the last session, whichever that is (the screener), moves on; that restates nothing."""
        return "session_date" in self.value_columns


def compare_table(
    con: duckdb.DuckDBPyConnection, table: Table, build_id: str, cause: str, before: Future[None] | None = None
) -> None:
    """Write what was restated in the table, once it is written what was in those `before`."""
    new, old = _collect_differing_keys(con, table)
    if not old:  # a day like most: rows have come, and all that were there are as they were
        _wait_for(before)
        if new:
            counts = f"insert into {OUT}.ops.restatement_counts values (?, ?, ?, 0, 0, 0, 0, ?)"
            con.execute(counts, [table.name, build_id, new, cause])
        return
    added, deleted = _pair_keys(con, table)
    cells = " + ".join(["0", *(f"cast({differs} as integer)" for differs in _differences(table).values())])
    rows = f"count(distinct ({_list_columns(table.key, '_new.')}))"
    counted = f"select coalesce(sum({cells}), 0), {rows} from {_changed_rows_sql(table, 'paired')}"
    changed_cells, changed_rows = con.execute(counted).fetchall()[0]
    _wait_for(before)
    if not added + deleted + changed_rows:
        return  # the rows are the same, the table has other columns
    shown = min(deleted + changed_cells, SHOWN)
    con.execute(
        f"insert into {OUT}.ops.restatement_counts values (?, ?, ?, ?, ?, ?, ?, ?)",
        [table.name, build_id, added, deleted, changed_rows, changed_cells, shown, cause],
    )
    _show_latest_cells(con, table, cause)


def _wait_for(before: Future[None] | None) -> None:
    if before is not None:
        wait([before])


def _show_latest_cells(con: duckdb.DuckDBPyConnection, table: Table, cause: str) -> None:
    """The cells with the latest keys into `ops.restatements`: of each row that is not shown, a row before it has one."""
    key = " || ' ' || ".join(f"'{name}=' || coalesce(cast(\"{name}\" as varchar), '')" for name in table.key)
    _make_table(
        con,
        "latest",
        f"""select * from (
            select {key} as _key, * from deleted union all by name select {key} as _key, * from paired
        ) order by _key desc limit {SHOWN}""",
    )
    if table.has_sessions:  # of which these are a few
        _make_table(con, "differing_days", "select distinct session_date from latest")
    _make_table(con, "latest_rows", f"select _key, _old, _new from {_changed_rows_sql(table, 'latest')}")
    parts = [
        "select _key, null as column_name, null as old_value, null as new_value from latest where _new_hash is null"
    ]
    for name, differs in _differences(table).items():
        old, new = (f'cast({side}."{name}" as varchar)' for side in ("_old", "_new"))
        parts.append(f"select _key, '{name}', {old}, {new} from latest_rows where {differs}")
    con.execute(
        f"insert into {OUT}.ops.restatements select ?, _key, column_name, old_value, new_value, "
        f"if(column_name is null, 'deleted', 'changed'), ? from ({' union all '.join(parts)}) "
        f"order by _key desc, column_name limit {SHOWN}",
        [table.name, cause],
    )


def _differences(table: Table) -> dict[str, str]:
    """By column the condition that its value was restated."""
    return {name: f'_old."{name}" is distinct from _new."{name}"' for name in table.value_columns}


def _collect_differing_keys(con: duckdb.DuckDBPyConnection, table: Table) -> tuple[int, int]:
    """Make the temporary tables `changed_new` and `changed_old`, where any are gone: keys and hashes of the rows that the other
    build has not; how many there are."""
    if table.has_sessions:
        _find_differing_days(con, table)
        rows, is_new = con.execute("select coalesce(sum(rows), 0), bool_and(is_new) from differing_days").fetchall()[0]
        if is_new is not False:  # nothing differs but sessions that the build before has not
            return int(rows), 0
    known = _list_columns(dict.fromkeys([*table.key, *(["session_date"] if table.states_its_session else [])]))
    new, old = (f"select {known}, _hash from {_differing_rows_sql(table, database)}" for database in (OUT, PREVIOUS))
    fresh, stale = _make_table(con, "fresh", new), _make_table(con, "stale", old)
    if not stale:  # of a table without sessions
        return fresh, 0
    unpaired = "from {} where _hash not in (select _hash from {})"
    return (
        _make_table(con, "changed_new", unpaired.format("fresh", "stale")),
        _make_table(con, "changed_old", unpaired.format("stale", "fresh")),
    )


def _make_table(con: duckdb.DuckDBPyConnection, name: str, query: str) -> int:
    """Make a temporary table; how many rows it has."""
    return int(con.execute(f"create or replace temp table {name} as {query}").fetchall()[0][0])


def _pair_keys(con: duckdb.DuckDBPyConnection, table: Table) -> tuple[int, int]:
    """Make of them the temporary tables `deleted` and `paired` (those of both builds, with both hashes); how many rows were
    added and deleted."""
    same = " and ".join(f'_now."{name}" is not distinct from _then."{name}"' for name in table.key)
    moved = " and _then.session_date is not distinct from _now.session_date" if table.states_its_session else ""
    key = _list_columns(table.key, "_then.")
    added = f"select count(*) from changed_new as _now where not exists (from changed_old as _then where {same})"
    deleted = f"""select {key}, null as _new_hash from changed_old as _then
        where not exists (from changed_new as _now where {same})"""
    paired = f"""select {key}, _then._hash as _old_hash, _now._hash as _new_hash
        from changed_new as _now inner join changed_old as _then on {same}{moved}"""
    _make_table(con, "paired", paired)
    return int(con.execute(added).fetchall()[0][0]), _make_table(con, "deleted", deleted)


def _changed_rows_sql(table: Table, pairs: str) -> str:
    """The rows of the pairs as `_old` and `_new`, where a value differs."""
    new, old = (_differing_rows_sql(table, database) for database in (OUT, PREVIOUS))
    differs = " or ".join(["false", *_differences(table).values()])
    return f"""{pairs} as _pair
        inner join (from {new}) as _new on _pair._new_hash = _new._hash
        inner join (from {old}) as _old on _pair._old_hash = _old._hash
        where {differs}"""


def _find_differing_days(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Make the temporary table `differing_days`: the sessions of which one build has other rows than the other, how many this
    one has, and whether the other has none."""
    digest = f"select session_date, count(*) as rows, sum(cast(hash({_list_columns(table.columns)}) as hugeint)) as digest from"
    now, then = (
        f"({digest} {side}.{table.name} where {table.compared} group by session_date)" for side in (OUT, PREVIOUS)
    )
    con.execute(
        f"""create or replace temp table differing_days as
        select coalesce(n.session_date, t.session_date) as session_date, coalesce(n.rows, 0) as rows, t.rows is null as is_new
        from {now} as n full join {then} as t on n.session_date is not distinct from t.session_date
        where n.digest is distinct from t.digest"""
    )


def _differing_rows_sql(table: Table, database: str) -> str:
    """The rows of the table with their hashes; where its rows have sessions, those of sessions that differ."""
    columns = _list_columns(table.columns)
    rows = f"(select {columns}, hash({columns}) as _hash from {database}.{table.name})"
    if not table.has_sessions:
        return rows
    return f"""{rows} as changed_rows semi join differing_days as days
        on changed_rows.session_date is not distinct from days.session_date"""


def _list_columns(names: Iterable[str], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{name}"' for name in names)
