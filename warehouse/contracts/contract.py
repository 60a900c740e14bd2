"""The datasets of the lake, each declared once.

From a contract come the Arrow schema, the Great Expectations suite, the quarantine SQL, the
comments in DuckDB and the data dictionary. The declarations themselves stand in `datasets.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

if (
    TYPE_CHECKING
):  # settings name datasets, every command reads settings, and Arrow takes longer than all else to import
    import pyarrow as pa

ColumnType = Literal["string", "date", "instant", "float", "integer", "boolean"]
Severity = Literal["refuse", "warn"]

_DUCKDB = {
    "string": "VARCHAR",
    "date": "DATE",
    "instant": "TIMESTAMP WITH TIME ZONE",
    "float": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
}


@dataclass(frozen=True)
class Column:
    """One column: `unit` is '' where the value has none; `vocabulary` closes the set of values.

    `is_later` marks a column that came when the lake held facts without it: they read as null there, and
    that null leaves their hashes, and so the fingerprints of past builds, as they were.
    """

    name: str
    type: ColumnType
    description: str
    unit: str = ""
    required: bool = False
    minimum: float | None = None
    exclusive_minimum: bool = False
    maximum: float | None = None
    vocabulary: tuple[str, ...] = ()
    is_later: bool = False

    @property
    def arrow_type(self) -> pa.DataType:
        return _arrow_types()[self.type]

    @property
    def duckdb_type(self) -> str:
        return _DUCKDB[self.type]


@dataclass(frozen=True)
class Ordered:
    """`lesser` <= `greater` (relative slack 1e-9 for vendors' rounding) where both are present."""

    lesser: str
    greater: str
    severity: Severity = "refuse"


@dataclass(frozen=True)
class OnSession:
    """The date is a session of the exchange calendar."""

    column: str


@dataclass(frozen=True)
class NotInFuture:
    """The date does not lie after the day on which the row was learnt."""

    column: str


@dataclass(frozen=True)
class LargeMove:
    """`column` differs from `reference` by more than `limit_pct`: possible, so only a warning."""

    column: str
    reference: str
    limit_pct: float


@dataclass(frozen=True)
class PaidAtMost:
    """No price of an unadjusted row lies above `limit`: so much was never paid; adjustment may multiply."""

    columns: tuple[str, ...]
    limit: float


@dataclass(frozen=True)
class SeriesWithin:
    """Of the named series, whose `kind` has known sizes, no value is further than `limit` from 0; of others nothing is known."""

    kind: str
    value: str
    series: str
    names: tuple[str, ...]
    limit: float


@dataclass(frozen=True)
class RatioWithin:
    """Neither of two whole numbers is more than `limit` times the other."""

    column: str
    other: str
    limit: int


@dataclass(frozen=True)
class NotBefore:
    """The date lies on `first` or later: an earlier one is a reader's or a vendor's way to say none."""

    column: str
    first: date


@dataclass(frozen=True)
class NotAfter:
    """The date lies on `last` or before."""

    column: str
    last: date


# Of what happened on a day of trading or filing; and of periods, which reach ahead (projections) and far back (series).
FIRST_DAY, FIRST_PERIOD, LAST_PERIOD = date(1900, 1, 1), date(1700, 1, 1), date(2200, 12, 31)


def period_bounds(*columns: str) -> tuple[NotBefore | NotAfter, ...]:
    """Days that may lie ahead of what is known, within reason."""
    return tuple(rule for name in columns for rule in (NotBefore(name, FIRST_PERIOD), NotAfter(name, LAST_PERIOD)))


Rule = Ordered | OnSession | NotInFuture | LargeMove | PaidAtMost | SeriesWithin | RatioWithin | NotBefore | NotAfter


@dataclass(frozen=True)
class Contract:
    """A dataset: `key` names a fact, `year_column` the date by which its files are partitioned."""

    name: str
    description: str
    grain: str
    licence: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    year_column: str
    rules: tuple[Rule, ...] = ()
    refused_share_limit: float = 0.05
    fresh_within_sessions: int | None = None
    count_change_limit: float | None = None

    def __post_init__(self) -> None:
        names = [c.name for c in self.all_columns]
        missing = [k for k in (*self.key, self.year_column) if k not in names]
        if missing or len(set(names)) != len(names):
            raise ValueError(f"contract {self.name}: keys not among the columns, or doubled: {missing}")
        never_null = [c.name for c in self.columns if c.is_later and not self.is_nullable(c)]
        if never_null:
            raise ValueError(
                f"contract {self.name}: older facts have no {', '.join(never_null)}, so they must be nullable"
            )

    @cached_property
    def all_columns(self) -> tuple[Column, ...]:
        """The dataset's own columns, then those that every row of the lake carries."""
        return (*self.columns, *PROVENANCE)

    @cached_property
    def value_columns(self) -> tuple[str, ...]:
        """The columns that make two facts of one key equal or different."""
        own = (c.name for c in self.columns)
        return (*(n for n in own if n not in self.key), "is_withdrawn")

    def is_nullable(self, column: Column) -> bool:
        """Whether a fact may stand without a value of `column`."""
        return not column.required and column.name not in self.key

    @cached_property
    def row_schema(self) -> pa.Schema:
        """What a parser delivers: the dataset's own columns and `source`, without provenance."""
        return _arrow_schema((*self.columns, PROVENANCE[0]))

    @cached_property
    def lake_schema(self) -> pa.Schema:
        """What a file of the lake holds."""
        return _arrow_schema(self.all_columns)

    def find_column(self, name: str) -> Column:
        for column in self.all_columns:
            if column.name == name:
                return column
        raise KeyError(name)


@lru_cache(maxsize=1)
def _arrow_types() -> dict[str, pa.DataType]:
    import pyarrow as pa

    return {
        "string": pa.string(),
        "date": pa.date32(),
        "instant": pa.timestamp("us", tz="UTC"),
        "float": pa.float64(),
        "integer": pa.int64(),
        "boolean": pa.bool_(),
    }


def _arrow_schema(columns: Iterable[Column]) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([pa.field(column.name, column.arrow_type) for column in columns])


PROVENANCE: tuple[Column, ...] = (
    Column("source", "string", "Who gave the row: an adapter's name or the name given on import.", required=True),
    Column("payload_sha256", "string", "SHA-256 of the stored bytes that the row was parsed from.", required=True),
    Column("known_at", "instant", "When we learned it.", unit="UTC", required=True),
    Column("is_withdrawn", "boolean", "True where the fact takes an earlier row of the same key back.", required=True),
)
