"""A simulated market behind the mocked APIs, and a client of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sources import catalog
from sources.base import Parsed
from sources.http.client import Client, HttpSettings
from sources.mock_api import Faults, MockApi
from sources.mock_api.market import NEW_YORK, MarketView
from sources.providers import simulated

END = date(2026, 1, 23)
START = date(2025, 11, 3)
NOW = datetime(2026, 1, 23, 18, tzinfo=NEW_YORK)
CHART = "query1.finance.yahoo.com/v8/finance/chart/*"


@pytest.fixture(scope="module")
def market() -> simulated.SimulatedMarket:
    return simulated.generate_market(end=END, symbols=120)


@pytest.fixture(scope="module")
def view(market: simulated.SimulatedMarket) -> MarketView:
    return MarketView(market)


@pytest.fixture
def api(market: simulated.SimulatedMarket, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockApi]:
    for name in ("FMP_API_KEY", "POLYGON_API_KEY", "TIINGO_API_KEY"):
        monkeypatch.setenv(name, "a-key-of-the-tests")
    monkeypatch.setenv("SEC_CONTACT", "Simulated Tester tester@example.com")
    with MockApi(market, faults=Faults(slow_seconds=0.5)) as running:
        yield running


def client_of(api: MockApi, home: Path, **changes: Any) -> Client:
    defaults = {"default_pace": 5000.0, "pace": dict.fromkeys(api.base_urls, 5000.0), "backoff_seconds": 0.01}
    settings = HttpSettings(**{**defaults, **changes})
    return Client(home, lambda: NOW, settings, api.base_urls, seed=1)


@pytest.fixture
def client(api: MockApi, tmp_path: Path) -> Client:
    return client_of(api, tmp_path)


def asked(client: Client, source: str, dataset: str, symbols: list[str], start: date = START) -> list[Parsed]:
    adapter = catalog.find_adapter(source)
    parsed = []
    for planned in adapter.requests_for(dataset, symbols, start, END):
        payload, request = adapter.fetch(client, planned)
        parsed.append(adapter.parse(payload, request))
    return parsed


def keyed(table: pa.Table, *columns: str) -> dict[Any, dict[str, Any]]:
    return {tuple(row[c] for c in columns): row for row in table.to_pylist()}
