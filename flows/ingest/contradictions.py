"""Files of one import that give different values for one key under one source: only their order would decide, so the second
is refused. In two imports the later one corrects the earlier: there the user has given the order.

Of what earlier files gave two hashes a row are kept, in a database on disk: of its key, and of its values as the lake stores
them. No file is read a second time.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from sources.base import Parsed, Request
from warehouse import duck
from warehouse.contracts.contract import Column
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import quote_identifier, quote_identifiers, quote_literal
from warehouse.errors import FormatError, LakeError
from warehouse.lake.facts import is_price_column

_NAMES = ("symbol", "from_symbol", "series_id")
_MEMORY = "280MB"
_THREADS = 2
_ROWS_A_COMMIT = 250_000  # a commit waits for the disk; until then DuckDB holds the tables that it was given


class _Days(NamedTuple):
    """From the first to the last day (days since 1970) that the files from number `low` to `high` give."""

    first: int
    last: int
    low: int
    high: int

    def meets(self, other: _Days) -> bool:
        return self.first <= other.last and other.first <= self.last

    def joined(self, other: _Days) -> _Days:
        low, high = min(self.low, other.low), max(self.high, other.high)
        return _Days(min(self.first, other.first), max(self.last, other.last), low, high)


@dataclass
class _SourceDays:
    """The days that one source's files gave of one dataset: by name (symbol, series), and by file."""

    by_name: dict[str, _Days] = field(default_factory=dict)
    by_file: list[_Days] = field(default_factory=list)

    def files_that_meet(self, names: Mapping[str, _Days]) -> tuple[int, int] | None:
        """The lowest and the highest number of the files that may have a row of `names`; None where none may."""
        alike = [known for name, days in names.items() if (known := self.by_name.get(name)) and known.meets(days)]
        if not alike:
            return None
        whole = _whole_span(names)
        numbers = [known.low for known in self.by_file if known.meets(whole)]
        low = max(min(numbers, default=0), min(known.low for known in alike))
        high = min(max(numbers, default=-1), max(known.high for known in alike))
        return (low, high) if low <= high else None

    def note_file(self, names: Mapping[str, _Days]) -> None:
        self.by_file.append(_whole_span(names))
        for name, days in names.items():
            known = self.by_name.get(name)
            self.by_name[name] = known.joined(days) if known else days


@dataclass
class EarlierFiles:
    """The files of one import that were read before, of sources that several of them have."""

    shared_sources: frozenset[str] = frozenset()
    _numbers: dict[str, int] = field(default_factory=dict)
    _days: dict[tuple[str, str], _SourceDays] = field(default_factory=dict)
    _hashes: _RowHashes | None = None
    _lock: Lock = field(default_factory=Lock)

    def refuse_contradiction(self, place: str, request: Request, parsed: Parsed) -> None:
        """Note the file at `place`. Raises FormatError where an earlier file gives other values, LakeError for a full disk."""
        if request.source not in self.shared_sources:
            return
        with self._lock:
            number = self._numbers.get(place, len(self._numbers))
            days = {dataset: _days_by_name(dataset, table, number) for dataset, table in parsed.tables.items()}
            try:
                self._hashes = self._hashes or _RowHashes()
                for dataset, names in days.items():
                    self._refuse_other_values(place, request.source, dataset, parsed.tables[dataset], names, number)
                for dataset, names in days.items():
                    self._note_rows(request.source, dataset, parsed.tables[dataset], names, number)
            except (OSError, duckdb.Error) as error:
                raise LakeError(
                    f"{place} cannot be compared with the files before it: {str(error).splitlines()[0]}; "
                    "is there room in the folder for temporary files (TMPDIR)?"
                ) from error
            self._numbers[place] = number

    def _refuse_other_values(
        self, place: str, source: str, dataset: str, table: pa.Table, names: Mapping[str, _Days], number: int
    ) -> None:
        files = self._days_of(source, dataset).files_that_meet(names)
        found = self._hashes.first_difference(dataset, table, number, files) if files and self._hashes else None
        if found is None:
            return
        other, count, key = found
        earlier = next(place for place, known in self._numbers.items() if known == other)
        raise FormatError(
            f"{place} is not taken: {earlier} gives other values for {count:,} of its rows of {dataset} "
            f"under the same source {source!r} (first: {key}); import the right one alone, or each by itself "
            "with its own --source"
        )

    def _note_rows(self, source: str, dataset: str, table: pa.Table, names: Mapping[str, _Days], number: int) -> None:
        known = self._days_of(source, dataset)
        if names and self._hashes and self._hashes.add_rows(dataset, table, number, known.files_that_meet(names)):
            known.note_file(names)

    def _days_of(self, source: str, dataset: str) -> _SourceDays:
        return self._days.setdefault((source, dataset), _SourceDays())


