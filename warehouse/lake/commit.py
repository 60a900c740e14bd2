"""Committing a batch: what is new becomes files, and one switch of the manifest shows all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from warehouse.contracts.contract import Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import cursor, error_line, quote_identifier, quote_identifiers
from warehouse.durable_io import hold_lock
from warehouse.errors import LakeError
from warehouse.instants import to_utc_text
from warehouse.lake.behind import behind_sql
from warehouse.lake.confirmations import BATCH, CONFIRMATION, CONTRADICTION, plan_sql, promoted_sql, sidecar_columns
from warehouse.lake.facts import (
    ORDER,
    fact_hash_sql,
    is_partitioned_by_year,
    normalised_columns_sql,
    payloads_sql,
    scan_facts_sql,
    scan_files_sql,
    year_sql,
)
from warehouse.lake.manifest import COMPACTION, LakeFile, Manifest, begin_manifest, manifest_path, switch_manifest
from warehouse.lake.quarantine import write_new_refusals
from warehouse.lake.storage import Target, instant_from_micros, write_rows

MEMORY_LIMIT = "400MB"
Tables = Mapping[str, pa.Table]
_RUN_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")


@dataclass(frozen=True)
class Committed:
    """What a commit did: rows written and already known per dataset; the lake's generation after it.

    `written` + `known` are the rows given. `promoted` are confirmations of earlier commits that a
    back-dated fact turned into facts; they were accounted for when they came. `behind` are those of the rows
    given behind which a newer fact or a withdrawal stands: they say what was known then, and count for nothing now.
    """

    run_id: str
    generation: int
    written: dict[str, int] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    promoted: dict[str, int] = field(default_factory=dict)
    quarantined: int = 0
    behind: dict[str, int] = field(default_factory=dict)


@dataclass
class _Batch:
    """One commit under way: its connection, where its files go, and what it has made so far."""

    home: Path
    run_id: str
    manifest: Manifest
    con: duckdb.DuckDBPyConnection
    facts: list[LakeFile] = field(default_factory=list)
    confirmations: list[LakeFile] = field(default_factory=list)
    promoted: dict[str, int] = field(default_factory=dict)
    behind: dict[str, int] = field(default_factory=dict)

    def target_file(self, contract: Contract, year: int) -> Target:
        name = f"{self.run_id}-{self.manifest.generation + 1:06d}"
        return Target(self.home, contract.name, year, self.run_id, name)


def lock_path(home: Path) -> Path:
    return home / "lake" / "manifest.lock"


@contextmanager
def open_workspace(home: Path, memory_limit: str = MEMORY_LIMIT) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that spills inside the home; its errors come out as LakeError."""
    con = cursor(memory_limit=memory_limit, temp_directory=home / "tmp", preserve_insertion_order=False)
    try:
        yield con
    except duckdb.Error as error:
        raise LakeError(f"the lake under {home / 'lake'} cannot be read or written: {error_line(error)}") from error
    finally:
        con.close()


def commit_tables(
    home: Path, run_id: str, given: Tables | Callable[[Manifest], Tables], quarantined: pa.Table | None = None
) -> Committed:
    """Add facts and refused rows to the lake at `home`; see `Lake.commit`."""
    if run_id == COMPACTION:
        raise LakeError(f"the run id {run_id!r} is that of merged files; give another")
    if not _RUN_ID.match(run_id):
        raise LakeError(f"run id {run_id!r} cannot name a file: letters, digits, '_', '.' and '-' are allowed")
    with hold_lock(lock_path(home)), open_workspace(home) as con:
        batch = _Batch(home, run_id, begin_manifest(manifest_path(home)), con)
        tables = given(batch.manifest) if callable(given) else given
        unknown = sorted(set(tables) - set(CONTRACTS))
        if unknown:
            raise LakeError(f"no dataset is called {', '.join(unknown)}; known are {', '.join(sorted(CONTRACTS))}")
        written: dict[str, int] = {}
        for dataset, table in sorted(tables.items()):
            written[dataset] = _commit_dataset(batch, CONTRACTS[dataset], table)
        refused = write_new_refusals(con, home, run_id, batch.manifest, quarantined)
        manifest = _write_new_manifest(batch, refused)
        known = {dataset: table.num_rows - written[dataset] for dataset, table in tables.items()}
        refusals = sum(f.rows for f in refused)
        return Committed(run_id, manifest.generation, written, known, batch.promoted, refusals, batch.behind)


