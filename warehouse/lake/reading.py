"""How the facts of a dataset are read: which files give each key once, and where the facts of other keys are.

A fact whose key had one before counts as an overlap of its file. So what was given anew since the last compaction lies in the
files that have overlaps, small as they mostly are. What other files have of the same bars is joined to it, and a year with a few
corrected bars is a scan that leaves these bars out. A compaction puts what is superseded into a file of its own, which nobody
reads who asks for what is known now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
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

    Those in `single` have each key once. `superseded` have older facts of these keys, and all facts of keys that are withdrawn.
    `changes` have further facts of some of these keys, or several of others; for what was known at an instant what is superseded
    now is one of them.
    """

    single: list[LakeFile]
    superseded: list[LakeFile]
    changes: list[LakeFile]

    @property
    def files(self) -> list[LakeFile]:
        """All of them."""
        return [*self.single, *self.superseded, *self.changes]

    @property
    def is_compared_whole(self) -> bool:
        """Whether so many facts are changes that to compare these alone would not pay."""
        return row_count(self.changes) > _MOST_CHANGED * row_count(self.files)


def row_count(files: Sequence[LakeFile]) -> int:
    """How many facts are in the files."""
    return sum(file.rows for file in files)


@dataclass(frozen=True)
class Reading:
    """How the facts of a dataset are read, or those of some days, that are known at an instant; `known` is the WHERE that lets
    them through, or ''.

    Of the years that are not compared as a whole, `changed_keys` is a relation with the hashes of the keys of the changes (64
    bits: `key_hash`), and `changed_facts` one with all facts of keys with these hashes, withdrawals too, some `changed_rows`; ''
    where there are none.
    """

    contract: Contract
    home: Path
    years: tuple[Year, ...]
    known: str
    changed_keys: str = ""
    changed_facts: str = ""
    changed_rows: int = 0

    @property
    def compared_in_part(self) -> list[Year]:
        """The years of which the changes alone are compared, or nothing where there are none."""
        return [year for year in self.years if not year.is_compared_whole]

    @property
    def compared_whole(self) -> list[Year]:
        """The years of which all facts are compared."""
        return [year for year in self.years if year.is_compared_whole]

    @property
    def columns(self) -> str:
        """All columns of the contract, in its order."""
        return quote_identifiers(column.name for column in self.contract.all_columns)

    @property
    def key_hash(self) -> str:
        """SQL of the 64-bit hash of a fact's key, which `changed_keys` lists."""
        return f"hash({quote_identifiers(self.contract.key)})"

    def keep_changed(self, con: duckdb.DuckDBPyConnection, table: str) -> Reading:
        """The same, with changed facts and keys in the new tables `table` and `table`_keys."""
        if not self.changed_facts:
            return self
        con.execute(f"create or replace table {table}_keys as from {self.changed_keys}")
        read = replace(self, changed_keys=f"{table}_keys")
        con.execute(f"create or replace table {table} as {_changed_facts_sql(read)}")
        rows = con.execute(f"select count(*) from {table}").fetchall()[0][0]
        return replace(read, changed_facts=table, changed_rows=rows)

    def scan(self, files: Sequence[LakeFile], where: str = "true") -> str:
        """A table expression over the known facts of the files, of which there is one, that meet the condition."""
        # DuckDB takes the rows of the first file for those of each, and a small table for the one to keep in memory
        largest = max(files, key=lambda file: file.rows)
        facts = scan_facts_sql(self.contract, self.home, [largest, *(file for file in files if file is not largest)])
        known = f"{self.known} and" if self.known else " where"
        return f"(select {self.columns} from {facts}{known} {where})"

    def single_facts_sql(self) -> list[str]:
        """SELECTs, with the columns of the dataset's view, of the facts of keys that have no change."""
        columns = quote_identifiers(visible_columns(self.contract))
        parts = []
        if plain := [file for year in self.compared_in_part if not year.changes for file in year.single]:
            parts.append(f"select {columns} from {self.scan(plain)}")
        if changed := [file for year in self.compared_in_part if year.changes for file in year.single]:
            # unlike an anti join it never takes the bars for the smaller side, to keep them in memory
            others = f"{self.key_hash} not in (select key_hash from {self.changed_keys})"
            parts.append(f"select {columns} from {self.scan(changed, others)}")
        return parts


def plan_reading(
    contract: Contract, home: Path, manifest: Manifest, as_of: datetime | None, within: str = ""
) -> Reading:
    """How the facts of the dataset are read that are known at `as_of` (None: all) and meet the condition `within`. Raises
    LakeError for an instant without time zone."""
    conditions = [f"known_at <= {instant_literal(as_of)}"] if as_of else []
    conditions += [f"({within})"] if within else []
    known = f" where {' and '.join(conditions)}" if conditions else ""
    years = tuple(
        _divide(manifest.files_of_dataset(contract.name, {year}), as_of)
        for year in manifest.years_of_dataset(contract.name)
    )
    read = Reading(contract, home, years, known)
    changes = [file for year in read.compared_in_part for file in year.changes]
    if not changes:
        return read
    keys = f"(select distinct {read.key_hash} as key_hash from {read.scan(changes)})"
    read = replace(read, changed_keys=keys, changed_rows=2 * row_count(changes))
    return replace(read, changed_facts=f"({_changed_facts_sql(read)})")


def _divide(files: list[LakeFile], as_of: datetime | None) -> Year:
    # what is superseded now was not always
    superseded = [file for file in files if file.is_superseded and as_of is None]
    changes = [file for file in files if file.overlaps and file not in superseded]
    return Year([file for file in files if not file.overlaps], superseded, changes)


def _changed_facts_sql(read: Reading) -> str:
    years = [year for year in read.compared_in_part if year.changes]
    sql = f"from {read.scan([file for year in years for file in year.changes])}"
    if others := [file for year in years for file in (*year.single, *year.superseded)]:
        are_changed = f"{read.key_hash} in (select key_hash from {read.changed_keys})"
        sql += f" union all from {read.scan(others, are_changed)}"
    return sql


def visible_columns(contract: Contract) -> list[str]:
    """The columns of a dataset's view: all but is_withdrawn."""
    return [c.name for c in contract.all_columns if c.name != "is_withdrawn"]
