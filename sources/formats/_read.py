"""Bytes as columns of cells: CSV (UTF-8) by pyarrow with every cell a text, Parquet in batches with its own types."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from sources.formats._base import Context

BATCH_ROWS = 500_000
_BOM = b"\xef\xbb\xbf"
_MARKUP = re.compile(rb"<(!|\?xml|html|head|body|script|div|error)", re.IGNORECASE)
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")
_BLANK = "\u00a0 \t\r\n,"


class Reader(Protocol):
    """A file whose header is known. `batches` gives (first row, columns by position in `header`)."""

    header: list[str]
    preamble: str

    def batches(self, columns: Sequence[int]) -> Iterator[tuple[int, pa.Table]]: ...

    def line(self, row: int) -> int: ...


def opened(payload: bytes, names: frozenset[str], context: Context) -> Reader:
    """A reader for `payload`, told by its content. `names` are the headers by which a header line is
    found where lines may stand before it. Raises FormatError for what is neither CSV nor Parquet."""
    start = payload[:512].removeprefix(_BOM).lstrip()
    if not start:
        raise context.wrong("it is empty")
    if payload.startswith(b"PAR1"):
        return ParquetReader(payload, context)
    if payload.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise context.wrong("it is in UTF-16; save it as UTF-8")
    if payload.startswith(b"\x1f\x8b"):
        raise context.wrong("it is packed by gzip; unpack it first")
    if payload.startswith(b"PK\x03\x04"):
        raise context.wrong("it is a zip or a spreadsheet; give a zip its name .zip, save a spreadsheet as CSV")
    if _MARKUP.match(start):
        raise context.wrong(f"it is a web page or XML ({start[:20].decode('utf-8', 'replace')!r}...), not CSV")
    return CsvReader(payload, names, context)


class ParquetReader:
    """A Parquet file; rows are counted from 1."""

    preamble = ""

    def __init__(self, payload: bytes, context: Context) -> None:
        self._context = context
        try:
            self._file = pq.ParquetFile(pa.BufferReader(payload))
            self.header = list(self._file.schema_arrow.names)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise self._damaged(error) from error
        if self._file.metadata.num_rows == 0:
            raise context.wrong("it has no rows")

    def batches(self, columns: Sequence[int]) -> Iterator[tuple[int, pa.Table]]:
        names = [self.header[index] for index in columns]
        first = 0
        try:
            for batch in self._file.iter_batches(batch_size=BATCH_ROWS, columns=names):
                batch.validate(full=True)
                by_name = [batch.column(name) for name in names]
                yield first, pa.Table.from_arrays(by_name, names=[str(index) for index in columns])
                first += batch.num_rows
        except (pa.ArrowException, OSError, KeyError) as error:
            raise self._damaged(error) from error

    def line(self, row: int) -> int:
        return row + 1

    def _damaged(self, error: Exception) -> Exception:
        told = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        return self._context.wrong(f"the Parquet file is cut off or damaged ({told}); fetch it again")


@dataclass
class CsvReader:
    """A CSV file: one header line, then rows with as many cells. Rows are told by their line in the file."""

    payload: bytes
    names: frozenset[str]
    context: Context

    def __post_init__(self) -> None:
        self._check_text()
        self._lines_before, start, header = self._find_header()
        self.delimiter = max(",;\t|", key=header.count)
        self.context.has_decimal_comma = self.delimiter == ";"
        self.header = self._cells_of(header)
        self._body = self._without_footer(start)
        if self._body.count(b'"') % 2:
            raise self.context.wrong('a quote (") is opened and never closed')
        if not self._body.strip():
            raise self.context.wrong("it has a header and no rows")

    def _cells_of(self, header: str) -> list[str]:
        try:
            return [cell.strip() for cell in next(csv.reader([header.strip("\r\n")], delimiter=self.delimiter))]
        except csv.Error as error:
            raise self.context.wrong(f"its first line is no header ({error})") from error

    def _check_text(self) -> None:
        if b"\0" in self.payload:
            line = self.payload[: self.payload.index(b"\0")].count(b"\n") + 1
            raise self.context.wrong(f"line {line} holds a NUL byte: no text file")
        try:
            self.payload.decode("utf-8")
        except UnicodeDecodeError as error:
            line = self.payload[: error.start].count(b"\n") + 1
            byte = f"{self.payload[error.start]:#04x}"
            raise self.context.wrong(f"line {line} is not UTF-8 (byte {byte}); save it as UTF-8") from error

    def _find_header(self) -> tuple[int, int, str]:
        """(lines before the data, offset of the data, the header's line)."""
        before: list[str] = []
        for match in itertools.islice(_LINE.finditer(self.payload), 100):
            text = match[0].removeprefix(_BOM).decode("utf-8")
            cells = {normal(cell) for cell in re.split(r"[,;\t|]", text)}
            if self.names <= cells or (text.strip(_BLANK) and not self.context.format.has_preamble):
                self.preamble = "".join(before)
                return len(before) + 1, match.end(), text
            before.append(text)
        wanted = ", ".join(sorted(self.names))
        raise self.context.wrong(f"none of its first lines is a header with the columns {wanted}")

    def _without_footer(self, start: int) -> bytes:
        body = self.payload[start:]
        if not self.context.format.has_preamble:
            return body
        match = re.search(rb"(?m)^(\xc2\xa0|\s)*\xc2\xa0(\xc2\xa0|\s)*$", body)
        if match is None:
            return body
        self.context.note("lines after the rows", body[match.start() :].count(b"\n"))
        return body[: match.start()]

    def batches(self, columns: Sequence[int]) -> Iterator[tuple[int, pa.Table]]:
        table = self._read([str(index) for index in columns])
        for first in range(0, table.num_rows, BATCH_ROWS):
            yield first, table.slice(first, BATCH_ROWS).combine_chunks()

    def _read(self, wanted: list[str]) -> pa.Table:
        names = [str(index) for index in range(len(self.header))]
        try:
            return pa_csv.read_csv(
                pa.BufferReader(self._body),
                read_options=pa_csv.ReadOptions(column_names=names, block_size=4 << 20),
                parse_options=pa_csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=b'"' in self._body),
                convert_options=pa_csv.ConvertOptions(
                    include_columns=wanted, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
                ),
            )
        except (pa.ArrowException, OSError) as error:
            raise self._ragged(error) from error

    def _ragged(self, error: Exception) -> Exception:
        expected = len(self.header)
        bad = [(line, size) for line, size in self._rows if size != expected]
        if not bad:
            return self.context.wrong(f"it cannot be read as CSV: {str(error).splitlines()[0][:200]}")
        told = ", ".join(f"row {line} has {size}" for line, size in bad[:5])
        more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
        return self.context.wrong(f"the header has {expected} columns, but {told}{more}")

    @cached_property
    def _rows(self) -> list[tuple[int, int]]:
        """(line in the file, number of cells) of each row; made only when an error has to be told."""
        reader = csv.reader(io.StringIO(self._body.decode("utf-8"), newline=""), delimiter=self.delimiter)
        rows: list[tuple[int, int]] = []
        line = 1
        try:
            for cells in reader:
                if cells:
                    rows.append((self._lines_before + line, len(cells)))
                line = reader.line_num + 1
        except csv.Error:
            pass  # the rows read so far are enough to tell where it breaks
        return rows

    def line(self, row: int) -> int:
        return self._rows[row][0] if row < len(self._rows) else self._lines_before + row + 1


def normal(header: str) -> str:
    """A header without case and punctuation: `<CLOSE>`, `Close` and `close ` are one."""
    return re.sub(r"[^a-z0-9%]", "", header.lower())