def _write_new_manifest(batch: _Batch, refused: list[LakeFile]) -> Manifest:
    old = batch.manifest
    if not (batch.facts or batch.confirmations or refused):
        return old
    new = replace(
        old,
        generation=old.generation + 1,
        files=(*old.files, *batch.facts),
        confirmations=(*old.confirmations, *batch.confirmations),
        quarantine=(*old.quarantine, *refused),
    )
    switch_manifest(manifest_path(batch.home), old, new)
    return new


def _commit_dataset(batch: _Batch, contract: Contract, table: pa.Table) -> int:
    """Write what is new of `table`; returns how many of its rows became facts."""
    names = [c.name for c in contract.all_columns]
    missing = sorted(set(names) - set(table.column_names))
    if missing:
        raise LakeError(f"{contract.name}: columns {', '.join(missing)} are missing from the batch")
    numbers = np.arange(table.num_rows, dtype=np.int64)
    rows = pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])  # pa.array imports pandas
    batch.con.register("incoming", table.select(names).append_column("_row", rows))
    _refuse_unusable_rows(batch.con, contract)
    batch.con.execute(
        f"create or replace temp view batch as select {normalised_columns_sql(contract)}, _row, "
        f"{year_sql(contract)} as _year from incoming"
    )
    found = batch.con.execute("select _year, count(*) from batch group by all order by all").fetchall()
    written = sum(_commit_year(batch, contract, year) for year, _ in found)
    batch.con.execute("drop view batch")
    batch.con.unregister("incoming")
    return written


