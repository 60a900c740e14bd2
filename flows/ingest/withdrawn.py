"""Rows that say again what was withdrawn by hand: served once more, a wrong fact does not come back by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from flows.ingest.withdraw import standing_withdrawals
from warehouse.contracts.contract import Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.lake.facts import is_price_column


def drop_withdrawn_rows(home: Path, dataset: str, table: pa.Table) -> tuple[pa.Table, list[str]]:
    """`table` (lake_schema) without the rows whose values were withdrawn for their key and not restored since, and a line
    for a person on each of them. Another value of the same key is a correction and stays."""
    contract = CONTRACTS[dataset]
    every = pa.array([True] * table.num_rows, pa.bool_())
    keep, lines = every, []
    for reason, wrong in standing_withdrawals(home, contract):
        same = every
        for name in contract.key:
            column = table[name].combine_chunks()
            same = pc.and_(same, pc.fill_null(pc.equal(column, pa.scalar(wrong[name], column.type)), False))
        for row in table.filter(same).to_pylist():
            if _stored_values(contract, row) == _stored_values(contract, wrong):
                keep = pc.and_(keep, pc.invert(same))
                named = " ".join(f"{name}={row[name]}" for name in contract.key)
                lines.append(
                    f"{dataset} {named}: left out, it says again what was withdrawn ({reason}); "
                    "`breadthwise restore` takes that back"
                )
    return (table.filter(keep), lines) if lines else (table, [])


def _stored_values(contract: Contract, row: dict[str, Any]) -> list[Any]:
    """The row's values as the lake stores them: prices at 1e-6."""
    own = [column for column in contract.columns if column.name not in contract.key]
    return [round(row[c.name], 6) if is_price_column(c) and row[c.name] is not None else row[c.name] for c in own]
