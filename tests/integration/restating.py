"""A small home by hand for the tests of restatements, verify and why: indices, funds and stocks of forty sessions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from flows.build.publish import Published, build_and_publish
from flows.console.context import Reporter
from tests.unit.test_build import NOW, SESSIONS, datasets, rows_of
from warehouse.lake.lake import Lake
from warehouse.payloads.store import PayloadStore
from warehouse.runs.journal import Journal
from warehouse.settings import Settings

LATER = NOW + timedelta(days=1)
REQUEST = {
    "source": "test",
    "dataset": "index_bars",
    "fetched_at": NOW.isoformat(),
    "url": "https://example.test/bars?key=***",
}


def bar(symbol: str, day: int, close: float | None, **more: Any) -> dict[str, Any]:
    """A bar of the session number `day` of the fixture, learnt a day after all others."""
    row = {"symbol": symbol, "session_date": SESSIONS[day], "basis": "raw", "close": close, "is_final": True}
    return {**row, "known_at": LATER, "payload_sha256": "1" * 64, **more}


def make_home(home: Path) -> str:
    """A home with facts of which the payload is stored; returns the payload's SHA-256."""
    digest = PayloadStore(home).put_payload(b"symbol,close\n", REQUEST)
    tables = {
        name: rows_of(name, [{**row, "payload_sha256": digest} for row in table.to_pylist()])
        for name, table in datasets().items()
    }
    Lake(home).commit("run-1", tables)
    return digest


def commit(home: Path, run_id: str, rows: Mapping[str, list[dict[str, Any]]]) -> None:
    Lake(home).commit(run_id, {name: rows_of(name, given) for name, given in rows.items()})


def publish(home: Path, now: datetime, settings: Settings | None = None) -> Published:
    """Build and publish as `breadthwise build` does, at the instant `now`."""
    given = settings or Settings()
    with Journal(home).record_run("build", {}, now) as run:
        return build_and_publish(home, given, run, now, Reporter(quiet=True))


def ask(home: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        con.execute("set timezone = 'UTC'")
        return con.execute(query).fetchall()


def at(hours: int) -> datetime:
    return datetime(2026, 2, 10, tzinfo=UTC) + timedelta(hours=hours)
