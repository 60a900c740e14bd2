"""How rows become a Parquet file: sorted, small, whole or not there.

Strings, days, instants and prices repeat, so they are dictionary encoded; volumes and market caps do
not, so their bytes are split into streams, which zstd then packs (11.4 bytes a row of the screener
against 12.4 with DuckDB's writer and 15.4 with dictionaries throughout).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.contracts.contract import Contract
from warehouse.durable_io import write_whole_file
from warehouse.errors import LakeError
from warehouse.instants import to_utc_text
from warehouse.lake.checksums import name_with_digest
from warehouse.lake.facts import is_price_column
from warehouse.lake.manifest import LakeFile

ROW_GROUP = 122_880


@dataclass(frozen=True)
class Target:
    """Where a file goes: `lake/<dataset>[.<kind>]/year=YYYY/<name>.<digest>.parquet` under the home."""

    home: Path
    dataset: str
    year: int
    run_id: str
    name: str
    kind: str = ""

    @property
    def relative_path(self) -> str:
        folder = f"{self.dataset}.{self.kind}" if self.kind else self.dataset
        return f"lake/{folder}/year={self.year:04d}/{self.name}.parquet"


@dataclass
class _Seen:
    """What the rows of a file span, gathered while they pass."""

    rows: int = 0
    withdrawn: int = 0
    known: Any = None  # microseconds: an instant of Arrow as a Python object would import pandas
    days: Any = None

    def add_batch(self, batch: pa.RecordBatch, instant_column: str, date_column: str | None) -> None:
        self.rows += batch.num_rows
        self.known = _widen_span(self.known, batch.column(instant_column).cast(pa.int64()))
        if date_column is not None:
            self.days = _widen_span(self.days, batch.column(date_column))
        if "is_withdrawn" in batch.schema.names:
            self.withdrawn += pc.sum(batch.column("is_withdrawn")).as_py() or 0


def _widen_span(span: Any, values: pa.Array) -> Any:
    """The span (least, greatest) of `span` and `values`; None while there is no value."""
    found = pc.min_max(values).as_py()
    if found["min"] is None:
        return span
    return (min(span[0], found["min"]), max(span[1], found["max"])) if span else (found["min"], found["max"])


def write_rows(
    con: duckdb.DuckDBPyConnection,
    sql: str,
    target: Target,
    contract: Contract | None = None,
    instant_column: str = "known_at",
    facts_hash: int = 0,
    overlaps: int = 0,
) -> LakeFile:
    """Stream the rows of `sql`, in its order, into the file of `target`; memory stays at one row group.

    Tombstones among the rows are added to `overlaps`. Raises LakeError where disk or data refuse.
    """
    seen = _Seen()
    date_column = contract.year_column if contract else None

    def write_parquet(temporary: Path) -> None:
        reader = con.sql(sql).to_arrow_reader(ROW_GROUP)
        dates = date_column if date_column in reader.schema.names else None
        with pq.ParquetWriter(temporary, reader.schema, **_parquet_encoding(reader.schema, contract)) as writer:
            for batch in reader:
                seen.add_batch(batch, instant_column, dates)
                writer.write_batch(batch, row_group_size=ROW_GROUP)

    wanted = target.home / target.relative_path
    path = write_whole_file(wanted, write_parquet, lambda written: name_with_digest(wanted.name, written))
    if not seen.rows or seen.known is None:
        raise LakeError(f"{path} would hold no rows: this is a fault of the lake, please report it")
    return LakeFile(
        target.dataset,
        path.relative_to(target.home).as_posix(),
        target.year,
        seen.rows,
        target.run_id,
        facts_hash % 2**64,
        to_utc_text(instant_from_micros(seen.known[0])),
        to_utc_text(instant_from_micros(seen.known[1])),
        seen.days[0].isoformat() if seen.days else None,
        seen.days[1].isoformat() if seen.days else None,
        overlaps + seen.withdrawn,
        path.stat().st_size,
    )


def instant_from_micros(micros: int) -> datetime:
    """The instant `micros` microseconds after 1970, exactly."""
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micros)


def _parquet_encoding(schema: pa.Schema, contract: Contract | None) -> dict[str, object]:
    prices = {c.name for c in contract.columns if is_price_column(c)} if contract else set()
    split = [
        f.name for f in schema if f.name not in prices and (pa.types.is_floating(f.type) or pa.types.is_integer(f.type))
    ]
    booleans = [f.name for f in schema if pa.types.is_boolean(f.type)]
    return {
        "compression": "zstd",
        # 1 % smaller than at level 3, for a fifth more time to write; above it little is gained
        "compression_level": 7,
        "use_dictionary": [f.name for f in schema if f.name not in (*split, *booleans)],
        "column_encoding": dict.fromkeys(split, "BYTE_STREAM_SPLIT"),
    }
