"""Views over the lake: each key's current fact, or the one known at an instant.

The reader orders a key's facts, collapses equal neighbours and takes the newest. Only keys with more
than one fact need that; all others are a plain scan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
        plain, compared = _current_parts(contract, home, manifest, as_of)
        if is_compared_once and compared:
            found = _keep_compared(con, f"{schema}._{contract.name}", compared)
        else:
            found = [part.sql() for part in compared]
        sql = " union all ".join([*plain, *found]) or _empty_view_sql(contract)
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
    plain, compared = _current_parts(contract, home, manifest, as_of)
    return " union all ".join([*plain, *(part.sql() for part in compared)]) or _empty_view_sql(contract)


def _current_parts(
    contract: Contract, home: Path, manifest: Manifest, as_of: datetime | None
) -> tuple[list[str], list[_ComparedFacts]]:
    """What gives, one after the other, what `current_sql` does: a SELECT of the years that have each key once, if there are
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
    compared = [part for files in overlapping for part in _compared_facts(contract, home, files, as_of)]
    if not plain:
        return [], compared
    # DuckDB takes the rows of the first file for those of each, and a small table for the one to keep in memory
    largest = max(plain, key=lambda file: file.rows)
    ordered = [largest, *(file for file in plain if file is not largest)]
    columns, rows = quote_identifiers(visible_columns(contract)), scan_facts_sql(contract, home, ordered)
    return [f"select {columns} from {rows}{_known_at_condition(plain, as_of)}"], compared


def _keep_compared(con: duckdb.DuckDBPyConnection, table: str, parts: Sequence[_ComparedFacts]) -> list[str]:
    """Compare the facts of the parts, one at a time, and return SELECTs of the current ones: what was compared lies in the new
    `table`, and where that is little all else stays where it is."""
    others = []
    for number, part in enumerate(parts):
        keys = ""
        if part.are_few:
            con.execute(f"create or replace table {table}_keys_{number} as {part.keys_sql}")
            keys = f"select key from {table}_keys_{number}"
            others.append(part.others_sql(keys))
        newest = part.newest_sql(keys)
        con.execute(f"insert into {table} {newest}" if number else f"create or replace table {table} as {newest}")
    return [*others, f"select * from {table}"]


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


@dataclass(frozen=True)
class _ComparedFacts:
    """Facts of which some have the same key, as a FROM item; `are_few` where those are few."""

    contract: Contract
    facts: str
    are_few: bool

    @property
    def key(self) -> str:
        return f"hash({quote_identifiers(self.contract.key)})"

    @property
    def keys_sql(self) -> str:
        """The hashes of the keys with several facts."""
        return f"select {self.key} as key from {self.facts} group by all having count(*) > 1"

    def sql(self) -> str:
        if not self.are_few:
            return self.newest_sql("")
        return f"{self.others_sql(self.keys_sql)} union all {self.newest_sql(self.keys_sql)}"

    def others_sql(self, keys: str) -> str:
        """The facts of other keys than `keys`, which is a SELECT of hashes."""
        columns = quote_identifiers(visible_columns(self.contract))
        return f"select {columns} from {self.facts} where not is_withdrawn and {self.key} not in ({keys})"

    def newest_sql(self, keys: str) -> str:
        """The newest fact of each of `keys`, of all where that is '': windows run over whole numbers, and the rows themselves
        are fetched last."""
        columns = quote_identifiers(visible_columns(self.contract))
        where = f" where {self.key} in ({keys})" if keys else ""
        return f"""(
with payloads as materialized ({payloads_sql([self.facts])}),
starts as (
    select {ID} from (
        select {fact_id_sql(self.contract)}, {value_hash_sql(self.contract)} as value
        from {self.facts} join payloads using (payload_sha256){where}
    )
    qualify value is distinct from lag(value) over (partition by _key, _key2 order by _known, _payload)
),
newest as (
    from starts qualify row_number() over (partition by _key, _key2 order by _known desc, _payload desc) = 1
)
select {columns} from (
    select *, {fact_id_sql(self.contract)} from {self.facts} join payloads using (payload_sha256) where not is_withdrawn
) semi join newest using ({ID})
)"""


def _compared_facts(
    contract: Contract, home: Path, files: Sequence[LakeFile], as_of: datetime | None
) -> Iterator[_ComparedFacts]:
    """The facts of years in which some key has several: more than a million in parts, by the keys' hashes."""
    count = _row_count(files)
    parts = ceil(count / _COMPARED_ROWS)
    known = _known_at_condition(files, as_of)
    are_few = sum(f.overlaps for f in files) * 8 < count
    for part in range(parts):
        key = f"hash({quote_identifiers(contract.key)})"
        of_part = "" if parts == 1 else f"{' and' if known else ' where'} {key} % {parts} = {part}"
        facts = f"(select * from {scan_facts_sql(contract, home, files)}{known}{of_part})"
        yield _ComparedFacts(contract, facts, are_few)


def _empty_view_sql(contract: Contract, with_tombstones: bool = False) -> str:
    columns = [c for c in contract.all_columns if with_tombstones or c.name != "is_withdrawn"]
    return f"select {', '.join(f'null::{c.duckdb_type} as {quote_identifier(c.name)}' for c in columns)} where false"
