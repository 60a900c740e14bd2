"""The server: one process on the loopback that answers for all hosts, each under a path of its own (/HOST/...)."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sources.mock_api import blackrock, federal, keyed, nasdaq, sec, stlouisfed, yahoo
from sources.mock_api.faults import CHART, KINDS, SCREENER, TRANSPORT, VISIT, Faults, apply_fault
from sources.mock_api.market import MarketView
from sources.mock_api.payload_files import PayloadFiles
from sources.mock_api.reply import Asked, Reply, html_reply, json_reply, text_reply
from sources.providers.simulated import SimulatedMarket
from warehouse.errors import UsageError

_ADMIN = "/__mock__"
_Answerer = Callable[[Asked, MarketView], Reply | None]
_ANSWERERS: dict[str, _Answerer] = {
    host: module.answer_request
    for module in (yahoo, nasdaq, blackrock, stlouisfed, federal, sec, keyed)
    for host in module.HOSTS
}
HOSTS = tuple(_ANSWERERS)


@dataclass(frozen=True)
class Logged:
    """One request as it was answered; `at` is monotonic seconds."""

    host: str
    path: str
    query: Mapping[str, str]
    status: int
    fault: str | None
    at: float


class MockApi:
    """A context manager: `with MockApi(market) as api: Client(..., base_urls=api.base_urls)`.

    Answers come from `payloads` (a folder) where a file fits, else from `market`. `requests` is the log of the newest
    100,000, `faults` can be changed at any time, `show` moves on to another state of the market (a later day). Port 0
    takes any free one.
    """

    def __init__(
        self,
        market: SimulatedMarket | None = None,
        *,
        payloads: Path | None = None,
        faults: Faults | None = None,
        port: int = 0,
    ) -> None:
        """Raises UsageError where there is nothing to answer with, or the port cannot be had."""
        if market is None and payloads is None:
            raise UsageError("the mocked APIs need a simulated market or a folder of payload files")
        self.faults = faults or Faults()
        self.requests: deque[Logged] = deque(maxlen=100_000)
        self._view = MarketView(market) if market else None
        self._files = PayloadFiles(payloads) if payloads else None
        self._visitors = yahoo.Visitors()
        handler = type("Handler", (_Handler,), {"api": self})
        try:
            self._server = _Server(("127.0.0.1", port), handler)
        except (OSError, OverflowError) as error:
            raise UsageError(f"port {port} cannot be had ({error}); choose another, or 0 for any") from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def base_urls(self) -> dict[str, str]:
        """Each host and where it is answered for: the overrides of an HTTP client."""
        return {host: f"{self.base_url}/{host}" for host in HOSTS}

    def start(self) -> MockApi:
        self._thread.start()
        return self

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> MockApi:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def set_market(self, market: SimulatedMarket) -> None:
        """From now on the APIs know the market up to its end; cookies stay good."""
        self._view = MarketView(market)

    def answer_request(self, asked: Asked) -> tuple[Reply, str | None]:
        """The reply and the fault in it."""
        kind = self.faults.next_fault(asked, _possible_faults(asked))
        reply = self._make_reply(asked, kind)
        if kind is not None and kind not in (*VISIT, *SCREENER):
            reply = apply_fault(kind, reply, asked, self.faults)
        return reply, kind

    def _make_reply(self, asked: Asked, kind: str | None) -> Reply:
        found = self._answer_visit(asked, kind) if asked.host in yahoo.HOSTS else None
        if found is None and self._files is not None:
            found = self._files.answer_request(asked)
        if found is None and self._view is not None and asked.host in _ANSWERERS:
            stale = kind == "stale"
            found = nasdaq.screener_reply(self._view, stale) if stale else _ANSWERERS[asked.host](asked, self._view)
        return found or html_reply(f"{asked.host} has no such page", 404)

    def _answer_visit(self, asked: Asked, kind: str | None) -> Reply | None:
        if kind == "expired_cookie":
            self._visitors.expire_cookies()
        return (
            yahoo.refused_reply("Invalid Crumb") if kind == "wrong_crumb" else yahoo.answer_visit(asked, self._visitors)
        )

    def answer_admin_request(self, path: str, body: bytes) -> Reply:
        """GET `/`, `/requests`; POST `/faults`: {"share", "seed", "kinds"}, or an order {"path", "kinds", "times"}."""
        if path == "/requests":
            return json_reply([asdict(logged) for logged in self.requests])
        if path == "/faults" and body:
            return self._set_faults(body)
        return json_reply(
            {
                "hosts": HOSTS,
                "kinds": KINDS,
                "requests": len(self.requests),
                "faults": {"share": self.faults.share, "seed": self.faults.seed, "kinds": self.faults.kinds},
            }
        )

    def _set_faults(self, body: bytes) -> Reply:
        try:
            order: dict[str, Any] = json.loads(body)
            if "path" in order:
                self.faults.order_faults(str(order["path"]), *order["kinds"], times=int(order.get("times", 1)))
            else:
                self.faults.set_random_faults(
                    float(order["share"]), int(order.get("seed", 0)), order.get("kinds", KINDS)
                )
        except (ValueError, KeyError, TypeError) as error:
            return text_reply(f"not understood: {error}", 400)
        return json_reply({"done": True})


def _possible_faults(asked: Asked) -> tuple[str, ...]:
    """The kinds that can happen to this answer."""
    fits: tuple[str, ...] = TRANSPORT
    if "/chart/" in asked.path:
        fits = (*fits, *CHART)
    if "/quoteSummary/" in asked.path:
        fits = (*fits, *VISIT)
    if asked.path.startswith("/api/screener"):
        fits = (*fits, *SCREENER)
    return fits


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # a hundred threads may knock at once
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle of an answer is nothing to report; all else is."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    api: MockApi
    protocol_version = "HTTP/1.1"
    server_version = "breadthwise-mock-api"
    # idle connections of a client that keeps them open end after this many seconds
    timeout = 60

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.startswith(_ADMIN):
            self._send_reply(self.api.answer_admin_request(parts.path.removeprefix(_ADMIN), b""), None)
            return
        host, _, path = parts.path.lstrip("/").partition("/")
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(host, unquote(f"/{path}"), dict(parse_qsl(parts.query, keep_blank_values=True)), headers)
        reply, fault = self.api.answer_request(asked)
        self.api.requests.append(Logged(host, asked.path, asked.query, reply.status, fault, time.monotonic()))
        self._send_reply(reply, fault)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        body = self.rfile.read(min(int(length), 65536)) if length.isdigit() else b""
        path = urlsplit(self.path).path
        known = path.startswith(_ADMIN)
        self._send_reply(
            self.api.answer_admin_request(path.removeprefix(_ADMIN), body) if known else text_reply("GET only", 405),
            None,
        )

    def _send_reply(self, reply: Reply, fault: str | None) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if fault == "cut":
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self.close_connection = True
        elif fault == "slow":
            self._send_slowly(reply.body)
        else:
            self.wfile.write(reply.body)

    def _send_slowly(self, body: bytes) -> None:
        step = max(len(body) // 10, 1)
        for start in range(0, len(body), step):
            time.sleep(self.api.faults.slow_seconds / 10)
            self.wfile.write(body[start : start + step])

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing goes to stderr: the log is `requests`."""
