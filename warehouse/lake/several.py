"""Which files of a dataset give each key once, and where the facts of keys with several are.

A fact whose key had one before counts as an overlap of its file. So what a key was restated to is in the files that have
overlaps: those that corrections wrote since the last compaction, small as they mostly are. What the other files have of their
keys is looked up, and a year with a few corrected bars is a scan that leaves these bars out. A compaction puts what is superseded
into a file of its own, which nobody reads who wants what is known now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

import duckdb

from warehouse.contracts.contract import Contract
from warehouse.duck import instant_literal, quote_identifiers
from warehouse.lake.facts import scan_facts_sql
from warehouse.lake.manifest import LakeFile, Manifest

# of a year's facts: where more are in files that changed keys, all are compared
_MOST_CHANGED = 1 / 8


@dataclass(frozen=True)
class Year:
    """The files of one year of a dataset.

    `single` have keys with one fact each: together with `superseded`, which have older facts of such keys, and all those of keys
    that are withdrawn. `changes` have further facts of some of these keys, or several of others.
    """

    single: list[LakeFile]
    superseded: list[LakeFile]
    changes: list[LakeFile]

    @property
    def files(self) -> list[LakeFile]:
        """All of them."""
        return [*self.single, *self.superseded, *self.changes]

    @property
    def is_mixed(self) -> bool:
        """Whether so many facts are changes that the year is compared as a whole."""
        return row_count(self.changes) > _MOST_CHANGED * row_count(self.files)


def row_count(files: Sequence[LakeFile]) -> int:
    """How many facts are in the files."""
    return sum(file.rows for file in files)


@dataclass(frozen=True)
class Reading:
    """How the facts of a dataset are read that are known at an instant; `known` is the WHERE that lets them through, or ''.

    `changed_keys` and `several` are relations: the keys of the changes of years that are not mixed, each once, and all facts of
    these keys, tombstones too; '' where there are none.
    """

    contract: Contract
    home: Path
    years: tuple[Year, ...]
    known: str
    changed_keys: str = ""
    several: str = ""

    @cached_property
    def mixed(self) -> list[Year]:
        """The years that are compared as a whole."""
        return [year for year in self.years if year.is_mixed]

    def keep_several(self, con: duckdb.DuckDBPyConnection, table: str) -> Reading:
        """The same, with what is looked up in the new tables `table` and `table`_keys."""
        if not self.several:
            return self
        con.execute(f"create or replace table {table}_keys as from {self.changed_keys}")
        read = replace(self, changed_keys=f"{table}_keys")
        con.execute(f"create or replace table {table} as {_several_sql(read)}")
        return replace(read, several=table)

    def scan(self, files: Sequence[LakeFile], join: str = "") -> str:
        """A table expression over the known facts of the files, of which there is one, with what `join` leaves of them."""
        return f"(select f.* from {scan_facts_sql(self.contract, self.home, files)} as f {join}{self.known})"

    def joined(self, kind: str, keys: str) -> str:
        """A SEMI or ANTI join with a relation that has the dataset's key."""
        return f"{kind} join {keys} as k using ({quote_identifiers(self.contract.key)})"

    def single_facts_sql(self) -> list[str]:
        """SELECTs, with the columns of the dataset's view, of the facts of keys that have no change."""
        columns = quote_identifiers(visible_columns(self.contract))
        years = [year for year in self.years if not year.is_mixed]
        parts = []
        if plain := [file for year in years if not year.changes for file in year.single]:
            # DuckDB takes the rows of the first file for those of each, and a small table for the one to keep in memory
            largest = max(plain, key=lambda file: file.rows)
            parts.append(f"select {columns} from {self.scan([largest, *(f for f in plain if f is not largest)])}")
        if changed := [file for year in years if year.changes for file in year.single]:
            parts.append(f"select {columns} from {self.scan(changed, self.joined('anti', self.changed_keys))}")
        return parts


def reading(contract: Contract, home: Path, manifest: Manifest, as_of: datetime | None) -> Reading:
    """How the facts of the dataset are read that are known at `as_of` (None: all). Raises LakeError for an instant without time
    zone."""
    known = f" where known_at <= {instant_literal(as_of)}" if as_of else ""
    years = tuple(
        _divide(manifest.files_of_dataset(contract.name, {year}), as_of)
        for year in manifest.years_of_dataset(contract.name)
    )
    read = Reading(contract, home, years, known)
    changes = [file for year in years if not year.is_mixed for file in year.changes]
    if not changes:
        return read
    keys = f"(select distinct {quote_identifiers(contract.key)} from {read.scan(changes)})"
    read = replace(read, changed_keys=keys)
    return replace(read, several=f"({_several_sql(read)})")


def _divide(files: list[LakeFile], as_of: datetime | None) -> Year:
    # what is superseded now was not always
    superseded = [file for file in files if file.is_superseded and as_of is None]
    changes = [file for file in files if file.overlaps and file not in superseded]
    return Year([file for file in files if not file.overlaps], superseded, changes)


def _several_sql(read: Reading) -> str:
    columns = quote_identifiers(column.name for column in read.contract.all_columns)
    years = [year for year in read.years if year.changes and not year.is_mixed]
    sql = f"select {columns} from {read.scan([file for year in years for file in year.changes])}"
    if others := [file for year in years for file in (*year.single, *year.superseded)]:
        sql += f" union all select {columns} from {read.scan(others, read.joined('semi', read.changed_keys))}"
    return sql


def visible_columns(contract: Contract) -> list[str]:
    """The columns of a dataset's view: all but is_withdrawn."""
    return [c.name for c in contract.all_columns if c.name != "is_withdrawn"]
