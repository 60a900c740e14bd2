"""A server on the loopback that answers as it is told, in order, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Reply:
    """One answer. `declared` is a false Content-Length; without `has_length` there is none, and the end is that the server
    hangs up; `is_kept_open`: after the body nothing comes, and no end either."""

    body: bytes = b'{"a": 1}'
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    declared: int | None = None
    is_kept_open: bool = False
    has_length: bool = True


class LittleServer(ThreadingHTTPServer):
    """Each request takes the next of `replies`; the last one is repeated. A callable gets (path, headers)."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: list[Reply | Callable[[str, Mapping[str, str]], Reply]] = [Reply()]
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.lock = threading.Lock()
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
        with self.lock:
            self.asked.append((path, {name.lower(): value for name, value in headers.items()}))
            chosen = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return chosen if isinstance(chosen, Reply) else chosen(path, headers)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.server, LittleServer)
        reply = self.server.reply(self.path, dict(self.headers))
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        length = len(reply.body) if reply.declared is None else reply.declared
        if reply.has_length:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        try:
            self.wfile.write(reply.body)
            if reply.is_kept_open:
                self.server.ended.wait()
        except ConnectionError:
            self.close_connection = True
        self.close_connection |= length != len(reply.body) or not reply.has_length

    def log_message(self, format: str, *args: object) -> None:
        """Silent: pytest's output is for tests."""


@contextmanager
def little_server() -> Iterator[LittleServer]:
    server = LittleServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


class Time:
    """A clock that only moves when somebody sleeps; `slept` lists for how long."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def monotonic(self) -> float:
        return self.seconds

    def clock(self) -> datetime:
        return datetime(2026, 1, 23, 22, 0, tzinfo=UTC) + timedelta(seconds=self.seconds - 1000)
