"""The HTTP client against a server on the loopback: what is tried again, what is not, and what never gets through."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from sources.http.client import Client, HttpSettings
from sources.http.guards import Secrets
from tests.sources.little_server import LittleServer, Reply, Time, little_server
from tests.support.patience import HANG_SECONDS
from warehouse.errors import (
    AccessRefused,
    MalformedAnswer,
    NoData,
    NotFound,
    RateLimited,
    SourceError,
    TransientSourceError,
)

URL = "https://api.example.com/v1/bars"
GOOD = Reply(b'{"bars": [1]}')
FAST = 1000.0


@pytest.fixture
def server() -> Iterator[LittleServer]:
    with little_server() as running:
        yield running


@pytest.fixture
def moment() -> Time:
    return Time()


def client(server: LittleServer, home: Path, moment: Time, **changed: Any) -> Client:
    settings = HttpSettings(**{"default_pace": FAST, **changed})
    return Client(
        home, moment.clock, settings, {"*": server.url}, sleep=moment.sleep, monotonic=moment.monotonic, seed=1
    )


def test_an_answer_carries_its_bytes_and_when_it_was_asked(server: LittleServer, tmp_path: Path, moment: Time) -> None:
    server.replies = [GOOD]
    answer = client(server, tmp_path, moment).get(URL, {"symbol": "^GSPC"})
    assert answer.body == GOOD.body
    assert answer.fetched_at == moment.clock()
    assert answer.url == f"{server.url}/api.example.com/v1/bars?symbol=%5EGSPC"
    assert server.asked[0][0] == "/api.example.com/v1/bars?symbol=%5EGSPC"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_trouble_of_the_host_is_tried_again(server: LittleServer, tmp_path: Path, moment: Time, status: int) -> None:
    server.replies = [Reply(status=status), Reply(status=status), GOOD]
    asking = client(server, tmp_path, moment)
    assert asking.get(URL).body == GOOD.body
    assert (len(server.asked), asking.retries_made) == (3, 2)
    first, second = [seconds for seconds in moment.slept if seconds >= 0.5]
    assert 0.5 <= first <= 1.0
    assert 1.0 <= second <= 2.0


CRUMB = b'{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}'
DATES = (
    b"""{"chart":{"result":null,"error":{"code":"Bad Request","description":"Data doesn't exist for startDate = 1"}}}"""
)
SERIES = b'{"error_code":400,"error_message":"Bad Request. The series does not exist."}'
SYMBOL = b'{"data":null,"status":{"rCode":400,"bCodeMessage":[{"code":1001,"errorMessage":"Symbol not exists."}]}}'
REFUSED = [
    (Reply(b"no", 404), NotFound),
    (Reply(b"gone", 410), NotFound),
    (Reply(CRUMB, 401), AccessRefused),
    (Reply(b"<html>denied</html>", 403), AccessRefused),
    (Reply(DATES, 400), NoData),
    (Reply(SERIES, 400), NotFound),
    (Reply(b"what", 418), AccessRefused),
    (Reply(b"<!DOCTYPE html><html></html>"), MalformedAnswer),
    (Reply(b""), MalformedAnswer),
    (Reply(b"  \r\n"), MalformedAnswer),
    (Reply(b'{"bars": [1, 2'), MalformedAnswer),
    (Reply(b"Edge: Too Many Requests"), RateLimited),
    (Reply(SYMBOL), NotFound),
    (Reply(b'{"Error Message":"Limit Reach . Please upgrade your plan"}'), RateLimited),
    (Reply(b'{"status":"ERROR","error":"Unknown API Key"}'), AccessRefused),
]


@pytest.mark.parametrize(("reply", "kind"), REFUSED, ids=[f"{r.status} {r.body[:30]!r}" for r, _ in REFUSED])
def test_what_is_wrong_in_itself_is_refused(
    server: LittleServer, tmp_path: Path, moment: Time, reply: Reply, kind: type[SourceError]
) -> None:
    server.replies = [reply]
    with pytest.raises(SourceError) as caught:
        client(server, tmp_path, moment).get(URL)
    assert type(caught.value) is kind
    # only the host's own words for "slow down" are worth another try
    assert len(server.asked) == (4 if kind is RateLimited else 1)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("api.example.com/v1/bars")


def test_each_kind_of_content_is_checked(server: LittleServer, tmp_path: Path, moment: Time) -> None:
    asking = client(server, tmp_path, moment)
    server.replies = [Reply(b"\xef\xbb\xbfa,b\n1,2\n")]
    assert asking.get(URL, expect="csv").body == b"\xef\xbb\xbfa,b\n1,2\n"
    server.replies = [Reply(b"<?xml version='1.0'?><rss/>")]
    assert asking.get(URL, expect="xml").body.endswith(b"<rss/>")
    for expect, body in (("csv", b'{"a": 1}'), ("csv", b"<html></html>"), ("xml", b"<html></html>"), ("xml", b"a,b")):
        server.replies = [Reply(body)]
        with pytest.raises(MalformedAnswer):
            asking.get(URL, expect=expect)  # type: ignore[arg-type]  # the loop's texts are the literals


def test_retry_after_in_seconds_holds_the_host(server: LittleServer, tmp_path: Path, moment: Time) -> None:
    server.replies = [Reply(status=429, headers={"Retry-After": "7"}), GOOD]
    assert client(server, tmp_path, moment).get(URL).body == GOOD.body
    assert moment.seconds == pytest.approx(1007, abs=0.01)


def test_retry_after_as_a_date(server: LittleServer, tmp_path: Path, moment: Time) -> None:
    server.replies = [Reply(status=503, headers={"Retry-After": "Fri, 23 Jan 2026 22:00:30 GMT"}), GOOD]
    assert client(server, tmp_path, moment).get(URL).body == GOOD.body
    assert moment.seconds == pytest.approx(1030, abs=0.01)


def test_retry_after_beyond_the_cap_ends_it(server: LittleServer, tmp_path: Path, moment: Time) -> None:
    server.replies = [Reply(status=429, headers={"Retry-After": "3600"})]
    with pytest.raises(RateLimited, match=r"it asks to wait 3600 s, over the limit"):
        client(server, tmp_path, moment).get(URL)
    assert len(server.asked) == 1


def test_retry_after_of_zero_is_soon_and_not_at_once(server: LittleServer, tmp_path: Path, moment: Time) -> None:
    server.replies = [Reply(status=429, headers={"Retry-After": "0"}), GOOD]
    client(server, tmp_path, moment).get(URL)
    assert 1000.5 <= moment.seconds <= 1001.01


def test_a_request_that_cannot_be_sent_says_so_without_the_key(
    server: LittleServer, tmp_path: Path, moment: Time
) -> None:
    with pytest.raises(AccessRefused, match=r"a header or a redirect cannot be used \(InvalidHeader\)") as caught:
        client(server, tmp_path, moment).get(URL, headers={"Authorization": "Bearer k3y\nk3y"})
    assert "k3y" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_nonsense_in_retry_after_counts_as_nothing(server: LittleServer, tmp_path: Path, moment: Time) -> None:
    server.replies = [Reply(status=429, headers={"Retry-After": "soon"}), GOOD]
    assert client(server, tmp_path, moment).get(URL).body == GOOD.body
    assert moment.seconds < 1002


def test_a_cut_body_is_tried_again(server: LittleServer, tmp_path: Path, moment: Time) -> None:
    server.replies = [Reply(GOOD.body, declared=500), GOOD]
    assert client(server, tmp_path, moment).get(URL).body == GOOD.body
    server.replies = [Reply(GOOD.body, declared=500)]
    with pytest.raises(TransientSourceError, match=r"connection was lost .* \(asked 4 times\)"):
        client(server, tmp_path, moment).get(URL)


def test_a_host_that_is_not_there_is_transient(tmp_path: Path, moment: Time) -> None:
    with little_server() as gone:
        pass
    with pytest.raises(TransientSourceError, match=r"api.example.com: the connection was lost"):
        client(gone, tmp_path, moment).get(URL)


def test_a_slow_body_ends_at_the_total_time(server: LittleServer, tmp_path: Path, moment: Time) -> None:
    """Each look at the clock finds it a minute later: the third minute is over in the middle of a body that never ends."""
    server.replies = [Reply(b"x" * 400, declared=500, is_kept_open=True)]
    settings = HttpSettings(default_pace=FAST, total_seconds=60, read_seconds=HANG_SECONDS, attempts=1)
    minutes = count(1)
    client = Client(
        tmp_path, moment.clock, settings, {"*": server.url}, sleep=moment.sleep, monotonic=lambda: 60.5 * next(minutes)
    )
    with pytest.raises(TransientSourceError, match=r"took over 60 s"):
        client.get(URL, expect="text")


def test_a_body_over_the_limit_is_not_read(server: LittleServer, tmp_path: Path, moment: Time) -> None:
    asking = client(server, tmp_path, moment, max_bytes=1000)
    server.replies = [Reply(b"[" + b"1," * 5000 + b"1]")]
    with pytest.raises(MalformedAnswer, match=r"larger than 1000 bytes"):
        asking.get(URL)
    # packed, 50 bytes on the wire
    server.replies = [Reply(gzip.compress(b"[" + b"1," * 50000 + b"1]"), headers={"Content-Encoding": "gzip"})]
    with pytest.raises(MalformedAnswer, match=r"larger than 1000 bytes"):
        asking.get(URL)


def test_the_retry_budget_is_shared(server: LittleServer, tmp_path: Path, moment: Time) -> None:
    asking = client(server, tmp_path, moment, retry_floor=3, retry_share=0.0)
    server.replies = [Reply(status=500)]
    for _ in range(3):
        with pytest.raises(TransientSourceError):
            asking.get(URL)
    # 1 + 3 tries, then the budget of 3 is used up
    assert len(server.asked) == 4 + 1 + 1
    with pytest.raises(TransientSourceError, match=r"retry budget of this run is used up"):
        asking.get(URL)


def test_redirects_stay_on_the_site(server: LittleServer, tmp_path: Path, moment: Time) -> None:
    asking = client(server, tmp_path, moment)
    server.replies = [Reply(status=302, headers={"Location": "/v2/bars"}), GOOD]
    assert asking.get(URL, {"a": "1"}).body == GOOD.body
    assert server.asked[1][0] == "/v2/bars"
    server.replies = [Reply(status=301, headers={"Location": "https://evil.example.org/bars"})]
    with pytest.raises(AccessRefused, match=r"redirects to another site \('evil.example.org'\)"):
        asking.get(URL)
    for nonsense in ("http://[half", "//127.0.0.1:port/x", "//[::1"):
        server.replies = [Reply(status=302, headers={"Location": nonsense})]
        with pytest.raises(MalformedAnswer, match=r"it redirects to '.*', which is no address"):
            asking.get(URL)
        # it has answered, whatever it says
        assert asking.why_silent("api.example.com", 5) == ""
    server.replies = [Reply(status=302, headers={"Location": "/again"})]
    with pytest.raises(MalformedAnswer, match=r"redirects in a circle"):
        asking.get(URL)


def test_only_https_is_asked(tmp_path: Path, moment: Time) -> None:
    asking = Client(tmp_path, moment.clock, sleep=moment.sleep, monotonic=moment.monotonic)
    for address in ("http://api.example.com/x", "file:///etc/passwd", "ftp://api.example.com/x"):
        with pytest.raises(AccessRefused, match=r"only https is asked"):
            asking.get(address)


def test_keys_are_masked_everywhere(
    server: LittleServer, tmp_path: Path, moment: Time, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asking = client(server, tmp_path, moment)
    secret = "s3cr3t/key"
    server.replies = [GOOD]
    answer = asking.get(URL, {"apikey": secret, "symbol": "A"}, {"Authorization": f"Bearer {secret}x"})
    assert answer.url == f"{server.url}/api.example.com/v1/bars?apikey=***&symbol=A"
    server.replies = [Reply(f'{{"error": "invalid api key {secret}"}}'.encode(), 403)]
    with pytest.raises(AccessRefused) as caught:
        asking.get(URL, {"token": secret})
    server.replies = [Reply(f'{{"error": "invalid api key {secret}"}}'.encode())]
    with pytest.raises(AccessRefused) as in_a_200:
        asking.get(URL, {"api_key": secret})
    stored = "".join(path.read_text() for path in (tmp_path / "pace").iterdir())
    for text in (str(caught.value), str(in_a_200.value), caplog.text, stored):
        assert "s3cr3t" not in text
    assert "***" in caplog.text
    assert "apikey=s3cr3t%2Fkey" in server.asked[0][0]
    assert server.asked[0][1]["authorization"] == f"Bearer {secret}x"


def test_keys_are_learnt_while_others_are_masked() -> None:
    secrets = Secrets()
    keys = [f"secret-{number}" for number in range(2000)]

    def both(key: str) -> str:
        secrets.add_secrets({"token": key}, None)
        return secrets.mask_text(f"wrong {key}!")

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(both, keys)) == {"wrong ***!"}


def test_what_is_known_of_a_host(server: LittleServer, tmp_path: Path, moment: Time) -> None:
    asking = client(server, tmp_path, moment)
    assert asking.host_state("api.example.com").last_good == ""
    server.replies = [GOOD, Reply(status=404)]
    asking.get(URL)
    with pytest.raises(NotFound):
        asking.get(URL)
    state = asking.host_state("api.example.com")
    assert (state.last_good, state.answered, state.failed) == ("2026-01-23T22:00:00+00:00", 1, 1)
    assert "status 404" in state.last_error


def test_base_urls_by_host(server: LittleServer, tmp_path: Path, moment: Time) -> None:
    server.replies = [GOOD]
    bases = {"api.example.com": f"{server.url}/example/"}
    settings = HttpSettings(default_pace=FAST)
    asking = Client(tmp_path, moment.clock, settings, bases, sleep=moment.sleep, monotonic=moment.monotonic)
    asking.get(f"{URL}?x=1")
    assert server.asked[0][0] == "/example/v1/bars?x=1"


def test_allowed_statuses_are_answers(server: LittleServer, tmp_path: Path, moment: Time) -> None:
    server.replies = [Reply(b"<html>not here</html>", 404)]
    asking = client(server, tmp_path, moment)
    assert asking.get(URL, allow=(404,)).status == 404
    assert asking.host_state("api.example.com").last_good == ""
