"""Bulk files of the user: `parse` turns the bytes of one file into rows, by the format that the request names.

Everything that the parse depends on stands in the request: `options["format"]`, `options["file"]`
(folder and name), `options["basis"]`, `options["column.close"]` and so on, so that a stored payload can
be parsed again. A file that is not what its format says is refused whole with FormatError.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sources.base import Parsed, Rejected, Request
from sources.formats import all_formats, find_format
from sources.formats._base import MISSING, Context, Field, dataset_of_format, normalise_header
from sources.formats._choose import choose_columns
from sources.formats._convert import Cells, convert_column
from sources.formats._currency import refuse_foreign_headers
from sources.formats._days import find_date_form
from sources.formats._decimals import COMMA, POINT, find_decimal_sign
from sources.formats._frequency import refuse_longer_bars
from sources.formats._guess import score_formats
from sources.formats._read import Reader, check_name, open_reader
from warehouse.errors import FormatError

NAME = "files"
DATASETS = tuple(sorted({dataset for one in all_formats().values() for dataset in one.datasets}))


@dataclass(frozen=True)
class Reading:
    """What one file was taken for: its format, the header of each column that has a name in it, those that were not
    read, and sentences on what could have been otherwise (encoding, decimal sign, dates, symbol)."""

    format: str
    columns: Mapping[str, str]
    unread: tuple[str, ...]
    taken: tuple[str, ...]


def parse(payload: bytes | Path, request: Request) -> Parsed:
    """All rows of one file. Raises FormatError where it is not of its format, UsageError for an unknown one."""
    return parse_with_reading(payload, request)[0]


def parse_with_reading(payload: bytes | Path, request: Request) -> tuple[Parsed, Reading]:
    """As `parse`, with what the file was taken for."""
    file = _File(payload, request)
    tables: dict[str, list[pa.Table]] = {}
    rejected: list[Rejected] = []
    notes: Counter[str] = Counter()
    for part in file.read_batches():
        for dataset, table in part.tables.items():
            tables.setdefault(dataset, []).append(table)
        rejected += part.rejected
        notes.update(part.notes)
    parsed = Parsed({name: pa.concat_tables(parts) for name, parts in tables.items()}, rejected, dict(notes))
    file.refuse_longer_bars(parsed)
    return parsed, file.describe_reading()


def parse_batches(payload: bytes | Path, request: Request) -> Iterator[Parsed]:
    """The rows of one file, at most 500,000 of its rows at a time.

    A wrong cell may show only in a later batch (FormatError): keep nothing before the last one has come.
    """
    yield from _File(payload, request).read_batches()


class _File:
    """One file while it is read: what holds for the whole of it is settled before its first row is converted."""

    def __init__(self, payload: bytes | Path, request: Request) -> None:
        one = find_format(request.options.get("format", ""))
        self._context = context = Context(replace(request, dataset=dataset_of_format(one, request.dataset)), one)
        if isinstance(payload, Path):
            payload = read_bytes(payload)
        names = [[normalise_header(header) for header in field.headers] for field in one.fields if field.required]
        check_name(payload, context)
        self._reader = open_reader(payload, names, context)
        context.preamble, context.header = self._reader.preamble, self._reader.header
        self._chosen = self._choose_columns(payload)
        self._reader.wanted = sorted(set(self._chosen.values()))
        self._choose_cell_forms()

    def _choose_columns(self, payload: bytes) -> dict[Field, int]:
        try:
            chosen = choose_columns(self._reader.header, self._context)
        except FormatError as error:
            others = [
                name for name in score_formats(payload, self._context.request) if name != self._context.format.name
            ]
            if not others:
                raise
            raise FormatError(f"{error}; its columns are those of format {' or '.join(others)}") from error
        refuse_foreign_headers(chosen, self._reader.header, self._context)
        return chosen

    def _choose_cell_forms(self) -> None:
        """The form of each column of dates and the decimal sign, from all cells."""
        context, reader = self._context, self._reader
        texts: dict[str, list[pa.Array]] = {kind: [pa.array([], pa.string())] for kind in ("number", "count")}
        for field, index in self._chosen.items():
            begins = context.format.rest_counts
            kind = "count" if begins and field.name.startswith(begins) else field.kind
            # where no cell holds a comma, only a point within a whole number can mean two things
            is_asked = kind in ("count", "date") or (kind == "number" and not reader.is_plain)
            sign = POINT if kind == "count" and reader.is_plain else ""
            cells = reader.distinct_texts(index, sign) if is_asked else None
            if cells is None:
                continue
            cells = cells.filter(pc.invert(pc.is_in(cells, value_set=pa.array(field.missing or MISSING, pa.string()))))
            if kind == "date":
                context.date_forms[field.name] = find_date_form(cells.to_pylist(), reader.header[index], field, context)
            else:
                texts[kind].append(cells)
        numbers, counts = (pa.concat_arrays(arrays) for arrays in texts.values())
        context.decimal = find_decimal_sign(numbers, counts, reader.delimiter, context)
        if context.decimal == COMMA:
            context.note_assumption("decimal commas")

    def read_batches(self) -> Iterator[Parsed]:
        context = self._context
        for first, cells in self._reader.read_batches():
            typed = _convert_cells(first, cells, self._chosen, self._reader, context)
            tables = context.format.shape(typed, context)
            yield Parsed(tables, tuple(context.rejected), dict(context.notes))
            context.rejected.clear()
            context.notes.clear()

    def refuse_longer_bars(self, parsed: Parsed) -> None:
        """Raises FormatError where the bars of the whole file are not daily."""
        refuse_longer_bars(parsed.tables, self._context)

    def describe_reading(self) -> Reading:
        header = self._reader.header
        used = set(self._chosen.values())
        return Reading(
            self._context.format.name,
            {
                field.name: header[index]
                for field, index in self._chosen.items()
                if field in self._context.format.fields
            },
            tuple(name for index, name in enumerate(header) if index not in used and name),
            tuple(self._context.taken),
        )


def read_bytes(path: Path) -> bytes:
    """The bytes at `path`. Raises FormatError where they cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror}; is the file there, and may you read it?") from error


def _convert_cells(
    first: int, cells: pa.Table, chosen: Mapping[Field, int], reader: Reader, context: Context
) -> pa.Table:
    arrays: dict[str, pa.Array] = {}
    reasons: dict[int, str] = {}
    for field, index in chosen.items():
        values = cells[str(index)].combine_chunks()
        one = Cells(values, reader.header[index], field, lambda row: reader.line_number(first + row), context)
        try:
            arrays[field.name], bad = convert_column(one)
        except pa.ArrowException as error:
            detail = str(error).splitlines()[0][:200]
            raise context.format_error(f"column {reader.header[index]!r} cannot be read ({detail})") from error
        reasons |= bad
    return context.reject_rows(pa.table(arrays), reasons)
