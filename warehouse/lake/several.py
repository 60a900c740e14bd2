"""Which files of a dataset give each key once, and where the facts of keys with several are.

A fact whose key had one before counts as an overlap of its file. So keys with several facts are among those of the files that
have overlaps: files that a correction wrote, small as it was, and those in which a compaction gathered such keys. What the other
files have of those keys is looked up, and a year with a few corrected bars is a scan that leaves these bars out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import duckdb

from warehouse.contracts.contract import Contract
from warehouse.duck import instant_literal, quote_identifiers
from warehouse.lake.facts import scan_facts_sql
from warehouse.lake.manifest import COMPACTION, LakeFile, Manifest

# of a year's facts: where more are in files that changed keys, all are compared
_MOST_CHANGED = 1 / 8


@dataclass
class Files:
    """The files of a dataset.

    `single` have keys with one fact each. So have `changed`, but for the keys of `changes`, which have some of their facts here
    and some there. `gathered` have all facts of their keys, but for those of `changes` again. The years in `mixed` are to be
    compared as a whole, each its files.
    """

    single: list[LakeFile] = field(default_factory=list)
    changed: list[LakeFile] = field(default_factory=list)
    changes: list[LakeFile] = field(default_factory=list)
    gathered: list[LakeFile] = field(default_factory=list)
    mixed: list[list[LakeFile]] = field(default_factory=list)


def files_of_dataset(manifest: Manifest, dataset: str) -> Files:
    """The files of the dataset, sorted by how they are read."""
    found = Files()
    for year in manifest.years_of_dataset(dataset):
        files = manifest.files_of_dataset(dataset, {year})
        single = [file for file in files if not file.overlaps]
        gathered = [file for file in files if is_gathered(file)]
        changes = [file for file in files if file.overlaps and not is_gathered(file)]
        if row_count(changes) > _MOST_CHANGED * row_count(files):
            found.mixed.append(files)
            continue
        found.gathered += gathered
        found.changes += changes
        if changes:
            found.changed += single
        else:
            found.single += single
    return found


def is_gathered(file: LakeFile) -> bool:
    """Whether a compaction wrote the file for keys with several facts alone."""
    return file.run_id == COMPACTION and 0 < file.rows <= file.overlaps


def row_count(files: Sequence[LakeFile]) -> int:
    """How many facts are in the files."""
    return sum(file.rows for file in files)


@dataclass(frozen=True)
class Reading:
    """How the facts of a dataset are read, of those that `known` lets through, a WHERE or ''.

    `changed_keys` and `several` are relations with the keys of `files.changes`, each once, and with all facts, tombstones too,
    of the keys outside `files.mixed` that may have several; '' where there are none.
    """

    contract: Contract
    home: Path
    files: Files
    known: str
    changed_keys: str = ""
    several: str = ""

    def keep_several(self, con: duckdb.DuckDBPyConnection, table: str) -> Reading:
        """The same, with what is looked up in the new tables `table` and `table`_keys."""
        if not self.several:
            return self
        read = self
        if self.changed_keys:
            con.execute(f"create or replace table {table}_keys as from {self.changed_keys}")
            read = replace(self, changed_keys=f"{table}_keys")
        con.execute(f"create or replace table {table} as {_several_sql(read)}")
        return replace(read, several=table)

    def single_facts_sql(self) -> list[str]:
        """SELECTs, with the columns of the dataset's view, of the facts of keys that have no other."""
        columns, key = quote_identifiers(visible_columns(self.contract)), quote_identifiers(self.contract.key)
        parts = []
        if self.files.single:
            # DuckDB takes the rows of the first file for those of each, and a small table for the one to keep in memory
            largest = max(self.files.single, key=lambda file: file.rows)
            ordered = [largest, *(file for file in self.files.single if file is not largest)]
            parts.append(f"select {columns} from {scan_facts_sql(self.contract, self.home, ordered)}{self.known}")
        if self.files.changed:
            facts = scan_facts_sql(self.contract, self.home, self.files.changed)
            parts.append(
                f"select {columns} from {facts} as f anti join {self.changed_keys} as k using ({key}){self.known}"
            )
        return parts


def reading(contract: Contract, home: Path, manifest: Manifest, as_of: datetime | None) -> Reading:
    """How the facts of the dataset are read that are known at `as_of` (None: all). Raises LakeError for an instant without time
    zone."""
    known = f" where known_at <= {instant_literal(as_of)}" if as_of else ""
    read = Reading(contract, home, files_of_dataset(manifest, contract.name), known)
    if read.files.changes:
        key, facts = quote_identifiers(contract.key), scan_facts_sql(contract, home, read.files.changes)
        read = replace(read, changed_keys=f"(select distinct {key} from {facts})")
    if read.files.changes or read.files.gathered:
        read = replace(read, several=f"({_several_sql(read)})")
    return read


def _several_sql(read: Reading) -> str:
    columns = quote_identifiers(column.name for column in read.contract.all_columns)
    beside = scan_facts_sql(read.contract, read.home, [*read.files.changes, *read.files.gathered])
    sql = f"select {columns} from {beside}{read.known}"
    if read.files.changed:
        facts, key = scan_facts_sql(read.contract, read.home, read.files.changed), quote_identifiers(read.contract.key)
        sql += f" union all select {columns} from {facts} as f semi join {read.changed_keys} as k using ({key}){read.known}"
    return sql


def visible_columns(contract: Contract) -> list[str]:
    """The columns of a dataset's view: all but is_withdrawn."""
    return [c.name for c in contract.all_columns if c.name != "is_withdrawn"]
