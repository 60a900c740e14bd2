"""Yahoo's charts: a bar a session, sessions by the exchange's clock, and every trap known; splits have a file of their own."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sources.providers import yahoo_bars
from tests.sources.recorder import Recorder
from tests.sources.seeds import seed
from tests.sources.yahoo_charts import AFTER, INDEX, STOCK, bars, parsed, quotes, result, stock
from warehouse.errors import ChangedShape, MalformedAnswer


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


def test_an_array_of_another_length_than_the_timestamps_is_of_no_sessions() -> None:
    # which of them it lacks nobody can tell: the last, or one before, and then all later values are off by a session
    for lacking in (("open", "high", "low", "close", "volume"), ("close",), ("volume",)):
        document = stock()
        for name in lacking:
            del quotes(document)[name][1]
        with pytest.raises(MalformedAnswer, match=rf"{lacking[0]} has 3 values for 4 timestamps"):
            parsed(document)
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


@pytest.mark.parametrize("damage", ["gone", "milliseconds"])
@pytest.mark.parametrize("name", ["regularMarketTime", "currentTradingPeriod"])
def test_the_newest_bar_of_an_answer_of_an_unknown_hour_is_provisional(name: str, damage: str) -> None:
    document = stock()
    meta = result(document)["meta"]
    if damage == "gone":
        del meta[name]
    elif name == "regularMarketTime":
        meta[name] *= 1000
    else:
        meta[name]["regular"]["start"] *= 1000
    # a running bar bears the time of its last trade
    result(document)["timestamp"][3] += 3 * 3600
    assert finals(document, AFTER) == [True, True, True, False]
    assert finals(document, datetime(2026, 1, 28, 3, 0, tzinfo=UTC)) == [True] * 4


def test_prices_of_stocks_and_funds_are_in_dollars() -> None:
    for currency, kind in (("EUR", MalformedAnswer), ("GBp", MalformedAnswer), (None, ChangedShape)):
        document = stock()
        result(document)["meta"]["currency"] = currency
        for dataset in ("", "equity_bars", "sector_bars"):
            with pytest.raises(kind, match="USD|currency"):
                parsed(document, dataset=dataset)


def test_stamps_in_milliseconds_are_a_changed_shape_of_the_symbol() -> None:
    document = stock()
    result(document)["timestamp"][:] = [1000 * at for at in result(document)["timestamp"]]
    with pytest.raises(ChangedShape, match=r"yahoo_bars ABCD: not one row can be read: timestamp is 1768919400000"):
        parsed(document, symbol="ABCD")


def test_an_offset_tells_no_day_of_a_stamp_at_midnight() -> None:
    document = stock()
    meta = result(document)["meta"]
    meta.update(instrumentType="FUTURE", symbol="GC=F", exchangeTimezoneName=None, gmtoffset=-14400)
    # midnight of New York in winter is 01:00 by the offset of summer, and in summer 23:00 of the day before by that of winter
    result(document)["timestamp"][:] = [1768881600 + 86400 * n for n in range(4)]
    with pytest.raises(ChangedShape, match="the day of the bar at 2026-01-20 04:00 UTC is not certain"):
        parsed(document, dataset="index_bars")


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
