"""Bytes as columns of cells: text by pyarrow with every cell a text, Parquet in batches with its own types."""

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
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from sources.formats._base import Context, normalise_header
from sources.formats._text import PACKED, decode_text, is_old_workbook, is_workbook, sheet_as_csv

BATCH_ROWS = 500_000
# No row of prices is longer: ten thousand tickers at full precision take 200 kB.
LONGEST_LINE = 4 << 20
# A whole market's bars of 25 years are 31 million; the same row again takes no room in a Parquet file, and much in memory.
MAX_PARQUET_ROWS = 50_000_000
# Names of the signs that a shell makes hard to type.
DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_MARKUP = re.compile(rb"<(!|\?xml|html|head|body|script|div|error)", re.IGNORECASE)
_JSON = re.compile(rb'[{\[]\s*(?:["{\[\]}]|$)')
_STATED = re.compile(rb"sep=([,;\t|])\r?\n", re.IGNORECASE)
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")
_BLANK = "\u00a0 \t\r\n,"
# For each column that a header line must have: what it may be called, normalised.
Names = Sequence[Sequence[str]]


class Reader(Protocol):
    """A file whose header is known. `batches` gives (first row, the wanted columns by position in `header`)."""

    header: list[str]
    preamble: str
    delimiter: str
    wanted: Sequence[int]  # the columns that are read, by position
    is_plain: bool  # no cell can hold a comma

    def read_batches(self) -> Iterator[tuple[int, pa.Table]]: ...

    def distinct_texts(self, column: int, sign: str = "") -> pa.Array | None:
        """The distinct texts of a column of the whole file that hold `sign`, blanks around them left out; None where it has
        another type."""

    def line_number(self, row: int) -> int: ...


def check_name(payload: bytes, context: Context) -> None:
    """Raises FormatError for bytes of another kind than the name of the file says."""
    for ending, begins, kind in ((".parquet", b"PAR1", "a Parquet file"), (".xlsx", PACKED, "an Excel workbook")):
        if context.file_label.lower().endswith(ending) and not payload.startswith(begins):
            raise context.format_error(f"it is not {kind}, whatever its name says")


def open_reader(payload: bytes, names: Names, context: Context) -> Reader:
    """A reader for `payload`, chosen by its content. `names` are the usual headers by which a header line is
    found where lines may stand before it. Raises FormatError for what is neither CSV nor Parquet."""
    if payload.startswith(b"PAR1"):
        return ParquetReader(payload, context)
    if payload.startswith(b"\x1f\x8b"):
        raise context.format_error("it is packed by gzip; give it a name that ends in .gz, or unpack it")
    if is_old_workbook(payload):
        raise context.format_error("it is a workbook of Excel 2003 or older; save it as .xlsx or CSV")
    if is_workbook(payload) or (payload.startswith(PACKED) and context.file_label.lower().endswith(".xlsx")):
        return CsvReader(sheet_as_csv(payload, context), names, context)
    if payload.startswith(PACKED):
        raise context.format_error(
            "it is a zip or an OpenDocument sheet; give a zip its name .zip, save a sheet as .xlsx or CSV"
        )
    text = decode_text(payload, context)
    start = text[:512].lstrip()
    if not start:
        raise context.format_error("it is empty")
    if _MARKUP.match(start):
        raise context.format_error(f"it is a web page or XML ({start[:20].decode('utf-8', 'replace')!r}...), not CSV")
    if _JSON.match(start):
        raise context.format_error("it is JSON, which is not read; save it as CSV or Parquet")
    return CsvReader(text, names, context)


