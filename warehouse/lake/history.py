"""What the lake once said and says no longer: all facts of the keys that have more than one; and who said it again.

Restatements are read from these. Years in which no key has two facts are not touched, so that a lake without
corrections pays nothing. Confirmations tell which payloads gave a value that was known: two values are of one
release where one payload gave both.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb

from warehouse.contracts.contract import Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import instant_literal, quote_identifier, quote_identifiers
from warehouse.lake.bounds import within_bounds_sql
from warehouse.lake.confirmations import sidecar_columns
from warehouse.lake.facts import scan_facts_sql, scan_files_sql
from warehouse.lake.manifest import Manifest

SUFFIX = "_history"
CONFIRMED = "_confirmations"


def attach_history(
    con: duckdb.DuckDBPyConnection, home: Path, manifest: Manifest, as_of: datetime | None, schema: str
) -> None:
    """Create in `con` the views `<dataset>_history` (the contract's all_columns) and `<dataset>_confirmations` (key,
    known_at and payload of each value given again, unchanged), in no order, known by `as_of`."""
    for contract in CONTRACTS.values():
        confirmed = confirmed_sql(contract, home, manifest, as_of)
        con.execute(f"create or replace view {schema}.{contract.name}{CONFIRMED} as {confirmed}")
        sql = restated_sql(contract, home, manifest, as_of)
        where = within_bounds_sql(contract)
        con.execute(f"create or replace view {schema}.{contract.name}{SUFFIX} as select * from ({sql}){where}")


def confirmed_sql(contract: Contract, home: Path, manifest: Manifest, as_of: datetime | None = None) -> str:
    """A SELECT of the confirmations known at `as_of`."""
    files = [file for file in manifest.confirmations if file.dataset == contract.name]
    if not files:
        named = (contract.find_column(name) for name in sidecar_columns(contract))
        return f"select {', '.join(f'null::{c.duckdb_type} as {quote_identifier(c.name)}' for c in named)} where false"
    known = f" where known_at <= {instant_literal(as_of)}" if as_of else ""
    return f"select {quote_identifiers(sidecar_columns(contract))} from {scan_files_sql(home, files)}{known}"


def restated_sql(contract: Contract, home: Path, manifest: Manifest, as_of: datetime | None = None) -> str:
    """A SELECT of all facts, tombstones too, of the keys that have more than one fact known at `as_of`."""
    files = []
    for year in manifest.years_of_dataset(contract.name):
        of_year = manifest.files_of_dataset(contract.name, {year})
        if any(f.overlaps for f in of_year):
            files += of_year
    if not files:
        empty = ", ".join(f"null::{c.duckdb_type} as {quote_identifier(c.name)}" for c in contract.all_columns)
        return f"select {empty} where false"
    known = f" where known_at <= {instant_literal(as_of)}" if as_of else ""
    facts = f"(select * from {scan_facts_sql(contract, home, files)}{known})"
    # a 64-bit hash of the key: one that collides brings in a key with a single fact, which changes nothing
    key = f"hash({quote_identifiers(contract.key)})"
    return f"""select {quote_identifiers(c.name for c in contract.all_columns)} from {facts}
        where {key} in (select {key} from {facts} group by all having count(*) > 1)"""
