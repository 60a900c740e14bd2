"""Bulk files of the user: `parse` turns the bytes of one file into rows, by the format that the request names.

Everything that the parse depends on stands in the request: `options["format"]`, `options["file"]`
(folder and name), `options["basis"]`, `options["column.close"]` and so on, so that a stored payload can
be parsed again. A file that is not what its format says is refused whole with FormatError.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from sources.base import Parsed, Rejected, Request
from sources.formats import format_of, formats
from sources.formats._base import Context, Field, dataset_of
from sources.formats._convert import Cells, converted
from sources.formats._read import Reader, normal, opened
from warehouse.errors import FormatError

NAME = "files"
DATASETS = tuple(sorted({dataset for one in formats().values() for dataset in one.datasets}))


def parse(payload: bytes | Path, request: Request) -> Parsed:
    """All rows of one file. Raises FormatError where it is not of its format, UsageError for an unknown one."""
    tables: dict[str, list[pa.Table]] = {}
    rejected: list[Rejected] = []
    notes: Counter[str] = Counter()
    for part in parse_batches(payload, request):
        for dataset, table in part.tables.items():
            tables.setdefault(dataset, []).append(table)
        rejected += part.rejected
        notes.update(part.notes)
    return Parsed({name: pa.concat_tables(parts) for name, parts in tables.items()}, rejected, dict(notes))


def parse_batches(payload: bytes | Path, request: Request) -> Iterator[Parsed]:
    """The rows of one file, at most 500,000 of its rows at a time.

    A wrong cell may show only in a later batch (FormatError): keep nothing before the last one has come.
    """
    one = format_of(request.options.get("format", ""))
    context = Context(replace(request, dataset=dataset_of(one, request.dataset)), one)
    if isinstance(payload, Path):
        payload = _bytes_of(payload)
    names = frozenset(normal(field.headers[0]) for field in one.fields if field.required)
    reader = opened(payload, names, context)
    context.preamble = reader.preamble
    chosen = choose_columns(reader.header, context)
    for first, cells in reader.batches(sorted(set(chosen.values()))):
        typed = _typed(first, cells, chosen, reader, context)
        tables = one.shape(typed, context)
        yield Parsed(tables, tuple(context.rejected), dict(context.notes))
        context.rejected.clear()
        context.notes.clear()


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror}; is the file there, and may you read it?") from error


def choose_columns(header: list[str], context: Context) -> dict[Field, int]:
    """Which column of the file is which field. Raises FormatError for a missing, doubled or unclear one."""
    one = context.format
    found = ", ".join(name[:40] for name in header[:40]) or "none"
    doubled = [name for name, count in Counter(header).items() if count > 1 and name]
    if doubled:
        raise context.wrong(f"two columns are called {doubled[0]!r}; it has: {found}")
    chosen: dict[Field, int] = {}
    for field in one.fields:
        position = _position(field, header, context, found)
        if position is not None:
            chosen[field] = position
        elif field.required:
            usual = ", ".join(field.headers[:4])
            told = f"no column for {field.name} (usually called {usual}); it has: {found}"
            raise context.wrong(f"{told}; say --column {field.name}=HEADER")
    used = set(chosen.values())
    rest = [index for index, name in enumerate(header) if index not in used]
    if one.takes_rest:
        named = [index for index in rest if header[index]]
        chosen |= {Field(header[index], "number", (), missing=_NO_OBSERVATION): index for index in named}
    elif rest:
        more = ", ..." if len(rest) > 5 else ""
        context.note(f"columns not read ({', '.join(header[index][:40] for index in rest[:5])}{more})", len(rest))
    return chosen


_NO_OBSERVATION = ("", ".", "ND", "NA", "N/A", "null")


def _position(field: Field, header: list[str], context: Context, found: str) -> int | None:
    asked = context.option(f"column.{field.name}")
    if asked:
        if asked not in header:
            raise context.wrong(f"no column {asked!r} for {field.name}; it has: {found}")
        return header.index(asked)
    for usual in field.headers:
        fitting = [index for index, name in enumerate(header) if normal(name) == normal(usual)]
        if len(fitting) > 1:
            told = f"more than one column could be {field.name}; it has: {found}"
            raise context.wrong(f"{told}; say --column {field.name}=HEADER")
        if fitting:
            return fitting[0]
    return None


def _typed(first: int, cells: pa.Table, chosen: Mapping[Field, int], reader: Reader, context: Context) -> pa.Table:
    arrays: dict[str, pa.Array] = {}
    reasons: dict[int, str] = {}
    for field, index in chosen.items():
        values = cells[str(index)].combine_chunks()
        one = Cells(values, reader.header[index], field, lambda row: reader.line(first + row), context)
        try:
            arrays[field.name], bad = converted(one)
        except pa.ArrowException as error:
            told = str(error).splitlines()[0][:200]
            raise context.wrong(f"column {reader.header[index]!r} cannot be read ({told})") from error
        reasons |= bad
    return context.reject(pa.table(arrays), reasons)