class ParquetReader:
    """A Parquet file; rows are counted from 1."""

    preamble = ""
    delimiter = ","
    wanted: Sequence[int] = ()
    is_plain = False

    def __init__(self, payload: bytes, context: Context) -> None:
        self._context = context
        try:
            self._file = pq.ParquetFile(pa.BufferReader(payload))
            self._names = list(self._file.schema_arrow.names)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise self._damaged_file_error(error) from error
        if self._file.metadata.num_rows == 0:
            raise context.format_error("it has no rows")
        if self._file.metadata.num_rows > MAX_PARQUET_ROWS:
            raise context.format_error(
                f"it has {self._file.metadata.num_rows:,} rows, more than {MAX_PARQUET_ROWS:,}; split it, by years say"
            )
        joined = context.format.join([self._names]) if context.format.join else (1, self._names)
        if joined is None:
            raise context.format_error(f"its columns are not of it; it has: {', '.join(self._names)[:200]}")
        self.header = joined[1]

    def read_batches(self) -> Iterator[tuple[int, pa.Table]]:
        names = [self._names[index] for index in self.wanted]
        first = 0
        try:
            for batch in self._file.iter_batches(batch_size=BATCH_ROWS, columns=names):
                batch.validate(full=True)
                by_name = [batch.column(name) for name in names]
                yield first, pa.Table.from_arrays(by_name, names=[str(index) for index in self.wanted])
                first += batch.num_rows
        except (pa.ArrowException, OSError, KeyError) as error:
            raise self._damaged_file_error(error) from error

    def distinct_texts(self, column: int, sign: str = "") -> pa.Array | None:
        kind = self._file.schema_arrow.field(column).type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if not (is_text(kind) or pa.types.is_integer(kind)):
            return None
        try:
            values = self._file.read(columns=[self._names[column]]).column(0).combine_chunks()
        except (pa.ArrowException, OSError, KeyError) as error:
            raise self._damaged_file_error(error) from error
        return _distinct_stripped(values.cast(kind).cast(pa.string()), sign)

    def line_number(self, row: int) -> int:
        return row + 1

    def _damaged_file_error(self, error: Exception) -> Exception:
        detail = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        return self._context.format_error(f"the Parquet file is cut off or damaged ({detail}); fetch it again")


