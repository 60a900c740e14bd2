"""The New York Fed: series by FRED's names, known on the next working day, revisions in place of first prints."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sources.base import Request
from sources.providers import nyfed_rates
from tests.sources.recorder import AT, Recorder
from warehouse.errors import ChangedShape, MalformedAnswer, NoData, NotFound, SourceError

EFFR = {"type": "EFFR", "percentRate": 3.64, "targetRateFrom": 3.5, "targetRateTo": 3.75, "revisionIndicator": ""}


def body(*entries: Any) -> bytes:
    return json.dumps({"refRates": list(entries)}).encode()


def rows(payload: bytes) -> list[tuple[str, str, float]]:
    found = nyfed_rates.parse(payload, Request("nyfed_rates", "", AT)).tables["macro_observations"].to_pylist()
    assert {r["vintage"] for r in found} == {"latest"}
    return [(r["series_id"], r["period_date"].isoformat(), r["value"]) for r in found]


def test_effr_comes_with_the_target_range() -> None:
    assert rows(body({"effectiveDate": "2026-01-22", **EFFR}, {"effectiveDate": "2026-01-21", **EFFR})) == [
        ("EFFR", "2026-01-22", 3.64),
        ("DFEDTARL", "2026-01-22", 3.5),
        ("DFEDTARU", "2026-01-22", 3.75),
        ("EFFR", "2026-01-21", 3.64),
        ("DFEDTARL", "2026-01-21", 3.5),
        ("DFEDTARU", "2026-01-21", 3.75),
    ]


def test_sofr_and_its_averages() -> None:
    sofr = {"effectiveDate": "2026-01-22", "type": "SOFR", "percentRate": 3.65, "percentPercentile1": 3.6}
    averages = {"effectiveDate": "2026-01-23", "type": "SOFRAI", "average30day": 3.7, "index": 1.23456789}
    assert rows(body(sofr, averages)) == [
        ("SOFR", "2026-01-22", 3.65),
        ("SOFR30DAYAVG", "2026-01-23", 3.7),
        ("SOFRINDEX", "2026-01-23", 1.23456789),
    ]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-01-16", datetime(2026, 1, 20, 14, tzinfo=UTC)),  # Martin Luther King Day lies between
        ("2025-10-10", datetime(2025, 10, 14, 13, tzinfo=UTC)),  # Columbus Day: the exchange is open
        ("2025-11-10", datetime(2025, 11, 12, 14, tzinfo=UTC)),  # Veterans Day
        ("2023-11-10", datetime(2023, 11, 13, 14, tzinfo=UTC)),  # on a Saturday: no day is lost
        ("2199-01-01", None),
    ],
)
def test_a_rate_is_public_on_the_next_working_day(day: str, expected: datetime | None) -> None:
    payload = body({"effectiveDate": day, "type": "SOFR", "percentRate": 1})
    found = nyfed_rates.parse(payload, Request("nyfed_rates", "", AT)).tables["macro_observations"]
    assert found["available_at"].to_pylist() == [expected]


def test_a_revision_replaces_the_first_print() -> None:
    first = {"effectiveDate": "2026-01-22", "type": "SOFR", "percentRate": 3.65, "revisionIndicator": ""}
    payload = body({**first, "percentRate": 3.66, "revisionIndicator": "r"}, first)
    assert rows(payload) == [("SOFR", "2026-01-22", 3.66)]
    assert nyfed_rates.parse(payload, Request("nyfed_rates", "", AT)).notes == {"replaced_by_a_revision": 1}


def test_missing_and_unreadable_values() -> None:
    payload = body(
        {"effectiveDate": "2026-01-22", **EFFR, "targetRateFrom": "NA"},
        {"effectiveDate": "22.01.2026", **EFFR},
        {"effectiveDate": "2026-01-22", "type": "XXXX", "percentRate": 1},
        "no object",
    )
    found = nyfed_rates.parse(payload, Request("nyfed_rates", "", AT))
    assert found.tables["macro_observations"]["series_id"].to_pylist() == ["EFFR", "DFEDTARU"]
    assert found.notes == {"missing_observations": 1}
    assert [bad.reason for bad in found.rejected] == [
        "effectiveDate is '22.01.2026', no date written as YYYY-MM-DD",
        "no rate that we know: type 'XXXX'",
        "an entry of refRates should be an object",
    ]


ERRORS: list[tuple[str, bytes, type[SourceError]]] = [
    ("empty", b"", MalformedAnswer),
    ("html", b"<html></html>", MalformedAnswer),
    ("no list", b'{"refRates": null}', ChangedShape),
    ("renamed", b'{"rates": []}', ChangedShape),
    ("no rates", b'{"refRates": []}', NoData),
    ("all missing", body({"effectiveDate": "2026-01-22", "type": "SOFR", "percentRate": "NA"}), NoData),
    ("nothing readable", body({"effectiveDate": "2026-01-22"}), ChangedShape),
]


@pytest.mark.parametrize(("name", "payload", "kind"), ERRORS, ids=[name for name, _, _ in ERRORS])
def test_error_matrix(name: str, payload: bytes, kind: type[SourceError]) -> None:
    with pytest.raises(SourceError) as caught:
        nyfed_rates.parse(payload, Request("nyfed_rates", "", AT))
    assert type(caught.value) is kind


def test_another_rate_than_the_one_asked_is_refused() -> None:
    payload = body({"effectiveDate": "2026-01-22", "type": "SOFR", "percentRate": 3.65})
    assert (
        nyfed_rates.parse(payload, Request("nyfed_rates", "", AT, series="SOFR")).tables["macro_observations"].num_rows
        == 1
    )
    for asked in ("EFFR", "DFEDTARL"):
        with pytest.raises(
            MalformedAnswer, match="'EFFR' was asked and the answer is about 'SOFR'; is it the answer for another"
        ):
            nyfed_rates.parse(payload, Request("nyfed_rates", "", AT, series=asked))
    averages = body({"effectiveDate": "2026-01-23", "type": "SOFRAI", "average30day": 3.7})
    with pytest.raises(MalformedAnswer, match="'SOFR' was asked and the answer is about 'SOFRAI'"):
        nyfed_rates.parse(averages, Request("nyfed_rates", "", AT, series="SOFR"))


def test_a_target_range_that_all_rates_lack_has_been_renamed() -> None:
    renamed = {name.replace("targetRate", "target"): value for name, value in EFFR.items()}
    with pytest.raises(ChangedShape, match="no entry has targetRateFrom, targetRateTo"):
        rows(body({"effectiveDate": "2026-01-22", **renamed}))
    # until the end of 2008 the target was a single rate
    assert rows(body({"effectiveDate": "2007-01-22", **renamed})) == [("EFFR", "2007-01-22", 3.64)]


def test_one_request_serves_the_rate_and_its_target() -> None:
    series = ["DFEDTARL", "DFEDTARU", "DGS10", "EFFR", "SOFR"]
    requests = nyfed_rates.requests_for("macro_observations", series, date(2026, 1, 2), date(2026, 1, 23))
    assert [r.series for r in requests] == ["SOFR", "DFEDTARL"]
    client = Recorder({"https://markets.newyorkfed.org/api/rates/unsecured/effr/search.json": body()})
    nyfed_rates.fetch(client, requests[1])
    assert client.asked[0][1] == {"startDate": "2026-01-02", "endDate": "2026-01-23"}
    with pytest.raises(NotFound, match="DGS10"):
        nyfed_rates.fetch(client, Request("nyfed_rates", "", AT, series="DGS10"))
