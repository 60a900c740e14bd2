"""The mocked APIs against the real adapters: answers parse to the simulated market, faults are what they say."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sources import catalog
from sources.base import PLANNED, Parsed, Request
from sources.http.client import Client, HttpSettings
from sources.mock_api import KINDS, Faults, MockApi
from sources.mock_api.market import NEW_YORK, MarketView
from sources.providers import simulated
from warehouse.errors import (
    AccessRefused,
    ChangedShape,
    MalformedAnswer,
    NoData,
    NotFound,
    RateLimited,
    SourceError,
    TransientSourceError,
    UsageError,
)

END = date(2026, 1, 23)
START = date(2025, 11, 3)
NOW = datetime(2026, 1, 23, 18, tzinfo=NEW_YORK)
_CHART = "query1.finance.yahoo.com/v8/finance/chart/*"


@pytest.fixture(scope="module")
def market() -> simulated.SimulatedMarket:
    return simulated.generate(end=END, symbols=120)


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
    adapter = catalog.adapter(source)
    parsed = []
    for planned in adapter.requests_for(dataset, symbols, start, END):
        payload, request = adapter.fetch(client, planned)
        parsed.append(adapter.parse(payload, request))
    return parsed


def keyed(table: pa.Table, *columns: str) -> dict[Any, dict[str, Any]]:
    return {tuple(row[c] for c in columns): row for row in table.to_pylist()}


def test_yahoo_charts_are_the_market(client: Client, market: simulated.SimulatedMarket) -> None:
    (parsed,) = asked(client, "yahoo_bars", "index_bars", ["SPX"])
    ours = keyed(market.tables["index_bars"], "symbol", "session_date")
    bars = parsed.tables["index_bars"].to_pylist()
    assert len(bars) == 56
    for bar in bars:
        same = ours[("SPX", bar["session_date"])]
        assert [bar[c] for c in ("open", "high", "low", "close", "volume")] == [
            same[c] for c in ("open", "high", "low", "close", "volume")
        ]
        assert bar["is_final"]
    (fund,) = asked(client, "yahoo_bars", "sector_bars", ["XLK"])
    assert fund.tables["sector_bars"].num_rows == 56


def test_what_the_market_lacks_has_a_stand_in(client: Client, view: MarketView) -> None:
    spx = view.series("SPX", "index_bars")
    assert spx is not None
    for symbol in ("NDX", "VIX", "RTY", "MID"):
        (parsed,) = asked(client, "yahoo_bars", "index_bars", [symbol])
        assert parsed.tables["index_bars"].num_rows == 56
        assert parsed.tables["index_bars"].column("is_final").to_pylist() == [True] * 56
    (vix,) = asked(client, "fred", "index_bars", ["VIX"])
    assert vix.tables["index_bars"].column("close").to_pylist()[-1] == round(90_000 / spx.prices["close"][-1], 2)


def test_a_chart_over_a_split_gives_the_raw_closes(
    client: Client, market: simulated.SimulatedMarket, view: MarketView
) -> None:
    split = next(s for s in market.all_splits.to_pylist() if s["symbol"] in view.securities and s["ex_date"] > START)
    (parsed,) = asked(client, "yahoo_bars", "equity_bars", [split["symbol"]], start=date(2023, 6, 1))
    bars = keyed(simulated.complete_equity_bars(market), "symbol", "session_date")
    for bar in parsed.tables["equity_bars"].to_pylist():
        assert bar["close"] == pytest.approx(bars[(split["symbol"], bar["session_date"])]["close"], rel=1e-12)
    assert split["ex_date"] in parsed.tables["splits"].column("ex_date").to_pylist()


def test_yahoo_without_bars_and_without_symbol(client: Client) -> None:
    with pytest.raises(NotFound):
        asked(client, "yahoo_bars", "equity_bars", ["NOSUCH"])
    adapter = catalog.adapter("yahoo_bars")
    weekend = Request("yahoo_bars", "index_bars", PLANNED, symbol="SPX", start=date(2026, 1, 24))
    payload, request = adapter.fetch(client, weekend)
    with pytest.raises(NoData):
        adapter.parse(payload, request)


def test_yahoo_ratings_with_cookie_and_crumb(client: Client, api: MockApi, view: MarketView) -> None:
    symbol = next(s for s in view.securities if len(view.ratings[s]) > 3)
    (parsed,) = asked(client, "yahoo_ratings", "rating_actions", [symbol])
    theirs = parsed.tables["rating_actions"].to_pylist()
    assert [r["to_grade"] for r in theirs] == [r["to_grade"] for r in reversed(view.ratings[symbol])]
    assert [r["rated_at"] for r in theirs] == [r["rated_at"] for r in reversed(view.ratings[symbol])]
    assert [r.path for r in api.requests][:2] == ["/", "/v1/test/getcrumb"]
    with pytest.raises(NotFound):
        asked(client, "yahoo_ratings", "rating_actions", ["XLK"])


def test_the_screener_is_the_last_session(client: Client, market: simulated.SimulatedMarket) -> None:
    (parsed,) = asked(client, "nasdaq_screener", "equity_bars", [])
    ours = keyed(market.tables["equity_bars"], "symbol", "session_date")
    bars = parsed.tables["equity_bars"].to_pylist()
    assert {(b["symbol"], END) for b in bars} == {key for key in ours if key[1] == END}
    for bar in bars:
        same = ours[(bar["symbol"], END)]
        for name in ("close", "volume", "market_cap"):
            assert bar[name] == same[name]
        assert bar["previous_close"] == pytest.approx(same["previous_close"] or bar["close"], abs=1e-9)
    assert not parsed.rejected
    assert set(parsed.tables["securities"].column("taxonomy").to_pylist()) == {"nasdaq"}


def test_the_symbol_directory(client: Client, view: MarketView) -> None:
    listed: set[str] = set()
    for parsed in asked(client, "nasdaq_symbols", "securities", []):
        assert dict(parsed.notes) == {"test issue left out": 1}
        listed |= set(parsed.tables["securities"].column("symbol").to_pylist())
    assert listed == set(view.securities)


def test_holdings_of_both_funds(client: Client, view: MarketView) -> None:
    for parsed in asked(client, "blackrock_holdings", "memberships", ["IWM", "IVV"]):
        rows = parsed.tables["memberships"].to_pylist()
        ours = {r["symbol"].replace("/", ""): r for r in view.members(rows[0]["universe"], END)}
        assert {r["symbol"] for r in rows} == set(ours)
        assert all(r["price"] == round(ours[r["symbol"]]["price"], 2) for r in rows)
        assert len(parsed.rejected) == 1
    saturday = Request("blackrock_holdings", "memberships", PLANNED, symbol="IWM", session=END + timedelta(days=1))
    adapter = catalog.adapter("blackrock_holdings")
    payload, request = adapter.fetch(client, saturday)
    with pytest.raises(NoData):
        adapter.parse(payload, request)


def test_fred_and_alfred(client: Client, view: MarketView, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {r["period_date"]: r["value"] for r in view.macro["DGS10"] if r["period_date"] >= START}
    (csv,) = asked(client, "fred", "macro_observations", ["DGS10"])
    monkeypatch.setenv("FRED_API_KEY", "a-key-of-the-tests")
    (js,) = asked(client, "fred", "macro_observations", ["DGS10"])
    for parsed in (csv, js):
        told = parsed.tables["macro_observations"].to_pylist()
        assert {r["period_date"]: r["value"] for r in told if r["value"] is not None} == ours
        # Thanksgiving, Christmas, New Year's Day, Martin Luther King's day
        assert parsed.notes["missing_observations"] == 4
    (vintage,) = asked(client, "alfred", "macro_observations", ["GDPC1"])
    rows = vintage.tables["macro_observations"].to_pylist()
    assert {r["vintage"] for r in rows} == {"2026-01-23"}
    # the third quarter is out since the end of December, the fourth is not
    assert rows[-1]["period_date"] == date(2025, 7, 1)
    with pytest.raises(NotFound):
        asked(client, "alfred", "macro_observations", ["NOSUCH"])


def test_new_york_rates_and_speeches(client: Client, view: MarketView) -> None:
    (parsed,) = asked(client, "nyfed_rates", "macro_observations", ["EFFR"])
    told = keyed(parsed.tables["macro_observations"], "series_id", "period_date")
    last = view.macro["DFEDTARU"][-2]
    assert told[("DFEDTARU", last["period_date"])]["value"] == last["value"]
    speeches, decisions = asked(client, "fed_speeches", "events", [])
    assert speeches.tables["events"].num_rows == 15
    ours = [e for e in view.events if e["kind"] == "policy"]
    theirs = decisions.tables["events"].to_pylist()
    assert sorted(e["event_at"] for e in theirs) == sorted(e["event_at"] for e in ours[:15])


def test_sec_facts(client: Client, view: MarketView) -> None:
    symbol = next(s for s in view.companies if "/" not in s and view.reports[s])
    (parsed,) = asked(client, "sec_fundamentals", "fundamentals", [symbol])
    ours = {(r["concept"], r["period_start"], r["period_end"]): r["value"] for r in view.reports[symbol]}
    theirs = keyed(parsed.tables["fundamentals"], "concept", "period_start", "period_end")
    assert {key: row["value"] for key, row in theirs.items()} == ours
    nobody = Request("sec_fundamentals", "fundamentals", PLANNED, symbol=symbol, options={"cik": "42"})
    with pytest.raises(NotFound):
        catalog.adapter("sec_fundamentals").fetch(client, nobody)


def test_those_with_a_key(client: Client, view: MarketView, monkeypatch: pytest.MonkeyPatch) -> None:
    symbol = next(s for s in view.securities if len(view.ratings[s]) > 3)
    grades, targets = asked(client, "fmp_ratings", "rating_actions", [symbol])
    rated = [parsed.tables["rating_actions"].num_rows for parsed in (grades, targets)]
    assert rated == [len(view.ratings[symbol])] * 2
    (grouped,) = asked(client, "polygon_grouped", "equity_bars", [], start=END)
    ours = {r["symbol"]: r["close"] for r in view.whole_market(END)}
    theirs = {r["symbol"]: r["close"] for r in grouped.tables["equity_bars"].to_pylist()}
    assert theirs == ours
    (daily,) = asked(client, "tiingo_bars", "equity_bars", [symbol])
    assert daily.tables["equity_bars"].column("close").to_pylist()[-1] == ours[symbol]
    monkeypatch.setenv("TIINGO_API_KEY", "wrong")
    with pytest.raises(AccessRefused):
        asked(client, "tiingo_bars", "equity_bars", [symbol])


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
    api.faults.order(_CHART, kind)
    with pytest.raises(error):
        asked(client, "yahoo_bars", "index_bars", ["SPX"])
    assert api.requests[-1].fault == kind
    # the next answer is whole again
    assert asked(client, "yahoo_bars", "index_bars", ["SPX"])[0].tables["index_bars"].num_rows == 56


def test_a_host_that_says_how_long_to_wait(api: MockApi, tmp_path: Path) -> None:
    waits: list[float] = []
    client = Client(tmp_path, lambda: NOW, HttpSettings(default_pace=5000), api.base_urls, sleep=waits.append, seed=1)
    api.faults.retry_after = 7
    api.faults.order(_CHART, "too_many_wait")
    assert asked(client, "yahoo_bars", "index_bars", ["SPX"])[0].tables["index_bars"].num_rows == 56
    assert max(waits) == pytest.approx(7, abs=0.6)
    assert [r.status for r in api.requests] == [429, 200]


def test_a_slow_body_arrives_whole(api: MockApi, client: Client) -> None:
    api.faults.order(_CHART, "slow")
    began = time.monotonic()
    assert asked(client, "yahoo_bars", "index_bars", ["SPX"])[0].tables["index_bars"].num_rows == 56
    assert time.monotonic() - began > 0.4


def test_faults_of_charts(api: MockApi, client: Client) -> None:
    api.faults.order(_CHART, "null_bars", "missing_sessions", "duplicate_last")
    nulls, gaps, twice = (asked(client, "yahoo_bars", "index_bars", ["SPX"])[0] for _ in range(3))
    # every seventh of 56 bars, the last one among them
    assert (nulls.tables["index_bars"].num_rows, len(nulls.rejected)) == (48, 8)
    assert (gaps.tables["index_bars"].num_rows, len(gaps.rejected)) == (48, 0)
    assert (twice.tables["index_bars"].num_rows, twice.notes["second bar of a day"]) == (56, 1)


@pytest.mark.parametrize("kind", ["wrong_crumb", "expired_cookie"])
def test_a_visit_that_ends_is_renewed_once(api: MockApi, client: Client, view: MarketView, kind: str) -> None:
    symbol = next(s for s in view.securities if view.ratings[s])
    asked(client, "yahoo_ratings", "rating_actions", [symbol])
    api.faults.order("query2.finance.yahoo.com/*", kind)
    (parsed,) = asked(client, "yahoo_ratings", "rating_actions", [symbol])
    assert parsed.tables["rating_actions"].num_rows == len(view.ratings[symbol])
    assert [r.path for r in api.requests].count("/v1/test/getcrumb") == 2


def test_a_stale_screener(api: MockApi, client: Client, market: simulated.SimulatedMarket) -> None:
    api.faults.order("api.nasdaq.com/*", "stale")
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
    api.show(simulated.generate(end=date(2026, 1, 26), symbols=120))
    adapter = catalog.adapter("yahoo_bars")
    payload, request = adapter.fetch(client, Request("yahoo_bars", "index_bars", PLANNED, symbol="SPX", start=START))
    late = replace(request, fetched_at=datetime(2026, 1, 26, 18, tzinfo=NEW_YORK))
    after = adapter.parse(payload, late).tables["index_bars"]
    assert after.slice(0, before.num_rows).equals(before)
    assert after.num_rows == before.num_rows + 1


def _post(url: str, told: Any) -> int:
    sent = urllib.request.Request(url, json.dumps(told).encode(), method="POST")
    with urllib.request.urlopen(sent) as answer:
        return int(answer.status)


def test_the_administrator(api: MockApi, client: Client) -> None:
    assert _post(f"{api.base_url}/__mock__/faults", {"path": _CHART, "kinds": ["html"]}) == 200
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
    with pytest.raises(ValueError, match="no fault 'fire'; there are too_many, "):
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
    assert "no fault 'fire'; there are" in capsys.readouterr().err


def test_ten_years_of_bars_are_served_quickly(tmp_path: Path) -> None:
    market = simulated.generate(end=END, symbols=120, years=10)
    with MockApi(market) as api:
        client = client_of(api, tmp_path)
        symbols = sorted(MarketView(market).securities)[:100]
        adapter = catalog.adapter("yahoo_bars")
        began = time.monotonic()
        sizes = []
        for symbol in symbols:
            request = Request("yahoo_bars", "equity_bars", PLANNED, symbol=symbol, start=market.start)
            sizes.append(len(adapter.fetch(client, request)[0]))
        assert time.monotonic() - began < 5
        # the oldest have 2,500 bars of six values
        assert max(sizes) > 150_000
