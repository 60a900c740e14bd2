"""FRED: the graph CSV by position, the JSON API with its vintages, closes of indices, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sources.base import Parsed, Request
from sources.providers import fred
from tests.sources.recorder import AT, Recorder
from warehouse.errors import (
    AccessRefused,
    ChangedShape,
    MalformedAnswer,
    NoData,
    NotFound,
    RateLimited,
    SourceError,
    TransientSourceError,
)

CSV = b"observation_date,DGS10\n2026-01-16,4.24\n2026-01-19,.\n2026-01-20,4.3\n2026-01-21,\n"


def parsed(payload: bytes, **asked: Any) -> Parsed:
    return fred.parse(payload, Request("fred", asked.pop("dataset", ""), AT, **asked))


def observations(parsed: Parsed) -> list[tuple[str, str, str, float]]:
    """Those with a value."""
    rows = parsed.tables["macro_observations"].to_pylist()
    given = [r for r in rows if r["value"] is not None]
    return [(r["series_id"], r["period_date"].isoformat(), r["vintage"], r["value"]) for r in given]


def without_value(parsed: Parsed) -> list[tuple[str, str, str]]:
    rows = parsed.tables["macro_observations"].to_pylist()
    return [(r["series_id"], r["period_date"].isoformat(), r["vintage"]) for r in rows if r["value"] is None]


def document(observations: list[dict[str, Any]], **more: Any) -> bytes:
    head = {"realtime_start": "2026-01-23", "realtime_end": "2026-01-23", "units": "lin", "output_type": 1}
    head |= {"count": len(observations), "offset": 0, "limit": 100000, "observations": observations}
    return json.dumps(head | more).encode()


@pytest.mark.parametrize("first_column", [b"observation_date", b"DATE", b"\xef\xbb\xbfDATE"])
def test_csv_is_read_by_position_and_missing_values_are_counted(first_column: bytes) -> None:
    found = parsed(CSV.replace(b"observation_date", first_column), series="DGS10")
    assert observations(found) == [
        ("DGS10", "2026-01-16", "latest", 4.24),
        ("DGS10", "2026-01-20", "latest", 4.3),
    ]
    assert found.notes == {"missing_observations": 2}
    assert found.rejected == ()
    assert found.tables["macro_observations"]["available_at"].to_pylist() == [None] * 4
    # each takes back what an earlier answer gave for its day
    assert without_value(found) == [("DGS10", "2026-01-19", "latest"), ("DGS10", "2026-01-21", "latest")]


def test_csv_with_several_series() -> None:
    found = parsed(b"DATE,DGS2,DGS10\n2026-01-16,3.5,4.24\n2026-01-20,.,4.3\n")
    assert observations(found) == [
        ("DGS2", "2026-01-16", "latest", 3.5),
        ("DGS10", "2026-01-16", "latest", 4.24),
        ("DGS10", "2026-01-20", "latest", 4.3),
    ]
    # an empty cell of one series may be the place of the other's date
    assert (without_value(found), found.notes) == ([], {"missing_observations": 1})


def test_a_line_that_cannot_be_read_is_rejected_and_the_others_stay() -> None:
    found = parsed(CSV + b"2026-01-22,4.1,9\n2026-02-30,4.1\n2026-01-23,four\n")
    assert len(observations(found)) == 2
    assert [bad.reason for bad in found.rejected] == [
        "3 cells where the header has 2",
        "the observation's date is '2026-02-30', no day of the calendar",
        "value is 'four', no number",
    ]


def test_a_day_with_two_values_gives_none() -> None:
    found = parsed(CSV + b"2026-01-16,4.25\n2026-01-20,4.3\n")
    assert observations(found) == [("DGS10", "2026-01-20", "latest", 4.3)]
    assert len(found.rejected) == 2
    assert found.notes["repeated"] == 1


def test_json_of_now_is_the_latest_vintage() -> None:
    found = parsed(
        document([{"date": "2025-07-01", "value": "31098.027"}, {"date": "2025-10-01", "value": "."}]), series="GDP"
    )
    assert observations(found) == [("GDP", "2025-07-01", "latest", 31098.027)]
    assert found.notes == {"missing_observations": 1}


def test_json_of_the_first_release_has_the_day_of_the_release_as_vintage() -> None:
    body = document(
        [{"realtime_start": "2014-07-30", "realtime_end": "2014-08-27", "date": "2014-04-01", "value": "17294.7"}],
        output_type=4,
        realtime_start="1776-07-04",
        realtime_end="9999-12-31",
    )
    found = parsed(body, series="GDP")
    assert observations(found) == [("GDP", "2014-04-01", "2014-07-30", 17294.7)]
    # the day is known and the hour is not: 18:00 in New York in summer
    assert found.tables["macro_observations"]["available_at"].to_pylist() == [datetime(2014, 7, 30, 22, tzinfo=UTC)]


def test_json_over_a_real_time_period_gives_one_row_a_vintage() -> None:
    body = document(
        [
            {"realtime_start": "2014-04-30", "realtime_end": "2014-05-28", "date": "2014-01-01", "value": "17149.6"},
            {"realtime_start": "2014-05-29", "realtime_end": "2014-06-24", "date": "2014-01-01", "value": "17101.3"},
        ],
        realtime_start="2014-01-01",
        realtime_end="2014-06-24",
    )
    assert observations(parsed(body, series="GDP")) == [
        ("GDP", "2014-01-01", "2014-04-30", 17149.6),
        ("GDP", "2014-01-01", "2014-05-29", 17101.3),
    ]


@pytest.mark.parametrize("output_type", [2, 3])
def test_json_with_a_column_for_each_vintage(output_type: int) -> None:
    rows = [{"date": "2014-01-01", "GDP_20140430": "17149.6", "GDP_20140529": "17101.3", "GDP_20140625": "."}]
    found = parsed(document(rows, output_type=output_type), series="GDP")
    assert observations(found) == [
        ("GDP", "2014-01-01", "2014-04-30", 17149.6),
        ("GDP", "2014-01-01", "2014-05-29", 17101.3),
    ]
    assert without_value(found) == [("GDP", "2014-01-01", "2014-06-25")]
    assert found.notes == {"missing_observations": 1}


def test_a_page_does_not_pass_for_the_whole_series() -> None:
    for offset in (0, 2):
        with pytest.raises(MalformedAnswer, match="1 rows came where the answer counts 3; download it again"):
            parsed(document([{"date": "2025-07-01", "value": "1"}], count=3, offset=offset), series="GDP")


@pytest.mark.parametrize("output_type", [2, 3])
def test_a_count_of_vintages_refuses_no_answer_of_one_object_a_date(output_type: int) -> None:
    rows = [{"date": "2014-01-01", "GDP_20140430": "17149.6", "GDP_20140529": "17101.3"}]
    found = parsed(document(rows, output_type=output_type, count=2), series="GDP")
    assert [value for *_, value in observations(found)] == [17149.6, 17101.3]
    assert found.notes == {"more counted by the answer than dates came": 1}


def test_an_answer_without_any_of_the_observations_that_it_counts_is_a_part() -> None:
    with pytest.raises(MalformedAnswer, match="0 rows came where the answer counts 3"):
        parsed(document([], count=3), series="GDP")


@pytest.mark.parametrize("cut", range(1, 4))
def test_a_table_without_its_last_line_end_may_have_lost_digits(cut: int) -> None:
    body = CSV.removesuffix(b"2026-01-21,\n")
    with pytest.raises(
        MalformedAnswer, match="the last line has no end, so its last value may be cut off; download it again"
    ):
        parsed(body[:-cut], series="DGS10")


def test_a_column_of_another_series_than_the_one_asked() -> None:
    body = document([{"date": "2014-01-01", "GDP_20140430": "17149.6"}], output_type=2)
    with pytest.raises(
        MalformedAnswer, match="'GDPC1' was asked and the answer is about 'GDP'; is it the answer for another"
    ):
        parsed(body, series="GDPC1")


def test_closes_of_an_index_stand_in_for_its_bars() -> None:
    body = b"observation_date,SP500\n2026-01-19,.\n2026-01-22,6913.35\n2026-01-23,6915.61\n"
    early = datetime(2026, 1, 23, 20, 0, tzinfo=UTC)
    found = fred.parse(body, Request("fred", "index_bars", early, symbol="SPX", series="SP500"))
    rows = found.tables["index_bars"].to_pylist()
    assert [(r["symbol"], r["session_date"], r["close"], r["is_final"]) for r in rows] == [
        ("SPX", date(2026, 1, 22), 6913.35, True),
        ("SPX", date(2026, 1, 23), 6915.61, False),
    ]
    assert {(r["open"], r["volume"], r["basis"]) for r in rows} == {(None, None, "raw")}
    assert list(found.tables) == ["index_bars"]


ERRORS: list[tuple[str, bytes, type[SourceError]]] = [
    ("empty", b"", MalformedAnswer),
    ("html", b"<!DOCTYPE html><html><body>FRED</body></html>", MalformedAnswer),
    ("cut quote", b'observation_date,DGS10\n"2026-01-16', MalformedAnswer),
    ("no rows", b"observation_date,DGS10\n2026-01-19,.\n", NoData),
    ("header only", b"observation_date,DGS10\n", NoData),
    ("another series", CSV.replace(b"DGS10", b"DGS2"), ChangedShape),
    ("no date column", CSV.replace(b"observation_date", b"when"), ChangedShape),
    ("nothing readable", b"observation_date,DGS10\nx,1\n", ChangedShape),
    ("cut json", b'{"observations": [{"date": "2026', MalformedAnswer),
    ("no observations", b'{"units": "lin"}', ChangedShape),
    ("observations an object", b'{"observations": {}}', ChangedShape),
    ("empty observations", b'{"observations": []}', NoData),
    ("transformed", document([{"date": "2025-07-01", "value": "1"}], units="pch"), ChangedShape),
    ("series info", b'{"seriess": [{"id": "GDP"}]}', NoData),
    ("unknown series", b'{"error_code": 400, "error_message": "Bad Request.  The series does not exist."}', NotFound),
    (
        "bad key",
        b'{"error_code": 400, "error_message": "Bad Request.  The value for variable api_key is not registered."}',
        AccessRefused,
    ),
    ("limit", b'{"error_code": 429, "error_message": "Too Many Requests.  Exceeded Rate Limit"}', RateLimited),
    ("trouble", b'{"error_code": 500, "error_message": "Internal Server Error"}', TransientSourceError),
    ("wrong date", b'{"error_code": 400, "error_message": "Bad Request. Variable limit is wrong"}', MalformedAnswer),
]


@pytest.mark.parametrize(("name", "body", "kind"), ERRORS, ids=[name for name, _, _ in ERRORS])
def test_error_matrix(name: str, body: bytes, kind: type[SourceError]) -> None:
    with pytest.raises(SourceError) as caught:
        parsed(body, series="DGS10")
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)


def test_json_without_a_series_in_the_request_names_what_to_give() -> None:
    with pytest.raises(ChangedShape, match="--series"):
        parsed(document([{"date": "2025-07-01", "value": "1"}]))


def test_fetch_without_a_key_asks_for_the_graph() -> None:
    client = Recorder({"https://fred.stlouisfed.org/graph/fredgraph.csv": CSV})
    (request,) = fred.requests_for("macro_observations", ["DGS10"], date(2026, 1, 16), date(2026, 1, 23))
    body, filled = fred.fetch(client, request)
    assert body == CSV
    assert filled.fetched_at == AT
    assert client.asked[0][1] == {"id": "DGS10", "cosd": "2026-01-16", "coed": "2026-01-23"}


def test_fetch_with_a_key_asks_the_api(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRED_API_KEY", "abcdef0123456789")
    client = Recorder({"https://api.stlouisfed.org/fred/series/observations": b"{}"})
    requests = fred.requests_for("index_bars", ["SPX", "RUT"], date(2026, 1, 16), date(2026, 1, 23))
    assert [(r.symbol, r.series) for r in requests] == [("SPX", "SP500")]
    fred.fetch(client, requests[0])
    assert client.asked[0][1]["api_key"] == "abcdef0123456789"
    assert client.asked[0][1]["observation_start"] == "2026-01-16"


def test_fetch_refuses_what_names_no_series() -> None:
    with pytest.raises(MalformedAnswer, match="names no series"):
        fred.fetch(Recorder({}), Request("fred", "macro_observations", AT, series="../x"))
