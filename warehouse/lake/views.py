"""Views over the lake: each key's current fact, or the one known at an instant.

The reader orders a key's facts, collapses equal neighbours and takes the newest. Only keys that may have more than one fact
need that (see `reading.py`); all others are a plain scan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from math import ceil
from pathlib import Path

import duckdb

from warehouse.calendar_table import session_table
from warehouse.contracts.contract import Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import quote_identifiers
from warehouse.grades import GRADES
from warehouse.lake.bounds import within_bounds_sql
from warehouse.lake.facts import ID, fact_id_sql, payloads_sql, scan_facts_sql, value_hash_sql
from warehouse.lake.history import CONFIRMED, HISTORY, confirmed_sql, no_rows_sql, restated_sql
from warehouse.lake.manifest import LakeFile, Manifest
from warehouse.lake.quarantine import quarantined_sql
from warehouse.lake.reading import Reading, plan_reading, row_count, visible_columns

# facts that are compared in one go: each comparison takes some memory however small it is, and more for more facts
_COMPARED_ROWS = 1_000_000


def attach_views(
    con: duckdb.DuckDBPyConnection,
    home: Path,
    manifest: Manifest,
    as_of: datetime | None,
    schema: str,
    is_compared_once: bool = False,
    without: Collection[str] = (),
) -> None:
    """Create the views and tables that `Lake.attach_views` promises."""
    con.execute(f"create schema if not exists {schema}")
    for contract in CONTRACTS.values():
        if contract.name not in without:
            read = plan_reading(contract, home, manifest, as_of)
            view, kept = f"{schema}.{contract.name}", f"{schema}._{contract.name}"
            _attach_dataset(con, read, view, f"{view}{HISTORY}", kept, is_compared_once)
        confirmed = confirmed_sql(contract, home, manifest, as_of)
        con.execute(f"create or replace view {schema}.{contract.name}{CONFIRMED} as {confirmed}")
    con.execute(f"create or replace view {schema}.quarantine as {quarantined_sql(home, manifest.quarantine)}")
    calendar = session_table()
    con.register("_calendar", calendar)
    con.execute(f"create or replace table {schema}.sessions as select * from _calendar")
    con.unregister("_calendar")
    con.execute(f"create or replace table {schema}.grades (spelling varchar, level varchar)")
    con.executemany(f"insert into {schema}.grades values (?, ?)", sorted(GRADES.items()))


def attach_days(
    con: duckdb.DuckDBPyConnection,
    home: Path,
    manifest: Manifest,
    dataset: str,
    days: Sequence[tuple[date, date]],
    as_of: datetime | None,
    view: str,
    history: str,
) -> None:
    """Create the views that `Lake.attach_days` promises."""
    contract = CONTRACTS[dataset]
    files = [
        file
        for file in manifest.files_of_dataset(dataset)
        if any(file.may_have(str(first), str(last)) for first, last in days)
    ]
    within = " or ".join(f"{contract.year_column} between date '{first}' and date '{last}'" for first, last in days)
    schema, _, name = view.rpartition(".")
    con.execute(f"create schema if not exists {schema}")
    read = plan_reading(contract, home, replace(manifest, files=tuple(files)), as_of, within)
    _attach_dataset(con, read, view, history, f"{schema}._{name}", True)


def _attach_dataset(
    con: duckdb.DuckDBPyConnection, read: Reading, view: str, history: str, kept: str, is_compared_once: bool
) -> None:
    """Create the views `view` and `history`; what is compared now goes into `kept` and tables that begin so."""
    if is_compared_once:
        read = read.keep_changed(con, f"{kept}_changed")
    compared = _compared_parts(read)
    if is_compared_once and compared:
        compared = [_keep_rows(con, kept, compared)]
    sql = " union all ".join([*read.single_facts_sql(), *compared]) or no_rows_sql(
        read.contract, with_withdrawals=False
    )
    where = within_bounds_sql(read.contract)
    con.execute(f"create or replace view {view} as select * from ({sql}){where}")
    con.execute(f"create or replace view {history} as select * from ({restated_sql(read)}){where}")


def current_sql(contract: Contract, home: Path, manifest: Manifest, as_of: datetime | None = None) -> str:
    """A SELECT of the dataset's facts as they stood at `as_of` (None: now), withdrawn ones out."""
    read = plan_reading(contract, home, manifest, as_of)
    return " union all ".join([*read.single_facts_sql(), *_compared_parts(read)]) or no_rows_sql(
        contract, with_withdrawals=False
    )


def _compared_parts(read: Reading) -> list[str]:
    """SELECTs that give, one after the other, the newest facts of keys that may have several, of about a million facts each."""
    parts: list[str] = []
    if read.changed_facts:
        parts += _newest_facts_sql(read.contract, read.changed_facts, read.changed_rows)
    together: list[list[LakeFile]] = []
    for year in read.compared_whole:
        if together and row_count([*together[-1], *year.files]) <= _COMPARED_ROWS:
            together[-1] += year.files
        else:
            together.append(year.files)
    for files in together:
        are_few = sum(f.overlaps for f in files) * 8 < row_count(files)
        parts += _newest_facts_sql(read.contract, read.scan(files), row_count(files), are_few)
    return parts


def _keep_rows(con: duckdb.DuckDBPyConnection, table: str, parts: Sequence[str]) -> str:
    """Put what the SELECTs give into the new table, one at a time, and return a SELECT of it."""
    for number, sql in enumerate(parts):
        con.execute(f"insert into {table} {sql}" if number else f"create or replace table {table} as {sql}")
    return f"select * from {table}"


def history_sql(contract: Contract, home: Path, manifest: Manifest) -> str:
    """A SELECT of all written facts, tombstones too, all_columns of the contract, in no order."""
    files = manifest.files_of_dataset(contract.name)
    names = quote_identifiers(c.name for c in contract.all_columns)
    if not files:
        return f"select * from ({no_rows_sql(contract)})"
    return f"select {names} from {scan_facts_sql(contract, home, files)}"


def _newest_facts_sql(contract: Contract, relation: str, count: int, are_few: bool = False) -> Iterator[str]:
    """The newest facts of keys that may have several in the relation, which has about `count`: windows run over whole numbers,
    and the rows themselves are fetched last; where only a few keys have several (`are_few`), over those alone. More than a
    million facts are compared in parts, by the keys' hashes."""
    columns = quote_identifiers(visible_columns(contract))
    key = f"hash({quote_identifiers(contract.key)})"
    parts = ceil(count / _COMPARED_ROWS)
    for part in range(parts):
        facts = relation if parts <= 1 else f"(select * from {relation} where {key} % {parts} = {part})"
        single, several = "", "true"
        if are_few:
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
