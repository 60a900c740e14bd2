"""Yahoo's charts: raw prices from the splits of the answer, sessions by the exchange's clock, and every trap known."""

from __future__ import annotations

import copy
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sources.base import Parsed, Request
from sources.providers import yahoo_bars
from tests.sources.recorder import Recorder
from tests.sources.seeds import seed
from warehouse.errors import (
    ChangedShape,
    MalformedAnswer,
)

STOCK = json.loads(seed("yahoo_bars.json").payload)
INDEX = json.loads(seed("yahoo_bars.index.json").payload)
AFTER = datetime(2026, 1, 24, 3, 0, tzinfo=UTC)


def parsed(document: Any, fetched_at: datetime = AFTER, **asked: Any) -> Parsed:
    request = Request("yahoo_bars", asked.pop("dataset", ""), fetched_at, **asked)
    return yahoo_bars.parse(json.dumps(document).encode(), request)


def stock() -> Any:
    return copy.deepcopy(STOCK)


def result(document: Any) -> dict[str, Any]:
    found: dict[str, Any] = document["chart"]["result"][0]
    return found


def quotes(document: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = result(document)["indicators"]["quote"][0]
    return found


def bars(found: Parsed, dataset: str = "equity_bars") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = found.tables[dataset].to_pylist()
    return rows


def test_prices_before_a_split_are_made_raw_and_volume_too() -> None:
    rows = bars(parsed(STOCK))
    # 4:1 on 01-22: what came before is multiplied by four, its volume divided
    assert [(r["session_date"].isoformat(), r["close"], r["volume"]) for r in rows] == [
        ("2026-01-20", 100.5, 1000),
        ("2026-01-21", 105.0, 2000),
        ("2026-01-22", 26.5, 1500),
        ("2026-01-23", 26.0, 1200),
    ]
    assert rows[0] == {
        "symbol": "ABCD",
        "session_date": date(2026, 1, 20),
        "basis": "raw",
        "open": 100.0,
        "high": 102.0,
        "low": 99.0,
        "close": 100.5,
        "previous_close": None,
        "volume": 1000,
        "market_cap": None,
        "is_final": True,
        "source": "yahoo_bars",
    }


def chart_with_split(closes: list[float], ex_position: int, numerator: int, denominator: int) -> Any:
    """The seed with other closes (a bar each from 2026-01-12 on) and one split at the bar `ex_position`."""
    document = stock()
    sessions = ["12", "13", "14", "15", "16", "20", "21", "22", "23"][: len(closes)]
    stamps = [int(datetime(2026, 1, int(day), 14, 30, tzinfo=UTC).timestamp()) for day in sessions]
    result(document)["timestamp"] = stamps
    for name in ("open", "high", "low", "close"):
        quotes(document)[name] = list(closes)
    quotes(document)["volume"] = [1000] * len(closes)
    stamp = stamps[ex_position]
    split = {"date": stamp, "numerator": numerator, "denominator": denominator, "splitRatio": "x"}
    result(document)["events"] = {"splits": {str(stamp): split}}
    return document


def test_a_split_that_the_prices_were_never_adjusted_for_is_not_undone() -> None:
    """The answer states 1:190 on 01-14 and gives the prices before it as they were traded."""
    found = parsed(chart_with_split([0.2196, 0.2193, 42.06, 41.73], 2, 1, 190))
    assert [row["close"] for row in bars(found)] == [0.2196, 0.2193, 42.06, 41.73]
    assert [row["volume"] for row in bars(found)] == [1000, 1000, 1000, 1000]
    assert found.notes["split of 2026-01-14 not applied by the vendor to the prices before it"] == 1
    (split,) = found.tables["splits"].to_pylist()
    assert (split["ex_date"], split["numerator"], split["denominator"]) == (date(2026, 1, 14), 1, 190)


def test_a_split_never_applied_and_dated_two_sessions_late_is_not_undone() -> None:
    found = parsed(chart_with_split([100.0, 101.0, 10.2, 10.1, 10.0], 4, 10, 1))
    assert [row["close"] for row in bars(found)] == [100.0, 101.0, 10.2, 10.1, 10.0]


@pytest.mark.parametrize(("closes", "numerator"), [([50.0, 50.0, 40.0, 40.0], 5), ([50.0, 50.0, 41.6, 41.6], 5)])
def test_a_small_split_whose_step_stands_sharp_was_never_applied(closes: list[float], numerator: int) -> None:
    found = parsed(chart_with_split(closes, 2, numerator, 4))
    assert [row["close"] for row in bars(found)] == closes


@pytest.mark.parametrize(
    ("closes", "numerator", "denominator", "raw"),
    [
        # adjusted for 2:1, and the stock fell by a quarter on the day: nearer to going on than to 1:2
        ([50.0, 50.0, 37.5, 37.5], 2, 1, [100.0, 100.0, 37.5, 37.5]),
        # a ratio near 1 is hidden by the day's own move: the vendor is believed, unless the step is sharp
        ([50.0, 50.0, 43.0, 43.0], 5, 4, [62.5, 62.5, 43.0, 43.0]),
        ([50.0, 50.0, 45.5, 45.5], 11, 10, [55.0, 55.0, 45.5, 45.5]),
        # a reverse split 1:10, applied, and a rise of 60 %
        ([50.0, 50.0, 80.0, 80.0], 1, 10, [5.0, 5.0, 80.0, 80.0]),
        # a fall near the split and unlike its ratio
        ([50.0, 50.0, 50.0, 35.0], 2, 1, [100.0, 100.0, 50.0, 35.0]),
        # nothing before it contradicts
        ([50.0, None, 50.0, 50.0], 10, 1, [500.0, 50.0, 50.0]),
    ],
)
def test_a_split_that_was_applied_is_undone_whatever_the_stock_did(
    closes: list[Any], numerator: int, denominator: int, raw: list[float]
) -> None:
    found = parsed(chart_with_split(closes, 2, numerator, denominator))
    assert [row["close"] for row in bars(found)] == raw


@pytest.mark.parametrize(
    ("stated", "of_prices", "taken"),
    [("USD", "USD", 2), (None, "USD", 2), (None, None, 2), ("CAD", "USD", 0), (None, "KRW", 0)],
)
def test_only_dividends_in_dollars_are_taken_for_dollars(stated: str | None, of_prices: str | None, taken: int) -> None:
    document = stock()
    result(document)["meta"]["currency"] = of_prices
    for event in result(document)["events"]["dividends"].values():
        event["currency"] = stated
    found = parsed(document)
    assert found.tables["dividends"].num_rows == taken
    assert len([row for row in found.rejected if row.dataset == "dividends"]) == 2 - taken


def test_of_two_splits_only_the_one_applied_is_undone() -> None:
    document = chart_with_split([0.5, 0.5, 10.0, 10.0, 10.0, 10.2], 2, 1, 20)
    stamp = result(document)["timestamp"][4]
    result(document)["events"]["splits"][str(stamp)] = {"date": stamp, "numerator": 4, "denominator": 1}
    # 1:20 on 01-14 was never applied (0.5 to 10), 4:1 on 01-16 was
    assert [row["close"] for row in bars(parsed(document))] == [2.0, 2.0, 40.0, 40.0, 10.0, 10.2]


def test_splits_and_dividends_are_rows() -> None:
    found = parsed(STOCK)
    (split,) = bars(found, "splits")
    assert (split["ex_date"], split["numerator"], split["denominator"]) == (date(2026, 1, 22), 4, 1)
    # 0.25 on a split share was 1.00 on the share of that day
    assert [(r["ex_date"].day, r["amount_usd"]) for r in bars(found, "dividends")] == [(20, 1.0), (23, 0.5)]


def test_two_splits_multiply_and_fractions_stay_whole_numbers() -> None:
    document = stock()
    splits = result(document)["events"]["splits"]
    last = result(document)["timestamp"][3]
    splits[str(last)] = {"date": last, "numerator": 1.5, "denominator": 1.0, "splitRatio": "3:2"}
    found = parsed(document)
    assert [(r["numerator"], r["denominator"]) for r in bars(found, "splits")] == [(4, 1), (3, 2)]
    assert [r["close"] for r in bars(found)] == [150.75, 157.5, 39.75, 26.0]


def test_a_split_that_cannot_be_read_refuses_the_answer() -> None:
    document = stock()
    next(iter(result(document)["events"]["splits"].values()))["denominator"] = 0
    with pytest.raises(MalformedAnswer, match=r"a split cannot be read"):
        parsed(document)


def test_splits_and_volumes_beyond_reason_do_not_overflow() -> None:
    document = stock()
    first = result(document)["timestamp"][0]
    splits = {str(n): {"date": first + 86400 * n, "numerator": 1e6, "denominator": 1e-6} for n in range(60)}
    result(document)["events"]["splits"] = splits
    with pytest.raises(MalformedAnswer, match=r"its 60 splits together are beyond reason"):
        parsed(document)
    result(document)["events"]["splits"] = {"1": {"date": first + 86400, "numerator": 1, "denominator": 1e6}}
    quotes(document)["volume"][0] = 10**17
    (refused,) = parsed(document).rejected
    assert refused.reason == "volume before its splits is beyond reason (77 bits)"


def test_an_open_high_or_low_of_zero_is_absent() -> None:
    found = parsed(STOCK)
    assert [r["low"] for r in bars(found)] == [99.0, 100.0, None, 25.5]
    assert [r["open"] for r in bars(found)] == [100.0, 101.0, 26.0, None]
    assert found.notes == {"low of 0 taken as absent": 1}


@pytest.mark.parametrize("volume", [None, 0, 1500])
def test_a_bar_without_a_close_is_a_lost_session(volume: int | None) -> None:
    document = stock()
    for name, column in quotes(document).items():
        column[1] = volume if name == "volume" else None
    found = parsed(document)
    assert [r["session_date"].day for r in bars(found)] == [20, 22, 23]
    (refused,) = found.rejected
    assert refused.dataset == "equity_bars"
    assert refused.reason.startswith("lost session")
    assert "2026-01-21" in refused.text


def test_arrays_shorter_than_the_timestamps_are_lost_sessions_and_longer_ones_a_changed_shape() -> None:
    document = stock()
    for column in quotes(document).values():
        del column[3:]
    found = parsed(document)
    assert (len(bars(found)), len(found.rejected)) == (3, 1)
    document = stock()
    quotes(document)["close"].append(1.0)
    with pytest.raises(ChangedShape, match=r"close has 5 values for 4 timestamps"):
        parsed(document)


def test_of_two_bars_of_a_day_the_later_one_stands() -> None:
    document = stock()
    result(document)["timestamp"].append(result(document)["timestamp"][3] + 23400)
    for name, value in (("open", 26.0), ("high", 28.0), ("low", 25.0), ("close", 27.5), ("volume", 1300)):
        quotes(document)[name].append(value)
    found = parsed(document)
    assert [(r["session_date"].day, r["close"]) for r in bars(found)][2:] == [(22, 26.5), (23, 27.5)]
    assert found.notes["second bar of a day"] == 1
    # unless it has no close
    quotes(document)["close"][4] = None
    assert bars(parsed(document))[3]["close"] == 26.0


def test_index_names_are_ours() -> None:
    (last,) = bars(parsed(INDEX, symbol="SPX"), "index_bars")[3:]
    assert (last["symbol"], last["close"], last["is_final"]) == ("SPX", 26.0, True)
    names = {
        "^GSPC": "SPX",
        "^IXIC": "COMP",
        "^DJI": "DJI",
        "^RUT": "RUT",
        "^NDX": "NDX",
        "^SP400": "MID",
        "^MID": "MID",
        "^SP600": "SML",
        "^RUI": "RUI",
        "^RUA": "RUA",
        "^VIX": "VIX",
        "RTY=F": "RTY",
    }
    for theirs, ours in names.items():
        document = copy.deepcopy(INDEX)
        result(document)["meta"]["symbol"] = theirs
        assert bars(parsed(document, dataset="index_bars"), "index_bars")[0]["symbol"] == ours


@pytest.mark.parametrize(
    ("kind", "asked", "dataset"),
    [
        ("ETF", "", "sector_bars"),
        ("MUTUALFUND", "", "sector_bars"),
        ("INDEX", "", "index_bars"),
        ("FUTURE", "", "index_bars"),
        ("EQUITY", "", "equity_bars"),
        ("EQUITY", "sector_bars", "sector_bars"),
        ("ETF", "splits", "sector_bars"),
    ],
)
def test_the_dataset_is_the_one_asked_for_else_it_follows_from_the_kind(kind: str, asked: str, dataset: str) -> None:
    document = stock()
    result(document)["meta"]["instrumentType"] = kind
    assert len(bars(parsed(document, dataset=asked), dataset)) == 4


def test_share_classes() -> None:
    document = stock()
    result(document)["meta"]["symbol"] = "BRK-B"
    assert bars(parsed(document, symbol="BRK/B"))[0]["symbol"] == "BRK/B"


def test_the_session_is_the_exchanges_day_never_the_utc_date() -> None:
    document = stock()
    meta = result(document)["meta"]
    # a future is stamped at New York's midnight, which is 05:00 UTC; Tokyo's open is the evening before in UTC
    meta["instrumentType"], meta["symbol"] = "FUTURE", "RTY=F"
    result(document)["timestamp"][:] = [1768885200 + 86400 * n for n in range(4)]
    assert [r["session_date"].day for r in bars(parsed(document), "index_bars")] == [20, 21, 22, 23]
    meta.update(exchangeTimezoneName="Asia/Tokyo", instrumentType="INDEX", symbol="^N225")
    result(document)["timestamp"][:] = [1768867200 + 86400 * n for n in range(4)]
    assert [r["session_date"].day for r in bars(parsed(document), "index_bars")] == [20, 21, 22, 23]


@pytest.mark.parametrize("zone", ["America", "../UTC", "", None, "Mars/Olympus", "\ud800"])
def test_an_unknown_zone_falls_back_to_the_offset(zone: Any) -> None:
    document = stock()
    result(document)["meta"]["exchangeTimezoneName"] = zone
    assert [r["session_date"].day for r in bars(parsed(document))] == [20, 21, 22, 23]
    del result(document)["meta"]["gmtoffset"]
    with pytest.raises(ChangedShape, match=r"no usable time zone"):
        parsed(document)


def finals(document: Any, fetched_at: datetime) -> list[bool]:
    return [row["is_final"] for row in bars(parsed(document, fetched_at))]


def test_a_bar_is_provisional_until_a_margin_after_the_close() -> None:
    # the close is 21:00 UTC, the margin 15 minutes
    assert finals(STOCK, datetime(2026, 1, 23, 21, 14, 59, tzinfo=UTC)) == [True, True, True, False]
    assert finals(STOCK, datetime(2026, 1, 23, 21, 15, tzinfo=UTC)) == [True, True, True, True]
    assert finals(STOCK, datetime(2026, 1, 23, 15, 0, tzinfo=UTC))[3] is False


def test_early_closes_count() -> None:
    document = stock()
    # 2025-11-28 closes at 18:00 UTC
    result(document)["timestamp"][:] = [1764081000, 1764167400, 1764340200, 1764599400]
    assert [r["session_date"].isoformat() for r in bars(parsed(document))][2] == "2025-11-28"
    assert finals(document, datetime(2025, 11, 28, 18, 14, tzinfo=UTC))[2] is False
    assert finals(document, datetime(2025, 11, 28, 18, 15, tzinfo=UTC))[2] is True


def test_an_answer_made_in_the_session_is_provisional_whenever_it_was_fetched() -> None:
    document = stock()
    meta = result(document)["meta"]
    meta["regularMarketTime"] = meta["currentTradingPeriod"]["regular"]["end"] - 3600
    assert finals(document, AFTER) == [True, True, True, False]
    # the vendor's own clock has moved on: it is only a stock that trades rarely
    meta["currentTradingPeriod"]["regular"]["start"] += 3 * 86400
    assert finals(document, AFTER) == [True, True, True, True]


def test_the_margin_is_an_option() -> None:
    at = datetime(2026, 1, 23, 21, 30, tzinfo=UTC)
    assert bars(parsed(STOCK, at, options={"close_margin_minutes": "45"}))[3]["is_final"] is False


def test_only_the_dates_asked_for() -> None:
    found = parsed(STOCK, start=date(2026, 1, 21), end=date(2026, 1, 21))
    # the split lies after them, and counts
    assert [(r["session_date"].day, r["close"]) for r in bars(found)] == [(21, 105.0)]
    assert found.notes["outside the request"] == 3
    assert found.tables["splits"].num_rows == found.tables["dividends"].num_rows == 0


def test_an_answer_that_ends_in_the_past_says_that_later_splits_are_unknown() -> None:
    document = stock()
    result(document)["meta"]["regularMarketTime"] += 86400 * 365
    assert parsed(document).notes["splits after this answer are unknown"] == 1
    assert "splits after this answer are unknown" not in parsed(STOCK).notes


def test_events_that_are_not_read_are_noted() -> None:
    document = stock()
    result(document)["events"] |= {"capitalGains": {"1": {"amount": 1, "date": 1}}, "spinOffs": {}}
    notes = parsed(document).notes
    assert (notes["events not read: capitalGains"], notes["events of an unknown kind"]) == (1, 1)


def test_other_currencies_and_calendars_still_parse() -> None:
    document = stock()
    result(document)["meta"].update(currency="KRW", symbol="KOSPI-25.KS", instrumentType="INDEX")
    assert bars(parsed(document), "index_bars")[0]["symbol"] == "KOSPI-25.KS"


def test_bad_values_refuse_their_row_alone() -> None:
    for name, value in (
        ("close", "x"),
        ("close", -1.0),
        ("close", 0),
        ("volume", -5),
        ("high", True),
        ("close", 1e300),
    ):
        document = stock()
        quotes(document)[name][3] = value
        found = parsed(document)
        assert (len(bars(found)), len(found.rejected)) == (3, 1), (name, value)


def test_fetch_asks_to_the_present_so_that_every_split_is_told() -> None:
    client = Recorder({"https://query1.finance.yahoo.com/v8/finance/chart/": seed("yahoo_bars.json").payload})
    requests = yahoo_bars.requests_for("index_bars", ["SPX", "RTY"], date(2026, 1, 20), date(2026, 1, 23))
    requests += yahoo_bars.requests_for("equity_bars", ["BRK/B", "BAC^L"], date(2026, 1, 20), date(2026, 1, 23))
    for request in requests:
        _, answered = yahoo_bars.fetch(client, request)
        assert answered.symbol == request.symbol
    assert [url.rsplit("/", 1)[1] for url, _, _ in client.asked] == ["%5EGSPC", "RTY%3DF", "BRK-B", "BAC-PL"]
    assert client.asked[0][1] == {
        "interval": "1d",
        "period1": "1768885200",
        "period2": "9999999999",
        "events": "div|split",
        "includePrePost": "false",
    }
