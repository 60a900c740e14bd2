"""What a source is: `fetch` does the I/O and returns bytes, `parse` is pure: bytes to rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import SourceModuleError
from warehouse.settings.kinds import suggest_name

if TYPE_CHECKING:
    from sources.http.client import Client

Row = Mapping[str, Any]

# The `fetched_at` of a request that is only planned; `fetch` gives it back with the true instant and the masked URL.
PLANNED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Request:
    """What was asked, stored beside the payload so that it can be parsed again without the network.

    `fetched_at` is an aware UTC instant and becomes the `known_at` of every row: parsers never read
    the clock. `start` and `end` are sessions, both inclusive.
    """

    source: str
    dataset: str
    fetched_at: datetime
    symbol: str | None = None
    series: str | None = None
    session: date | None = None
    start: date | None = None
    end: date | None = None
    url: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rejected:
    """A row that cannot even be written in the dataset's types: what it said, and why it is refused.

    `is_hole` marks a row without values, which the vendor is known to give for a session that it lost: it is
    quarantined like others, but says nothing against the rest of its payload.
    """

    dataset: str
    text: str
    reason: str
    is_hole: bool = False


@dataclass(frozen=True)
class Parsed:
    """Tables by dataset, each with the dataset's `row_schema` (its own columns and `source`).

    `rejected` rows are counted as quarantined. `notes` count what is no row by the format's own
    definition (a footer, an empty cell), so that nothing is left out silently.
    """

    tables: Mapping[str, pa.Table]
    rejected: Sequence[Rejected] = ()
    notes: Mapping[str, int] = field(default_factory=dict)


class Source(Protocol):
    """A module of `sources/` that has these names is a source; there is no registry."""

    NAME: str
    DATASETS: tuple[str, ...]

    def parse(self, payload: bytes, request: Request) -> Parsed: ...


class Adapter(Source, Protocol):
    """A source that asks a host: a module of `sources/` with these names.

    `HOSTS` are the hosts that it asks, `PACE` its requests a second and host where the settings say nothing,
    `NEEDS_KEY` the environment variable that must hold its key (None: no account needed). `requests_for` plans,
    without I/O, the requests that cover `symbols` (canonical; series ids for macro data; empty where the source
    serves the whole market) from `start` to `end`, both inclusive. `fetch` does the I/O and nothing else: it returns
    the bytes and the request with `fetched_at` and `url` filled; it raises SourceError.
    """

    HOSTS: tuple[str, ...]
    PACE: float
    NEEDS_KEY: str | None

    def requests_for(self, dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]: ...

    def fetch(self, client: Client, request: Request) -> tuple[bytes, Request]: ...


def table_from_rows(dataset: str, rows: Iterable[Row], source: str) -> pa.Table:
    """`rows` as a table of the dataset's `row_schema`; columns that a row lacks are null.

    Raises SourceModuleError for a column that the contract does not know, pyarrow's errors for a wrong type.
    """
    schema, fields = _schema_and_fields(dataset)
    listed = list(rows)
    if not listed:
        return _empty_table(dataset)
    unknown = set[str]().union(*listed) - fields.keys()
    if unknown:
        name = sorted(unknown)[0]
        raise SourceModuleError(f"the parser of {source} gives {dataset} a column {name!r}{suggest_name(name, fields)}")
    columns = [
        pa.repeat(source, len(listed)) if name == "source" else pa.array([row.get(name) for row in listed], kind)
        for name, kind in fields.items()
    ]
    return pa.Table.from_arrays(columns, schema=schema)


@cache
def _schema_and_fields(dataset: str) -> tuple[pa.Schema, dict[str, pa.DataType]]:
    """The types by column too: to walk through a schema takes longer than to make the arrays of a small payload."""
    schema = CONTRACTS[dataset].row_schema
    return schema, {field.name: field.type for field in schema}


@cache
def _empty_table(dataset: str) -> pa.Table:
    return CONTRACTS[dataset].row_schema.empty_table()
