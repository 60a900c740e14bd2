"""Asks a host politely, tries again what is worth it, and keeps nothing that is not data."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from sources.http.guards import (
    Secrets,
    check_content,
    connection_error,
    connection_failure_cause,
    error_of_status,
    mask_urllib3_logs,
    redirect_target,
    unsendable_request_error,
)
from sources.http.pacing import HostState, Pace
from sources.http.session import Session
from sources.http.unpacking import ACCEPTED, is_end_stated, unpack_body
from warehouse.errors import (
    AccessRefused,
    MalformedAnswer,
    RateLimited,
    SourceError,
    TransientSourceError,
)

Expect = Literal["json", "csv", "text", "xml"]
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
_CHUNK = 64 * 1024
_REDIRECTS = 5
_LOST = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    urllib3.exceptions.HTTPError,
    OSError,
)


@dataclass(frozen=True)
class HttpSettings:
    """Times are seconds. A request is tried at most `attempts` times; all requests of a client together are
    repeated at most `retry_floor + retry_share x requests` times, so that a dead host cannot eat an evening."""

    connect_seconds: float = 10
    read_seconds: float = 30
    total_seconds: float = 120
    attempts: int = 4
    backoff_seconds: float = 1.0
    backoff_cap_seconds: float = 30
    retry_after_cap_seconds: float = 60
    retry_floor: int = 20
    retry_share: float = 0.5
    max_bytes: int = 256 * 1024 * 1024
    default_pace: float = 2.0
    pace: Mapping[str, float] = field(default_factory=dict)
    user_agent: str = BROWSER


@dataclass(frozen=True)
class Answer:
    """A body that passed its content check. `url` has its keys masked; `fetched_at` is when the request went out."""

    body: bytes
    status: int
    url: str
    fetched_at: datetime
    headers: Mapping[str, str]


class Client:
    """One for all threads of a run. `clock` gives aware UTC instants; it, `sleep` and `monotonic` can be replaced.

    `base_urls` sends a host's requests elsewhere: {"query1.finance.yahoo.com": "http://127.0.0.1:8900/yahoo"}; the
    name "*" stands for all hosts, and then the host is put before the path: "http://127.0.0.1:8900" + "/" + host.
    """

    def __init__(
        self,
        home: Path,
        clock: Callable[[], datetime],
        settings: HttpSettings | None = None,
        base_urls: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        seed: int | None = None,
    ) -> None:
        self.settings = settings or HttpSettings()
        self.requests_made = 0
        self.retries_made = 0
        # what adapters keep for a run, such as a crumb, under `memory_lock`; it never reaches the disk
        self.memory: dict[str, str] = {}
        self.memory_lock = threading.Lock()
        self._clock = clock
        self._sleep = sleep
        self._monotonic = monotonic
        self._base_urls = dict(base_urls or {})
        self._pace = Pace(home, monotonic, sleep)
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._secrets = Secrets()
        self._session = Session()
        self._session.mount("https://", HTTPAdapter(pool_connections=16, pool_maxsize=64, max_retries=0))
        self._session.mount("http://", HTTPAdapter(pool_connections=16, pool_maxsize=64, max_retries=0))
        mask_urllib3_logs(self._secrets)

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        expect: Expect = "json",
        pace: float | None = None,
        allow: Collection[int] = (),
    ) -> Answer:
        """The answer to one GET, repeated where that is worth it.

        `pace` is the adapter's own pace, used where the settings name none for the host. Statuses in `allow` count as
        answers as they are, with no content check. Raises TransientSourceError (RateLimited) when the tries or the
        retry budget are used up; NotFound, AccessRefused, MalformedAnswer and other SourceErrors at once.
        """
        self._secrets.add_secrets(params, headers)
        host = urlsplit(url).hostname or ""
        target = self._resolve_target(url)
        with self._lock:
            self.requests_made += 1
        for attempt in range(1, self.settings.attempts + 1):
            self._pace.wait_for_turn(host, self.settings.pace.get(host) or pace or self.settings.default_pace)
            try:
                answer = self._ask_once(url, target, params, headers, expect, allow)
            except TransientSourceError as error:
                self._pace.note_failure(host, str(error))
                self._before_next(host, attempt, error)
            except SourceError as error:
                self._pace.note_failure(host, str(error))
                raise
            else:
                return answer
        raise AssertionError("unreachable: the last attempt raises")

    def why_silent(self, host: str, seconds: float) -> str:
        """'' where `host` answers one request for its front page with any status, else what happened instead.

        Asked once, outside the pace, with `seconds` for the connection and as long for the first line of the answer.
        """
        try:
            self._session.get(
                self._resolve_target(f"https://{host}/"),
                headers={"User-Agent": self.settings.user_agent, "Accept": "*/*"},
                timeout=(seconds, seconds),
                stream=True,
                allow_redirects=False,
            ).close()
        except (ValueError, *_LOST) as error:
            return connection_failure_cause(error)
        return ""

    def host_state(self, host: str) -> HostState:
        """What this home knows of `host`: last good answer, latency, failures."""
        return self._pace.read_state(host)

    def masked(self, text: str) -> str:
        """`text` with every key that this client has used, and every key-like parameter, as ***."""
        return self._secrets.mask_text(text)

    def forget_cookies(self) -> None:
        """Before asking for new ones."""
        self._session.cookies.clear()

    def close(self) -> None:
        self._session.close()

    def _before_next(self, host: str, attempt: int, error: TransientSourceError) -> None:
        """Wait before the next attempt, or raise `error` when there is none."""
        settings = self.settings
        asked = getattr(error, "retry_after", None)
        if attempt >= settings.attempts:
            raise type(error)(f"{error} (asked {attempt} times)" if attempt > 1 else str(error)) from error
        if asked is not None and asked > settings.retry_after_cap_seconds:
            raise type(error)(f"{error}; it asks to wait {asked:.0f} s, over the limit of this run") from error
        with self._lock:
            if self.retries_made >= settings.retry_floor + settings.retry_share * self.requests_made:
                raise type(error)(f"{error}; the retry budget of this run is used up") from error
            self.retries_made += 1
            jitter = self._random.uniform(0.5, 1.0)
        delay = min(settings.backoff_seconds * 2 ** (attempt - 1), settings.backoff_cap_seconds) * jitter
        if asked is None:
            self._sleep(delay)
        else:
            # all threads and processes wait; "0" means soon, not at once
            self._pace.hold_host(host, max(asked, delay))

    def _resolve_target(self, url: str) -> str:
        parts = urlsplit(url)
        host = parts.hostname or ""
        base = self._base_urls.get(host)
        if base is None and "*" in self._base_urls:
            base = f"{self._base_urls['*'].rstrip('/')}/{host}"
        if base is None:
            if parts.scheme != "https":
                raise AccessRefused(f"{host}: only https is asked, not {parts.scheme or 'nothing'}; check the address")
            return url
        return base.rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else "")

    def _ask_once(
        self,
        url: str,
        target: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        expect: Expect,
        allow: Collection[int],
    ) -> Answer:
        host = urlsplit(url).hostname or ""
        began = self._monotonic()
        fetched_at = self._clock().astimezone(UTC)
        sent = {
            "User-Agent": self.settings.user_agent,
            "Accept": "*/*",
            **(headers or {}),
            "Accept-Encoding": ACCEPTED,
        }
        try:
            response = self._follow_redirects(host, target, params, sent)
            with response:
                body = self._read_body(host, response, began + self.settings.total_seconds)
        except ValueError as error:
            raise unsendable_request_error(host, error) from None
        except _LOST as error:
            raise connection_error(host, error) from None
        what = self.masked(f"{host}{urlsplit(url).path}")
        status = response.status_code
        if status not in allow:
            if status != 200:
                raise self._refusal_error(response, body, what)
            try:
                check_content(body, expect, what, self._secrets, is_end_stated=is_end_stated(response.headers))
            except MalformedAnswer as error:
                raise type(error)(f"{error} (what is no data is not stored)") from error
        if status == 200:
            self._pace.note_success(host, fetched_at.isoformat(), self._monotonic() - began)
        return Answer(body, status, self.masked(response.url or url), fetched_at, dict(response.headers))

    def _follow_redirects(
        self, host: str, url: str, params: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> requests.Response:
        """The response after redirects within the site."""
        times = (self.settings.connect_seconds, self.settings.read_seconds)
        for _ in range(_REDIRECTS + 1):
            response = self._session.get(
                url, params=params, headers=headers, timeout=times, stream=True, allow_redirects=False
            )
            place = response.headers.get("Location")
            if response.status_code not in (301, 302, 303, 307, 308) or place is None:
                return response
            response.close()
            url, params = redirect_target(host, response.url, place), None
        raise MalformedAnswer(f"{host}: it redirects in a circle; check the address")

    def _read_body(self, host: str, response: requests.Response, deadline: float) -> bytes:
        """The whole body, unpacked, within the limits of size and time."""
        limit = self.settings.max_bytes
        pieces: list[bytes] = []
        size = 0
        while piece := response.raw.read1(_CHUNK, decode_content=False):
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                raise MalformedAnswer(f"{host}: the answer is larger than {limit} bytes; the rest was not read")
            if self._monotonic() > deadline:
                raise TransientSourceError(f"{host}: the answer took over {self.settings.total_seconds:g} s; try later")
        return unpack_body(host, b"".join(pieces), response.headers.get("Content-Encoding", ""), limit)

    def _refusal_error(self, response: requests.Response, body: bytes, what: str) -> SourceError:
        error = error_of_status(response.status_code, body, what, self._secrets)
        if isinstance(error, RateLimited | TransientSourceError):
            error.retry_after = self._retry_after(response.headers.get("Retry-After"))
        return error

    def _retry_after(self, text: str | None) -> float | None:
        """Seconds that the host asks for, given as a number or as an HTTP date; None where it says nothing clear."""
        if text is None:
            return None
        if text.strip().isdigit() and len(text.strip()) < 9:
            return float(text)
        try:
            until = parsedate_to_datetime(text)
        except (TypeError, ValueError):
            return None
        aware = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max(0.0, (aware - self._clock()).total_seconds())
