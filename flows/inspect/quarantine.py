"""What was refused: counted, shown, and released as a fact where somebody decides that a rule does not hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from expectations.check import STOPPED, UNREADABLE
from warehouse.contracts.contract import Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import connect, quote_identifier, quote_literal
from warehouse.errors import UsageError
from warehouse.lake.lake import Lake
from warehouse.lake.quarantine import QUARANTINE_SCHEMA
from warehouse.runs.journal import Run

RELEASED = "released"
_ROW_ID = 'substr(sha256(concat_ws(chr(31), dataset, payload_sha256, "row")), 1, 12)'


def count_refused_rows(home: Path) -> list[dict[str, Any]]:
    """Refused rows by dataset and rule: dataset, rule, rows, released, newest."""
    return _query_quarantine(
        home,
        """select dataset, rule, count(*) as rows, count(*) filter (is_released) as released,
            max(quarantined_at) as newest
        from refused group by all order by all""",
    )


def list_refused_rows(
    home: Path, dataset: str | None = None, rule: str | None = None, limit: int = 20
) -> list[dict[str, Any]]:
    """The newest refused rows: row_id and the columns of quarantine, those already released left out."""
    return _query_quarantine(
        home,
        """select * from refused where not is_released and dataset = coalesce(?, dataset) and rule = coalesce(?, rule)
        order by quarantined_at desc, dataset, rule, key, row_id limit ?""",
        [dataset, rule, limit],
    )


def refused_rows_of_day(home: Path, datasets: Sequence[str], symbol: str, day: date) -> list[dict[str, Any]]:
    """What stands in quarantine of a symbol and a session, released rows left out: columns as of `list_refused_rows`."""
    return _query_quarantine(
        home,
        """select * from refused where not is_released and list_contains(?, dataset) and key like '{%}'
        and key ->> '$.symbol' = ? and key ->> '$.session_date' = ?
        order by quarantined_at desc, dataset, rule, key, row_id limit 20""",
        [list(datasets), symbol, day.isoformat()],
    )


def released_rows_of_run(home: Path, run_id: str) -> list[dict[str, Any]]:
    """What the run refused and was released since: columns as of `list_refused_rows`, a row once."""
    return _query_quarantine(
        home,
        """select * from refused where is_released and run_id = ?
        qualify row_number() over (partition by row_id order by rule) = 1 order by dataset, key, row_id""",
        [run_id],
    )


def show_refused_row(home: Path, row_id: str) -> list[dict[str, Any]]:
    """All that is known of one refused row: one dict for each rule that it was refused by.

    `row_id` may be cut short where it stays unique. Raises UsageError for an unknown or an unclear one.
    """
    found = _query_quarantine(
        home, "select * from refused where starts_with(row_id, ?) order by quarantined_at, rule", [row_id]
    )
    ids = sorted({row["row_id"] for row in found})
    if not row_id or not ids:
        raise UsageError(f"no row {row_id!r} in quarantine; `breadthwise quarantine list --rows` names them")
    if len(ids) > 1:
        raise UsageError(f"{row_id!r} names {len(ids)} rows ({', '.join(ids[:5])}); give more of it")
    return found


def release_row(home: Path, run: Run, row_id: str, now: datetime) -> dict[str, Any]:
    """Commit a refused row as a fact known from `now`, its rule waived; quarantine then says so. Returns the row.

    Raises UsageError for an unknown row, one that is released already, and one that can be no fact: unreadable,
    without a required value, or with a number that is not finite.
    """
    row = show_refused_row(home, row_id)[0]
    where = f"row {row['row_id']} of {row['dataset']}"
    if row["is_released"]:
        raise UsageError(f"{where} is released already")
    if row["rule"] == STOPPED:
        raise UsageError(
            f"{where} stands for a whole payload: raise refused_share_limit.{row['dataset']} in breadthwise.toml and "
            "import it again"
        )
    if row["rule"] == UNREADABLE:
        raise UsageError(f"{where} cannot be read ({row['reason']}): mend the file or the parser and import it again")
    contract = CONTRACTS[row["dataset"]]
    table = _typed_fact(contract, row, now)
    _refuse_unusable_fact(contract, table, where)
    note = {name: row[name] for name in QUARANTINE_SCHEMA.names}
    note |= {"rule": RELEASED, "reason": f"{row['rule']} waived", "run_id": run.run_id, "quarantined_at": now}
    notes = pa.Table.from_pylist([note], schema=QUARANTINE_SCHEMA)
    committed = Lake(home).commit(run.run_id, {contract.name: table}, notes)
    run.record_batch(
        contract.name,
        row["source"],
        row["payload_sha256"],
        fetched=1,
        accepted=committed.written[contract.name],
        known=committed.known[contract.name],
        message=f"released from quarantine: {row['row_id']}, {row['rule']} waived",
    )
    return row


def _query_quarantine(home: Path, sql: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
    lake = Lake(home)
    stored = lake.quarantined_sql(lake.manifest())
    refused = f"""with stored as (select {_ROW_ID} as row_id, * from ({stored})),
        refused as (
            select *, row_id in (select row_id from stored where rule = {quote_literal(RELEASED)}) as is_released
            from stored where rule <> {quote_literal(RELEASED)}
        ) """
    with connect() as con:
        table = con.sql(refused + sql, params=values or []).to_arrow_table()
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def _typed_fact(contract: Contract, row: dict[str, Any], now: datetime) -> pa.Table:
    """The row with its types; its values were written as text that casts back to the very same value."""
    columns = [
        f"""json_extract_string($row, {quote_literal('$."' + field.name + '"')})::{contract.find_column(field.name).duckdb_type}
            as {quote_identifier(field.name)}"""
        for field in contract.row_schema
    ]
    with connect() as con:
        query = f"""select {", ".join(columns)}, $payload as payload_sha256, $now as known_at, false as is_withdrawn"""
        values = {"row": row["row"], "payload": row["payload_sha256"], "now": now}
        return con.sql(query, params=values).to_arrow_table().cast(contract.lake_schema)


def _refuse_unusable_fact(contract: Contract, table: pa.Table, where: str) -> None:
    [values] = table.to_pylist()
    for column in contract.all_columns:
        value = values[column.name]
        if column.required and value is None:
            raise UsageError(f"{where} has no {column.name}: without it it can be no fact")
        if isinstance(value, float) and value - value != 0:
            raise UsageError(f"{where} has {column.name} = {value}: only a finite number can be a fact")
