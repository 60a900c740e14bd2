"""Yahoo's ratings: the history as rows, and the dance of cookie and crumb against a server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.base import Parsed, Request
from sources.http.client import Client, HttpSettings
from sources.providers import yahoo_ratings
from tests.sources.little_server import LittleServer, Reply, Time, little_server
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

HISTORY = seed("yahoo_ratings.json").payload
AT = datetime(2026, 1, 24, 3, 0, tzinfo=UTC)


def parsed(payload: bytes, symbol: str | None = "ABCD") -> Parsed:
    return yahoo_ratings.parse(payload, Request("yahoo_ratings", "rating_actions", AT, symbol=symbol))


def history(*entries: Any) -> bytes:
    module = {"upgradeDowngradeHistory": {"history": list(entries), "maxAge": 86400}}
    return json.dumps({"quoteSummary": {"result": [module], "error": None}}).encode()


def test_one_row_an_action() -> None:
    rows = parsed(HISTORY).tables["rating_actions"].to_pylist()
    assert rows[0] == {
        "symbol": "ABCD",
        "rated_at": datetime(2026, 1, 23, 13, 15, tzinfo=UTC),
        "rating_date": date(2026, 1, 23),
        "firm": "Alpha Research",
        "to_grade": "Buy",
        "from_grade": "Hold",
        "action": "up",
        "price_target_usd": None,
        "available_at": datetime(2026, 1, 23, 13, 15, tzinfo=UTC),
        "source": "yahoo_ratings",
    }
    # 20:30 in New York is the next day in UTC; an empty grade is none
    assert (rows[1]["rating_date"], rows[1]["from_grade"]) == (date(2026, 1, 20), None)
    # the same firm twice on a day; a target of 0 is none
    assert [(r["firm"], r["rating_date"].day, r["price_target_usd"]) for r in rows[2:]] == [
        ("Alpha Research", 20, 55.0),
        ("Alpha Research", 20, None),
    ]


def test_unknown_grades_stay_for_the_contract_to_judge_and_bad_entries_are_refused_alone() -> None:
    good = {
        "epochGradeDate": {"raw": 1769174100, "fmt": "x"},
        "firm": "A",
        "toGrade": "Superb",
        "fromGrade": "",
        "action": "up",
    }
    found = parsed(
        history(good, {**good, "epochGradeDate": "soon"}, {**good, "firm": ""}, "x", {**good, "toGrade": ""})
    )
    (row,) = found.tables["rating_actions"].to_pylist()
    assert row["to_grade"] == "Superb"
    assert [r.reason for r in found.rejected] == [
        "epochGradeDate is 'soon', no number",
        "firm is missing",
        "an entry is 'x'",
        "neither a grade nor a target",
    ]


def test_equal_entries_count_once_and_contradicting_ones_not_at_all() -> None:
    one = {"epochGradeDate": 1769174100, "firm": "A", "toGrade": "Buy", "fromGrade": "", "action": "up"}
    found = parsed(history(one, one))
    assert (found.tables["rating_actions"].num_rows, found.notes) == (1, {"repeated": 1})
    found = parsed(history(one, {**one, "toGrade": "Sell"}, {**one, "firm": "B"}))
    assert [r["firm"] for r in found.tables["rating_actions"].to_pylist()] == ["B"]
    assert len(found.rejected) == 2


NONE = b'{"quoteSummary":{"result":null,"error":{"code":"Not Found","description":"No fundamentals data found"}}}'
ERRORS: list[tuple[bytes, type[SourceError]]] = [
    (NONE, NotFound),
    (b'{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}', AccessRefused),
    (b"Edge: Too Many Requests", RateLimited),
    (b"<html><body>consent</body></html>", MalformedAnswer),
    (HISTORY[:200], MalformedAnswer),
    (b'{"quoteSummary":{"result":[{}],"error":null}}', ChangedShape),
    (b'{"chart":{"result":[{}],"error":null}}', ChangedShape),
    (history(), NoData),
    *(
        (HISTORY.replace(b'"%s"' % name, b'"%sNew"' % name), ChangedShape)
        for name in (b"epochGradeDate", b"firm", b"toGrade", b"fromGrade", b"action", b"currentPriceTarget")
    ),
]


def test_an_instant_before_any_rating_is_none() -> None:
    good = {"epochGradeDate": 1769174100, "firm": "A", "toGrade": "Buy", "fromGrade": "", "action": "up"}
    found = parsed(history(good, {**good, "epochGradeDate": 0}, {**good, "epochGradeDate": 1769174}))
    assert found.tables["rating_actions"].num_rows == 1
    assert [r.reason for r in found.rejected] == [
        "epochGradeDate is 0, before any rating",
        "epochGradeDate is 1769174, before any rating",
    ]


@pytest.mark.parametrize(("payload", "kind"), ERRORS)
def test_error_matrix(payload: bytes, kind: type[SourceError]) -> None:
    with pytest.raises(SourceError) as caught:
        parsed(payload)
    assert type(caught.value) is kind


def test_the_symbol_must_come_from_the_request() -> None:
    with pytest.raises(MalformedAnswer, match=r"does not name its symbol; give it"):
        parsed(HISTORY, symbol=None)


class Yahoo:
    """Gives a cookie, a crumb that fits it, and the history to those who have both."""

    def __init__(self) -> None:
        self.issued = 0
        self.crumb_page: bytes | None = None

    def __call__(self, path: str, headers: Mapping[str, str]) -> Reply:
        cookie = {name.lower(): value for name, value in headers.items()}.get("cookie", "")
        if path.startswith("/fc.yahoo.com"):
            self.issued += 1
            return Reply(b"<html>404</html>", 404, {"Set-Cookie": f"A3=c{self.issued}; Path=/"})
        if path.endswith("/v1/test/getcrumb"):
            return Reply(self.crumb_page or f"crumb/{cookie[3:]}".encode())
        if f"crumb=crumb%2Fc{self.issued}" in path and cookie == f"A3=c{self.issued}":
            return Reply(HISTORY)
        return Reply(b'{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}', 401)


@pytest.fixture
def server() -> Iterator[LittleServer]:
    with little_server() as running:
        yield running


def client(server: LittleServer, home: Path) -> Client:
    moment = Time()
    settings = HttpSettings(pace=dict.fromkeys(yahoo_ratings.HOSTS, 1000.0))
    return Client(home, moment.clock, settings, {"*": server.url}, sleep=moment.sleep)


def fetched(asking: Client, symbol: str = "ABCD") -> bytes:
    (request,) = yahoo_ratings.requests_for("rating_actions", [symbol], date(2026, 1, 1), date(2026, 1, 23))
    body, answered = yahoo_ratings.fetch(asking, request)
    assert "crumb=***" in answered.url
    return body


def test_one_cookie_and_crumb_serve_a_run(server: LittleServer, tmp_path: Path) -> None:
    yahoo = Yahoo()
    server.replies = [yahoo]
    asking = client(server, tmp_path)
    assert fetched(asking) == HISTORY
    assert fetched(asking, "BRK/B") == HISTORY
    assert yahoo.issued == 1
    assert server.asked[-1][0].startswith("/query2.finance.yahoo.com/v10/finance/quoteSummary/BRK-B?modules=")


def test_a_refused_crumb_is_renewed_once_for_all_threads(server: LittleServer, tmp_path: Path) -> None:
    yahoo = Yahoo()
    server.replies = [yahoo]
    asking = client(server, tmp_path)
    fetched(asking)
    yahoo.issued = 7  # the cookie has expired at Yahoo's
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: fetched(asking), range(8))) == [HISTORY] * 8
    assert yahoo.issued == 8


def test_a_second_refusal_is_final(server: LittleServer, tmp_path: Path) -> None:
    pages = {"getcrumb": Reply(b"crumb"), "fc.yahoo.com": Reply(b"", 404), "quoteSummary": Reply(b"no", 401)}
    server.replies = [lambda path, headers: next(reply for name, reply in pages.items() if name in path)]
    with pytest.raises(AccessRefused, match=r"status 401"):
        fetched(client(server, tmp_path))
    assert sum("quoteSummary" in path for path, _ in server.asked) == 2


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (b"Too Many Requests\n", RateLimited),
        (b"<html>no</html>", MalformedAnswer),
        (b"not a crumb", AccessRefused),
        (b"x" * 80, AccessRefused),
    ],
)
def test_what_is_no_crumb(server: LittleServer, tmp_path: Path, page: bytes, kind: type[SourceError]) -> None:
    yahoo = Yahoo()
    yahoo.crumb_page = page
    server.replies = [yahoo]
    with pytest.raises(SourceError) as caught:
        fetched(client(server, tmp_path))
    assert type(caught.value) is kind
