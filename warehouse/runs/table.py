"""The runs of the journal as an Arrow table; apart from journal.py, so that what only reads need not import Arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from warehouse.runs.journal import COLUMNS

_ARROW = {"text": pa.string(), "real": pa.float64()}


def runs_table(runs: Sequence[Mapping[str, Any]]) -> pa.Table:
    """What `Journal.runs` gives, with its columns; instants are UTC in microseconds."""
    return pa.Table.from_pylist(
        runs,
        schema=pa.schema(
            [
                pa.field(name, pa.timestamp("us", tz="UTC") if name.endswith("_at") else _ARROW.get(kind, pa.int64()))
                for name, kind in COLUMNS["runs"].items()
            ]
        ),
    )
