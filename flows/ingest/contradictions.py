"""Files of one import that give different values for one key under one source: only their order would decide, so the second
is refused. In two imports the later one corrects the earlier: there the user has given the order."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sources.base import Parsed, Request
from warehouse import duck
from warehouse.contracts.contract import Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import quote_identifier
from warehouse.errors import FormatError

_NAMES = ("symbol", "from_symbol", "series_id")
_FEW = 100
_MEMORY = "280MB"


@dataclass(frozen=True, eq=False)
class _EarlierFile:
    """The span of one dataset's days in one file; `read_again` gives its rows."""

    place: str
    first: date
    last: date
    read_again: Callable[[], Parsed]

    def meets(self, span: tuple[date, date]) -> bool:
        return self.first <= span[1] and span[0] <= self.last


@dataclass
class EarlierFiles:
    """The files of one import that were read before, of sources that several of them have: by source, dataset and symbol."""

    shared_sources: frozenset[str] = frozenset()
    _files: dict[tuple[str, str], list[_EarlierFile]] = field(default_factory=dict)
    _by_name: dict[tuple[str, str, str], list[_EarlierFile]] = field(default_factory=dict)

    def refuse_contradiction(
        self, place: str, request: Request, parsed: Parsed, read_again: Callable[[], Parsed]
    ) -> None:
        """Note the file at `place`. Raises FormatError where an earlier file gives other values."""
        if request.source not in self.shared_sources:
            return
        for dataset, table in parsed.tables.items():
            self._refuse_other_values(place, request.source, dataset, table)
        for dataset, table in parsed.tables.items():
            self._note_file(request.source, dataset, table, place, read_again)

    def _refuse_other_values(self, place: str, source: str, dataset: str, table: pa.Table) -> None:
        span, names = _span(CONTRACTS[dataset], table), _names(table)
        if span is None or not self._may_meet(source, dataset, span, names):
            return
        found = [one for name in names for one in self._by_name.get((source, dataset, name), ()) if one.meets(span)]
        for other in dict.fromkeys(one for one in found if one.place != place):
            count, key = _first_difference(CONTRACTS[dataset], table, other.read_again().tables[dataset])
            if count:
                raise FormatError(
                    f"{place} is not taken: {other.place} gives other values for {count:,} of its rows of {dataset} "
                    f"under the same source {source!r} (first: {key}); import the right one alone, or each by itself "
                    "with its own --source"
                )

    def _may_meet(self, source: str, dataset: str, span: tuple[date, date], names: list[str]) -> bool:
        """Of a file of many symbols its days are looked at first: those of a market's day after day meet in no day."""
        return len(names) <= _FEW or any(one.meets(span) for one in self._files.get((source, dataset), []))

    def _note_file(
        self, source: str, dataset: str, table: pa.Table, place: str, read_again: Callable[[], Parsed]
    ) -> None:
        span = _span(CONTRACTS[dataset], table)
        if span is None:
            return
        noted = _EarlierFile(place, *span, read_again)
        self._files.setdefault((source, dataset), []).append(noted)
        for name in _names(table):
            self._by_name.setdefault((source, dataset, name), []).append(noted)


def _names(table: pa.Table) -> list[str]:
    column = next(name for name in _NAMES if name in table.column_names)
    return [name for name in pc.unique(table[column]).to_pylist() if name is not None]


def _span(contract: Contract, table: pa.Table) -> tuple[date, date] | None:
    found: Mapping[str, date | None] = pc.min_max(table[contract.year_column].cast(pa.date32(), safe=False)).as_py()
    first, last = found["min"], found["max"]
    return (first, last) if first is not None and last is not None else None


def _first_difference(contract: Contract, table: pa.Table, before: pa.Table) -> tuple[int, str]:
    """How many keys have other values in `before`, and the first of them in words."""
    values = [name for name in contract.row_schema.names if name not in contract.key]
    key = ", ".join(map(quote_identifier, contract.key))
    given, other = (", ".join(f"{side}.{quote_identifier(name)}" for name in values) for side in ("given", "other"))
    spill = Path(tempfile.gettempdir()) / f"breadthwise-{os.getpid()}"
    con = duck.cursor(memory_limit=_MEMORY, temp_directory=spill)
    try:
        con.register("given", table)
        con.register("other", before)
        found = con.execute(
            f"""select {key}, count(*) over () from given join other using ({key})
            where row({given}) is distinct from row({other}) order by {key} limit 1"""
        ).fetchone()
    finally:
        con.close()
    if found is None:
        return 0, ""
    shown = [f"{name} {value}" for name, value in zip(contract.key, found, strict=False) if name != "source"]
    return int(found[-1]), ", ".join(shown)
