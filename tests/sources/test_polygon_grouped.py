"""Polygon's grouped bars: one session of the whole market, counted, dated, unadjusted, with the key out of sight."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sources.base import Parsed, Request
from sources.providers import polygon_grouped
from tests.sources.recorder import Recorder
from tests.sources.seeds import seed
from warehouse.errors import AccessRefused, ChangedShape, MalformedAnswer, NoData, RateLimited, SourceError

GROUPED = json.loads(seed("polygon_grouped.json").payload)
DAY = date(2026, 1, 23)
AFTER = datetime(2026, 1, 23, 23, 0, tzinfo=UTC)


def parsed(document: Any, session: date | None = DAY, fetched_at: datetime = AFTER) -> Parsed:
    request = Request("polygon_grouped", "equity_bars", fetched_at, session=session)
    return polygon_grouped.parse(json.dumps(document).encode(), request)


def with_results(*results: Any) -> Any:
    return {**GROUPED, "results": list(results), "resultsCount": len(results)}


def test_bars() -> None:
    found = parsed(GROUPED)
    rows = found.tables["equity_bars"].to_pylist()
    assert rows[0] == {
        "symbol": "ABCD",
        "session_date": DAY,
        "basis": "raw",
        "open": 26.25,
        "high": 27.0,
        "low": 25.5,
        "close": 26.0,
        "previous_close": None,
        "volume": 1200,
        "market_cap": None,
        "is_final": True,
        "source": "polygon_grouped",
    }
    assert [r["symbol"] for r in rows] == ["ABCD", "XY/B", "XY^C"]


def test_adjusted_bars_say_so() -> None:
    assert parsed({**GROUPED, "adjusted": True}).tables["equity_bars"].to_pylist()[0]["basis"] == "split"


@pytest.mark.parametrize(
    ("instant", "session"),
    [
        ("2026-01-23T21:00:00", date(2026, 1, 23)),  # the close in New York
        ("2026-01-23T05:00:00", date(2026, 1, 23)),  # midnight in New York
        ("2026-01-23T00:00:00", date(2026, 1, 23)),  # midnight in UTC
    ],
)
def test_the_session_is_the_day_of_t(instant: str, session: date) -> None:
    stamp = int(datetime.fromisoformat(instant).replace(tzinfo=UTC).timestamp() * 1000)
    for asked in (None, session):
        rows = parsed(with_results({**GROUPED["results"][0], "t": stamp}), asked).tables["equity_bars"].to_pylist()
        assert [r["session_date"] for r in rows] == [session]


def test_bars_of_another_session_and_unknown_symbols_are_refused_alone() -> None:
    good = GROUPED["results"][0]
    found = parsed(with_results(good, {**good, "T": "XYw"}, {**good, "T": "LATE", "t": good["t"] - 86400000}, 5))
    assert found.tables["equity_bars"].num_rows == 1
    assert [r.reason for r in found.rejected] == [
        "'XYw' is a right or a share when issued",
        "the bar is of 2026-01-22, not of 2026-01-23",
        "a result is 5",
    ]


def test_a_session_that_has_not_closed_is_provisional() -> None:
    found = parsed(GROUPED, fetched_at=datetime(2026, 1, 23, 20, 0, tzinfo=UTC))
    assert {r["is_final"] for r in found.tables["equity_bars"].to_pylist()} == {False}


ERRORS: list[tuple[Any, type[SourceError]]] = [
    ({"queryCount": 0, "resultsCount": 0, "adjusted": False, "status": "OK", "request_id": "r", "count": 0}, NoData),
    ({**GROUPED, "resultsCount": 4}, MalformedAnswer),
    ({**GROUPED, "next_url": "https://api.polygon.io/v2/aggs?cursor=2"}, MalformedAnswer),
    ({k: v for k, v in GROUPED.items() if k != "results"}, ChangedShape),
    ({k: v for k, v in GROUPED.items() if k != "adjusted"}, ChangedShape),
    ({k: v for k, v in GROUPED.items() if k != "resultsCount"}, ChangedShape),
    ({"status": "ERROR", "request_id": "r", "error": "Unknown API Key"}, AccessRefused),
    ({"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."}, AccessRefused),
    ({"status": "ERROR", "error": "You've exceeded the maximum requests per minute, please wait"}, RateLimited),
    ([1], ChangedShape),
]


@pytest.mark.parametrize("name", ["T", "t", "v", "o", "h", "l", "c"])
def test_a_field_that_all_results_lack_has_been_renamed(name: str) -> None:
    renamed = [
        {f"{field}X" if field == name else field: value for field, value in one.items()} for one in GROUPED["results"]
    ]
    with pytest.raises(ChangedShape, match=f"no result has {name}"):
        parsed(with_results(*renamed))


@pytest.mark.parametrize(("document", "kind"), ERRORS)
def test_error_matrix(document: Any, kind: type[SourceError]) -> None:
    with pytest.raises(SourceError) as caught:
        parsed(document)
    assert type(caught.value) is kind


def test_fetch_puts_the_key_into_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Recorder({"https://api.polygon.io/": seed("polygon_grouped.json").payload})
    requests = polygon_grouped.requests_for("equity_bars", [], date(2026, 1, 17), date(2026, 1, 21))
    # 01-19 is a holiday
    assert [r.session for r in requests] == [date(2026, 1, 20), date(2026, 1, 21)]
    with pytest.raises(AccessRefused, match=r"no key; set POLYGON_API_KEY"):
        polygon_grouped.fetch(client, requests[0])
    monkeypatch.setenv("POLYGON_API_KEY", "secret")
    polygon_grouped.fetch(client, requests[0])
    url, parameters, headers = client.asked[0]
    assert url.endswith("/v2/aggs/grouped/locale/us/market/stocks/2026-01-20")
    assert parameters == {"adjusted": "false"}
    assert headers["Authorization"] == "Bearer secret"
