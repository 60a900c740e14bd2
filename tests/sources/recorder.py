"""A client that asks nobody: it gives the bodies it was made with and keeps what was asked."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from sources.http.client import Answer, Client

AT = datetime(2026, 1, 23, 23, 0, tzinfo=UTC)


class Recorder(Client):
    """`bodies` maps the start of a URL to its body; `asked` lists (url, params, headers) in order."""

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        self.bodies = bodies
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.memory: dict[str, str] = {}
        self.memory_lock = threading.Lock()

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        expect: Any = "json",
        pace: float | None = None,
        allow: Collection[int] = (),
    ) -> Answer:
        self.asked.append((url, dict(params or {}), dict(headers or {})))
        body = next(body for start, body in self.bodies.items() if url.startswith(start))
        return Answer(body, 200, url, AT, {})
