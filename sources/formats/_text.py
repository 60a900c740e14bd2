"""The bytes of a file as UTF-8 text: UTF-16 and Windows-1252 recognised where they can be nothing else, sheets as CSV."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from sources.formats._base import Context
from warehouse.errors import FormatError

PACKED = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SEVERAL_BYTES = re.compile(rb"[\xc3-\xf4][\x80-\xbf]+")
_MAX_SHEET_BYTES = 512 << 20


def decode_text(payload: bytes, context: Context) -> bytes:
    """`payload` as UTF-8 without a mark at its start. Raises FormatError for what is no text of a known encoding."""
    asked = context.option_value("encoding")
    if asked:
        return _decode_as(payload, asked, context)
    if payload.startswith(_UTF16):
        return _decode_recognised(payload, "utf-16", context)
    if b"\0" in payload:
        return _decode_recognised(payload, _utf16_without_mark(payload, context), context)
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError as error:
        line = payload[: error.start].count(b"\n") + 1
        byte = f"{payload[error.start]:#04x}"
        if payload.startswith(_BOM) or _SEVERAL_BYTES.search(payload[: error.start]):
            raise context.format_error(
                f"line {line} is not UTF-8 (byte {byte}), and lines before it are; save it as UTF-8 or say --encoding"
            ) from error
        return _decode_recognised(payload, "cp1252", context)
    return payload.removeprefix(_BOM)


def _decode_recognised(payload: bytes, encoding: str, context: Context) -> bytes:
    text = _decode_as(payload, encoding, context)
    context.note_assumption(f"text read as {encoding}")
    return text


def _decode_as(payload: bytes, encoding: str, context: Context) -> bytes:
    try:
        return codecs.decode(payload, encoding).encode("utf-8").removeprefix(_BOM)
    except (UnicodeError, ValueError) as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = payload[:start].count(b"\n") + 1
        raise context.format_error(f"line {line} is not {encoding}; say --encoding, or save it as UTF-8") from error


def _utf16_without_mark(payload: bytes, context: Context) -> str:
    """Which UTF-16 a text with NUL bytes is: of its plain letters every second byte is NUL."""
    start = payload[: min(len(payload), 4096) & ~1]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if len(payload) % 2 == 0 and 2 * max(even, odd) > len(start) // 2 and not min(even, odd):
        return "utf-16-le" if odd else "utf-16-be"
    line = payload[: payload.index(b"\0")].count(b"\n") + 1
    raise context.format_error(f"line {line} holds a NUL byte: no text file")


def is_workbook(payload: bytes) -> bool:
    """Whether the bytes are those of an .xlsx file."""
    if not payload.startswith(PACKED):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def is_old_workbook(payload: bytes) -> bool:
    return payload.startswith(_OLD_EXCEL)


def sheet_as_csv(payload: bytes, context: Context) -> bytes:
    """The one sheet of an .xlsx file that has rows, or the one that is asked for, as CSV; row n stays line n."""
    try:
        import openpyxl
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError as error:
        raise FormatError(
            f"{context.file_label}: an .xlsx file needs openpyxl: install breadthwise[excel], or save the sheet as CSV"
        ) from error
    _refuse_zip_bomb(payload, context)
    try:
        book = openpyxl.load_workbook(io.BytesIO(payload), read_only=True, data_only=True)
        sheets = {sheet.title: list(_sheet_rows(sheet)) for sheet in book.worksheets}
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        detail = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise context.format_error(f"the workbook is cut off or damaged ({detail}); save it again") from error
    name = _choose_sheet(sheets, context)
    width = max(map(len, sheets[name]), default=0)
    text = io.StringIO()
    # an empty row stays an empty line
    csv.writer(text, lineterminator="\n").writerows(row and row + [""] * (width - len(row)) for row in sheets[name])
    return text.getvalue().encode("utf-8")


def _refuse_zip_bomb(payload: bytes, context: Context) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            size = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise context.format_error(f"the workbook is cut off or damaged ({error}); save it again") from error
    if size > _MAX_SHEET_BYTES:
        raise context.format_error(
            f"the workbook unpacks to {size:,} bytes, more than {_MAX_SHEET_BYTES:,}; save it as CSV"
        )


def _choose_sheet(sheets: dict[str, list[list[str]]], context: Context) -> str:
    filled = [name for name, rows in sheets.items() if sum(map(bool, rows)) > 1]
    asked = context.option_value("sheet")
    names = ", ".join(sheets)
    if asked:
        if asked not in sheets:
            raise context.format_error(f"no sheet is called {asked!r}; it has: {names}")
        return asked
    if len(filled) > 1:
        raise context.format_error(f"several sheets have rows ({', '.join(filled)}); say --sheet {filled[0]!r}")
    if not filled:
        raise context.format_error(f"no sheet has a header and rows; it has: {names}")
    if len(sheets) > 1:
        context.note_assumption(f"sheet {filled[0]!r}")
    return filled[0]


def _sheet_rows(sheet: Any) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # a wrong note on the sheet's size would cut it off
    for row in sheet.iter_rows(values_only=True):
        cells = [_cell_text(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return " ".join(str(value).splitlines()).strip()
