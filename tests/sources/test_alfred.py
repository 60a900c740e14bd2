"""ALFRED: the column's name is the proof of the vintage."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sources.base import Request
from sources.providers import alfred
from tests.sources.recorder import AT, Recorder
from warehouse.errors import ChangedShape, MalformedAnswer, NoData, SourceError

CSV = b"observation_date,GDPC1_20140730\n2014-01-01,15831.7\n2014-04-01,15985.7\n2014-07-01,.\n"
DAY = date(2014, 7, 30)


def test_rows_carry_the_vintage_and_are_public_by_that_day() -> None:
    found = alfred.parse(CSV, Request("alfred", "", AT, series="GDPC1", session=DAY))
    rows = found.tables["macro_observations"].to_pylist()
    assert [(r["series_id"], r["period_date"], r["vintage"], r["value"]) for r in rows] == [
        ("GDPC1", date(2014, 1, 1), "2014-07-30", 15831.7),
        ("GDPC1", date(2014, 4, 1), "2014-07-30", 15985.7),
        ("GDPC1", date(2014, 7, 1), "2014-07-30", None),
    ]
    assert {r["available_at"] for r in rows} == {datetime(2014, 7, 30, 22, tzinfo=UTC)}
    assert found.notes == {"missing_observations": 1}


def test_a_series_with_underscores_and_two_vintages() -> None:
    body = b"DATE,A_B_20140430,A_B_20140730\n2014-01-01,1,2\n"
    rows = alfred.parse(body, Request("alfred", "", AT)).tables["macro_observations"].to_pylist()
    assert [(r["series_id"], r["vintage"], r["value"]) for r in rows] == [
        ("A_B", "2014-04-30", 1.0),
        ("A_B", "2014-07-30", 2.0),
    ]


ERRORS: list[tuple[str, bytes, type[SourceError]]] = [
    ("empty", b" ", MalformedAnswer),
    ("html", b"<html><head></head></html>", MalformedAnswer),
    ("vintage not honoured", CSV.replace(b"GDPC1_20140730", b"GDPC1"), ChangedShape),
    ("another vintage", CSV.replace(b"20140730", b"20140829"), ChangedShape),
    ("no day", CSV.replace(b"20140730", b"20140732"), ChangedShape),
    ("another series", CSV.replace(b"GDPC1", b"GDP"), ChangedShape),
    ("digits cut off", CSV.removesuffix(b"2014-07-01,.\n")[:-2], MalformedAnswer),
    ("no values", b"observation_date,GDPC1_20140730\n2014-07-01,.\n", NoData),
]


@pytest.mark.parametrize(("name", "body", "kind"), ERRORS, ids=[name for name, _, _ in ERRORS])
def test_error_matrix(name: str, body: bytes, kind: type[SourceError]) -> None:
    with pytest.raises(SourceError) as caught:
        alfred.parse(body, Request("alfred", "", AT, series="GDPC1", session=DAY))
    assert type(caught.value) is kind


def test_fetch_asks_for_the_vintage() -> None:
    client = Recorder({"https://alfred.stlouisfed.org/graph/alfredgraph.csv": CSV})
    (request,) = alfred.requests_for("macro_observations", ["GDPC1"], date(2014, 1, 1), DAY)
    alfred.fetch(client, request)
    assert client.asked[0][1] == {"id": "GDPC1", "vintage_date": "2014-07-30", "coed": "2014-07-30"}
    with pytest.raises(MalformedAnswer, match="no vintage was asked"):
        alfred.fetch(client, Request("alfred", "", AT, series="GDPC1"))
    with pytest.raises(MalformedAnswer, match="is no day"):
        alfred.fetch(client, Request("alfred", "", AT, series="GDPC1", options={"vintage": "July"}))
