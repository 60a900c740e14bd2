"""Views over the lake: each key's current fact, or the one known at an instant.

The reader orders a key's facts, collapses equal neighbours and takes the newest. Only keys with more
than one fact need that; all others are a plain scan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import ceil
from pathlib import Path

import duckdb

from warehouse.calendar_table import session_table
from warehouse.contracts.contract import Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import instant_literal, quote_identifier, quote_identifiers
from warehouse.grades import GRADES
from warehouse.lake.bounds import within_bounds_sql
from warehouse.lake.facts import ID, fact_id_sql, payloads_sql, scan_facts_sql, value_hash_sql
from warehouse.lake.manifest import LakeFile, Manifest
from warehouse.lake.quarantine import quarantined_sql

# facts that are compared in one go: each comparison takes some memory however small it is, and more for more facts
_COMPARED_ROWS = 1_000_000


def visible_columns(contract: Contract) -> list[str]:
    """The columns of a dataset's view: all but is_withdrawn."""
    return [c.name for c in contract.all_columns if c.name != "is_withdrawn"]


def attach_views(
    con: duckdb.DuckDBPyConnection,
    home: Path,
    manifest: Manifest,
    as_of: datetime | None,
    schema: str,
    is_compared_once: bool = False,
) -> None:
    """Create the views and tables that `Lake.attach_views` promises."""
    con.execute(f"create schema if not exists {schema}")
    for contract in CONTRACTS.values():
        plain, compared = current_parts(contract, home, manifest, as_of)
        if is_compared_once and compared:
            compared = [_keep_rows(con, f"{schema}._{contract.name}", compared)]
        sql = " union all ".join([*plain, *compared]) or _empty_view_sql(contract)
        con.execute(
            f"create or replace view {schema}.{contract.name} as select * from ({sql}){within_bounds_sql(contract)}"
        )
    con.execute(f"create or replace view {schema}.quarantine as {quarantined_sql(home, manifest.quarantine)}")
    calendar = session_table()
    con.register("_calendar", calendar)
    con.execute(f"create or replace table {schema}.sessions as select * from _calendar")
    con.unregister("_calendar")
    con.execute(f"create or replace table {schema}.grades (spelling varchar, level varchar)")
    con.executemany(f"insert into {schema}.grades values (?, ?)", sorted(GRADES.items()))


def current_sql(contract: Contract, home: Path, manifest: Manifest, as_of: datetime | None = None) -> str:
    """A SELECT of the dataset's facts as they stood at `as_of` (None: now), withdrawn ones out."""
    plain, compared = current_parts(contract, home, manifest, as_of)
    return " union all ".join([*plain, *compared]) or _empty_view_sql(contract)


def current_parts(
    contract: Contract, home: Path, manifest: Manifest, as_of: datetime | None = None
) -> tuple[list[str], list[str]]:
    """SELECTs that give, one after the other, what `current_sql` does: one of the years that have each key once, if there are
    any, and those of years in which facts are compared, of about a million facts each."""
    if as_of is not None:
        instant_literal(as_of)  # refuses an instant without time zone, even where there is nothing to read
    plain: list[LakeFile] = []
    overlapping: list[list[LakeFile]] = []
    for year in manifest.years_of_dataset(contract.name):
        files = manifest.files_of_dataset(contract.name, {year})
        if not any(f.overlaps for f in files):
            plain += files
        elif overlapping and _row_count((*overlapping[-1], *files)) <= _COMPARED_ROWS:
            overlapping[-1] += files
        else:
            overlapping.append(files)
    compared = [sql for files in overlapping for sql in _newest_facts_sql(contract, home, files, as_of)]
    if not plain:
        return [], compared
    # DuckDB takes the rows of the first file for those of each, and a small table for the one to keep in memory
    largest = max(plain, key=lambda file: file.rows)
    ordered = [largest, *(file for file in plain if file is not largest)]
    columns, rows = quote_identifiers(visible_columns(contract)), scan_facts_sql(contract, home, ordered)
    return [f"select {columns} from {rows}{_known_at_condition(plain, as_of)}"], compared


def _keep_rows(con: duckdb.DuckDBPyConnection, table: str, parts: Sequence[str]) -> str:
    """Put what the SELECTs give into the new table, one at a time, and return a SELECT of it."""
    for number, sql in enumerate(parts):
        con.execute(f"insert into {table} {sql}" if number else f"create or replace table {table} as {sql}")
    return f"select * from {table}"


def _row_count(files: Sequence[LakeFile]) -> int:
    return sum(file.rows for file in files)


def history_sql(contract: Contract, home: Path, manifest: Manifest) -> str:
    """A SELECT of all written facts, tombstones too, all_columns of the contract, in no order."""
    files = manifest.files_of_dataset(contract.name)
    names = quote_identifiers(c.name for c in contract.all_columns)
    if not files:
        return f"select * from ({_empty_view_sql(contract, with_tombstones=True)})"
    return f"select {names} from {scan_facts_sql(contract, home, files)}"


def _known_at_condition(files: Sequence[LakeFile], as_of: datetime | None) -> str:
    return f" where known_at <= {instant_literal(as_of)}" if as_of else ""


def _newest_facts_sql(
    contract: Contract, home: Path, files: Sequence[LakeFile], as_of: datetime | None
) -> Iterator[str]:
    """Years in which some key has several facts: windows run over whole numbers, and the rows themselves are
    fetched last; where few keys are concerned, over those keys alone. More than a million facts are compared in
    parts, by the keys' hashes."""
    columns = quote_identifiers(visible_columns(contract))
    key = f"hash({quote_identifiers(contract.key)})"
    count = _row_count(files)
    parts = ceil(count / _COMPARED_ROWS)
    known = _known_at_condition(files, as_of)
    for part in range(parts):
        of_part = "" if parts == 1 else f"{' and' if known else ' where'} {key} % {parts} = {part}"
        facts = f"(select * from {scan_facts_sql(contract, home, files)}{known}{of_part})"
        single, several = "", "true"
        if sum(f.overlaps for f in files) * 8 < count:
            several = f"{key} in (select {key} from {facts} group by all having count(*) > 1)"
            single = f"select {columns} from {facts} where not is_withdrawn and not ({several}) union all"
        yield f"""(
with payloads as materialized ({payloads_sql([facts])}),
starts as (
    select {ID} from (
        select {fact_id_sql(contract)}, {value_hash_sql(contract)} as value
        from {facts} join payloads using (payload_sha256) where {several}
    )
    qualify value is distinct from lag(value) over (partition by _key, _key2 order by _known, _payload)
),
newest as (
    from starts qualify row_number() over (partition by _key, _key2 order by _known desc, _payload desc) = 1
)
{single}
select {columns} from (
    select *, {fact_id_sql(contract)} from {facts} join payloads using (payload_sha256) where not is_withdrawn
) semi join newest using ({ID})
)"""


def _empty_view_sql(contract: Contract, with_tombstones: bool = False) -> str:
    columns = [c for c in contract.all_columns if with_tombstones or c.name != "is_withdrawn"]
    return f"select {', '.join(f'null::{c.duckdb_type} as {quote_identifier(c.name)}' for c in columns)} where false"
