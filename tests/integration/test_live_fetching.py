"""The live adapters end to end against the mocked APIs: threads, pace, faults, fallback, ingestion, the next run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from flows.console.context import Reporter
from flows.fetch.dataset import fetch_session
from flows.fetch.gaps import Gap
from flows.ingest.ingest import Ingestion
from sources import plan
from sources.http.client import Client, HttpSettings
from sources.mock_api import MockApi
from sources.mock_api.market import NEW_YORK
from sources.payloads import ParsedPayload
from sources.providers import simulated
from tests.support.patience import HANG_SECONDS
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal
from warehouse.settings import Settings

END = date(2026, 1, 23)
NOW = datetime(2026, 1, 23, 18, tzinfo=NEW_YORK)
SYMBOLS = {
    "index_bars": ["SPX", "COMP", "DJI", "RUT"],
    "sector_bars": ["SPY", "XLF", "XLK"],
    "macro_observations": ["DGS10", "EFFR", "GDPC1"],
}
BY_ID = "symbol, session_date, source, basis"


@pytest.fixture(scope="module")
def market() -> simulated.SimulatedMarket:
    return simulated.generate_market(end=END, symbols=150)


@pytest.fixture
def api(market: simulated.SimulatedMarket, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockApi]:
    for name in ("FMP_API_KEY", "POLYGON_API_KEY", "TIINGO_API_KEY"):
        monkeypatch.setenv(name, "a-key-of-the-tests")
    monkeypatch.setenv("SEC_CONTACT", "Simulated Tester tester@example.com")
    with MockApi(market) as running:
        yield running


def living(market: simulated.SimulatedMarket, count: int) -> list[str]:
    """Stocks that trade on the last session and have figures."""
    bars, figures = market.tables["equity_bars"], market.tables["fundamentals"]
    today = set(bars.filter(pc.equal(bars["session_date"], pa.scalar(END)))["symbol"].to_pylist())
    return sorted(today & set(figures["symbol"].to_pylist()))[:count]


@dataclass
class Done:
    """What a run over all datasets came to."""

    gaps: list[Gap]
    accepted: int
    requests: int
    retries: int
    stopped: list[str]


def run_all(home: Path, settings: Settings, minutes: int) -> Done:
    """All datasets of a daily run, as plain functions; each run is later than the one before."""
    now = NOW + timedelta(minutes=minutes)
    http = HttpSettings(
        pace=settings.pace,
        backoff_seconds=0.01,
        retry_after_cap_seconds=0.05,
        read_seconds=HANG_SECONDS,
        total_seconds=HANG_SECONDS,
    )
    client = Client(home, lambda: now, http, settings.base_urls, seed=minutes)
    done = Done([], 0, 0, 0, [])
    with Journal(home).record_run("daily", {}, now) as run:
        for dataset in plan.daily_datasets(settings):
            with Ingestion(home, settings, run, now, Reporter(quiet=True)) as ingestion:
                done.gaps += fetch_session(home, settings, dataset, END, client, ingestion.take_payload).gaps
                report = ingestion.finish_ingestion()
            done.accepted += report.total_rows("accepted")
            done.stopped += [str(stop) for stop in report.stopped]
            assert report.failures == []
    done.requests, done.retries = client.requests_made, client.retries_made
    return done


def closes(home: Path, dataset: str, sources: tuple[str, ...]) -> list[tuple[Any, ...]]:
    lake = Lake(home)
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        return con.execute(
            f"select {BY_ID}, close, is_final from ({lake.current_sql(dataset, lake.manifest())}) "
            f"where source in ({', '.join('?' * len(sources))}) order by all",
            list(sources),
        ).fetchall()


def settings_for(api: MockApi, market: simulated.SimulatedMarket, **more: Any) -> Settings:
    base: dict[str, Any] = {
        "universe": living(market, 12),
        "symbols": SYMBOLS,
        "pace": dict.fromkeys(api.base_urls, 5000.0),
        "base_urls": api.base_urls,
    }
    return Settings(**base | more)


@pytest.fixture(scope="module")
def clean_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that both of the first tests bring to the same state: whichever runs first does the work."""
    return tmp_path_factory.mktemp("clean")


def clean_run(home: Path, settings: Settings) -> None:
    if not Lake(home).manifest().files:
        first = run_all(home, settings, 0)
        assert (first.gaps, first.stopped, first.retries) == ([], [], 0)


def test_all_datasets_come_and_come_once(api: MockApi, market: simulated.SimulatedMarket, clean_home: Path) -> None:
    settings = settings_for(api, market)
    clean_run(clean_home, settings)
    bars = closes(clean_home, "index_bars", ("yahoo_bars",))
    assert len(bars) == 4 * settings.reread_sessions
    table = market.tables["index_bars"]
    true = dict(
        zip(
            zip(table["symbol"].to_pylist(), table["session_date"].to_pylist(), strict=True),
            table["close"].to_pylist(),
            strict=True,
        )
    )
    assert [row[4] for row in bars] == pytest.approx([true[row[0], row[1]] for row in bars], rel=1e-6)
    # macro series are read whole the first time and two years the next time: nothing of it is new
    assert run_all(clean_home, settings, 1).accepted == 0


def test_a_host_that_is_down_is_replaced_by_the_next_one(
    api: MockApi, market: simulated.SimulatedMarket, tmp_path: Path
) -> None:
    off = ("rating_actions", "fundamentals", "macro_observations", "events", "memberships", "securities")
    nowhere = {**api.base_urls, "query1.finance.yahoo.com": "http://127.0.0.1:9"}
    settings = settings_for(api, market, base_urls=nowhere, sources={name: [] for name in off})
    done = run_all(tmp_path, settings, 0)
    # FRED has no closes of the Russell 2000; funds come from Tiingo, with the session before the window for comparison
    assert [(gap.dataset, gap.subject, gap.error) for gap in done.gaps] == [
        ("index_bars", "RUT", "TransientSourceError")
    ]
    assert {row[2] for row in closes(tmp_path, "index_bars", ("fred", "yahoo_bars"))} == {"fred"}
    assert len(closes(tmp_path, "sector_bars", ("tiingo_bars",))) == 3 * (settings.reread_sessions + 1)


def test_pace_and_threads(api: MockApi, market: simulated.SimulatedMarket, tmp_path: Path) -> None:
    """100 symbols at 100 a second: each has a moment of its own to be asked at, and all threads wait for theirs at once.

    The clock stands still: what is compared are the waits that were asked for, whatever the machine makes of them.
    """
    names, threads = living(market, 100), 5
    settings = settings_for(
        api,
        market,
        universe=names,
        sources={"equity_bars": ["yahoo_bars"]},
        pace={"query1.finance.yahoo.com": 100},
        fetch_threads=threads,
    )
    slept: list[float] = []
    sleepers: set[int] = set()
    all_wait = threading.Barrier(threads)
    lock = threading.Lock()

    def sleep(seconds: float) -> None:
        with lock:
            slept.append(seconds)
            sleepers.add(threading.get_ident())
            is_among_first = len(slept) <= threads
        if is_among_first:
            # breaks, and the test with it, where fewer threads come to wait
            all_wait.wait(timeout=HANG_SECONDS)

    http = HttpSettings(pace=settings.pace)
    client = Client(tmp_path, lambda: NOW, http, settings.base_urls, sleep=sleep, monotonic=lambda: 0.0)
    items: list[ParsedPayload] = []
    fetch_session(tmp_path, settings, "equity_bars", END, client, items.append)
    assert len(items) == len(names)
    assert sorted(slept) == pytest.approx([place / 100 for place in range(1, 100)])
    assert len(sleepers) == threads
