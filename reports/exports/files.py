"""A report table as CSV and as Parquet. A text that a spreadsheet would run as a formula gets an apostrophe in the CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from reports import numerals

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(table: pa.Table) -> bytes:
    """`table` as UTF-8 with a byte order mark, which spreadsheets need for Chinese; null is empty, instants and days are ISO."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.column_names)
    for row in table.to_pylist():
        writer.writerow([_csv_value(value) for value in row.values()])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def _csv_value(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return safe_text(value)
    return numerals.to_json_value(value)


def safe_text(value: str) -> str:
    """`value`, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def parquet_bytes(table: pa.Table) -> bytes:
    """`table` as it is, with the types of the warehouse."""
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()
