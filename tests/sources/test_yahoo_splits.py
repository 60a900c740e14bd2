"""Splits and dividends of Yahoo's charts: which splits its prices were adjusted for, and what is undone of that."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.sources.yahoo_charts import STOCK, bars, parsed, quotes, result, stock
from warehouse.errors import MalformedAnswer


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
    ("dataset", "stated", "of_prices", "taken"),
    [
        ("equity_bars", "USD", "USD", 2),
        ("equity_bars", None, "USD", 2),
        ("equity_bars", "CAD", "USD", 0),
        # bars of stocks are taken in dollars only, those of an index have no currency
        ("index_bars", None, None, 2),
        ("index_bars", None, "KRW", 0),
    ],
)
def test_only_dividends_in_dollars_are_taken_for_dollars(
    dataset: str, stated: str | None, of_prices: str | None, taken: int
) -> None:
    document = stock()
    result(document)["meta"]["currency"] = of_prices
    for event in result(document)["events"]["dividends"].values():
        event["currency"] = stated
    found = parsed(document, dataset=dataset)
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
