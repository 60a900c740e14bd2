"""Many requests by a few threads: an answer is stored, parsed and handed on as it comes, a bounded number at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from queue import SimpleQueue

from flows.fetch.asker import Asker
from flows.fetch.stale import StaleGuard
from flows.ingest.report import Failure
from sources.base import Request
from sources.payloads import ParsedPayload
from warehouse.errors import SourceError

# Answers that wait for the reader, in multiples of the threads: enough that no thread idles, and no more.
_AHEAD = 3


class RequestPool:
    """Asks sources, a few requests at once. An error is an answer like others: the caller decides what it means."""

    def __init__(self, home: Path, threads: int) -> None:
        self.threads = threads
        self._guard = StaleGuard(home)

    def ask_all(self, asker: Asker, requests: Iterable[Request]) -> Iterator[ParsedPayload | Failure]:
        """The answers in the order in which they come; at most a few times `threads` of them are held in memory."""
        waiting = iter(requests)
        pool = ThreadPoolExecutor(self.threads, thread_name_prefix=asker.source.NAME)
        answered: SimpleQueue[Future[ParsedPayload | Failure]] = SimpleQueue()
        running = 0
        try:
            while True:
                for request in islice(waiting, _AHEAD * self.threads - running):
                    pool.submit(self._ask_one, asker, request).add_done_callback(answered.put)
                    running += 1
                if not running:
                    return
                answer = answered.get().result()
                running -= 1
                yield answer
        finally:
            # who stops in between does not wait for hosts that are silent
            pool.shutdown(wait=False, cancel_futures=True)

    def _ask_one(self, asker: Asker, request: Request) -> ParsedPayload | Failure:
        asked = request
        try:
            payload = asker.store_answer(request)
            asked = payload.request
            answer = asker.parse_answer(payload)
            self._guard.check_staleness(answer.rows, asked)
        except SourceError as error:
            return Failure(asked, error)
        return answer
