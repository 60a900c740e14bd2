"""The SQL that splits a batch by its rules: which rows break what, which repeat another, and what quarantine says."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expectations.rules import Rule, row_rules, rules_of_contract
from warehouse import duck
from warehouse.calendar_table import session_table
from warehouse.contracts.contract import Contract
from warehouse.duck import quote_identifier, quote_literal
from warehouse.lake.quarantine import QUARANTINE_SCHEMA

ROW = "row_number"
DISPUTED = "in_dispute"  # the rule of quarantine for a row of which Great Expectations and the SQL say different things
_NEW_YORK = ZoneInfo("America/New_York")
_MAX_REASON_RULES = 62  # the broken rules of a row travel as the bits of one BIGINT


@dataclass(frozen=True)
class Verdict:
    """Row numbers of a batch, each array sorted: `broken` maps a row rule's name to the rows that break it;
    `conflicting` share a key with a different row; `repeated` say again what an earlier row said, each of which stands
    at the same place of `repeated_first`."""

    broken: dict[str, np.ndarray]
    conflicting: np.ndarray
    repeated: np.ndarray
    repeated_first: np.ndarray

    def with_repetitions(self, rows: np.ndarray) -> np.ndarray:
        """The given rows, sorted, and those that repeat one of them."""
        return np.union1d(rows, self.repeated[np.isin(self.repeated_first, rows)])


def learnt_date(known_at: datetime) -> date:
    """The day on which a row was learnt: in New York; the day itself where the instant is midnight UTC, a bare day."""
    instant = known_at.astimezone(UTC)
    # the first day of all has no evening before it in New York
    if instant.time() == time(0) or instant.date() == date.min:
        return instant.date()
    return instant.astimezone(_NEW_YORK).date()


def connect_with_sessions(memory_limit: str) -> duckdb.DuckDBPyConnection:
    """A cursor of a DuckDB in memory, with the table `sessions` of the exchange calendar."""
    spill = Path(tempfile.gettempdir()) / f"breadthwise-{os.getpid()}"
    con = duck.cursor(memory_limit=memory_limit, temp_directory=spill)
    con.register("calendar", session_table())
    con.execute("create temp table sessions as select session_date from calendar")
    con.unregister("calendar")
    return con


def find_verdict(con: duckdb.DuckDBPyConnection, contract: Contract, table: pa.Table) -> Verdict:
    """Hold `table` against the rules of `contract`."""
    if not table.num_rows:
        nothing = np.empty(0, np.int64)
        return Verdict({rule.name: nothing for rule in row_rules(contract)}, nothing, nothing, nothing)
    register_batch(con, table)
    try:
        return apply_rules(con, contract)
    finally:
        release_batch(con)


def register_batch(con: duckdb.DuckDBPyConnection, table: pa.Table) -> None:
    """Make `table` the view `batch`, with each row's number and the day on which it was learnt."""
    instants = [instant for instant in pc.unique(table["known_at"]).to_pylist() if instant is not None]
    learnt = pa.table(
        {
            "known_at": pa.array(instants, pa.timestamp("us", tz="UTC")),
            "learnt_date": pa.array([learnt_date(instant) for instant in instants], pa.date32()),
        }
    )
    numbered = table.append_column(ROW, pa.array(np.arange(table.num_rows, dtype=np.int64)))
    con.register("given", numbered)
    if len(instants) == 1 and not table["known_at"].null_count:
        only = quote_literal(learnt_date(instants[0]).isoformat())
        con.execute(f"create or replace temp view batch as select *, date {only} as learnt_date from given")
    else:
        con.register("learnt", learnt)
        con.execute(
            "create or replace temp view batch as "
            "select given.*, learnt_date from given left join learnt using (known_at)"
        )


def release_batch(con: duckdb.DuckDBPyConnection) -> None:
    """Forget the batch, so that its memory can go."""
    con.execute("drop view if exists batch")
    for name in ("given", "learnt"):
        con.unregister(name)


def apply_rules(con: duckdb.DuckDBPyConnection, contract: Contract) -> Verdict:
    """Hold the registered batch against the rules of `contract`."""
    rules = row_rules(contract)
    if len(rules) > _MAX_REASON_RULES:
        raise ValueError(f"contract {contract.name} has {len(rules)} rules a row; {_MAX_REASON_RULES} fit")
    bits = " + ".join(
        f"case when {rule.predicate} then {1 << bit}::bigint else 0 end" for bit, rule in enumerate(rules)
    )
    marked = con.sql(
        f"select {ROW}, broken from (select {ROW}, {bits} as broken from batch) where broken <> 0 order by {ROW}"
    ).to_arrow_table()
    rows, broken = marked[ROW].to_numpy(), marked["broken"].to_numpy()
    repeated, first, conflicting = _find_doubled_rows(con, contract)
    return Verdict(
        broken={rule.name: rows[(broken >> bit) & 1 == 1] for bit, rule in enumerate(rules)},
        conflicting=conflicting,
        repeated=repeated,
        repeated_first=first,
    )


