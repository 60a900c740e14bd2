"""Compaction: fewer, sorted files with the same facts, old payloads packed, what nobody reads any more swept away.

Each dataset-year is merged beside readers and writers and shown by one switch of the manifest, which alone
takes the lake's lock, so it can be killed at any point. Replaced files stay for a grace period, for readers
of an older snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from warehouse.builds import publish
from warehouse.contracts.contract import Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import quote_identifiers
from warehouse.durable_io import TEMPORARY_SUFFIX, disk_error, hold_lock, holder_text, try_lock
from warehouse.errors import LakeError
from warehouse.instants import to_utc_text
from warehouse.lake.checksums import has_digest
from warehouse.lake.commit import lock_path, open_workspace
from warehouse.lake.confirmations import sidecar_columns
from warehouse.lake.facts import (
    FACT_HASH,
    ID,
    ORDER,
    fact_id_sql,
    payloads_sql,
    scan_facts_sql,
    scan_files_sql,
    value_hash_sql,
)
from warehouse.lake.manifest import (
    COMPACTION,
    SUPERSEDED,
    LakeFile,
    Manifest,
    Retired,
    manifest_path,
    read_manifest,
    switch_manifest,
)
from warehouse.lake.reading import row_count
from warehouse.lake.storage import Target, write_rows
from warehouse.payloads.packing import pack_files, packable_files

GRACE = timedelta(hours=24)


@dataclass
class Compacted:
    """What a compaction did, or with `dry_run` would do. Paths are relative to the home."""

    # "dataset year" -> files that became one of facts, one of superseded ones and a sidecar
    merged: dict[str, int] = field(default_factory=dict)
    swept: list[str] = field(default_factory=list)
    packed: list[str] = field(default_factory=list)
    pruned: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Merged:
    """What stands for the files of a dataset-year; `repeated` of their facts became confirmations."""

    facts: list[LakeFile]
    confirmations: list[LakeFile]
    repeated: int


def compact_lake(
    home: Path,
    now: datetime,
    dry_run: bool = False,
    retention_days: float = 30,
    keep_builds_days: float = 14,
    grace: timedelta = GRACE,
) -> Compacted:
    """Merge each dataset-year's files, pack payloads older than `retention_days`, prune builds, sweep.

    Changes no fact, no view and no fingerprint. Raises LakeError if another compaction runs, or where
    the disk refuses; what was finished by then stands.
    """
    done = Compacted()
    with try_lock(home / "lake" / "compaction.lock") as holder:
        if holder is not None:
            raise LakeError(f"another compaction is under way ({holder_text(holder)}); wait for it to end")
        for dataset, year in _mergeable_years(read_manifest(manifest_path(home))):
            count = _merge_year(home, CONTRACTS[dataset], year, now, dry_run)
            done.merged[f"{dataset} {year or 'all years'}"] = count
        old = packable_files(home, now - timedelta(days=retention_days))
        done.packed = [str(p.relative_to(home)) for p in old]
        if not dry_run:
            pack_files(home, old, now)
        prune = publish.prunable_files if dry_run else publish.prune_builds
        done.pruned = [str(p.relative_to(home)) for p in prune(home, keep_builds_days, now)]
        done.swept = _sweep_files(home, now - grace, dry_run)
    return done


def _mergeable_years(manifest: Manifest) -> list[tuple[str, int]]:
    years = {(f.dataset, f.year) for f in (*manifest.files, *manifest.confirmations)}
    return sorted(
        (dataset, year)
        for dataset, year in years
        if not _is_merged(manifest.files_of_dataset(dataset, {year}))
        or not all(map(has_digest, manifest.files_of_dataset(dataset, {year})))
        or len(manifest.confirmations_of(dataset, year)) > 1
    )


def _is_merged(files: list[LakeFile]) -> bool:
    """Whether one file at most gives each key once, and one at most what is superseded."""
    single = sum(not file.overlaps for file in files)
    superseded = sum(file.is_superseded for file in files)
    return single <= 1 and superseded <= 1 and single + superseded == len(files)


def _merge_year(home: Path, contract: Contract, year: int, now: datetime, dry_run: bool) -> int:
    """Merge the files of one dataset-year; returns how many there were.

    Commits go on while the merged file is written: the lock is held for the switch alone, and files that came
    meanwhile stay beside the merged one. A repeated fact is left out of it only if none came: a newer fact
    may stand between it and the one that it repeats. Then the year is merged again under the lock.
    """
    seen = read_manifest(manifest_path(home))
    facts, sidecars = seen.files_of_dataset(contract.name, {year}), seen.confirmations_of(contract.name, year)
    if dry_run or not facts:
        return len(facts) + len(sidecars)
    new = _merge_files(home, contract, seen.generation, facts, sidecars)
    with hold_lock(lock_path(home)):
        old = read_manifest(manifest_path(home))
        if new.repeated and old.files_of_dataset(contract.name, {year}) != facts:
            facts, sidecars = old.files_of_dataset(contract.name, {year}), old.confirmations_of(contract.name, year)
            new = _merge_files(home, contract, old.generation, facts, sidecars)
        _switch_manifest(home, old, new, [*facts, *sidecars], now)
    return len(facts) + len(sidecars)


def _switch_manifest(home: Path, old: Manifest, merged: _Merged, replaced: list[LakeFile], now: datetime) -> None:
    gone = {f.path for f in replaced}
    new = replace(
        old,
        generation=old.generation + 1,
        files=(*(f for f in old.files if f.path not in gone), *merged.facts),
        confirmations=(*(f for f in old.confirmations if f.path not in gone), *merged.confirmations),
        retired=(*old.retired, *(Retired(f.path, to_utc_text(now)) for f in replaced)),
    )
    if not gone <= {f.path for f in old.all_files} or new.fingerprint != old.fingerprint:
        raise LakeError(f"{merged.facts[0].path}: merging would change the facts of the lake; nothing was changed")
    switch_manifest(manifest_path(home), old, new)


def _merge_files(
    home: Path, contract: Contract, generation: int, facts: list[LakeFile], sidecars: list[LakeFile]
) -> _Merged:
    """One file of each key's newest fact, one of what is superseded or withdrawn, and one sidecar, in place of many. A fact that
    equals the one before it becomes a confirmation."""
    keys, known = quote_identifiers(contract.key), quote_identifiers(sidecar_columns(contract))
    with open_workspace(home) as con:
        rows = scan_facts_sql(contract, home, facts)
        con.execute(f"create temp table payloads as {payloads_sql([rows])}")
        con.execute(f"create temp table starts as {_value_starts_sql(contract, rows)}")
        counted = con.execute(
            "select is_current, count(*), sum(fact_hash)::hugeint from starts group by all order by all desc"
        ).fetchall()
        _check_hashes(contract, facts, sum(hashes for *_, hashes in counted))
        identified = f"(select *, {fact_id_sql(contract)} from {rows} join payloads using (payload_sha256))"
        names = quote_identifiers(c.name for c in contract.all_columns)
        target = Target(home, contract.name, facts[0].year, COMPACTION, f"{COMPACTION}-{generation + 1:06d}")
        merged: list[LakeFile] = []
        # the first takes what is left, so that the sum is that of the files which they stand for
        others = sum(hashes for *_, hashes in counted[1:])
        for is_current, count, hashes in counted:
            merged.append(
                write_rows(
                    con,
                    f"""select {names} from {identified}
                semi join (from starts where is_current = {is_current}) using ({ID}) order by {keys}, {ORDER}""",
                    target if is_current else replace(target, name=f"{target.name}{SUPERSEDED}"),
                    contract,
                    facts_hash=hashes if merged else sum(f.facts_hash for f in facts) - others,
                    overlaps=0 if is_current else count,
                )
            )
        _check_same_facts(con, contract, scan_facts_sql(contract, home, merged))
        parts = [f"select {known} from {scan_files_sql(home, sidecars)}"] if sidecars else []
        parts.append(f"select {known} from {identified} anti join starts using ({ID})")
        con.execute(f"create temp table confirmed as {' union all '.join(parts)}")
        confirmations: list[LakeFile] = []
        if con.execute("select count(*) from confirmed").fetchall() != [(0,)]:
            beside = replace(target, kind="confirmations")
            confirmations.append(write_rows(con, f"from confirmed order by {known}", beside, contract))
    return _Merged(merged, confirmations, row_count(facts) - row_count(merged))


def _value_starts_sql(contract: Contract, rows: str) -> str:
    """A SELECT of the facts that differ from the one before of their key; the newest is current, unless it withdraws the key."""
    return f"""
