"""Nasdaq's screener in its three shapes: prices as shops write them, and a session that must be known."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sources.base import Parsed, Request
from sources.providers import nasdaq_screener
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

DOWNLOAD = json.loads(seed("nasdaq_screener.json").payload)
TABLE = json.loads(seed("nasdaq_screener.table.json").payload)
ROWS = DOWNLOAD["data"]["rows"]
DAY = date(2026, 1, 23)
AFTER = datetime(2026, 1, 23, 23, 0, tzinfo=UTC)


def parsed(document: Any, session: date | None = DAY, fetched_at: datetime = AFTER, **options: str) -> Parsed:
    request = Request("nasdaq_screener", "equity_bars", fetched_at, session=session, options=options)
    return nasdaq_screener.parse(json.dumps(document).encode(), request)


def closes(found: Parsed) -> list[tuple[str, float, float | None, int | None, float | None]]:
    rows = found.tables["equity_bars"].to_pylist()
    return [(r["symbol"], r["close"], r["previous_close"], r["volume"], r["market_cap"]) for r in rows]


def test_bars_of_the_whole_market() -> None:
    found = parsed(DOWNLOAD)
    assert closes(found) == [
        ("ABCD", 26.5, 26.25, 1200, 1069120000.0),
        ("XY/B", 1069.12, 1070.88, 14, None),
        # 2.00 after +2.50: no previous close is meant; a cap of 0.00 is none
        ("NEW", 2.0, None, 0, None),
    ]
    first = found.tables["equity_bars"].to_pylist()[0]
    assert (first["session_date"], first["basis"], first["is_final"]) == (DAY, "raw", True)
    assert first["open"] is first["high"] is first["low"] is None
    assert not found.rejected


def test_words_for_nothing() -> None:
    row = {**ROWS[0], "netchange": "UNCH", "marketCap": "n/a", "ipoyear": "n/a", "sector": "n/a"}
    found = parsed([row])
    assert closes(found) == [("ABCD", 26.5, 26.5, 1200, None)]
    (security,) = found.tables["securities"].to_pylist()
    assert (security["ipo_year"], security["sector"], security["industry"]) == (None, None, "Software")


def test_securities_carry_nasdaqs_sectors() -> None:
    rows = parsed(DOWNLOAD, exchange="NASDAQ").tables["securities"].to_pylist()
    assert rows[0] == {
        "symbol": "ABCD",
        "first_seen": DAY,
        "last_seen": None,
        "name": "Abcd Inc. Common Stock",
        "exchange": "NASDAQ",
        "country": "United States",
        "ipo_year": 1999,
        "industry": "Software",
        "sector": "Technology",
        "taxonomy": "nasdaq",
        "shares_outstanding": None,
        "source": "nasdaq_screener",
    }
    assert (rows[1]["name"], rows[1]["sector"], rows[1]["ipo_year"]) == ("Xy Holdings Class B", None, None)


def test_the_three_shapes_give_the_same_bars() -> None:
    assert closes(parsed(ROWS)) == closes(parsed(DOWNLOAD))
    assert [(s, c, p) for s, c, p, _, _ in closes(parsed(TABLE))] == [
        (s, c, p) for s, c, p, _, _ in closes(parsed(ROWS))
    ]
    assert closes(parsed(TABLE))[1][4] == 69_294_292_860.0
    # the table knows no sectors, and must not take away those that are known
    assert parsed(TABLE).tables["securities"].num_rows == 0


def test_the_tables_own_date_counts() -> None:
    assert parsed(TABLE, session=None).tables["equity_bars"].to_pylist()[0]["session_date"] == DAY
    with pytest.raises(NoData, match=r"the answer is of 2026-01-23, not of 2026-01-26"):
        parsed(TABLE, session=date(2026, 1, 26))
    with pytest.raises(MalformedAnswer, match=r"does not say its session; give it"):
        parsed(DOWNLOAD, session=None)


def test_bars_of_an_open_session_are_provisional() -> None:
    found = parsed(DOWNLOAD, fetched_at=datetime(2026, 1, 23, 21, 10, tzinfo=UTC))
    assert {r["is_final"] for r in found.tables["equity_bars"].to_pylist()} == {False}


BAD: list[tuple[dict[str, Any], str]] = [
    ({"lastsale": "NA"}, "lastsale is 'NA': no trade"),
    ({"lastsale": "$0.00"}, "close is 0.0, and must be at least 1e-06"),
    ({"lastsale": "cheap"}, "lastsale is 'cheap', no number"),
    ({"netchange": "up"}, "netchange is 'up', no number"),
    ({"netchange": "0.952%"}, "netchange is '0.952%', no number"),
    ({"lastsale": "26.50%"}, "lastsale is '26.50%', no number"),
    ({"lastsale": "$26,50"}, "lastsale is '26,50': a comma that parts no group of three digits"),
    ({"volume": "1,20"}, "volume is '1,20': a comma that parts no group of three digits"),
    ({"volume": "-5"}, "volume is -5, and must be at least 0"),
    ({"marketCap": "1e999"}, "marketCap is inf, beyond reason"),
    ({"symbol": "a b"}, "symbol 'a b' is no symbol"),
    ({"symbol": "'; drop table x"}, 'symbol "\'; drop table x" is no symbol'),
]


@pytest.mark.parametrize(("change", "reason"), BAD, ids=[reason for _, reason in BAD])
def test_a_bad_row_is_refused_alone(change: dict[str, Any], reason: str) -> None:
    found = parsed([ROWS[0], {**ROWS[2], **change}, "row"])
    assert [row[0] for row in closes(found)] == ["ABCD"]
    assert [r.reason for r in found.rejected if r.dataset == "equity_bars"] == [reason, "a row is 'row'"]


def envelope(code: int, *words: str) -> Any:
    reasons = [{"code": 1001, "errorMessage": word} for word in words] or None
    return {"data": None, "message": None, "status": {"rCode": code, "bCodeMessage": reasons, "developerMessage": None}}


@pytest.mark.parametrize("name", ["volume", "country", "ipoyear", "industry", "sector"])
def test_a_column_that_all_rows_lack_has_been_renamed(name: str) -> None:
    renamed = [{f"{column}New" if column == name else column: value for column, value in row.items()} for row in ROWS]
    with pytest.raises(ChangedShape, match=f"no row has {name}"):
        parsed(renamed)


def test_a_page_of_the_market_does_not_pass_for_the_whole() -> None:
    for total in ("155", 155):
        page = {**TABLE, "data": {**TABLE["data"], "totalrecords": total}}
        with pytest.raises(MalformedAnswer, match=f"3 rows came where the answer counts {total!r}"):
            parsed(page)
    # a recording, read without a session, may be trimmed
    found = parsed(page, session=None)
    assert (len(closes(found)), found.notes) == (3, {"rows on other pages": 152})


@pytest.mark.parametrize(
    "text", ["Last price as of January 22, 2026", "as of 2026-01-22", "01/22/2026", "Sept 22, 2025", 5]
)
def test_a_date_in_an_unknown_form_is_not_taken_for_the_session_asked(text: Any) -> None:
    with pytest.raises(ChangedShape, match="the answer's date cannot be read"):
        parsed({**TABLE, "data": {**TABLE["data"], "asof": text}})


ERRORS: list[tuple[Any, type[SourceError]]] = [
    (envelope(400, "Symbol not exists."), NotFound),
    (envelope(400, "Bad"), MalformedAnswer),
    (envelope(429), RateLimited),
    (envelope(403), AccessRefused),
    ({"data": None, "status": {"rCode": 200}}, NoData),
    ({"data": {"rows": None}, "status": {"rCode": 200}}, NoData),
    ({"data": {"rows": []}, "status": {"rCode": 200}}, NoData),
    ([], NoData),
    ({"data": {"rows": {}}, "status": {"rCode": 200}}, ChangedShape),
    ({"date": {}}, ChangedShape),
    ([{**row, "last": row["lastsale"], "lastsale": None} for row in ROWS], ChangedShape),
    ([{k: v for k, v in row.items() if k != "lastsale"} for row in ROWS], ChangedShape),
]


@pytest.mark.parametrize(("document", "kind"), ERRORS)
def test_error_matrix(document: Any, kind: type[SourceError]) -> None:
    with pytest.raises(SourceError) as caught:
        parsed(document)
    assert type(caught.value) is kind


def test_fetch_serves_only_the_session_that_it_shows() -> None:
    client = Recorder({"https://api.nasdaq.com/api/screener/stocks": seed("nasdaq_screener.json").payload})
    # the recorder answers on 2026-01-23 at 18:00 in New York
    (request,) = nasdaq_screener.requests_for("equity_bars", [], date(2026, 1, 5), date(2026, 1, 24))
    assert request.session == DAY
    body, answered = nasdaq_screener.fetch(client, request)
    assert len(nasdaq_screener.parse(body, answered).tables["equity_bars"]) == 3
    assert client.asked[0][1] == {"tableonly": "true", "limit": "10000", "download": "true"}
    (old,) = nasdaq_screener.requests_for("equity_bars", [], date(2026, 1, 5), date(2026, 1, 22))
    with pytest.raises(NoData, match=r"it shows 2026-01-23 only and cannot serve 2026-01-22"):
        nasdaq_screener.fetch(client, old)
    assert nasdaq_screener.requests_for("equity_bars", [], date(2026, 1, 24), date(2026, 1, 25)) == []
