"""What changed in the marts against the build before: every cell, with its cause.

Only tables whose hash differs are looked at, of those only the sessions whose rows differ, and of those only the rows.
A row that is new is no restatement; one that is gone, or has another value in some cell, is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from transforms import lineage
from transforms.engine.model import Model
from transforms.engine.run import OUT
from warehouse.duck import error_line, quote_literal
from warehouse.errors import ModelError

SHOWN = 1000
# a table that has lost more than this share of its rows has hardly been corrected: something went missing
MOST_LOST = 0.05
# fewer rows of these are fewer faults
_LISTS_OF_FAULTS = frozenset({"marts.suspect_rows", "marts.series_seams", "reports.data_quality"})
_PREVIOUS = "previous"
_PAYLOADS_NAMED = 3
_LOST_NAMED = 3


@dataclass(frozen=True)
class News:
    """Facts that the lake has got since the build before: of one dataset, from one payload; `withdrawn` of the rows end one."""

    dataset: str
    payload_sha256: str
    rows: int
    withdrawn: int = 0


@dataclass(frozen=True)
class Before:
    """The build before: its file, the new facts since, and changes of settings in words."""

    path: Path
    news: Sequence[News] = field(default_factory=tuple)
    settings_changed: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class _Table:
    """A table under comparison: the columns that both builds have, and those of them that name a row; `compared` is the
    condition on the rows that may differ."""

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


def write_restatements(
    con: duckdb.DuckDBPyConnection,
    models: Mapping[str, Model],
    hashes: Mapping[str, tuple[int, str]],
    before: Before,
    replaced: Mapping[str, str],
) -> None:
    """Fill `ops.restatements` and `ops.restatement_counts` of the file under construction.

    `replaced` says of tables that were taken over from the build before which rows were made anew: the others are the same.

    A build before that cannot be read stands in the counts, with the reason: it must not keep the next one from being built.
    """
    try:
        con.execute(f"attach {quote_literal(before.path)} as {_PREVIOUS} (read_only)")
        _compare_all_tables(con, models, hashes, before, replaced)
    except duckdb.IOException as error:
        for table in ("restatements", "restatement_counts", "shrunk_tables"):
            con.execute(f"delete from {OUT}.ops.{table}")
        values = [f"{before.path.stem} cannot be read and was not compared with: {error_line(error)}"]
        con.execute(f"insert into {OUT}.ops.restatement_counts (table_name, cause) values ('', ?)", values)
    except duckdb.Error as error:
        raise ModelError(f"the build before, {before.path}, cannot be compared with: {error_line(error)}") from error
    finally:
        con.execute(f"detach database if exists {_PREVIOUS}")


def _compare_all_tables(
    con: duckdb.DuckDBPyConnection,
    models: Mapping[str, Model],
    hashes: Mapping[str, tuple[int, str]],
    before: Before,
    replaced: Mapping[str, str],
) -> None:
    made_from = "code_version, settings_hash, lake_fingerprint"
    now = con.execute(f"select {made_from} from {OUT}.ops.builds limit 1").fetchall()
    then = con.execute(f"select table_name, hash, rows, build_id, {made_from} from {_PREVIOUS}.ops.builds").fetchall()
    columns = _columns_before(con)
    for name, digest, rows, build_id, *inputs in sorted(then):
        if name in models and name in hashes and hashes[name][1] != digest:
            cause = _restatement_cause(models, name, inputs, now[0], before)
            if hashes[name][0] < (1 - MOST_LOST) * rows and name not in _LISTS_OF_FAULTS:
                lost = [name, str(build_id), rows, hashes[name][0], cause]
                con.execute(f"insert into {OUT}.ops.shrunk_tables values (?, ?, ?, ?, ?)", lost)
            table = _comparable_table(models[name], columns.get(name, set()), replaced.get(name, "true"))
            if table is not None:
                _compare_table(con, table, str(build_id), cause)


def describe_shrunk_tables(con: duckdb.DuckDBPyConnection, schema: str = "ops") -> str:
    """One line on the tables that have lost rows, the worst first and with the cause of that one; '' where none has."""
    query = f"""select table_name || ' ' || rows_before || ' -> ' || rows || ' rows', cause
        from {schema}.shrunk_tables order by rows / rows_before, table_name"""
    lost = con.execute(query).fetchall()
    if not lost:
        return ""
    more = f" and {len(lost) - _LOST_NAMED} more (ops.shrunk_tables)" if len(lost) > _LOST_NAMED else ""
    named = ", ".join(text for text, _ in lost[:_LOST_NAMED])
    return f"over 5 % of the rows are gone since the build before: {named}{more}; {lost[0][1]}"


def write_series_restatements(con: duckdb.DuckDBPyConnection) -> None:
    """Fill `ops.series_restatements` from the model that finds them, where it was built."""
    found = "select 1 from duckdb_tables() where schema_name = 'intermediate' and table_name = 'restatements'"
    if con.execute(found).fetchall():
        con.execute(f"insert into {OUT}.ops.series_restatements select * from intermediate.restatements order by all")


def _restatement_cause(
    models: Mapping[str, Model], name: str, then: Sequence[str], now: Sequence[str], before: Before
) -> str:
    causes = []
    if then[0] != now[0]:
        causes.append(f"code {then[0]} -> {now[0]}")
    if then[1] != now[1]:
        causes.append(f"settings: {', '.join(before.settings_changed) or f'{then[1]} -> {now[1]}'}")
    changed = _parse_fingerprints(now[2]).items() - _parse_fingerprints(then[2]).items()
    for dataset in lineage.upstream_datasets(models, name):
        if dataset in {found for found, _ in changed}:
            causes.append(_describe_new_facts(dataset, [news for news in before.news if news.dataset == dataset]))
    return "; ".join(causes) or "unknown: the same facts, code and settings gave another table"


def _describe_new_facts(dataset: str, news: Sequence[News]) -> str:
    """What came and what was withdrawn, with the payloads that gave the most of it, or whose facts were withdrawn most."""
    counts = {
        "new": [(one.rows - one.withdrawn, one.payload_sha256) for one in news if one.rows > one.withdrawn],
        "withdrawn": [(one.withdrawn, one.payload_sha256) for one in news if one.withdrawn],
    }
    described = [f"{kind} facts of {dataset} ({_name_payloads(found)})" for kind, found in counts.items() if found]
    return "; ".join(described) or f"new facts of {dataset}"


def _name_payloads(counts: Iterable[tuple[int, str]]) -> str:
    found = sorted(counts, key=lambda one: (-one[0], one[1]))
    named = ", ".join(f"{rows} of payload {payload[:12]}" for rows, payload in found[:_PAYLOADS_NAMED])
    return named + (f", and of {len(found) - _PAYLOADS_NAMED} payloads more" if len(found) > _PAYLOADS_NAMED else "")


def _parse_fingerprints(text: str) -> dict[str, str]:
    """'a:1-b:2' as a mapping."""
    return dict(part.split(":", 1) for part in text.split("-") if ":" in part)


def _compare_table(con: duckdb.DuckDBPyConnection, table: _Table, build_id: str, cause: str) -> None:
    new, old = _collect_differing_keys(con, table)
    if not old:  # a day like most: rows have come, and all that were there are as they were
        if new:
            counts = f"insert into {OUT}.ops.restatement_counts values (?, ?, ?, 0, 0, 0, 0, ?)"
            con.execute(counts, [table.name, build_id, new, cause])
        return
    added, deleted = _pair_keys(con, table)
    cells = " + ".join(["0", *(f"cast({differs} as integer)" for differs in _differences(table).values())])
    rows = f"count(distinct ({_list_columns(table.key, '_new.')}))"
    counted = f"select coalesce(sum({cells}), 0), {rows} from {_changed_rows_sql(table, 'paired')}"
    changed_cells, changed_rows = con.execute(counted).fetchall()[0]
    if not added + deleted + changed_rows:
        return  # the rows are the same, the table has other columns
    shown = min(deleted + changed_cells, SHOWN)
    con.execute(
        f"insert into {OUT}.ops.restatement_counts values (?, ?, ?, ?, ?, ?, ?, ?)",
        [table.name, build_id, added, deleted, changed_rows, changed_cells, shown, cause],
    )
    _show_latest_cells(con, table, cause)


def _show_latest_cells(con: duckdb.DuckDBPyConnection, table: _Table, cause: str) -> None:
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


def _differences(table: _Table) -> dict[str, str]:
    """By column the condition that its value was restated."""
    return {name: f'_old."{name}" is distinct from _new."{name}"' for name in table.value_columns}


def _collect_differing_keys(con: duckdb.DuckDBPyConnection, table: _Table) -> tuple[int, int]:
    """Make the temporary tables `changed_new` and `changed_old`, where any are gone: keys and hashes of the rows that the other
    build has not; how many there are."""
    if table.has_sessions:
        _find_differing_days(con, table)
    known = _list_columns(dict.fromkeys([*table.key, *(["session_date"] if table.states_its_session else [])]))
    new, old = (f"select {known}, _hash from {_differing_rows_sql(table, database)}" for database in (OUT, _PREVIOUS))
    fresh, stale = _make_table(con, "fresh", new), _make_table(con, "stale", old)
    if not stale:  # sessions that the build before has not
        return fresh, 0
    unpaired = "from {} where _hash not in (select _hash from {})"
    return (
        _make_table(con, "changed_new", unpaired.format("fresh", "stale")),
        _make_table(con, "changed_old", unpaired.format("stale", "fresh")),
    )


def _make_table(con: duckdb.DuckDBPyConnection, name: str, query: str) -> int:
    """Make a temporary table; how many rows it has."""
    return int(con.execute(f"create or replace temp table {name} as {query}").fetchall()[0][0])


def _pair_keys(con: duckdb.DuckDBPyConnection, table: _Table) -> tuple[int, int]:
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


def _changed_rows_sql(table: _Table, pairs: str) -> str:
    """The rows of the pairs as `_old` and `_new`, where a value differs."""
    new, old = (_differing_rows_sql(table, database) for database in (OUT, _PREVIOUS))
    differs = " or ".join(["false", *_differences(table).values()])
    return f"""{pairs} as _pair
        inner join (from {new}) as _new on _pair._new_hash = _new._hash
        inner join (from {old}) as _old on _pair._old_hash = _old._hash
        where {differs}"""


def _find_differing_days(con: duckdb.DuckDBPyConnection, table: _Table) -> None:
    """Make the temporary table `differing_days`: the sessions of which one build has other rows than the other."""
    digest = f"select session_date, sum(cast(hash({_list_columns(table.columns)}) as hugeint)) as digest from"
    now, then = (
        f"({digest} {side}.{table.name} where {table.compared} group by session_date)" for side in (OUT, _PREVIOUS)
    )
    con.execute(
        f"""create or replace temp table differing_days as
        select coalesce(n.session_date, t.session_date) as session_date
        from {now} as n full join {then} as t on n.session_date is not distinct from t.session_date
        where n.digest is distinct from t.digest"""
    )


def _differing_rows_sql(table: _Table, database: str) -> str:
    """The rows of the table with their hashes; where its rows have sessions, those of sessions that differ."""
    columns = _list_columns(table.columns)
    rows = f"(select {columns}, hash({columns}) as _hash from {database}.{table.name})"
    if not table.has_sessions:
        return rows
    return f"""{rows} as changed_rows semi join differing_days as days
        on changed_rows.session_date is not distinct from days.session_date"""


def _columns_before(con: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """The columns of each table of the build before."""
    query = "select schema_name || '.' || table_name, list(column_name) from duckdb_columns() where database_name = ? group by 1"
    return {str(table): set(names) for table, names in con.execute(query, [_PREVIOUS]).fetchall()}


def _comparable_table(model: Model, then: set[str], compared: str) -> _Table | None:
    """What of the table can be compared; None where the build before names its rows by other columns; `then` are its own."""
    key = model.key
    if not set(key) <= then:
        return None
    return _Table(model.name, key, tuple(column.name for column in model.columns if column.name in then), compared)


def _list_columns(names: Iterable[str], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{name}"' for name in names)
