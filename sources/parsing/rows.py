"""The rows of one answer while a parser reads it: good ones by dataset, refused ones with reasons, notes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache
from typing import Any

from sources.base import Parsed, Rejected, Row, table_from_rows
from sources.parsing.values import BadCell, quote_value, read_number
from warehouse.contracts.contract import Column
from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import ChangedShape, SourceModuleError
from warehouse.settings.kinds import suggest_name

_PYTHON: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "date": (date,),
    "instant": (datetime,),
    "float": (float, int),
    "integer": (int,),
    "boolean": (bool,),
}
# numbers have bounds of their own
_UNBOUNDED = {"string": str, "date": date, "instant": datetime, "boolean": bool}


class Rows:
    """Collects what a parser finds; `parsed()` gives the tables.

    A row must have the contract's types, its required columns and its minima, else it is rejected. Of rows with one
    key, equal ones count once (noted as `repeated`); where they differ all are rejected: nobody can say which is right.
    """

    def __init__(self, source: str, *datasets: str) -> None:
        self.source = source
        self.notes: Counter[str] = Counter()
        self.rejected: list[Rejected] = []
        for name in datasets:
            if name not in CONTRACTS:
                raise SourceModuleError(
                    f"the parser of {source}: {name!r} is no dataset{suggest_name(name, CONTRACTS)}"
                )
        self._rows: dict[str, dict[tuple[Any, ...], list[Row]]] = {name: {} for name in datasets}

    def add_row(self, dataset: str, row: Row) -> None:
        value_of = row.get
        of_dataset = self._rows.get(dataset)
        if of_dataset is None:
            named = f"Rows(NAME, {', '.join(map(repr, self._rows))})"
            raise SourceModuleError(f"the parser of {self.source} gives a row of {dataset!r}, which {named} lacks")
        columns, key_names = _columns_and_key(dataset)
        for column, any_value_of in columns:
            value = value_of(column.name)
            if type(value) is any_value_of:
                continue
            reason = _value_fault(column, value)
            if reason is not None:
                self.reject_row(dataset, row, reason)
                return
        key = tuple([value_of(name) for name in key_names])
        alike = of_dataset.setdefault(key, [])
        if row in alike:
            self.notes["repeated"] += 1
        else:
            alike.append(row)

    def read_row(self, dataset: str, raw: Any, reader: Callable[[], Row | None]) -> None:
        """Add what `reader` gives (None: nothing); a BadCell of it rejects `raw` with its reason."""
        try:
            row = reader()
        except BadCell as bad:
            self.reject_row(dataset, raw, str(bad))
            return
        if row is not None:
            self.add_row(dataset, row)

    def read_price(self, value: Any, name: str) -> float | None:
        """A price of a bar. An open, high or low of 0 is none: vendors write it where they know the close alone.
        Raises BadCell for what is no number."""
        found = read_number(value, name)
        if found == 0 and name != "close":
            self.count_note(f"{name} of 0 taken as absent")
            return None
        return found

    def reject_row(self, dataset: str, raw: Any, reason: str, is_hole: bool = False) -> None:
        self.rejected.append(Rejected(dataset, quote_value(raw, 500), reason, is_hole))

    def count_note(self, name: str, count: int = 1) -> None:
        self.notes[name] += count

    def count_rows(self, dataset: str) -> int:
        return sum(len(alike) for alike in self._rows.get(dataset, {}).values())

    def has_value(self, dataset: str, column: str) -> bool:
        """Whether any row so far has a value of `column`."""
        return any(row.get(column) is not None for alike in self._rows.get(dataset, {}).values() for row in alike)

    def require_rows(self, dataset: str, what: str) -> None:
        """Raise ChangedShape where rows were given and not one could be taken: then the format has changed. Lost sessions
        are no such rows."""
        refused = [row for row in self.rejected if row.dataset == dataset and not row.is_hole]
        if refused and self.count_rows(dataset) == 0:
            raise ChangedShape(f"{what}: not one row can be read: {refused[0].reason}; the API has changed")

    def to_parsed(self) -> Parsed:
        tables = {name: table_from_rows(name, self._drop_conflicting_rows(name), self.source) for name in self._rows}
        return Parsed(tables, tuple(self.rejected), dict(self.notes))

    def _drop_conflicting_rows(self, dataset: str) -> Iterable[Row]:
        kept = []
        for alike in self._rows[dataset].values():
            if len(alike) == 1:
                kept.append(alike[0])
                continue
            for row in alike:
                self.reject_row(dataset, row, "another row of this answer has the same key and other values")
        return kept


@cache
def _columns_and_key(dataset: str) -> tuple[list[tuple[Column, type | None]], list[str]]:
    """The columns, each with the class of which any value will do, and the names of the key: asked for with every row."""
    contract = CONTRACTS[dataset]
    columns = [(c, _UNBOUNDED.get(c.type) if c.minimum is None else None) for c in contract.columns]
    return columns, [name for name in contract.key if name != "source"]


def _value_fault(column: Column, value: Any) -> str | None:
    if value is None:
        return f"{column.name} is missing" if column.required else None
    wanted: Any = _PYTHON[column.type]
    if not isinstance(value, wanted) or (isinstance(value, bool) and column.type != "boolean"):
        return f"{column.name} is {quote_value(value)}, not of type {column.type}"
    if column.type == "float" and not math.isfinite(value):
        return f"{column.name} is {value}"
    if column.type == "integer" and not -(2**63) <= value < 2**63:
        return f"{column.name} is beyond reason ({value.bit_length()} bits)"
    low = column.minimum
    if low is not None and (value < low or (column.exclusive_minimum and value == low)):
        return f"{column.name} is {value}, and must be {'over' if column.exclusive_minimum else 'at least'} {low:g}"
    return None