def _find_doubled_rows(con: duckdb.DuckDBPyConnection, contract: Contract) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(repeated, what each repeats, conflicting) rows. Hashes find the few candidates cheaply; the rows themselves decide."""
    key = ", ".join(quote_identifier(name) for name in (*contract.key, "payload_sha256"))
    whole = ", ".join(quote_identifier(column.name) for column in contract.all_columns)
    predicate = next(rule.predicate for rule in rules_of_contract(contract) if rule.kind == "unique")
    often = f"select 1 from batch group by hash({key}) having count(*) > 1"
    if con.execute(f"select not exists ({often})").fetchall()[0][0]:
        nothing = np.empty(0, np.int64)
        return nothing, nothing, nothing
    con.execute(
        f"""create or replace temp table doubled as
        with hashed as (select {ROW}, hash({key}) as hashed_key from batch),
        often as (select hashed_key from hashed group by hashed_key having count(*) > 1),
        candidates as (select {ROW} from hashed where hashed_key in (select hashed_key from often))
        select batch.*, row_number() over same as nth, min({ROW}) over same as first_row
        from batch join candidates using ({ROW})
        window same as (partition by {whole} order by {ROW})"""
    )
    repeated = con.sql(f"select {ROW}, first_row from doubled where nth > 1 order by {ROW}").to_arrow_table()
    conflicting = con.sql(
        f"select {ROW} from (select * from doubled where nth = 1) qualify {predicate} order by {ROW}"
    ).to_arrow_table()
    con.execute("drop table doubled")
    return repeated[ROW].to_numpy(), repeated["first_row"].to_numpy(), conflicting[ROW].to_numpy()


def quarantine_rows(
    con: duckdb.DuckDBPyConnection, contract: Contract, refused: pa.Table, run_id: str, at: datetime
) -> pa.Table:
    """The rows of quarantine for `refused`, in the order of row numbers: the batch's columns plus `broken_rules`, a list of
    names in order, and `dispute`, both verdicts in words where the two readings of a rule differ on the row."""
    if not refused.num_rows:
        return QUARANTINE_SCHEMA.empty_table()
    con.register("refused_rows", refused)
    rules = {rule.name: rule for rule in rules_of_contract(contract)}
    named = pc.unique(refused["broken_rules"].combine_chunks().flatten()).to_pylist()
    occurring = [rules[name] for name in named]
    key = _columns_as_json_sql(contract.key)
    row = _columns_as_json_sql(contract.row_schema.names)
    query = f"""
        select {quote_literal(contract.name)} as dataset, {key} as key,
            case when dispute is null then broken_rules[1] else {quote_literal(DISPUTED)} end as rule,
            {_broken_rule_case(occurring, lambda r: quote_literal(", ".join(r.columns)))} as column_name,
            {_broken_rule_case(occurring, _rule_value_sql)} as value,
            concat_ws('; ', dispute, {", ".join([_rule_reason_sql(rule) for rule in occurring] or ["null"])}) as reason,
            {row} as "row", payload_sha256, source, {quote_literal(run_id)} as run_id, $at as quarantined_at
        from refused_rows order by {ROW}"""
    found = con.sql(query, params={"at": at}).to_arrow_table()
    con.unregister("refused_rows")
    return found.cast(QUARANTINE_SCHEMA)


def _broken_rule_case(rules: Iterable[Rule], expression: Callable[[Rule], str]) -> str:
    cases = " ".join(f"when {quote_literal(rule.name)} then {expression(rule)}" for rule in rules)
    return f"case broken_rules[1] {cases} end" if cases else "null::varchar"


def _rule_value_sql(rule: Rule) -> str:
    if len(rule.columns) == 1:
        return f"{quote_identifier(rule.columns[0])}::varchar"
    return _name_value_pairs_sql(rule.columns)


def _name_value_pairs_sql(columns: Iterable[str]) -> str:
    shown = [
        f"{quote_literal(name + ' = ')} || coalesce({quote_identifier(name)}::varchar, 'null')" for name in columns
    ]
    return "concat_ws(', ', " + ", ".join(shown) + ")"


def _rule_reason_sql(rule: Rule) -> str:
    expected = quote_literal(f"{rule.name} ({rule.description.rstrip('.')}): ")
    found = _name_value_pairs_sql(rule.columns)
    return f"case when list_contains(broken_rules, {quote_literal(rule.name)}) then {expected} || {found} end"


def _columns_as_json_sql(columns: Iterable[str]) -> str:
    """Every value as text (or null): a NaN has no JSON number, and text casts back to the very same value. Without
    the instant of learning, so that the same refusal met again is the same fact."""
    members = ", ".join(f"{quote_identifier(name)} := {quote_identifier(name)}::varchar" for name in columns)
    return f"to_json(struct_pack({members}))::varchar"
