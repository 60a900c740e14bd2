"""Tiingo: raw bars with the splits and dividends that stand beside them, as JSON and as CSV."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from sources.base import Parsed, Request
from sources.providers import tiingo_bars
from tests.sources.recorder import Recorder
from tests.sources.seeds import seed
from warehouse.errors import (
    AccessRefused,
    ChangedShape,
    MalformedAnswer,
    NoData,
    NotFound,
    RateLimited,
    SourceError,
)

BARS = seed("tiingo_bars.json").payload
CSV = seed("tiingo_bars.csv").payload
AFTER = datetime(2026, 1, 24, 3, 0, tzinfo=UTC)


def parsed(payload: bytes, dataset: str = "", symbol: str | None = "ABCD", at: datetime = AFTER) -> Parsed:
    return tiingo_bars.parse(payload, Request("tiingo_bars", dataset, at, symbol=symbol))


def test_raw_bars_splits_and_dividends() -> None:
    found = parsed(BARS)
    rows = found.tables["equity_bars"].to_pylist()
    assert [(r["session_date"].day, r["open"], r["high"], r["low"], r["close"], r["volume"]) for r in rows] == [
        (20, 100.5, 101.5, 99.5, 100.5, 1000),
        (21, 105.0, 106.0, 104.0, 105.0, 1000),
        (22, 26.5, 27.5, 25.5, 26.5, 1000),
        (23, 26.0, 27.0, 25.0, 26.0, 1000),
    ]
    assert {(r["symbol"], r["basis"], r["is_final"]) for r in rows} == {("ABCD", "raw", True)}
    (split,) = found.tables["splits"].to_pylist()
    assert (split["ex_date"], split["numerator"], split["denominator"]) == (date(2026, 1, 22), 4, 1)
    (dividend,) = found.tables["dividends"].to_pylist()
    assert (dividend["ex_date"], dividend["amount_usd"]) == (date(2026, 1, 21), 0.25)


def test_csv_says_the_same_and_a_reverse_split_is_a_ratio() -> None:
    found = parsed(CSV, "sector_bars")
    assert [(r["session_date"].day, r["close"]) for r in found.tables["sector_bars"].to_pylist()] == [
        (22, 26.5),
        (23, 26.0),
    ]
    (split,) = found.tables["splits"].to_pylist()
    assert (split["numerator"], split["denominator"]) == (1, 10)


def test_the_last_bar_is_provisional_until_the_margin_has_passed() -> None:
    rows = parsed(BARS, at=datetime(2026, 1, 23, 21, 5, tzinfo=UTC)).tables["equity_bars"].to_pylist()
    assert [r["is_final"] for r in rows] == [True, True, True, False]


def test_bad_values_refuse_their_row_alone() -> None:
    entries = json.loads(BARS)
    entries[0]["date"] = "2026-02-30"
    entries[1]["close"] = None
    entries[2]["splitFactor"] = 1e9
    found = parsed(json.dumps(entries).encode())
    assert [r["session_date"].day for r in found.tables["equity_bars"].to_pylist()] == [22, 23]
    assert [r.reason for r in found.rejected] == [
        "date is '2026-02-30', no date written as %Y-%m-%d",
        "close is missing",
        "splitFactor is 1000000000.0",
    ]


@pytest.mark.parametrize(
    "written", ["2026-01-22T20:00:00-05:00", "2026-01-23T00:00:00+09:00", "2026-01-23T21:00:00.000Z"]
)
def test_an_instant_of_another_hour_or_zone_is_no_session(written: str) -> None:
    found = parsed(BARS.replace(b"2026-01-23T00:00:00.000Z", written.encode()))
    assert [r["session_date"].day for r in found.tables["equity_bars"].to_pylist()] == [20, 21, 22]
    assert [r.reason for r in found.rejected] == [f"date is '{written}', no date written as %Y-%m-%d"]


def test_zeros_of_an_ordinary_day_are_no_price_no_split_and_no_dividend() -> None:
    entries = json.loads(BARS)
    entries[0] |= {"open": 0, "splitFactor": 0.0, "divCash": 0.0}
    found = parsed(json.dumps(entries).encode())
    assert [r["open"] for r in found.tables["equity_bars"].to_pylist()] == [None, 105.0, 26.5, 26.0]
    assert (found.tables["splits"].num_rows, found.tables["dividends"].num_rows, found.rejected) == (1, 1, ())
    assert found.notes == {"open of 0 taken as absent": 1}


ERRORS: list[tuple[bytes, type[SourceError]]] = [
    (b"[]", NoData),
    (b'{"detail":"Not found."}', NotFound),
    (b'{"detail":"Error: Ticker \'NOPE\' not found"}', NotFound),
    (b'{"detail":"Please supply a token"}', AccessRefused),
    (b'{"detail":"Invalid token."}', AccessRefused),
    (b'{"detail":"Error: You have run over your hourly request allocation. Please upgrade"}', RateLimited),
    (b"Error: Ticker 'NOPE' not found", NotFound),
    (b"You have run over your 500 symbol look up for this month.", RateLimited),
    (b"<html></html>", MalformedAnswer),
    (BARS[:100], MalformedAnswer),
    (b'{"a": 1}', ChangedShape),
    (BARS.replace(b'"close"', b'"last"'), ChangedShape),
    (CSV.replace(b",close,", b",last,"), ChangedShape),
    (CSV.splitlines(keepends=True)[0], NoData),
    (CSV[:-1], MalformedAnswer),
    *(
        (BARS.replace(b'"%s"' % name, b'"%sNew"' % name), ChangedShape)
        for name in (b"divCash", b"splitFactor", b"volume")
    ),
    (BARS.replace(b'"volume"', b'"ticker": "MSFT", "volume"', 1), MalformedAnswer),
]


@pytest.mark.parametrize(("payload", "kind"), ERRORS)
def test_error_matrix(payload: bytes, kind: type[SourceError]) -> None:
    with pytest.raises(SourceError) as caught:
        parsed(payload)
    assert type(caught.value) is kind


def test_the_symbol_must_come_from_the_request() -> None:
    with pytest.raises(MalformedAnswer, match=r"does not name its symbol"):
        parsed(BARS, symbol=None)


def test_fetch_puts_the_key_into_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Recorder({"https://api.tiingo.com/": BARS})
    (request,) = tiingo_bars.requests_for("equity_bars", ["BRK/B"], date(2026, 1, 20), date(2026, 1, 23))
    with pytest.raises(AccessRefused, match=r"no key; set TIINGO_API_KEY"):
        tiingo_bars.fetch(client, request)
    monkeypatch.setenv("TIINGO_API_KEY", "secret")
    _, answered = tiingo_bars.fetch(client, request)
    assert answered.fetched_at.year == 2026
    url, parameters, headers = client.asked[0]
    assert url == "https://api.tiingo.com/tiingo/daily/BRK-B/prices"
    assert parameters == {"format": "json", "startDate": "2026-01-20", "endDate": "2026-01-23"}
    assert headers["Authorization"] == "Token secret"
