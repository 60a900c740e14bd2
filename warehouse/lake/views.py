"""Views over the lake: each key's current fact, or the one known at an instant.

The reader orders a key's facts, collapses equal neighbours and takes the newest. Only keys with more
than one fact need that; all others are a plain scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
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
    con: duckdb.DuckDBPyConnection, home: Path, manifest: Manifest, as_of: datetime | None, schema: str
) -> None:
    """Create the views and tables that `Lake.attach` promises."""
    con.execute(f"create schema if not exists {schema}")
    for contract in CONTRACTS.values():
        sql = current_sql(contract, home, manifest, as_of)
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
    if as_of is not None:
        instant_literal(as_of)  # refuses an instant without time zone, even where there is nothing to read
    plain: list[LakeFile] = []
    overlapping: list[list[LakeFile]] = []
    for year in manifest.years_of_dataset(contract.name):
        files = manifest.files_of_dataset(contract.name, {year})
        if not any(f.overlaps for f in files):
            plain += files
        elif overlapping and sum(f.rows for f in (*overlapping[-1], *files)) <= _COMPARED_ROWS:
            overlapping[-1] += files
        else:
            overlapping.append(files)
    parts = [_newest_facts_sql(contract, home, files, as_of) for files in overlapping]
    if plain:
        # DuckDB takes the rows of the first file for those of each, and a small table for the one to keep in memory
        largest = max(plain, key=lambda file: file.rows)
        ordered = [largest, *(file for file in plain if file is not largest)]
        columns, rows = quote_identifiers(visible_columns(contract)), scan_facts_sql(contract, home, ordered)
        parts.append(f"select {columns} from {rows}{_known_at_condition(plain, as_of)}")
    return " union all ".join(parts) if parts else _empty_view_sql(contract)


def history_sql(contract: Contract, home: Path, manifest: Manifest) -> str:
    """A SELECT of all written facts, tombstones too, all_columns of the contract, in no order."""
    files = manifest.files_of_dataset(contract.name)
    names = quote_identifiers(c.name for c in contract.all_columns)
    if not files:
        return f"select * from ({_empty_view_sql(contract, with_tombstones=True)})"
    return f"select {names} from {scan_facts_sql(contract, home, files)}"


def _known_at_condition(files: Sequence[LakeFile], as_of: datetime | None) -> str:
    return f" where known_at <= {instant_literal(as_of)}" if as_of else ""


def _newest_facts_sql(contract: Contract, home: Path, files: Sequence[LakeFile], as_of: datetime | None) -> str:
    """Years in which some key has several facts: windows run over whole numbers, and the rows themselves are
    fetched last; where few keys are concerned, over those keys alone."""
    facts = f"(select * from {scan_facts_sql(contract, home, files)}{_known_at_condition(files, as_of)})"
    columns = quote_identifiers(visible_columns(contract))
    key = f"hash({quote_identifiers(contract.key)})"
    single, several = "", "true"
    if sum(f.overlaps for f in files) * 8 < sum(f.rows for f in files):
        several = f"{key} in (select {key} from {facts} group by all having count(*) > 1)"
        single = f"select {columns} from {facts} where not is_withdrawn and not ({several}) union all"
    return f"""(
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
