"""What the lake once said and says no longer: all facts of keys that have more than one or were withdrawn; and who said it again.

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
from warehouse.lake.reading import Reading

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
    """A SELECT of all facts of the keys that have more than one, or were withdrawn."""
    parts = []
    if superseded := [year for year in read.compared_in_part if year.superseded]:
        before = read.scan([file for year in superseded for file in year.superseded])
        facts = f"from {before}"
        if now := [file for year in superseded for file in year.single]:
            key = quote_identifiers(read.contract.key)
            facts += f" union all from {read.scan(now)} semi join {before} as b using ({key})"
        without_changes = (
            f" where {read.key_hash} not in (select key_hash from {read.changed_keys})" if read.changed_keys else ""
        )
        parts.append(f"from ({facts}){without_changes}")
    compared = [read.changed_facts] if read.changed_facts else []
    if whole := [file for year in read.compared_whole for file in year.files]:
        compared.append(read.scan(whole))
    # a hash that collides brings in a key with a single fact, which changes nothing
    parts += [
        f"""from {facts} where {read.key_hash} in (
            select {read.key_hash} from {facts} group by all having count(*) > 1 or bool_or(is_withdrawn))"""
        for facts in compared
    ]
    return " union all ".join(parts) or no_rows_sql(read.contract)


def no_rows_sql(contract: Contract, with_withdrawals: bool = True) -> str:
    """A SELECT of no facts, with the columns of the contract; without is_withdrawn those of the dataset's view."""
    columns = [c for c in contract.all_columns if with_withdrawals or c.name != "is_withdrawn"]
    return f"select {', '.join(f'null::{c.duckdb_type} as {quote_identifier(c.name)}' for c in columns)} where false"
