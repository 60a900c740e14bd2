"""Which run gave what: the facts of a run, and the rows of its that said what was known already.

A file bears the run that wrote it. Beside the run's own rows it may hold those of others that it turned from confirmations into
facts; a compaction merges files, and what it merged is told by its instant alone, where no other run has that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from warehouse.contracts.contract import Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import instant_literal, quote_identifier, quote_identifiers
from warehouse.lake.commit import open_workspace
from warehouse.lake.confirmations import sidecar_columns
from warehouse.lake.facts import scan_facts_sql, scan_files_sql
from warehouse.lake.manifest import COMPACTION, LakeFile, Manifest, manifest_path, read_manifest


@dataclass(frozen=True)
class Origin:
    """A run that wrote to the lake. `known_at` is the instant of its rows if it is theirs alone, else None."""

    run_id: str
    known_at: datetime | None


def is_distinguishable(manifest: Manifest, origin: Origin) -> bool:
    """Whether all rows of the run can be distinguished from those of others."""
    return origin.known_at is not None or not any(file.run_id == COMPACTION for file in manifest.files)


def given_sql(contract: Contract, home: Path, manifest: Manifest, origins: Sequence[Origin]) -> str:
    """A SELECT of what these runs gave in one dataset, as far as it can be told: key, known_at and payload_sha256, each once."""
    runs = {origin.run_id for origin in origins}
    facts = manifest.files_of_dataset(contract.name)
    sidecars = [file for file in manifest.confirmations if file.dataset == contract.name]
    parts = list(_own_selects(contract, home, runs, facts, sidecars))
    instants = ", ".join(instant_literal(origin.known_at) for origin in origins if origin.known_at is not None)
    if instants:
        merged = [[file for file in files if file.run_id == COMPACTION] for files in (facts, sidecars)]
        parts += [f"{select} where known_at in ({instants})" for select in _selects(contract, home, *merged)]
    return " union ".join(parts) or _nothing_sql(contract)


def all_given_sql(contract: Contract, home: Path, manifest: Manifest) -> str:
    """The same of all runs; a row that was written and lies in a sidecar too is there twice."""
    facts = manifest.files_of_dataset(contract.name)
    sidecars = [file for file in manifest.confirmations if file.dataset == contract.name]
    return " union all ".join(_selects(contract, home, facts, sidecars)) or _nothing_sql(contract)


def count_given(home: Path, origin: Origin) -> int:
    """How many rows of the run the lake holds that can be told from those of others."""
    manifest = read_manifest(manifest_path(home))
    counts = [
        f"(select count(*) from ({given_sql(contract, home, manifest, [origin])}))" for contract in CONTRACTS.values()
    ]
    with open_workspace(home) as con:
        return int(con.execute(f"select {' + '.join(counts)}").fetchall()[0][0])


def _own_selects(
    contract: Contract, home: Path, runs: set[str], facts: list[LakeFile], sidecars: list[LakeFile]
) -> Iterator[str]:
    """SELECTs of what lies in files of these runs and is theirs."""
    columns = quote_identifiers(sidecar_columns(contract))
    own = [file for file in sidecars if file.run_id in runs]
    yield from _selects(contract, home, [], own)
    others = [file for file in sidecars if file not in own]
    for select in _selects(contract, home, [file for file in facts if file.run_id in runs], []):
        theirs = (
            f" anti join (select {columns} from {scan_files_sql(home, others)}) using ({columns})" if others else ""
        )
        yield f"{select}{theirs}"


def _selects(contract: Contract, home: Path, facts: list[LakeFile], sidecars: list[LakeFile]) -> Iterator[str]:
    columns = quote_identifiers(sidecar_columns(contract))
    if facts:
        yield f"select {columns} from {scan_facts_sql(contract, home, facts)}"
    if sidecars:
        yield f"select {columns} from {scan_files_sql(home, sidecars)}"


def _nothing_sql(contract: Contract) -> str:
    named = (contract.find_column(name) for name in sidecar_columns(contract))
    return f"select {', '.join(f'null::{c.duckdb_type} as {quote_identifier(c.name)}' for c in named)} where false"
