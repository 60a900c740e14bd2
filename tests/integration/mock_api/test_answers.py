"""The mocked APIs against the real adapters: answers parse to the simulated market."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sources import catalog
from sources.base import PLANNED, Request
from sources.http.client import Client
from sources.mock_api import MockApi
from sources.mock_api.market import MarketView
from sources.providers import simulated
from tests.integration.mock_api.conftest import END, START, asked, keyed
from warehouse.errors import (
    AccessRefused,
    NoData,
    NotFound,
)


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
    spx = view.find_series("SPX", "index_bars")
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
    adapter = catalog.find_adapter("yahoo_bars")
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
        ours = {r["symbol"].replace("/", ""): r for r in view.member_rows(rows[0]["universe"], END)}
        assert {r["symbol"] for r in rows} == set(ours)
        assert all(r["price"] == round(ours[r["symbol"]]["price"], 2) for r in rows)
        assert len(parsed.rejected) == 1
    saturday = Request("blackrock_holdings", "memberships", PLANNED, symbol="IWM", session=END + timedelta(days=1))
    adapter = catalog.find_adapter("blackrock_holdings")
    payload, request = adapter.fetch(client, saturday)
    with pytest.raises(NoData):
        adapter.parse(payload, request)


def test_fred_and_alfred(client: Client, view: MarketView, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {r["period_date"]: r["value"] for r in view.macro_rows["DGS10"] if r["period_date"] >= START}
    (csv,) = asked(client, "fred", "macro_observations", ["DGS10"])
    monkeypatch.setenv("FRED_API_KEY", "a-key-of-the-tests")
    (js,) = asked(client, "fred", "macro_observations", ["DGS10"])
    for parsed in (csv, js):
        answered = parsed.tables["macro_observations"].to_pylist()
        assert {r["period_date"]: r["value"] for r in answered if r["value"] is not None} == ours
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
    answered = keyed(parsed.tables["macro_observations"], "series_id", "period_date")
    last = view.macro_rows["DFEDTARU"][-2]
    assert answered[("DFEDTARU", last["period_date"])]["value"] == last["value"]
    speeches, decisions = asked(client, "fed_speeches", "events", [])
    assert speeches.tables["events"].num_rows == 15
    ours = [e for e in view.events if e["kind"] == "policy"]
    theirs = decisions.tables["events"].to_pylist()
    assert sorted(e["event_at"] for e in theirs) == sorted(e["event_at"] for e in ours[:15])


def test_sec_facts(client: Client, view: MarketView) -> None:
    symbol = next(s for s in view.company_numbers if "/" not in s and view.company_reports[s])
    (parsed,) = asked(client, "sec_fundamentals", "fundamentals", [symbol])
    ours = {(r["concept"], r["period_start"], r["period_end"]): r["value"] for r in view.company_reports[symbol]}
    theirs = keyed(parsed.tables["fundamentals"], "concept", "period_start", "period_end")
    assert {key: row["value"] for key, row in theirs.items()} == ours
    nobody = Request("sec_fundamentals", "fundamentals", PLANNED, symbol=symbol, options={"cik": "42"})
    with pytest.raises(NotFound):
        catalog.find_adapter("sec_fundamentals").fetch(client, nobody)


def test_those_with_a_key(client: Client, view: MarketView, monkeypatch: pytest.MonkeyPatch) -> None:
    symbol = next(s for s in view.securities if len(view.ratings[s]) > 3)
    grades, targets = asked(client, "fmp_ratings", "rating_actions", [symbol])
    rated = [parsed.tables["rating_actions"].num_rows for parsed in (grades, targets)]
    assert rated == [len(view.ratings[symbol])] * 2
    (grouped,) = asked(client, "polygon_grouped", "equity_bars", [], start=END)
    ours = {r["symbol"]: r["close"] for r in view.whole_market_bars(END)}
    theirs = {r["symbol"]: r["close"] for r in grouped.tables["equity_bars"].to_pylist()}
    assert theirs == ours
    (daily,) = asked(client, "tiingo_bars", "equity_bars", [symbol])
    assert daily.tables["equity_bars"].column("close").to_pylist()[-1] == ours[symbol]
    monkeypatch.setenv("TIINGO_API_KEY", "wrong")
    with pytest.raises(AccessRefused):
        asked(client, "tiingo_bars", "equity_bars", [symbol])
