"""The tables of schema `ops`: what was built from what, and how the runs went. A journal, outside the pure function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from transforms.engine.model import Method, Model
from transforms.engine.run import OUT
from warehouse.duck import quote_literal
from warehouse.errors import ModelError

# table -> (what it is, its grain, columns as (name, type, unit: meaning)): the one place where `ops` is declared
TABLES: dict[str, tuple[str, str, tuple[tuple[str, str, str], ...]]] = {
    "builds": (
        "What this build was made from, and the hash of each of its tables.",
        "build_id x table_name",
        (
            ("build_id", "VARCHAR", "Name of the build."),
            ("lake_fingerprint", "VARCHAR", "Names the set of facts in the lake."),
            ("as_of", "TIMESTAMP WITH TIME ZONE", "UTC: only facts known by then were used; null for all."),
            ("code_version", "VARCHAR", "Version of the code."),
            ("settings_hash", "VARCHAR", "Names the set of settings."),
            ("built_at", "TIMESTAMP WITH TIME ZONE", "UTC: when the build began."),
            ("table_name", "VARCHAR", "A table of marts or reports."),
            ("rows", "BIGINT", "rows: Rows of the table."),
            ("hash", "VARCHAR", "Sum of the hashes of its rows modulo 2**64; equal tables have equal hashes."),
        ),
    ),
    "restatements": (
        "Cells of marts and reports that have another value than in the build before, and rows that are gone, with the cause. "
        "New rows are no restatements. Capped at 1000 a table, the latest keys first; restatement_counts has them all.",
        "table_name x key x column_name",
        (
            ("table_name", "VARCHAR", "A table of marts or reports."),
            ("key", "VARCHAR", "The row, as name=value of the columns of its grain."),
            ("column_name", "VARCHAR", "Which cell; null where the whole row is gone."),
            ("old_value", "VARCHAR", "Value in the build before, as text."),
            ("new_value", "VARCHAR", "Value in this build, as text."),
            ("change", "VARCHAR", "changed or deleted."),
            (
                "cause",
                "VARCHAR",
                "New or withdrawn facts of which datasets and payloads, other code, or other settings.",
            ),
        ),
    ),
    "restatement_counts": (
        "How much of each table is not as in the build before; tables that are equal are not listed. Of a table whose rows the "
        "build before named by other columns the counts are null.",
        "table_name",
        (
            ("table_name", "VARCHAR", "A table of marts or reports."),
            ("previous_build_id", "VARCHAR", "The build before."),
            ("rows_added", "BIGINT", "rows: Rows that are new."),
            ("rows_deleted", "BIGINT", "rows: Rows that are gone."),
            ("rows_changed", "BIGINT", "rows: Rows with another value in some cell."),
            ("cells_changed", "BIGINT", "cells: Cells with another value."),
            ("shown", "BIGINT", "rows: How many of the changes stand in ops.restatements."),
            (
                "cause",
                "VARCHAR",
                "New or withdrawn facts of which datasets and payloads, other code, or other settings.",
            ),
        ),
    ),
    "shrunk_tables": (
        "Tables that have lost over 5 % of their rows against the build before; lists of faults are not among them.",
        "table_name",
        (
            ("table_name", "VARCHAR", "A table of marts or reports."),
            ("previous_build_id", "VARCHAR", "The build before."),
            ("rows_before", "BIGINT", "rows: Rows in the build before."),
            ("rows", "BIGINT", "rows: Rows now."),
            (
                "cause",
                "VARCHAR",
                "New or withdrawn facts of which datasets and payloads, other code, or other settings.",
            ),
        ),
    ),
    "series_restatements": (
        "What later facts changed in the series of bars, each restatement as one event: neighbouring bars that one payload "
        "multiplied by one factor (a dividend on an adjusted series, a split), or changed in another way.",
        "dataset x symbol x source x basis x first_date x known_at x payload_sha256",
        (
            ("dataset", "VARCHAR", "index_bars, sector_bars or equity_bars."),
            ("symbol", "VARCHAR", "Symbol in canonical form."),
            ("source", "VARCHAR", "Who gave the series."),
            ("basis", "VARCHAR", "How prices are adjusted."),
            ("kind", "VARCHAR", "adjustment, split, correction, provisional (no restatement), withdrawn or restored."),
            ("first_date", "DATE", "First session of the event: the seam, where has_seam."),
            ("last_date", "DATE", "Last session of the event."),
            ("rows", "BIGINT", "rows: Bars that changed."),
            ("factor", "DOUBLE", "Closes after / closes before, over all bars of the event."),
            ("is_suffix", "BOOLEAN", "The event reaches the last final bar that was known before it."),
            ("has_seam", "BOOLEAN", "Bars before the first one were known and not changed."),
            ("known_at", "TIMESTAMP WITH TIME ZONE", "UTC: when it was learnt."),
            ("old_payload", "VARCHAR", "SHA-256 of the bytes that gave the values before."),
            ("payload_sha256", "VARCHAR", "SHA-256 of the bytes that gave the values after."),
        ),
    ),
    "session_ledger": (
        "What there is of each session of each dataset of bars.",
        "dataset x session_date",
        (
            ("dataset", "VARCHAR", "Dataset of bars."),
            ("session_date", "DATE", "Session of the exchange calendar."),
            ("status", "VARCHAR", "present, provisional, implied, partial or missing."),
            ("rows", "BIGINT", "rows: Rows of the session."),
            ("note", "VARCHAR", "What is amiss, in words."),
        ),
    ),
    "quarantine_counts": (
        "Rows that were refused, by rule.",
        "dataset x rule",
        (
            ("dataset", "VARCHAR", "Dataset that the rows were meant for."),
            ("rule", "VARCHAR", "Rule that refused them."),
            ("rows", "BIGINT", "rows: Refused rows."),
        ),
    ),
    "runs": (
        "Runs of the pipeline as the journal has them, with the account of their rows.",
        "run_id",
        (
            ("run_id", "VARCHAR", "Name of the run."),
            ("kind", "VARCHAR", "What was run."),
            ("arguments", "VARCHAR", "With which arguments."),
            ("started_at", "TIMESTAMP WITH TIME ZONE", "UTC: when it began."),
            ("ended_at", "TIMESTAMP WITH TIME ZONE", "UTC: when it ended; null while it runs."),
            ("status", "VARCHAR", "running, done, gaps, failed or crashed."),
            ("exit_code", "BIGINT", "Exit code of the command."),
            ("fetched", "BIGINT", "rows: Rows read from sources; accepted, known and quarantined add up to it."),
            (
                "accepted",
                "BIGINT",
                "rows: Rows that became new facts; of an undo or a withdrawal the facts and tombstones that it wrote.",
            ),
            (
                "known",
                "BIGINT",
                "rows: Rows that the lake had already, and those left out for they say again what was withdrawn.",
            ),
            ("quarantined", "BIGINT", "rows: Rows refused."),
            ("warnings", "BIGINT", "rows: Rows accepted with a warning."),
            ("message", "VARCHAR", "How it ended, in words."),
        ),
    ),
    "methods": (
        "How each metric is computed: formula, parameters, what it was checked against, where it deviates.",
        "id x version x table_name",
        (
            ("id", "VARCHAR", "Name of the method."),
            ("version", "BIGINT", "Its version: raised when the same facts give other values."),
            ("table_name", "VARCHAR", "Table in which its values stand."),
            ("formula", "VARCHAR", "Formula."),
            ("parameters", "VARCHAR", "Parameters and gates."),
            ("citation", "VARCHAR", "Who published it."),
            ("oracle", "VARCHAR", "What its values were checked against."),
            ("deviations", "VARCHAR", "Where it differs from what was published."),
        ),
    ),
}


@dataclass(frozen=True)
class Provenance:
    """What a build was made from."""

    build_id: str
    lake_fingerprint: str
    as_of: datetime | None
    code_version: str
    settings_hash: str
    built_at: datetime


def write_ops(
    con: duckdb.DuckDBPyConnection,
    provenance: Provenance,
    models: Iterable[Model],
    hashes: Mapping[str, tuple[int, str]],
    journal: Mapping[str, pa.Table],
) -> None:
    """Make the tables of `ops` in the published file.

    `journal` may hold 'runs', a table with at least the columns of ops.runs. Raises ModelError where it lacks one.
    """
    for table, (description, grain, columns) in TABLES.items():
        _make_ops_table(con, table, description, grain, columns)
    p = provenance
    common = (p.build_id, p.lake_fingerprint, p.as_of, p.code_version, p.settings_hash, p.built_at)
    _insert_rows(con, "builds", [(*common, table, rows, digest) for table, (rows, digest) in sorted(hashes.items())])
    _insert_rows(con, "methods", [_method_row(m, method) for m in models for method in m.methods])
    con.execute(
        f"insert into {OUT}.ops.session_ledger select dataset, session_date, status, rows, note "
        "from intermediate.session_ledger order by dataset, session_date"
    )
    con.execute(
        f"insert into {OUT}.ops.quarantine_counts select dataset, rule, count(*) from lake.quarantine "
        "group by dataset, rule order by dataset, rule"
    )
    _insert_runs(con, journal.get("runs"))


def _make_ops_table(
    con: duckdb.DuckDBPyConnection, table: str, description: str, grain: str, columns: tuple[tuple[str, str, str], ...]
) -> None:
    listed = ", ".join(f'"{name}" {kind}' for name, kind, _ in columns)
    statements = [f"create table {OUT}.ops.{table} ({listed})"]
    statements += [f"comment on table {OUT}.ops.{table} is '{description} Grain: {grain}.'"]
    statements += [
        f'comment on column {OUT}.ops.{table}."{name}" is {quote_literal(meaning)}' for name, _, meaning in columns
    ]
    con.execute("; ".join(["begin", *statements, "commit"]))


def _insert_rows(con: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:  # in one statement: of a hundred, each would take as long
        places = ", ".join(f"({', '.join('?' * len(row))})" for row in rows)
        con.execute(f"insert into {OUT}.ops.{table} values {places}", [value for row in rows for value in row])


def _insert_runs(con: duckdb.DuckDBPyConnection, runs: pa.Table | None) -> None:
    if runs is None:
        return
    names = [name for name, _, _ in TABLES["runs"][2]]
    missing = [name for name in names if name not in runs.column_names]
    if missing:
        raise ModelError(f"the journal's table of runs lacks {', '.join(missing)}; ops.runs cannot be made from it")
    con.register("journal_runs", runs.select(names))
    con.execute(f"insert into {OUT}.ops.runs select * from journal_runs order by started_at, run_id")
    con.unregister("journal_runs")


def _method_row(model: Model, method: Method) -> tuple[Any, ...]:
    return (
        method.id,
        method.version,
        model.name,
        method.formula,
        method.parameters,
        method.citation,
        method.oracle,
        method.deviations,
    )