select {ID}, {FACT_HASH} as fact_hash,
    not is_withdrawn and row_number() over (partition by _key, _key2 order by _known desc, _payload desc) = 1 as is_current
from (
    select {fact_id_sql(contract)}, is_withdrawn, _payload_hash, {value_hash_sql(contract)} as value
    from {rows} join payloads using (payload_sha256)
    qualify value is distinct from lag(value) over (partition by _key, _key2 order by _known, _payload)
)"""


def _check_hashes(contract: Contract, files: list[LakeFile], found: int) -> None:
    """The facts of files without a digest are those that were committed: what has changed since must not get one."""
    if not all(map(has_digest, files)) and (found - sum(file.facts_hash for file in files)) % 2**64:
        raise LakeError(
            f"{contract.name} {files[0].year}: the facts are not those that were written, so that one of its files is damaged "
            f"({', '.join(file.path for file in files)}); restore them from a backup of the home; they were not merged"
        )


def _check_same_facts(con: duckdb.DuckDBPyConnection, contract: Contract, merged: str) -> None:
    """The effective facts of the merged file, read back, are those of the files that it replaces."""
    before = con.execute("select count(*), sum(fact_hash) from starts").fetchall()
    after = con.execute(f"select count(*), sum(fact_hash) from ({_value_starts_sql(contract, merged)})").fetchall()
    if before != after:
        raise LakeError(f"{contract.name}: the merged file holds other facts than before; nothing was changed")


def _sweep_files(home: Path, oldest: datetime, dry_run: bool) -> list[str]:
    """Delete retired files, orphans of killed writers and temporary files, all untouched since `oldest`."""
    with hold_lock(lock_path(home)):
        manifest = read_manifest(manifest_path(home))
        due = [f for f in manifest.retired if f.retired_at < to_utc_text(oldest)]
        kept = {f.path for f in manifest.all_files} | {f.path for f in manifest.retired if f not in due}
        orphans = [
            p for p in _leftover_files(home) if str(p.relative_to(home)) not in kept and _last_touched_at(p) < oldest
        ]
        found = sorted({str(p.relative_to(home)) for p in orphans} | {f.path for f in due if (home / f.path).exists()})
        if dry_run:
            return found
        for path in found:
            try:
                (home / path).unlink(missing_ok=True)
            except OSError as error:
                raise disk_error("delete", home / path, error) from error
        if due:
            left = tuple(f for f in manifest.retired if f not in due)
            new = replace(manifest, generation=manifest.generation + 1, retired=left)
            switch_manifest(manifest_path(home), manifest, new)
        return found


def _leftover_files(home: Path) -> Iterator[Path]:
    """Data files of the lake, named by a manifest or not, and temporary files anywhere the project writes."""
    yield from (home / "lake").rglob("*.parquet")
    for folder in ("lake", "raw", "builds", "expectations", "cache", "reports"):
        yield from (home / folder).rglob(f".*{TEMPORARY_SUFFIX}")
    yield from (p for p in (home / "tmp").rglob("*") if p.is_file())
    yield from home.glob(f".*{TEMPORARY_SUFFIX}")


def _last_touched_at(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.max.replace(tzinfo=UTC)  # its writer has just renamed it
