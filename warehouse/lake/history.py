"""What the lake once said and says no longer: all facts of the keys that have more than one; and who said it again.

Restatements are read from these. Years in which no key has two facts are not touched, so that a lake without
corrections pays nothing. Confirmations tell which payloads gave a value that was known: two values are of one
release where one payload gave both.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from warehouse.contracts.contract import Contract
from warehouse.duck import instant_literal, quote_identifier, quote_identifiers
from warehouse.lake.confirmations import sidecar_columns
from warehouse.lake.facts import scan_files_sql
from warehouse.lake.manifest import Manifest
from warehouse.lake.several import Reading

HISTORY = "_history"
CONFIRMED = "_confirmations"


def confirmed_sql(contract: Contract, home: Path, manifest: Manifest, as_of: datetime | None = None) -> str:
    """A SELECT of the confirmations known at `as_of`."""
    files = [file for file in manifest.confirmations if file.dataset == contract.name]
    if not files:
        named = (contract.find_column(name) for name in sidecar_columns(contract))
        return f"select {', '.join(f'null::{c.duckdb_type} as {quote_identifier(c.name)}' for c in named)} where false"
    known = f" where known_at <= {instant_literal(as_of)}" if as_of else ""
    return f"select {quote_identifiers(sidecar_columns(contract))} from {scan_files_sql(home, files)}{known}"


def restated_sql(read: Reading) -> str:
    """A SELECT of all facts, tombstones too, of the keys that have more than one."""
    parts = []
    if superseded := [year for year in read.years if year.superseded and not year.is_mixed]:
        before = read.scan([file for year in superseded for file in year.superseded])
        keys = f"(select distinct {quote_identifiers(read.contract.key)} from {before})"
        facts = f"select * from {before}"
        if now := [file for year in superseded for file in year.single]:
            facts += f" union all select * from {read.scan(now, read.joined('semi', keys))}"
        parts.append(f"({facts}) as f {read.joined('anti', read.changed_keys)}" if read.several else f"({facts})")
    if read.several:
        parts.append(read.several)
    if mixed := [file for year in read.mixed for file in year.files]:
        # a 64-bit hash of the key: one that collides brings in a key with a single fact, which changes nothing
        key, facts = f"hash({quote_identifiers(read.contract.key)})", read.scan(mixed)
        parts.append(f"{facts} where {key} in (select {key} from {facts} group by all having count(*) > 1)")
    if not parts:
        empty = ", ".join(f"null::{c.duckdb_type} as {quote_identifier(c.name)}" for c in read.contract.all_columns)
        return f"select {empty} where false"
    columns = quote_identifiers(c.name for c in read.contract.all_columns)
    return " union all ".join(f"select {columns} from {part}" for part in parts)
