"""The facts of a past build, taken out of the lake of today.

A lake that holds no more than it did then gives them as it is. Else the files of the build are read, which nothing changes
and which lie there until a compaction has merged them; after that its facts are picked out of the merged files, and their
fingerprint says whether the picking was right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.builds.records import BuildRecord
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import instant_literal, quote_literal
from warehouse.lake.commit import open_workspace
from warehouse.lake.facts import FACT_HASH, fact_id_sql, payloads_sql, scan_facts_sql, value_hash_sql
from warehouse.lake.lake import Lake
from warehouse.lake.manifest import COMPACTION, LakeFile, Manifest
from warehouse.runs.journal import Journal


@dataclass(frozen=True)
class Facts:
    """A snapshot that holds the facts of a build; `is_exact` where their fingerprint is that of the build."""

    manifest: Manifest
    note: str
    is_exact: bool


def facts_at_build(home: Path, record: BuildRecord, folder: Path) -> Facts:
    """The facts of `record`; what must be picked out of merged files is written to `folder`."""
    manifest = Lake(home).manifest()
    if manifest.fingerprint == record.fingerprint:
        return Facts(manifest, "lake: holds the same facts as then", True)
    groups = sorted({(file.dataset, file.year) for file in record.files})
    files: list[LakeFile] = []
    picked = 0
    for dataset, year in groups:
        then = record.manifest.files_of_dataset(dataset, {year})
        if manifest.fingerprint_of(dataset, {year}) == record.manifest.fingerprint_of(dataset, {year}):
            files += manifest.files_of_dataset(dataset, {year})
        elif all((home / file.path).is_file() for file in then):
            files += then
        else:
            picked += 1
            files += _pick_facts_of_build(home, record, manifest.files_of_dataset(dataset, {year}), folder)
    selected = Manifest(record.generation, tuple(files))
    is_exact = selected.fingerprint == record.fingerprint
    return Facts(selected, _selection_note(manifest, selected, picked, is_exact), is_exact)


def _selection_note(manifest: Manifest, selected: Manifest, picked: int, is_exact: bool) -> str:
    since = sum(file.rows for file in manifest.files) - sum(file.rows for file in selected.files)
    note = f"lake: has received about {max(since, 0)} facts since; they are left out"
    if picked:
        note += f" ({picked} years of datasets were merged since, their facts were picked by payload and instant)"
    if not is_exact:
        note += "; what is left is NOT the facts of the build: its fingerprint differs"
    return note


def _pick_facts_of_build(home: Path, record: BuildRecord, files: list[LakeFile], folder: Path) -> list[LakeFile]:
    """One file with the facts of the build among `files`, which hold one year of one dataset."""
    held = {file.path for file in record.files}
    kept = [file for file in files if file.path in held]
    merged = [file for file in files if file.run_id == COMPACTION and file.path not in held]
    if not kept and not merged:
        return []
    first = files[0]
    contract = CONTRACTS[first.dataset]
    parts = [f"select * from {scan_facts_sql(contract, home, kept)}"] if kept else []
    if merged:
        parts.append(f"select * from {scan_facts_sql(contract, home, merged)} where {_known_at_build_sql(record)}")
    path = folder / f"{first.dataset}-{first.year}.parquet"
    with open_workspace(home) as con:
        con.register("later_payloads", _later_payloads(home, record.built_at))
        con.execute(f"copy ({' union all by name '.join(parts)}) to {quote_literal(str(path))} (format parquet)")
        picked = replace(first, path=str(path), bytes=path.stat().st_size)
        rows, digest = _fingerprint_file(con, picked, home)
    return [replace(picked, rows=rows, facts_hash=digest, overlaps=rows)] if rows else []


def _known_at_build_sql(record: BuildRecord) -> str:
    return f"known_at <= {instant_literal(record.built_at)} and payload_sha256 not in (select payload_sha256 from later_payloads)"


def _later_payloads(home: Path, built_at: datetime) -> pa.Table:
    """Payloads that came in runs after the build alone: their facts may be dated back, but the build had them not."""
    journal = Journal(home)
    started = {row["run_id"]: row["started_at"] for row in journal.list_runs()}
    first: dict[str, datetime] = {}
    for batch in journal.list_batches():
        at: Any = started.get(batch["run_id"]) or datetime.min.replace(tzinfo=UTC)
        digest = batch["payload_sha256"]
        first[digest] = min(at, first.get(digest, at))
    return pa.table({"payload_sha256": pa.array([d for d, at in first.items() if at > built_at], pa.string())})


def _fingerprint_file(con: duckdb.DuckDBPyConnection, file: LakeFile, home: Path) -> tuple[int, int]:
    """Rows of the file, and the sum of the hashes of its effective facts, as commits count them."""
    contract = CONTRACTS[file.dataset]
    facts = f"(select * from {scan_facts_sql(contract, home, [file])})"
    rows, total = con.execute(f"""
        with payloads as materialized ({payloads_sql([facts])}),
        hashed as (
            select {fact_id_sql(contract)}, _payload_hash, {value_hash_sql(contract)} as value
            from {facts} join payloads using (payload_sha256)
        ),
        starts as (
            from hashed qualify value is distinct from lag(value) over (partition by _key, _key2 order by _known, _payload)
        )
        select (select count(*) from hashed), coalesce((select sum({FACT_HASH}) from starts), 0)""").fetchall()[0]
    return int(rows), int(total) % 2**64
