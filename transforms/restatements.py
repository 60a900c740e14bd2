"""What changed in the marts against the build before: every cell, with its cause.

Only tables with another hash are compared (see `restated_cells.py`). A row that is new is no restatement; one that is gone, or
has another value in some cell, is.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from transforms import lineage
from transforms.engine.model import Model
from transforms.engine.run import OUT
from transforms.engine.schedule import broken_off, open_cursors, taking_turns
from transforms.engine.shards import thread_count
from transforms.restated_cells import PREVIOUS, Table, compare_table
from warehouse.duck import error_line, is_in_use, is_unreadable, quote_literal
from warehouse.errors import ModelError

# a table that has lost more than this share of its rows has hardly been corrected: something went missing
MOST_LOST = 0.05
# fewer rows of these are fewer faults
_LISTS_OF_FAULTS = frozenset({"marts.suspect_rows", "marts.series_seams", "reports.data_quality"})
KEYS_DIFFER = "keys differ: not compared"
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
    """The build before: its file, the new facts since, and changes of settings in words; None where no record tells them."""

    path: Path
    news: Sequence[News] = field(default_factory=tuple)
    settings_changed: Sequence[str] | None = None


def write_restatements(
    con: duckdb.DuckDBPyConnection,
    models: Mapping[str, Model],
    hashes: Mapping[str, tuple[int, str]],
    before: Before,
    replaced: Mapping[str, str],
    folder: Path,
) -> None:
    """Fill `ops.restatements` and `ops.restatement_counts` of the file under construction.

    `replaced` says of tables that were taken over from the build before which rows were made anew: the others are the same.
    Where another program has the build before open for writing, a copy of it, in `folder`, is compared with.

    A build before that cannot be read stands in the counts, with the reason: it must not keep the next one from being built.
    """
    try:
        _attach_before(con, before.path, folder)
        _compare_all_tables(con, models, hashes, before, replaced)
    except duckdb.Error as error:
        if not is_unreadable(error):
            text = f"the build before, {before.path}, cannot be compared with: {error_line(error)}"
            raise ModelError(text) from error
        for table in ("restatements", "restatement_counts", "shrunk_tables"):
            con.execute(f"delete from {OUT}.ops.{table}")
        values = [f"{before.path.stem} cannot be read and was not compared with: {error_line(error)}"]
        con.execute(f"insert into {OUT}.ops.restatement_counts (table_name, cause) values ('', ?)", values)
    finally:
        con.execute(f"detach database if exists {PREVIOUS}")


def _attach_before(con: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> None:
    attach = "attach {} as " + f"{PREVIOUS} (read_only)"
    try:
        con.execute(attach.format(quote_literal(path)))
    except duckdb.IOException as error:
        if not is_in_use(error):
            raise
        copy = folder / "before.duckdb"
        try:
            shutil.copyfile(path, copy)
        except OSError:
            raise error from None
        con.execute(attach.format(quote_literal(copy)))


def _compare_all_tables(
    con: duckdb.DuckDBPyConnection,
    models: Mapping[str, Model],
    hashes: Mapping[str, tuple[int, str]],
    before: Before,
    replaced: Mapping[str, str],
) -> None:
    made_from = "code_version, settings_hash, lake_fingerprint"
    now = con.execute(f"select {made_from} from {OUT}.ops.builds limit 1").fetchall()
    then = con.execute(f"select table_name, hash, rows, build_id, {made_from} from {PREVIOUS}.ops.builds").fetchall()
    columns = _columns_before(con)
    compared: list[tuple[Table, str, str]] = []
    for name, digest, rows, build_id, *inputs in sorted(then):
        if name in models and name in hashes and hashes[name][1] != digest:
            cause = _restatement_cause(models, name, inputs, now[0], before)
            if hashes[name][0] < (1 - MOST_LOST) * rows and name not in _LISTS_OF_FAULTS:
                lost = [name, str(build_id), rows, hashes[name][0], cause]
                con.execute(f"insert into {OUT}.ops.shrunk_tables values (?, ?, ?, ?, ?)", lost)
            table = _comparable_table(models[name], columns.get(name, set()), replaced.get(name, "true"))
            if table is None:
                _note_uncompared(con, name, str(build_id), f"{KEYS_DIFFER}; {cause}")
            else:
                compared.append((table, str(build_id), cause))
    _compare_side_by_side(con, compared)


def _note_uncompared(con: duckdb.DuckDBPyConnection, table: str, build_id: str, cause: str) -> None:
    """A row without counts: what has changed in the table is not known."""
    counts = f"insert into {OUT}.ops.restatement_counts (table_name, previous_build_id, cause) values (?, ?, ?)"
    con.execute(counts, [table, build_id, cause])


def describe_missing_comparison(con: duckdb.DuckDBPyConnection) -> str:
    """Why a finished build was not compared with the one before; '' where it was, or there was none."""
    query = "select cause from ops.restatement_counts where table_name = ''"
    return "; ".join(
        f"{cause}; which figures have changed since is not known" for (cause,) in con.execute(query).fetchall()
    )


def describe_changes_of_method(con: duckdb.DuckDBPyConnection) -> str:
    """One line on the tables of a finished build that other code or other settings changed, perhaps new facts as well; '' where
    there is none."""
    is_changed = "rows_deleted + rows_changed > 0"
    query = f"""select count(*) filter (where {is_changed}),
            count(*) filter (where {is_changed} and regexp_matches(cause, '(new|withdrawn) facts of ')),
            count(*) filter (where cause like '{KEYS_DIFFER}%')
        from ops.restatement_counts where regexp_matches(cause, '(^|; )(code|settings:) ')"""
    changed, with_facts, uncompared = con.execute(query).fetchall()[0]
    if not changed + uncompared:
        return ""
    line = f"other code or settings: tables with other figures than in the build before: {changed}"
    facts = f" (of which facts came for {with_facts}, too)" if with_facts else ""
    keys = f", not compared, as their keys differ: {uncompared}" if uncompared else ""
    return f"{line}{facts}{keys}; ops.restatement_counts and ops.restatements list them"


def _compare_side_by_side(con: duckdb.DuckDBPyConnection, compared: Iterable[tuple[Table, str, str]]) -> None:
    """As many tables at once as DuckDB has threads; what is found is written in the order given. What memory did not hold
    beside others is compared again alone, last."""
    again: list[tuple[Table, str, str]] = []

    def compare(cursor: duckdb.DuckDBPyConnection, one: tuple[Table, str, str], before: Future[None] | None) -> None:
        try:
            compare_table(cursor, *one, before)
        except duckdb.OutOfMemoryException:
            again.append(one)

    cursors = open_cursors(con, thread_count(con))
    on_a_cursor = taking_turns(cursors, compare)
    done: list[Future[None]] = []
    with ThreadPoolExecutor(len(cursors)) as pool, broken_off(*cursors):
        for one in compared:
            done.append(pool.submit(on_a_cursor, one, done[-1] if done else None))
        try:
            for found in done:
                found.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for table, build_id, cause in sorted(again, key=lambda one: one[0].name):
        for written in ("restatements", "restatement_counts"):
            con.execute(f"delete from {OUT}.ops.{written} where table_name = ?", [table.name])
        compare_table(con, table, build_id, cause)


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
    if then[1] != now[1] and before.settings_changed is None:
        causes.append(f"settings: {then[1]} -> {now[1]}")
    elif then[1] != now[1] and before.settings_changed:  # none: another release counts the digest otherwise
        causes.append(f"settings: {', '.join(before.settings_changed)}")
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


def _columns_before(con: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """The columns of each table of the build before."""
    query = "select schema_name || '.' || table_name, list(column_name) from duckdb_columns() where database_name = ? group by 1"
    return {str(table): set(names) for table, names in con.execute(query, [PREVIOUS]).fetchall()}


def _comparable_table(model: Model, then: set[str], compared: str) -> Table | None:
    """What of the table can be compared; None where the build before names its rows by other columns; `then` are its own."""
    key = model.key
    if not set(key) <= then:
        return None
    return Table(model.name, key, tuple(column.name for column in model.columns if column.name in then), compared)
