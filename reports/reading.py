"""Reads the tables of one build: rows of a session, histories for charts, and what the build says of itself.

Only schema `reports`, `ops.builds`, `ops.session_ledger` and `ops.methods` are read, so a build made again gives the same page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from reports.layout import TABLES
from warehouse.duck import connect, error_line, quote_identifier
from warehouse.errors import UsageError

Row = Mapping[str, Any]
# more would fill the page's memory with nothing that it shows
_MEMORY = "300MB"


@dataclass(frozen=True)
class BuildNote:
    """What `ops.builds` says of the build; `hashes` by table. `as_of` None: all that was known at `built_at`."""

    build_id: str
    built_at: datetime
    as_of: datetime | None
    code_version: str
    lake_fingerprint: str
    hashes: Mapping[str, str]

    @property
    def known_until(self) -> datetime:
        return self.as_of or self.built_at


@dataclass(frozen=True)
class Column:
    """A column as the model's header declares it."""

    name: str
    type: str
    comment: str


class Reading:
    """An open build. Values are Python's; instants are UTC."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self._columns: dict[str, tuple[Column, ...]] = {}

    def query_rows(self, query: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        found = self.con.execute(query, list(parameters))
        names = [str(entry[0]) for entry in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def table_columns(self, table: str) -> tuple[Column, ...]:
        """The columns of reports.`table`, in order; none where the build has no such table."""
        if table not in self._columns:
            found = self.con.execute(
                "select column_name, data_type, coalesce(comment, '') from duckdb_columns() "
                "where schema_name = 'reports' and table_name = ? order by column_index",
                [table],
            ).fetchall()
            self._columns[table] = tuple(Column(*row) for row in found)
        return self._columns[table]

    def has_table(self, table: str, *columns: str) -> bool:
        return set(columns) <= {column.name for column in self.table_columns(table)} and bool(self.table_columns(table))

    def _order_by_clause(self, table: str) -> str:
        """By the keys that the table has, else by all its columns: the same order on every machine."""
        names = {column.name for column in self.table_columns(table)}
        first = [name for name in ("position", "item", "subject") if name in names]
        # `order by all` is no part of a longer list
        return ", ".join(first or [quote_identifier(column.name) for column in self.table_columns(table)])

    def session_rows(self, table: str, day: date) -> list[dict[str, Any]]:
        """The rows of reports.`table` for the session `day`, in their order."""
        if not self.has_table(table):
            return []
        return self.query_rows(
            f"select * from reports.{table} where session_date = ? order by {self._order_by_clause(table)}", [day]
        )

    def session_arrow_table(self, table: str, day: date) -> pa.Table:
        """The same as Arrow."""
        order = self._order_by_clause(table)
        return self.con.sql(
            f"select * from reports.{table} where session_date = $day order by {order}", params={"day": day}
        ).to_arrow_table()

    def history_rows(
        self, table: str, columns: Sequence[str], first: date, last: date, where: str = "true"
    ) -> list[dict[str, Any]]:
        """`columns` of reports.`table` from `first` to `last`, by session and position; none where one is missing."""
        if not self.has_table(table, *columns):
            return []
        return self.query_rows(
            f"select session_date, {', '.join(columns)} from reports.{table} "
            f"where session_date between ? and ? and {where} order by session_date, {self._order_by_clause(table)}",
            [first, last],
        )

    def newest_session(self) -> date | None:
        """The last session of which the build has a close of an index or a sector, or bars of stocks."""
        found: list[tuple[date | None]] = self.con.execute(
            f"select max(session_date) from ({self._reported_sessions()})"
        ).fetchall()
        return found[0][0]

    def sessions_before(self, day: date, count: int) -> list[date]:
        """The `count` sessions up to `day` of which the build has such a close or bars, the oldest first."""
        found = self.con.execute(
            f"select distinct session_date from ({self._reported_sessions()}) where session_date <= ? order by 1 desc limit ?",
            [day, count],
        ).fetchall()
        return sorted(row[0] for row in found)

    def _reported_sessions(self) -> str:
        """A query for the sessions that a report can be of, with repetitions."""
        queries = [self._closed_sessions()]
        if self.has_table("breadth"):
            stocks = "select session_date from ops.session_ledger where dataset = 'equity_bars' and status <> 'missing'"
            # a row of breadth is there for lost sessions too
            queries.append(f"select session_date from reports.breadth where members > 0 and session_date in ({stocks})")
        return " union all ".join(queries)

    def _closed_sessions(self) -> str:
        """A query for the sessions with a close of an index or a sector, with repetitions."""
        return " union all ".join(
            f"select session_date from reports.{table} where close is not null"
            for table in ("headline_indices", "sector_performance")
            if self.has_table(table)
        )

    def last_priced_session(self, day: date) -> date | None:
        """The last session up to `day` of which the build has a close of an index or a sector."""
        found: list[tuple[date | None]] = self.con.execute(
            f"select max(session_date) from ({self._closed_sessions()}) where session_date <= ?", [day]
        ).fetchall()
        return found[0][0]

    def build_note(self) -> BuildNote:
        rows = self.query_rows(
            "select build_id, built_at, as_of, code_version, lake_fingerprint, table_name, hash from ops.builds order by 6"
        )
        first = rows[0]
        return BuildNote(
            first["build_id"],
            first["built_at"],
            first["as_of"],
            first["code_version"],
            first["lake_fingerprint"],
            {row["table_name"]: row["hash"] for row in rows},
        )

    def session_ledger(self, day: date) -> dict[str, Row]:
        """Status of the session by dataset: present, provisional, implied, partial or missing."""
        rows = self.query_rows(
            "select dataset, status, rows, note from ops.session_ledger where session_date = ? order by 1", [day]
        )
        return {row["dataset"]: row for row in rows}

    def method_register(self) -> list[dict[str, Any]]:
        return self.query_rows("select * exclude (version), version from ops.methods order by table_name, id")


@contextmanager
def open_build(path: Path) -> Iterator[Reading]:
    """The build in the file `path`, read-only. Raises UsageError where there is none or it is no build."""
    if not path.exists():
        raise UsageError(
            f"there is no warehouse at {path}; make one with `breadthwise demo`, `import` and `build`, or set --home"
        )
    try:
        con = connect(path, read_only=True, memory_limit=_MEMORY, threads=2)
    except duckdb.Error as error:
        raise UsageError(f"{path} cannot be opened: {error_line(error)}") from error
    with con:
        reading = Reading(con)
        lacking = [table.name for table in TABLES if not reading.has_table(table.name)]
        if "headline_indices" in lacking:
            raise UsageError(f"{path} has no table reports.headline_indices: run `breadthwise build`")
        yield reading
