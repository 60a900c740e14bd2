"""`breadthwise why`: where a figure comes from."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.console.context import Context

if TYPE_CHECKING:
    from transforms.explain import Explained, Input

ONLY_READS = True
HELP = "Explain one cell: its model, the formula with its numbers, the facts behind it, their payloads and instants."
EXAMPLES = """  breadthwise why marts.index_returns "session_date=2026-01-23 index_id=RUT" return_ytd_pct
  breadthwise why marts.breadth_daily "session_date=2026-01-23 universe=all" advances --all > rows.csv"""
_PROVENANCE = ("payload_sha256", "known_at", "is_withdrawn", "source", "role")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", help="a table of marts or reports, with its schema where both have one of the name")
    parser.add_argument("key", help='the row: "column=value column=value", the columns of the table\'s grain')
    parser.add_argument("column", help="the column")
    parser.add_argument("--all", action="store_true", help="every input row, as CSV, and nothing else")


def run(arguments: argparse.Namespace, context: Context) -> int:
    from transforms.explain import SHOWN, explain_cell

    limit = None if arguments.all else SHOWN
    found = explain_cell(context.home, context.settings, arguments.table, arguments.key, arguments.column, limit)
    if arguments.all:
        _write_csv(found)
        return 0
    for line in _explanation_lines(found, context.home):
        print(line)
    return 0


def _explanation_lines(found: Explained, home: Path) -> Iterator[str]:
    from flows.build.version import code_version

    column, model = found.column, found.model
    yield f"{model.name} {_name_value_text(found.key)}"
    yield f"{column.name} = {_shorten_value(found.value)}{' ' + column.unit if column.unit and found.value is not None else ''}"
    reason = next((found.row[name] for name in ("reason", "reason_en", "note", "note_en") if found.row.get(name)), None)
    if found.value is None and reason:
        yield f"  reason:   {reason}"
    yield f"  meaning:  {column.description}"
    yield f"  model:    {model.description}"
    for method in found.methods:
        yield f"  method:   {method['id']} v{method['version']}: {method['formula']}"
        yield from (
            f"            {name}: {value}"
            for name in ("parameters", "citation", "deviations")
            if (value := method[name])
        )
    yield f"  made from: {', '.join(found.made_from)} of the lake"
    known = found.built["as_of"] or found.built["built_at"]
    yield f"  build:    {found.built['build_id']}, facts known by {_shorten_value(known)}"
    if found.built["code_version"] != (installed := code_version()):
        yield f"            made by other code, {found.built['code_version']}, than is installed, {installed}: value and method"
        yield "            are of that build, meaning, model and rows as this code has them; `breadthwise build` makes it anew"
    if not found.is_lake_the_same:
        yield "            the lake has other facts since; shown are those known by then"
    if found.applied:
        yield f"  applied:  {found.applied}"
    if model.evidence is None:
        yield "  evidence: the model's header declares none; what follows are the facts of the row's session"
    named = [given for given in found.inputs if given.total]
    for given in named:
        yield from _input_lines(given, home)
    if not named:
        yield "no facts of the lake are named for this row"
    yield from _withdrawn_lines(found, home)
    yield from _refused_lines(found, home)


def _refused_lines(found: Explained, home: Path) -> Iterator[str]:
    """Of a figure that is missing, what was refused of its symbol or index on its session."""
    from flows.inspect.quarantine import refused_rows_of_day

    day, symbol = found.row.get("session_date"), found.row.get("symbol") or found.row.get("index_id")
    if found.value is not None or not day or not symbol:
        return
    for row in refused_rows_of_day(home, found.made_from, symbol, day):
        yield f"refused of {row['dataset']} from {row['source']}: {row['reason']}"
        yield f"  breadthwise quarantine show {row['row_id']}"


def _withdrawn_lines(found: Explained, home: Path) -> Iterator[str]:
    """Facts of the session that were taken back, with the run that did it and its reason where the journal has it."""
    from warehouse.contracts.datasets import CONTRACTS
    from warehouse.runs.withdrawals import find_withdrawal

    for dataset, fact in found.withdrawn:
        key = {name: fact[name] for name in CONTRACTS[dataset].key}
        by = find_withdrawal(home, fact["known_at"])
        why = f": {by[1]}" if by else ""
        yield f"withdrawn of {dataset} at {_shorten_value(fact['known_at'])}: {_name_value_text(key)}{why}"
        yield from ([f"  by run {by[0]}"] if by else [])


def _input_lines(given: Input, home: Path) -> Iterator[str]:
    more = (
        f", the first {len(given.rows)} are shown (--all for the rest, as CSV)" if given.total > len(given.rows) else ""
    )
    yield f"{given.total} rows of {given.dataset}{more}"
    for row in given.rows:
        key = {name: row[name] for name in _key_columns(given)}
        values = {n: v for n, v in row.items() if n not in key and n not in _PROVENANCE and v is not None}
        yield f"  {row['role']}: {_name_value_text(key)}"
        yield f"    {_name_value_text(values)}"
        yield f"    known_at {_shorten_value(row['known_at'])}, payload {row['payload_sha256']}"
        yield from (f"    {line}" for line in _request_lines(home, row["payload_sha256"]))
        for fact in given.history.get(given.key_values(row), []):
            if (fact["known_at"], fact["payload_sha256"]) != (row["known_at"], row["payload_sha256"]):
                yield f"    another fact: {_fact_line(fact, key)}"


def _fact_line(fact: dict[str, Any], key: dict[str, Any]) -> str:
    values = {n: v for n, v in fact.items() if n not in key and n not in _PROVENANCE and v is not None}
    what = "withdrawn" if fact["is_withdrawn"] else _name_value_text(values)
    return f"known_at {_shorten_value(fact['known_at'])}, payload {fact['payload_sha256']}: {what}"


def _request_lines(home: Path, digest: str) -> Iterator[str]:
    """Where the bytes came from, and when: one line a request."""
    from warehouse.payloads.store import PayloadStore

    asked = list(PayloadStore(home).requests_for_payload(digest))
    for request in asked[:3]:
        place = request.get("url") or request.get("options", {}).get("file") or request.get("source") or "unknown"
        yield f"fetched {request.get('fetched_at', 'unknown')} from {place}"
    if not asked:
        yield f"the payload's request is not in {home / 'raw'}"


def _key_columns(given: Input) -> tuple[str, ...]:
    from warehouse.contracts.datasets import CONTRACTS

    return CONTRACTS[given.dataset].key


def _write_csv(found: Explained) -> None:
    """One table for all datasets: a column is empty where a dataset does not have it."""
    names = ["dataset", *dict.fromkeys(name for given in found.inputs for row in given.rows[:1] for name in row)]
    writer = csv.DictWriter(sys.stdout, names, restval="", lineterminator="\n")
    writer.writeheader()
    for given in found.inputs:
        for row in given.rows:
            writer.writerow({"dataset": given.dataset, **{name: _shorten_value(value) for name, value in row.items()}})


def _name_value_text(values: dict[str, Any]) -> str:
    return " ".join(f"{name}={_shorten_value(value)}" for name, value in values.items())


def _shorten_value(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return "" if value is None else str(value)
