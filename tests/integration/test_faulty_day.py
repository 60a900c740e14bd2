"""A whole day of the live adapters with a third of the answers faulty: what could be had is stored once, the rest is
named, the exit code says so, and the next run fills it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from flows.console.context import Reporter
from flows.daily import steps
from sources import plan
from sources.http.client import Client, HttpSettings
from sources.mock_api import KINDS, Faults, MockApi
from sources.mock_api.market import NEW_YORK
from sources.providers import simulated
from tests.support.patience import HANG_SECONDS
from warehouse.contracts.datasets import CONTRACTS
from warehouse.lake.lake import Lake
from warehouse.runs.journal import Journal
from warehouse.settings import Settings

END = date(2026, 1, 23)
NOW = datetime(2026, 1, 23, 18, tzinfo=NEW_YORK)


@pytest.fixture(scope="module")
def market() -> simulated.SimulatedMarket:
    return simulated.generate_market(end=END, symbols=120, years=2)


@pytest.fixture
def api(market: simulated.SimulatedMarket, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockApi]:
    for name in ("FMP_API_KEY", "POLYGON_API_KEY", "TIINGO_API_KEY"):
        monkeypatch.setenv(name, "a-key-of-the-tests")
    monkeypatch.setenv("SEC_CONTACT", "Simulated Tester tester@example.com")
    with MockApi(market) as running:
        yield running


@pytest.fixture
def settings(api: MockApi, market: simulated.SimulatedMarket) -> Settings:
    bars = market.tables["equity_bars"]
    living = bars.filter(pc.equal(bars["session_date"], pa.scalar(END)))["symbol"].to_pylist()
    filed = set(market.tables["fundamentals"]["symbol"].to_pylist())
    return Settings(
        universe=sorted(set(living) & filed)[:8],
        symbols={
            "index_bars": ["SPX", "COMP", "DJI", "RUT"],
            "sector_bars": ["SPY", "XLF"],
            "macro_observations": ["DGS10", "EFFR"],
        },
        pace=dict.fromkeys(api.base_urls, 5000.0),
        base_urls=api.base_urls,
        # a third of the bars null is more than any true vendor loses; here no good one of the others may be lost
        refused_share_limit=dict.fromkeys(plan.BARS, 1.0),
    )


def day(home: Path, settings: Settings, minutes: int) -> tuple[int, list[steps.Outcome], Client]:
    """The daily run but for its build: exit code, outcomes, the client with its counts."""
    now = NOW + timedelta(minutes=minutes)
    http = HttpSettings(
        pace=settings.pace,
        backoff_seconds=0.01,
        retry_after_cap_seconds=0.05,
        read_seconds=HANG_SECONDS,
        total_seconds=HANG_SECONDS,
    )
    client = Client(home, lambda: now, http, settings.base_urls, seed=minutes)
    with Journal(home).record_run("daily", {"session": END}, now) as run:
        work = steps.Work(home, settings, run, now, END, Reporter(quiet=True))
        outcomes = [steps.ingest_dataset(work, name, client) for name in steps.datasets_to_ask(settings)]
        run.exit_code, run.message = steps.summarise_outcomes(outcomes)
    return run.exit_code, outcomes, client


def facts(home: Path, dataset: str) -> list[tuple[object, ...]]:
    """Every fact that was ever written, without when and from which payload."""
    contract = CONTRACTS[dataset]
    names = ", ".join(f'"{name}"' for name in contract.row_schema.names)
    lake = Lake(home)
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        return con.execute(f"select {names} from ({lake.history_sql(dataset, lake.manifest())})").fetchall()


def test_what_can_be_had_is_stored_once_and_the_rest_is_filled_by_the_next_run(
    api: MockApi, settings: Settings, tmp_path: Path
) -> None:
    code, outcomes, client = day(tmp_path / "clean", settings, 0)
    assert (code, [gap for outcome in outcomes for gap in outcome.gaps], client.retries_made) == (0, [], 0)

    api.faults = Faults(0.3, 11, list(KINDS), slow_seconds=0.05)
    code, outcomes, client = day(tmp_path / "faulty", settings, 0)
    gaps = [gap for outcome in outcomes for gap in outcome.gaps]
    assert code == 3
    assert gaps
    assert client.retries_made <= 20 + 0.5 * client.requests_made
    (run,) = Journal(tmp_path / "faulty").list_runs()
    assert (run["status"], run["exit_code"]) == ("gaps", 3)
    assert run["fetched"] == run["accepted"] + run["known"] + run["quarantined"]

    api.faults = Faults()
    code, outcomes, _ = day(tmp_path / "faulty", settings, 1)
    assert (code, [gap for outcome in outcomes for gap in outcome.gaps]) == (0, [])
    for dataset in CONTRACTS:
        clean, mended = facts(tmp_path / "clean", dataset), facts(tmp_path / "faulty", dataset)
        # nothing lost and nothing twice; what is more came from the sources that are asked next
        assert len(mended) == len(set(mended)), dataset
        assert set(clean) <= set(mended), dataset
        more = {row[CONTRACTS[dataset].row_schema.names.index("source")] for row in set(mended) - set(clean)}
        assert more <= {"fred", "tiingo_bars", "polygon_grouped", "nasdaq_symbols", "fmp_ratings", "nyfed_rates"}, (
            dataset
        )


def test_the_day_after_a_backfill_writes_that_day_alone(api: MockApi, settings: Settings, tmp_path: Path) -> None:
    from flows.backfill import runner
    from warehouse.runs.attempts import open_attempts

    yesterday = NOW - timedelta(days=1)
    client = Client(tmp_path, lambda: yesterday, HttpSettings(pace=settings.pace), settings.base_urls)
    scope = runner.scope_of(tmp_path, settings, date(2024, 6, 3), END, yesterday)
    assert scope.sessions[-1] == date(2026, 1, 22)
    with (
        Journal(tmp_path).record_run("backfill", {}, yesterday) as run,
        open_attempts(tmp_path, runner.attempts_since(yesterday, False)) as at,
    ):
        work = runner.Backfill(tmp_path, settings, run, scope, at, client, Reporter(quiet=True), lambda: yesterday)
        assert runner.run_rounds(work).gaps == []
    before = {dataset: len(facts(tmp_path, dataset)) for dataset in plan.BARS}
    _, outcomes, _ = day(tmp_path, settings, 0)
    accepted = {outcome.dataset: outcome.accepted for outcome in outcomes}
    today = {
        dataset: [row for row in facts(tmp_path, dataset) if row[1] == END and row[2] == "raw"] for dataset in plan.BARS
    }
    assert {dataset: len(facts(tmp_path, dataset)) - count for dataset, count in before.items()} == {
        dataset: len(rows) for dataset, rows in today.items()
    }
    assert accepted["index_bars"] == 4
    assert accepted["sector_bars"] == 2
