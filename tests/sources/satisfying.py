"""What a parser may return: tables of the contract's types whose every row could be stored."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any

from sources.base import Parsed
from warehouse.contracts.datasets import CONTRACTS
from warehouse.symbols import canonical_symbol


def assert_satisfying(parsed: Parsed, source: str, datasets: tuple[str, ...]) -> None:
    """Types, required columns, minima, finite numbers, canonical symbols, dates within reason, keys given once."""
    for dataset, table in parsed.tables.items():
        contract = CONTRACTS[dataset]
        assert dataset in datasets
        assert table.schema == contract.row_schema
        rows = table.to_pylist()
        for row in rows:
            assert row["source"] == source
            for column in contract.columns:
                value = row[column.name]
                assert value is not None or not column.required, (dataset, column.name, row)
                if value is not None:
                    _assert_value(column, value)
            if "symbol" in row:
                assert canonical_symbol(row["symbol"]) == row["symbol"]
        keys = [tuple(row[name] for name in contract.key) for row in rows]
        assert len(set(keys)) == len(keys), f"{dataset}: a key twice"
    for refused in parsed.rejected:
        assert refused.reason
        assert refused.text.isascii()
        assert refused.text.isprintable(), refused.text
        assert refused.dataset in CONTRACTS
    assert all(isinstance(count, int) and count > 0 for count in parsed.notes.values())


def _assert_value(column: Any, value: Any) -> None:
    if column.type == "float":
        assert math.isfinite(value)
    if column.minimum is not None:
        assert value > column.minimum if column.exclusive_minimum else value >= column.minimum, (column.name, value)
    if isinstance(value, date | datetime):
        assert 1600 <= value.year <= 2200
    if isinstance(value, str):
        assert len(value) <= 5000
        assert "\x00" not in value
        value.encode("utf-8")
