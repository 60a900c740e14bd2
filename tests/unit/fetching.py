"""Sources without a network for the tests of fetching: they answer from tables and errors given to them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from sources.base import PLANNED, Parsed, Request, table_from_rows
from warehouse.calendar import sessions_between
from warehouse.contracts.datasets import CONTRACTS
from warehouse.errors import NoData, SourceError
from warehouse.lake.lake import Lake

AT = datetime(2026, 1, 24, 3, 0, tzinfo=UTC)
WEEK = sessions_between(date(2026, 1, 16), date(2026, 1, 23))  # five sessions: 16, 20, 21, 22, 23 (19 is a holiday)
Bar = tuple[str, date, float]


def bar(symbol: str, day: date, close: float, **more: Any) -> dict[str, Any]:
    return {"symbol": symbol, "session_date": day, "basis": "raw", "close": close, "is_final": True} | more


@dataclass
class FakeSource:
    """Serves `bars` of `dataset`; `errors` by symbol come instead. `is_market` answers a session with all symbols."""

    NAME: str
    bars: list[Bar] = field(default_factory=list)
    errors: dict[str, SourceError] = field(default_factory=dict)
    dataset: str = "index_bars"
    is_market: bool = False
    NEEDS_KEY: str | None = None
    PACE: float = 1000.0
    HOSTS: tuple[str, ...] = ("host.example",)
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    before_answer: Callable[[Request], None] = lambda _request: None

    def __post_init__(self) -> None:
        self.DATASETS: tuple[str, ...] = (self.dataset,)
        self._lock = threading.Lock()

    def requests_for(self, dataset: str, symbols: Sequence[str], start: date, end: date) -> list[Request]:
        if self.is_market:
            return [Request(self.NAME, dataset, PLANNED, session=day) for day in sessions_between(start, end)]
        return [Request(self.NAME, dataset, PLANNED, symbol=name, start=start, end=end) for name in symbols]

    def fetch(self, client: Any, request: Request) -> tuple[bytes, Request]:
        self.before_answer(request)
        with self._lock:
            self.asked.append((request.symbol or request.session, request.start, request.end))
        error = self.errors.get(request.symbol or str(request.session))
        if error is not None:
            raise error
        chosen = [(s, d.isoformat(), c) for s, d, c in self.bars if self._is_asked(request, s, d)]
        return json.dumps([self.NAME, chosen]).encode(), replace(request, fetched_at=AT)

    def _is_asked(self, request: Request, symbol: str, day: date) -> bool:
        if self.is_market:
            return day == request.session
        return symbol == request.symbol and bool(request.start and request.end and request.start <= day <= request.end)

    def parse(self, payload: bytes, request: Request) -> Parsed:
        listed = json.loads(payload)[1]
        if not listed:
            raise NoData(f"{self.NAME}: nothing")
        rows = [bar(symbol, date.fromisoformat(day), close) for symbol, day, close in listed]
        return Parsed({self.dataset: table_from_rows(self.dataset, rows, self.NAME)})


def store(home: Path, dataset: str, source: str, rows: list[dict[str, Any]], at: datetime = AT) -> None:
    """Put rows into the lake of `home`, as known at that instant."""
    table = table_from_rows(dataset, rows, source)
    count = table.num_rows
    known = pa.repeat(pa.scalar(at, pa.timestamp("us", tz="UTC")), count)
    columns = [*table.columns, pa.repeat("0" * 64, count), known, pa.repeat(False, count)]
    Lake(home).commit("stored", {dataset: pa.table(columns, schema=CONTRACTS[dataset].lake_schema)})
