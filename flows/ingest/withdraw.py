"""Ending a wrong fact by hand, and taking that back: a tombstone, or the fact once more, with who and why in the journal."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from warehouse.contracts.contract import Column, Contract
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import quote_identifier, quote_identifiers
from warehouse.errors import UsageError
from warehouse.lake.commit import open_workspace
from warehouse.lake.facts import scan_facts_sql
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal

WITHDRAW, RESTORE = "withdraw", "restore"
_SHOWN = 5


def withdraw_fact(home: Path, dataset: str, key: Mapping[str, str], reason: str, now: datetime) -> list[str]:
    """End the one fact of `dataset` that the columns of `key` name, known from `now` on; returns lines for a person.

    Raises UsageError where no fact or several are named, a date is none, it is withdrawn already, or without a reason.
    """
    contract, newest, _ = _newest_facts(home, dataset, key, reason)
    living = [row for row in newest if not row["is_withdrawn"]]
    if newest and not living:
        raise UsageError(
            f"{_describe_fact(contract, newest[0])} is withdrawn already; `breadthwise restore` takes that back"
        )
    fact = _require_one_fact(contract, living, key)
    kept = {*contract.key, "source", "payload_sha256"}
    tombstone = {name: fact[name] if name in kept else None for name in contract.lake_schema.names}
    run_id = _commit_fact(home, WITHDRAW, contract, {**tombstone, "known_at": now, "is_withdrawn": True}, reason, now)
    return [f"{_describe_fact(contract, fact)} is withdrawn: {reason}", f"run {run_id}"]


def restore_fact(home: Path, dataset: str, key: Mapping[str, str], reason: str, now: datetime) -> list[str]:
    """Take a withdrawal back: the fact before it is known again from `now` on; returns lines for a person.

    That a correction has come since is no hindrance: the fact that was withdrawn stands against it then.

    Raises UsageError where no withdrawn fact or several are named, or without a reason.
    """
    contract, newest, before = _newest_facts(home, dataset, key, reason)
    gone = [row for row in newest if row["is_withdrawn"]]
    if not gone:
        gone = before = _corrected_facts(home, contract, newest)
    fact = _require_one_fact(contract, gone, key, "withdrawn ")
    kept = [row for row in before if _is_same_key(contract, row, fact)]
    if not kept:
        raise UsageError(f"{_describe_fact(contract, fact)} was never given, so there is nothing to restore")
    run_id = _commit_fact(home, RESTORE, contract, {**kept[0], "known_at": now}, reason, now)
    return [f"{_describe_fact(contract, fact)} is a fact again: {reason}", f"run {run_id}"]


def _corrected_facts(home: Path, contract: Contract, newest: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the keys of `newest` the facts that were withdrawn last, where the withdrawal was not taken back."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for _, wrong in standing_withdrawals(home, contract):
        if any(_is_same_key(contract, wrong, row) for row in newest):
            found[tuple(wrong[name] for name in contract.key)] = wrong
    return list(found.values())


def _is_same_key(contract: Contract, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[name] == other[name] for name in contract.key)


def _newest_facts(
    home: Path, dataset: str, key: Mapping[str, str], reason: str
) -> tuple[Contract, list[dict[str, Any]], list[dict[str, Any]]]:
    """Of all keys that `key` names the newest fact, and the newest one that is no tombstone."""
    if dataset not in CONTRACTS:
        raise UsageError(f"no dataset is called {dataset!r}; choose from {', '.join(sorted(CONTRACTS))}")
    if not reason.strip():
        raise UsageError("a withdrawal needs its reason: --reason TEXT")
    contract = CONTRACTS[dataset]
    unknown = [name for name in key if name not in contract.key]
    if unknown or not key:
        what = f"{unknown[0]} is none of these" if unknown else "none is given"
        raise UsageError(f"a fact of {dataset} is named by {', '.join(contract.key)}: {what}")
    key = {name: _parse_key_value(contract.find_column(name), value) for name, value in key.items()}
    if not Lake(home).manifest().files_of_dataset(dataset):
        raise UsageError(f"the lake holds no {dataset}")
    facts = facts_of_key(home, contract, key)
    newest: dict[tuple[Any, ...], dict[str, Any]] = {}
    before: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in facts:
        named = tuple(row[name] for name in contract.key)
        newest.setdefault(named, row)
        if not row["is_withdrawn"]:
            before.setdefault(named, row)
    return contract, list(newest.values()), list(before.values())


def _parse_key_value(column: Column, value: str) -> str:
    """The value as DuckDB reads it. Raises UsageError where a day or an instant of the key is none."""
    try:
        if column.type == "date":
            return date.fromisoformat(value).isoformat()
        if column.type == "instant":
            return datetime.fromisoformat(value).isoformat()
    except ValueError as error:
        what, example = ("date", "2026-01-23") if column.type == "date" else ("instant", "2026-01-23T23:00:00Z")
        raise UsageError(f"{column.name}={value} is no {what}; write it as {example}") from error
    return value


def facts_of_key(home: Path, contract: Contract, key: Mapping[str, str]) -> list[dict[str, Any]]:
    """All facts whose key has the given values, withdrawals too, the newest first, in an order of their own."""
    files = Lake(home).manifest().files_of_dataset(contract.name)
    if not files:
        return []
    same = " and ".join(
        f"{quote_identifier(name)} = try_cast(? as {contract.find_column(name).duckdb_type})" for name in key
    )
    names = quote_identifiers(c.name for c in contract.all_columns)
    query = f"""select {names} from {scan_facts_sql(contract, home, files)} where {same}
        order by known_at desc, payload_sha256 desc, {quote_identifiers(contract.key)}"""
    with open_workspace(home) as con:
        cursor = con.execute(query, list(key.values()))
        columns = [str(entry[0]) for entry in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def standing_withdrawals(home: Path, contract: Contract) -> Iterator[tuple[str, dict[str, Any]]]:
    """For each withdrawal that stands its reason and the fact that it ended."""
    standing: dict[str, list[tuple[datetime, str]]] = {}
    keys: dict[str, dict[str, str]] = {}
    for run in reversed(Journal(home).list_runs()):
        if run["kind"] not in (WITHDRAW, RESTORE) or run["status"] != "done":
            continue
        arguments = json.loads(run["arguments"])
        if arguments.get("dataset") != contract.name:
            continue
        name = json.dumps(arguments["key"], sort_keys=True)
        keys[name] = arguments["key"]
        # a restored fact is right after all: whatever was withdrawn of it before may come again
        standing[name] = (
            [*standing.get(name, []), (run["started_at"], arguments["reason"])] if run["kind"] == WITHDRAW else []
        )
    for name, withdrawals in standing.items():
        if not withdrawals:
            continue
        facts = facts_of_key(home, contract, keys[name])
        for instant, reason in withdrawals:
            if wrong := _withdrawn_fact(facts, instant):
                yield reason, wrong


def _withdrawn_fact(facts: list[dict[str, Any]], instant: datetime) -> dict[str, Any] | None:
    """Of a key's facts, the newest first, the one that was withdrawn at `instant`: the tombstone bears its payload. One that came
    since, dated before the withdrawal, was none."""
    payload = next((one["payload_sha256"] for one in facts if one["known_at"] == instant and one["is_withdrawn"]), None)
    before = [fact for fact in facts if fact["known_at"] < instant and not fact["is_withdrawn"]]
    named = [fact for fact in before if fact["payload_sha256"] == payload]
    return next(iter(named or before), None)


def _require_one_fact(
    contract: Contract, rows: list[dict[str, Any]], key: Mapping[str, str], kind: str = ""
) -> dict[str, Any]:
    if len(rows) == 1:
        return rows[0]
    asked = " ".join(f"{name}={value}" for name, value in key.items())
    if not rows:
        raise UsageError(f"{contract.name} has no {kind}fact {asked}; a key is {', '.join(contract.key)}")
    listed = "; ".join(_describe_fact(contract, row) for row in rows[:_SHOWN])
    raise UsageError(f"{len(rows)} {kind}facts of {contract.name} are {asked}; name more of the key: {listed}")


def _describe_fact(contract: Contract, row: Mapping[str, Any]) -> str:
    return f"{contract.name} {' '.join(f'{name}={row[name]}' for name in contract.key)}"


def _commit_fact(home: Path, kind: str, contract: Contract, row: dict[str, Any], reason: str, now: datetime) -> str:
    named = {"dataset": contract.name, "key": {name: str(row[name]) for name in contract.key}}
    table = pa.Table.from_pylist([row], schema=contract.lake_schema)
    with Journal(home).record_run(kind, {**named, "reason": reason, "by": _user_name()}, now) as run:
        written = Lake(home).commit(run.run_id, {contract.name: table}).written[contract.name]
        run.record_batch(
            contract.name,
            row["source"],
            row["payload_sha256"],
            fetched=1,
            accepted=written,
            known=1 - written,
            message=kind,
        )
        run.message = reason
        return run.run_id


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
