"""Small payloads of one close a line, taken into a home, and what it holds of them then."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from flows.console.context import Reporter
from flows.ingest.ingest import ingest_payloads
from flows.ingest.report import Failure, IngestReport
from sources.base import Parsed, Rejected, Request, table_from_rows
from sources.payloads import ParsedPayload
from tests.support.payloads import taken_in
from warehouse.errors import ChangedShape, FormatError
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal
from warehouse.settings import Settings

NOW = datetime(2026, 1, 24, 12, tzinfo=UTC)
FETCHED = datetime(2026, 1, 23, 23, tzinfo=UTC)


def parse(payload: bytes, request: Request) -> Parsed:
    """`symbol,day,close` a line; a first line `html` is no answer; a close that is no number is rejected."""
    text = payload.decode()
    if text.startswith("html"):
        raise FormatError("it is a web page, not CSV")
    if text.startswith("changed"):
        raise ChangedShape("the column close is gone")
    rows, rejected = [], []
    for symbol, day, close in csv.reader(io.StringIO(text)):
        try:
            price = float(close)
        except ValueError:
            rejected.append(Rejected(request.dataset, f"{symbol},{day},{close}", f"close {close!r} is no number"))
            continue
        given = {"symbol": symbol, "session_date": date.fromisoformat(day), "basis": "raw", "close": price}
        rows.append({**given, "is_final": True})
    return Parsed({request.dataset: table_from_rows(request.dataset, rows, request.source)}, rejected, {"lines": 1})


@dataclass(frozen=True)
class Item:
    body: bytes
    request: Request


def item(text: str, dataset: str = "index_bars", source: str = "vendor", **asked: Any) -> Item:
    given: dict[str, Any] = {"fetched_at": FETCHED, "symbol": "SPX"} | asked
    return Item(text.encode(), Request(source=source, dataset=dataset, **given))


def taken(home: Path, items: Iterable[Item | Failure]) -> Iterator[ParsedPayload | Failure]:
    for one in items:
        yield one if isinstance(one, Failure) else taken_in(home, one.body, one.request, parse)


def bring(home: Path, *items: Item | Failure, settings: Settings | None = None) -> IngestReport:
    with Journal(home).record_run("import", {}, NOW) as run:
        return ingest_payloads(home, settings or Settings(), run, taken(home, items), NOW, Reporter(quiet=True))


def facts(home: Path, dataset: str = "index_bars", columns: str = "symbol, session_date::varchar, close") -> list[Any]:
    lake = Lake(home)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        lake.attach_views(con, lake.manifest())
        return con.execute(f"select {columns} from lake.{dataset} order by all").fetchall()


def quarantined(home: Path) -> list[Any]:
    lake = Lake(home)
    with duckdb.connect() as con:
        return con.execute(
            f"select dataset, rule, value from ({lake.quarantined_sql(lake.manifest())}) order by all"
        ).fetchall()


def balance(report: IngestReport) -> dict[str, tuple[int, int, int, int]]:
    kinds = ("fetched", "accepted", "known", "quarantined")
    return {name: tuple(report.total_rows(kind, name) for kind in kinds) for name in report.datasets}  # type: ignore[misc] # four of them


def lines(*rows: tuple[str, str, float | str]) -> str:
    return "".join(f"{symbol},{day},{close}\n" for symbol, day, close in rows)
