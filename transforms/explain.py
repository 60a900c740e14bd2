"""One cell of the warehouse, explained down to the facts, the payloads they came in, and the instants.

The model's header says which facts a row is made from (`evidence`); the lake is read as it stood for the build. What the SQL
of evidence may read besides lake.* and the published tables is `asked.base`, one row: `window_name`, the window that the
column's name speaks of (1d where it speaks of none), `base_date`, the session before it, `year_base_date`, the last session of
the year before, and `series`, 'source basis' where the row took that window from another series.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from transforms import lineage
from transforms.engine.graph import parameter_names
from transforms.engine.load import load_models
from transforms.engine.model import Evidence, Model, ModelColumn
from transforms.other_release import other_release_error
from warehouse.builds.publish import refuse_lost_build
from warehouse.contracts.datasets import CONTRACTS
from warehouse.duck import connect, error_line, quote_literal
from warehouse.errors import ModelError, UsageError
from warehouse.lake.lake import Lake
from warehouse.lake.manifest import Manifest
from warehouse.runs.withdrawals import withdrawals_of_row
from warehouse.settings import Settings

SHOWN = 20
_NEAR = 5
_PAIR = re.compile(r"(\w+)\s*=\s*(.*?)(?=[,\s]+\w+\s*=|\s*$)", re.DOTALL)
_WINDOW = re.compile(r"(?:^|_)(\d+d|wtd|mtd|qtd|ytd)(?:_|$)")
_TO_DATE = {"wtd": "week", "mtd": "month", "qtd": "quarter", "ytd": "year"}


@dataclass(frozen=True)
class Input:
    """The facts of one dataset that the cell is made from: `rows` as given, `total` of them, earlier facts of the same keys."""

    dataset: str
    total: int
    rows: list[dict[str, Any]]
    history: dict[tuple[Any, ...], list[dict[str, Any]]]

    def key_values(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(row[name] for name in CONTRACTS[self.dataset].key)


@dataclass(frozen=True)
class Explained:
    """A cell with all that it hangs on. `built` is the warehouse's row of ops.builds, `methods` its methods of the table."""

    model: Model
    column: ModelColumn
    key: dict[str, Any]
    row: dict[str, Any]
    built: dict[str, Any]
    methods: list[dict[str, Any]]
    is_lake_the_same: bool
    made_from: list[str]
    applied: str
    inputs: list[Input]
    # dataset and tombstone: facts of the row's session that were taken back
    withdrawn: list[tuple[str, dict[str, Any]]]

    @property
    def value(self) -> Any:
        return self.row[self.column.name]


def explain_cell(
    home: Path, settings: Settings, table: str, key: str, column: str, limit: int | None = SHOWN
) -> Explained:
    """The cell `column` of the row `key` ('name=value name=value') of `table`, with at most `limit` facts a dataset.

    Raises UsageError where there is no such table, column or row, and says which there are.
    """
    models = load_models()
    model = _find_model(models, table)
    declared = _find_column(model, column)
    warehouse = home / "warehouse.duckdb"
    if not warehouse.exists():
        refuse_lost_build(home)
        raise UsageError(f"there is no warehouse at {warehouse}; make one with `breadthwise build`, or set --home")
    with connect() as con:
        con.execute(f"attach {quote_literal(str(warehouse))} as built (read_only)")
        wanted = _parse_key(model, key)
        [built] = _query_rows(con, "select * from built.ops.builds limit 1", [])
        row = _select_row(
            con, model, wanted, lambda: withdrawals_of_row(home, wanted, built["as_of"] or built["built_at"])
        )
        if declared.name not in row:
            raise other_release_error(str(built["code_version"]), [f"{model.name}.{declared.name}"])
        manifest = Lake(home).manifest()
        _attach_lake(
            con, Lake(home), _manifest_around_row(manifest, row), built["as_of"] or built["built_at"], settings
        )
        evidence, cells = _evidence_for_row(con, models, model, row)
        inputs, applied = _evidence_inputs(
            con, evidence, cells | {"column": column, "benchmark": settings.benchmark}, limit
        )
        if not inputs:
            inputs = _facts_of_session(con, models, model, row, limit)
        named = {name: row[name] for name in _key_columns(model)}
        same = manifest.fingerprint == built["lake_fingerprint"]
        datasets = lineage.upstream_datasets(models, model.name)
        withdrawn = _withdrawn_facts(con, datasets, row)
        methods = _query_rows(con, "select * from built.ops.methods where table_name = ?", [model.name])
        return Explained(model, declared, named, row, built, methods, same, datasets, applied, inputs, withdrawn)


def _find_model(models: Mapping[str, Model], table: str) -> Model:
    published = {name: model for name, model in models.items() if model.is_published}
    found = sorted(name for name, model in published.items() if table in (name, model.stem))
    if not found:
        raise UsageError(f"there is no table {table!r}; choose from {', '.join(sorted(published))}")
    if len(found) > 1:
        raise UsageError(f"there are several tables {table}; write which is meant: {' or '.join(found)}")
    return published[found[0]]


