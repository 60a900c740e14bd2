"""Recorded answers of FRED, the New York Fed, the SEC, the Federal Reserve, FMP and BlackRock, value by value."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.fetch.stale import StaleGuard
from sources import catalog
from sources.base import Parsed, Request
from sources.providers import blackrock_holdings, fed_speeches, fmp_ratings, fred, nyfed_rates, sec_fundamentals
from tests.unit.fetching import store
from warehouse.errors import NoData, NotFound, SourceError, StaleAnswer

pytestmark = pytest.mark.real
AT = datetime(2026, 11, 24, tzinfo=UTC)


def parsed(shared: Path, source: str, path: str, **asked: Any) -> Parsed:
    payload = (shared / path).read_bytes()
    return catalog.find_parser(source).parse(payload, Request(source, "", AT, **asked))


def test_fred_gdp_as_of_now(shared: Path) -> None:
    found = parsed(shared, fred.NAME, "payloads/fred/observations_GDP.json", series="GDP")
    given = found.tables["macro_observations"].to_pylist()
    rows = [row for row in given if row["value"] is not None]
    assert (len(given), len(rows), found.notes, found.rejected) == (315, 311, {"missing_observations": 4}, ())
    assert (rows[0]["period_date"], rows[0]["value"]) == (date(1947, 1, 1), 243.164)
    assert (rows[-1]["period_date"], rows[-1]["value"]) == (date(2024, 7, 1), 29374.914)
    assert {r["vintage"] for r in rows} == {"latest"}


def test_fred_gdp_as_first_released(shared: Path) -> None:
    found = parsed(shared, fred.NAME, "payloads/fred/observations_initial_release.json", series="GDP")
    rows = {r["period_date"]: r for r in found.tables["macro_observations"].to_pylist()}
    assert len(rows) == 132
    assert (rows[date(1991, 10, 1)]["vintage"], rows[date(1991, 10, 1)]["value"]) == ("1992-01-29", 5736.6)
    assert (rows[date(2024, 7, 1)]["vintage"], rows[date(2024, 7, 1)]["value"]) == ("2024-10-30", 29349.924)
    assert rows[date(2024, 7, 1)]["available_at"] == datetime(2024, 10, 30, 22, tzinfo=UTC)


def test_fred_series_info_is_no_observation(shared: Path) -> None:
    with pytest.raises(NoData, match="describes the series"):
        parsed(shared, fred.NAME, "payloads/fred/series_info_GDP.json", series="GDP")


def test_sofr(shared: Path) -> None:
    found = parsed(shared, nyfed_rates.NAME, "payloads/nyfed/sofr_search_2024-06-01_06.json", series="SOFR")
    rows = found.tables["macro_observations"].to_pylist()
    assert [(r["series_id"], r["period_date"], r["value"]) for r in rows] == [
        ("SOFR", date(2024, 6, 6), 5.33),
        ("SOFR", date(2024, 6, 5), 5.33),
        ("SOFR", date(2024, 6, 4), 5.33),
        ("SOFR", date(2024, 6, 3), 5.35),
    ]
    assert rows[0]["available_at"] == datetime(2024, 6, 7, 13, tzinfo=UTC)


def test_apple_s_figures(shared: Path) -> None:
    found = parsed(shared, sec_fundamentals.NAME, "payloads/sec/companyfacts_AAPL_trimmed.json", symbol="AAPL")
    rows = found.tables["fundamentals"].to_pylist()
    assert (len(rows), found.notes, found.rejected) == (1423, {"also_under_another_tag": 1}, ())
    years = {
        (r["concept"], r["period_end"], r["accession"]): r["value"]
        for r in rows
        if 350 <= (r["period_end"] - r["period_start"]).days + 1 <= 380
    }
    # revenue moved from SalesRevenueNet over Revenues to the tag in use since 2018; no year is lost
    ends = {end for concept, end, _ in years if concept == "revenue"}
    assert {end.year for end in ends} == set(range(2007, 2026))
    assert years["revenue", date(2025, 9, 27), "0000320193-25-000079"] == 416161000000
    assert years["net_income", date(2025, 9, 27), "0000320193-25-000079"] == 112010000000
    assert years["eps_diluted", date(2025, 9, 27), "0000320193-25-000079"] == 7.46
    # restated by the 10-K/A of January 2010
    assert years["revenue", date(2007, 9, 29), "0001193125-09-214859"] == 24006000000
    assert years["revenue", date(2007, 9, 29), "0001193125-10-012091"] == 24578000000
    newest = [r for r in rows if r["concept"] == "shares_outstanding" and r["period_end"] == date(2026, 1, 16)]
    assert [(r["value"], r["filed_date"]) for r in newest] == [(14681140000, date(2026, 1, 30))]


def test_the_sec_s_map_of_tickers(shared: Path) -> None:
    found = parsed(shared, sec_fundamentals.NAME, "payloads/sec/company_tickers_trimmed.json")
    names = {r["symbol"]: r["name"] for r in found.tables["securities"].to_pylist()}
    assert len(names) == 19
    assert names["BRK/B"] == names["BRK/A"] == "BERKSHIRE HATHAWAY INC"
    assert (names["MOG/A"], names["BF/B"]) == ("MOOG INC.", "BROWN FORMAN CORP")


def test_the_sec_s_404(shared: Path) -> None:
    with pytest.raises(NotFound):
        parsed(shared, sec_fundamentals.NAME, "payloads/sec/submissions_404.xml", symbol="NONE")


def test_speeches(shared: Path) -> None:
    found = parsed(shared, fed_speeches.NAME, "payloads/federalreserve/speeches_rss_2026-09-05_excerpt.xml")
    rows = found.tables["events"].to_pylist()
    assert [(r["speaker"], r["event_date"], r["title"]) for r in rows] == [
        ("Waller", date(2026, 9, 3), "The Economic Outlook and Some Comments on My Policy Communication"),
        ("Warsh", date(2026, 8, 28), "In Our Time"),
        ("Cook", date(2026, 8, 5), "Outlook for the U.S. and Alaskan Economies"),
    ]
    assert rows[2]["event_at"] == datetime(2026, 8, 5, 20, 5, tzinfo=UTC)


def test_a_price_target(shared: Path) -> None:
    found = parsed(shared, fmp_ratings.NAME, "payloads/fmp/price_target_news_AAPL.json", symbol="AAPL")
    (row,) = found.tables["rating_actions"].to_pylist()
    assert (row["symbol"], row["firm"], row["price_target_usd"]) == ("AAPL", "Wedbush", 310.0)
    assert row["rated_at"] == datetime(2025, 9, 22, 5, 3, 37, tzinfo=UTC)


def test_a_plain_list_of_iwm_s_holdings(shared: Path) -> None:
    day = date(2025, 11, 11)
    found = parsed(shared, blackrock_holdings.NAME, "data/holdings/IWM_2025-11-11.csv", symbol="IWM", session=day)
    rows = {r["symbol"]: r for r in found.tables["memberships"].to_pylist()}
    assert (len(rows), len(found.rejected), found.notes) == (1952, 10, {"not_an_equity": 5})
    assert (rows["BE"]["weight_pct"], rows["BE"]["quantity"], rows["BE"]["price"]) == (0.96, 5224063.0, 127.07)
    assert rows["CRDA"]["name"] == "CRAWFORD CLASS A"


def test_a_true_screener_that_comes_again_is_stale(shared: Path, tmp_path: Path) -> None:
    """The nightly answer of 01-22, had it been served on 01-23 too, against the one that was."""

    def asked(day: int, session: int) -> tuple[Parsed, Request]:
        payload = gzip.decompress((shared / f"payloads/nasdaq/screener_nyse_2026-01-{day}.json.gz").read_bytes())
        fetched_at = datetime(2026, 1, session + 1, 3, tzinfo=UTC)
        request = Request("nasdaq_screener", "securities", fetched_at, session=date(2026, 1, session))
        return catalog.find_parser("nasdaq_screener").parse(payload, request), request

    first, _ = asked(22, 22)
    store(tmp_path, "equity_bars", "nasdaq_screener", first.tables["equity_bars"].drop(["source"]).to_pylist())
    guard = StaleGuard(tmp_path)
    guard.check_staleness(*asked(23, 23))
    with pytest.raises(StaleAnswer, match="the session before 2026-01-23"):
        guard.check_staleness(*asked(22, 23))


def test_no_other_source_s_answer_gives_rows(shared: Path) -> None:
    """An answer of one API handed to another's parser is refused, whatever it is."""
    ours = [fred, nyfed_rates, sec_fundamentals, fed_speeches, fmp_ratings, blackrock_holdings]
    folders = {
        "fred": fred,
        "nyfed": nyfed_rates,
        "sec": sec_fundamentals,
        "federalreserve": fed_speeches,
        "fmp": fmp_ratings,
    }
    tried = 0
    for path in sorted((shared / "payloads").glob("*/*")):
        if path.name.endswith((".meta.json", ".gz")):
            continue
        for module in ours:
            if folders.get(path.parent.name) is module:
                continue
            request = Request(module.NAME, "", AT, symbol="IWM", series="GDP")
            tried += 1
            with pytest.raises(SourceError):
                catalog.find_parser(module.NAME).parse(path.read_bytes(), request)
    assert tried > 100
