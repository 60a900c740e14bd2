"""A webhook of one's own: it records the JSON that is posted to it, and can refuse, be silent, or act when a post comes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "TheSecretOfTheHook"


class Webhook(ThreadingHTTPServer):
    """`posts` are the messages in order; `status` is what it answers, `on_post` is called before it does."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.posts: list[dict[str, Any]] = []
        self.status = 200
        self.on_post: Callable[[], None] = lambda: None

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        """In Apprise's form, with a secret in its path."""
        return f"json://127.0.0.1:{self.port}/{SECRET}"

    @property
    def subjects(self) -> list[str]:
        return [post["title"] for post in self.posts]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Webhook)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path.strip("/") == SECRET
        self.server.posts.append(body)
        self.server.on_post()
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Silent: pytest's output is for tests."""


@contextmanager
def running_webhook(port: int = 0) -> Iterator[Webhook]:
    with Webhook(port) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
