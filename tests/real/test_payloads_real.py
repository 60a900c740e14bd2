"""Every recorded answer beside the project is parsed to rows checked by hand, or refused by its right name."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sources import catalog
from sources.base import Parsed, Request
from tests.sources.satisfying import assert_satisfying
from warehouse.errors import (
    AccessRefused,
    BreadthwiseError,
    MalformedAnswer,
    NoData,
    NotFound,
    RateLimited,
    SourceError,
)

pytestmark = pytest.mark.real
LATER = datetime(2026, 11, 1, tzinfo=UTC)


def body_of(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def recorded_at(path: Path) -> datetime:
    """When the answer came, where the note beside it says so to the second."""
    beside = path.with_name(f"{path.name.split('.json')[0].removesuffix('.xml')}.meta.json")
    try:
        text = str(json.loads(beside.read_text(encoding="utf-8"))["recorded_date"])
        return parsedate_to_datetime(text).astimezone(UTC)
    except (OSError, KeyError, ValueError):
        return LATER


def parsed(shared: Path, source: str, name: str, **asked: Any) -> Parsed:
    path = shared / "payloads" / name
    adapter = catalog.find_adapter(source)
    request = Request(source, asked.pop("dataset", ""), recorded_at(path), **asked)
    found = adapter.parse(body_of(path), request)
    assert_satisfying(found, source, adapter.DATASETS)
    return found


def rows(found: Parsed, dataset: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = found.tables[dataset].to_pylist()
    return listed


# file, source, what was asked
REFUSED: list[tuple[str, str, dict[str, Any], type[BreadthwiseError]]] = [
    ("yahoo/chart_AAPL_1m_weekend_no_timestamp.json", "yahoo_bars", {"symbol": "AAPL"}, NoData),
    ("yahoo/chart_error_not_found_404.json", "yahoo_bars", {"symbol": "NOPE"}, NotFound),
    ("yahoo/error_401_invalid_crumb.json", "yahoo_ratings", {"symbol": "AAPL"}, AccessRefused),
    ("yahoo/error_429_edge.txt", "yahoo_bars", {"symbol": "AAPL"}, RateLimited),
    ("yahoo/error_429_edge.txt", "yahoo_ratings", {"symbol": "AAPL"}, RateLimited),
    ("yahoo/qs_upgradeDowngradeHistory_QQQ_404.json", "yahoo_ratings", {"symbol": "QQQ"}, NotFound),
    ("nasdaqtrader/nasdaqlisted_html_instead_of_txt.html", "nasdaq_symbols", {}, MalformedAnswer),
    ("sec/submissions_404.xml", "sec_fundamentals", {"symbol": "AAPL"}, NotFound),
    ("stooq/daily_csv_antibot_200.html", "tiingo_bars", {"symbol": "AAPL"}, MalformedAnswer),
    ("stooq/daily_csv_no_data.txt", "tiingo_bars", {"symbol": "AAPL"}, NoData),
    ("stooq/daily_csv_antibot_200.html", "fred", {"series": "DGS10"}, MalformedAnswer),
    # a series' description holds no observations
    ("fred/series_info_GDP.json", "fred", {"series": "GDP"}, NoData),
]
TAKEN = {
    "federalreserve/speeches_rss_2026-09-05_excerpt.xml",
    "fmp/price_target_news_AAPL.json",
    "fred/observations_GDP.json",
    "fred/observations_initial_release.json",
    "nasdaq/screener_stocks_tableonly_trimmed.json",
    "nasdaqtrader/nasdaqlisted_excerpt_2026-10-04.txt",
    "nyfed/sofr_search_2024-06-01_06.json",
    "sec/company_tickers_trimmed.json",
    "sec/companyfacts_AAPL_trimmed.json",
    "yahoo/chart_AAPL_1d_2020-01-02.json",
    "yahoo/chart_AAPL_1d_dividend_event_2020.json",
    "yahoo/chart_GC=F_1d_future.json",
    "yahoo/chart_GSPC_1d_index_trimmed.json",
    "yahoo/chart_KOSPI-25_1d_zero_ohl_placeholder.json",
    "yahoo/chart_MSFT_1d_dividends_2021.json",
    "yahoo/chart_QQQ_1d_etf.json",
    "yahoo/qs_upgradeDowngradeHistory_AAPL.json",
    "yahoo/qs_upgradeDowngradeHistory_ARMK.json",
    "yahoo/qs_upgradeDowngradeHistory_CRON.json",
    "yahoo/qs_upgradeDowngradeHistory_OCDO.L.json",
    *(f"nasdaq/screener_{place}_2026-01-{day}.json.gz" for place in ("amex", "nasdaq", "nyse") for day in (22, 23)),
}


def test_every_recorded_answer_has_its_test(shared: Path) -> None:
    """Those of the sources beyond this file stand in test_payloads_b_real.py."""
    folder = shared / "payloads"
    known = TAKEN | {name for name, *_ in REFUSED}
    assert all((folder / name).is_file() for name in known)


def test_no_adapter_stumbles_over_the_answer_of_another(shared: Path) -> None:
    paths = [p for p in (shared / "payloads").rglob("*") if p.is_file() and not p.name.endswith(".meta.json")]
    assert len(paths) >= 33
    # the second night's screener has the first one's shape
    for path in (path for path in paths if not path.name.endswith("2026-01-23.json.gz")):
        body = body_of(path)
        for name, adapter in catalog.adapters_by_name().items():
            asked = Request(name, "", LATER, symbol="AAPL", series="GDP", session=date(2026, 1, 23))
            try:
                assert_satisfying(adapter.parse(body, asked), name, adapter.DATASETS)
            except SourceError as error:
                message = str(error)
            else:
                message = ""
            assert "\n" not in message, (path, name)


@pytest.mark.parametrize(("name", "source", "asked", "kind"), REFUSED)
def test_refused_by_its_name(
    shared: Path, name: str, source: str, asked: dict[str, Any], kind: type[BreadthwiseError]
) -> None:
    with pytest.raises(BreadthwiseError) as caught:
        parsed(shared, source, name, **asked)
    assert isinstance(caught.value, kind)


def ohlc(row: dict[str, Any]) -> tuple[float | None, ...]:
    return tuple(None if row[name] is None else round(row[name], 4) for name in ("open", "high", "low", "close"))


def test_chart_of_one_bar(shared: Path) -> None:
    (bar,) = rows(parsed(shared, "yahoo_bars", "yahoo/chart_AAPL_1d_2020-01-02.json", symbol="AAPL"), "equity_bars")
    assert (bar["symbol"], bar["session_date"], bar["volume"], bar["is_final"]) == (
        "AAPL",
        date(2020, 1, 2),
        135480400,
        True,
    )
    assert ohlc(bar) == (74.06, 75.15, 73.7975, 75.0875)


def test_chart_with_a_split_and_a_dividend(shared: Path) -> None:
    found = parsed(shared, "yahoo_bars", "yahoo/chart_AAPL_1d_dividend_event_2020.json", symbol="AAPL")
    bars = rows(found, "equity_bars")
    assert len(bars) == 49
    # the split is on the first bar: nothing here lies before it
    assert (bars[0]["session_date"], round(bars[0]["close"], 2)) == (date(2020, 8, 31), 129.04)
    assert (bars[-1]["session_date"], round(bars[-1]["close"], 2)) == (date(2020, 11, 6), 118.69)
    (split,) = rows(found, "splits")
    assert (split["ex_date"], split["numerator"], split["denominator"]) == (date(2020, 8, 31), 4, 1)
    (dividend,) = rows(found, "dividends")
    assert (dividend["ex_date"], dividend["amount_usd"]) == (date(2020, 11, 6), 0.205)


def test_chart_of_a_future_stamped_at_midnight(shared: Path) -> None:
    (bar,) = rows(parsed(shared, "yahoo_bars", "yahoo/chart_GC=F_1d_future.json"), "index_bars")
    assert (bar["symbol"], bar["session_date"], bar["volume"]) == ("GC=F", date(2020, 1, 2), 214)
    assert ohlc(bar) == (1518.1, 1528.7, 1518.0, 1524.5)


def test_chart_of_an_index(shared: Path) -> None:
    bars = rows(parsed(shared, "yahoo_bars", "yahoo/chart_GSPC_1d_index_trimmed.json", symbol="SPX"), "index_bars")
    # 06-19 is a holiday
    assert [b["session_date"].day for b in bars] == [17, 18, 20, 21, 24, 25, 26, 27, 28]
    closes = [5473.23, 5487.03, 5473.17, 5464.62, 5447.87, 5469.30, 5477.90, 5482.87, 5460.48]
    assert [round(b["close"], 2) for b in bars] == closes
    assert {b["symbol"] for b in bars} == {"SPX"}
    assert all(b["is_final"] for b in bars)


def test_chart_with_placeholders(shared: Path) -> None:
    found = parsed(shared, "yahoo_bars", "yahoo/chart_KOSPI-25_1d_zero_ohl_placeholder.json")
    (bar,) = rows(found, "index_bars")
    assert (bar["symbol"], bar["session_date"]) == ("KOSPI-25.KS", date(2026, 10, 2))
    assert ohlc(bar) == (None, None, None, 46539.1406)


def test_chart_of_a_year_with_dividends(shared: Path) -> None:
    found = parsed(shared, "yahoo_bars", "yahoo/chart_MSFT_1d_dividends_2021.json", symbol="MSFT")
    bars = rows(found, "equity_bars")
    document = json.loads(body_of(shared / "payloads/yahoo/chart_MSFT_1d_dividends_2021.json"))
    assert len(bars) == len(document["chart"]["result"][0]["timestamp"])
    assert (bars[0]["session_date"], ohlc(bars[0])) == (date(2021, 2, 1), (235.06, 242.5, 232.43, 239.65))
    assert [(d["ex_date"].isoformat(), d["amount_usd"]) for d in rows(found, "dividends")] == [
        ("2021-02-17", 0.56),
        ("2021-05-19", 0.56),
        ("2021-08-18", 0.56),
        ("2021-11-17", 0.62),
    ]


def test_chart_of_an_etf(shared: Path) -> None:
    (bar,) = rows(parsed(shared, "yahoo_bars", "yahoo/chart_QQQ_1d_etf.json"), "sector_bars")
    assert (bar["symbol"], bar["session_date"], ohlc(bar)) == ("QQQ", date(2020, 1, 2), (214.4, 216.16, 213.98, 216.16))


@pytest.mark.parametrize(
    ("symbol", "count", "first"),
    [
        ("AAPL", 968, ("2025-01-31T19:45:59+00:00", "Citigroup", "Buy", "Buy", "main")),
        ("ARMK", 153, ("2025-02-06T16:27:23+00:00", "RBC Capital", "Outperform", "Outperform", "reit")),
        ("CRON", 30, ("2024-05-15T15:45:51+00:00", "CIBC", "Outperformer", "Outperformer", "main")),
        ("OCDO.L", 1, ("2021-07-08T08:58:52+00:00", "Bernstein", "Outperform", None, "init")),
    ],
)
def test_ratings(shared: Path, symbol: str, count: int, first: tuple[str | None, ...]) -> None:
    name = f"yahoo/qs_upgradeDowngradeHistory_{symbol}.json"
    found = parsed(shared, "yahoo_ratings", name, symbol=symbol)
    listed = rows(found, "rating_actions")
    history = json.loads(body_of(shared / "payloads" / name))
    entries = history["quoteSummary"]["result"][0]["upgradeDowngradeHistory"]["history"]
    assert len(listed) + len(found.rejected) + found.notes.get("repeated", 0) == len(entries)
    assert len(listed) == count
    top = listed[0]
    assert (top["rated_at"].isoformat(), top["firm"], top["to_grade"], top["from_grade"], top["action"]) == first


def test_screener_table(shared: Path) -> None:
    found = parsed(shared, "nasdaq_screener", "nasdaq/screener_stocks_tableonly_trimmed.json")
    listed = rows(found, "equity_bars")
    assert [(r["symbol"], r["close"], r["previous_close"]) for r in listed] == [
        ("FMX", 106.74, 106.15), ("SONY", 84.98, 84.28), ("BUD", 58.06, 59.06), ("MDLZ", 65.455, 66.175),
        ("CVS", 59.57, 58.36), ("PEG", 73.33, 73.12), ("TAP", 50.56, 50.63), ("COKE", 1069.12, 1070.88),
    ]  # fmt: skip
    assert listed[0]["market_cap"] == 174_320_098_411
    # recorded at noon in New York
    assert {(r["session_date"], r["is_final"]) for r in listed} == {(date(2024, 6, 28), False)}


@pytest.mark.parametrize("day", [22, 23])
def test_the_nightly_screener_gives_the_known_closes_to_the_cent(shared: Path, day: int) -> None:
    session = date(2026, 1, day)
    found: dict[str, dict[str, Any]] = {}
    for exchange in ("amex", "nasdaq", "nyse"):
        name = f"nasdaq/screener_{exchange}_2026-01-{day}.json.gz"
        answer = parsed(shared, "nasdaq_screener", name, session=session)
        assert not answer.rejected
        assert answer.tables["securities"].num_rows == answer.tables["equity_bars"].num_rows
        found |= {row["symbol"]: row for row in rows(answer, "equity_bars")}
    known = duckdb.execute(
        f"select symbol, close, volume, market_cap, round(close - net_change, 4) as previous "
        f"from '{shared}/data/equities/screener_2026.parquet' where date = '{session}'"
    ).fetchall()
    assert len(known) == {22: 7031, 23: 7041}[day]
    assert set(found) == {symbol for symbol, *_ in known}
    for symbol, close, volume, cap, previous in known:
        row = found[symbol]
        assert (row["close"], row["volume"], row["market_cap"]) == (close, volume, cap), symbol
        if previous > 0:
            # the parquet keeps the change as float32
            assert row["previous_close"] == pytest.approx(previous, rel=1e-6, abs=1e-4), symbol
        else:
            assert row["previous_close"] is None


def test_symbol_directory(shared: Path) -> None:
    found = parsed(shared, "nasdaq_symbols", "nasdaqtrader/nasdaqlisted_excerpt_2026-10-04.txt")
    listed = rows(found, "securities")
    assert [(r["symbol"], r["first_seen"], r["exchange"]) for r in listed] == [
        ("AAAP", date(2026, 10, 4), "NASDAQ"),
        ("AACG", date(2026, 10, 4), "NASDAQ"),
    ]
    assert found.notes == {"test issue left out": 1}
