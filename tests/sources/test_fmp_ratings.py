"""FMP: grades and targets, actions in our words, and the many ways in which the host says no."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sources.base import Parsed, Request
from sources.providers import fmp_ratings
from tests.sources.recorder import AT, Recorder
from warehouse.errors import AccessRefused, ChangedShape, MalformedAnswer, NoData, RateLimited, SourceError

GRADE = {
    "symbol": "BRK-B",
    "date": "2026-01-22",
    "gradingCompany": "Some Bank",
    "previousGrade": "Hold",
    "newGrade": "Buy",
    "action": "upgrade",
}
TARGET = {
    "symbol": "BRK-B",
    "publishedDate": "2026-01-23T02:03:37.000Z",
    "analystCompany": "Other Bank",
    "priceTarget": 310,
    "priceWhenPosted": 245.5,
}


def parsed(*entries: Any) -> Parsed:
    return fmp_ratings.parse(json.dumps(list(entries)).encode(), Request("fmp_ratings", "", AT, symbol="BRK/B"))


def test_a_grade_is_known_by_its_day_alone() -> None:
    (row,) = parsed(GRADE).tables["rating_actions"].to_pylist()
    assert row == {
        "symbol": "BRK/B",
        "rated_at": datetime(2026, 1, 22, tzinfo=UTC),
        "rating_date": date(2026, 1, 22),
        "firm": "Some Bank",
        "to_grade": "Buy",
        "from_grade": "Hold",
        "action": "up",
        "price_target_usd": None,
        "available_at": datetime(2026, 1, 22, 23, tzinfo=UTC),
        "source": "fmp_ratings",
    }


def test_a_target_has_an_instant_and_no_grade() -> None:
    (row,) = parsed(TARGET).tables["rating_actions"].to_pylist()
    at = datetime(2026, 1, 23, 2, 3, 37, tzinfo=UTC)
    assert (row["rated_at"], row["available_at"], row["rating_date"]) == (at, at, date(2026, 1, 22))
    assert (row["firm"], row["to_grade"], row["action"], row["price_target_usd"]) == ("Other Bank", None, None, 310.0)


@pytest.mark.parametrize(
    ("word", "action"),
    [("Downgrade", "down"), ("maintain", "main"), ("initialise", "init"), ("reiterate", "reit"), ("", None)],
)
def test_actions_in_our_words(word: str, action: str | None) -> None:
    found = parsed(GRADE | {"action": word})
    assert found.tables["rating_actions"]["action"].to_pylist() == [action]
    assert found.notes == {}


def test_an_action_in_unknown_words_is_left_to_be_derived() -> None:
    found = parsed(GRADE | {"action": "resumed"})
    assert found.tables["rating_actions"]["action"].to_pylist() == [None]
    assert found.notes == {"action_in_unknown_words": 1}


def test_what_cannot_be_taken_is_rejected() -> None:
    found = parsed(
        GRADE,
        GRADE | {"date": "yesterday"},
        GRADE | {"newGrade": ""},
        TARGET | {"priceTarget": -1},
        GRADE | {"symbol": "'; drop table x", "date": "2026-01-21"},
        GRADE | {"gradingCompany": None, "date": "2026-01-20"},
        GRADE | {"gradingCompany": "a\ud800b", "date": "2026-01-19"},
        7,
    )
    assert found.tables["rating_actions"].num_rows == 1
    assert [bad.reason for bad in found.rejected] == [
        "the date is 'yesterday', no instant of ISO 8601",
        "neither a grade nor a target",
        "priceTarget is -1",
        """symbol "'; drop table x" is no symbol""",
        "firm is missing",
        "the firm holds characters that no text holds: 'a\\ud800b'",
        "a rating should be an object",
    ]


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-23T00:00:00.000Z",
        "2026-01-23 00:00:00",
        "2026-01-23",
        "2026-01-23T00:00:00-05:00",
        "2026-01-23T00:00:00+09:00",
    ],
)
def test_midnight_is_a_day_without_an_hour(written: str) -> None:
    (row,) = parsed(TARGET | {"publishedDate": written}).tables["rating_actions"].to_pylist()
    assert row["rated_at"] == datetime(2026, 1, 23, tzinfo=UTC)
    assert (row["rating_date"], row["available_at"]) == (date(2026, 1, 23), datetime(2026, 1, 23, 23, tzinfo=UTC))


@pytest.mark.parametrize("written", ["2026-01-22T19:00:00-05:00", "2026-01-23T09:00:00+09:00"])
def test_an_hour_that_is_midnight_in_utc_is_an_hour(written: str) -> None:
    (row,) = parsed(TARGET | {"publishedDate": written}).tables["rating_actions"].to_pylist()
    at = datetime(2026, 1, 23, tzinfo=UTC)
    assert (row["rated_at"], row["available_at"], row["rating_date"]) == (at, at, date(2026, 1, 22))


@pytest.mark.parametrize("written", ["20260123", "2026-W04-5", "20260123T020337", "2026-01-23T02"])
def test_a_date_in_another_form_is_none(written: str) -> None:
    found = parsed(TARGET, TARGET | {"publishedDate": written})
    assert (found.tables["rating_actions"].num_rows, len(found.rejected)) == (1, 1)


def test_ratings_of_another_symbol_are_refused() -> None:
    with pytest.raises(
        MalformedAnswer, match="'BRK/B' was asked and the answer is about 'AAPL'; has the symbol been changed"
    ):
        parsed(GRADE, GRADE | {"symbol": "AAPL"})


@pytest.mark.parametrize("name", ["previousGrade", "action", "gradingCompany", "newGrade", "date", "symbol"])
def test_a_field_that_all_grades_lack_has_been_renamed(name: str) -> None:
    with pytest.raises(ChangedShape, match=f"no entry has {name}"):
        parsed({f"{field}New" if field == name else field: value for field, value in GRADE.items()})


ERRORS: list[tuple[str, bytes, type[SourceError]]] = [
    ("empty", b"", MalformedAnswer),
    ("html", b"<html></html>", MalformedAnswer),
    ("unknown symbol", b"[]", NoData),
    ("an object", b'{"symbol": "AAPL"}', ChangedShape),
    ("nothing readable", b'[{"a": 1}]', ChangedShape),
    (
        "legacy",
        b'{"Error Message": "Legacy Endpoint : Due to Legacy endpoints being no longer supported"}',
        AccessRefused,
    ),
    ("wrong key", b'{"Error Message": "Invalid API KEY. Feel free to create a Free API Key"}', AccessRefused),
    ("limit", b'{"Error Message": "Limit Reach . Please upgrade your plan or visit our documentation"}', RateLimited),
    ("premium", b"Premium Query Parameter: 'Special Endpoint : not available under your subscription'", AccessRefused),
]


@pytest.mark.parametrize(("name", "body", "kind"), ERRORS, ids=[name for name, _, _ in ERRORS])
def test_error_matrix(name: str, body: bytes, kind: type[SourceError]) -> None:
    with pytest.raises(SourceError) as caught:
        fmp_ratings.parse(body, Request("fmp_ratings", "", AT, symbol="AAPL"))
    assert type(caught.value) is kind


def test_fetch_needs_a_key_and_asks_for_grades_and_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Recorder({"https://financialmodelingprep.com/stable/": b"[]"})
    requests = fmp_ratings.requests_for("rating_actions", ["BRK/B"], date(2026, 1, 1), date(2026, 1, 2))
    with pytest.raises(AccessRefused, match="FMP_API_KEY"):
        fmp_ratings.fetch(client, requests[0])
    monkeypatch.setenv("FMP_API_KEY", "secret-key")
    for request in requests:
        _, filled = fmp_ratings.fetch(client, request)
    assert [(url.rsplit("/", 1)[1], params["symbol"]) for url, params, _ in client.asked] == [
        ("grades", "BRK-B"),
        ("price-target-news", "BRK-B"),
    ]
    assert "secret-key" not in filled.url
