"""Small batches for tests of the lake: a bar in one line, and what a reader sees as plain rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.contracts.datasets import CONTRACTS
from warehouse.lake.lake import Lake
from warehouse.lake.manifest import Manifest


def at(day: int, hour: int = 0) -> datetime:
    """An instant in January 2026."""
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def bar(
    close: float | None,
    known_at: datetime,
    payload: str,
    *,
    symbol: str = "AAA",
    day: str = "2025-06-02",
    **others: Any,
) -> dict[str, Any]:
    """A row of equity_bars; `close` None makes a tombstone."""
    row: dict[str, Any] = dict.fromkeys(CONTRACTS["equity_bars"].lake_schema.names)
    row.update(
        symbol=symbol,
        session_date=date.fromisoformat(day),
        basis="raw",
        close=close,
        is_final=True,
        source="s",
        payload_sha256=payload,
        known_at=known_at,
        is_withdrawn=close is None,
    )
    return row | others


def table(rows: Sequence[dict[str, Any]], dataset: str = "equity_bars") -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=CONTRACTS[dataset].lake_schema)


def view(lake: Lake, columns: str, as_of: datetime | None = None, manifest: Manifest | None = None) -> list[Any]:
    """The rows of the view of equity_bars, sorted."""
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        sql = lake.current_sql("equity_bars", manifest or lake.manifest(), as_of)
        return con.execute(f"select {columns} from ({sql}) order by all").fetchall()


def kept_view(lake: Lake, columns: str, as_of: datetime | None = None) -> list[Any]:
    """The same rows, of the table that a build makes of them."""
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        lake.attach_views(con, lake.manifest(), as_of, is_compared_once=True)
        return con.execute(f"select {columns} from lake.equity_bars order by all").fetchall()
