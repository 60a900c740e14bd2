"""What one file of an import was taken for: format, rows, symbols, dates, columns; in a line that a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from sources.base import Parsed, Request
from sources.providers.files import Reading
from warehouse.contracts.datasets import CONTRACTS

_SHOWN = 5


@dataclass(frozen=True)
class Taken:
    """`names` are the symbols, or series, of the file, `first` and `last` the span of its dates (None: it has none)."""

    file: str
    dataset: str
    rows: int
    names: tuple[str, ...]
    first: date | None
    last: date | None
    reading: Reading

    def __str__(self) -> str:
        span = f"{self.first} to {self.last}" if self.first != self.last else str(self.first)
        parts = [f"{self.rows:,} rows of format {self.reading.format}", join_names(self.names)]
        parts += [span] if self.first else []
        parts += [f"columns {_columns_text(self.reading)}"]
        parts += [f"not read: {join_names(self.reading.unread)}"] if self.reading.unread else []
        return f"{self.file}: {'; '.join([*(part for part in parts if part), *self.reading.taken])}"


def describe_taken(request: Request, parsed: Parsed, reading: Reading) -> Taken:
    file, tables = request.options.get("file", ""), parsed.tables
    days: list[date] = []
    names: set[str] = set()
    for dataset, table in tables.items():
        days += _date_span(table[CONTRACTS[dataset].year_column])
        for column in ("symbol", "series_id"):
            if column in table.column_names:
                names.update(pc.unique(table[column]).drop_null().to_pylist())
    rows = sum(table.num_rows for table in tables.values())
    return Taken(
        file,
        ", ".join(tables) or request.dataset,
        rows,
        tuple(sorted(names)),
        min(days, default=None),
        max(days, default=None),
        reading,
    )


def taken_lines(taken: Sequence[Taken]) -> list[str]:
    """A line a file; of many the first ones, and one over the rest."""
    lines = [str(one) for one in taken[:_SHOWN]]
    rest = taken[_SHOWN:]
    if rest:
        days = [day for one in rest for day in (one.first, one.last) if day]
        span = f", {min(days)} to {max(days)}" if days else ""
        names = sorted({name for one in rest for name in one.names})
        formats = ", ".join(sorted({one.reading.format for one in rest}))
        rows = sum(one.rows for one in rest)
        lines.append(f"and {len(rest):,} files more: {rows:,} rows of format {formats}; {join_names(names)}{span}")
        lines += [f"  {text} ({count} of them)" for text, count in _count_descriptions(rest)]
    return lines


def join_names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _count_descriptions(taken: Iterable[Taken]) -> list[tuple[str, int]]:
    """What was taken in more than one way, such as an order of day and month; names of files' symbols are no news here."""
    counts: dict[str, int] = {}
    for one in taken:
        for text in one.reading.taken:
            if not text.startswith("symbol "):
                counts[text] = counts.get(text, 0) + 1
    return sorted(counts.items())


def _columns_text(reading: Reading) -> str:
    """`close (Close/Last)`; a column that is called what it is once, those of a wide table not at all: their names are listed."""
    return ", ".join(
        name if header.lower() == name else f"{name} ({header})" for name, header in reading.columns.items()
    )


def _date_span(column: pa.ChunkedArray) -> list[date]:
    found = pc.min_max(column.cast(pa.date32(), safe=False)).as_py()
    return [found["min"], found["max"]] if found["min"] is not None else []