class _RowHashes:
    """Rows by the hashes of their keys and values, in a file that is deleted with the object, or when the process ends."""

    def __init__(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="breadthwise-"))
        self._con = duck.connect(
            folder / "rows.duckdb", memory_limit=_MEMORY, threads=_THREADS, temp_directory=folder / "spill"
        )
        self._remove = weakref.finalize(self, _remove_database, self._con, folder)
        self._con.execute("create table earlier (dataset varchar, key_hash ubigint, value_hash ubigint, file integer)")
        self._con.execute("begin")
        self._uncommitted = 0

    def first_difference(
        self, dataset: str, table: pa.Table, number: int, files: tuple[int, int]
    ) -> tuple[int, int, str] | None:
        """Of `files` without `number` the first that gives other values: its number, for how many keys, the first in words."""
        key = CONTRACTS[dataset].key
        found = self._run_with_rows(
            f"""select file, count(distinct key_hash), min(row({quote_identifiers(key)}))
            from given join ({_earlier_sql(dataset, files)}) on key_hash = earlier_key
            where value_hash <> earlier_value and file <> {number} group by file order by file limit 1""",
            dataset,
            table,
        )
        if found is None:
            return None
        other, count, first = found
        shown = [f"{name} {value}" for name, value in zip(key, first, strict=True) if name != "source"]
        return other, count, ", ".join(shown)

    def add_rows(self, dataset: str, table: pa.Table, number: int, files: tuple[int, int] | None) -> bool:
        """Add the rows that `files` do not have. Returns whether there were any."""
        added = self._run_with_rows(
            f"""insert into earlier select distinct {quote_literal(dataset)}, key_hash, value_hash, {number}
            from given anti join ({_earlier_sql(dataset, files or (0, -1))})
            on key_hash = earlier_key and value_hash = earlier_value""",
            dataset,
            table,
        )
        return added is not None and added[0] > 0

    def _run_with_rows(self, statement: str, dataset: str, table: pa.Table) -> tuple[Any, ...] | None:
        """The first row of what `statement` gives, for which the rows of `table` and their hashes are `given`."""
        contract = CONTRACTS[dataset]
        values = ", ".join(_stored_value_sql(column) for column in contract.columns if column.name not in contract.key)
        whole = " and ".join(f"{quote_identifier(name)} is not null" for name in contract.key)
        given = f"""select {quote_identifiers(contract.key)}, hash({quote_identifiers(contract.key)}) as key_hash,
            hash({values}) as value_hash from parsed_rows where {whole}"""
        self._con.register("parsed_rows", table)
        rows: list[tuple[Any, ...]] = self._con.execute(f"with given as ({given}) {statement}").fetchall()
        self._con.unregister("parsed_rows")  # not after an error: that ends the transaction, and another would hide it
        self._uncommitted += table.num_rows
        if self._uncommitted >= _ROWS_A_COMMIT:
            self._con.execute("commit; begin")
            self._uncommitted = 0
        return rows[0] if rows else None


def _earlier_sql(dataset: str, files: tuple[int, int]) -> str:
    return f"""select key_hash as earlier_key, value_hash as earlier_value, file from earlier
        where dataset = {quote_literal(dataset)} and file between {files[0]} and {files[1]}"""


def _stored_value_sql(column: Column) -> str:
    """The value as the lake stores it: prices at 1e-6, no -0.0."""
    name = quote_identifier(column.name)
    if column.type != "float":
        return name
    return f"round({name}, 6) + 0.0" if is_price_column(column) else f"{name} + 0.0"


def _remove_database(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    con.close()
    shutil.rmtree(folder, ignore_errors=True)


def _days_by_name(dataset: str, table: pa.Table, number: int) -> dict[str, _Days]:
    """By each name in the table the days that it has there; rows without either are left out."""
    contract = CONTRACTS[dataset]
    name = next((name for name in _NAMES if name in contract.key), contract.key[0])
    days = table[contract.year_column].cast(pa.date32(), safe=False).cast(pa.int32())
    bounds = pa.table({"name": table[name], "day": days}).group_by("name").aggregate([("day", "min"), ("day", "max")])
    rows = zip(*(bounds[column].to_pylist() for column in ("name", "day_min", "day_max")), strict=True)
    return {name: _Days(first, last, number, number) for name, first, last in rows if None not in (name, first)}


def _whole_span(names: Mapping[str, _Days]) -> _Days:
    """Of all names together. Raises ValueError where there is none."""
    low, high = min(days.low for days in names.values()), max(days.high for days in names.values())
    return _Days(min(days.first for days in names.values()), max(days.last for days in names.values()), low, high)
