"""Faults of the mocked APIs are what they say, and the server does as it is asked."""

from __future__ import annotations

import json
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.compute as pc
import pytest

from sources import catalog
from sources.base import PLANNED, Request
from sources.http.client import Client, HttpSettings
from sources.mock_api import KINDS, Faults, MockApi
from sources.mock_api import market as market_module
from sources.mock_api.market import NEW_YORK, MarketView
from sources.providers import simulated
from tests.integration.mock_api.conftest import CHART, END, NOW, START, asked, client_of
from warehouse.errors import (
    ChangedShape,
    MalformedAnswer,
    NotFound,
    RateLimited,
    SourceError,
    TransientSourceError,
    UsageError,
)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("too_many", RateLimited),
        ("server_error", TransientSourceError),
        ("cut", TransientSourceError),
        ("html", MalformedAnswer),
        ("empty", MalformedAnswer),
        ("changed", ChangedShape),
    ],
)
def test_a_fault_is_the_error_that_it_stands_for(
    api: MockApi, tmp_path: Path, kind: str, error: type[SourceError]
) -> None:
    client = client_of(api, tmp_path, attempts=1)
    api.faults.order_faults(CHART, kind)
    with pytest.raises(error):
        asked(client, "yahoo_bars", "index_bars", ["SPX"])
    assert api.requests[-1].fault == kind
    # the next answer is whole again
    assert asked(client, "yahoo_bars", "index_bars", ["SPX"])[0].tables["index_bars"].num_rows == 56


def test_a_host_that_says_how_long_to_wait(api: MockApi, tmp_path: Path) -> None:
    waits: list[float] = []
    client = Client(tmp_path, lambda: NOW, HttpSettings(default_pace=5000), api.base_urls, sleep=waits.append, seed=1)
    api.faults.retry_after = 7
    api.faults.order_faults(CHART, "too_many_wait")
    assert asked(client, "yahoo_bars", "index_bars", ["SPX"])[0].tables["index_bars"].num_rows == 56
    assert max(waits) == pytest.approx(7, abs=0.6)
    assert [r.status for r in api.requests] == [429, 200]


def test_a_slow_body_arrives_whole(api: MockApi, client: Client) -> None:
    api.faults.order_faults(CHART, "slow")
    began = time.monotonic()
    assert asked(client, "yahoo_bars", "index_bars", ["SPX"])[0].tables["index_bars"].num_rows == 56
    # a lower bound: ten pauses of the server's lie within it
    assert time.monotonic() - began > 0.4


def test_faults_of_charts(api: MockApi, client: Client) -> None:
    api.faults.order_faults(CHART, "null_bars", "missing_sessions", "duplicate_last")
    nulls, gaps, twice = (asked(client, "yahoo_bars", "index_bars", ["SPX"])[0] for _ in range(3))
    # every seventh of 56 bars, the last one among them
    assert (nulls.tables["index_bars"].num_rows, len(nulls.rejected)) == (48, 8)
    assert (gaps.tables["index_bars"].num_rows, len(gaps.rejected)) == (48, 0)
    assert (twice.tables["index_bars"].num_rows, twice.notes["second bar of a day"]) == (56, 1)


@pytest.mark.parametrize("kind", ["wrong_crumb", "expired_cookie"])
def test_a_visit_that_ends_is_renewed_once(api: MockApi, client: Client, view: MarketView, kind: str) -> None:
    symbol = next(s for s in view.securities if view.ratings[s])
    asked(client, "yahoo_ratings", "rating_actions", [symbol])
    api.faults.order_faults("query2.finance.yahoo.com/*", kind)
    (parsed,) = asked(client, "yahoo_ratings", "rating_actions", [symbol])
    assert parsed.tables["rating_actions"].num_rows == len(view.ratings[symbol])
    assert [r.path for r in api.requests].count("/v1/test/getcrumb") == 2


def test_a_stale_screener(api: MockApi, client: Client, market: simulated.SimulatedMarket) -> None:
    api.faults.order_faults("api.nasdaq.com/*", "stale")
    (parsed,) = asked(client, "nasdaq_screener", "equity_bars", [])
    ours = market.tables["equity_bars"].to_pylist()
    day_before = {r["symbol"]: r["close"] for r in ours if r["session_date"] == date(2026, 1, 22)}
    assert {r["symbol"]: r["close"] for r in parsed.tables["equity_bars"].to_pylist()} == day_before


def _statuses(market: simulated.SimulatedMarket, home: Path, threads: int) -> list[tuple[str, str | None]]:
    with MockApi(market, faults=Faults(0.3, seed=5, slow_seconds=0.05)) as api:
        client = client_of(api, home, attempts=1)

        def ask(symbol: str) -> None:
            with suppress(SourceError):
                asked(client, "yahoo_bars", "equity_bars", [symbol])

        symbols = sorted(MarketView(market).securities)[:40]
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(ask, symbols))
        return sorted((r.path, r.fault) for r in api.requests)


def test_the_same_seed_fails_the_same_answers_whatever_the_order(
    market: simulated.SimulatedMarket, tmp_path: Path
) -> None:
    one, other = _statuses(market, tmp_path / "one", 1), _statuses(market, tmp_path / "other", 8)
    assert one == other
    faulty = [fault for _, fault in one if fault]
    assert 6 <= len(faulty) <= 18
    assert len(set(faulty)) >= 4


