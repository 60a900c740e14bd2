"""Many requests by a few threads: an answer is stored, parsed and handed on as it comes, a bounded number at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from flows.fetch.stale import StaleGuard
from sources.base import Adapter, Parsed, Request
from warehouse.errors import SourceError
from warehouse.payloads.store import PayloadStore

if TYPE_CHECKING:
    from sources.http.client import Client

# Answers that wait for the reader, in multiples of the threads: enough that no thread idles, and no more.
_AHEAD = 3


@dataclass(frozen=True)
class Response:
    """A request with its payload and rows, or with the error that came instead."""

    request: Request
    payload: bytes = b""
    parsed: Parsed | None = None
    error: SourceError | None = None


class RequestPool:
    """Asks adapters over one client. Payloads are kept before they are parsed: a mended parser may read them one day.

    They are written by the threads, since a write that is synced to the disk takes longer than a request.
    """

    def __init__(self, home: Path, client: Client, threads: int) -> None:
        self.client = client
        self.threads = threads
        self._store = PayloadStore(home)
        self._guard = StaleGuard(home)

    def ask(self, adapter: Adapter, requests: Iterable[Request]) -> Iterator[Response]:
        """The answers in the order in which they come; at most a few times `threads` of them are held in memory."""
        waiting = iter(requests)
        pool = ThreadPoolExecutor(self.threads, thread_name_prefix=adapter.NAME)
        running: set[Future[Response]] = set()
        try:
            while True:
                room = _AHEAD * self.threads - len(running)
                running |= {pool.submit(self._one, adapter, request) for request in islice(waiting, room)}
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        finally:
            # who stops in between does not wait for hosts that are silent
            pool.shutdown(wait=False, cancel_futures=True)

    def _one(self, adapter: Adapter, request: Request) -> Response:
        asked = request
        try:
            payload, asked = adapter.fetch(self.client, request)
            self._store.put(payload, asdict(asked))
            parsed = adapter.parse(payload, asked)
            self._guard.check(parsed, asked)
        except SourceError as error:
            return Response(asked, error=error)
        return Response(asked, payload, parsed)
