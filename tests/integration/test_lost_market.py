"""The session's whole market of stocks that does not come is a gap with its reason, whoever else names the securities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.console.context import Reporter
from flows.daily import steps
from flows.daily.holes import find_holes
from flows.fetch.market import lost_sessions
from sources.http.client import Client, HttpSettings
from sources.mock_api import MockApi
from sources.mock_api.market import NEW_YORK
from sources.providers import simulated
from tests.unit.fetching import bar, store
from warehouse.calendar import sessions_between
from warehouse.runs.journal import Journal
from warehouse.settings import Settings

END = date(2026, 1, 23)
NOW = datetime(2026, 1, 23, 18, tzinfo=NEW_YORK)
SCREENER = "api.nasdaq.com/api/screener/stocks"
LISTED = sessions_between(date(2025, 12, 1), END)
NAMES = [f"S{number:03d}" for number in range(120)]


@pytest.fixture(scope="module")
def market() -> simulated.SimulatedMarket:
    return simulated.generate_market(end=END, symbols=120, years=1)


@pytest.fixture
def api(market: simulated.SimulatedMarket, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockApi]:
    monkeypatch.delenv("POLYGON_API_KEY", raising=False)
    with MockApi(market) as running:
        yield running


def store_market(
    home: Path, days: Sequence[date], names: Sequence[str] = NAMES, source: str = "nasdaq_screener", **more: Any
) -> None:
    store(home, "equity_bars", source, [bar(name, day, 10.0 + day.day, **more) for day in days for name in names])


def evening(home: Path, api: MockApi) -> tuple[int, list[str]]:
    """Exit code and gaps of a run that asks for the securities alone."""
    off = ("index_bars", "sector_bars", "memberships", "rating_actions", "fundamentals", "macro_observations", "events")
    settings = Settings(
        sources={name: [] for name in off}, pace=dict.fromkeys(api.base_urls, 5000.0), base_urls=api.base_urls
    )
    client = Client(home, lambda: NOW, HttpSettings(pace=settings.pace, backoff_seconds=0.001), settings.base_urls)
    with Journal(home).record_run("daily", {"session": END}, NOW) as run:
        work = steps.Work(home, settings, run, NOW, END, Reporter(quiet=True))
        outcomes = [steps.ingest_dataset(work, name, client) for name in steps.datasets_to_ask(settings)]
        outcomes.append(steps.Outcome("", gaps=steps.lost_market(work, outcomes)))
        run.exit_code, run.message = steps.summarise_outcomes(outcomes)
    return run.exit_code, [gap for outcome in outcomes for gap in outcome.gaps]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("html", r"MalformedAnswer: api.nasdaq.com/api/screener/stocks: the answer is an HTML page"),
        ("server_error", r"TransientSourceError: api.nasdaq.com/api/screener/stocks: status 50\d"),
        ("changed", r"ChangedShape: nasdaq_screener: no row has symbol"),
        ("empty", r"MalformedAnswer: api.nasdaq.com/api/screener/stocks: the answer is empty"),
    ],
)
def test_the_market_that_does_not_come_is_a_gap(api: MockApi, tmp_path: Path, fault: str, reason: str) -> None:
    store_market(tmp_path, LISTED[-3:-1])
    api.faults.order_faults(SCREENER, fault, times=99)
    code, (gap,) = evening(tmp_path, api)
    assert code == 3
    with pytest.raises(
        AssertionError, match=f"^equity_bars 2026-01-23: the whole market of stocks is missing: {reason}"
    ):
        raise AssertionError(gap)
    api.faults.order_faults(SCREENER, fault, times=0)
    assert evening(tmp_path, api) == (0, [])


def test_a_home_without_a_market_misses_none(api: MockApi, tmp_path: Path) -> None:
    api.faults.order_faults(SCREENER, "html", times=99)
    assert evening(tmp_path, api) == (0, [])
    # what is asked one by one is no market, however many they are
    store_market(tmp_path, LISTED[-3:-1], source="yahoo_bars")
    assert evening(tmp_path, api) == (0, [])


def test_a_few_stocks_that_are_named_are_not_the_market(tmp_path: Path) -> None:
    settings = Settings(universe=NAMES[:6])
    store_market(tmp_path, LISTED[:-1])
    store_market(tmp_path, LISTED, NAMES[:6], "yahoo_bars")
    assert lost_sessions(tmp_path, settings, END) == [END]
    # nor is a small part of what came yesterday
    store_market(tmp_path, LISTED[-1:], NAMES[:50])
    assert lost_sessions(tmp_path, settings, END) == [END]
    store_market(tmp_path, LISTED[-1:], NAMES[50:80])
    assert lost_sessions(tmp_path, settings, END) == []


def test_lost_evenings_within_the_window_are_a_hole_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A screener cannot be asked again for a session: that a run reads the last 15 again does not help it."""
    monkeypatch.delenv("POLYGON_API_KEY", raising=False)
    settings, last = Settings(), LISTED[-2]
    lost = LISTED[-6:-2]  # 2026-01-15 to 2026-01-21, of which the next session states the closes of the last
    store_market(tmp_path, LISTED[:-6])
    store_market(tmp_path, [last], previous_close=9.0)
    (hole,) = find_holes(tmp_path, settings, last)
    assert (hole.sessions, hole.is_new) == (tuple(lost[:-1]), True)
    assert str(hole) == (
        "equity_bars: the lake lacks the whole market of 3 sessions from 2026-01-15 to 2026-01-20, which a run does not read "
        "again; `breadthwise backfill 2026-01-15 2026-01-20 --datasets equity_bars --universe sp500` fills them for the "
        "S&P 500; for the whole market it needs POLYGON_API_KEY in the environment (a free account)"
    )
    monkeypatch.setenv("POLYGON_API_KEY", "k")
    (with_key,) = find_holes(tmp_path, settings, last)
    assert str(with_key).endswith("`breadthwise backfill 2026-01-15 2026-01-20 --datasets equity_bars` fills them")
    # the next evening it is known
    store_market(tmp_path, LISTED[-1:], previous_close=9.0)
    assert [one.is_new for one in find_holes(tmp_path, settings, END)] == [False]
    # its own source is asked for the sessions of the window anyhow
    assert find_holes(tmp_path, Settings(sources={"equity_bars": ["polygon_grouped"]}), last) == []
    # what a backfill could have is had
    store_market(tmp_path, lost, NAMES[:40], "yahoo_bars")
    assert find_holes(tmp_path, settings, last) == []


def test_what_lies_before_the_first_session_of_the_market_was_not_lost(tmp_path: Path) -> None:
    store_market(tmp_path, LISTED[:-1], NAMES[:40], "yahoo_bars")
    store_market(tmp_path, LISTED[-1:])
    assert lost_sessions(tmp_path, Settings(), END) == []
    assert lost_sessions(tmp_path, Settings(universe=NAMES), END) is None
    assert END - LISTED[0] > timedelta(days=30)
