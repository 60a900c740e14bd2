"""Payloads gathered into batches: their tables with provenance, and what is known of each payload."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expectations.check import PayloadFacts
from expectations.frames import chunks_of_rows
from sources.base import Request
from warehouse.contracts.contract import Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.lake.lake import Lake

GROUP_PAYLOADS = 1024
GROUP_ROWS = 500_000
BATCH_ROWS = 2_000_000


@dataclass(frozen=True)
class Given:
    """Rows of `row_schema` that a payload gave, and since when they are known."""

    table: pa.Table
    digest: str
    known_at: datetime


@dataclass
class Group:
    """Payloads that are committed together: by dataset the tables and what is known of their payloads."""

    tables: dict[str, list[Given]] = field(default_factory=dict)
    facts: dict[str, dict[str, PayloadFacts]] = field(default_factory=dict)
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: list[pa.Table] = field(default_factory=list)
    digests: set[str] = field(default_factory=set)
    rows: int = 0

    @property
    def is_full(self) -> bool:
        return self.rows >= GROUP_ROWS or len(self.digests) >= GROUP_PAYLOADS


def with_provenance(contract: Contract, table: pa.Table, digest: str, known_at: datetime) -> pa.Table:
    """Rows of `row_schema` as the lake has them: of which payload, known since when."""
    return merge_tables(contract, [Given(table, digest, known_at)])


def count_provisional(table: pa.Table) -> tuple[int, date | None]:
    """How many rows are bars known before their session had closed, and the newest of these sessions."""
    if "is_final" not in table.column_names:
        return 0, None
    days = table["session_date"].filter(pc.invert(table["is_final"]))
    return len(days), pc.max(days).as_py()


def source_of_batch(table: pa.Table | None, request: Request) -> str:
    return str(table["source"][0].as_py()) if table is not None and table.num_rows else request.source


def merge_tables(contract: Contract, given: list[Given]) -> pa.Table:
    """The rows of all payloads as the lake has them: of which payload, known since when. Made at once, for most payloads
    have a row or two."""
    tables = [one.table for one in given]
    # a large payload comes alone, and is not copied
    rows = (
        tables[0]
        if len(tables) == 1
        else pa.concat_tables([contract.row_schema.empty_table(), *tables]).combine_chunks()
    )
    payload_no = pa.array(np.repeat(np.arange(len(tables)), np.array([one.num_rows for one in tables], np.int64)))
    columns = [
        *rows.columns,
        pa.array([one.digest for one in given], pa.string()).take(payload_no),
        pa.array([one.known_at for one in given], pa.timestamp("us", tz="UTC")).take(payload_no),
        pa.repeat(False, rows.num_rows),
    ]
    return pa.table(columns, schema=contract.lake_schema)


def split_tables(tables: dict[str, pa.Table]) -> Iterator[dict[str, pa.Table]]:
    """The tables in parts of at most about BATCH_ROWS; nearly always one. Rows of one key stay in one part."""
    if sum(table.num_rows for table in tables.values()) <= BATCH_ROWS:
        yield tables
        return
    for name, table in tables.items():
        whole = pa.array(range(table.num_rows)).to_numpy()
        for rows in chunks_of_rows(CONTRACTS[name], table, whole, BATCH_ROWS):
            yield {name: table.take(pa.array(rows))}


def rows_before(
    con: duckdb.DuckDBPyConnection, home: Path, contract: Contract, request: Request, table: pa.Table | None
) -> int | None:
    """How many rows the lake holds of the session before, where the payload is a whole market's one session."""
    if contract.count_change_limit is None or request.symbol is not None or table is None:
        return None
    days = pc.unique(table[contract.year_column].cast(pa.date32()))
    if len(days) != 1 or days[0].as_py() is None:
        return None
    lake = Lake(home)
    day, series = contract.year_column, ("source", "basis")
    values = [table[name][0].as_py() for name in series]
    query = f"""select count(*) from ({lake.current_sql(contract.name, lake.manifest())})
        where {day} < ? and source = ? and basis = ? group by {day} order by {day} desc limit 1"""
    # read to its end: a result that is not blocks the connection
    found = con.execute(query, [days[0].as_py(), *values]).fetchall()
    return int(found[0][0]) if found else None
