"""The size and shape of the lake's files: small, sorted, in row groups that a reader can skip."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.lake_support import at
from warehouse.calendar import sessions_between
from warehouse.contracts.datasets import CONTRACTS
from warehouse.lake.lake import Lake
from warehouse.lake.storage import ROW_GROUP

SYMBOLS = 600


def panel() -> pa.Table:
    """A year of random walks of SYMBOLS stocks, in cents, in the order of sessions."""
    luck, days = np.random.default_rng(1), sessions_between(date(2025, 1, 1), date(2025, 12, 31))
    shape = (len(days), SYMBOLS)
    close = np.exp(luck.normal(3.5, 1, (1, SYMBOLS)) + np.cumsum(luck.normal(0, 0.02, shape), 0))
    high, low = close * (1 + abs(luck.normal(0, 0.01, shape))), close * (1 - abs(luck.normal(0, 0.01, shape)))
    count = close.size
    columns = {
        "symbol": [f"S{i:04d}" for i in range(SYMBOLS)] * len(days),
        "session_date": [day for day in days for _ in range(SYMBOLS)],
        "basis": ["raw"] * count,
        **{name: np.round(v, 2).ravel() for name, v in (("close", close), ("high", high), ("low", low))},
        "open": np.round((high + low) / 2, 2).ravel(),
        "volume": np.exp(luck.normal(13, 1.5, shape)).astype(np.int64).ravel(),
        "is_final": [True] * count,
        "source": ["simulated"] * count,
        "payload_sha256": ["ab" * 32] * count,
        "known_at": [at(1)] * count,
        "is_withdrawn": [False] * count,
    }
    schema = CONTRACTS["equity_bars"].lake_schema
    return pa.table({f.name: pa.array(columns.get(f.name, [None] * count), f.type) for f in schema}, schema=schema)


def test_a_row_of_bars_takes_less_than_17_bytes_and_lies_in_order(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.commit("r", {"equity_bars": panel()})
    (file,) = lake.manifest().files
    assert file.rows == 250 * SYMBOLS
    assert (file.first_date, file.last_date, file.overlaps) == ("2025-01-02", "2025-12-31", 0)
    assert file.bytes == (tmp_path / file.path).stat().st_size
    assert file.bytes / file.rows < 17
    stored = pq.ParquetFile(tmp_path / file.path)
    assert [stored.metadata.row_group(i).num_rows for i in range(2)] == [ROW_GROUP, file.rows - ROW_GROUP]
    symbols = stored.read(["symbol"]).column("symbol").to_pylist()
    assert symbols == sorted(symbols)
    assert stored.schema_arrow.names == CONTRACTS["equity_bars"].lake_schema.names


def test_a_day_of_known_rows_costs_next_to_nothing(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    table = panel()
    lake.commit("r", {"equity_bars": table})
    place = table.column_names.index("known_at")
    again = table.set_column(place, "known_at", pa.array([at(2)] * table.num_rows, table.schema.field(place).type))
    assert lake.commit("r", {"equity_bars": again}).written == {"equity_bars": 0}
    (sidecar,) = lake.manifest().confirmations
    assert sidecar.rows == table.num_rows
    assert sidecar.bytes / sidecar.rows < 1