@dataclass
class CsvReader:
    """A CSV file: one header line, then rows with as many cells. Rows are named by their line in the file."""

    payload: bytes
    names: Names
    context: Context
    wanted: Sequence[int] = ()

    def __post_init__(self) -> None:
        self._lines_before, start, header = self._find_header()
        self.delimiter = self._delimiter or max(",;\t|", key=header.count)
        self.header = self._split_header(header)
        start = self._join_header_lines(start, header)
        self._body = self._without_empty_lines(self._without_footer(start))
        self.is_plain = self.delimiter == "," and b'"' not in self._body
        if self._body.count(b'"') % 2:
            raise self.context.format_error('a quote (") is opened and never closed')
        if not self._body.strip():
            raise self.context.format_error("it has a header and no rows")

    def _split_header(self, header: str) -> list[str]:
        try:
            return [cell.strip() for cell in next(csv.reader([header.strip("\r\n")], delimiter=self.delimiter))]
        except csv.Error as error:
            raise self.context.format_error(f"its first line is no header ({error})") from error

    @cached_property
    def _delimiter(self) -> str:
        """The sign between cells that was asked for, or that the first line states as Excel does (`sep=;`)."""
        asked = self.context.option_value("delimiter")
        stated = _STATED.match(self.payload)
        return DELIMITERS.get(asked, asked) or (stated[1].decode() if stated else "")

    def _join_header_lines(self, start: int, header: str) -> int:
        """The offset of the rows, where the format's header is of several lines: those are made one here."""
        join = self.context.format.join
        if join is None:
            return start
        lines = [match[0] for match in itertools.islice(_LINE.finditer(self.payload, start), 2)]
        found = join([self.header, *(self._split_header(line.decode("utf-8")) for line in lines)])
        if found is None:
            raise self.context.format_error(f"its first lines are no headers of it: {header.strip()[:80]!r}")
        count, self.header = found
        self._lines_before += count - 1
        return start + sum(map(len, lines[: count - 1]))

    def _without_empty_lines(self, body: bytes) -> bytes:
        """`body`, its lines of delimiters alone made empty: they are no rows, and the others keep their number."""
        sign = re.escape(self.delimiter.encode())
        body, count = re.subn(rb"(?m)^[ \t]*(?:" + sign + rb"[ \t]*)+(?=\r?$)", b"", body)
        self.context.add_note("empty lines", count)
        return body

    def _find_header(self) -> tuple[int, int, str]:
        """(lines before the data, offset of the data, the header's line)."""
        before: list[str] = []
        for match in itertools.islice(_LINE.finditer(self.payload), 100):
            text = match[0].decode("utf-8")
            cells = {normalise_header(cell) for cell in re.split(r"[,;\t|]", text)}
            if not before and _STATED.match(match[0]):
                before.append(text)
                continue
            is_header = all(cells.intersection(usual) for usual in self.names)
            if is_header or (text.strip(_BLANK) and not self.context.format.has_preamble):
                self.preamble = "".join(before)
                return len(before) + 1, match.end(), text
            before.append(text)
        wanted = ", ".join(sorted(usual[0] for usual in self.names))
        raise self.context.format_error(f"none of its first lines is a header with the columns {wanted}")

    def _without_footer(self, start: int) -> bytes:
        body = self.payload[start:]
        if not self.context.format.has_preamble:
            return body
        match = re.search(rb"(?m)^(\xc2\xa0|\s)*\xc2\xa0(\xc2\xa0|\s)*$", body)
        if match is None:
            return body
        self.context.add_note("lines after the rows", body[match.start() :].count(b"\n"))
        return body[: match.start()]

    def distinct_texts(self, column: int, sign: str = "") -> pa.Array | None:
        return _distinct_stripped(self._parsed_table[str(column)].combine_chunks(), sign)

    def read_batches(self) -> Iterator[tuple[int, pa.Table]]:
        table = self._parsed_table
        for first in range(0, table.num_rows, BATCH_ROWS):
            yield first, table.slice(first, BATCH_ROWS).combine_chunks()

    @cached_property
    def _parsed_table(self) -> pa.Table:
        names = [str(index) for index in range(len(self.header))]
        try:
            return pa_csv.read_csv(
                pa.BufferReader(self._body),
                read_options=pa_csv.ReadOptions(column_names=names, block_size=LONGEST_LINE),
                parse_options=pa_csv.ParseOptions(delimiter=self.delimiter, newlines_in_values=b'"' in self._body),
                convert_options=pa_csv.ConvertOptions(
                    include_columns=[str(index) for index in self.wanted],
                    column_types=dict.fromkeys(names, pa.string()),
                    strings_can_be_null=False,
                ),
            )
        except (pa.ArrowException, OSError) as error:
            raise self._ragged_row_error(error) from error

    def _ragged_row_error(self, error: Exception) -> Exception:
        expected = len(self.header)
        mark = b"\n" if b"\n" in self._body else b"\r"
        longest = max(self._body.split(mark), key=len)
        if len(longest) > LONGEST_LINE:
            line = self._lines_before + 1 + self._body[: self._body.index(longest)].count(mark)
            return self.context.format_error(long_line_message(line, len(longest)))
        bad = [(line, size) for line, size in self._row_lines if size != expected]
        if not bad:
            return self.context.format_error(f"it cannot be read as CSV: {str(error).splitlines()[0][:200]}")
        detail = ", ".join(f"row {line} has {size}" for line, size in bad[:5])
        more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
        return self.context.format_error(f"the header has {expected} columns, but {detail}{more}")

    @cached_property
    def _row_lines(self) -> list[tuple[int, int]]:
        """(line in the file, number of cells) of each row; made only when an error has to be written."""
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

    def line_number(self, row: int) -> int:
        return self._row_lines[row][0] if row < len(self._row_lines) else self._lines_before + row + 1


def long_line_message(line: int, size: int) -> str:
    return f"line {line} has {size:,} bytes, more than {LONGEST_LINE:,}: no row of a table is so long; is an end of line lost?"


def is_text(kind: pa.DataType) -> bool:
    """Whether a column of that type is of texts, however Arrow keeps them."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _distinct_stripped(values: pa.Array, sign: str) -> pa.Array:
    values = values.filter(pc.match_substring(values, sign)) if sign else values
    return pc.unique(pc.utf8_trim_whitespace(values)).drop_null()
