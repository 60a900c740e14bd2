"""Runs one model alone on the small tables of an example file and compares its rows with those worked by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from reports.texts import texts_for_sql
from transforms.engine import run
from transforms.engine.databases import SEARCH_PATH, create_functions
from transforms.engine.graph import model_inputs
from transforms.engine.load import load_models
from transforms.engine.model import LAYERS, PUBLISHED, Model
from transforms.engine.values import model_values
from warehouse.calendar_table import session_table
from warehouse.contracts.datasets import CONTRACTS
from warehouse.settings import Settings

FOLDER = Path(__file__).parent
VALUES = model_values(Settings(), texts_for_sql())
_LAKE_TABLES = {
    "sessions": {
        "session_date": "DATE",
        "seq": "INTEGER",
        "close_at": "TIMESTAMP WITH TIME ZONE",
        "is_early_close": "BOOLEAN",
    },
    "sessions_in_reach": {"session_date": "DATE", "seq": "INTEGER"},
    "grades": {"spelling": "VARCHAR", "level": "VARCHAR"},
    "series_rank": {"dataset": "VARCHAR", "source": "VARCHAR", "basis": "VARCHAR", "rank": "INTEGER"},
}
# a summary of rows, made by its own SELECT of those that a case gives
SUMMARIES = {
    "intermediate.bar_spans": "staging.equity_bars",
    "intermediate.bar_runs": "intermediate.bar_spans",
    "intermediate.symbol_spans": "intermediate.instruments",
    "intermediate.lead_ranks": "marts.index_spreads",
    "intermediate.counted_universes": "intermediate.universe_sums",
    "intermediate.close_spans": "intermediate.sector_segments",
    "intermediate.bar_sessions": "intermediate.bar_spans",
    "intermediate.changed_symbol_bars": "intermediate.bar_sessions",
    "intermediate.paired_stretches": "intermediate.bar_spans",
    "intermediate.paired_closes": "staging.equity_bars_of_block",
    "intermediate.known_stretches": "staging.equity_bars_history",
    "intermediate.restated_stock_facts": "staging.equity_bars_history",
    "intermediate.final_bars": "intermediate.restated_bars",
    "intermediate.restated_series": "intermediate.restated_bars",
    "intermediate.restated_closes": "intermediate.restated_bars",
    "intermediate.ends_of_restatements": "intermediate.restated_closes",
    "intermediate.placed_ratings": "staging.rating_actions",
    "intermediate.requested_sessions": "intermediate.placed_ratings",
    "intermediate.requested_bars": "staging.equity_bars_of_block",
    "intermediate.stock_disagreements": "staging.equity_bars_of_block",
}
_IN_REACH = "staging.sessions_in_reach"
# tables that are the exchange's calendar where a case leaves them out
_CALENDARS = ("lake.sessions", "staging.sessions", _IN_REACH)
# tables of the lake that have the columns of another one
_LIKE = {"carried_bars": "equity_bars", "equity_bars_of_block": "equity_bars"}
_TRUE_UNLESS_GIVEN = frozenset({"is_final"})
# the bars of the block that is made are those that a case gives
_OF_BLOCK, _BARS = "staging.equity_bars_of_block", "staging.equity_bars"


@dataclass(frozen=True)
class Case:
    """One example: `inputs` and `expected` are tables as text, `where` picks the rows that are compared."""

    model: str
    description: str
    inputs: dict[str, str]
    expected: str
    where: str
    parameters: dict[str, Any]


@lru_cache(maxsize=1)
def models() -> dict[str, Model]:
    return load_models()


def cases() -> list[Case]:
    """The cases of all example files, in the order of their names."""
    found = []
    for path in sorted(FOLDER.glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]:
            unknown = set(entry) - {"description", "inputs", "expected", "where", "parameters"}
            assert not unknown, f"{path.name}: unknown field {unknown}"
            parameters = {**VALUES, **entry.get("parameters", {})}
            where = entry.get("where", "true")
            found.append(Case(path.stem, entry["description"], entry["inputs"], entry["expected"], where, parameters))
    return found


def read_table(text: str) -> tuple[list[str], list[list[str | None]]]:
    """Column names and rows of a table in text; an empty cell is None, '' is the empty text."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines() if line.strip()]
    names, *rows = lines
    for row in rows:
        assert len(row) == len(names), f"a row of {len(row)} cells under {len(names)} columns: {row}"
    return names, [[None if cell == "" else "" if cell == "''" else cell for cell in row] for row in rows]


def expanded(row: list[str | None]) -> list[list[str | None]]:
    """The row; of one with cells such as `1..251` or `1..99/2` one row for each number, such cells going up together."""
    spans = {i: re.fullmatch(r"(\d+)\.\.(\d+)(?:/(\d+))?", cell or "") for i, cell in enumerate(row)}
    numbers = {i: range(int(found[1]), int(found[2]) + 1, int(found[3] or 1)) for i, found in spans.items() if found}
    if not numbers:
        return [row]
    columns = [numbers.get(i, [cell] * len(next(iter(numbers.values())))) for i, cell in enumerate(row)]
    return [[None if cell is None else str(cell) for cell in one] for one in zip(*columns, strict=True)]


