"""Warnings: what is suspicious but possible in the rows that were accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import duckdb
import numpy as np
import pyarrow as pa

from expectations.rules import rules_of_contract
from expectations.split import learnt_date
from warehouse.calendar_table import session_table
from warehouse.contracts.contract import Contract
from warehouse.duck import quote_identifier

_EXAMPLES = 5


@dataclass(frozen=True)
class PayloadFacts:
    """What is known of a payload beside its rows: the day up to which they were asked for; the number of rows of the
    session before, compared only where the payload holds one session; the rows that could not even be read, and how
    many of these are mere holes, which say nothing against the payload; and where it is from."""

    until: date | None = None
    rows_before: int | None = None
    unreadable: int = 0
    holes: int = 0
    source: str = ""


@dataclass(frozen=True)
class Finding:
    """A warning: `count` rows, days or payloads are suspicious but possible; `examples` are the first of them."""

    dataset: str
    rule: str
    count: int
    text: str
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = "; ".join(self.examples) + (" ..." if self.count > len(self.examples) else "")
        return f"{self.dataset}: {self.rule}: {self.count} outside of: {self.text} {shown}"


def row_findings(contract: Contract, table: pa.Table, broken: Mapping[str, np.ndarray]) -> list[Finding]:
    """One finding for each warning rule that accepted rows of `table` break (`broken`: row numbers by rule)."""
    found = []
    for rule in rules_of_contract(contract):
        rows = broken.get(rule.name)
        if rule.severity == "warn" and rows is not None and len(rows):
            first = table.take(pa.array(rows[:_EXAMPLES]))
            names = (*contract.key, *(name for name in rule.columns if name not in contract.key))
            found.append(Finding(contract.name, rule.name, len(rows), rule.description, _format_examples(first, names)))
    return found


def rows_by_day(
    con: duckdb.DuckDBPyConnection, contract: Contract, accepted: pa.Table, facts: Mapping[str, PayloadFacts]
) -> pa.Table:
    """The accepted rows of each day of a series: payload_sha256, source, (basis,) the date, rows, rows_before. Empty where no
    rule of the contract asks for them."""
    series = ["payload_sha256", "source", *(["basis"] if "basis" in contract.key else [])]
    if not accepted.num_rows or not any(rule.scope == "day" for rule in rules_of_contract(contract)):
        kept = [contract.lake_schema.field(name) for name in (*series, contract.year_column)]
        return pa.schema([*kept, ("rows", pa.int64()), ("rows_before", pa.int64())]).empty_table()
    names, day = ", ".join(quote_identifier(name) for name in series), quote_identifier(contract.year_column)
    payload_counts = [(digest, fact.rows_before) for digest, fact in facts.items() if fact.rows_before is not None]
    con.register("accepted_rows", accepted)
    con.register(
        "payload_counts",
        pa.table(
            {
                "digest": pa.array([t[0] for t in payload_counts], pa.string()),
                "rows_before_payload": pa.array([t[1] for t in payload_counts], pa.int64()),
            }
        ),
    )
    days = con.sql(
        f"""with days as (select {names}, {day}, count(*) as rows from accepted_rows group by all)
        select {names}, {day}, rows,
            coalesce(lag(rows) over series, case when count(*) over (partition by {names}) = 1 then rows_before_payload end)
                as rows_before
        from days left join payload_counts on digest = payload_sha256
        window series as (partition by {names} order by {day})
        order by all"""
    ).to_arrow_table()
    con.unregister("accepted_rows")
    con.unregister("payload_counts")
    return days


def payload_freshness(
    contract: Contract, accepted: pa.Table, limit: int, facts: Mapping[str, PayloadFacts]
) -> pa.Table:
    """For each payload the newest date of its accepted rows and the oldest that would still be fresh."""
    newest = accepted.group_by("payload_sha256").aggregate([(contract.year_column, "max"), ("known_at", "max")])
    rows = []
    for digest, last, known_at in zip(*(column.to_pylist() for column in newest.columns), strict=True):
        until = facts.get(digest, PayloadFacts()).until or learnt_date(known_at)
        rows.append(
            {"payload_sha256": digest, "newest_date": last, "oldest_fresh_date": _sessions_before(until, limit)}
        )
    schema = pa.schema(
        [("payload_sha256", pa.string()), ("newest_date", pa.date32()), ("oldest_fresh_date", pa.date32())]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def batch_findings(
    con: duckdb.DuckDBPyConnection, contract: Contract, days: pa.Table, freshness: pa.Table
) -> list[Finding]:
    """Findings about days and payloads as a whole."""
    found = []
    for rule in rules_of_contract(contract):
        table = {"day": days, "batch": freshness}.get(rule.scope)
        if table is None or not table.num_rows:
            continue
        con.register("lines", table)
        bad = con.sql(f"select * from lines where {rule.predicate} order by all").to_arrow_table()
        con.unregister("lines")
        if bad.num_rows:
            names = [name for name in bad.schema.names if name != "payload_sha256"]
            found.append(
                Finding(
                    contract.name,
                    rule.name,
                    bad.num_rows,
                    rule.description,
                    _format_examples(bad.slice(0, _EXAMPLES), names),
                )
            )
    return found


def _format_examples(rows: pa.Table, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(", ".join(f"{name} {row[name]}" for name in names) for row in rows.to_pylist())


@lru_cache(maxsize=1024)
def _sessions_before(until: date, count: int) -> date:
    """The session that lies `count` sessions before the last one on or before `until`."""
    days = session_table()["session_date"].to_numpy()
    position = int(np.searchsorted(days, np.datetime64(until), side="right")) - 1 - count
    oldest: date = days[max(position, 0)].astype(object)
    return oldest
