"""How the tests of bulk files call the parser: bytes written in the test, a request that names format and file."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sources.base import Parsed, Request
from sources.providers.files import parse

KNOWN_AT = datetime(2026, 1, 26, 12, 0, tzinfo=UTC)


def request(format_name: str, dataset: str, file: str = "bars/SPY.csv", **options: str) -> Request:
    """A request as an import makes it; `column_close` stands for the option `column.close`."""
    named = {name.replace("column_", "column."): value for name, value in options.items()}
    symbol = named.pop("symbol", None)
    arguments = {"format": format_name, "file": file} | named
    return Request(source="test", dataset=dataset, fetched_at=KNOWN_AT, symbol=symbol, options=arguments)


def parsed(text: str | bytes, format_name: str, dataset: str, file: str = "bars/SPY.csv", **options: str) -> Parsed:
    payload = text.encode() if isinstance(text, str) else text
    return parse(payload, request(format_name, dataset, file, **options))


def rows(parsed_file: Parsed, dataset: str, *columns: str) -> list[tuple[Any, ...]]:
    """The named columns of all rows, in the order of the file."""
    return [tuple(row[name] for name in columns) for row in parsed_file.tables[dataset].to_pylist()]


def parquet(**columns: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()
