"""A host that shows that it is there, and then leaves whoever asks it waiting."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Silent(ThreadingHTTPServer):
    """Gives a sign of life on the front page, and never answers anything else."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.is_waiting, self.ended = threading.Event(), threading.Event()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Silent)
        if self.path.strip("/").count("/"):
            self.server.is_waiting.set()
            self.server.ended.wait()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Silent: pytest's output is for tests."""