def check_case(case: Case) -> None:
    """Build the model of the case, its header and invariants checked, and compare the rows."""
    model = models()[case.model]
    schemas = {"lake", *LAYERS}
    summaries: list[str] = []
    needed = model_inputs(model, schemas)
    while found := sorted((needed & SUMMARIES.keys()) - case.inputs.keys()):
        summaries = found + summaries
        needed = needed - set(found) | {one for name in found for one in model_inputs(models()[name], schemas)}
    is_of_block = _OF_BLOCK in needed and _OF_BLOCK not in case.inputs
    if is_of_block:
        needed = needed - {_OF_BLOCK} | {_BARS}
    assert set(case.inputs) <= needed, f"{case.model} does not read {set(case.inputs) - needed}"
    with connection() as con:
        for table in sorted(needed):
            make_input(con, table, case.inputs.get(table))
        if _IN_REACH in needed and _IN_REACH not in case.inputs and "staging.sessions" in case.inputs:
            con.execute(
                f"delete from {_IN_REACH}; insert into {_IN_REACH} select session_date, seq from staging.sessions"
            )
        if is_of_block:
            con.execute(f"create view {_OF_BLOCK} as from {_BARS}")
        for name in dict.fromkeys(summaries):
            run.make_table(con, models()[name], case.parameters)
        run.build_model(con, model, case.parameters)
        names, rows = read_table(case.expected)
        types = {column.name: column.type for column in model.columns}
        unknown = [name for name in names if name not in types]
        assert not unknown, f"{case.model} has no column {unknown}"
        listed = ", ".join(f'"{name}"' for name in names)
        built = con.execute(f"select {listed} from {model.name} where {case.where}").fetchall()
        expected = [_comparable(con, types, names, row) for row in rows]
        _compare(names, expected, [tuple(map(_seen, row)) for row in built])


def connection() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"threads": 1})
    con.execute(
        "set TimeZone = 'UTC'; attach ':memory:' as out; attach ':memory:' as scratch; attach ':memory:' as kept"
    )
    for schema in LAYERS:
        con.execute(f"create schema {run.OUT if schema in PUBLISHED else run.SCRATCH}.{schema}")
    con.execute("create schema out.ops; create schema kept.intermediate; use scratch")
    create_functions(con, texts_for_sql())
    con.execute(f"set search_path = '{SEARCH_PATH}'")
    return con


def _types(table: str) -> dict[str, str]:
    schema, stem = table.split(".")
    if schema != "lake":
        return {column.name: column.type for column in models()[table].columns}
    stem = _LIKE.get(stem, stem)
    if stem in CONTRACTS:
        return {c.name: c.duckdb_type for c in CONTRACTS[stem].all_columns if c.name != "is_withdrawn"}
    if stem.removesuffix("_history") in CONTRACTS:
        return {c.name: c.duckdb_type for c in CONTRACTS[stem.removesuffix("_history")].all_columns}
    confirmed = CONTRACTS.get(stem.removesuffix("_confirmations"))
    if confirmed:
        return {
            name: confirmed.find_column(name).duckdb_type for name in (*confirmed.key, "known_at", "payload_sha256")
        }
    return _LAKE_TABLES[stem]


def make_input(con: duckdb.DuckDBPyConnection, table: str, text: str | None) -> None:
    """An input that a case leaves out is empty, and bars are final unless it says otherwise; staging.sessions and those in reach
    are then the exchange's calendar."""
    types = _types(table)
    database = run.OUT if table.split(".")[0] in PUBLISHED else run.SCRATCH
    declared = ", ".join(
        f'"{name}" {kind}{" default true" if name in _TRUE_UNLESS_GIVEN else ""}' for name, kind in types.items()
    )
    con.execute(f"create table {database}.{table} ({declared})")
    if text is None:
        if table in _CALENDARS:
            con.register("calendar", session_table())
            columns = ", ".join(f'"{name}"' for name in types)
            con.execute(f"insert into {database}.{table} select {columns} from calendar")
        return
    names, rows = read_table(text)
    unknown = [name for name in names if name not in types]
    assert not unknown, f"{table} has no column {unknown}"
    places = ", ".join(f"cast(? as {types[name]})" for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    for values in (one for row in rows for one in expanded(row)):
        con.execute(f"insert into {database}.{table} ({listed}) values ({places})", values)


@dataclass(frozen=True)
class Expected:
    """A value worked by hand; a float holds within half a unit of its last digit, if six decimals or more are given."""

    value: Any
    tolerance: float

    def fits(self, built: Any) -> bool:
        if isinstance(self.value, float) and isinstance(built, float):
            return abs(built - self.value) <= self.tolerance * max(1.0, abs(self.value))
        return bool(built == self.value)


def _comparable(
    con: duckdb.DuckDBPyConnection, types: dict[str, str], names: list[str], row: list[str | None]
) -> tuple[Expected, ...]:
    places = ", ".join(f"cast(? as {types[name]})" for name in names)
    values = con.execute(f"select {places}", row).fetchall()[0]
    return tuple(Expected(_seen(value), _tolerance(text)) for value, text in zip(values, row, strict=True))


def _tolerance(text: str | None) -> float:
    decimals = len(text.partition(".")[2]) if text else 0
    return 0.5 * 10**-decimals if decimals >= 6 else 1e-12


def _seen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _compare(names: list[str], expected: list[tuple[Expected, ...]], built: list[tuple[Any, ...]]) -> None:
    """Every expected row is found once, in any order, and nothing is left."""
    left = list(built)
    missing = []
    for wanted in expected:
        fitting = [row for row in left if all(e.fits(value) for e, value in zip(wanted, row, strict=True))]
        if fitting:
            left.remove(fitting[0])
        else:
            missing.append(tuple(e.value for e in wanted))
    assert (missing, left) == ([], []), f"columns {names}\nexpected, not built: {missing}\nbuilt, not expected: {left}"