def _find_column(model: Model, column: str) -> ModelColumn:
    for declared in model.columns:
        if declared.name == column:
            return declared
    raise UsageError(f"{model.name} has no column {column!r}; it has {', '.join(c.name for c in model.columns)}")


def _key_columns(model: Model) -> list[str]:
    """What names a row here: the columns of the grain that the table has (a report may leave one out)."""
    names = [name.strip() for name in model.grain.split(" x ")]
    return [name for name in names if name in {column.name for column in model.columns}]


def _parse_key(model: Model, key: str) -> dict[str, str]:
    wanted = {name: value.strip().strip("'\"").rstrip(",") for name, value in _PAIR.findall(key)}
    names = _key_columns(model)
    shape = " ".join(f"{name}=..." for name in names)
    unknown = sorted(set(wanted) - set(names))
    missing = [name for name in names if name not in wanted]
    if unknown or missing or not wanted:
        what = f"{unknown[0]} is none of these" if unknown else f"{missing[0]} is missing in {key!r}"
        raise UsageError(f'a row of {model.name} is named by "{shape}": {what}')
    return wanted


def _select_row(
    con: duckdb.DuckDBPyConnection, model: Model, wanted: Mapping[str, str], why_absent: Callable[[], str]
) -> dict[str, Any]:
    types = {column.name: column.type for column in model.columns}
    names = _key_columns(model)
    same = [f'"{name}" is not distinct from try_cast(? as {types[name]})' for name in names]
    values = [wanted[name] or None for name in names]
    rows = _query_rows(con, f"select * from built.{model.name} where {' and '.join(same)}", values)
    if rows:
        return rows[0]
    for name, value in zip(names, values, strict=True):
        if con.execute(f"select try_cast(? as {types[name]})", [value]).fetchall() == [(None,)] and value:
            raise UsageError(f"{name}={value} is no {types[name].lower()}")
    order = " + ".join(f"({one})::int" for one in same)
    near = (
        f" desc, abs(session_date - try_cast({quote_literal(wanted['session_date'])} as date))"
        if "session_date" in wanted
        else " desc"
    )
    listed = ", ".join(f'"{name}"' for name in names)
    found = _query_rows(
        con, f"select {listed} from built.{model.name} order by {order}{near}, {listed} limit {_NEAR}", values
    )
    known = (
        "; ".join(" ".join(f"{name}={value}" for name, value in row.items()) for row in found) or "the table is empty"
    )
    asked = " ".join(f"{name}={value}" for name, value in wanted.items())
    raise UsageError(f"{model.name} has no row {asked}{why_absent()}; near it are: {known}")


def _manifest_around_row(manifest: Manifest, row: Mapping[str, Any]) -> Manifest:
    """Funds and stocks of the years of the row's dates and those beside them: others have no part in it and are long to read."""
    years = {value.year + n for value in row.values() if isinstance(value, date) for n in (-1, 0, 1)}
    left_out = ("sector_bars", "equity_bars")
    return replace(manifest, files=tuple(f for f in manifest.files if f.dataset not in left_out or f.year in years))


def _attach_lake(
    con: duckdb.DuckDBPyConnection, lake: Lake, manifest: Manifest, known_by: datetime, settings: Settings
) -> None:
    """The lake as it was known, beside the published tables under their own names."""
    lake.attach_views(con, manifest, known_by)
    con.execute("create table lake.series_rank (dataset varchar, source varchar, basis varchar, rank integer)")
    con.executemany(
        "insert into lake.series_rank values (?, ?, ?, ?)", [(*row, i) for i, row in enumerate(settings.series_rank, 1)]
    )
    con.execute("create schema evidence; create schema asked; set search_path = 'main,built.marts,built.reports'")


def _evidence_for_row(
    con: duckdb.DuckDBPyConnection, models: Mapping[str, Model], model: Model, row: dict[str, Any]
) -> tuple[Evidence | None, dict[str, Any]]:
    """The evidence that holds for the row, and the cells that it asks for: those of the mart that a report shows."""
    if model.evidence is None or not model.evidence.of:
        return model.evidence, row
    mart = models[model.evidence.of]
    shared = [name for name in mart.key if name in row]
    same = " and ".join(f'"{name}" is not distinct from ?' for name in shared)
    found = _query_rows(con, f"select * from built.{mart.name} where {same} limit 1", [row[name] for name in shared])
    return mart.evidence, {**{column.name: None for column in mart.columns}, **(found[0] if found else {}), **row}