def test_the_market_moves_on(api: MockApi, client: Client) -> None:
    before = asked(client, "yahoo_bars", "index_bars", ["SPX"])[0].tables["index_bars"]
    api.set_market(simulated.generate_market(end=date(2026, 1, 26), symbols=120))
    adapter = catalog.find_adapter("yahoo_bars")
    payload, request = adapter.fetch(client, Request("yahoo_bars", "index_bars", PLANNED, symbol="SPX", start=START))
    late = replace(request, fetched_at=datetime(2026, 1, 26, 18, tzinfo=NEW_YORK))
    after = adapter.parse(payload, late).tables["index_bars"]
    assert after.slice(0, before.num_rows).equals(before)
    assert after.num_rows == before.num_rows + 1


def _post(url: str, order: Any) -> int:
    sent = urllib.request.Request(url, json.dumps(order).encode(), method="POST")
    with urllib.request.urlopen(sent) as answer:
        return int(answer.status)


def test_the_administrator(api: MockApi, client: Client) -> None:
    assert _post(f"{api.base_url}/__mock__/faults", {"path": CHART, "kinds": ["html"]}) == 200
    with pytest.raises(MalformedAnswer):
        asked(client, "yahoo_bars", "index_bars", ["SPX"])
    with urllib.request.urlopen(f"{api.base_url}/__mock__/requests") as answer:
        (logged,) = json.load(answer)
    assert (logged["host"], logged["fault"], logged["status"]) == ("query1.finance.yahoo.com", "html", 200)
    assert _post(f"{api.base_url}/__mock__/faults", {"share": 1, "kinds": ["empty"]}) == 200
    with pytest.raises(MalformedAnswer, match="empty"):
        asked(client, "yahoo_bars", "index_bars", ["SPX"])
    with pytest.raises(urllib.error.HTTPError, match="400"):
        _post(f"{api.base_url}/__mock__/faults", {"share": 1, "kinds": ["fire"]})


def test_wrong_faults_are_named() -> None:
    with pytest.raises(ValueError, match="no fault 'fire'; choose from too_many, "):
        Faults(0.1, kinds=["fire"])
    with pytest.raises(ValueError, match="a share of 2 of the answers"):
        Faults(2)
    assert len(KINDS) == len(set(KINDS)) == 14


def test_payload_files_come_before_the_market(market: simulated.SimulatedMarket, tmp_path: Path) -> None:
    tree = tmp_path / "files" / "fred.stlouisfed.org" / "graph"
    tree.mkdir(parents=True)
    (tree / "fredgraph.csv").write_text("observation_date,DGS10\n2026-01-22,4.25\n")
    recorded = tmp_path / "files" / "yahoo"
    recorded.mkdir()
    envelope = {"chart": {"result": None, "error": {"code": "Not Found", "description": "gone"}}}
    (recorded / "refused.json").write_text(json.dumps(envelope))
    about = {"url": "https://query1.finance.yahoo.com/v8/finance/chart/GONE?interval=1d", "status": 404}
    (recorded / "refused.meta.json").write_text(json.dumps(about))
    with MockApi(market, payloads=tmp_path / "files") as api:
        client = client_of(api, tmp_path)
        (parsed,) = asked(client, "fred", "macro_observations", ["DGS10"])
        assert parsed.tables["macro_observations"].column("value").to_pylist() == [4.25]
        with pytest.raises(NotFound):
            asked(client, "yahoo_bars", "equity_bars", ["GONE"])
        assert asked(client, "yahoo_bars", "index_bars", ["SPX"])[0].tables["index_bars"].num_rows == 56


def test_nothing_to_answer_with(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="need a simulated market or a folder"):
        MockApi()
    with pytest.raises(UsageError, match="there is no folder"):
        MockApi(payloads=tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds neither HOST/PATH files nor recordings"):
        MockApi(payloads=tmp_path / "empty")


def test_a_port_that_is_taken(api: MockApi, market: simulated.SimulatedMarket) -> None:
    port = int(api.base_url.rpartition(":")[2])
    with pytest.raises(UsageError, match=f"port {port} cannot be had"):
        MockApi(market, port=port)


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    from flows.cli import main

    assert main(["mock-api", "--symbols", "60", "--years", "1", "--seconds", "0.1", "--quiet"]) == 0
    assert capsys.readouterr().out.startswith("http://127.0.0.1:")
    assert main(["mock-api", "--fault-share", "0.1", "--fault-kinds", "fire"]) == 2
    assert "no fault 'fire'; choose from" in capsys.readouterr().err


def test_ten_years_of_bars_are_served_without_a_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All bars are put in order once, and those of a stock are a slice of them: no answer goes through all rows."""
    market = simulated.generate_market(end=END, symbols=120, years=10)
    searched: list[int] = []
    made: list[simulated.SimulatedMarket] = []
    complete = simulated.complete_equity_bars

    def equal(values: Any, other: Any) -> Any:
        searched.append(len(values))
        return pc.equal(values, other)

    def complete_and_note(of: simulated.SimulatedMarket) -> Any:
        made.append(of)
        return complete(of)

    monkeypatch.setattr(market_module, "pc", SimpleNamespace(equal=equal))
    monkeypatch.setattr(simulated, "complete_equity_bars", complete_and_note)
    with MockApi(market) as api:
        client = client_of(api, tmp_path)
        symbols = sorted(MarketView(market).securities)[:100]
        assert made == [market]
        adapter = catalog.find_adapter("yahoo_bars")
        sizes = []
        for symbol in symbols:
            request = Request("yahoo_bars", "equity_bars", PLANNED, symbol=symbol, start=market.start)
            sizes.append(len(adapter.fetch(client, request)[0]))
    # the oldest have 2,500 bars of six values
    assert max(sizes) > 150_000
    assert made == [market, market]
    # the few funds are searched for one of that name
    assert set(searched) == {market.tables["sector_bars"].num_rows}
