"""Withdrawals: a source takes rows back, and tombstones say so."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pyarrow as pa

from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import UsageError
from warehouse.lake.lake import Committed, Lake
from warehouse.runs.journal import Run


def withdraw(run: Run, home: Path, dataset: str, keys: pa.Table, payload_sha256: str, known_at: datetime) -> Committed:
    """Take rows back: commit a tombstone for each key of `keys` (the contract's key columns), known at `known_at` from
    the stored payload that said so. Raises UsageError for an unknown dataset or missing key columns."""
    if dataset not in CONTRACTS:
        raise UsageError(f"no dataset is called {dataset!r}; known are {', '.join(sorted(CONTRACTS))}")
    contract = CONTRACTS[dataset]
    missing = [name for name in contract.key if name not in keys.column_names]
    if missing:
        raise UsageError(f"{dataset}: a withdrawal names the whole key; {', '.join(missing)} is missing")
    given = {
        **{name: keys[name] for name in contract.key},
        "payload_sha256": pa.repeat(payload_sha256, keys.num_rows),
        "known_at": pa.repeat(pa.scalar(known_at, pa.timestamp("us", tz="UTC")), keys.num_rows),
        "is_withdrawn": pa.repeat(True, keys.num_rows),
    }
    columns = [given.get(f.name, pa.nulls(keys.num_rows, f.type)) for f in contract.lake_schema]
    tombstones = pa.table(columns, names=contract.lake_schema.names).cast(contract.lake_schema)
    committed = Lake(home).commit(run.run_id, {dataset: tombstones})
    written, known = committed.written[dataset], committed.known[dataset]
    run.record_batch(
        dataset, "", payload_sha256, fetched=keys.num_rows, accepted=written, known=known, message="withdrawn"
    )
    return committed
