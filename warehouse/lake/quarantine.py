"""Refused rows: what was refused, by which rule, and the row itself, so that nothing disappears."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.duck import quote_identifiers
from warehouse.errors import LakeError
from warehouse.lake.facts import scan_files_sql
from warehouse.lake.manifest import UNPARTITIONED, LakeFile, Manifest
from warehouse.lake.storage import Target, write_rows

DATASET = "quarantine"

QUARANTINE_SCHEMA = pa.schema(
    [
        pa.field("dataset", pa.string()),
        pa.field("key", pa.string()),  # JSON text
        pa.field("rule", pa.string()),
        pa.field("column_name", pa.string()),
        pa.field("value", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("row", pa.string()),  # JSON text of the whole row
        pa.field("payload_sha256", pa.string()),
        pa.field("source", pa.string()),
        pa.field("run_id", pa.string()),
        pa.field("quarantined_at", pa.timestamp("us", tz="UTC")),
    ]
)

# The same bad file imported again doubles nothing: these name a refusal.
QUARANTINE_KEY = ("dataset", "row", "payload_sha256", "rule")


def write_new_refusals(
    con: duckdb.DuckDBPyConnection, home: Path, run_id: str, manifest: Manifest, table: pa.Table | None
) -> list[LakeFile]:
    """Write those rows of `table` (QUARANTINE_SCHEMA) that are not in quarantine yet; returns the file made, if any."""
    if table is None or not table.num_rows:
        return []
    missing = sorted(set(QUARANTINE_SCHEMA.names) - set(table.column_names))
    if missing:
        raise LakeError(f"quarantine: columns {', '.join(missing)} are missing from the refused rows")
    con.register("refused", table.select(QUARANTINE_SCHEMA.names).cast(QUARANTINE_SCHEMA))
    key = quote_identifiers(QUARANTINE_KEY)
    known = f"where hash({key}) not in (select hash({key}) from {scan_files_sql(home, manifest.quarantine)})"
    fresh = f"select * from refused {known if manifest.quarantine else ''}"
    sql = f"{fresh} qualify row_number() over (partition by {key}) = 1"
    con.execute(f"create or replace temp table refusals as {sql}")
    files = []
    if con.execute("select count(*) from refusals").fetchall() != [(0,)]:
        target = Target(home, DATASET, UNPARTITIONED, run_id, f"{run_id}-{manifest.generation + 1:06d}")
        ordered = f"select * from refusals order by {key}"
        files.append(write_rows(con, ordered, target, instant_column="quarantined_at"))
    con.unregister("refused")
    return files


def quarantined_sql(home: Path, files: Sequence[LakeFile]) -> str:
    """A SELECT of all refused rows, QUARANTINE_SCHEMA."""
    if files:
        return f"select {quote_identifiers(QUARANTINE_SCHEMA.names)} from {scan_files_sql(home, files)}"
    names = {"timestamp[us, tz=UTC]": "timestamptz"}
    empty = ", ".join(f"null::{names.get(str(f.type), 'varchar')} as {f.name}" for f in QUARANTINE_SCHEMA)
    return f"select {empty} where false"