def _refuse_unusable_rows(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """What expectations refuse row by row must not reach the lake: it would break equality or the key."""
    required = (*contract.key, "source", "payload_sha256", "known_at", "is_withdrawn")
    counts = {name: f"count(*) - count({quote_identifier(name)})" for name in required}
    for column in contract.columns:
        if column.type == "float":
            name = quote_identifier(column.name)
            counts[column.name] = f"count(*) filter (isnan({name}) or isinf({name}))"
    found = _select_one_row(con, f"select {', '.join(counts.values())} from incoming")
    for name, count in zip(counts, found, strict=True):
        if count:
            what = "are null" if name in required else "are NaN or infinite"
            raise LakeError(f"{contract.name}: {count} values of {name} {what}; check the batch before it is committed")


def _commit_year(batch: _Batch, contract: Contract, year: int) -> int:
    """Write what is new among the batch's rows of a year; returns how many of them became facts."""
    con = batch.con
    rows = f"(select * from batch where _year = {year})"
    first, last = _day_span(con, contract, rows)
    facts = [f for f in batch.manifest.files_of_dataset(contract.name, {year}) if _may_hold_keys(f, first, last)]
    if not facts and _keys_are_unique(con, contract, rows):
        (total,) = _select_one_row(con, f"select sum({fact_hash_sql(contract)}) from {rows}")
        everything = f"select * exclude (_row, _year) from {rows}"
        return _write_facts(batch, contract, year, everything, int(total), 0)
    (oldest,) = _select_one_row(con, f"select epoch_us(min(known_at)) from {rows}")
    since = to_utc_text(instant_from_micros(oldest))
    sidecars = [
        f
        for f in batch.manifest.confirmations_of(contract.name, year)
        if f.last_known_at >= since and _may_hold_keys(f, first, last)
    ]
    relations = [rows]
    if facts:
        relations.append(scan_facts_sql(contract, batch.home, facts))
    if sidecars:
        relations.append(scan_files_sql(batch.home, sidecars))
    con.execute(f"create or replace temp table payloads as {payloads_sql(relations)}")
    con.execute(f"create or replace temp table plan as {plan_sql(contract, batch.home, facts, sidecars, rows)}")
    files_before = len(batch.facts)
    new = _write_planned_files(batch, contract, year, facts, sidecars)
    if any(file.last_known_at > since for file in (*facts, *sidecars)):
        standing = [*facts, *batch.facts[files_before:]]
        (count,) = _select_one_row(con, behind_sql(contract, batch.home, standing, rows))
        batch.behind[contract.name] = batch.behind.get(contract.name, 0) + int(count)
    return new


def _day_span(con: duckdb.DuckDBPyConnection, contract: Contract, rows: str) -> tuple[str, str]:
    """The first and last day of `rows` as ISO; a span of all days where the day is no part of the key."""
    if not is_partitioned_by_year(contract):
        return "", "9999"
    day = quote_identifier(contract.year_column)
    first, last = _select_one_row(con, f"select min({day})::date::varchar, max({day})::date::varchar from {rows}")
    return str(first), str(last)


def _may_hold_keys(file: LakeFile, first: str, last: str) -> bool:
    """Whether a key of these days can stand in the file: a year of daily files need not be opened for one more day."""
    return file.first_date is None or file.last_date is None or (file.first_date <= last and first <= file.last_date)


def _write_planned_files(
    batch: _Batch, contract: Contract, year: int, facts: list[LakeFile], sidecars: list[LakeFile]
) -> int:
    """Write the facts, promotions and confirmations of the table `plan`."""
    con = batch.con
    new, promoted, confirmed, contradictions, hashes = _select_one_row(
        con,
        f"""
        select count(*) filter (origin = {BATCH} and is_start),
            count(*) filter (origin = {CONFIRMATION} and is_start),
            count(*) filter (origin = {BATCH} and not is_start),
            count(*) filter (origin = {CONTRADICTION}),
            coalesce(sum(fact_hash) filter (is_start), 0) - coalesce(sum(fact_hash) filter (was_start), 0)
        from plan""",
    )
    if contradictions:
        raise LakeError(
            f"{contract.name}: {contradictions} rows contradict others of their key, payload and instant; "
            "refuse both before the commit"
        )
    if new:
        sql = f"""select * exclude (_row, _year) from batch
            where _row in (select row_id from plan where origin = {BATCH} and is_start)"""
        if promoted:
            sql += f" union all {promoted_sql(contract, batch.home, facts, sidecars)}"
            batch.promoted[contract.name] = batch.promoted.get(contract.name, 0) + promoted
        rows = _write_facts(batch, contract, year, sql, int(hashes), _count_overlaps(con))
        if rows != new + promoted:
            raise LakeError(
                f"{contract.name} {year}: {rows} facts were written where {new} + {promoted} were due; "
                "a sidecar does not fit its facts: restore the lake from a backup"
            )
    if confirmed:
        known = quote_identifiers(sidecar_columns(contract))
        sql = f"""select {known} from batch
            where _row in (select row_id from plan where origin = {BATCH} and not is_start) order by {known}"""
        target = replace(batch.target_file(contract, year), kind="confirmations")
        batch.confirmations.append(write_rows(con, sql, target, contract))
    return int(new)


def _count_overlaps(con: duckdb.DuckDBPyConnection) -> int:
    """How many of the facts that `plan` adds belong to keys with another fact."""
    (count,) = _select_one_row(
        con,
        """
        select coalesce(sum(added) filter (added > 1 or already > 0), 0)::bigint from (
            select count(*) as added, max(key_facts) as already
            from plan where is_start and not was_start group by _key, _key2
        )""",
    )
    return int(count)


def _write_facts(batch: _Batch, contract: Contract, year: int, sql: str, hashes: int, overlaps: int) -> int:
    ordered = f"select * from ({sql}) order by {quote_identifiers(contract.key)}, {ORDER}"
    target = batch.target_file(contract, year)
    file = write_rows(batch.con, ordered, target, contract, facts_hash=hashes, overlaps=overlaps)
    batch.facts.append(file)
    return file.rows


def _keys_are_unique(con: duckdb.DuckDBPyConnection, contract: Contract, rows: str) -> bool:
    total, distinct = _select_one_row(
        con, f"select count(*), count(distinct hash({quote_identifiers(contract.key)})) from {rows}"
    )
    return bool(total == distinct)


def _select_one_row(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    rows: list[tuple[Any, ...]] = con.execute(sql).fetchall()
    return rows[0]
