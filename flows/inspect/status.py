"""What there is and how it goes: lake, warehouse, sessions, runs. Reads only, and little: the answer comes at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from flows.alerts.listing import status_line, waiting_lines
from flows.build.version import code_version
from warehouse import calendar
from warehouse.builds.publish import current_build
from warehouse.duck import connect
from warehouse.lake.manifest import Manifest, manifest_path, read_manifest
from warehouse.runs.journal import Journal
from warehouse.settings import Settings

_RUNS = 5
_DAYS = 15


def status_lines(home: Path, settings: Settings, now: datetime, sessions_shown: int = _DAYS) -> Iterator[str]:
    """The report, a line at a time. Raises LakeError where something is damaged."""
    manifest = read_manifest(manifest_path(home))
    yield f"home        {home}"
    yield from _lake_lines(manifest)
    yield from _warehouse_lines(home, settings, now, manifest, sessions_shown)
    yield from _run_lines(home)
    alerts = status_line(home)
    if alerts:
        yield f"alerts      {alerts}"
        yield from (f"  ! {line}" for line in waiting_lines(home))


def _lake_lines(manifest: Manifest) -> Iterator[str]:
    if not manifest.files:
        yield "lake        empty; `breadthwise demo`, `breadthwise import` or `breadthwise run` fills it"
        return
    facts = sum(file.rows for file in manifest.files)
    size = sum(file.bytes for file in manifest.files) / 1e6
    refused = sum(file.rows for file in manifest.quarantine)
    yield f"lake        {facts:,} facts in {len(manifest.files)} files, {size:,.0f} MB; {refused:,} rows in quarantine"
    for dataset in sorted({file.dataset for file in manifest.files}):
        files = manifest.files_of_dataset(dataset)
        first = min(file.first_date for file in files if file.first_date)
        last = max(file.last_date for file in files if file.last_date)
        yield f"  {dataset:<20} {sum(file.rows for file in files):>12,}  {first} to {last}"


def _warehouse_lines(home: Path, settings: Settings, now: datetime, manifest: Manifest, shown: int) -> Iterator[str]:
    build = current_build(home)
    if build is None:
        if manifest.files:
            yield "warehouse   none; `breadthwise build` makes it"
        return
    with connect(build, read_only=True) as connection:
        fingerprint, built_at, code = connection.execute(
            "select lake_fingerprint, epoch_us(built_at), code_version from ops.builds limit 1"
        ).fetchall()[0]
        instant = datetime.fromtimestamp(built_at / 1e6, now.tzinfo)
        current = (
            ""
            if fingerprint == manifest.fingerprint
            else "; the lake has newer facts, `breadthwise build` takes them in"
        )
        yield f"warehouse   {build.stem}, built {instant:%Y-%m-%d %H:%M} UTC by {code}{current}"
        if code != (installed := code_version()):
            yield f"  ! made by other code than is installed ({installed}); next: `breadthwise build`"
        if connection.execute(
            "select 1 from duckdb_tables() where table_name = 'shrunk_tables' and estimated_size > 0"
        ).fetchall():
            # takes as long to import as all else that is shown, and most builds have lost nothing
            from transforms.restatements import describe_shrunk_tables

            lost = describe_shrunk_tables(connection)
            if lost:
                yield f"  ! {lost}"
        yield from _session_lines(connection, settings, now, shown)


def _session_lines(con: duckdb.DuckDBPyConnection, settings: Settings, now: datetime, shown: int) -> Iterator[str]:
    """The ledger: how many sessions of each status, then the newest ones, a column a dataset."""
    yield "sessions    (P present, v provisional, i implied, p partial, . missing, blank: not asked for yet)"
    counts = con.execute(
        "select dataset, string_agg(n || ' ' || status, ', ' order by status) from ("
        "select dataset, status, count(*) as n from ops.session_ledger group by all) group by 1 order by 1"
    ).fetchall()
    for dataset, text in counts:
        yield f"  {dataset:<20} {text}"
    last = calendar.last_completed_session(now, settings.close_margin_minutes)
    days = calendar.sessions_between(last - timedelta(days=2 * shown + 14), last)[-shown:]
    found: dict[tuple[str, date], str] = {
        (dataset, day): status
        for dataset, day, status in con.execute(
            "select dataset, session_date, status from ops.session_ledger where session_date >= ?", [days[0]]
        ).fetchall()
    }
    signs = {"present": "P", "provisional": "v", "implied": "i", "partial": "p", "missing": "."}
    yield f"  last {len(days)} sessions to {last}"
    for dataset, _ in counts:
        yield f"  {dataset:<20} {''.join(signs.get(found.get((dataset, day), ''), ' ') for day in days)}|"


def _fact_word(kind: str) -> str:
    """Runs that end facts, or give earlier ones back, write facts; no row is new for it."""
    return "written" if kind in ("import undo", "withdraw", "restore") else "new"


def _run_lines(home: Path) -> Iterator[str]:
    runs = Journal(home).list_runs(_RUNS)
    if not runs:
        yield "runs        none"
        return
    yield f"runs        newest {len(runs)}"
    kind_width, status_width = (max(len(run[name]) for run in runs) for name in ("kind", "status"))
    for run in runs:
        took = f"{(run['ended_at'] - run['started_at']).total_seconds():.0f} s" if run["ended_at"] else "-"
        yield (
            f"  {run['run_id']}  {run['kind']:<{kind_width}} {run['status']:<{status_width}} {took:>6}  "
            f"{run['accepted']:,} {_fact_word(run['kind'])}, {run['known']:,} known, {run['quarantined']:,} quarantined"
        )
        if run["message"]:
            yield f"    {run['message'][:200]}"
        if run["status"] == "crashed":
            yield f"    to resume: {_retry_advice(run['kind'])}"


def _retry_advice(kind: str) -> str:
    command = {"daily": "run"}.get(kind, kind)
    return f"run `breadthwise {command}` with the same arguments; what it had committed is not fetched or written twice"