def _evidence_inputs(
    con: duckdb.DuckDBPyConnection, evidence: Evidence | None, cells: Mapping[str, Any], limit: int | None
) -> tuple[list[Input], str]:
    if evidence is None:
        return [], ""
    _make_base_table(con, cells)
    inputs = []
    for dataset, sql in evidence.rows:
        _execute_evidence(con, dataset, sql, cells, f"create table evidence.{dataset} as ")
        inputs.append(_select_input(con, dataset, f"select * from evidence.{dataset}", limit))
    if not evidence.applied:
        return inputs, ""
    applied = _execute_evidence(con, "applied", evidence.applied, cells).fetchall()
    return inputs, str(applied[0][0]) if applied and applied[0][0] else ""


def _execute_evidence(
    con: duckdb.DuckDBPyConnection, what: str, sql: str, cells: Mapping[str, Any], prefix: str = ""
) -> duckdb.DuckDBPyConnection:
    given = {name: cells[name] for name in sorted(parameter_names(sql))}
    try:
        return con.execute(prefix + sql, given)
    except duckdb.Error as error:
        raise ModelError(f"the evidence in the model's header fails: {what}: {error_line(error)}") from error


def _make_base_table(con: duckdb.DuckDBPyConnection, cells: Mapping[str, Any]) -> None:
    session: date | None = cells.get("session_date")
    found = _WINDOW.search(str(cells["column"]))
    window = found[1] if found else "1d"
    last_before = "(select max(session_date) from lake.sessions where session_date < date_trunc('{}', $session::date))"
    base = last_before.format(_TO_DATE.get(window, ""))
    if window not in _TO_DATE:
        base = f"""(select b.session_date from lake.sessions as s
            inner join lake.sessions as b on s.seq - {int(window[:-1])} = b.seq where s.session_date = $session)"""
    other = re.search(rf"(?:^|, ){window} ([^,]+)", str(cells.get("other_series") or ""))
    con.execute(
        f"""create table asked.base as select $window as window_name, {base} as base_date, $series::varchar as series,
            {last_before.format("year")} as year_base_date""",
        {"window": window, "session": session, "series": other[1] if other else None},
    )


def _select_input(con: duckdb.DuckDBPyConnection, dataset: str, sql: str, limit: int | None) -> Input:
    (total,) = con.execute(f"select count(*) from ({sql})").fetchall()[0]
    rows = _query_rows(con, sql if limit is None else f"from ({sql}) limit {limit}", [])
    found = Input(dataset, int(total), rows, {})
    names = CONTRACTS[dataset].key
    if rows and limit is not None:
        marks = ", ".join("?" for _ in names)
        keys = ", ".join([f"({marks})"] * len(rows))
        listed = ", ".join(f'"{name}"' for name in names)
        query = f"select * from lake.{dataset}_history where ({listed}) in ({keys}) order by known_at desc, payload_sha256 desc"
        for fact in _query_rows(con, query, [row[name] for row in rows for name in names]):
            found.history.setdefault(found.key_values(fact), []).append(fact)
    return found


def _facts_of_session(
    con: duckdb.DuckDBPyConnection, models: Mapping[str, Model], model: Model, row: Mapping[str, Any], limit: int | None
) -> list[Input]:
    """Where a header names no evidence: the facts of the row's session, of its symbol or index where it has one."""
    day, symbol = row.get("session_date"), _symbol_of(row)
    inputs = []
    for dataset in lineage.upstream_datasets(models, model.name):
        contract = CONTRACTS[dataset]
        where = f'"{contract.year_column}" = {quote_literal(str(day))}::date' if day else "true"
        if symbol and "symbol" in contract.key:
            where += f" and symbol = {quote_literal(str(symbol))}"
        found = _select_input(
            con, dataset, f"select 'of the session' as role, * from lake.{dataset} where {where}", limit
        )
        if found.total:
            inputs.append(found)
    return inputs


def _symbol_of(row: Mapping[str, Any]) -> str | None:
    return row.get("symbol") or row.get("index_id")


def _withdrawn_facts(
    con: duckdb.DuckDBPyConnection, datasets: list[str], row: Mapping[str, Any]
) -> list[tuple[str, dict[str, Any]]]:
    """Facts of the row's session, of its symbol or index where it has one, that stand withdrawn: the newest first."""
    day, symbol = row.get("session_date"), _symbol_of(row)
    found = []
    for dataset in datasets:
        contract = CONTRACTS[dataset]
        if not day or contract.year_column not in contract.key:
            continue
        where, values = f'"{contract.year_column}" = ?', [day]
        if symbol and "symbol" in contract.key:
            where, values = f"{where} and symbol = ?", [day, symbol]
        key = ", ".join(f'"{name}"' for name in contract.key)
        query = f"""from (select * from lake.{dataset}_history where {where}
            qualify row_number() over (partition by {key} order by known_at desc, payload_sha256 desc) = 1)
            where is_withdrawn order by known_at desc, {key} limit {_NEAR}"""
        found += [(dataset, fact) for fact in _query_rows(con, query, values)]
    return found


def _query_rows(con: duckdb.DuckDBPyConnection, sql: str, values: list[Any]) -> list[dict[str, Any]]:
    found = con.execute(sql, values)
    names = [str(entry[0]) for entry in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
